package store

import (
	"context"
	"time"

	"github.com/sekisho/sekisho/fact"
)

// How an extension had to do with a call.
const (
	Missed   = "missed"   // it was called, and nobody took the call
	Received = "received" // it took the call
	Dialed   = "dialed"
)

// projectHistory lets what extensions see of their calls follow the end of one: from what
// that says alone, so that calls of an older version, whose ends say nothing of it, have no
// rows whether they are followed or replayed.
func projectHistory(x executor, f fact.CallEnded) error {
	const add = `INSERT INTO history (who, how, record, rang) `
	for _, who := range f.Missed {
		if _, err := x.change(add+`SELECT ?, 'missed', leaf, ? FROM call WHERE id = ? ON CONFLICT DO NOTHING`,
			who, f.RangMS, f.Call); err != nil {
			return err
		}
	}
	for _, one := range []struct{ who, how string }{{f.Taken, Received}, {f.Maker, Dialed}} {
		if one.who == "" {
			continue
		}
		if _, err := x.change(add+`SELECT ?, ?, leaf, 0 FROM call WHERE id = ? ON CONFLICT DO NOTHING`,
			one.who, one.how, f.Call); err != nil {
			return err
		}
	}
	return nil
}

// aNumber leaves out what is none: a key of the phone, or a feature code. Rows do not
// depend on it, because numbers may be erased.
const aNumber = ` AND (how <> 'dialed' OR substr(called, 1, 1) IN
	('0', '1', '2', '3', '4', '5', '6', '7', '8', '9', '+', '#'))`

// HistoryFilter chooses what History gives: of one extension, or for Missed of all.
type HistoryFilter struct {
	Extension string
	How       string // Missed, Received, Dialed
	Limit     int
}

// Past is a call as an extension had to do with it.
type Past struct {
	fact.CallRecord
	Who  string        // the extension
	Rang time.Duration // for Missed
}

// History gives the calls of an extension, the latest first.
func (r *Reader) History(ctx context.Context, f HistoryFilter) ([]Past, error) {
	if f.Limit <= 0 || f.Limit > callsMax {
		f.Limit = callsMax
	}
	of, args := `who = ?2 AND how = ?3`, []any{f.Limit, f.Extension, f.How}
	if f.Extension == "" {
		of, args = `how = 'missed'`, []any{f.Limit}
	}
	var out []Past
	err := r.each(ctx, func(scan func(...any) error) error {
		var p Past
		var rang int64
		var err error
		p.CallRecord, err = scanCall(func(into ...any) error { return scan(append(into, &p.Who, &rang)...) })
		p.Rang = time.Duration(rang) * time.Millisecond
		out = append(out, p)
		return err
	}, `SELECT `+callColumns+`, who, rang FROM history JOIN call ON call.leaf = history.record
		WHERE `+of+aNumber+` ORDER BY record DESC, who LIMIT ?1`, args...)
	return out, err
}
