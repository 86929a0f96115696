-- +goose Up
-- What phones watch: each subscription as JSON, by our tag of its dialog.
CREATE TABLE subscription (
    tag TEXT PRIMARY KEY,
    doc TEXT NOT NULL
) WITHOUT ROWID;
