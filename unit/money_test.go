package unit

import (
	"testing"
	"time"

	"github.com/sekisho/sekisho/fact"
	"github.com/sekisho/sekisho/gate/budget"
	"github.com/sekisho/sekisho/number/tariff"
	"github.com/sekisho/sekisho/sim/ear"
	"github.com/sekisho/sekisho/wire/sip"
)

// gambia is a number abroad that is open to 201, and what a minute to it costs.
const (
	gambia = "0102203123456"
	minute = int64(170_000)
)

// tariff gives the carriers' prices.
func (o *office) tariff(string) *tariff.Table {
	t, err := tariff.NewTable([]tariff.Rate{
		{Prefix: "220", PerUnit: tariff.Money(minute), Unit: time.Minute},
		{Prefix: "mobile", PerUnit: 16_000, Unit: time.Minute},
	})
	o.must(err)
	return t
}

// talkFor makes the talk of the only call longer than it is.
func (o *office) talkFor(d time.Duration) {
	o.t.Helper()
	done := make(chan struct{})
	for _, v := range o.unit.Calls() {
		c := o.unit.find(v.Call)
		c.tell(func() {
			for _, l := range c.legs {
				if l.meter != nil {
					l.meter.Answered = l.meter.Answered.Add(-d)
					l.armMeter()
				}
			}
			close(done)
		})
	}
	<-done
}

// held is what the legs of all calls know to be set aside for them. A renewal is on
// record before its leg knows of it.
func (o *office) held() int64 {
	var sum tariff.Money
	for _, v := range o.unit.Calls() {
		c, done := o.unit.find(v.Call), make(chan struct{})
		c.tell(func() {
			for _, l := range c.legs {
				if l.meter != nil {
					sum += l.meter.Held
				}
			}
			close(done)
		})
		<-done
	}
	return int64(sum)
}

// linesFree waits until no line has a call.
func (o *office) linesFree() {
	o.t.Helper()
	o.eventually("no channel is left", func() bool {
		for _, l := range o.lines.List(time.Now()) {
			if l.InUse != 0 {
				return false
			}
		}
		return true
	})
}

func isRenewed(f fact.Fact) bool {
	_, ok := f.(fact.CallRenewed)
	return ok
}

func (o *office) account(id string) budget.Account {
	o.t.Helper()
	o.books.mu.Lock()
	defer o.books.mu.Unlock()
	return o.books.accounts[id]
}

// abroad has 201 talk to Gambia.
func (o *office) abroad() (a, b *talk) {
	a = o.p201.call(gambia, o.p201.description("sendrecv"))
	b = o.hikari.rung()
	b.reply(200, o.hikari.description("sendrecv"))
	a.response(sip.INVITE, 200)
	a.ack("")
	b.next(sip.ACK)
	return a, b
}

// TestMoneyOfACall: set aside with the verdict, renewed before it runs out,
// settled at the end.
func TestMoneyOfACall(t *testing.T) { inTime(t, testMoneyOfACall) }

func testMoneyOfACall(t *testing.T) {
	o := newOffice(t, officeConfig{shards: 1, limits: []fact.Limit{}})
	a, b := o.abroad()
	f := last[fact.CallJudged](o)
	if f.Hold == nil || f.Hold.Amount != minute || len(f.Hold.Charges) != 2 {
		t.Fatalf("set aside with the verdict: %+v", f.Hold)
	}
	o.talkFor(50 * time.Second)
	if r := last[fact.CallRenewed](o); r.Call != f.Call || r.Hold.Amount != minute || r.Hold.Leg != f.Hold.Leg {
		t.Errorf("renewed: %+v", r)
	}
	o.talkFor(30 * time.Second)
	a.bye()
	b.hungUp()
	o.over()
	if e := last[fact.CallEnded](o); len(e.Settled) != 1 || e.Settled[0].Cost != 2*minute {
		t.Errorf("settled: %+v", e.Settled)
	}
	if u := o.account("unit/abroad"); u.Held != 0 || u.Open != 0 || u.Used(time.Now()).Day != 2*minute {
		t.Errorf("account: %+v", u)
	}
}

// TestCutWhenTheMoneyIsUsedUp: both legs end before the unit begins that is not
// paid for, and the budget stays shut.
func TestCutWhenTheMoneyIsUsedUp(t *testing.T) { inTime(t, testCutWhenTheMoneyIsUsedUp) }

