package tempo

import (
	"net/netip"
	"testing"
	"time"
)

// TestLevelsHaveWords: those of the evidence, also where a level is none.
func TestLevelsHaveWords(t *testing.T) {
	for l, want := range map[Level]string{
		Quiet: "quiet", Noted: "noted", Challenge: "challenge", Cut: "cut", Cut + 1: "cut",
	} {
		if got := l.String(); got != want {
			t.Errorf("%d is %q, want %q", l, got, want)
		}
	}
}

// TestDigits: what is no number of E.164 is none, and not a part of one.
func TestDigits(t *testing.T) {
	for s, want := range map[string]uint64{
		"": 0, "0": 0, "9": 9, "23276123456": 23276123456, "999999999999999": 999_999_999_999_999,
		"1000000000000000": 0, "12a4": 0, "12:4": 0, "12/4": 0, "+44": 0, "１": 0,
	} {
		if got := digits(s); got != want {
			t.Errorf("%q: %d, want %d", s, got, want)
		}
	}
}

// TestNetworks: addresses of one office are one network, however they are
// written; none is no place to be heard from.
func TestNetworks(t *testing.T) {
	same := func(a, b string) bool {
		return network(netip.MustParseAddr(a)) == network(netip.MustParseAddr(b))
	}
	if !same("192.0.2.1", "192.0.2.254") || !same("192.0.2.1", "::ffff:192.0.2.9") ||
		!same("2001:db8:1:2::3", "2001:db8:1:ffff::1") {
		t.Error("one network is two")
	}
	for _, other := range []string{"192.0.3.1", "192.1.2.1", "193.0.2.1", "2001:db8:1::", "::"} {
		if same("192.0.2.1", other) {
			t.Errorf("192.0.2.1 and %s are one network", other)
		}
	}
	if same("2001:db8:1::", "2001:db8:2::") {
		t.Error("two networks of IPv6 are one")
	}
	p := play(t)
	p.from = netip.Addr{}
	p.talk("201", "0312345678", time.Minute)
	if k, _ := p.w.Known(p.now, "201"); network(p.from) != 0 || k.Networks != 0 || !k.Here.IsZero() {
		t.Errorf("from nowhere: %+v", k)
	}
	for i := range p.w.unit.Networks {
		if p.w.unit.Networks[i] != (shared{}) {
			t.Errorf("the office has %+v", p.w.unit.Networks[i])
		}
	}
}

// TestWhatIsAboutNobody is no matter of an extension's.
func TestWhatIsAboutNobody(t *testing.T) {
	p := play(t)
	for k := Answered; k <= Released; k++ {
		if k != Missed {
			p.note(k, p.event("", freetown))
		}
	}
	if o := p.w.Attempt(p.now, p.event("", freetown)); o.Level != Quiet {
		t.Errorf("an attempt of nobody is %s", o.Level)
	}
	if got := p.w.Extensions(); len(got) != 0 || p.w.unit.Areas.Of[0].Days != 0 {
		t.Errorf("known are %q, areas %v", got, p.w.Areas())
	}
}

// TestMostAreAnswered: half of the calls to many numbers that nobody takes are
// no sign; seven in ten are.
func TestMostAreAnswered(t *testing.T) {
	for taken, want := range map[int]Strength{5: None, 4: None, 3: Weak} {
		p := play(t)
		p.open["SL"] = true
		for i := range 10 {
			n := sl("7612" + string(rune('0'+i)) + "000")
			if i < taken {
				p.talk("201", n, time.Minute)
			} else {
				p.miss("201", n)
			}
		}
		o, _ := p.dial("201", freetown)
		p.want(o, "unanswered", want)
	}
}
