package tempo

import (
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/sekisho/sekisho/number"
	"github.com/sekisho/sekisho/number/tariff"
	"github.com/sekisho/sekisho/text"
)

const (
	freetown = "01023276123456" // Sierra Leone
	london   = "010442071234567"
)

// sl is a number of Sierra Leone.
func sl(tail string) string { return "010232" + tail }

// scenes has one for each sign: what it takes to be seen, and its like that is
// nothing.
var scenes = map[string]func(p *player){
	"debut": func(p *player) {
		o := p.talk("201", freetown, time.Minute)
		p.want(o, "debut", Weak)
		if o.Level != Noted {
			p.t.Errorf("a first call alone is %s", o.Level)
		}
		p.talk("201", sl("77111111"), time.Minute)
		p.want(p.talk("201", sl("78222222"), time.Minute), "debut", Strong)
	},
	"debut of what was opened": func(p *player) {
		p.open["SL"] = true
		p.want(p.talk("201", freetown, time.Minute), "debut", None)
	},
	"debut of what is known": func(p *player) {
		for range 4 {
			p.talk("201", freetown, time.Minute)
			p.wait(3 * 24 * time.Hour)
		}
		p.want(p.talk("202", sl("77111111"), time.Minute), "debut", None)
	},
	"debut redialed": func(p *player) {
		for range 9 {
			p.want(p.miss("201", freetown), "debut", Weak)
		}
	},
	"moved": func(p *player) {
		p.talk("201", "0312345678", time.Minute)
		p.wait(9 * 24 * time.Hour)
		p.want(p.talk("201", freetown, time.Minute), "moved", None)
		p.from = netip.MustParseAddr("192.168.7.9")
		p.want(p.talk("201", freetown, time.Minute), "moved", Weak)
		p.from = netip.MustParseAddr("203.0.113.9")
		p.want(p.talk("201", freetown, time.Minute), "moved", Strong)
	},
	"moved with another User-Agent": func(p *player) {
		p.agent = "Saxa 12"
		p.talk("201", "0312345678", time.Minute)
		p.wait(9 * 24 * time.Hour)
		p.agent, p.from = "friendly", netip.MustParseAddr("192.168.7.9")
		p.want(p.talk("201", freetown, time.Minute), "moved", Strong)
	},
	"moved with the office": func(p *player) {
		p.talk("201", "0312345678", time.Minute)
		p.wait(9 * 24 * time.Hour)
		p.from = netip.MustParseAddr("198.51.100.3")
		for _, ext := range []string{"202", "203", "201"} {
			p.note(Registered, p.event(ext, ""))
		}
		p.want(p.talk("201", freetown, time.Minute), "moved", None)
	},
	"contacts": func(p *player) {
		e := p.event("201", "")
		e.Contacts = 2
		p.note(Registered, e)
		p.want(p.talk("201", freetown, time.Minute), "contacts", Weak)
	},
	"fetched": func(p *player) {
		p.talk("201", "0312345678", time.Minute)
		p.note(Fetched, p.event("201", "")) // the phone itself
		p.want(p.talk("201", freetown, time.Minute), "fetched", None)
		home := p.from
		p.from = netip.MustParseAddr("203.0.113.9")
		p.note(Fetched, p.event("201", ""))
		p.want(p.talk("201", freetown, time.Minute), "fetched", Strong)
		p.from = home
		p.want(p.talk("201", freetown, time.Minute), "fetched", Weak)
		p.wait(25 * time.Hour)
		p.want(p.talk("201", freetown, time.Minute), "fetched", None)
	},
	"lapsed": func(p *player) {
		p.open["SL"] = true
		_, e := p.dial("201", freetown)
		p.note(Lapsed, e)
		p.want(p.talk("201", freetown, time.Minute), "lapsed", Weak)
		p.note(Lapsed, e)
		p.want(p.talk("201", freetown, time.Minute), "lapsed", Weak)
		_, e = p.dial("201", london)
		p.note(Lapsed, e)
		p.want(p.talk("201", freetown, time.Minute), "lapsed", Strong)
		p.note(Proved, e)
		p.want(p.talk("201", freetown, time.Minute), "lapsed", None)
	},
	"off-hours": func(p *player) {
		p.open["SL"] = true
		p.want(p.talk("201", freetown, time.Minute), "off-hours", None)
		p.wait(16 * time.Hour)
		o := p.talk("201", freetown, time.Minute)
		p.want(o, "off-hours", Weak)
		if got := o.sign("off-hours").Figures[0]; got != 2 {
			p.t.Errorf("it is %d o'clock, want 2", got)
		}
		for range 10 { // people work at night here
			p.talk("202", "0312345678", time.Minute)
		}
		p.want(p.talk("201", freetown, time.Minute), "off-hours", None)
	},
	"forwarded": func(p *player) {
		_, e := p.dial("201", freetown)
		p.note(Forwarded, e)
		p.want(p.talk("201", freetown, time.Minute), "forwarded", None)
		e = p.event("201", freetown)
		e.Call, e.Forward = "f", true
		p.want(p.w.Attempt(p.now, e), "forwarded", Weak)
		p.wait(25 * time.Hour)
		p.want(p.w.Attempt(p.now, e), "forwarded", None)
	},
	"callback": func(p *player) {
		e := p.event("", freetown)
		e.Ring = 30 * time.Second
		p.note(Missed, e)
		p.want(p.talk("201", freetown, time.Minute), "callback", None)
		e.Ring = 2 * time.Second
		p.note(Missed, e)
		p.want(p.talk("201", sl("76123999"), time.Minute), "callback", Strong)
		p.open["SL"] = true
		p.want(p.talk("201", freetown, time.Minute), "callback", Weak)
		p.want(p.talk("201", london, time.Minute), "callback", None)
		p.wait(49 * time.Hour)
		p.want(p.talk("201", freetown, time.Minute), "callback", None)
	},
	"silent": func(p *player) {
		for i, want := range []Strength{None, Weak, Strong} {
			o, e := p.dial("201", freetown)
			p.want(o, "silent", want)
			p.wait(time.Second).note(Answered, e)
			e.Silent, e.Talk = true, time.Duration(i+1)*time.Minute
			p.wait(time.Minute).note(Ended, e)
		}
	},
}

