package unit

import (
	"testing"
	"time"

	"github.com/sekisho/sekisho/fact"
	"github.com/sekisho/sekisho/gate/quarantine"
	"github.com/sekisho/sekisho/wire/sip"
)

// running is a call abroad of 201, a, on a line, b, that its phone's budget pays for
// one minute of. x is what 201 hears.
func running(t *testing.T, pins map[string]string, limits ...fact.Limit) (o *office, x *speaker, a, b *talk) {
	t.Helper()
	o = newOffice(t, officeConfig{
		shards: 1, announcements: 2, pins: pins, lang: "en",
		limits: append(limits, fact.Limit{Budget: "extension/201/abroad", Caps: fact.Caps{Day: 2*minute - 1}}),
	})
	x = newSpeaker(t, o.p201)
	a, b = o.abroad()
	return o, x, a, b
}

// typed tells whether a telephone-event comes within a time, whatever else does.
func (s *speaker) typed(within time.Duration) bool {
	s.t.Helper()
	buf := make([]byte, 2048)
	if err := s.conn.SetReadDeadline(time.Now().Add(within)); err != nil {
		s.t.Fatal(err)
	}
	for {
		n, err := s.conn.Read(buf)
		if err != nil {
			return false
		}
		if n > 12 && buf[1]&0x7f == 101 {
			return true
		}
	}
}

// TestPINKeepsACall: whoever talks when the money is nearly used up types its PIN,
// which nobody else hears, and the call goes on from the person's own budget.
func TestPINKeepsACall(t *testing.T) { inTime(t, testPINKeepsACall) }

func testPINKeepsACall(t *testing.T) {
	o := newOffice(t, officeConfig{
		shards: 1, announcements: 2, pins: map[string]string{"201": myPIN}, lang: "en",
		limits: []fact.Limit{{Budget: "extension/201/abroad", Caps: fact.Caps{Day: 2*minute - 1}}},
	})
	x, y := newSpeaker(t, o.p201), newSpeaker(t, o.hikari)
	a := o.p201.call(gambia, o.p201.description("sendrecv"))
	b := o.hikari.rung()
	b.reply(200, o.hikari.description("sendrecv"))
	to := mediaPort(t, a.response(sip.INVITE, 200))
	a.ack("")
	b.next(sip.ACK)
	x.say(to, 11, y)
	o.talkFor(40 * time.Second)
	if l := x.level(time.Second); l < -30 || l > -10 {
		t.Errorf("the question has %.1f dBm0", l)
	}
	x.press(to, "1#")
	o.eventually("a wrong PIN", func() bool { return len(all[fact.ChallengeFailed](o)) == 1 })
	x.press(to, myPIN+"#")
	o.eventually("more money", func() bool { return o.held() == 4*minute })
	r := last[fact.CallRenewed](o)
	if r.Proven != "201" || r.Hold.Charges[0].Account != "person/201/abroad" || r.Hold.Amount != 3*minute {
		t.Errorf("renewed: %+v", r)
	}
	if p := last[fact.ChallengePassed](o); p.Rule != "budget" || p.Person != "201" || p.Call != r.Call {
		t.Errorf("passed: %+v", p)
	}
	if y.typed(quiet) {
		t.Error("the other side gets a key")
	}
	b.p.expectNone("a digit", isMethod(sip.INFO))
	x.say(to, 33, y)
	if x.press(to, "5"); !y.typed(patience) {
		t.Error("a key is still kept from the other side")
	}
	o.talkFor(50 * time.Second) // beyond what the extension's budget had
	a.bye()
	b.hungUp()
	o.over()
	if e := last[fact.CallEnded](o); e.Reason != "hung up" || len(e.Settled) != 1 || e.Settled[0].Cost != 2*minute {
		t.Errorf("ended: %+v", e)
	}
	for name, want := range map[string]int64{
		"extension/201/abroad": minute, "unit/abroad": minute, "person/201/abroad": minute, "people/abroad": minute,
	} {
		if acc := o.account(name); acc.Held != 0 || acc.Open != 0 || acc.Used(time.Now()).Day != want {
			t.Errorf("%s: %+v", name, acc)
		}
	}
	if acc := o.account("person/201/abroad"); len(acc.Vouched) != 1 {
		t.Errorf("vouched: %+v", acc.Vouched)
	}
	if n := o.unit.slots.Load(); n != 0 {
		t.Errorf("%d announcements still taken", n)
	}
	o.secret(myPIN)
}

// TestSilentOwnerIsCutAsBefore: who is asked and types nothing, or by INFO what is
// wrong, is cut when what was set aside is used up; the other side gets no digit.
func TestSilentOwnerIsCutAsBefore(t *testing.T) { inTime(t, testSilentOwnerIsCutAsBefore) }

