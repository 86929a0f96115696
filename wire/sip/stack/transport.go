package stack

import (
	"net/netip"

	"github.com/sekisho/sekisho/wire/sip"
	"github.com/sekisho/sekisho/wire/sip/edge"
)

// flow is the way a message came, or goes.
type flow struct {
	listener *listener
	local    netip.AddrPort
	remote   netip.AddrPort
	conn     *conn // of a stream transport
	noRPort  bool  // our requests must not carry rport
}

func (f *flow) reliable() bool { return f.conn != nil }

// sourceOf describes a flow to the parts outside.
func (st *Stack) sourceOf(f *flow) edge.Source {
	l := f.listener
	return edge.Source{Remote: f.remote, Local: f.local, Transport: l.Transport, Listener: l.Name, Peer: f.peer()}
}

// localOf is our address as the peer of a flow sees it.
func (st *Stack) localOf(f *flow) netip.AddrPort {
	l := f.listener
	if !l.Address.Addr().IsUnspecified() {
		return l.Address
	}
	a := f.local.Addr()
	if f.conn != nil && !f.conn.dialed {
		a = f.conn.local.Addr()
	}
	if !a.IsValid() || a.IsUnspecified() {
		a = st.cfg.LocalFor(f.remote.Addr())
	}
	return netip.AddrPortFrom(a, l.Address.Port())
}

// contact writes our Contact towards the peer of a flow, with params behind
// it.
func (sh *Shard) contact(b *sip.Builder, f *flow, user, params string) {
	v := appendContact(sh.text[:0], sh.stack.localOf(f), f.listener.Transport, user)
	sh.text = append(v, params...)
	b.Bytes(sip.HeaderContact, sh.text)
}

func appendContact(dst []byte, addr netip.AddrPort, transport, user string) []byte {
	dst = append(dst, "<sip:"...)
	if user != "" {
		dst = append(append(dst, user...), '@')
	}
	dst = addr.AppendTo(dst)
	if transport != "udp" {
		dst = append(append(dst, ";transport="...), transport...)
	}
	return append(dst, '>')
}

// send gives a message to its flow. The bytes may be used again at once.
// id names the client transaction that hears when a stream fails; the zero
// branch is none.
func (sh *Shard) send(msg []byte, f *flow, id branch) bool {
	sh.stack.Counters.Sent.Add(1)
	if f.conn != nil {
		if f.conn.write(msg, sh, id) {
			return true
		}
		sh.stack.Counters.Unsent.Add(1)
		return false
	}
	if !sh.has(f.listener) { // a line's own, and closed
		sh.stack.Counters.Unsent.Add(1)
		return false
	}
	if len(sh.out) >= sendBatchMax || len(sh.outBuf)+len(msg) > cap(sh.outBuf) {
		sh.writeOut()
		if len(msg) > cap(sh.outBuf) {
			sh.outBuf = make([]byte, 0, max(sendBatchMax*datagramSizeMax, len(msg)))
		}
	}
	start := len(sh.outBuf)
	sh.outBuf = append(sh.outBuf, msg...)
	sh.out = append(sh.out, edge.Datagram{
		Buf: sh.outBuf[start:], Remote: f.remote, Local: f.local, Listener: f.listener.index,
	})
	return true
}

// writeOut sends the datagrams of this turn. One that can't be sent is
// dropped and counted: UDP promises nothing, and retransmission mends it.
func (sh *Shard) writeOut() {
	for left := sh.out; len(left) > 0; {
		n, err := sh.packets.WriteBatch(left)
		left = left[min(n, len(left)):]
		if err != nil || n == 0 {
			sh.stack.Counters.Unsent.Add(1)
			if len(left) > 0 {
				left = left[1:]
			}
		}
	}
	clear(sh.out)
	sh.out, sh.outBuf = sh.out[:0], sh.outBuf[:0]
}

// responseFlow is where the response to a request goes: back on its
// connection; over UDP to the source address, and to the source port if the
// request asked for that with rport (RFC 3261 §18.2.2, RFC 3581 §4). maddr is
// not followed: it would let a stranger aim our answers.
func responseFlow(m *sip.Message, f flow) flow {
	if f.conn != nil {
		return f
	}
	via := m.TopVia()
	if !via.RPort {
		port := via.Port
		if port == 0 {
			port = defaultSIPPort
		}
		f.remote = netip.AddrPortFrom(f.remote.Addr(), port)
	}
	return f
}

// respondStateless answers a request without keeping anything of it. It does
// not, and returns false, where the answer is too large for a stranger.
func (sh *Shard) respondStateless(m *sip.Message, f *flow, status int, phrase string, more extra) bool {
	b := &sh.builder
	b.Reset(sh.scratch[:0])
	tag := append(sh.tag[:0], more.tag...)
	if len(tag) == 0 {
		tag = sh.statelessTag(m)
	}
	b.Response(m, status, phrase, tag, f.remote)
	more.write(b)
	msg, err := b.Finish("", nil) // without Server: strangers need not know what answers
	sh.keepScratch(msg)
	if err != nil {
		return true // no smaller one would do
	}
	if sh.amplifies(m, f, len(msg)) {
		sh.stack.Counters.Amplified.Add(1)
		return false
	}
	to := responseFlow(m, *f)
	sh.send(msg, &to, branch{})
	return true
}

// amplifies reports whether an answer of so many bytes to a stranger's
// datagram would be worth forging a source for.
func (sh *Shard) amplifies(m *sip.Message, f *flow, answer int) bool {
	const tenths = 10
	if f.conn != nil || answer*tenths <= len(m.Bytes())*amplifiedMax {
		return false
	}
	return f.listener.Side == PhoneSide && !sh.stack.knownSource(f.remote)
}

// extra is what a stateless response carries beside what it copies.
type extra struct {
	answer     *sip.Answer
	lines      []edge.HeaderLine
	nonce      string // in each of lines
	retryAfter uint32 // seconds; 0: none
	tag        string // of To; "": that of every stateless response
}

func (x *extra) write(b *sip.Builder) {
	if x.answer != nil {
		b.Answer(x.answer)
	}
	for i := range x.lines {
		b.Line(x.lines[i].Before, x.nonce, x.lines[i].After)
	}
	if x.retryAfter > 0 {
		b.Uint(sip.HeaderRetryAfter, x.retryAfter)
	}
}

// statelessTag is the To tag of a response outside a session: the same for
// the same request (RFC 3261 §8.2.7), and not one of ours for sessions. It is
// good until the next.
func (sh *Shard) statelessTag(m *sip.Message) []byte {
	const hexDigits = "0123456789abcdef"
	h := fnv(fnv(sh.stack.salt, m.CallID()), m.From().Tag)
	dst := append(sh.tag[:0], 'n')
	for range statelessTagLen - 1 {
		dst = append(dst, hexDigits[h&15])
		h >>= 4
	}
	return dst
}

const statelessTagLen = 1 + 16

// keepScratch keeps the building buffer if it has grown.
func (sh *Shard) keepScratch(msg []byte) {
	if cap(msg) > cap(sh.scratch) {
		sh.scratch = msg[:0]
	}
}

func (sh *Shard) product(b *sip.Builder, id sip.HeaderID) {
	if p := sh.stack.cfg.Product; p != "" {
		b.Text(id, p)
	}
}

// writeHeader writes a header field by name, known or not.
func writeHeader(b *sip.Builder, name, value string) {
	if id := sip.LookupHeader([]byte(name)); id != sip.HeaderUnknown {
		b.Text(id, value)
		return
	}
	b.Named(name, value)
}
