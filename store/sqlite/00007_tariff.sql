-- +goose Up
-- What carriers charge: one tariff for each line that has its own, that of the
-- line '' for all others. Follows from facts.
CREATE TABLE tariff (
    line TEXT PRIMARY KEY,
    doc  TEXT NOT NULL,
    leaf INTEGER NOT NULL
);
-- All rates that ever were imported, by the mark that the leaves have of them:
-- bills of the past are checked against the prices of then.
CREATE TABLE tariff_rates (
    mark  TEXT PRIMARY KEY,
    rates BLOB NOT NULL,
    leaf  INTEGER NOT NULL
);
