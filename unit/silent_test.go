package unit

import (
	"testing"
	"time"

	"github.com/sekisho/sekisho/fact"
	"github.com/sekisho/sekisho/unit/call"
	"github.com/sekisho/sekisho/wire/sip"
)

// TestSilentLine calls by a line whose carrier gives no response at all: the
// second line's carrier has the one call that stands, what the first answers
// late is hung up, and the next call does not wait for it.
func TestSilentLine(t *testing.T) {
	withShards(t, func(t *testing.T, shards int) {
		for _, number := range []string{"0312349999", "119"} {
			quick := call.Config{Silence: 50 * time.Millisecond, UrgentSilence: 30 * time.Millisecond}
			o := newOffice(t, officeConfig{shards: shards, call: quick, channels: 1})
			a := o.p201.call(number, o.p201.description("sendrecv"))
			late := o.hikari.rung()
			b := o.backup.rung()
			b.reply(200, o.backup.description("sendrecv"))
			a.response(sip.INVITE, 200)
			a.ack("")
			b.next(sip.ACK)
			judged := o.passes()
			if number != "119" && (judged["l1"] != 1 || judged["l2"] != 1) {
				t.Errorf("%s: verdicts by line %v, want one for each", number, judged)
			}
			late.reply(200, o.hikari.description("sendrecv"))
			late.next(sip.ACK)
			late.hungUp()
			o.backup.expectNone("the end of the call", isMethod(sip.BYE))
			for _, l := range o.lines.List(time.Now()) {
				if want := l.ID == "l2"; l.Up != want || (l.InUse == 1) != want {
					t.Errorf("%s: line %s up %v, %d in use", number, l.ID, l.Up, l.InUse)
				}
			}
			a.bye()
			b.hungUp()
			o.over()

			next := o.p202.call("0312349998", o.p202.description("sendrecv"))
			c := o.backup.rung()
			c.reply(100, "")
			o.hikari.expectNone("a call on a silent line", isMethod(sip.INVITE))
			c.reply(486, "")
			c.next(sip.ACK)
			next.response(sip.INVITE, 486)
			next.ackRefusal()
			o.over()
		}
	})
}

// passes counts the recorded verdicts that passed a call, by line.
func (o *office) passes() map[string]int {
	o.books.mu.Lock()
	defer o.books.mu.Unlock()
	n := make(map[string]int)
	for _, f := range o.books.facts {
		if j, ok := f.(fact.CallJudged); ok && j.Verb == "pass" {
			n[j.Line]++
		}
	}
	return n
}

// TestSilentLineComesBack has a silent line answer a later call in time, for
// which it was the last choice: from then on it is the first again.
func TestSilentLineComesBack(t *testing.T) { inTime(t, testSilentLineComesBack) }

func testSilentLineComesBack(t *testing.T) {
	o := newOffice(t, officeConfig{shards: 1, call: call.Config{Silence: 50 * time.Millisecond}})
	try := func(first, second *puppet) {
		t.Helper()
		a := o.p201.call("0312349999", o.p201.description("sendrecv"))
		b := first.rung()
		if second != nil {
			b.reply(503, "")
			b.next(sip.ACK)
			b = second.rung()
		}
		b.reply(100, "")
		b.reply(486, "")
		b.next(sip.ACK)
		a.response(sip.INVITE, 486)
		a.ackRefusal()
		o.over()
	}
	o.lines.Silent("l1", time.Now())
	try(o.backup, o.hikari)
	try(o.hikari, nil)
}

// TestSilentLineIsNotWaitedFor ends a call one of whose lines never gave a
// response: nothing of it is left, though that INVITE is still out.
func TestSilentLineIsNotWaitedFor(t *testing.T) { inTime(t, testSilentLineIsNotWaitedFor) }

func testSilentLineIsNotWaitedFor(t *testing.T) {
	o := newOffice(t, officeConfig{shards: 1, call: call.Config{Silence: 50 * time.Millisecond}})
	a := o.p201.call("0312349999", o.p201.description("sendrecv"))
	o.hikari.rung()
	b := o.backup.rung()
	b.reply(200, o.backup.description("sendrecv"))
	a.response(sip.INVITE, 200)
	a.ack("")
	a.bye()
	b.hungUp()
	o.over()
}
