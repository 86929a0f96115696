-- +goose Up
CREATE TABLE policy (
    id   TEXT COLLATE "C" PRIMARY KEY,
    doc  TEXT NOT NULL,
    leaf BIGINT NOT NULL
);
CREATE INDEX policy_leaf ON policy (leaf);
