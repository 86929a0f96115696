package store

import (
	"errors"
	"fmt"

	"github.com/sekisho/sekisho/evidence/chain"
	"github.com/sekisho/sekisho/fact"
)

// errNotThere says that a fact or row is about something the state has not.
var errNotThere = errors.New("no such thing")

const settingUpsert = `INSERT INTO setting (name, value) VALUES (?, ?)
	ON CONFLICT (name) DO UPDATE SET value = excluded.value`

// put changes one row that is no evidence.
func (w *writer) put(r fact.Row) error {
	switch r := r.(type) {
	case fact.Binding:
		return document(r, func(doc string) (int64, error) {
			return w.change(`INSERT INTO binding (device, contact, doc) VALUES (?, ?, ?)
				ON CONFLICT (device, contact) DO UPDATE SET doc = excluded.doc`,
				r.Device, r.Contact, doc)
		})
	case fact.BindingGone:
		return w.exec(`DELETE FROM binding WHERE device = ?1 AND (?2 = '' OR contact = ?2)`, r.Device, r.Contact)
	case fact.LineDialog:
		return document(r, func(doc string) (int64, error) {
			return w.change(`INSERT INTO line_dialog (call, line, leg, doc) VALUES (?, ?, ?, ?)
				ON CONFLICT (call, line, leg) DO UPDATE SET doc = excluded.doc`,
				r.Call, r.Line, r.Leg, doc)
		})
	case fact.LineDialogGone:
		return w.exec(`DELETE FROM line_dialog WHERE call = ? AND line = ? AND leg = ?`, r.Call, r.Line, r.Leg)
	case fact.Subscription:
		return document(r, func(doc string) (int64, error) {
			return w.change(`INSERT INTO subscription (tag, doc) VALUES (?, ?)
				ON CONFLICT (tag) DO UPDATE SET doc = excluded.doc`, r.Tag, doc)
		})
	case fact.SubscriptionGone:
		return w.exec(`DELETE FROM subscription WHERE tag = ?`, r.Tag)
	case fact.Setting:
		if r.Value == "" {
			return w.exec(`DELETE FROM setting WHERE name = ?`, r.Name)
		}
		return w.exec(settingUpsert, r.Name, r.Value)
	case fact.AlertMemory:
		if r.Doc == "" {
			return w.exec(`DELETE FROM alert_memory WHERE name = ?`, r.Name)
		}
		return w.exec(`INSERT INTO alert_memory (name, doc) VALUES (?, ?)
			ON CONFLICT (name) DO UPDATE SET doc = excluded.doc`, r.Name, r.Doc)
	case chain.Checkpoint:
		return w.exec(`INSERT INTO checkpoint (size, root, note) VALUES (?, ?, ?) ON CONFLICT (size) DO NOTHING`,
			r.Size, r.Root[:], r.Note)
	}
	return fmt.Errorf("%w: row type %T", errNotThere, r)
}
