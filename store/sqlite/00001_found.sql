-- +goose Up
-- Few B-trees, because each one that a transaction touches costs it a page, and
-- each row a descent.

-- The evidence log. The hashes that a leaf adds to the Merkle tree stand in its
-- row: its own, and those of the subtrees that it completes, one for each
-- trailing 1 bit of seq, 32 bytes each.
CREATE TABLE leaf (
    seq     INTEGER PRIMARY KEY,
    kind    TEXT NOT NULL,
    subject TEXT NOT NULL,
    leaf    BLOB NOT NULL,
    body    BLOB NOT NULL,
    private BLOB,
    hashes  BLOB NOT NULL
);
-- Where causes are looked up. Nothing follows from a call that has ended.
CREATE INDEX leaf_subject ON leaf (subject, seq) WHERE kind <> 'call.ended';
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
-- Calls by the first leaf that tells of them: in the order in which they come.
-- sound is how the voice of their legs went, as JSON; empty for calls without any.
CREATE TABLE call (
    leaf         INTEGER PRIMARY KEY,
    id           TEXT NOT NULL UNIQUE,
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
    status       INTEGER NOT NULL DEFAULT 0,
    started      INTEGER NOT NULL DEFAULT 0,
    judged       INTEGER NOT NULL DEFAULT 0,
    answered     INTEGER NOT NULL DEFAULT 0,
    ended        INTEGER NOT NULL DEFAULT 0,
    sound        TEXT NOT NULL DEFAULT ''
);
CREATE INDEX call_open ON call (ended) WHERE ended = 0;

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
) WITHOUT ROWID;
CREATE TABLE line_dialog (
    call TEXT NOT NULL,
    line TEXT NOT NULL,
    doc  TEXT NOT NULL,
    PRIMARY KEY (call, line)
) WITHOUT ROWID;
