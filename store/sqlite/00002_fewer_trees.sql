-- +goose Up
-- The same state in fewer B-trees, because each one that a transaction touches
-- costs it a page, and each row a descent.

-- The hashes that a leaf adds to the Merkle tree stand in its row: its own, and
-- those of the subtrees that it completes, one for each trailing 1 bit of seq,
-- 32 bytes each.
CREATE TABLE leaf_new (
    seq     INTEGER PRIMARY KEY,
    kind    TEXT NOT NULL,
    subject TEXT NOT NULL,
    leaf    BLOB NOT NULL,
    body    BLOB NOT NULL,
    private BLOB,
    hashes  BLOB NOT NULL
);
WITH RECURSIVE
    ones (mask, hashes) AS (
        VALUES (0, 1) UNION ALL SELECT 2 * mask + 1, hashes + 1 FROM ones WHERE hashes < 62
    ),
    placed AS (
        SELECT leaf.*, sum(hashes) OVER (ORDER BY seq) - hashes AS first, hashes AS count
        FROM leaf JOIN ones ON mask = (seq & ~(seq + 1))
    )
INSERT INTO leaf_new
SELECT seq, kind, subject, leaf, body, private, CAST(coalesce((
    SELECT group_concat(hash, '') FROM (
        SELECT hash FROM hash WHERE i >= first AND i < first + count ORDER BY i
    )
), '') AS BLOB)
FROM placed ORDER BY seq;
DROP TABLE leaf;
DROP TABLE hash;
ALTER TABLE leaf_new RENAME TO leaf;
-- Where causes are looked up. Nothing follows from a call that has ended.
CREATE INDEX leaf_subject ON leaf (subject, seq) WHERE kind <> 'call.ended';

-- Calls by the first leaf that tells of them: in the order in which they come.
CREATE TABLE call_new (
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
    ended        INTEGER NOT NULL DEFAULT 0
);
-- A row that somebody put in beside ours must not keep the unit from starting.
INSERT OR IGNORE INTO call_new
SELECT leaf, id, direction, origin, extension, device, credential, source, transport, user_agent, registration,
    calling, called, class, number, area, line, verb, rule, answerer, reason, media_role,
    status, started, judged, answered, ended
FROM call ORDER BY leaf, rowid;
DROP TABLE call;
ALTER TABLE call_new RENAME TO call;
CREATE INDEX call_open ON call (ended) WHERE ended = 0;

CREATE TABLE binding_new (
    device  TEXT NOT NULL,
    contact TEXT NOT NULL,
    doc     TEXT NOT NULL,
    PRIMARY KEY (device, contact)
) WITHOUT ROWID;
INSERT INTO binding_new SELECT device, contact, doc FROM binding;
DROP TABLE binding;
ALTER TABLE binding_new RENAME TO binding;

CREATE TABLE line_dialog_new (
    call TEXT NOT NULL,
    line TEXT NOT NULL,
    doc  TEXT NOT NULL,
    PRIMARY KEY (call, line)
) WITHOUT ROWID;
INSERT INTO line_dialog_new SELECT call, line, doc FROM line_dialog;
DROP TABLE line_dialog;
ALTER TABLE line_dialog_new RENAME TO line_dialog;
