-- +goose Up
-- Recordings of calls; follows from facts. The sound is in files, of which the facts
-- have the hashes. An ID begins with the time.
CREATE TABLE recording (
    id   TEXT PRIMARY KEY,
    doc  TEXT NOT NULL,
    leaf INTEGER NOT NULL
);
