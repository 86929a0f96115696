-- +goose Up
-- Personal PINs, as slow hashes, and how many wrong ones in a row were typed. It
-- follows from facts alone, but for the hash, of which they have the mark.
CREATE TABLE pin (
    extension TEXT PRIMARY KEY,
    doc       TEXT NOT NULL,
    secret    BLOB NOT NULL,
    leaf      INTEGER NOT NULL
);
