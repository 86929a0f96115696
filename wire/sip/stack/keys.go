package stack

import (
	"hash/maphash"

	"github.com/sekisho/sekisho/wire/sip"
)

// txKey stands for what identifies a transaction, or a call among those that
// could be merged: 128 bits of hashes whose seeds nobody outside can learn, so
// that equal keys are equal things.
type txKey struct{ a, b uint64 }

// hasher makes keys.
type hasher struct{ a, b maphash.Seed }

func newHasher() hasher { return hasher{maphash.MakeSeed(), maphash.MakeSeed()} }

func (h *hasher) of(b []byte) txKey { return txKey{maphash.Bytes(h.a, b), maphash.Bytes(h.b, b)} }

// serverKey identifies a server transaction (RFC 3261 §17.2.3) by branch,
// sent-by and method, where ACK and CANCEL count as their INVITE. Without a
// branch of RFC 3261 it is Call-ID, CSeq and From tag.
func (sh *Shard) serverKey(m *sip.Message) txKey {
	via := m.TopVia()
	method := m.Method()
	if method == sip.ACK || method == sip.CANCEL {
		method = sip.INVITE
	}
	dst := append(sh.key[:0], byte(method), byte(via.Port>>8), byte(via.Port))
	dst = append(append(dst, via.Host...), ' ')
	if via.Cookie() {
		dst = append(dst, via.Branch...)
	} else {
		dst = appendCall(dst, m)
	}
	sh.key = dst
	return sh.hash.of(dst)
}

// callKey identifies the call that an INVITE begins, by whatever way it comes
// (RFC 3261 §8.2.2.2).
func (sh *Shard) callKey(m *sip.Message) txKey {
	sh.key = appendCall(append(sh.key[:0], callMark), m)
	return sh.hash.of(sh.key)
}

// callMark is no method, so that no call has the key of a transaction.
const callMark = 0xFF

func appendCall(dst []byte, m *sip.Message) []byte {
	n := m.CSeq().Number
	dst = append(dst, byte(n>>24), byte(n>>16), byte(n>>8), byte(n))
	dst = append(append(dst, m.CallID()...), ' ')
	return append(dst, m.From().Tag...)
}
