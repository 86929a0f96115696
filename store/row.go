package store

import (
	"errors"
	"fmt"

	"github.com/sekisho/sekisho/evidence/chain"
	"github.com/sekisho/sekisho/fact"
)

// errNotThere says that a fact or row is about something the state has not.
var errNotThere = errors.New("no such thing")

// put changes one row that is no evidence.
func (w *writer) put(r fact.Row) error {
	switch r := r.(type) {
	case fact.Binding:
		return document(r, func(doc string) (int64, error) {
			return w.change(`INSERT OR REPLACE INTO binding (device, contact, doc) VALUES (?, ?, ?)`,
				r.Device, r.Contact, doc)
		})
	case fact.BindingGone:
		return w.exec(`DELETE FROM binding WHERE device = ?1 AND (?2 = '' OR contact = ?2)`, r.Device, r.Contact)
	case fact.LineDialog:
		return document(r, func(doc string) (int64, error) {
			return w.change(`INSERT OR REPLACE INTO line_dialog (call, line, doc) VALUES (?, ?, ?)`,
				r.Call, r.Line, doc)
		})
	case fact.LineDialogGone:
		return w.exec(`DELETE FROM line_dialog WHERE call = ? AND line = ?`, r.Call, r.Line)
	case fact.Setting:
		if r.Value == "" {
			return w.exec(`DELETE FROM setting WHERE name = ?`, r.Name)
		}
		return w.exec(`INSERT OR REPLACE INTO setting (name, value) VALUES (?, ?)`, r.Name, r.Value)
	case chain.Checkpoint:
		return w.exec(`INSERT OR IGNORE INTO checkpoint (size, root, note) VALUES (?, ?, ?)`,
			r.Size, r.Root[:], r.Note)
	}
	return fmt.Errorf("%w: row type %T", errNotThere, r)
}
