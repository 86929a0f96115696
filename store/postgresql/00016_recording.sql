-- +goose Up
CREATE TABLE recording (
    id   TEXT COLLATE "C" PRIMARY KEY,
    doc  TEXT NOT NULL,
    leaf BIGINT NOT NULL
);
