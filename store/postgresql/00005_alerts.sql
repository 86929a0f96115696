-- +goose Up
CREATE TABLE alert_last (
    name   TEXT COLLATE "C" PRIMARY KEY,
    sent   BIGINT NOT NULL DEFAULT 0,
    failed BIGINT NOT NULL DEFAULT 0,
    why    TEXT NOT NULL DEFAULT '',
    leaf   BIGINT NOT NULL
);
CREATE TABLE alert_memory (
    name TEXT COLLATE "C" PRIMARY KEY,
    doc  TEXT NOT NULL
);
