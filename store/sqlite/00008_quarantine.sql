-- +goose Up
-- What is set apart until it is released or its time is over. It follows from
-- facts alone.
CREATE TABLE quarantine (
    id   TEXT PRIMARY KEY,
    doc  TEXT NOT NULL,
    leaf INTEGER NOT NULL
);
