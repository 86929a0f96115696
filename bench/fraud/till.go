package main

import (
	"github.com/sekisho/sekisho/fact"
	"github.com/sekisho/sekisho/gate/budget"
)

// till is books in memory: the accounts follow each write as they do in the
// store, by the same ledger, but nothing is on any disk. twins.go compares it with
// the store.
type till struct {
	ledger *budget.Ledger
	leaf   uint64
}

var _ fact.Committer = (*till)(nil)

func newTill() *till { return &till{ledger: budget.NewLedger(empty{})} }

// Commit implements fact.Committer; done is called before it returns.
func (t *till) Commit(w fact.Write, done func(error)) {
	t.ledger.Begin()
	for i, f := range w.Facts {
		if _, err := t.ledger.Follow(f, t.leaf+uint64(i)); err != nil {
			t.ledger.Undo()
			done(err)
			return
		}
	}
	t.leaf += uint64(len(w.Facts))
	done(nil)
}

// empty is a ledger's source with nothing in it.
type empty struct{}

var _ budget.Source = empty{}

func (empty) Account(string) (*budget.Account, error) { return nil, nil }
func (empty) Hour() (int64, error)                    { return 0, nil }
func (empty) Calls() (map[string][]budget.Leg, error) { return map[string][]budget.Leg{}, nil }
func (empty) Ended(string) (bool, error)              { return false, nil }
