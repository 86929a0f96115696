-- +goose Up
CREATE TABLE history (
    who    TEXT COLLATE "C" NOT NULL,
    how    TEXT COLLATE "C" NOT NULL,
    record BIGINT NOT NULL,
    rang   BIGINT NOT NULL,
    PRIMARY KEY (who, how, record)
);
CREATE INDEX history_missed ON history (record) WHERE how = 'missed';
