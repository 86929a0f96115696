-- +goose Up
CREATE TABLE subscription (
    tag TEXT PRIMARY KEY,
    doc TEXT NOT NULL
);
