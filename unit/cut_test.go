package unit

import (
	"strings"
	"testing"
	"time"

	"github.com/sekisho/sekisho/fact"
	"github.com/sekisho/sekisho/gate/quarantine"
	"github.com/sekisho/sekisho/wire/sip"
)

// setApart puts a quarantine in force, as app does, and gives how many calls it
// cut.
func (o *office) setApart(kind quarantine.Kind, value string) int {
	o.t.Helper()
	q := fact.Quarantine{ID: "q1", Kind: string(kind), Value: value, Reason: "fraud", CreatedBy: "owner"}
	o.desk.SetPolicy(o.policy(q))
	n, err := o.unit.CutCalls(o.t.Context(), quarantine.Target{Kind: kind, Value: value}, CutOf(q))
	o.must(err)
	return n
}

// up makes a call that is answered.
func (o *office) up(from *puppet, dialed string, to *puppet) (a, b *talk) {
	o.t.Helper()
	a = from.call(dialed, from.description("sendrecv"))
	b = to.rung()
	b.reply(200, to.description("sendrecv"))
	a.response(sip.INVITE, 200)
	a.ack("")
	b.next(sip.ACK)
	return a, b
}

// refused makes a call that is set apart.
func (o *office) refused(from *puppet, dialed string) {
	o.t.Helper()
	a := from.call(dialed, from.description("sendrecv"))
	if m := a.response(sip.INVITE, 603); string(m.ReasonPhrase()) != "Set Apart" {
		o.t.Errorf("%s calls %s: 603 %s", from.name, dialed, m.ReasonPhrase())
	}
	a.ackRefusal()
	if f := last[fact.CallJudged](o); f.Rule != "quarantine" || f.Verb != "refuse" {
		o.t.Errorf("judged %+v", f)
	}
}

func hangUp(a, b *talk) {
	a.p.t.Helper()
	a.bye()
	b.hungUp()
}

// TestAnExtensionSetApart loses its outside calls, those that come in too, and
// keeps internal and emergency ones.
func TestAnExtensionSetApart(t *testing.T) {
	withShards(t, func(t *testing.T, shards int) {
		o := newOffice(t, officeConfig{shards: shards, channels: 8})
		a, b := o.up(o.p202, "09012345678", o.hikari)
		c, d := o.up(o.hikari, "0312345670", o.p202)
		other, outside := o.up(o.p201, "09012345678", o.hikari)
		inside, across := o.up(o.p203, "202", o.p202)
		police, desk := o.up(o.p202, "110", o.hikari)
		if n := o.setApart(quarantine.Extension, "202"); n != 2 {
			t.Errorf("%d calls cut, want 2", n)
		}
		for _, side := range []*talk{a, b, c, d} {
			if r := string(side.hungUp().Value(sip.HeaderReason)); !strings.HasPrefix(r, "SIP;cause=603") {
				t.Errorf("%s is told %q", side.p.name, r)
			}
		}
		o.eventually("two calls ended as cut", func() bool { return o.books.count(isCutEnd) == 2 })
		if f := last[fact.CallCut](o); f.Rule != "quarantine" || f.Quarantine != "q1" || f.By != "owner" ||
			f.Reason != "fraud" || f.At.IsZero() || f.Call == "" {
			t.Errorf("cut: %+v", f)
		}
		o.p202.expectNone("a BYE", isMethod(sip.BYE))
		o.p201.expectNone("a BYE", isMethod(sip.BYE))
		o.refused(o.p202, "09012345678")
		back := o.hikari.call("0312345670", o.hikari.description("sendrecv"))
		e := o.p202.rung() // it may answer the emergency call
		e.reply(486, "")
		e.next(sip.ACK)
		back.response(sip.INVITE, 486)
		back.ackRefusal()
		away := o.backup.call("0312345671", o.backup.description("sendrecv"))
		away.response(sip.INVITE, 480)
		away.ackRefusal()
		o.p202.expectNone("a call from outside", isMethod(sip.INVITE))
		x, y := o.up(o.p202, "201", o.p201)
		hangUp(x, y)
		x, y = o.up(o.p202, "119", o.hikari)
		hangUp(x, y)
		hangUp(police, desk)
		hangUp(inside, across)
		hangUp(other, outside)
		o.over()
	})
}

func isCutEnd(f fact.Fact) bool {
	e, ok := f.(fact.CallEnded)
	return ok && e.Reason == "cut"
}

// count counts facts.
func (b *fakeBooks) count(fits func(fact.Fact) bool) (n int) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, f := range b.facts {
		if fits(f) {
			n++
		}
	}
	return n
}

