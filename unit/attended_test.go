package unit

import (
	"net/netip"
	"slices"
	"testing"
	"time"

	"github.com/sekisho/sekisho/fact"
	"github.com/sekisho/sekisho/text"
	"github.com/sekisho/sekisho/text/speech"
	"github.com/sekisho/sekisho/unit/attendant"
	"github.com/sekisho/sekisho/unit/call"
	"github.com/sekisho/sekisho/unit/plan"
	"github.com/sekisho/sekisho/wire/sip"
)

// scriptOf has one script behind the echo test's code, and behind announcements.
type scriptOf func() attendant.Script

func (f scriptOf) Script(asked plan.Asked) attendant.Script {
	if asked.Action != plan.EchoTest && asked.Action != plan.SayTime && asked.Action != plan.Announce {
		return nil
	}
	return f()
}

// TestEchoTest: who dials the code hears a beep and then itself; a key ends it.
func TestEchoTest(t *testing.T) { inTime(t, testEchoTest) }

func testEchoTest(t *testing.T) {
	o := newOffice(t, officeConfig{
		shards: 1, announcements: 1, scripts: scriptOf(func() attendant.Script { return attendant.NewEcho() }),
	})
	x := newSpeaker(t, o.p201)
	a := o.p201.call("*96", o.p201.description("sendrecv"))
	to := mediaPort(t, a.response(sip.INVITE, 200))
	a.ack("")
	if l := x.level(300 * time.Millisecond); l < -22 || l > -14 {
		t.Errorf("the beep has %.1f dBm0", l)
	}
	x.say(to, 0x31, x)
	x.press(to, "#")
	a.hungUp()
	o.over()
	if f := last[fact.CallEnded](o); f.Reason != "feature" || f.Status != 200 || !f.Answered.IsZero() {
		t.Errorf("recorded %+v", f)
	}
}

// TestClock: who dials the code hears the date, the time and its own extension.
func TestClock(t *testing.T) { inTime(t, testClock) }

func testClock(t *testing.T) {
	zone := time.FixedZone("JST", 9*60*60)
	o := newOffice(t, officeConfig{
		shards: 1, announcements: 1, lang: "en",
		scripts: scriptOf(func() attendant.Script { return attendant.NewClock(zone) }),
	})
	x := newSpeaker(t, o.p201)
	begun := time.Now()
	a := o.p201.call("*99", o.p201.description("sendrecv"))
	to := mediaPort(t, a.response(sip.INVITE, 200))
	a.ack("")
	recorded := x.record("digit-1", 1) // the end of 201, or the hour
	for spokenAt(t, recorded, "word-your-number") < 0 && time.Since(begun) < recordMax {
		recorded = append(recorded, x.record("word-your-number", 1)...)
	}
	if n := spokenAt(t, recorded, "word-your-number"); n >= 0 && spokenAt(t, recorded[n:], "digit-1") < 0 {
		recorded = append(recorded, x.record("digit-1", 1)...)
	}
	x.press(to, "#")
	a.hungUp()
	o.over()
	if !heard(t, recorded, clockAt(begun.In(zone))) && !heard(t, recorded, clockAt(time.Now().In(zone))) {
		t.Errorf("not heard: %v", clockAt(begun.In(zone)))
	}
}

// clockAt is what is to be heard at a time, in its order.
func clockAt(at time.Time) []string {
	return slices.Concat([]string{"word-now"}, speech.Date(text.EN, at), speech.Clock(text.EN, at),
		[]string{"word-your-number", "digit-2", "digit-0", "digit-1"})
}

// heard tells whether words are there whole, one after the other.
func heard(t *testing.T, recorded []byte, names []string) bool {
	for _, name := range names {
		i := spokenAt(t, recorded, name)
		if i < 0 {
			return false
		}
		recorded = recorded[i+1:]
	}
	return true
}

// exchange puts its caller through to what follows a key, and notes what came of it.
type exchange struct {
	attendant.Echo

	to   map[byte]string
	hear call.Hear
	back chan call.Refusal
	said chan bool
	end  chan attendant.Caller
}

func newExchange(to map[byte]string, hear call.Hear) *exchange {
	return &exchange{
		to: to, hear: hear, back: make(chan call.Refusal, 8), said: make(chan bool, 8),
		end: make(chan attendant.Caller, 1),
	}
}

