package budget

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/sekisho/sekisho/fact"
	"github.com/sekisho/sekisho/number"
)

// TestFactory is the golden list: what an office loses at most before anybody
// has set anything. A figure that changes changes a promise.
func TestFactory(t *testing.T) {
	// yen an hour, an incident, a day, a month, calls at once, numbers a day;
	// yen a call, a minute, to connect, length
	const want = `
unit/abroad: 0 10000 10000 100000, 2, 30; 0 0 0, 0s
extension/abroad: 0 3000 3000 30000, 2, 10; 3000 300 500, 3h0m0s
forward/abroad: 0 1000 1000 5000, 1, 3; 500 0 0, 1h0m0s
unit/premium: 0 3000 3000 30000, 0, 0; 0 0 0, 0s
extension/premium: 0 1000 1000 10000, 0, 0; 1000 300 500, 1h0m0s
forward/premium: 0 300 300 1000, 1, 0; 0 0 0, 0s
unit/mobile: 0 0 200000 2000000, 0, 0; 0 0 0, 0s
extension/mobile: 0 0 10000 100000, 0, 0; 0 0 0, 0s
forward/mobile: 0 0 5000 50000, 0, 0; 0 0 0, 0s
unit/home: 0 0 200000 2000000, 0, 0; 0 0 0, 0s
extension/home: 0 0 10000 100000, 0, 0; 0 0 0, 0s
forward/home: 0 0 5000 50000, 0, 0; 0 0 0, 0s
site/abroad: 0 1000 1000 5000, 1, 3; 500 300 500, 1h0m0s
site/premium: 0 300 300 1000, 1, 0; 0 0 0, 0s
site/mobile: 0 0 30000 300000, 0, 0; 0 0 0, 0s
site/home: 0 0 30000 300000, 0, 0; 0 0 0, 0s
alert/mobile: 0 0 2000 20000, 1, 0; 0 0 0, 5m0s
alert/home: 0 0 1000 10000, 1, 0; 0 0 0, 5m0s
`
	whole := func(m int64) string {
		if m%yen != 0 {
			return fmt.Sprintf("%d thousandths", m)
		}
		return fmt.Sprint(m / yen)
	}
	var got strings.Builder
	got.WriteString("\n")
	for _, l := range Factory() {
		fmt.Fprintf(&got, "%s: %s %s %s %s, %d, %d; %s %s %s, %s\n",
			l.Budget, whole(l.Hour), whole(l.Incident), whole(l.Day), whole(l.Month), l.AtOnce, l.Callees,
			whole(l.Call), whole(l.PerMinute), whole(l.Connect), l.Length)
		if l.GrowTo != 0 || !l.Until.IsZero() {
			t.Errorf("%s grows or ends: %+v", l.Budget, l)
		}
	}
	if got.String() != want {
		t.Errorf("the factory's budgets are%swant%s", got.String(), want)
	}
}

func TestParseName(t *testing.T) {
	for name, want := range map[string]string{
		"unit/abroad": "unit||abroad", "customer/home": "customer||home",
		"extension/201/premium": "extension|201|premium", "extension/mobile": "extension||mobile",
		"forward/201/abroad": "forward|201|abroad", "forward/abroad": "forward||abroad",
		"group/300/home": "group|300|home",
	} {
		s, id, p, ok := ParseName(name)
		if got := fmt.Sprintf("%s|%s|%s", s, id, p); !ok || got != want {
			t.Errorf("%q: %s %v, want %s", name, got, ok, want)
		}
		if got := Name(s, id, p); got != name {
			t.Errorf("%q is named %q", name, got)
		}
	}
	for _, name := range []string{
		"", "unit", "abroad", "unit/", "/abroad", "unit/201/abroad", "customer/c/home", "group/home", "group//home",
		"extension//home", "forward//home", "extension/201/200/home", "extension/201/", "phone/home", "unit/satellite",
		"extension/201/home/abroad", "Unit/abroad",
	} {
		if s, id, p, ok := ParseName(name); ok {
			t.Errorf("%q was read as %q %q %q", name, s, id, p)
		}
	}
	if s, id, p, ok := ParseName("a/b/c/d"); s != "" || id != "" || p != "" || ok {
		t.Errorf("of what is no name, something stays: %q %q %q", s, id, p)
	}
}

