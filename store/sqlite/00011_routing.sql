-- +goose Up
-- What is set about calls that come in, each the fact that set it last: it
-- follows from facts alone.
CREATE TABLE routing (
    id   TEXT PRIMARY KEY,
    kind TEXT NOT NULL,
    doc  TEXT NOT NULL,
    leaf INTEGER NOT NULL
);
