-- +goose Up
CREATE TABLE quarantine (
    id   TEXT COLLATE "C" PRIMARY KEY,
    doc  TEXT NOT NULL,
    leaf BIGINT NOT NULL
);
