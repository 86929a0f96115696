package unit

import (
	"bytes"
	"fmt"
	"net/netip"
	"testing"
	"time"

	"github.com/sekisho/sekisho/wire/sip"
	"github.com/sekisho/sekisho/wire/sip/edge"
	"github.com/sekisho/sekisho/wire/sip/stack"
)

// BenchmarkCall is a call from one phone to another, set up and hung up, one
// after another: INVITE, 180, 200, ACK, BYE. The phones answer on the shard's
// own goroutine and leave no garbage: what is measured is the unit's.
func BenchmarkCall(b *testing.B) {
	d := newDrill(b)
	o := newOffice(b, officeConfig{shards: 1, packets: []stack.Packets{d}})
	b.ReportAllocs()
	b.ResetTimer()
	d.run(b.N)
	b.StopTimer()
	o.over()
}

// drill is a network with two phones: 201 calls 202.
type drill struct {
	b        testing.TB
	from, to netip.AddrPort
	left     chan int
	done     chan struct{}
	wake     chan struct{}
	closed   chan struct{}

	calls      int             // to be made
	callee     []byte          // Call-ID of the call at 202
	byed, hung bool            // 202 heard BYE, 201 its answer
	mail       []edge.Datagram // for the unit
	room       [][]byte        // buffers of mail
	text       []byte
	msg        sip.Message
	build      sip.Builder
	sdp        [2][]byte
}

func newDrill(b testing.TB) *drill {
	d := &drill{
		b: b, from: netip.MustParseAddrPort("127.0.1.1:5061"), to: netip.MustParseAddrPort("127.0.1.2:5062"),
		left: make(chan int), done: make(chan struct{}), wake: make(chan struct{}, 1), closed: make(chan struct{}),
	}
	for i := range d.sdp {
		d.sdp[i] = fmt.Appendf(nil, "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\n"+
			"m=audio %d RTP/AVP 0 8 101\r\na=rtpmap:0 PCMU/8000\r\na=rtpmap:8 PCMA/8000\r\n"+
			"a=rtpmap:101 telephone-event/8000\r\na=fmtp:101 0-15\r\na=sendrecv\r\n", 40000+2*i)
	}
	return d
}

// run makes so many calls.
func (d *drill) run(calls int) {
	d.left <- calls
	select {
	case <-d.done:
	case <-time.After(time.Duration(calls)*patience/100 + time.Minute):
		d.b.Fatal("a call hangs")
	}
}

func (d *drill) ReadBatch(ds []edge.Datagram, deadline time.Time) (int, error) {
	if n := d.deliver(ds); n > 0 {
		return n, nil
	}
	var due <-chan time.Time
	if !deadline.IsZero() {
		timer := time.NewTimer(time.Until(deadline))
		defer timer.Stop()
		due = timer.C
	}
	select {
	case d.calls = <-d.left:
		d.dial()
		return d.deliver(ds), nil
	case <-d.wake:
	case <-due:
	case <-d.closed:
		return 0, errHubClosed
	}
	return 0, nil
}

func (d *drill) deliver(ds []edge.Datagram) int {
	n := 0
	for ; n < len(d.mail) && n < len(ds); n++ {
		ds[n].Buf = ds[n].Buf[:copy(ds[n].Buf, d.mail[n].Buf)]
		ds[n].Remote, ds[n].Local, ds[n].Listener = d.mail[n].Remote, d.mail[n].Local, 0
	}
	d.mail = append(d.mail[:0], d.mail[n:]...)
	return n
}

// send gives the unit a message.
func (d *drill) send(from netip.AddrPort, msg []byte) {
	if len(d.room) <= len(d.mail) {
		d.room = append(d.room, nil)
	}
	i := len(d.mail)
	d.room[i] = append(d.room[i][:0], msg...)
	d.mail = append(d.mail, edge.Datagram{Buf: d.room[i], Remote: from, Local: phoneSide})
}

