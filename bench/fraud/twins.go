package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"time"

	"github.com/sekisho/sekisho/evidence/chain"
	"github.com/sekisho/sekisho/evidence/recorder"
	"github.com/sekisho/sekisho/fact"
	"github.com/sekisho/sekisho/gate/budget"
	"github.com/sekisho/sekisho/gate/tempo"
	"github.com/sekisho/sekisho/sim/fraud"
	"github.com/sekisho/sekisho/store"
)

// disk is books on a disk: the store and the recorder of a unit. A commit waits
// until it is on it, those too for which a unit would not wait: so nothing is
// under way when the next event comes.
type disk struct {
	store    *store.Store
	recorder *recorder.Recorder
	errs     []error
}

var _ fact.Committer = (*disk)(nil)

func openDisk(dir string) (*disk, error) {
	s, err := store.Open(context.Background(), store.Config{Path: filepath.Join(dir, "store.db")})
	if err != nil {
		return nil, err
	}
	d := &disk{store: s}
	secret, _, err := chain.NewKey(bytes.NewReader(bytes.Repeat([]byte{7}, 64)), "bench")
	if err == nil {
		var signer *chain.Signer
		if signer, err = chain.NewSigner(secret); err == nil {
			d.recorder, err = recorder.New(recorder.Config{Log: s, Unit: "bench", Boot: s.Boot(), Signer: signer})
		}
	}
	if err != nil {
		return nil, errors.Join(err, s.Close())
	}
	return d, nil
}

// Commit implements fact.Committer.
func (d *disk) Commit(w fact.Write, done func(error)) {
	w.Behind = false
	written := make(chan error, 1)
	d.recorder.Commit(w, func(err error) { written <- err })
	err := <-written
	if err != nil && !errors.As(err, new(*fact.Exhausted)) {
		d.errs = append(d.errs, err)
	}
	done(err)
}

func (d *disk) close() error {
	return errors.Join(append(d.errs, d.recorder.Close(), d.store.Close())...)
}

// twins is a purse on books in memory beside one on a disk; what they say must
// be the same.
type twins struct {
	quick, real *purse
	mem         *till
	disk        *disk
	asked       int
	err         error
}

// differ notes the first difference.
func (t *twins) differ(same bool, at time.Time, what string, quick, real any) {
	if !same && t.err == nil {
		t.err = fmt.Errorf("%s, attempt %d: %s: %v with books in memory, %v with the store",
			at.Format(time.DateTime), t.asked, what, quick, real)
	}
}

// Ask asks both.
func (t *twins) Ask(e *fraud.Event) Answer {
	t.asked++
	quick, real := t.quick.Ask(e), t.real.Ask(e)
	t.differ(quick == real, e.At, "answer to "+e.Dialed, quick, real)
	a, b := t.quick.legs[e.Call], t.real.legs[e.Call]
	t.differ((a == nil) == (b == nil) && (a == nil || a.Held == b.Held), e.At, "money for "+e.Dialed, a, b)
	return quick
}

// Tell tells both.
func (t *twins) Tell(e *fraud.Event) {
	t.quick.Tell(e)
	t.real.Tell(e)
}

// Due must be the same of both.
func (t *twins) Due() (time.Time, bool) {
	quick, has := t.quick.Due()
	real, also := t.real.Due()
	t.differ(has == also && quick.Equal(real), quick, "next look", quick, real)
	return quick, has
}

// Tick looks with both.
func (t *twins) Tick(at time.Time) []uint64 {
	quick, real := t.quick.Tick(at), t.real.Tick(at)
	t.differ(slices.Equal(quick, real), at, "cut", quick, real)
	return quick
}

// Prompts must be the same of both.
func (t *twins) Prompts() []uint64 {
	quick, real := t.quick.Prompts(), t.real.Prompts()
	t.differ(slices.Equal(quick, real), t.quick.now, "asked in talk", quick, real)
	return quick
}

// accounts compares what both have in their accounts.
func (t *twins) accounts(at time.Time) error {
	real, err := t.disk.store.Accounts(context.Background())
	if err != nil {
		return err
	}
	onDisk := map[string]string{}
	for i := range real {
		if onDisk[real[i].ID], err = document(&real[i].Account); err != nil {
			return err
		}
	}
	inMemory := map[string]string{}
	err = t.mem.ledger.Write(func(c budget.Changed) (err error) {
		inMemory[c.ID], err = document(c.Account)
		return err
	}, func(int64, uint64) error { return nil })
	t.differ(maps.Equal(inMemory, onDisk), at, "accounts", inMemory, onDisk)
	return errors.Join(err, t.err)
}

func document(a *budget.Account) (string, error) {
	b, err := json.Marshal(a)
	return string(b), err
}

// compare plays one attack with books in memory and with a real store beside
// it, and fails on the first difference.
func compare(o *fraud.Office, plan *fraud.Plan, opt fraud.Options, withPIN int) (asked int, err error) {
	dir, err := os.MkdirTemp("", "sekisho-bench-")
	if err != nil {
		return 0, err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	w, err := fraud.New(o, plan, opt)
	if err != nil {
		return 0, err
	}
	d, err := openDisk(dir)
	if err != nil {
		return 0, err
	}
	defer func() { err = errors.Join(err, d.close()) }()
	t := &twins{mem: newTill(), disk: d}
	if t.quick, err = newPurseOn(w.Site(), Open, t.mem, tempo.New(w.Site().Zone), withPIN); err != nil {
		return 0, err
	}
	if t.real, err = newPurseOn(w.Site(), Open, d, tempo.New(w.Site().Zone), withPIN); err != nil {
		return 0, err
	}
	if _, err := play(w, t, excerptOffice); err != nil {
		return t.asked, err
	}
	return t.asked, t.accounts(w.Time())
}

// excerpt is an attack that ends sooner.
func excerpt(plan *fraud.Plan, attempts int, within time.Duration) *fraud.Plan {
	p := *plan
	p.Phases = slices.Clone(p.Phases)
	for i := range p.Phases {
		f := &p.Phases[i]
		f.Attempts, f.For = min(f.Attempts, attempts), min(f.For, within)
	}
	return &p
}

// compareSome compares the books on attacks of families drawn by the seed, and
// counts the attempts.
func (c *cast) compareSome(attacks int, deadline time.Time) (asked int, err error) {
	r := dice(c.seed, seedCompare)
	for range attacks {
		f := &c.families[r.IntN(len(c.families))]
		o, plan, opt := c.attackOn(f, r.IntN(fullRounds))
		opt.History = -1
		n, err := compare(o, excerpt(plan, excerptAttempts, excerptTime), opt, c.withPIN)
		asked += n
		if err != nil {
			return asked, fmt.Errorf("books of %s on %s differ: %w", f.Name, o.Name, err)
		}
		if !deadline.IsZero() && time.Now().After(deadline) {
			break
		}
	}
	return asked, nil
}