func TestFactoryOf(t *testing.T) {
	own := FactoryOf("extension/201/abroad")
	if own.Budget != "extension/201/abroad" ||
		own.Caps != FactoryOf("extension/abroad").Caps || own.Length != 3*time.Hour {
		t.Errorf("an extension's: %+v", own)
	}
	if l := FactoryOf("unit/abroad"); l.Budget != "unit/abroad" || l.Caps.AtOnce != 2 {
		t.Errorf("the unit's: %+v", l)
	}
	if l := FactoryOf("group/300/home"); l != (fact.Limit{Budget: "group/300/home"}) {
		t.Errorf("one that the factory does not bound: %+v", l)
	}
}

// TestWider: each bound counts, 0 is the widest.
func TestWider(t *testing.T) {
	ten := fact.Limit{
		Caps: fact.Caps{Hour: 10, Incident: 10, Day: 10, Month: 10, AtOnce: 10, Callees: 10},
		Call: 10, PerMinute: 10, Connect: 10, Length: 10, GrowTo: 10,
	}
	if Wider(ten, ten) || Wider(fact.Limit{}, fact.Limit{}) {
		t.Error("bounds are wider than themselves")
	}
	if Wider(ten, fact.Limit{GrowTo: 10}) || !Wider(fact.Limit{GrowTo: 10}, ten) {
		t.Error("some bounds are wider than none, or none are not wider than some")
	}
	for name, set := range map[string]func(*fact.Limit, int64){
		"hour":       func(l *fact.Limit, n int64) { l.Hour = n },
		"incident":   func(l *fact.Limit, n int64) { l.Incident = n },
		"day":        func(l *fact.Limit, n int64) { l.Day = n },
		"month":      func(l *fact.Limit, n int64) { l.Month = n },
		"at once":    func(l *fact.Limit, n int64) { l.AtOnce = int(n) },
		"callees":    func(l *fact.Limit, n int64) { l.Callees = int(n) },
		"call":       func(l *fact.Limit, n int64) { l.Call = n },
		"per minute": func(l *fact.Limit, n int64) { l.PerMinute = n },
		"connect":    func(l *fact.Limit, n int64) { l.Connect = n },
		"length":     func(l *fact.Limit, n int64) { l.Length = time.Duration(n) },
	} {
		for n, want := range map[int64]bool{0: true, 1: false, 9: false, 10: false, 11: true} {
			l := ten
			set(&l, n)
			if Wider(l, ten) != want {
				t.Errorf("%s of %d beside 10: wider must be %v", name, n, want)
			}
		}
	}
	told := ten
	told.Warn = 1
	if Wider(told, ten) || Wider(ten, told) {
		t.Error("whether it is told that a call is long is a bound")
	}
	for n, want := range map[int64]bool{0: false, 10: false, 11: true} {
		l := ten
		l.GrowTo = n
		if Wider(l, ten) != want {
			t.Errorf("growing to %d beside 10: wider must be %v", n, want)
		}
	}
}

// TestPots: every class has its pot; what never leaves for a carrier has none.
func TestPots(t *testing.T) {
	got := map[Pot][]string{}
	for _, c := range number.Classes() {
		p := PotOf(number.Destination{Class: c})
		got[p] = append(got[p], c.String())
	}
	for p, want := range map[Pot]string{
		"":      "not-understood emergency extension feature",
		Mobile:  "mobile",
		Premium: "navi premium telegong pager",
		Abroad:  "carrier-select international global-code satellite",
	} {
		have := strings.Join(got[p], " ")
		if len(strings.Fields(have)) != len(strings.Fields(want)) {
			t.Errorf("%q: %s, want %s", p, have, want)
		}
		for w := range strings.FieldsSeq(want) {
			if !strings.Contains(" "+have+" ", " "+w+" ") {
				t.Errorf("%q is without %s: %s", p, w, have)
			}
		}
	}
	for p, want := range map[Pot]bool{Home: true, Mobile: true, Abroad: false, Premium: false, "": false} {
		if p.Ordinary() != want {
			t.Errorf("%q is ordinary: %v", p, !want)
		}
	}
	if len(Pots()) != 4 {
		t.Errorf("pots: %v", Pots())
	}
}
