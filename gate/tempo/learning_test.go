package tempo

import (
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"
)

// TestAttemptsTeach when and from where an office telephones, unless they look
// like fraud.
func TestAttemptsTeach(t *testing.T) {
	p := play(t)
	learned := func() int64 { return p.w.unit.Hours.Total / hourWhole }
	for _, ext := range []string{"201", "202", "203"} {
		p.talk(ext, "0312345678", time.Minute)
	}
	if !p.w.unit.own(network(p.from)) || learned() != 3 {
		t.Errorf("the office's network: %v, %d calls", p.w.unit.own(network(p.from)), learned())
	}
	if p.open["SL"] = true; p.talk("201", freetown, time.Minute).Level != Quiet || learned() != 4 {
		t.Errorf("%d calls after a quiet one", learned())
	}
	e := p.event("201", "")
	e.Contacts = 2
	p.note(Registered, e)
	if o := p.talk("201", sl("76999999"), time.Minute); o.Level != Noted || learned() != 5 {
		t.Errorf("%d calls after one that is %s: %+v", learned(), o.Level, o.Signs())
	}
	p.wait(14 * time.Hour)
	if o := p.talk("201", freetown, time.Minute); o.Level != Challenge || learned() != 5 {
		t.Errorf("%d calls after one that is %s: %+v", learned(), o.Level, o.Signs())
	}
}

// TestWhoReadsASetUp is a stranger where neither the phone nor the office was
// heard from; a registration says where a phone is.
func TestWhoReadsASetUp(t *testing.T) {
	for name, c := range map[string]struct {
		before func(p *player)
		want   bool
	}{
		"a stranger": {func(*player) {}, true},
		"the phone, that registered": {
			func(p *player) { p.note(Registered, p.event("201", "")) }, false,
		},
		"the office": {func(p *player) {
			for _, ext := range []string{"202", "203", "204"} {
				p.note(Registered, p.event(ext, ""))
			}
		}, false},
		"half the office": {func(p *player) {
			for _, ext := range []string{"202", "203"} {
				p.note(Registered, p.event(ext, ""))
			}
		}, true},
	} {
		p := play(t)
		c.before(p)
		p.note(Fetched, p.event("201", ""))
		if k, _ := p.w.Known(p.now, "201"); k.Fetched.IsZero() == c.want {
			t.Errorf("%s: fetched %v", name, k.Fetched)
		}
	}
}

// TestWhatIsKnownForADay of an extension, and of areas in order.
func TestWhatIsKnownForADay(t *testing.T) {
	p := play(t)
	p.talk("202", "0312345678", time.Minute)
	p.now = tuesday.Add(time.Hour)
	began := p.now
	p.talk("201", london, time.Minute)
	for after, want := range map[int64]int{day: 1, day + 1: 0} {
		if k, _ := p.w.Known(began.Add(time.Duration(after)*time.Second), "201"); k.Calls != want {
			t.Errorf("after %d s: %d calls, want %d", after, k.Calls, want)
		}
	}
	if got := p.w.Extensions(); !slices.Equal(got, []string{"201", "202"}) {
		t.Errorf("known are %q", got)
	}
	for i := range 3 {
		p.now = tuesday.AddDate(0, 0, 4*(i+1))
		p.talk("201", freetown, time.Minute)
		p.talk("201", london, time.Minute)
	}
	if got := p.w.Areas(); !slices.Equal(got, []string{"GB", "SL"}) {
		t.Errorf("areas %q", got)
	}
	p.calls++
	if o := p.w.Preview(p.now, p.event("203", freetown)); o.sign("debut").Strength != None {
		t.Errorf("a preview forgets what the office knows: %+v", o.Signs())
	}
	for i, name := range Names() {
		if name != signals[i].name {
			t.Errorf("sign %d is %s, want %s", i, name, signals[i].name)
		}
	}
	if len(Names()) != signalsMax {
		t.Errorf("%d signs, want %d", len(Names()), signalsMax)
	}
}

// TestNamesAreBounded, and who makes room leaves nothing behind.
func TestNamesAreBounded(t *testing.T) {
	w := New(nil)
	long := strings.Repeat("x", nameMax)
	if w.subject(long+"a") != w.subject(long) || w.subject(long[1:]) == w.subject(long) {
		t.Error("another part of a name counts")
	}
	w = New(nil)
	for i := range subjectsMax {
		w.subject(strconv.Itoa(i)).Lapses = 1
	}
	if s := w.subject("new"); s.Lapses != 0 || s.Last != -1 || s.calls != nil {
		t.Errorf("the new one has %+v", s.record)
	}
	if s := w.subject("new"); s != w.subject("new") || len(w.names) != subjectsMax || len(w.seats) != subjectsMax {
		t.Errorf("%d names, %d seats", len(w.names), len(w.seats))
	}
	if _, known := w.names["0"]; known || w.subject("1").Lapses != 1 {
		t.Error("another one made room than the first")
	}
	if at := w.names["new"]; w.seats[at].name != "new" {
		t.Errorf("its seat is %q's", w.seats[at].name)
	}
}

// TestDoubtsAreTold: challenges that lapse make an area doubtful, to all.
func TestDoubtsAreTold(t *testing.T) {
	p := play(t)
	for range 2 {
		_, e := p.dial("201", freetown)
		p.note(Lapsed, e)
	}
	o, _ := p.dial("202", sl("77111111"))
	p.want(o, "debut", Strong)
}

// TestADayGoesBy: what was learned fades, and an hour's money becomes history.
func TestADayGoesBy(t *testing.T) {
	p := play(t)
	p.open["GB"] = true
	p.talk("201", london, time.Minute)
	before := p.w.unit.Hours.Total
	p.wait(24*time.Hour).dial("202", "0312345678")
	if o := &p.w.unit; o.Spent.Hours != 1 || o.Spent.Sum != 40_000 || o.Hours.Total >= before+hourWhole {
		t.Errorf("%+v, %d calls before, %d now", o.Spent, before, o.Hours.Total)
	}
}
