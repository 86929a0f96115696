package store

import (
	"context"
	"errors"

	"github.com/sekisho/sekisho/fact"
)

// projectMessage lets the messages in mailboxes, and their greetings, follow a fact.
func projectMessage(x executor, f fact.Fact, seq uint64) error {
	switch f := f.(type) {
	case fact.MessageLeft:
		return document(f.Message, func(doc string) (int64, error) {
			return x.change(`INSERT INTO message (id, doc, mark, sound, leaf) VALUES (?, ?, ?, ?, ?)`,
				f.ID, doc, f.Sound.Mark(), secret(fact.Sealed(f.Sound)), seq)
		})
	case fact.MessageHeard:
		return changeDocument(x, `SELECT doc FROM message WHERE id = ?`,
			`UPDATE message SET doc = ?, leaf = ? WHERE id = ?`, f.ID, seq, func(m *fact.Message) { m.Heard = f.At })
	case fact.MailSent:
		return projectMail(x, f.ID, seq, fact.MailTaken)
	case fact.MailFailed:
		if f.GivenUp {
			return projectMail(x, f.ID, seq, fact.MailGivenUp)
		}
	case fact.MessageDeleted:
		return one(x.change(`DELETE FROM message WHERE id = ?`, f.ID))
	case fact.GreetingSet:
		return projectGreeting(x, f, seq)
	}
	return nil
}

// projectMail keeps what has become of the mail about a message. The message may have been
// deleted while its mail was under way.
func projectMail(x executor, id string, seq uint64, state string) error {
	err := changeDocument(x, `SELECT doc FROM message WHERE id = ?`,
		`UPDATE message SET doc = ?, leaf = ? WHERE id = ?`, id, seq, func(m *fact.Message) { m.Mail = state })
	if errors.Is(err, errNotThere) {
		return nil
	}
	return err
}

// Messages lists what is in the mailboxes, the oldest first, without the sound: in its
// place is the mark of it.
func (r *Reader) Messages(ctx context.Context) ([]fact.Message, error) {
	return documents[fact.Message](ctx, r, `SELECT doc FROM message ORDER BY id`)
}

// MessageSound is what was said in a message, nil where there is none such.
func (r *Reader) MessageSound(ctx context.Context, id string) (sound []byte, err error) {
	err = r.each(ctx, func(scan func(...any) error) error { return scan(&sound) },
		`SELECT sound FROM message WHERE id = ?`, id)
	return sound, err
}
