package unit

import (
	"errors"
	"math"
	"net/netip"
	"testing"
	"time"

	"github.com/sekisho/sekisho/fact"
	"github.com/sekisho/sekisho/sim/ear"
	"github.com/sekisho/sekisho/unit/attendant"
	"github.com/sekisho/sekisho/unit/lamp"
	"github.com/sekisho/sekisho/unit/plan"
	"github.com/sekisho/sekisho/wire/sip"
	"github.com/sekisho/sekisho/wire/sip/stack"
)

// party is somebody in a room: what it hears, and where it speaks to.
type party struct {
	name string
	ear  *speaker
	to   netip.AddrPort
}

// hearEachOther has parties say a tone each, and holds that each hears all the others,
// and not itself. How loud is measured where the machine is the test's own: package media.
func hearEachOther(t *testing.T, all ...party) {
	t.Helper()
	const seconds = 2.0
	hz := []float64{500, 900, 1300, 1700}
	for _, p := range all {
		for p.ear.hears(0, time.Millisecond) { // what was said before
		}
	}
	for i, p := range all {
		p.ear.tone(p.to, hz[i], seconds, nil)
	}
	heard := make([][]int16, len(all))
	done := make(chan int)
	for i, p := range all {
		go func() {
			heard[i] = p.ear.listen(1800 * time.Millisecond)
			done <- i
		}()
	}
	for range all {
		<-done
	}
	for i, p := range all {
		pcm := heard[i][len(heard[i])/2:]
		for j, o := range all {
			got := ear.Level(pcm, 8000, hz[j])
			if i == j && got > -45 || i != j && math.Abs(got+16) > 8 {
				t.Errorf("%s hears %s with %.1f dBm0", p.name, o.name, got)
			}
		}
	}
}

// meets has a phone call a room.
func (o *office) meets(t *testing.T, p *puppet, room string) (*talk, party) {
	t.Helper()
	x := newSpeaker(t, p)
	a := p.call(room, p.description("sendrecv"))
	to := mediaPort(t, a.response(sip.INVITE, 200))
	a.ack("")
	return a, party{p.name, x, to}
}

// talksOutside has 201 call a mobile telephone, which answers; what the carrier's end
// hears, and both ends' calls.
func (o *office) talksOutside(t *testing.T, number string) (a, b *talk, out party) {
	t.Helper()
	a = o.p201.call(number, o.p201.description("sendrecv"))
	b = o.hikari.rung()
	x := newSpeaker(t, o.hikari)
	b.reply(200, o.hikari.description("sendrecv"))
	b.next(sip.ACK)
	a.response(sip.INVITE, 200)
	a.ack("")
	return a, b, party{number, x, mediaPort(t, b.invite)}
}

// TestConference: three phones in a room hear each other; who is the first is told; one
// that leaves is heard no more, one that holds neither; lamps show that they talk.
func TestConference(t *testing.T) { inTime(t, testConference) }

func testConference(t *testing.T) {
	o := newOffice(t, officeConfig{shards: 1, announcements: 4, lang: "en"})
	a, x := o.meets(t, o.p201, "*301")
	if l := x.ear.level(time.Second); l < -30 || l > -10 {
		t.Errorf("the first is told with %.1f dBm0", l)
	}
	b, y := o.meets(t, o.p202, "*301")
	c, z := o.meets(t, o.p203, "*301")
	o.eventually("the first is told no more", func() bool { return x.ear.level(300*time.Millisecond) < -45 })
	lamps, _ := o.unit.Lamps(time.Second)
	for _, l := range lamps {
		if l.State.Phase != lamp.Talking {
			t.Errorf("the lamp of %s shows %+v", l.Entity, l.State)
		}
	}
	if len(lamps) != 3 {
		t.Errorf("%d lamps are on", len(lamps))
	}
	hearEachOther(t, x, y, z)
	c.bye()
	hearEachOther(t, x, y)
	a.bye()
	b.bye()
	o.over()
	left := make(chan int)
	o.stack.Shard(0).Post(func(*stack.Shard) { left <- len(o.unit.gatherings) })
	if n := <-left; n != 0 {
		t.Errorf("%d rooms are left", n)
	}
}

