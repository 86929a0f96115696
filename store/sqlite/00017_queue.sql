-- +goose Up
-- In which queue the caller waited last, for how many milliseconds, and who took the
-- call from there.
ALTER TABLE call ADD COLUMN queue TEXT NOT NULL DEFAULT '';
ALTER TABLE call ADD COLUMN agent TEXT NOT NULL DEFAULT '';
ALTER TABLE call ADD COLUMN waited INTEGER NOT NULL DEFAULT 0;
