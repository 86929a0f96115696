package unit

import (
	"testing"

	"github.com/sekisho/sekisho/wire/sip"
)

// BenchmarkCall is a call from one phone to another, set up and hung up: both
// phones, which are no part of the unit, are measured with it.
func BenchmarkCall(b *testing.B) {
	o := newOffice(b, officeConfig{shards: 1})
	b.ReportAllocs()
	for b.Loop() {
		a := o.p201.call("202", o.p201.description("sendrecv"))
		d := o.p202.rung()
		d.reply(180, "")
		a.response(sip.INVITE, 180)
		d.reply(200, o.p202.description("sendrecv"))
		a.response(sip.INVITE, 200)
		d.next(sip.ACK)
		a.ack("")
		a.bye()
		d.hungUp()
	}
	o.over()
}
