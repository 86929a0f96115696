package ground

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"time"

	"github.com/sekisho/sekisho/app/control"
	"github.com/sekisho/sekisho/evidence"
	"github.com/sekisho/sekisho/sim/carrier"
	"github.com/sekisho/sekisho/store"
)

// abroad tells the intruder's calls in the carrier's books.
func abroad(e *carrier.Entry) bool {
	return e.Reading.Class == carrier.International || e.Reading.Class == carrier.Premium
}

// settle waits until the carrier has heard of every end, and reads its books.
func (p *player) settle() {
	deadline := time.Now().Add(settleTime)
	open := func() (n int) {
		for _, e := range p.g.carrier.Books().Entries() {
			if abroad(&e) && !e.Answer.IsZero() && e.End.IsZero() {
				n++
			}
		}
		return n
	}
	for open() > 0 && time.Now().Before(deadline) {
		time.Sleep(pollEvery)
	}
	r := &p.result
	now := time.Now()
	var first, last time.Time
	for _, e := range p.g.carrier.Books().Entries() {
		if !abroad(&e) {
			continue
		}
		if !p.full[0].IsZero() && e.Start.After(p.full[0]) && e.Start.Before(p.full[1]) {
			r.FullGone++
		}
		if e.Answer.IsZero() {
			continue
		}
		if e.End.IsZero() {
			r.Open++
			r.Bad = append(r.Bad, fmt.Sprintf("%s: called %.1f s, answered %.1f s after the first attempt, never ended",
				e.Reading.Digits, e.Start.Sub(p.w.Books().First).Seconds(), e.Answer.Sub(p.w.Books().First).Seconds()))
			e.End, e.MilliYen = now, p.g.price(e.Reading, now.Sub(e.Answer))
		}
		r.Calls++
		r.MilliYen += e.MilliYen
		if before, was := p.atKill[e.CallID]; was {
			r.Added += e.MilliYen - before
		}
		if e.End.After(last) {
			last = e.End
		}
	}
	b := p.w.Books()
	if first = b.First; !last.IsZero() {
		r.Seconds = last.Sub(first).Seconds()
	}
	if !b.Stopped.IsZero() {
		r.Stop, r.Up = b.Stopped.Sub(first).Seconds(), b.UpThen
	}
	r.Extensions = len(p.out)
	p.g.mu.Lock()
	r.Strange = p.g.strange
	p.g.mu.Unlock()
}

// unrecorded counts the calls abroad in the carrier's books that stand nowhere in
// the unit's with a verdict that passed them. The unit has stopped.
func (g *Stage) unrecorded(ctx context.Context) (n int, err error) {
	s, err := store.Open(ctx, store.Config{Path: filepath.Join(g.unit.Data, evidence.StoreFile)})
	if err != nil {
		return 0, err
	}
	defer func() { err = errors.Join(err, s.Close()) }()
	records, err := s.Calls(ctx, store.CallFilter{Verb: "pass", Limit: recordsMax})
	if err != nil {
		return 0, err
	}
	passed := map[string]int{}
	for _, r := range records {
		passed[carrier.Read([]byte(r.To)).Digits]++
	}
	for _, e := range g.carrier.Books().Entries() {
		if !abroad(&e) {
			continue
		}
		if passed[e.Reading.Digits]--; passed[e.Reading.Digits] < 0 {
			n++
		}
	}
	return n, nil
}

// Money is what the unit's own books say of the calls abroad, and what its
// budgets bound: the unit's, and those of the extensions whose calls went out.
func (g *Stage) Money(ctx context.Context, extensions int) (used, most int64, err error) {
	ctx, cancel := context.WithTimeout(ctx, askTime)
	defer cancel()
	list, err := control.Call(ctx, g.client, control.BudgetList, control.None{})
	if err != nil {
		return 0, 0, err
	}
	var unit, each [2]int64 // abroad, premium
	for _, b := range list {
		switch b.Budget {
		case "unit/abroad":
			used, unit[0] = used+b.Used24, b.Incident
		case "unit/premium":
			used, unit[1] = used+b.Used24, b.Incident
		case "extension/abroad":
			each[0] = b.Incident
		case "extension/premium":
			each[1] = b.Incident
		}
	}
	for i := range unit {
		most += min(unit[i], each[i]*int64(extensions))
	}
	return used, most, nil
}

// Verify stops the unit, has it look at its evidence, and completes the result with
// what is on record.
func (g *Stage) Verify(ctx context.Context, r *Result) (err error) {
	if err := errors.Join(g.stopUnit(), g.unit.Verify(ctx)); err != nil {
		return err
	}
	r.Unrecorded, err = g.unrecorded(ctx)
	return err
}