// TestAVerdictOnItsWayIsCut: the gate passed a call before something was set
// apart, and its pass comes after.
func TestAVerdictOnItsWayIsCut(t *testing.T) {
	withShards(t, func(t *testing.T, shards int) {
		o := newOffice(t, officeConfig{shards: shards})
		judged := make(chan struct{})
		o.books.mu.Lock()
		o.books.judged = judged
		o.books.mu.Unlock()
		a := o.p201.call("09012345678", o.p201.description("sendrecv"))
		o.eventually("the gate is asked", func() bool { return o.books.count(isJudged) == 1 })
		if n := o.setApart(quarantine.Destination, "+8190"); n != 1 {
			t.Errorf("%d calls cut, want 1", n)
		}
		close(judged)
		a.response(sip.INVITE, 603)
		a.ackRefusal()
		o.hikari.expectNone("a call", isMethod(sip.INVITE))
		o.over()
	})
}

// TestAQuarantineAmongCalls: calls are made while something is set apart; all
// that the gate passed before end cut, and none comes after.
func TestAQuarantineAmongCalls(t *testing.T) { inTime(t, testAQuarantineAmongCalls) }

func testAQuarantineAmongCalls(t *testing.T) {
	o := newOffice(t, officeConfig{shards: 4, channels: 40})
	r, carrier := newRobot(o.p201, 1), o.hikari
	carrier.actBy(func(m *sip.Message) { // answers at once and hangs up never
		if m.IsRequest() && m.Method() == sip.CANCEL {
			carrier.reply(m, 200, "", "")
		} else if m.IsRequest() && m.Method() == sip.INVITE {
			carrier.reply(m, 200, "x"+string(m.CallID())[:8], carrier.description("sendrecv"))
		} else if m.IsRequest() && m.Method() != sip.ACK {
			carrier.reply(m, 200, "", "")
		}
	})
	const early, most = 20, 30
	apart, done := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(done)
		for n := range most {
			if n == early { // on a busy machine all might come before
				<-apart
			}
			r.mu.Lock()
			d := r.call("09012345678", r.description("sendrecv"))
			r.talks[d.callID] = d
			r.tired = true // it hangs up nothing
			r.mu.Unlock()
			time.Sleep(time.Millisecond)
		}
	}()
	isPass := func(f fact.Fact) bool {
		j, ok := f.(fact.CallJudged)
		return ok && j.Verb == "pass"
	}
	o.eventually("some calls are passed", func() bool { return o.books.count(isPass) >= early/4 })
	cut := o.setApart(quarantine.Phone, "201-1")
	close(apart)
	<-done
	o.over()
	passed := o.books.count(isPass)
	ended := o.books.count(isCutEnd)
	// A call whose verdict comes in between cuts itself, and is not counted.
	if recorded := len(all[fact.CallCut](o)); ended != passed || recorded != passed || cut > passed ||
		passed < early/4 || passed > early {
		t.Errorf("of %d calls %d were passed, %d cut, %d of them on record, %d ended so: want some, not all, the same",
			most, passed, cut, recorded, ended)
	}
}

// TestARingingCallIsCut: also when its answer crosses our CANCEL.
func TestARingingCallIsCut(t *testing.T) {
	for name, crossing := range map[string]bool{"canceled": false, "answered meanwhile": true} {
		inBubble(t, name, func(t *testing.T) {
			o := newOffice(t, officeConfig{shards: 1})
			a := o.p201.call("09012345678", o.p201.description("sendrecv"))
			b := o.hikari.rung()
			b.reply(180, "")
			a.response(sip.INVITE, 180)
			if n := o.setApart(quarantine.Credential, "201-1"); n != 1 {
				t.Errorf("%d calls cut, want 1", n)
			}
			a.response(sip.INVITE, 603)
			a.ackRefusal()
			if !crossing {
				b.canceled()
			} else {
				o.hikari.reply(b.next(sip.CANCEL), 200, b.tag, "")
				b.reply(200, o.hikari.description("sendrecv"))
				b.next(sip.ACK)
				b.hungUp()
			}
			o.over()
		})
	}
}

// TestNobodySendsItOnForSomebodySetApart: a phone that redirects lends its
// origin to nobody.
func TestNobodySendsItOnForSomebodySetApart(t *testing.T) {
	inTime(t, testNobodySendsItOnForSomebodySetApart)
}

func testNobodySendsItOnForSomebodySetApart(t *testing.T) {
	o := newOffice(t, officeConfig{shards: 1})
	o.setApart(quarantine.Phone, "201-1")
	a := o.p201.call("202", o.p201.description("sendrecv"))
	b := o.p202.rung()
	b.reply(302, "", "Contact: <sip:08011112222@office>")
	b.next(sip.ACK)
	a.response(sip.INVITE, 603)
	a.ackRefusal()
	if f := last[fact.CallJudged](o); f.Rule != "quarantine" || f.Device != "202-1" {
		t.Errorf("judged %+v", f)
	}
	o.hikari.expectNone("a call", isMethod(sip.INVITE))
	o.over()
}

// TestALineSetApart leaves calls to the other lines.
func TestALineSetApart(t *testing.T) { inTime(t, testALineSetApart) }

