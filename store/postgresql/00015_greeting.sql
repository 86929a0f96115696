-- +goose Up
CREATE TABLE greeting (
    extension TEXT COLLATE "C" PRIMARY KEY,
    doc       TEXT NOT NULL,
    mark      TEXT NOT NULL,
    sound     BYTEA NOT NULL,
    leaf      BIGINT NOT NULL
);
