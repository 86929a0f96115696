-- +goose Up
CREATE TABLE tariff (
    line TEXT COLLATE "C" PRIMARY KEY,
    doc  TEXT NOT NULL,
    leaf BIGINT NOT NULL
);
CREATE TABLE tariff_rates (
    mark  TEXT COLLATE "C" PRIMARY KEY,
    rates BYTEA NOT NULL,
    leaf  BIGINT NOT NULL
);
