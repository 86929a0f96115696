package main

import (
	"strings"
	"testing"
	"time"

	"github.com/sekisho/sekisho/fact"
	"github.com/sekisho/sekisho/sim/fraud"
)

// TestBooksInMemoryAreTheStores: attacks that shut budgets, renew and cut come to
// the same on a real store, answer by answer and in every account.
func TestBooksInMemoryAreTheStores(t *testing.T) {
	offices, families := shipped(t)
	for i := range families {
		if n := families[i].Name; n != "pump" && n != "urasoe" && n != "spread" {
			continue
		}
		c := cast{seed: 20150310, offices: offices, families: families[i : i+1]}
		if asked, err := c.compareSome(1, time.Time{}); err != nil || asked == 0 {
			t.Errorf("%s: %d asked, %v", families[i].Name, asked, err)
		}
	}
}

// careless is a till that forgets to set money aside for every third call.
type careless struct {
	*till
	n int
}

func (c *careless) Commit(w fact.Write, done func(error)) {
	if f, ok := w.Facts[0].(fact.CallJudged); ok && f.Hold != nil {
		if c.n++; c.n%3 == 0 {
			f.Hold = nil
			w.Facts[0] = f
		}
	}
	c.till.Commit(w, done)
}

// TestTwinsSeeADifference that one of them makes.
func TestTwinsSeeADifference(t *testing.T) {
	s := site(t)
	mem := newTill()
	twin := &twins{mem: mem}
	var err error
	if twin.quick, err = newPurseOn(s, Open, mem, nil, pinsPreset); err != nil {
		t.Fatal(err)
	}
	if twin.real, err = newPurseOn(s, Open, &careless{till: newTill()}, nil, pinsPreset); err != nil {
		t.Fatal(err)
	}
	for call := uint64(1); call < 60 && twin.err == nil; call++ {
		e := event(s, call, time.Duration(call)*time.Minute)
		if twin.Ask(e) == Pass {
			e.Kind, e.At = fraud.Answered, e.At.Add(time.Second)
			twin.Tell(e)
			e.Kind, e.At, e.Talk = fraud.Ended, e.At.Add(20*time.Second), 20*time.Second
			twin.Tell(e)
		}
	}
	if twin.err == nil || !strings.Contains(twin.err.Error(), "attempt") {
		t.Errorf("the difference is not seen: %v", twin.err)
	}
}
