package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"

	"github.com/sekisho/sekisho/evidence/chain"
	"github.com/sekisho/sekisho/gate/budget"
)

// clock is the account that keeps the hour.
const clock = ""

// accounts lets a ledger read what the writer has written.
type accounts struct{ w *writer }

var _ budget.Source = accounts{}

// Account implements budget.Source.
func (s accounts) Account(id string) (*budget.Account, error) {
	var doc []byte
	err := s.w.row(`SELECT doc FROM account WHERE id = ?`, id).Scan(&doc)
	switch {
	case errors.Is(err, sql.ErrNoRows):
		return nil, nil
	case err != nil:
		return nil, fmt.Errorf("account %s: %w", id, err)
	}
	a := new(budget.Account)
	if err := json.Unmarshal(doc, a); err != nil {
		return nil, fmt.Errorf("account %s: %w", id, err)
	}
	return a, nil
}

// Hour implements budget.Source.
func (s accounts) Hour() (hour int64, err error) {
	err = s.w.row(`SELECT doc FROM account WHERE id = ?`, clock).Scan(&hour)
	if errors.Is(err, sql.ErrNoRows) {
		return 0, nil
	}
	return hour, err
}

// Ended implements budget.Source.
func (s accounts) Ended(call string) (bool, error) {
	var ended bool
	err := s.w.row(`SELECT ended <> 0 FROM call WHERE id = ?`, call).Scan(&ended)
	if errors.Is(err, sql.ErrNoRows) {
		return false, nil
	}
	return ended, err
}

// Calls implements budget.Source.
func (s accounts) Calls() (map[string][]budget.Leg, error) {
	out := make(map[string][]budget.Leg)
	err := s.w.reader().each(s.w.ctx, func(scan func(...any) error) error {
		var id string
		var doc []byte
		if err := scan(&id, &doc); err != nil {
			return err
		}
		var legs []budget.Leg
		err := json.Unmarshal(doc, &legs)
		out[id] = legs
		return err
	}, `SELECT id, held FROM call WHERE ended = 0 AND held <> ''`)
	return out, driven(err)
}

// holding is what a call holds as its record keeps it.
func (w *writer) holding(call string) (string, error) {
	legs := w.ledger.Holding(call)
	if len(legs) == 0 {
		return "", nil
	}
	doc, err := json.Marshal(legs)
	if err != nil {
		return "", fmt.Errorf("what a call holds: %w", err)
	}
	return string(doc), nil
}

// writeAccounts writes the accounts that changed.
func (w *writer) writeAccounts() error {
	const put = `INSERT INTO account (id, doc, leaf) VALUES (?, ?, ?)
		ON CONFLICT (id) DO UPDATE SET doc = excluded.doc, leaf = excluded.leaf`
	return w.ledger.Write(func(c budget.Changed) error {
		doc, err := json.Marshal(c.Account)
		if err != nil {
			return fmt.Errorf("account %s: %w", c.ID, err)
		}
		return w.exec(put, c.ID, string(doc), c.Leaf)
	}, func(hour int64, leaf uint64) error {
		return w.exec(put, clock, strconv.FormatInt(hour, 10), leaf)
	})
}

// book lets the accounts follow an entry's facts, before any of it is written:
// after an error nothing has changed. It leaves what calls cost that it ends.
func (w *writer) book(drafts []chain.Draft) error {
	w.ledger.Begin()
	w.costs = w.costs[:0]
	for i := range drafts {
		cost, err := w.ledger.Follow(drafts[i].Fact, w.tree.Size()+uint64(i))
		if err != nil {
			w.ledger.Undo()
			return fmt.Errorf("%s: %w", drafts[i].Kind, err)
		}
		w.costs = append(w.costs, cost)
	}
	return nil
}

// Account is what a budget has spent and set aside.
type Account struct {
	ID   string
	Leaf uint64 // that changed it last
	budget.Account
}

// Accounts lists the accounts by name.
func (r *Reader) Accounts(ctx context.Context) ([]Account, error) {
	return r.AccountsSince(ctx, 0)
}

// AccountsSince lists those that a leaf changed from that one on.
func (r *Reader) AccountsSince(ctx context.Context, leaf uint64) ([]Account, error) {
	var out []Account
	err := r.each(ctx, func(scan func(...any) error) error {
		var a Account
		var doc []byte
		if err := scan(&a.ID, &doc, &a.Leaf); err != nil {
			return err
		}
		err := json.Unmarshal(doc, &a.Account)
		out = append(out, a)
		return err
	}, `SELECT id, doc, leaf FROM account WHERE id <> ? AND leaf >= ? ORDER BY id`, clock, leaf)
	return out, err
}
