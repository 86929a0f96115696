package main

import (
	"net/netip"
	"slices"
	"testing"
	"time"

	"github.com/sekisho/sekisho/sim/fraud"
)

// TestAStrangerIsTheSecondPlace: where the office's telephones are registered, as on
// a stage, the watch hears that a stranger's registration is one more.
func TestAStrangerIsTheSecondPlace(t *testing.T) {
	for staffed, want := range map[bool]int{false: 1, true: 2} {
		for source, places := range map[string]int{"192.168.1.9": 1, "203.0.113.9": want} {
			s := site(t)
			made, err := newUnit(pinsPreset)(s, Dialed)
			if err != nil {
				t.Fatal(err)
			}
			p, _ := made.(*purse)
			p.staffed = staffed
			e := event(s, 1, time.Hour)
			e.Kind, e.Source = fraud.Registered, netip.MustParseAddr(source)
			p.Tell(e)
			k, ok := p.watch.Known(p.now, e.Extension)
			if !ok || k.Contacts != places {
				t.Errorf("staffed %v, from %s: %d places", staffed, source, k.Contacts)
			}
		}
	}
}

// TestSuspectsAreSetApart: a stranger with a stolen credential is set apart; what
// is up of the extension is cut, the emergency call goes on, and a manager lets
// the extension go.
func TestSuspectsAreSetApart(t *testing.T) {
	s := site(t)
	made, err := newUnit(pinsPreset)(s, Dialed)
	if err != nil {
		t.Fatal(err)
	}
	p, _ := made.(*purse)
	call := uint64(0)
	dial := func(at time.Duration, change func(*fraud.Event)) (Answer, *fraud.Event) {
		call++
		e := event(s, call, at)
		change(e)
		return p.Ask(e), e
	}
	tell := func(e fraud.Event, k fraud.Kind, at time.Duration, talk time.Duration) {
		e.Kind, e.At, e.Talk = k, s.Start.Add(at), talk
		p.Tell(&e)
	}
	at := 10 * time.Hour
	_, e := dial(at, func(e *fraud.Event) { e.Dialed, e.Number, e.Area = "0312345678", "81312345678", "JP" })
	tell(*e, fraud.Answered, at+time.Second, 0)
	tell(*e, fraud.Ended, at+time.Minute, 59*time.Second)
	at += time.Hour
	got, up := dial(at, func(*fraud.Event) {})
	if got != Pass {
		t.Fatalf("the owner's call abroad gets %d", got)
	}
	tell(*up, fraud.Answered, at+time.Second, 0)
	stranger, challenged := netip.MustParseAddr("203.0.113.9"), 0
	for at += 30 * time.Second; len(p.apart) == 0 && call < 40; at += 5 * time.Second {
		for due, has := p.Due(); has && due.Before(s.Start.Add(at)); due, has = p.Due() {
			if len(p.Tick(due)) > 0 {
				t.Fatal("cut before it was time")
			}
		}
		n := string('0' + rune(call%10))
		got, e := dial(at, func(e *fraud.Event) {
			e.Source, e.Dialed, e.Number = stranger, e.Dialed[:len(e.Dialed)-1]+n, e.Number[:len(e.Number)-1]+n
		})
		switch got {
		case Challenge:
			challenged++
			tell(*e, fraud.Lapsed, at, 0)
		case Pass:
			tell(*e, fraud.Answered, at+time.Second, 0)
			tell(*e, fraud.Ended, at+4*time.Second, 3*time.Second)
		}
	}
	if len(p.apart) == 0 {
		t.Fatalf("after %d calls, %d of them challenged, nobody is set apart", call, challenged)
	}
	due, has := p.Due()
	if cut := p.Tick(due); !has || !slices.Equal(cut, []uint64{up.Call}) {
		t.Errorf("cut %v at %s", cut, due)
	}
	domestic := func(e *fraud.Event) { e.Dialed, e.Number, e.Area = "0312345678", "81312345678", "JP" }
	if got, _ := dial(at, domestic); got != Refuse {
		t.Errorf("somebody who is set apart gets %d", got)
	}
	if got, _ := dial(at, func(e *fraud.Event) { e.Dialed, e.Number, e.Area = "119", "", "" }); got != Pass {
		t.Errorf("119 gets %d", got)
	}
	tell(*event(s, 0, 0), fraud.Reviewed, at+time.Hour, 0)
	if got, _ := dial(at+2*time.Hour, domestic); got != Pass {
		t.Errorf("who was let go gets %d", got)
	}
}