// TestThreeWay: a phone joins whom it talks with on a line and at an extension by a code;
// all three hear each other, and each call ends for itself.
func TestThreeWay(t *testing.T) { inTime(t, testThreeWay) }

func testThreeWay(t *testing.T) {
	o := newOffice(t, officeConfig{shards: 1})
	a := o.p201.call("*39", o.p201.description("sendrecv"))
	a.response(sip.INVITE, 404) // it talks with nobody
	a.ackRefusal()
	a, line, out := o.talksOutside(t, "09012345678")
	a.reinvite(o.p201.description("sendonly"))
	a.ack("")
	b := o.p201.call("202", o.p201.description("sendrecv"))
	y := newSpeaker(t, o.p202)
	at := o.p202.rung()
	at.reply(200, o.p202.description("sendrecv"))
	at.next(sip.ACK)
	b.response(sip.INVITE, 200)
	b.ack("")
	_, x := o.meets(t, o.p201, "*39")
	a.hungUp()
	b.hungUp()
	hearEachOther(t, x, party{"202", y, mediaPort(t, at.invite)}, out)
	if f := last[fact.CallMoved](o); f.Extension != "201" || f.To != "*39" {
		t.Errorf("recorded %+v", f)
	}
	at.bye()
	hearEachOther(t, x, out)
	line.bye()
	o.eventually("one call is left", func() bool { return len(o.unit.Calls()) == 1 })
}

// TestNoLinesAlone: where the last of the office leaves, the lines are hung up on; a line
// that comes first hears music and nobody, until somebody of the office comes.
func TestNoLinesAlone(t *testing.T) { inTime(t, testNoLinesAlone) }

func testNoLinesAlone(t *testing.T) {
	o := newOffice(t, officeConfig{shards: 1, announcements: 4})
	// Two are sent into a room by a phone that is not in it itself.
	a1, l1, one := o.talksOutside(t, "09012345678")
	a1.refer("*302", 202)
	a1.notified("100")
	a1.notified("200")
	a1.hungUp()
	a2, l2, two := o.talksOutside(t, "09012345679")
	a2.refer("*302", 202)
	a2.notified("100")
	a2.notified("200")
	a2.hungUp()
	for two.ear.hears(0, time.Millisecond) { // what was heard in the talk
	}
	one.ear.tone(one.to, 500, 1, nil)
	if heard := two.ear.listen(time.Second); ear.Hears(heard[len(heard)/2:], 8000, 500) {
		t.Error("two lines hear each other, and nobody of the office is there")
	}
	a, x := o.meets(t, o.p201, "*302")
	hearEachOther(t, x, one, two)
	a.bye()
	l1.hungUp()
	l2.hungUp()
	o.over()
}

// TestWhoIsSetApartMeetsNoLine: a phone that is set apart while it is in a room with a
// line is cut.
func TestWhoIsSetApartMeetsNoLine(t *testing.T) { inTime(t, testWhoIsSetApartMeetsNoLine) }

func testWhoIsSetApartMeetsNoLine(t *testing.T) {
	o := newOffice(t, officeConfig{shards: 1, announcements: 4})
	a1, l1, _ := o.talksOutside(t, "09012345678")
	a1.refer("*303", 202)
	a1.notified("100")
	a1.notified("200")
	a1.hungUp()
	o.desk.SetPolicy(o.policy(fact.Quarantine{ID: "q1", Kind: "extension", Value: "202"}))
	a, _ := o.meets(t, o.p202, "*303")
	a.hungUp()
	l1.bye()
	o.over()
}

// TestMoneyEndsOneOfARoom: whose money is used up is hung up on, in time; the others go
// on, and the one who called it pays.
func TestMoneyEndsOneOfARoom(t *testing.T) { inTime(t, testMoneyEndsOneOfARoom) }

