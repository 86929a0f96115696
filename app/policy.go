package app

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/sekisho/sekisho/app/config"
	"github.com/sekisho/sekisho/app/control"
	"github.com/sekisho/sekisho/fact"
	"github.com/sekisho/sekisho/gate"
	"github.com/sekisho/sekisho/gate/policy"
)

// byDoubt is who changes the policy of a database that was put back.
const byDoubt = "unit: the database is in doubt"

// loadPolicy reads the policy in force. One that can't be read any more bars
// everything but emergency calls, until somebody applies another.
func (a *App) loadPolicy(ctx context.Context) error {
	var err error
	if a.state.openings, err = a.store.Openings(ctx); err != nil {
		return fmt.Errorf("openings: %w", err)
	}
	texts, err := a.store.PolicyTexts(ctx, 1)
	if err != nil {
		return fmt.Errorf("policy: %w", err)
	}
	a.state.rules = policy.Document{}.Normal()
	if len(texts) > 0 {
		if a.state.rules, err = rulesOf(texts[0]); err != nil {
			a.log.Error("the policy on record can't be read; everything but emergency calls is barred", "err", err)
			a.state.rules = barred()
		}
	}
	return nil
}

// rulesOf reads a policy but for its openings: those in force have IDs, and
// stand in a table of their own.
func rulesOf(contents string) (policy.Document, error) {
	d, err := config.ParseGate("policy", contents)
	d = d.Normal()
	d.Openings = nil
	return d, err
}

func barred() policy.Document {
	return policy.Document{
		Hours: []policy.Hours{{Name: "unreadable-policy", From: "00:00", To: "24:00"}},
	}.Normal()
}

// document is the policy in force at a time. The caller holds a.mu.
func (s settings) document(at time.Time) policy.Document {
	d := s.rules
	d.Budgets = slices.DeleteFunc(slices.Clone(d.Budgets), func(b policy.Budget) bool {
		return b.Temporary() && !b.Expires().After(at)
	})
	for _, o := range s.openings {
		if o.Expires.After(at) {
			d.Openings = append(d.Openings, policy.OpeningOf(o))
		}
	}
	return d.Normal()
}

// hashOf names a whole policy.
func hashOf(d policy.Document) string {
	sum := sha256.Sum256([]byte(policy.Format(d)))
	return hex.EncodeToString(sum[:])
}

// change is one change of the policy, however it came about.
type change struct {
	command string
	reason  string
	rules   policy.Document
	text    string // the rules came of; "" where they stay
	opened  []fact.Opening
	shut    []fact.Opening
}

// after is the state that a change leads to.
func (s settings) after(c change) settings {
	s.rules = c.rules
	s.openings = slices.DeleteFunc(slices.Clone(s.openings), func(o fact.Opening) bool {
		return slices.ContainsFunc(c.shut, func(gone fact.Opening) bool { return gone.ID == o.ID })
	})
	s.openings = append(s.openings, c.opened...)
	return s
}

// put puts a change in force, and on record with everything it opens and
// shuts: all of it or nothing. What only bars does not wait for the disk. The
// caller holds a.mu.
func (a *App) put(ctx context.Context, by string, c change) error {
	at := now()
	next := a.state.after(c)
	s, err := a.gateSettings(next, next.shut)
	if err != nil {
		return err
	}
	if _, err := gate.NewPolicy(s); err != nil {
		return fmt.Errorf("policy: %w", err)
	}
	loosens := policy.Loosens(policy.Diff(a.state.document(at), next.document(at), at))
	w := fact.Write{Facts: c.facts(by, at, loosens, hashOf(next.document(at)))}
	force := func() error {
		a.state = next
		return a.refresh()
	}
	if !loosens {
		return errors.Join(force(), a.commit(ctx, w))
	}
	if err := a.commit(ctx, w); err != nil {
		return err
	}
	return force()
}

// facts are those of a change, the change itself first.
func (c change) facts(by string, at time.Time, loosens bool, hash string) []fact.Fact {
	out := []fact.Fact{fact.PolicyApplied{
		ID: "p-" + hex.EncodeToString(random(4)), Command: c.command, By: by, At: at, Reason: c.reason,
		Loosens: loosens, SHA256: hash, Text: c.text, Opened: c.opened, Shut: c.shut,
	}}
	for _, o := range c.shut {
		out = append(out, fact.OpeningRemoved{ID: o.ID, By: by, At: at})
	}
	for _, o := range c.opened {
		out = append(out, fact.OpeningAdded{Opening: o})
	}
	return out
}

// open makes the opening that a document has.
func opening(o policy.Opening, by string, at time.Time) fact.Opening {
	return fact.Opening{
		ID: "o-" + hex.EncodeToString(random(4)), Extension: o.Extension, Area: o.Area, Expires: o.Expires(),
		Created: at, CreatedBy: by, Reason: o.Reason,
	}
}

// shutDoubted shuts every opening of a database that was put back, ends every
// raised budget, and has nothing pass any more that can't be written: what they
// open may have been barred since (invariant G4).
func (a *App) shutDoubted(ctx context.Context) error {
	if !a.doubted {
		return nil
	}
	c := change{command: "doubt", rules: a.state.rules}
	lasting := slices.DeleteFunc(slices.Clone(c.rules.Budgets), func(b policy.Budget) bool { return b.Temporary() })
	if c.rules.Gate.DomesticWhenDegraded || len(lasting) < len(c.rules.Budgets) {
		c.rules.Gate.DomesticWhenDegraded, c.rules.Budgets = false, lasting
		c.text = policy.Format(c.rules)
	}
	if c.text == "" && len(a.state.openings) == 0 {
		return nil
	}
	all := a.state.openings
	for first := true; first || len(all) > 0; first = false {
		n := min(len(all), changedOpeningsMax)
		c.shut, all = all[:n], all[n:]
		a.state = a.state.after(c)
		w := fact.Write{Facts: c.facts(byDoubt, now(), false, hashOf(a.state.document(now())))}
		if err := a.note(ctx, w); err != nil {
			return err
		}
		c.text = ""
	}
	return nil
}

func (a *App) gateExport(context.Context, control.Caller, control.None) (control.Policy, error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	d := a.state.document(now())
	return control.Policy{Unit: a.unitID, Text: policy.Format(d), SHA256: hashOf(d)}, nil
}

func (a *App) gateHistory(ctx context.Context, _ control.Caller, _ control.None) ([]control.PolicyChange, error) {
	rows, err := a.store.Policies(ctx, historyMax)
	if err != nil {
		return nil, err
	}
	out := make([]control.PolicyChange, 0, len(rows))
	for _, f := range rows {
		out = append(out, showChange(f))
	}
	return out, nil
}

func showChange(f fact.PolicyApplied) control.PolicyChange {
	return control.PolicyChange{
		ID: f.ID, Command: f.Command, At: f.At, By: f.By, Reason: f.Reason, Loosens: f.Loosens,
		Opened: len(f.Opened), Shut: len(f.Shut), Text: f.Text != "", SHA256: f.SHA256,
	}
}
