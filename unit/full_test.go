package unit

import (
	"context"
	"testing"

	"github.com/sekisho/sekisho/fact"
	"github.com/sekisho/sekisho/wire/sip"
	"github.com/sekisho/sekisho/wire/sip/stack"
)

// whileFull does something while the mailbox of shard 0 is full and its loop
// busy.
func (o *office) whileFull(do func()) {
	o.t.Helper()
	sh, entered, busy := o.stack.Shard(0), make(chan struct{}), make(chan struct{})
	if !sh.Post(func(*stack.Shard) {
		close(entered)
		<-busy
	}) {
		o.t.Fatal("post refused")
	}
	<-entered
	for sh.Post(func(*stack.Shard) {}) {
	}
	do()
	close(busy)
}

// TestFullShard has everything that a call waits for come while its shard's
// mailbox is full: the verdict, the stored dialog of the answer, and the end.
func TestFullShard(t *testing.T) { inTime(t, testFullShard) }

func testFullShard(t *testing.T) {
	o := newOffice(t, officeConfig{shards: 1})
	o.books.mu.Lock()
	o.books.judged, o.books.slow = make(chan struct{}), make(chan struct{})
	o.books.mu.Unlock()
	a := o.p201.call("0312349999", o.p201.description("sendrecv"))
	last[fact.CallJudged](o)
	o.whileFull(func() {
		close(o.books.judged)
		o.books.wait()
	})
	b := o.hikari.rung()
	b.reply(200, o.hikari.description("sendrecv"))
	o.eventually("the dialog is written", func() bool { return o.books.dialogs() == 1 })
	o.whileFull(func() {
		close(o.books.slow)
		o.books.wait()
	})
	b.next(sip.ACK)
	a.response(sip.INVITE, 200)
	a.ack("")
	o.whileFull(func() { o.unit.EndCalls("201-1") })
	a.hungUp()
	b.hungUp()
	o.over()
}

// TestStopWithFullShard stops a unit while a shard's mailbox is full: its calls
// are hung up.
func TestStopWithFullShard(t *testing.T) { inTime(t, testStopWithFullShard) }

func testStopWithFullShard(t *testing.T) {
	o := newOffice(t, officeConfig{shards: 1})
	a, b := o.outside("0312349999")
	stopped := make(chan error, 1)
	o.whileFull(func() {
		go func() {
			ctx, cancel := context.WithTimeout(context.Background(), patience)
			defer cancel()
			stopped <- o.unit.Stop(ctx)
		}()
		o.eventually("the unit stops", func() bool {
			o.unit.mu.Lock()
			defer o.unit.mu.Unlock()
			return o.unit.closing
		})
	})
	a.hungUp()
	b.hungUp()
	o.must(<-stopped)
}

// TestWaitingCallOfFullShard lets a call in that came before the unit was
// ready, while the mailbox is full.
func TestWaitingCallOfFullShard(t *testing.T) { inTime(t, testWaitingCallOfFullShard) }

func testWaitingCallOfFullShard(t *testing.T) {
	o := newOffice(t, officeConfig{shards: 1, late: true})
	a := o.p201.call("202", o.p201.description("sendrecv"))
	o.eventually("the call waits", func() bool {
		o.unit.mu.Lock()
		defer o.unit.mu.Unlock()
		return len(o.unit.waiting) == 1
	})
	o.unit.stack, o.unit.relay = o.stack, o.relay
	o.whileFull(o.unit.open)
	b := o.p202.rung()
	b.reply(486, "")
	b.next(sip.ACK)
	a.response(sip.INVITE, 486)
	a.ackRefusal()
	o.over()
}
