package store

import (
	"context"
	"strconv"
	"time"

	"github.com/sekisho/sekisho/fact"
)

// How an extension had to do with a call.
const (
	Missed   = "missed"   // it was called, and nobody took the call
	Received = "received" // it took the call
	Dialed   = "dialed"
)

// A row of history, and those of a call within the house.
const (
	historyInsert = `INSERT INTO history (who, how, record, rang) VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING`
	historyPair   = `INSERT INTO history (who, how, record, rang) VALUES (?, ?, ?, ?), (?, ?, ?, ?)
		ON CONFLICT DO NOTHING`
)

// projectHistory lets what extensions see of their calls follow the end of one: from what
// that says alone, so that calls of an older version, whose ends say nothing of it, have no
// rows whether they are followed or replayed. record is the leaf that the call's record
// stands under, 0 where it is to be looked up.
func projectHistory(x executor, f fact.CallEnded, record uint64) error {
	if len(f.Missed) == 0 && f.Taken == "" && f.Maker == "" {
		return nil
	}
	if record == 0 {
		leaf, err := x.text(`SELECT CAST(leaf AS TEXT) FROM call WHERE id = ?`, f.Call)
		if err != nil {
			return err
		}
		if record, err = strconv.ParseUint(leaf, 10, 64); err != nil {
			return err
		}
	}
	for _, who := range f.Missed {
		if _, err := x.change(historyInsert, who, Missed, record, f.RangMS); err != nil {
			return err
		}
	}
	var err error
	switch {
	case f.Taken != "" && f.Maker != "":
		_, err = x.change(historyPair, f.Taken, Received, record, 0, f.Maker, Dialed, record, 0)
	case f.Taken != "":
		_, err = x.change(historyInsert, f.Taken, Received, record, 0)
	case f.Maker != "":
		_, err = x.change(historyInsert, f.Maker, Dialed, record, 0)
	}
	return err
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
