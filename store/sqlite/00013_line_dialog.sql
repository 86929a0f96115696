-- +goose Up
-- A call may have several legs on one line, each with a dialog of its own.
ALTER TABLE line_dialog RENAME TO line_dialog_before;
CREATE TABLE line_dialog (
    call TEXT NOT NULL,
    line TEXT NOT NULL,
    leg  INTEGER NOT NULL,
    doc  TEXT NOT NULL,
    PRIMARY KEY (call, line, leg)
) WITHOUT ROWID;
INSERT INTO line_dialog (call, line, leg, doc) SELECT call, line, 0, doc FROM line_dialog_before;
DROP TABLE line_dialog_before;
