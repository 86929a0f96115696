-- +goose Up
CREATE TABLE routing (
    id   TEXT COLLATE "C" PRIMARY KEY,
    kind TEXT NOT NULL,
    doc  TEXT NOT NULL,
    leaf BIGINT NOT NULL
);
