package main

import (
	"fmt"
	"testing"
	"time"

	"github.com/sekisho/sekisho/sim/fraud"
	"github.com/sekisho/sekisho/unit"
)

// TestPINs: so many of a hundred people have one, and nobody else.
func TestPINs(t *testing.T) {
	s := &fraud.Site{}
	for i := range 40 {
		who := "person"
		if i%4 == 3 {
			who = "fax"
		}
		s.Extensions = append(s.Extensions, fraud.Extension{Number: fmt.Sprint(201 + i), Who: who})
	}
	for percent, want := range map[int]int{0: 0, 10: 3, 50: 15, 100: 30} {
		list := pins(s, percent).List()
		if len(list) != want {
			t.Errorf("%d percent of 30 people: %d", percent, len(list))
		}
		for _, p := range list {
			if (p.Extension[2]-'1'+10*(p.Extension[1]-'0'))%4 == 3 {
				t.Errorf("the fax machine %s has a PIN", p.Extension)
			}
		}
	}
}

// TestPINCallsFromItsOwnBudget: who has emptied its phone's budget is asked for the
// PIN, calls that number from then on from its own without a question, is refused
// when that is empty, too, and passed again a day later. A fax machine, and who has
// no PIN, is refused at once.
func TestPINCallsFromItsOwnBudget(t *testing.T) {
	s := site(t)
	s.Extensions[1].Who = "fax"
	for _, c := range []struct {
		extension string
		withPIN   int
		first     Answer
		cause     string
	}{
		{"201", 100, Challenge, "asked in vain"},
		{"201", 0, Refuse, "has no PIN"},
		{"202", 100, Refuse, "fax"},
	} {
		made, err := newPurse(c.withPIN)(s, Open)
		if err != nil {
			t.Fatal(err)
		}
		p, _ := made.(*purse)
		call, at := uint64(0), 10*time.Hour
		attempt := func(proved bool) (Answer, *fraud.Event) {
			if !proved {
				call++
			}
			e := event(s, call, at)
			e.Extension, e.Proved = c.extension, proved
			return p.Ask(e), e
		}
		empty := func() (calls int, got Answer, e *fraud.Event) {
			for got, e = attempt(false); got == Pass && calls < 500; got, e = attempt(false) {
				talkTo(p, e, 10*time.Minute)
				at += 11 * time.Minute
				calls++
			}
			return calls, got, e
		}
		calls, got, e := empty()
		if got != c.first || calls == 0 {
			t.Fatalf("%s, %d of 100 have a PIN: after %d calls %d, want %d",
				c.extension, c.withPIN, calls, got, c.first)
		}
		if got == Refuse {
			if toll := p.tolls["budget extension/abroad shut, "+c.cause]; toll == nil || toll.Refused.All != 1 {
				t.Errorf("%s: %v", c.cause, p.tolls.worst())
			}
			continue
		}
		e.Kind = fraud.Lapsed
		p.Tell(e)
		if toll := p.tolls["budget extension/abroad shut, "+c.cause]; toll == nil || toll.Refused.Abroad != 1 {
			t.Errorf("%s: %v", c.cause, p.tolls.worst())
		}
		if got, _ = attempt(false); got != Challenge {
			t.Errorf("asked again: %d", got)
		}
		if got, e = attempt(true); got != Pass {
			t.Fatalf("with the PIN: %d", got)
		}
		talkTo(p, e, 10*time.Minute)
		at += 11 * time.Minute
		if again, got, _ := empty(); got != Refuse || again < calls || again > 2*calls {
			t.Errorf("its own budget: %d calls, then %d", again, got)
		}
		at += 25 * time.Hour
		if got, _ = attempt(false); got != Pass {
			t.Errorf("a day later: %d", got)
		}
	}
}

