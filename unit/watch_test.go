package unit

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/sekisho/sekisho/fact"
	"github.com/sekisho/sekisho/gate"
	"github.com/sekisho/sekisho/gate/budget"
	"github.com/sekisho/sekisho/gate/tempo"
	"github.com/sekisho/sekisho/wire/sip"
)

// notes is a desk that keeps what it is told.
type notes struct {
	Desk

	mu    sync.Mutex
	goOns int // times that money was asked for a person's own budget
	said  []string
	all   []tempo.Event
}

var kinds = map[tempo.Kind]string{
	tempo.Answered: "answered", tempo.Ended: "ended", tempo.Registered: "registered", tempo.Missed: "missed",
	tempo.Lapsed: "lapsed",
}

func (n *notes) Note(e *tempo.Event) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.all = append(n.all, *e)
	n.said = append(n.said, fmt.Sprintf("%s %s %s", kinds[e.Kind], e.Extension, e.Destination.Digits))
}

// GoOn counts.
func (n *notes) GoOn(r gate.Request, m budget.Meter, done func(budget.Meter, bool)) {
	n.mu.Lock()
	n.goOns++
	n.mu.Unlock()
	n.Desk.GoOn(r, m, done)
}

// were checks what was told, in order.
func (n *notes) were(t *testing.T, want ...string) {
	t.Helper()
	n.mu.Lock()
	defer n.mu.Unlock()
	if !slices.Equal(n.said, want) {
		t.Errorf("told\n%q, want\n%q", n.said, want)
	}
}

func (n *notes) last() tempo.Event {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.all[len(n.all)-1]
}

// TestTheDeskIsToldOfCalls: the answer once, and the end, by whomever.
func TestTheDeskIsToldOfCalls(t *testing.T) {
	const talk = time.Second
	withShards(t, func(t *testing.T, shards int) {
		o := newOffice(t, officeConfig{shards: shards})
		a, b := o.outside(gambia)
		b.p.reply(b.invite, 200, b.tag, "") // once more
		time.Sleep(talk)
		hangUp(a, b)
		o.over()
		o.notes.were(t, "answered 201 2203123456", "ended 201 2203123456")
		e := o.notes.last()
		if e.Call != last[fact.CallJudged](o).Call+"/2203123456" || !took(e.Talk, talk) || e.Silent {
			t.Errorf("the end: %+v", e)
		}
	})
}

// TestTheDeskIsToldOfFailures: once, however many lines were tried, and not of
// what the gate itself refused.
func TestTheDeskIsToldOfFailures(t *testing.T) {
	withShards(t, func(t *testing.T, shards int) {
		o := newOffice(t, officeConfig{shards: shards})
		a := o.p201.call("09012345678", o.p201.description("sendrecv"))
		first := o.hikari.rung()
		first.reply(503, "")
		first.next(sip.ACK)
		second := o.backup.rung()
		second.reply(200, o.backup.description("sendrecv"))
		a.response(sip.INVITE, 200)
		a.ack("")
		second.next(sip.ACK)
		hangUp(a, second)
		o.over()
		o.notes.were(t, "answered 201 819012345678", "ended 201 819012345678", "ended 201 819012345678")
		a = o.p201.call("0103361234567", o.p201.description("sendrecv")) // France is shut
		a.response(sip.INVITE, 603)
		a.ackRefusal()
		o.over()
		o.notes.were(t, "answered 201 819012345678", "ended 201 819012345678", "ended 201 819012345678")
	})
}

// TestTheDeskIsToldWhoProvesNothing: whoever is asked for a PIN and hangs up. Who
// proves it, and who has none to be asked for, is no such.
func TestTheDeskIsToldWhoProvesNothing(t *testing.T) {
	inTime(t, testTheDeskIsToldWhoProvesNothing)
}

func testTheDeskIsToldWhoProvesNothing(t *testing.T) {
	o := asking(t, map[string]string{"201": myPIN})
	o.dial().bye()
	o.over()
	o.notes.were(t, "lapsed 201 819012345678")
	a := o.dial()
	a.info(myPIN + "#")
	b := o.hikari.rung()
	b.reply(486, "")
	b.next(sip.ACK)
	a.hungUp()
	o.over()
	o.notes.were(t, "lapsed 201 819012345678", "ended 201 819012345678")
	c := o.p202.call("09012345678", o.p202.description("sendrecv"))
	c.response(sip.INVITE, 603)
	c.ackRefusal()
	o.over()
	o.notes.were(t, "lapsed 201 819012345678", "ended 201 819012345678")
}

