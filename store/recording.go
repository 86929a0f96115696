package store

import (
	"context"

	"github.com/sekisho/sekisho/fact"
)

// projectRecording lets the recordings of calls follow a fact.
func projectRecording(x executor, f fact.Fact, seq uint64) error {
	change := func(id string, change func(*fact.Recording)) error {
		return changeDocument(x, `SELECT doc FROM recording WHERE id = ?`,
			`UPDATE recording SET doc = ?, leaf = ? WHERE id = ?`, id, seq, change)
	}
	switch f := f.(type) {
	case fact.RecordingBegun:
		return document(f.Recording, func(doc string) (int64, error) {
			return x.change(`INSERT INTO recording (id, doc, leaf) VALUES (?, ?, ?)`, f.ID, doc, seq)
		})
	case fact.RecordingEnded:
		return change(f.ID, func(r *fact.Recording) { r.End(f) })
	case fact.RecordingRead:
		return change(f.ID, func(r *fact.Recording) { r.Read(f) })
	case fact.RecordingDeleted:
		return one(x.change(`DELETE FROM recording WHERE id = ?`, f.ID))
	}
	return nil
}

// Recordings lists the recordings of calls, the oldest first.
func (r *Reader) Recordings(ctx context.Context) ([]fact.Recording, error) {
	return documents[fact.Recording](ctx, r, `SELECT doc FROM recording ORDER BY id`)
}
