package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"iter"
	"time"

	"github.com/sekisho/sekisho/fact"
)

// Policies lists the changes of the gate's policy, the newest so many first.
func (r *Reader) Policies(ctx context.Context, limit int) ([]fact.PolicyApplied, error) {
	return documents[fact.PolicyApplied](ctx, r, `SELECT doc FROM policy ORDER BY leaf DESC LIMIT ?`,
		min(max(limit, 0), policiesMax))
}

// PolicyTexts lists the texts of the policy, the newest so many first: the
// first one is in force. None means the factory's.
func (r *Reader) PolicyTexts(ctx context.Context, limit int) ([]string, error) {
	var out []string
	read := func(rows *sql.Rows) (p fact.PolicyApplied, err error) {
		var doc []byte
		if err := rows.Scan(&doc); err != nil {
			return p, err
		}
		err = json.Unmarshal(doc, &p)
		return p, err
	}
	limit = min(max(limit, 0), policiesMax)
	for p, err := range sequence(ctx, r, read, `SELECT doc FROM policy ORDER BY leaf DESC`) {
		switch {
		case err != nil:
			return nil, err
		case len(out) == limit:
			return out, nil
		case p.Text != "":
			out = append(out, p.Text)
		}
	}
	return out, nil
}

// OutsideCalls gives the calls toward lines that began at or after a time, the
// newest first, at most the given number. They are read as they are asked for.
func (r *Reader) OutsideCalls(ctx context.Context, since time.Time, limit int) iter.Seq2[fact.CallRecord, error] {
	return func(yield func(fact.CallRecord, error) bool) {
		n := 0
		read := func(rows *sql.Rows) (fact.CallRecord, error) { return scanCall(rows.Scan) }
		for c, err := range sequence(ctx, r, read,
			`SELECT `+callColumns+` FROM call WHERE direction = 'outgoing' AND judged <> 0 ORDER BY leaf DESC`) {
			switch {
			case err != nil:
				yield(c, err)
				return
			// A call's first leaf is written while it is up: before this one's, none
			// began later than it did by more than the longest call.
			case n == limit, c.Started.Before(since.Add(-callTimeMax)):
				return
			case c.Started.Before(since):
				continue
			}
			n++
			if !yield(c, nil) {
				return
			}
		}
	}
}