func (e *exchange) Begin(h attendant.Host) { h.Say(attendant.Speech("busy")) }

func (e *exchange) Said(_ attendant.Host, whole bool) { e.said <- whole }

func (e *exchange) Key(h attendant.Host, key byte) {
	switch to, ok := e.to[key]; {
	case ok:
		h.Connect(to, e.hear)
	case key == '0':
		h.Withdraw()
	default:
		h.HangUp(call.Refusal{})
	}
}

func (e *exchange) Back(_ attendant.Host, r call.Refusal) { e.back <- r }

func (e *exchange) End(h attendant.Host) { e.end <- h.Caller() }

// dialsIn has 201 dial the script's code and listen to it.
func (o *office) dialsIn(t *testing.T, x *speaker) (a *talk, to netip.AddrPort) {
	t.Helper()
	a = o.p201.call("*96", o.p201.description("sendrecv"))
	to = mediaPort(t, a.response(sip.INVITE, 200))
	a.ack("")
	if l := x.level(time.Second); l < -30 || l > -10 {
		t.Errorf("what is said has %.1f dBm0", l)
	}
	return a, to
}

// TestWhoIsAttendedIsPutThrough: the unit rings whom a key stands for, takes the caller
// back where nobody is there, and lets go of it when somebody answers.
func TestWhoIsAttendedIsPutThrough(t *testing.T) { inTime(t, testWhoIsAttendedIsPutThrough) }

func testWhoIsAttendedIsPutThrough(t *testing.T) {
	e := newExchange(map[byte]string{'2': "202", '3': "203"}, call.HearMusic)
	o := newOffice(t, officeConfig{
		shards: 1, announcements: 1, scripts: scriptOf(func() attendant.Script { return e }),
	})
	x := newSpeaker(t, o.p201)
	a, to := o.dialsIn(t, x)
	a.info("2")
	b := o.p202.rung()
	b.reply(180, "")
	b.reply(486, "")
	if r := <-e.back; r.Status != 486 {
		t.Errorf("told %+v", r)
	}
	a.info("2")
	b = o.p202.rung()
	b.reply(180, "")
	a.info("0")
	b.canceled()
	if r := <-e.back; r.Status != 487 {
		t.Errorf("told %+v", r)
	}
	a.info("3")
	y := newSpeaker(t, o.p203)
	b = o.p203.rung()
	b.reply(200, o.p203.description("sendrecv"))
	b.next(sip.ACK)
	x.say(to, 0x41, y)
	if who := <-e.end; who.Extension != "201" || who.Device != "201-1" || who.Called != "203" {
		t.Errorf("it was %+v", who)
	}
	a.bye()
	b.hungUp()
	o.over()
	if f := last[fact.CallEnded](o); f.Answerer != "203-1" || f.Answered.IsZero() {
		t.Errorf("recorded %+v", f)
	}
}

// TestWhoIsAttendedIsJudged: what the unit puts its caller through to is judged as if
// the caller had dialed it, who can be asked for its PIN; where it is refused the unit
// goes on talking with it, and nothing reaches a line.
func TestWhoIsAttendedIsJudged(t *testing.T) { inTime(t, testWhoIsAttendedIsJudged) }

func testWhoIsAttendedIsJudged(t *testing.T) {
	e := newExchange(map[byte]string{'2': "#010227712345678", '3': "*33", '4': "09012345678"}, call.HearRinging)
	o := newOffice(t, officeConfig{
		shards: 1, announcements: 2, scripts: scriptOf(func() attendant.Script { return e }),
		pins: map[string]string{"201": myPIN}, lang: "en",
	})
	o.askAlways()
	x := newSpeaker(t, o.p201)
	a, to := o.dialsIn(t, x)
	for _, key := range []string{"2", "3"} {
		a.info(key)
		if r := <-e.back; r.Status < 400 {
			t.Errorf("key %s came to %+v", key, r)
		}
	}
	if f := last[fact.CallJudged](o); f.Dialed != "#010227712345678" || f.Verb != "refuse" {
		t.Errorf("judged %+v", f)
	}
	o.hikari.expectNone("an INVITE", isMethod(sip.INVITE))
	a.info("4")
	if l := x.level(time.Second); l < -30 || l > -10 {
		t.Errorf("the question has %.1f dBm0", l)
	}
	x.press(to, myPIN+"#")
	y := newSpeaker(t, o.hikari)
	b := o.hikari.rung()
	b.reply(200, o.hikari.description("sendrecv"))
	b.next(sip.ACK)
	x.say(to, 0x41, y)
	f := last[fact.CallJudged](o)
	if f.Party.Extension != "201" || f.Party.Origin != "dialed" || f.Dialed != "09012345678" || f.Verb != "pass" {
		t.Errorf("judged %+v", f)
	}
	a.bye()
	b.hungUp()
	o.over()
}

