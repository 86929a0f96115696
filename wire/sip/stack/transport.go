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
	return edge.Source{Remote: f.remote, Local: f.local, Transport: l.Transport, Listener: l.Name}
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

// contactFor is the value of our Contact towards the peer of a flow.
func (st *Stack) contactFor(f *flow, user string) string {
	return contactValue(st.localOf(f), f.listener.Transport, user)
}

func contactValue(addr netip.AddrPort, transport, user string) string {
	v := "<sip:"
	if user != "" {
		v += user + "@"
	}
	v += addr.String()
	if transport != "udp" {
		v += ";transport=" + transport
	}
	return v + ">"
}

// send gives a message to its flow. The bytes may be used again at once.
// branch names the client transaction that hears when a stream fails; "" for
// none.
func (sh *Shard) send(msg []byte, f *flow, branch string) bool {
	sh.stack.Counters.Sent.Add(1)
	if f.conn != nil {
		if f.conn.write(msg, sh, branch) {
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
func (sh *Shard) respondStateless(
	m *sip.Message, f flow, status int, phrase string, headers func(b *sip.Builder),
) bool {
	var tag [idLen]byte
	return sh.respondTagged(m, f, status, phrase, sh.statelessTag(tag[:0], m), headers)
}

// respondTagged is respondStateless with a given To tag.
func (sh *Shard) respondTagged(
	m *sip.Message, f flow, status int, phrase string, tag []byte, headers func(b *sip.Builder),
) bool {
	b := &sh.builder
	b.Reset(sh.scratch[:0])
	b.Response(m, status, phrase, tag, f.remote)
	if headers != nil {
		headers(b)
	}
	msg, err := b.Finish("", nil) // without Server: strangers need not know what answers
	sh.keepScratch(msg)
	if err != nil {
		return true // no smaller one would do
	}
	if sh.amplifies(m, &f, len(msg)) {
		sh.stack.Counters.Amplified.Add(1)
		return false
	}
	to := responseFlow(m, f)
	sh.send(msg, &to, "")
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

// statelessTag is the To tag of a stateless response: the same for the same
// request (RFC 3261 §8.2.7), and not one of ours for sessions.
func (sh *Shard) statelessTag(dst []byte, m *sip.Message) []byte {
	const hexDigits = "0123456789abcdef"
	h := fnv(fnv(sh.stack.salt, m.CallID()), m.From().Tag)
	dst = append(dst, 'n')
	for range 16 {
		dst = append(dst, hexDigits[h&15])
		h >>= 4
	}
	return dst
}

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
