-- +goose Up
-- What callers left in mailboxes, with its sound; follows from facts, which have
-- the mark of the sound. An ID begins with the time.
CREATE TABLE message (
    id    TEXT PRIMARY KEY,
    doc   TEXT NOT NULL,
    mark  TEXT NOT NULL,
    sound BLOB NOT NULL,
    leaf  INTEGER NOT NULL
);