// TestPINKeepsACall: who talks when its phone's budget is used up is asked once,
// and goes on from its own with the PIN; without it the call is cut in the moment
// in which it always was.
func TestPINKeepsACall(t *testing.T) {
	s := site(t)
	var asEver time.Time // the end without a PIN
	for _, c := range []struct {
		name    string
		withPIN int
		answers time.Duration // after the prompt; 0 for never
		prompts int
		kept    bool
	}{
		{"no PIN", 0, 0, 0, false},
		{"silent", 100, 0, 1, false},
		{"in time", 100, 15 * time.Second, 1, true},
		{"a second before the end", 100, 19 * time.Second, 1, true},
	} {
		made, err := newPurse(c.withPIN)(s, Open)
		if err != nil {
			t.Fatal(err)
		}
		p, _ := made.(*purse)
		e := event(s, 1, 10*time.Hour)
		if got := p.Ask(e); got != Pass {
			t.Fatalf("%s: %d", c.name, got)
		}
		e.Kind = fraud.Answered
		p.Tell(e)
		l, prompts := p.legs[1], 0
		var answer, end time.Time
		for due, has := p.Due(); has && end.IsZero(); due, has = p.Due() {
			if !answer.IsZero() && answer.Before(due) {
				before := l.CutAt()
				kept := *e
				kept.Kind, kept.At, answer = fraud.Kept, answer, time.Time{}
				p.Tell(&kept)
				if !l.Own || !l.CutAt().After(before) {
					t.Errorf("%s: %+v", c.name, l.Meter)
				}
				continue
			}
			if len(p.Tick(due)) > 0 {
				end = due
			}
			for range p.Prompts() {
				prompts++
				if left := l.CutAt().Sub(due); left < 19*time.Second || left > unit.MoneyAsking {
					t.Errorf("%s: asked %s before the end", c.name, left)
				}
				if c.answers > 0 {
					answer = due.Add(c.answers)
				}
			}
		}
		if c.withPIN == 0 {
			asEver = end
		}
		if prompts != c.prompts || l.Own != c.kept || end.After(asEver) != c.kept || !c.kept && !end.Equal(asEver) {
			t.Errorf("%s: asked %d times, own %v, cut at %s", c.name, prompts, l.Own, end)
		}
	}
}

// talkTo has somebody talk as long as he is let.
func talkTo(p *purse, e *fraud.Event, talk time.Duration) {
	up := *e
	up.Kind = fraud.Answered
	p.Tell(&up)
	end := e.At.Add(talk)
	for due, has := p.Due(); has && due.Before(end); due, has = p.Due() {
		if len(p.Tick(due)) > 0 {
			end = due
		}
	}
	up.Kind, up.At, up.Talk = fraud.Ended, end, end.Sub(e.At)
	p.Tell(&up)
}

// TestOwnerLetsGo: the manager who looks at an extension that was refused opens the
// budgets for which it was, and none that a PIN has opened meanwhile.
func TestOwnerLetsGo(t *testing.T) {
	s := site(t)
	made, err := newPurse(100)(s, Open)
	if err != nil {
		t.Fatal(err)
	}
	p, _ := made.(*purse)
	at, call := 10*time.Hour, uint64(0)
	var e *fraud.Event
	for got := Pass; got == Pass; at += 11 * time.Minute {
		call++
		e = event(s, call, at)
		if got = p.Ask(e); got == Pass {
			talkTo(p, e, 10*time.Minute)
		}
	}
	if len(p.shut) != 1 {
		t.Fatalf("shut %v", p.shut)
	}
	review := func(extension string) {
		p.Tell(&fraud.Event{Kind: fraud.Reviewed, At: s.Start.Add(34 * time.Hour), Extension: extension})
	}
	if review("201"); len(p.shut) != 1 {
		t.Error("nobody was refused yet: he only was asked for his PIN")
	}
	e.Kind = fraud.Lapsed
	p.Tell(e)
	if review("202"); len(p.shut) != 1 {
		t.Error("it is not the other one's budget")
	}
	if review("201"); len(p.shut) != 0 {
		t.Errorf("shut %v", p.shut)
	}
}
