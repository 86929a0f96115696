-- +goose Up
-- What mailboxes say to callers that say something of their own, with its sound;
-- follows from facts, which have the mark of the sound.
CREATE TABLE greeting (
    extension TEXT PRIMARY KEY,
    doc       TEXT NOT NULL,
    mark      TEXT NOT NULL,
    sound     BLOB NOT NULL,
    leaf      INTEGER NOT NULL
);
