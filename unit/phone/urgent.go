package phone

import (
	"crypto/hmac"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/binary"
	"encoding/hex"
	"hash/maphash"
	"net/netip"
	"sync"
	"time"

	"github.com/sekisho/sekisho/wire/sip"
	"github.com/sekisho/sekisho/wire/sip/edge"
)

// An emergency call from a registered phone's address is carried even when its
// sign-in fails. Over UDP a source address is only a claim: the call is let in
// when the address has shown that it hears us, by an ACK of our 401 with the
// very To tag that the 401 had (return routability). The tag is a MAC, so that
// nothing is kept before that ACK. Over TCP and TLS the handshake has shown it.

// urgentTagMark begins the To tags of challenges to emergency calls; tags of
// sessions begin otherwise.
const urgentTagMark = 'u'

// urgentTag is the To tag of the challenge to an INVITE, which its ACK brings
// back.
func (r *Registry) urgentTag(m *sip.Message, a netip.Addr, now time.Time) string {
	return r.urgentTagOf(m, a, now.Unix()/int64(UrgentTagLife/time.Second))
}

// urgentTagOf is the tag of one stretch of UrgentTagLife.
func (r *Registry) urgentTagOf(m *sip.Message, a netip.Addr, stretch int64) string {
	mac := hmac.New(sha256.New, r.urgentKey[:])
	var n [8]byte
	put := func(v uint64) { binary.BigEndian.PutUint64(n[:], v); mac.Write(n[:]) }
	put(uint64(stretch))
	put(uint64(m.CSeq().Number))
	for _, field := range [][]byte{m.CallID(), m.From().Tag, a.AsSlice()} {
		put(uint64(len(field)))
		mac.Write(field)
	}
	sum := mac.Sum(nil)
	return string(urgentTagMark) + hex.EncodeToString(sum[:urgentTagBytes])
}

// urgentTagBytes is how much of the MAC a tag has.
const urgentTagBytes = 16

// Acknowledged is told of ACKs on the phone side that belong to nothing: they
// are for answers without state, as a challenge is. One for the challenge to an
// emergency call shows that its source address is not forged.
func (r *Registry) Acknowledged(m *sip.Message, from edge.Source, now time.Time) {
	if !r.cfg.Emergency(m.RequestURI().User) {
		return
	}
	addr := from.Remote.Addr().Unmap()
	tag := m.To().Tag
	if _, resident := r.places.at(addr, now); !resident || len(tag) == 0 || tag[0] != urgentTagMark {
		return
	}
	for back := range int64(2) {
		want := r.urgentTagOf(m, addr, now.Unix()/int64(UrgentTagLife/time.Second)-back)
		if subtle.ConstantTimeCompare(tag, []byte(want)) == 1 {
			r.urgent.prove(m, addr, now)
			return
		}
	}
}

// urgentCalls remembers a little about emergency calls that are not signed in:
// which addresses have proven to be real, and which calls came again without
// that, which is an alarm. Both are rings of fixed size. Residents and
// strangers have rings of their own: strangers can't push residents out.
type urgentCalls struct {
	mu     sync.Mutex
	seed   maphash.Seed
	made   bool
	ring   [2][UrgentMax]urgentCall
	next   [2]int
	proven [UrgentMax]urgentProof
}

// urgentCall is one such call.
type urgentCall struct {
	key    uint64
	branch uint64
	at     time.Time
}

// urgentKey is what makes it the same call again.
type urgentKey struct {
	callID string
	source netip.Addr
}

// urgentProof is an address from which our 401 was acknowledged.
type urgentProof struct {
	source netip.Addr
	call   uint64 // the Call-ID of that call …
	branch uint64 // … and the branch of the INVITE that was challenged
	others int    // further calls that it still opens
	at     time.Time
}

// hash names bytes that others chose in little room.
func (u *urgentCalls) hash(b []byte) uint64 {
	if !u.made {
		u.seed, u.made = maphash.MakeSeed(), true
	}
	return maphash.Bytes(u.seed, b)
}

// again notes a call and reports whether it came before, by another branch: a
// mere retransmission says nothing.
func (u *urgentCalls) again(callID, branch []byte, source netip.Addr, resident bool, now time.Time) bool {
	u.mu.Lock()
	defer u.mu.Unlock()
	copyOf := u.hash(branch)
	key := maphash.Comparable(u.seed, urgentKey{string(callID), source})
	which := 0
	if resident {
		which = 1
	}
	ring := &u.ring[which]
	for _, c := range ring {
		if c.key == key && recent(c.at, UrgentLife, now) {
			return c.branch != copyOf
		}
	}
	ring[u.next[which]] = urgentCall{key, copyOf, now}
	u.next[which] = (u.next[which] + 1) % UrgentMax
	return false
}

// prove notes that an address has acknowledged a challenge. One address has
// one place; a new one takes the oldest.
func (u *urgentCalls) prove(m *sip.Message, source netip.Addr, now time.Time) {
	u.mu.Lock()
	defer u.mu.Unlock()
	to := &u.proven[0]
	for i := range u.proven {
		p := &u.proven[i]
		if p.source == source {
			to = p
			break
		}
		if p.at.Before(to.at) {
			to = p
		}
	}
	*to = urgentProof{source, u.hash(m.CallID()), u.hash(m.TopVia().Branch), UrgentOthers, now}
}

// opens reports whether an address has proven to be real, so that an INVITE
// from there may pass: one more of the same call, or, for a phone that never
// signs in and is dialed again by hand, of another. A late copy of the INVITE
// that was challenged does not: its phone has given it up.
func (u *urgentCalls) opens(m *sip.Message, source netip.Addr, now time.Time) bool {
	u.mu.Lock()
	defer u.mu.Unlock()
	for i := range u.proven {
		p := &u.proven[i]
		if p.source != source || !recent(p.at, UrgentProofLife, now) {
			continue
		}
		if u.hash(m.CallID()) == p.call {
			return u.hash(m.TopVia().Branch) != p.branch
		}
		p.others--
		return p.others >= 0
	}
	return false
}

// settle forgets what a call has proven: it was signed in after all.
func (u *urgentCalls) settle(m *sip.Message, source netip.Addr) {
	u.mu.Lock()
	defer u.mu.Unlock()
	for i := range u.proven {
		if p := &u.proven[i]; p.source == source && p.call == u.hash(m.CallID()) {
			*p = urgentProof{}
		}
	}
}

// recent reports whether something was less than life ago. A clock that was set
// back ends it.
func recent(at time.Time, life time.Duration, now time.Time) bool {
	return now.Sub(at) < life && !now.Before(at)
}
