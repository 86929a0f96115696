package unit

import (
	"runtime"
	"testing"

	"github.com/sekisho/sekisho/wire/sip"
)

// callRoom is how many bytes of the heap a call that is up takes at most, with
// its media, and with the transactions that set it up, which SIP keeps for a
// while.
const callRoom = 22 << 10

// heap gives how many bytes are in use, without what the puppets remember.
func (o *office) heap() int64 {
	for _, p := range []*puppet{o.p201, o.p202} {
		p.mu.Lock()
		clear(p.seen)
		p.seen, p.log = make(map[string]bool), nil
		p.mu.Unlock()
	}
	runtime.GC()
	runtime.GC() // what pools held at the first is free at the second
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc)
}

// Memory for each call is bounded, as there may be many.
func TestRoomOfCall(t *testing.T) {
	const calls = CallsPerDevice - 1
	o := newOffice(t, officeConfig{shards: 1, kernel: true}) // the air takes room of its own
	up := func() *talk {
		a := o.p201.call("202", o.p201.description("sendrecv"))
		b := o.p202.rung()
		b.reply(200, o.p202.description("sendrecv"))
		a.response(sip.INVITE, 200)
		b.next(sip.ACK)
		a.ack("")
		a.invite, b.invite = nil, nil
		return a
	}
	first := up() // what only the first makes is no call's
	before := o.heap()
	var all []*talk
	for range calls {
		all = append(all, up())
	}
	if each := (o.heap() - before) / calls; each > callRoom {
		t.Errorf("a call takes %d bytes", each)
	} else {
		t.Logf("a call takes %d bytes", each)
	}
	for _, a := range append(all, first) {
		a.bye()
		o.p202.request(sip.BYE)
	}
}
