-- +goose Up
-- The evidence log: leaves, the hashes of their Merkle tree, checkpoints.
CREATE TABLE leaf (
    seq     INTEGER PRIMARY KEY,
    kind    TEXT NOT NULL,
    subject TEXT NOT NULL,
    leaf    BLOB NOT NULL,
    body    BLOB NOT NULL,
    private BLOB
);
CREATE INDEX leaf_subject ON leaf (subject, seq);
CREATE TABLE hash (
    i    INTEGER PRIMARY KEY,
    hash BLOB NOT NULL
);
CREATE TABLE checkpoint (
    size INTEGER PRIMARY KEY,
    root BLOB NOT NULL,
    note BLOB NOT NULL
);

-- State that follows from facts alone: `evidence verify` plays the leaves
-- again and compares. Times are nanoseconds since 1970 UTC, 0 for none.
CREATE TABLE claim (
    id   INTEGER PRIMARY KEY,
    by   TEXT NOT NULL,
    at   INTEGER NOT NULL,
    leaf INTEGER NOT NULL
);
CREATE TABLE phone (
    device    TEXT PRIMARY KEY,
    extension TEXT NOT NULL,
    doc       TEXT NOT NULL,
    secret    BLOB NOT NULL,
    leaf      INTEGER NOT NULL
);
CREATE TABLE line (
    id     TEXT PRIMARY KEY,
    doc    TEXT NOT NULL,
    secret BLOB NOT NULL,
    leaf   INTEGER NOT NULL
);
CREATE TABLE ring_group (
    number TEXT PRIMARY KEY,
    doc    TEXT NOT NULL,
    leaf   INTEGER NOT NULL
);
CREATE TABLE opening (
    id   TEXT PRIMARY KEY,
    doc  TEXT NOT NULL,
    leaf INTEGER NOT NULL
);
CREATE TABLE call (
    id           TEXT PRIMARY KEY,
    direction    TEXT NOT NULL,
    origin       TEXT NOT NULL,
    extension    TEXT NOT NULL,
    device       TEXT NOT NULL,
    credential   TEXT NOT NULL,
    source       TEXT NOT NULL,
    transport    TEXT NOT NULL,
    user_agent   TEXT NOT NULL,
    registration TEXT NOT NULL,
    calling      TEXT NOT NULL,
    called       TEXT NOT NULL,
    class        TEXT NOT NULL,
    number       TEXT NOT NULL,
    area         TEXT NOT NULL,
    line         TEXT NOT NULL,
    verb         TEXT NOT NULL,
    rule         TEXT NOT NULL,
    answerer     TEXT NOT NULL,
    reason       TEXT NOT NULL,
    media_role   TEXT NOT NULL,
    status       INTEGER NOT NULL,
    started      INTEGER NOT NULL,
    judged       INTEGER NOT NULL,
    answered     INTEGER NOT NULL,
    ended        INTEGER NOT NULL,
    leaf         INTEGER NOT NULL
);
CREATE INDEX call_leaf ON call (leaf);
CREATE INDEX call_open ON call (id) WHERE ended = 0;

-- State that changes without being evidence.
CREATE TABLE setting (
    name  TEXT PRIMARY KEY,
    value TEXT NOT NULL
);
CREATE TABLE binding (
    device  TEXT NOT NULL,
    contact TEXT NOT NULL,
    doc     TEXT NOT NULL,
    PRIMARY KEY (device, contact)
);
CREATE TABLE line_dialog (
    call TEXT NOT NULL,
    line TEXT NOT NULL,
    doc  TEXT NOT NULL,
    PRIMARY KEY (call, line)
);
