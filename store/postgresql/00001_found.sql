-- +goose Up
-- The tables are those of SQLite at the same number (store/sqlite), where they
-- are explained. Names and numbers are compared byte by byte (COLLATE "C"), as
-- SQLite does, whatever the locale of the server.
CREATE TABLE leaf (
    seq     BIGINT PRIMARY KEY,
    kind    TEXT NOT NULL,
    subject TEXT COLLATE "C" NOT NULL,
    leaf    BYTEA NOT NULL,
    body    BYTEA NOT NULL,
    private BYTEA,
    hashes  BYTEA NOT NULL
);
CREATE INDEX leaf_subject ON leaf (subject, seq) WHERE kind <> 'call.ended';
CREATE TABLE checkpoint (
    size BIGINT PRIMARY KEY,
    root BYTEA NOT NULL,
    note BYTEA NOT NULL
);

CREATE TABLE claim (
    id   BIGINT PRIMARY KEY,
    by   TEXT NOT NULL,
    at   BIGINT NOT NULL,
    leaf BIGINT NOT NULL
);
CREATE TABLE phone (
    device    TEXT COLLATE "C" PRIMARY KEY,
    extension TEXT NOT NULL,
    doc       TEXT NOT NULL,
    secret    BYTEA NOT NULL,
    leaf      BIGINT NOT NULL
);
CREATE TABLE line (
    id     TEXT COLLATE "C" PRIMARY KEY,
    doc    TEXT NOT NULL,
    secret BYTEA NOT NULL,
    leaf   BIGINT NOT NULL
);
CREATE TABLE ring_group (
    number TEXT COLLATE "C" PRIMARY KEY,
    doc    TEXT NOT NULL,
    leaf   BIGINT NOT NULL
);
CREATE TABLE opening (
    id   TEXT COLLATE "C" PRIMARY KEY,
    doc  TEXT NOT NULL,
    leaf BIGINT NOT NULL
);
CREATE TABLE call (
    leaf         BIGINT PRIMARY KEY,
    id           TEXT COLLATE "C" NOT NULL UNIQUE,
    direction    TEXT NOT NULL DEFAULT '',
    origin       TEXT NOT NULL DEFAULT '',
    extension    TEXT NOT NULL DEFAULT '',
    device       TEXT NOT NULL DEFAULT '',
    credential   TEXT NOT NULL DEFAULT '',
    source       TEXT NOT NULL DEFAULT '',
    transport    TEXT NOT NULL DEFAULT '',
    user_agent   TEXT NOT NULL DEFAULT '',
    registration TEXT NOT NULL DEFAULT '',
    calling      TEXT NOT NULL DEFAULT '',
    called       TEXT NOT NULL DEFAULT '',
    class        TEXT NOT NULL DEFAULT '',
    number       TEXT NOT NULL DEFAULT '',
    area         TEXT NOT NULL DEFAULT '',
    line         TEXT NOT NULL DEFAULT '',
    verb         TEXT NOT NULL DEFAULT '',
    rule         TEXT NOT NULL DEFAULT '',
    answerer     TEXT NOT NULL DEFAULT '',
    reason       TEXT NOT NULL DEFAULT '',
    media_role   TEXT NOT NULL DEFAULT '',
    status       BIGINT NOT NULL DEFAULT 0,
    started      BIGINT NOT NULL DEFAULT 0,
    judged       BIGINT NOT NULL DEFAULT 0,
    answered     BIGINT NOT NULL DEFAULT 0,
    ended        BIGINT NOT NULL DEFAULT 0,
    sound        TEXT NOT NULL DEFAULT ''
);
CREATE INDEX call_open ON call (ended) WHERE ended = 0;

CREATE TABLE setting (
    name  TEXT COLLATE "C" PRIMARY KEY,
    value TEXT NOT NULL
);
CREATE TABLE binding (
    device  TEXT COLLATE "C" NOT NULL,
    contact TEXT COLLATE "C" NOT NULL,
    doc     TEXT NOT NULL,
    PRIMARY KEY (device, contact)
);
CREATE TABLE line_dialog (
    call TEXT COLLATE "C" NOT NULL,
    line TEXT COLLATE "C" NOT NULL,
    doc  TEXT NOT NULL,
    PRIMARY KEY (call, line)
);
