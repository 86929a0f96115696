package store

import (
	"context"

	"github.com/sekisho/sekisho/fact"
)

// projectGreeting lets the greetings of mailboxes follow.
func projectGreeting(x executor, f fact.GreetingSet, seq uint64) error {
	if f.Seconds == 0 {
		return one(x.change(`DELETE FROM greeting WHERE extension = ?`, f.Extension))
	}
	return document(f, func(doc string) (int64, error) {
		return x.change(`INSERT INTO greeting (extension, doc, mark, sound, leaf) VALUES (?, ?, ?, ?, ?)
			ON CONFLICT (extension) DO UPDATE SET doc = excluded.doc, mark = excluded.mark,
			sound = excluded.sound, leaf = excluded.leaf`,
			f.Extension, doc, f.Sound.Mark(), secret(fact.Sealed(f.Sound)), seq)
	})
}

// Greetings lists the greetings of mailboxes that have their own, without the sound: in
// its place is the mark of it.
func (r *Reader) Greetings(ctx context.Context) ([]fact.GreetingSet, error) {
	return documents[fact.GreetingSet](ctx, r, `SELECT doc FROM greeting ORDER BY extension`)
}

// GreetingSound is what the mailbox of an extension says, nil where it has nothing of its
// own.
func (r *Reader) GreetingSound(ctx context.Context, extension string) (sound []byte, err error) {
	err = r.each(ctx, func(scan func(...any) error) error { return scan(&sound) },
		`SELECT sound FROM greeting WHERE extension = ?`, extension)
	return sound, err
}
