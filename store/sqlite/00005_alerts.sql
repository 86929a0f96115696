-- +goose Up
-- When a channel ("mail/barred") last carried an alert of a kind and last failed
-- to: state that follows from facts.
CREATE TABLE alert_last (
    name   TEXT PRIMARY KEY,
    sent   INTEGER NOT NULL DEFAULT 0,
    failed INTEGER NOT NULL DEFAULT 0,
    why    TEXT NOT NULL DEFAULT '',
    leaf   INTEGER NOT NULL
);
-- What alerts must not forget over a restart; no evidence.
CREATE TABLE alert_memory (
    name TEXT PRIMARY KEY,
    doc  TEXT NOT NULL
);
