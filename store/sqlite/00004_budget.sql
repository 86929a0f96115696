-- +goose Up
-- Money, in thousandths of yen: what a call holds as JSON, empty for nothing,
-- and what it cost in the end.
ALTER TABLE call ADD COLUMN held TEXT NOT NULL DEFAULT '';
ALTER TABLE call ADD COLUMN cost INTEGER NOT NULL DEFAULT 0;

-- What budgets have spent and set aside; and, as the account that has no name,
-- the hour that they count in. The leaf is the one that changed it last.
CREATE TABLE account (
    id   TEXT PRIMARY KEY,
    doc  TEXT NOT NULL,
    leaf INTEGER NOT NULL
) WITHOUT ROWID;
