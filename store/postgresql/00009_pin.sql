-- +goose Up
CREATE TABLE pin (
    extension TEXT COLLATE "C" PRIMARY KEY,
    doc       TEXT NOT NULL,
    secret    BYTEA NOT NULL,
    leaf      BIGINT NOT NULL
);