// TestTheDeskIsToldOfMissedCalls: who rings a moment and gives up wants to be
// called back.
func TestTheDeskIsToldOfMissedCalls(t *testing.T) {
	const ring = 2 * time.Second
	withShards(t, func(t *testing.T, shards int) {
		o := newOffice(t, officeConfig{shards: shards, caller: "+23276123999"})
		a := o.hikari.call("0312345670", o.hikari.description("sendrecv"))
		b := o.p202.rung()
		b.shown(`"【海外】" <sip:+23276123999@office>`)
		b.reply(180, "")
		a.response(sip.INVITE, 180)
		time.Sleep(ring)
		a.cancel()
		b.canceled()
		a.response(sip.CANCEL, 200)
		a.response(sip.INVITE, 487)
		a.ackRefusal()
		o.over()
		o.notes.were(t, "missed  23276123999")
		if e := o.notes.last(); !took(e.Ring, ring) {
			t.Errorf("it rang for %s", e.Ring)
		}
		if f := last[fact.CallStarted](o); f.Mark != "abroad" {
			t.Errorf("recorded as %q", f.Mark)
		}
	})
}

// shown checks whom a phone is told to be called by.
func (d *talk) shown(caller string) {
	d.p.t.Helper()
	if from := string(d.invite.Value(sip.HeaderFrom)); !strings.HasPrefix(from, caller) {
		d.p.t.Errorf("%s is shown %q, want %q", d.p.name, from, caller)
	}
}

// TestAWithheldNumberIsMarkedToo: the mark is no number.
func TestAWithheldNumberIsMarkedToo(t *testing.T) { inTime(t, testAWithheldNumberIsMarkedToo) }

func testAWithheldNumberIsMarkedToo(t *testing.T) {
	o := newOffice(t, officeConfig{shards: 1})
	a := o.hikari.call("0312345670", o.hikari.description("sendrecv"), "Privacy: id",
		"P-Asserted-Identity: <sip:+23276123999@carrier>")
	b := o.p202.rung()
	b.shown(`"【海外】" <sip:anonymous@anonymous.invalid>`)
	b.reply(486, "")
	b.next(sip.ACK)
	a.response(sip.INVITE, 486)
	a.ackRefusal()
	o.over()
}

// TestTheDeskIsToldOfRegistrations.
func TestTheDeskIsToldOfRegistrations(t *testing.T) {
	inTime(t, testTheDeskIsToldOfRegistrations)
}

func testTheDeskIsToldOfRegistrations(t *testing.T) {
	o := newOffice(t, officeConfig{shards: 1})
	o.p201.send("REGISTER sip:office SIP/2.0\r\nVia: SIP/2.0/UDP 127.0.1.1:5061;branch=z9hG4bKr\r\n" +
		"Max-Forwards: 70\r\nFrom: <sip:201@office>;tag=r\r\nTo: <sip:201@office>\r\nCall-ID: r\r\n" +
		"CSeq: 1 REGISTER\r\nUser-Agent: friendly\r\nContent-Length: 0\r\n\r\n")
	o.p201.expect("the answer", func(m *sip.Message) bool { return m.IsResponse() && m.Status() == 200 })
	o.notes.were(t, "registered 201 ")
	if e := o.notes.last(); e.Contacts != 2 || e.UserAgent != "friendly" || e.Credential != "201-1" ||
		e.Source != o.p201.addr.Addr() {
		t.Errorf("told %+v", e)
	}
}

// TestWhereAVoiceComesFrom: a phone's voice comes from the network in which it
// is registered.
func TestWhereAVoiceComesFrom(t *testing.T) { inTime(t, testWhereAVoiceComesFrom) }

func testWhereAVoiceComesFrom(t *testing.T) {
	o := newOffice(t, officeConfig{shards: 1})
	a := o.p201.call("202", o.p201.description("sendrecv"))
	b := o.p202.rung()
	c := o.unit.find(o.unit.Calls()[0].Call)
	near := func(third, last byte) netip.Addr {
		at := o.p201.addr.Addr().As4()
		at[2], at[3] = third, last
		return netip.AddrFrom4(at)
	}
	for from, want := range map[netip.Addr]bool{
		near(1, 99): true, near(2, 1): false, netip.MustParseAddr("203.0.113.9"): false,
		netip.AddrFrom16(near(1, 7).As16()): true, netip.MustParseAddr("2001:db8::1"): true,
	} {
		done := make(chan bool, 1)
		c.tell(func() { done <- c.standsAt(from) })
		if got := <-done; got != want {
			t.Errorf("%s: stands there %v, want %v", from, got, want)
		}
	}
	b.reply(486, "")
	b.next(sip.ACK)
	a.response(sip.INVITE, 486)
	a.ackRefusal()
	o.over()
}