func testCutWhenTheMoneyIsUsedUp(t *testing.T) {
	o := newOffice(t, officeConfig{shards: 1, limits: []fact.Limit{
		{Budget: "unit/abroad", Caps: fact.Caps{Day: 2*minute - 1}},
	}})
	a, b := o.abroad()
	o.talkFor(50 * time.Second)
	if f := last[fact.BudgetExhausted](o); f.Account != "unit/abroad" || f.Window != fact.WindowDay {
		t.Errorf("exhausted: %+v", f)
	}
	o.talkFor(4 * time.Second)
	b.hungUp()
	a.hungUp()
	e := last[fact.CallEnded](o)
	if e.Reason != "budget exhausted" || len(e.Settled) != 1 || e.Settled[0].Cost != minute {
		t.Errorf("ended: %+v", e)
	}
	again := o.p201.call(gambia, o.p201.description("sendrecv"))
	m := o.p201.expect("the refusal", func(m *sip.Message) bool { return m.Status() >= 400 })
	again.remote = string(m.Value(sip.HeaderTo))
	again.ackRefusal()
	o.over()
	if f := last[fact.CallJudged](o); f.Verb != "challenge" || f.Rule != "budget" || f.Hold != nil {
		t.Errorf("after exhaustion: %+v", f)
	}
	if u := o.account("unit/abroad"); u.Used(time.Now()).Day != minute {
		t.Errorf("account: %+v", u)
	}
}

// TestFailedCallsCostNothing: what was set aside for a line that failed is
// there for the next one, and at the end all of it.
func TestFailedCallsCostNothing(t *testing.T) { inTime(t, testFailedCallsCostNothing) }

func testFailedCallsCostNothing(t *testing.T) {
	o := newOffice(t, officeConfig{shards: 1, limits: []fact.Limit{
		{Budget: "unit/abroad", Caps: fact.Caps{Day: minute, AtOnce: 1}},
	}})
	a := o.p201.call(gambia, o.p201.description("sendrecv"))
	b := o.hikari.rung()
	b.reply(503, "")
	b.next(sip.ACK)
	c := o.backup.rung()
	if f := last[fact.CallJudged](o); f.Line != "l2" || f.Verb != "pass" || len(f.Settled) != 1 {
		t.Errorf("the second line: %+v", f)
	}
	c.reply(486, "")
	c.next(sip.ACK)
	m := o.p201.expect("busy", func(m *sip.Message) bool { return m.Status() >= 400 })
	a.remote = string(m.Value(sip.HeaderTo))
	a.ackRefusal()
	o.over()
	if u := o.account("unit/abroad"); u.Held != 0 || u.Open != 0 || u.Used(time.Now()).Day != 0 {
		t.Errorf("account: %+v", u)
	}
}

// TestCallerIsWarned: before a call ends for want of money its caller hears
// three beeps, and the other side nothing.
func TestCallerIsWarned(t *testing.T) { inTime(t, testCallerIsWarned) }

func testCallerIsWarned(t *testing.T) {
	o := newOffice(t, officeConfig{shards: 1, limits: []fact.Limit{
		{Budget: "unit/abroad", Caps: fact.Caps{Day: 2*minute - 1}},
	}})
	x, y := newSpeaker(t, o.p201), newSpeaker(t, o.hikari)
	a, b := o.abroad()
	if x.hears(0, quiet) {
		t.Error("something is heard before there is a reason")
	}
	o.talkFor(44 * time.Second)
	pcm := x.listen(3 * 400 * time.Millisecond)
	beep := pcm[:min(len(pcm), 1600)]
	if len(pcm) < 3*3200-160 || !ear.Hears(beep, 8000, 400) || ear.Hears(pcm[1760:3040], 8000, 400) {
		t.Errorf("%d samples; %.1f dBm0 in the first beep, %.1f in the pause", len(pcm), ear.Level(beep, 8000, 400),
			ear.Total(pcm[min(len(pcm), 1760):min(len(pcm), 3040)]))
	}
	if x.hears(0, quiet) || y.hears(0, quiet) {
		t.Error("something else is heard, or on the other side")
	}
	o.talkFor(14 * time.Second)
	b.hungUp()
	a.hungUp()
	o.over()
}

// beeps looks that a speaker hears three beeps, and nothing before.
func (s *speaker) beeps() {
	s.t.Helper()
	pcm := s.listen(3 * 400 * time.Millisecond)
	if len(pcm) < 3*3200-160 || !ear.Hears(pcm[:1600], 8000, 400) || ear.Hears(pcm[1760:3040], 8000, 400) {
		s.t.Errorf("no three beeps in %d samples", len(pcm))
	}
}

// TestLongCall: an owner has calls to mobiles end when they are long, and who is inside told
// of it before. It hears beeps when it is long, and before it ends; the other side nothing.
func TestLongCall(t *testing.T) { inTime(t, testLongCall) }