// request writes what 201 sends; to is the value of To.
func (d *drill) request(method, target string, seq int, to, sdp []byte) {
	d.text = fmt.Appendf(d.text[:0], "%s %s SIP/2.0\r\nVia: SIP/2.0/UDP %s;rport;branch=z9hG4bKb%d%s\r\n"+
		"Max-Forwards: 70\r\nFrom: <sip:201@office>;tag=f%d\r\nTo: %s\r\nCall-ID: c%d@127.0.1.1\r\nCSeq: %d %s\r\n"+
		"Contact: <sip:201@%s>\r\nAllow: INVITE, ACK, CANCEL, BYE, UPDATE\r\nUser-Agent: drill\r\n",
		method, target, d.from, d.calls, method, d.calls, to, d.calls, seq, method, d.from)
	if len(sdp) > 0 {
		d.text = append(d.text, "Content-Type: application/sdp\r\n"...)
	}
	d.text = append(fmt.Appendf(d.text, "Content-Length: %d\r\n\r\n", len(sdp)), sdp...)
	d.send(d.from, d.text)
}

func (d *drill) dial() {
	d.byed, d.hung = false, false
	d.request("INVITE", "sip:202@127.0.0.1:5060", 1, []byte("<sip:202@127.0.0.1:5060>"), d.sdp[0])
}

// answer writes what 202 answers.
func (d *drill) answer(status int, sdp []byte) {
	b := &d.build
	b.Reset(d.text[:0])
	b.Response(&d.msg, status, "", []byte("callee"), netip.AddrPort{})
	b.Text(sip.HeaderContact, "<sip:202@127.0.1.2:5062>")
	kind := ""
	if len(sdp) > 0 {
		kind = sdpType
	}
	var err error
	if d.text, err = b.Finish(kind, sdp); err != nil {
		d.b.Error(err)
	}
	d.send(d.to, d.text)
}

func (d *drill) WriteBatch(ds []edge.Datagram) (int, error) {
	for i := range ds {
		if err := sip.Parse(ds[i].Buf, &d.msg); err != nil {
			d.b.Error(err)
		} else {
			d.hear(&d.msg)
		}
	}
	return len(ds), nil
}

// hear is what the phones do.
func (d *drill) hear(m *sip.Message) {
	switch {
	case m.IsRequest() && m.Method() == sip.INVITE:
		d.callee = append(d.callee[:0], m.CallID()...)
		d.answer(180, nil)
		d.answer(200, d.sdp[1])
	case m.IsRequest() && m.Method() == sip.BYE:
		d.answer(200, nil)
		if bytes.Equal(m.CallID(), d.callee) && !d.byed {
			d.byed = true
			d.over()
		}
	case m.Method() == sip.INVITE && m.Status() == 200:
		to := bytes.Clone(m.Value(sip.HeaderTo))
		at := m.Addr(sip.HeaderContact).URI
		target := fmt.Sprintf("sip:%s@%s:%d", at.User, at.Host, at.Port)
		d.request("ACK", target, 1, to, nil)
		d.request("BYE", target, 2, to, nil)
	case m.Method() == sip.BYE && m.Status() == 200:
		if !d.hung {
			d.hung = true
			d.over()
		}
	case m.Status() >= 300:
		d.b.Errorf("%s: %d", m.Method(), m.Status())
		close(d.done)
	}
}

// over ends a call when both of its sides have heard so.
func (d *drill) over() {
	if !d.byed || !d.hung {
		return
	}
	if d.calls--; d.calls > 0 {
		d.dial()
		return
	}
	close(d.done)
}

func (d *drill) Open(int, netip.AddrPort, int) (netip.AddrPort, error) {
	return netip.AddrPort{}, errHubClosed
}

func (d *drill) Shut(int) {}

func (d *drill) Wake() {
	select {
	case d.wake <- struct{}{}:
	default:
	}
}

func (d *drill) Close() error {
	close(d.closed)
	return nil
}
