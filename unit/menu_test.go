package unit

import (
	"bytes"
	"testing"
	"time"

	"github.com/sekisho/sekisho/fact"
	"github.com/sekisho/sekisho/unit/attendant"
	"github.com/sekisho/sekisho/unit/plan"
	"github.com/sekisho/sekisho/wire/rtp/g711"
	"github.com/sekisho/sekisho/wire/sip"
)

// menus has the menus of a plan, which say a second of a tone.
type menus struct{ o *office }

func (s menus) Script(asked plan.Asked) attendant.Script {
	p := s.o.unit.Plan()
	m, ok := p.Menu(asked.Digits)
	if asked.Action != plan.Menu || !ok {
		return nil
	}
	to := map[byte]string{}
	for _, c := range m.Choices {
		to[c.Key[0]] = c.To
	}
	tone := bytes.Repeat([]byte{g711.EncodeMu(4000), g711.EncodeMu(-4000)}, 4000)
	return attendant.NewMenu(attendant.Choices{
		Greeting: tone, To: to, Otherwise: m.Otherwise, Inside: p.Inside, Begins: p.Begins,
	})
}

// withMenu is an office whose number leads to the menu 700.
func withMenu(t *testing.T) *office {
	t.Helper()
	s := &menus{}
	o := newOffice(t, officeConfig{shards: 1, announcements: 2, lang: "en", scripts: s})
	s.o = o
	o.routing = []fact.Routed{
		fact.MenuSet{
			Menu: "700", Otherwise: "203", Choices: []fact.MenuChoice{{Key: "1", To: "202"}, {Key: "9", To: "701"}},
		},
		fact.MenuSet{Menu: "701", Choices: []fact.MenuChoice{{Key: "3", To: "203"}}},
		fact.RingsSet{Scope: fact.ScopeUnit, Mode: "day", Ring: []string{"700"}},
	}
	o.unit.SetPlan(o.plan())
	return o
}

// TestMenu: who calls from outside hears the menu and is put through by a key, by a menu
// behind it, or by an extension that it types; a phone dials the menu as well.
func TestMenu(t *testing.T) { inTime(t, testMenu) }

func testMenu(t *testing.T) {
	o := withMenu(t)
	for keys, by := range map[string]*puppet{"1": o.p202, "93": o.p203, "203": o.p203} {
		x := newSpeaker(t, o.hikari)
		a := o.hikari.call("0312345670", o.hikari.description("sendrecv"))
		to := mediaPort(t, a.response(sip.INVITE, 200))
		a.ack("")
		if l := x.level(500 * time.Millisecond); l < -20 || l > -8 {
			t.Errorf("the menu has %.1f dBm0", l)
		}
		for _, key := range keys {
			x.press(to, string(key))
		}
		y := newSpeaker(t, by)
		b := by.rung()
		b.reply(200, by.description("sendrecv"))
		b.next(sip.ACK)
		x.say(to, 0x51, y)
		b.bye()
		a.hungUp()
		o.over()
		if f := last[fact.CallEnded](o); f.Answerer != by.name+"-1" || f.Answered.IsZero() {
			t.Errorf("%s: recorded %+v", keys, f)
		}
	}
	a := o.p201.presses("700")
	a.info("1")
	b := o.p202.rung()
	b.reply(486, "")
	a.bye()
	o.over()
}

// TestMenuReachesNoLine: what a caller from outside types at a menu makes no call, and no
// attempt at one.
func TestMenuReachesNoLine(t *testing.T) { inTime(t, testMenuReachesNoLine) }

func testMenuReachesNoLine(t *testing.T) {
	o := withMenu(t)
	x := newSpeaker(t, o.hikari)
	a := o.hikari.call("0312345670", o.hikari.description("sendrecv"))
	to := mediaPort(t, a.response(sip.INVITE, 200))
	a.ack("")
	for _, keys := range []string{"00", "010232#", "8*77#", "5555555"} {
		x.press(to, keys)
	}
	b := o.p203.rung() // whoever is there where nothing is chosen
	b.reply(200, o.p203.description("sendrecv"))
	b.next(sip.ACK)
	b.bye()
	a.hungUp()
	o.over()
	if n := len(all[fact.CallJudged](o)); n != 0 {
		t.Errorf("%d attempts outside", n)
	}
	o.backup.expectNone("an INVITE", isMethod(sip.INVITE))
}