func testSilentOwnerIsCutAsBefore(t *testing.T) {
	o, x, a, b := running(t, map[string]string{"201": myPIN})
	o.talkFor(40 * time.Second)
	if !x.hears(0, patience) {
		t.Fatal("nobody asks")
	}
	a.info("12#")
	o.eventually("a wrong PIN", func() bool { return len(all[fact.ChallengeFailed](o)) == 1 })
	a.info("34")
	b.p.expectNone("a digit, or the end", func(m *sip.Message) bool {
		return m.Method() == sip.INFO || m.Method() == sip.BYE
	})
	o.talkFor(14 * time.Second)
	b.hungUp()
	a.hungUp()
	o.over()
	e := last[fact.CallEnded](o)
	if e.Reason != "budget exhausted" || len(e.Settled) != 1 || e.Settled[0].Cost != minute {
		t.Errorf("ended: %+v", e)
	}
	if f := last[fact.ChallengeFailed](o); f.Reason != fact.FailedNoAnswer || f.Rule != "budget" {
		t.Errorf("failed: %+v", f)
	}
	if n := len(all[fact.CallRenewed](o)); n != 0 {
		t.Errorf("renewed %d times", n)
	}
	if acc := o.account("person/201/abroad"); acc.Used(time.Now()).Day != 0 {
		t.Errorf("the person's own: %+v", acc)
	}
}

// TestKeptCallEndsWithItsOwnMoney: a call that was kept is cut when the person's
// money is used up, too, and not later.
func TestKeptCallEndsWithItsOwnMoney(t *testing.T) { inTime(t, testKeptCallEndsWithItsOwnMoney) }

func testKeptCallEndsWithItsOwnMoney(t *testing.T) {
	o, x, a, b := running(t, map[string]string{"201": myPIN},
		fact.Limit{Budget: "person/201/abroad", Caps: fact.Caps{Day: 2*minute - 1}})
	o.talkFor(40 * time.Second)
	if !x.hears(0, patience) {
		t.Fatal("nobody asks")
	}
	a.info(myPIN + "#")
	o.eventually("more money", func() bool { return o.held() == 2*minute })
	o.talkFor(70 * time.Second)
	b.p.expectNone("the end", isMethod(sip.BYE))
	o.talkFor(4 * time.Second)
	b.hungUp()
	a.hungUp()
	o.over()
	if e := last[fact.CallEnded](o); e.Reason != "budget exhausted" || e.Settled[0].Cost != 2*minute {
		t.Errorf("ended: %+v", e)
	}
	if acc := o.account("person/201/abroad"); acc.Held != 0 || acc.Shut != "" || acc.Used(time.Now()).Day != minute {
		t.Errorf("the person's own: %+v", acc)
	}
}

// TestOwnBudgetHasNoRoom: a right PIN whose person has nothing left either keeps no
// call: it is cut as before.
func TestOwnBudgetHasNoRoom(t *testing.T) { inTime(t, testOwnBudgetHasNoRoom) }

func testOwnBudgetHasNoRoom(t *testing.T) {
	o, x, a, b := running(t, map[string]string{"201": myPIN},
		fact.Limit{Budget: "person/201/abroad", Caps: fact.Caps{Day: minute - 1}})
	o.talkFor(40 * time.Second)
	if !x.hears(0, patience) {
		t.Fatal("nobody asks")
	}
	a.info(myPIN + "#")
	o.eventually("the right PIN has the person's own money asked for", func() bool {
		o.notes.mu.Lock()
		defer o.notes.mu.Unlock()
		return o.notes.goOns == 1
	})
	o.talkFor(14 * time.Second)
	b.hungUp()
	a.hungUp()
	o.over()
	if e := last[fact.CallEnded](o); e.Reason != "budget exhausted" || e.Settled[0].Cost != minute {
		t.Errorf("ended: %+v", e)
	}
	if n := len(all[fact.ChallengeFailed](o)); n != 0 {
		t.Errorf("failed %d times", n)
	}
	if acc := o.account("person/201/abroad"); acc.Held != 0 || acc.Open != 0 || acc.Used(time.Now()).Day != 0 {
		t.Errorf("the person's own: %+v", acc)
	}
}

// TestWhoIsNotAskedInTalk: who has no PIN hears the beeps, when it always did.
func TestWhoIsNotAskedInTalk(t *testing.T) { inTime(t, testWhoIsNotAskedInTalk) }

func testWhoIsNotAskedInTalk(t *testing.T) {
	o, x, a, b := running(t, map[string]string{"202": myPIN})
	o.talkFor(40 * time.Second)
	if x.hears(0, quiet) {
		t.Error("something is heard before the beeps")
	}
	o.talkFor(5 * time.Second)
	if !x.hears(0, patience) {
		t.Error("no beep is heard")
	}
	a.bye()
	b.hungUp()
	o.over()
	if n := len(all[fact.ChallengeFailed](o)); n != 0 {
		t.Errorf("%d challenges", n)
	}
}

// TestSetApartWhileAsked: what is set apart while the owner types ends at once.
func TestSetApartWhileAsked(t *testing.T) { inTime(t, testSetApartWhileAsked) }

func testSetApartWhileAsked(t *testing.T) {
	o, x, a, b := running(t, map[string]string{"201": myPIN})
	o.talkFor(40 * time.Second)
	if !x.hears(0, patience) {
		t.Fatal("nobody asks")
	}
	a.info("49")
	q := fact.Quarantine{ID: "q1", Kind: "extension", Value: "201"}
	o.desk.SetPolicy(o.policy(q))
	of := quarantine.Target{Kind: quarantine.Extension, Value: "201"}
	if _, err := o.unit.CutCalls(t.Context(), of, CutOf(q)); err != nil {
		t.Fatal(err)
	}
	b.hungUp()
	a.hungUp()
	o.over()
	if n := len(all[fact.CallRenewed](o)); n != 0 {
		t.Errorf("renewed %d times", n)
	}
}
