package store

import (
	"context"
	"encoding/json"
	"errors"

	"github.com/sekisho/sekisho/fact"
)

// projectPIN lets PINs follow, and how many wrong ones in a row were typed. What
// is typed for a PIN that was removed meanwhile changes nothing.
func projectPIN(x executor, f fact.Fact, seq uint64) error {
	const pins = `SELECT doc FROM pin WHERE extension = ?`
	const put = `UPDATE pin SET doc = ?, leaf = ? WHERE extension = ?`
	typed := func(wrong func(int) int) func(*fact.PIN) { return func(p *fact.PIN) { p.Wrong = wrong(p.Wrong) } }
	none := typed(func(int) int { return 0 })
	switch f := f.(type) {
	case fact.PINSet:
		return document(f.PIN, func(doc string) (int64, error) {
			return x.change(`INSERT INTO pin (extension, doc, secret, leaf) VALUES (?, ?, ?, ?)
				ON CONFLICT (extension) DO UPDATE
				SET doc = excluded.doc, secret = excluded.secret, leaf = excluded.leaf`,
				f.Extension, doc, secret(f.HashSealed), seq)
		})
	case fact.PINRemoved:
		return one(x.change(`DELETE FROM pin WHERE extension = ?`, f.Extension))
	case fact.PINUnlocked:
		return changeDocument(x, pins, put, f.Extension, seq, none)
	case fact.ChallengePassed:
		return there(changeDocument(x, pins, put, f.Person, seq, none))
	case fact.ChallengeFailed:
		if f.Reason != fact.FailedWrong {
			return nil
		}
		more := typed(func(n int) int { return n + 1 })
		return there(changeDocument(x, pins, put, f.Person, seq, more))
	}
	return nil
}

// there forgives that something is not there.
func there(err error) error {
	if errors.Is(err, errNotThere) {
		return nil
	}
	return err
}

// PINs lists whose PIN is set, by extension, with the hashes.
func (r *Reader) PINs(ctx context.Context) ([]fact.PIN, error) {
	var out []fact.PIN
	err := r.each(ctx, func(scan func(...any) error) error {
		var doc, sealed []byte
		if err := scan(&doc, &sealed); err != nil {
			return err
		}
		var p fact.PIN
		if err := json.Unmarshal(doc, &p); err != nil {
			return err
		}
		p.HashSealed = sealed
		out = append(out, p)
		return nil
	}, `SELECT doc, secret FROM pin ORDER BY extension`)
	return out, err
}
