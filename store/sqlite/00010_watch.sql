-- +goose Up
-- What a call looks like beside what the office does, and the signs of it as
-- JSON; and what the number of a call that came in is marked by.
ALTER TABLE call ADD COLUMN opinion TEXT NOT NULL DEFAULT '';
ALTER TABLE call ADD COLUMN signs TEXT NOT NULL DEFAULT '';
ALTER TABLE call ADD COLUMN mark TEXT NOT NULL DEFAULT '';
CREATE INDEX call_odd ON call (leaf) WHERE opinion <> '';