func testLongCall(t *testing.T) {
	o := newOffice(t, officeConfig{shards: 1, limits: []fact.Limit{
		{Budget: "extension/mobile", Warn: 5 * time.Minute, Length: 10 * time.Minute},
		{Budget: "unit/mobile", Warn: 7 * time.Minute},
	}})
	x, y := newSpeaker(t, o.p201), newSpeaker(t, o.hikari)
	a, b := o.outside("09012345678")
	o.talkFor(4 * time.Minute)
	if x.hears(0, quiet) {
		t.Error("something is heard before the call is long")
	}
	o.talkFor(time.Minute)
	x.beeps()
	o.talkFor(3 * time.Minute)
	if x.hears(0, quiet) {
		t.Error("it is told twice that the call is long")
	}
	o.talkFor(105 * time.Second)
	x.beeps()
	if y.hears(0, quiet) {
		t.Error("the other side hears something")
	}
	o.talkFor(15 * time.Second)
	b.hungUp()
	a.hungUp()
	o.over()
	if f := last[fact.CallEnded](o); f.Reason != "too long" {
		t.Errorf("ended: %+v", f)
	}
}

// TestALineThatDoesNotHearTheEnd: as long as a line has not said that it knows
// of a call's end, what is set aside stays so; one that refuses our BYE may
// bill on, so that all of it is spent.
func TestALineThatDoesNotHearTheEnd(t *testing.T) { inTime(t, testALineThatDoesNotHearTheEnd) }

func testALineThatDoesNotHearTheEnd(t *testing.T) {
	for status, cost := range map[int]int64{200: minute, 481: minute, 500: 2 * minute} {
		o := newOffice(t, officeConfig{shards: 1, limits: []fact.Limit{}})
		a, b := o.abroad()
		o.talkFor(50 * time.Second)
		if r := last[fact.CallRenewed](o); r.Hold.Amount != minute {
			t.Errorf("renewed: %+v", r)
		}
		o.eventually("the leg knows", func() bool { return o.held() == 2*minute })
		a.bye()
		bye := b.next(sip.BYE)
		if u := o.account("unit/abroad"); u.Held != 2*minute {
			t.Errorf("before the line answers: %+v", u)
		}
		o.hikari.reply(bye, status, "", "")
		o.over()
		if e := last[fact.CallEnded](o); len(e.Settled) != 1 || e.Settled[0].Cost != cost {
			t.Errorf("%d: %+v", status, e.Settled)
		}
		if u := o.account("unit/abroad"); u.Held != 0 || u.Used(time.Now()).Day != cost {
			t.Errorf("%d: %+v", status, u)
		}
	}
}

// TestALineThatRefusesTheEndWhileMoreIsAskedFor: what is on its way to be set aside
// as a line refuses our BYE is spent, too, from whosever budget it comes; where the
// line takes the BYE it is free again.
func TestALineThatRefusesTheEndWhileMoreIsAskedFor(t *testing.T) {
	inTime(t, testALineThatRefusesTheEndWhileMoreIsAskedFor)
}

func testALineThatRefusesTheEndWhileMoreIsAskedFor(t *testing.T) {
	for status, cost := range map[int][2]int64{200: {minute, minute}, 500: {2 * minute, 4 * minute}} {
		for i, pins := range []map[string]string{nil, {"201": myPIN}} {
			cfg := officeConfig{shards: 1, limits: []fact.Limit{}}
			if pins != nil {
				cfg.announcements, cfg.pins, cfg.lang = 2, pins, "en"
				cfg.limits = append(cfg.limits, fact.Limit{
					Budget: "extension/201/abroad", Caps: fact.Caps{Day: 2*minute - 1},
				})
			}
			o := newOffice(t, cfg)
			disk, written := make(chan struct{}), false
			write := func() {
				if !written {
					close(disk)
				}
				written = true
			}
			t.Cleanup(write) // before the office closes
			o.books.renewed = disk
			x := newSpeaker(t, o.p201)
			a, b := o.abroad()
			o.talkFor(50 * time.Second)
			if pins != nil {
				if !x.hears(0, patience) {
					t.Fatal("nobody asks")
				}
				a.info(myPIN + "#")
			}
			last[fact.CallRenewed](o)
			if held := o.held(); held != minute {
				t.Errorf("%d: the leg knows of %d", status, held)
			}
			a.bye()
			o.hikari.reply(b.next(sip.BYE), status, "", "")
			o.linesFree()
			write()
			o.over()
			if e := last[fact.CallEnded](o); len(e.Settled) != 1 || e.Settled[0].Cost != cost[i] {
				t.Errorf("%d, PIN %v: %+v", status, pins != nil, e.Settled)
			}
			var spent int64
			for _, name := range []string{"unit/abroad", "people/abroad"} {
				u := o.account(name)
				if spent += u.Used(time.Now()).Day; u.Held != 0 || u.Open != 0 {
					t.Errorf("%d, PIN %v, %s: %+v", status, pins != nil, name, u)
				}
			}
			if spent != cost[i] {
				t.Errorf("%d, PIN %v: %d is spent", status, pins != nil, spent)
			}
		}
	}
}
