-- +goose Up
-- Which calls an extension missed, took and dialed; follows from the facts that tell of
-- the calls, of those from now on alone. record is the leaf of the call's record.
CREATE TABLE history (
    who    TEXT NOT NULL,
    how    TEXT NOT NULL,
    record INTEGER NOT NULL,
    rang   INTEGER NOT NULL,
    PRIMARY KEY (who, how, record)
) WITHOUT ROWID;
CREATE INDEX history_missed ON history (record) WHERE how = 'missed';