// patterns are scenes of signs that take many calls.
var patterns = map[string]func(p *player){
	"repeat": func(p *player) {
		for i := range 7 {
			want := graded(int64(i), 3, 6)
			p.want(p.talk("201", freetown, 5*time.Minute), "repeat", want)
		}
		p.wait(2 * time.Hour)
		p.want(p.talk("201", freetown, time.Minute), "repeat", None)
	},
	"repeat of a busy number": func(p *player) {
		for range 20 {
			p.want(p.miss("201", freetown), "repeat", None)
		}
	},
	"sequence": func(p *player) {
		for i, n := range []string{"76123001", "76123002", "76123003", "76123004", "76123005"} {
			p.want(p.miss("201", sl(n)), "sequence", graded(int64(i+1), 3, 5))
		}
	},
	"short": func(p *player) {
		for i, n := range []string{"7610", "7720", "7830", "7940", "3050", "3160", "3270"} {
			p.want(p.talk("201", sl(n+"0001"), 4*time.Second), "short", graded(int64(i), 3, 6))
		}
		p.talk("201", london, 5*time.Minute)
		p.want(p.talk("201", freetown, 5*time.Minute), "short", None)
	},
	"trial": func(p *player) {
		for _, n := range []string{"76100001", "77200002", "78300003"} {
			p.want(p.talk("201", sl(n), 4*time.Second), "trial", None)
		}
		p.wait(10 * time.Hour)
		p.want(p.talk("201", sl("79400004"), time.Minute), "trial", None)
		p.want(p.talk("201", sl("77200999"), time.Minute), "trial", Strong)
	},
	"unanswered": func(p *player) {
		tails := []string{"76100001", "77200002", "78300003", "79400004", "30500005", "31600006"}
		for _, n := range tails {
			p.want(p.miss("201", sl(n)), "unanswered", None)
		}
		p.want(p.miss("201", freetown), "unanswered", Weak)
		for range 4 {
			p.miss("201", freetown)
		}
		p.want(p.miss("201", freetown), "unanswered", Strong)
	},
	"unanswered fax": func(p *player) {
		for range 20 {
			p.want(p.miss("201", freetown), "unanswered", None)
		}
	},
	"spelling": func(p *player) {
		p.want(p.miss("201", freetown), "spelling", None)
		p.want(p.miss("201", freetown), "spelling", None)
		p.want(p.miss("201", "+23276123456"), "spelling", Weak)
		p.want(p.miss("201", london), "spelling", None)
		p.want(p.miss("201", "+442071234567"), "spelling", Strong)
	},
	"scan": func(p *player) {
		for i := range 8 {
			p.want(p.miss("201", freetown), "scan", graded(int64(i), 3, 8))
			p.note(Refused, p.event("201", "*,010232"))
		}
		p.want(p.miss("201", freetown), "scan", Strong)
		p.wait(11 * time.Minute)
		p.want(p.miss("201", freetown), "scan", None)
	},
	"parallel": func(p *player) {
		for i := range 4 {
			p.want(p.hold("201", freetown), "parallel", graded(int64(i), 1, 3))
		}
		p.want(p.hold("202", freetown), "parallel", None)
		p.wait(5 * time.Hour) // whatever was not reported ended
		p.want(p.hold("201", freetown), "parallel", None)
	},
	"surge of one call told of twice": func(p *player) {
		p.open["SL"], p.price = true, tariff.PriceMax
		_, e := p.dial("201", freetown)
		p.note(Answered, e)
		e.Talk = 1 << 62
		for range 3 {
			p.note(Ended, e)
		}
		if s := &p.w.unit.Spent; s.Now != moneyMost {
			p.t.Errorf("%d is counted, want %d", s.Now, int64(moneyMost))
		}
		p.want(p.talk("201", freetown, time.Minute), "surge", Strong)
		p.price = tariff.Yen
		_, e = p.dial("202", freetown)
		p.wait(2*time.Hour).note(Answered, e)
		e.Talk = time.Minute
		for range 3 {
			p.note(Ended, e)
		}
		if s := &p.w.unit.Spent; s.Now != 1000 {
			p.t.Errorf("a minute for ¥1 counts %d", s.Now)
		}
	},
	"price": func(p *player) {
		p.price = priceUsual - 1
		p.want(p.miss("201", freetown), "price", None)
		p.price = priceUsual
		o := p.miss("201", sl("77111111"))
		p.want(o, "price", Weak)
		if got := o.sign("price").Figures; got != [2]int64{100, 100} || o.Level != Challenge {
			p.t.Errorf("a new country at a dear price is %s: %v", o.Level, got)
		}
		p.price = 0 // nobody knows it
		p.want(p.miss("201", sl("78222222")), "price", Weak)
		p.open["SL"] = true
		p.want(p.miss("201", sl("79333333")), "price", None)
	},
	"price of what was proved": func(p *player) {
		p.price = 200 * tariff.Yen
		o, e := p.dial("201", freetown)
		p.want(o, "price", Weak)
		p.note(Proved, e)
		o = p.talk("202", sl("77111111"), time.Minute)
		p.want(o, "price", None)
		p.want(o, "debut", None)
	},
	"surge": func(p *player) {
		p.open["SL"] = true
		p.price = 300_000
		for range 40 { // 40 hours with calls of ¥300
			p.talk("201", freetown, time.Minute)
			p.wait(2 * time.Hour)
		}
		p.want(p.talk("201", freetown, 5*time.Minute), "surge", None)
		p.talk("202", freetown, 15*time.Minute)
		p.want(p.talk("203", freetown, 10*time.Minute), "surge", Weak)
		p.want(p.talk("204", freetown, time.Minute), "surge", Strong)
	},
}

