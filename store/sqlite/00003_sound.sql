-- +goose Up
-- How the voice of a call's legs went, as JSON; empty for calls without any.
ALTER TABLE call ADD COLUMN sound TEXT NOT NULL DEFAULT '';
