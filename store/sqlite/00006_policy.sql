-- +goose Up
-- The changes of the gate's policy, each with what it was applied with. The
-- latest text is in force, with the openings of the table of openings.
CREATE TABLE policy (
    id   TEXT PRIMARY KEY,
    doc  TEXT NOT NULL,
    leaf INTEGER NOT NULL
);
CREATE INDEX policy_leaf ON policy (leaf);