func testMoneyEndsOneOfARoom(t *testing.T) {
	o := newOffice(t, officeConfig{shards: 1, announcements: 4, limits: []fact.Limit{
		{Budget: "unit/abroad", Caps: fact.Caps{Day: 2*minute - 1}},
	}})
	a, b := o.abroad()
	a.refer("*304", 202)
	a.notified("100")
	a.notified("200")
	a.hungUp()
	o.eventually("it waits in the room alone", func() bool { return len(o.unit.Calls()) == 1 })
	o.talkFor(56 * time.Second)
	x, _ := o.meets(t, o.p202, "*304")
	y, _ := o.meets(t, o.p203, "*304")
	b.hungUp()
	o.p202.expectNone("a BYE", isMethod(sip.BYE))
	x.bye()
	y.bye()
	o.over()
	if u := o.account("unit/abroad"); u.Used(time.Now()).Day != minute || u.Held != 0 {
		t.Errorf("account: %+v", u)
	}
}

// doors is a script behind rooms, whose first one has a PIN.
type doors struct{ proofs chan string }

func (d doors) Script(asked plan.Asked) attendant.Script {
	if asked.Action == plan.ConferenceEnter || asked.Action == plan.Conference && asked.Digits == "1" {
		return attendant.NewAdmit(d, asked.Digits)
	}
	return nil
}

func (d doors) Prove(room string, pin []byte, who attendant.Caller, done func(error)) {
	d.proofs <- room + " " + string(pin) + " " + who.Line + who.Device
	if room == "1" && string(pin) == "83640275" {
		done(nil)
		return
	}
	done(errors.New("wrong PIN"))
}

// TestConferencePIN: nobody comes into a room that has a PIN without: not who dials it, nor
// who is on a line that leads there; a line is led into no other room.
func TestConferencePIN(t *testing.T) { inTime(t, testConferencePIN) }

func testConferencePIN(t *testing.T) {
	d := doors{proofs: make(chan string, 8)}
	o := newOffice(t, officeConfig{shards: 1, announcements: 4, lang: "en", scripts: d})
	rings := func(ring string) {
		o.routing = []fact.Routed{
			fact.RingsSet{Scope: fact.ScopeUnit, Mode: "night1", Ring: []string{ring}},
			fact.ModeSwitched{Scope: fact.ScopeUnit, Mode: "night1"},
		}
		o.unit.SetPlan(o.plan())
	}
	rings("room-1")
	x := newSpeaker(t, o.p201)
	a := o.p201.call("*301", o.p201.description("sendrecv"))
	to := mediaPort(t, a.response(sip.INVITE, 200))
	a.ack("")
	x.asked(t, to, "conference-pin", "11112222#")
	x.asked(t, to, "pin-wrong", "83640275#")
	if i := spokenAt(t, x.record("conference-first", 1), "conference-first"); i < 0 {
		t.Error("who has the PIN does not come in")
	}
	y := newSpeaker(t, o.hikari)
	b := o.hikari.call("0312345670", o.hikari.description("sendrecv"))
	from := mediaPort(t, b.response(sip.INVITE, 200))
	b.ack("")
	y.asked(t, from, "conference-pin", "83640275#")
	for _, want := range []string{"1 11112222 201-1", "1 83640275 201-1", "1 83640275 l1"} {
		if got := <-d.proofs; got != want {
			t.Errorf("typed was %q, not %q", got, want)
		}
	}
	o.eventually("who calls from outside is in the room", func() bool {
		y.tone(from, 900, 0.3, nil)
		return ear.Hears(x.listen(300*time.Millisecond), 8000, 900)
	})
	b.bye()
	a.bye()
	o.over()

	rings("room-2")
	b = o.hikari.call("0312345670", o.hikari.description("sendrecv"))
	from = mediaPort(t, b.response(sip.INVITE, 200))
	b.ack("")
	for _, asks := range []string{"conference-pin", "pin-wrong", "pin-wrong"} {
		y.asked(t, from, asks, "83640275#")
	}
	if i := spokenAt(t, y.record("mailbox-refused", 1), "mailbox-refused"); i < 0 {
		t.Error("it is not said that it stays shut")
	}
	b.hungUp()
	o.over()
}