func testALineSetApart(t *testing.T) {
	o := newOffice(t, officeConfig{shards: 1})
	a, b := o.up(o.p201, "09012345678", o.hikari)
	c, d := o.up(o.hikari, "0312345670", o.p202)
	if n := o.setApart(quarantine.Line, "l1"); n != 2 {
		t.Errorf("%d calls cut, want 2", n)
	}
	for _, side := range []*talk{a, b, c, d} {
		side.hungUp()
	}
	x, y := o.up(o.p201, "09012345678", o.backup)
	hangUp(x, y)
	in := o.hikari.call("0312345670", o.hikari.description("sendrecv"))
	in.response(sip.INVITE, 480)
	in.ackRefusal()
	o.eventually("the books say why", func() bool {
		return o.books.count(func(f fact.Fact) bool {
			e, ok := f.(fact.CallEnded)
			return ok && e.Reason == "refused" && e.Verb == "refuse" && e.Rule == "quarantine"
		}) == 1
	})
	x, y = o.up(o.p201, "110", o.hikari)
	hangUp(x, y)
	o.over()
}

// TestAGroupRingsTheOthers: a call from outside rings the phones of a group
// that are not set apart; and one that was ringing when it was set apart is cut
// when it answers.
func TestAGroupRingsTheOthers(t *testing.T) { inTime(t, testAGroupRingsTheOthers) }

func testAGroupRingsTheOthers(t *testing.T) {
	o := newOffice(t, officeConfig{shards: 1})
	a := o.hikari.call("0312345680", o.hikari.description("sendrecv"))
	b, c := o.p202.rung(), o.p203.rung()
	c.reply(180, "")
	a.response(sip.INVITE, 180)
	if n := o.setApart(quarantine.Extension, "202"); n != 0 {
		t.Errorf("%d calls cut while another phone rings", n)
	}
	b.reply(200, o.p202.description("sendrecv"))
	b.next(sip.ACK)
	c.canceled()
	b.hungUp()
	a.response(sip.INVITE, 200)
	a.ack("")
	a.hungUp()
	o.eventually("it ended as cut", func() bool { return o.books.count(isCutEnd) == 1 })
	x := o.hikari.call("0312345680", o.hikari.description("sendrecv"))
	y := o.p203.rung()
	y.reply(200, o.p203.description("sendrecv"))
	x.response(sip.INVITE, 200)
	x.ack("")
	y.next(sip.ACK)
	o.p202.expectNone("a call from outside", isMethod(sip.INVITE))
	hangUp(x, y)
	o.over()
}

// TestAnEmergencyCallShieldsNoOther: who has one phone redirect to 110 keeps
// the call that another sends elsewhere no longer.
func TestAnEmergencyCallShieldsNoOther(t *testing.T) {
	inTime(t, testAnEmergencyCallShieldsNoOther)
}

func testAnEmergencyCallShieldsNoOther(t *testing.T) {
	o := newOffice(t, officeConfig{shards: 1})
	a := o.p201.call("400", o.p201.description("sendrecv"))
	b, c := o.p202.rung(), o.p203.rung()
	b.reply(302, "", "Contact: <sip:08011112222@office>")
	b.next(sip.ACK)
	fraud := o.hikari.rung()
	c.reply(302, "", "Contact: <sip:110@office>")
	c.next(sip.ACK)
	police := o.hikari.rung()
	police.reply(180, "")
	a.response(sip.INVITE, 180)
	if n := o.setApart(quarantine.Destination, "anywhere"); n != 0 {
		t.Errorf("%d calls cut that may reach the police", n)
	}
	fraud.reply(200, o.hikari.description("sendrecv"))
	fraud.next(sip.ACK)
	police.canceled()
	a.response(sip.INVITE, 200)
	a.ack("")
	fraud.hungUp()
	a.hungUp()
	if f := last[fact.CallCut](o); f.Quarantine != "q1" {
		t.Errorf("cut: %+v", f)
	}
	o.over()
}

// TestCutByOrderBarsNothing ends calls, and lets new ones be.
func TestCutByOrderBarsNothing(t *testing.T) { inTime(t, testCutByOrderBarsNothing) }

func testCutByOrderBarsNothing(t *testing.T) {
	o := newOffice(t, officeConfig{shards: 4})
	var sides []*talk
	for _, p := range []*puppet{o.p201, o.p202} {
		a, b := o.up(p, "09012345678", o.hikari)
		sides = append(sides, a, b)
	}
	inside, across := o.up(o.p203, "202", o.p202)
	n, err := o.unit.CutCalls(t.Context(), quarantine.Target{Kind: quarantine.Unit},
		Cut{Rule: CutByOrder, By: "owner", Reason: "fraud"})
	if n != 2 || err != nil {
		t.Errorf("%d calls cut, %v; want 2", n, err)
	}
	for _, side := range sides {
		side.hungUp()
	}
	if f := last[fact.CallCut](o); f.Rule != "cut" || f.Quarantine != "" || f.By != "owner" {
		t.Errorf("cut: %+v", f)
	}
	x, y := o.up(o.p201, "09012345678", o.hikari)
	hangUp(x, y)
	hangUp(inside, across)
	o.over()
}
