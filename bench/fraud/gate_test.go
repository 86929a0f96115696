package main

import (
	"net/netip"
	"testing"

	"github.com/sekisho/sekisho/sim/fraud"
)

// TestWhatIsOpen: where every country is open the gate lets all of them pass and
// expects none, as no owner means them all; it expects what was opened one by one.
func TestWhatIsOpen(t *testing.T) {
	s := site(t)
	s.Extensions[0].Usual = []string{"AU"}
	from := s.Extensions[0].Number
	for _, c := range []struct {
		policy   Policy
		want     Answer
		expected bool
	}{{Closed, Barred, false}, {Listed, Pass, true}, {Open, Pass, false}, {Dialed, Pass, true}} {
		g, err := newCheckpoint(s, c.policy)
		if err != nil {
			t.Fatal(err)
		}
		e := &fraud.Event{
			Call: 1, At: s.Start, Extension: from, Path: fraud.Dialed, Dialed: "01061412345678", Area: "AU",
			Number: "61412345678", Source: netip.MustParseAddr("192.168.1.9"),
		}
		got, r := g.Ask(e), g.request(e)
		if event := g.policy.Event(&r); got != c.want || event.Expected != c.expected {
			t.Errorf("%s: %v, expected %v", c.policy, got, event.Expected)
		}
	}
}