func TestSigns(t *testing.T) {
	for _, of := range []map[string]func(p *player){scenes, patterns} {
		for name, scene := range of {
			t.Run(name, func(t *testing.T) { scene(play(t)) })
		}
	}
}

// TestEverySignIsExplained: a person can read each sign, with its figures.
func TestEverySignIsExplained(t *testing.T) {
	for _, name := range Names() {
		s := Sign{Name: name, Figures: [2]int64{12345, 67890}}
		for _, lang := range []text.Lang{text.EN, text.JA} {
			said := text.Say(lang, text.Key(s.Key()), s.Args()[0], s.Args()[1])
			if !strings.Contains(said, "12345") || !strings.Contains(said, "67890") {
				t.Errorf("%s: %q does not say its figures", name, said)
			}
		}
		if !text.Key("tempo.why." + name).Known() {
			t.Errorf("%s: no sentence says why", name)
		}
	}
}

// TestEmergencyIsNobodysBusiness: no memory, no opinion.
func TestEmergencyIsNobodysBusiness(t *testing.T) {
	p := play(t)
	p.wait(16 * time.Hour)
	for range 50 {
		if o, e := p.dial("201", "119"); o.Level != Quiet || e.Destination.Class != number.Emergency {
			t.Fatalf("an emergency call is %s", o.Level)
		}
	}
	if len(p.w.names) > 0 {
		t.Error("it is remembered")
	}
}