// TestWhoCallsFromOutsideIsAttended: whom the unit answers on a line reaches the
// office's phones, and nothing outside; what it calls is line to line.
func TestWhoCallsFromOutsideIsAttended(t *testing.T) {
	inTime(t, testWhoCallsFromOutsideIsAttended)
}

func testWhoCallsFromOutsideIsAttended(t *testing.T) {
	e := newExchange(map[byte]string{'2': "09012345678", '3': "203"}, call.HearSame)
	o := newOffice(t, officeConfig{
		shards: 1, announcements: 1, scripts: scriptOf(func() attendant.Script { return e }),
	})
	x := newSpeaker(t, o.hikari)
	a := o.hikari.call("0312345670", o.hikari.description("sendrecv"))
	b := o.p202.rung()
	b.reply(200, o.p202.description("sendrecv"))
	to := mediaPort(t, a.response(sip.INVITE, 200))
	a.ack("")
	b.next(sip.ACK)
	b.refer("*96", 202)
	b.notified("100")
	b.notified("200")
	b.hungUp()
	if l := x.level(time.Second); l < -30 || l > -10 {
		t.Errorf("what is said has %.1f dBm0", l)
	}
	x.press(to, "2")
	if r := <-e.back; r.Status != 403 || r.Prompt != "barred" {
		t.Errorf("told %+v", r)
	}
	if f := last[fact.CallJudged](o); f.Party.Origin != "line-to-line" || f.Verb != "refuse" {
		t.Errorf("judged %+v", f)
	}
	x.press(to, "3")
	y := newSpeaker(t, o.p203)
	b = o.p203.rung()
	b.reply(200, o.p203.description("sendrecv"))
	b.next(sip.ACK)
	x.say(to, 0x41, y)
	b.bye()
	a.hungUp()
	o.over()
}

// TestClosedOffice: a number that rings an announcement in its mode says it twice to who
// calls, rings nobody, and hangs up; the call is on record as one that the unit answered.
func TestClosedOffice(t *testing.T) { inTime(t, testClosedOffice) }

func testClosedOffice(t *testing.T) {
	o := newOffice(t, officeConfig{
		shards: 1, announcements: 1, lang: "en",
		scripts: scriptOf(func() attendant.Script { return attendant.NewAnnouncement(plan.RingsClosed) }),
	})
	o.routing = []fact.Routed{
		fact.RingsSet{Scope: fact.ScopeUnit, Mode: "night1", Ring: []string{plan.RingsClosed}},
		fact.ModeSwitched{Scope: fact.ScopeUnit, Mode: "night1"},
	}
	o.unit.SetPlan(o.plan())
	x := newSpeaker(t, o.hikari)
	a := o.hikari.call("0312345670", o.hikari.description("sendrecv"))
	a.response(sip.INVITE, 200)
	a.ack("")
	recorded := x.record(plan.RingsClosed, 2)
	if i := spokenAt(t, recorded, plan.RingsClosed); i < 0 || spokenAt(t, recorded[i+1:], plan.RingsClosed) < 0 {
		t.Errorf("it is not said twice: %d bytes", len(recorded))
	}
	a.hungUp()
	o.over()
	f := last[fact.CallEnded](o)
	if f.Reason != "announced" || f.Answerer != answererSelf || f.Answered.IsZero() || f.Status != 200 {
		t.Errorf("recorded %+v", f)
	}
	o.p202.expectNone("an INVITE", isMethod(sip.INVITE))
}
