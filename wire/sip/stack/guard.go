package stack

import (
	"context"
	"encoding/binary"
	"hash/maphash"
	"net/netip"
	"slices"
	"time"

	"github.com/sekisho/sekisho/wire/sip"
)

// guard bounds what strangers can have a shard do: every answer to a source
// where no phone is registered takes from a budget. All of it is a sketch of
// fixed size, so that nothing is kept for a source, forged or not. Its owner
// is the shard's loop.
//
// A source that asks much too often gets no answers. What it sends in answer to
// challenges is counted apart, and when that is spent with the rest. All
// strangers together are limited when the shard is behind with its work, not
// before. Then one that asks a second time has a budget of its own, because a
// phone retransmits (RFC 3261 §17.1.2), and who forges a source for every
// datagram need not. So a phone
// at a new address is heard in the middle of a flood. A flood of both kinds, new
// requests and repeated ones, can use up both budgets: then a phone is heard as
// often as anybody. But what it is told is a challenge, and who answers one has
// budgets that nobody can use up who forges a source: the answer holds what was
// sent there (Config.Answers).
type guard struct {
	seed    maphash.Seed
	sources sketch // answers to each source …
	proven  sketch // … and to what it sends in answer to a challenge
	first   bucket // answers to those who ask for the first time
	again   bucket // to those who ask again
	answers bucket // to those who answer a challenge
	urgent  bucket // to emergency calls
	asked   [2]filter
	turned  time.Time // when asked[0] was begun
	begun   time.Time // when bucket times count from
	worst   worst
}

func newGuard(now time.Time) *guard { return &guard{seed: maphash.MakeSeed(), begun: now} }

// bucket is a token bucket, empty at its zero value but full once it is asked
// for the first time.
type bucket struct {
	spent float32 // tokens taken and not yet given back
	at    uint32  // milliseconds since guard.begun
}

// take takes a token from a bucket that fills with rate tokens a second up to
// most.
func (b *bucket) take(now uint32, rate, most float32) bool {
	if now > b.at { // a clock that was set back gives nothing
		b.spent = max(0, b.spent-rate*float32(now-b.at)/millisecondsPerSecond)
	}
	b.at = now
	if b.spent+1 > most {
		return false
	}
	b.spent++
	return true
}

const millisecondsPerSecond = 1000

// filter is a Bloom filter of the requests that got no answer.
type filter [filterBits / 64]uint64

// note puts a hash in, and reports whether it was in already, or seems so.
func (f *filter) note(h uint64) bool {
	was := f.has(h)
	a, b := filterBitsOf(h)
	f[a/64] |= 1 << (a % 64)
	f[b/64] |= 1 << (b % 64)
	return was
}

func (f *filter) has(h uint64) bool {
	a, b := filterBitsOf(h)
	return f[a/64]&(1<<(a%64)) != 0 && f[b/64]&(1<<(b%64)) != 0
}

func filterBitsOf(h uint64) (a, b uint64) { return h % filterBits, (h >> 32) % filterBits }

// sender is what is known of who sent a request to the phone side before it is
// looked at closely.
type sender uint8

const (
	stranger   sender = iota // nothing
	challenged               // somebody who hears what is sent there: the request answers a challenge
	registered               // a phone is registered there
)

// allows reports whether a request from where no phone is registered may be
// answered now. behind says that the shard has more to do than it can.
func (g *guard) allows(m *sip.Message, from netip.AddrPort, who sender, urgent, behind bool, now time.Time) bool {
	ms := uint32(max(0, now.Sub(g.begun)) / time.Millisecond)
	source := sourceOf(from.Addr())
	if who == challenged && g.take(&g.proven, source, ms) &&
		(!behind || g.answers.take(ms, answersRate, answersBurst)) {
		return true
	}
	if !g.take(&g.sources, source, ms) {
		g.worst.note(source)
		return false
	}
	if !behind {
		return true
	}
	if urgent && g.urgent.take(ms, urgentRate, urgentBurst) {
		return true
	}
	if len(m.CallID()) == 0 || m.CSeq().Method != m.Method() {
		return false // no phone sends that, and each is like the one before
	}
	h := g.hash(m, from)
	if g.askedBefore(h, now) {
		return g.again.take(ms, againRate, againBurst)
	}
	if g.first.take(ms, firstRate, firstBurst) {
		return true
	}
	g.asked[0].note(h)
	return false
}

// sketch are buckets of sources, one in each row: a source shares them with
// others, and is refused only if both are spent.
type sketch [guardRows][guardCells]bucket

// take takes from a source's own buckets.
func (g *guard) take(s *sketch, source netip.Addr, ms uint32) bool {
	raw := source.As16()
	h := maphash.Bytes(g.seed, raw[:])
	ok := false
	for row := range s {
		cell := (h >> (row * 32)) % guardCells
		if s[row][cell].take(ms, sourceRate, sourceBurst) {
			ok = true
		}
	}
	return ok
}

// hash is what a retransmission has in common with its request.
func (g *guard) hash(m *sip.Message, from netip.AddrPort) uint64 {
	var h maphash.Hash
	h.SetSeed(g.seed)
	raw := from.Addr().As16()
	_, _ = h.Write(raw[:])
	var n [7]byte
	binary.BigEndian.PutUint16(n[:], from.Port())
	binary.BigEndian.PutUint32(n[2:], m.CSeq().Number)
	n[6] = byte(m.Method())
	_, _ = h.Write(n[:])
	_, _ = h.Write(m.CallID())
	return h.Sum64()
}

// askedBefore reports whether a request got no answer not long ago.
func (g *guard) askedBefore(h uint64, now time.Time) bool {
	if age := now.Sub(g.turned); age < 0 || age >= filterLife {
		g.asked[1] = g.asked[0]
		if age >= 2*filterLife || age < 0 {
			g.asked[1] = filter{}
		}
		g.asked[0] = filter{}
		g.turned = now
	}
	return g.asked[0].has(h) || g.asked[1].has(h)
}

// sourceOf is what counts as one source: an IPv4 address, or a /64 of IPv6,
// which is what one customer gets.
func sourceOf(a netip.Addr) netip.Addr {
	a = a.Unmap().WithZone("")
	if a.Is6() {
		if p, err := a.Prefix(sourcePrefix6); err == nil {
			return p.Addr()
		}
	}
	return a
}

const sourcePrefix6 = 64

// worst keeps the sources that were refused most often, by the Space-Saving
// algorithm: a fixed number of counters, where a newcomer takes the smallest.
// So a source that sends more than its share of all refusals is among them.
type worst [worstMax]offender

// offender is a source that asks far more often than it is answered.
type offender struct {
	source netip.Addr // an IPv4 address, or the first of a /64
	most   uint32     // requests without an answer, an upper bound
	surely uint32     // and a lower one
}

func (w *worst) note(a netip.Addr) {
	least := 0
	for i := range w {
		if w[i].source == a {
			w[i].most++
			w[i].surely++
			return
		}
		if w[i].most < w[least].most {
			least = i
		}
	}
	w[least] = offender{source: a, most: w[least].most + 1, surely: 1}
}

// take gives those that were surely refused often, and begins anew.
func (w *worst) take() (list []netip.Addr) {
	for _, o := range w {
		if o.surely >= worstFrom {
			list = append(list, o.source)
		}
	}
	*w = worst{}
	return list
}

// Worst gives the sources that were refused most often since it was last
// asked, by all shards. It waits for them, until ctx ends.
func (st *Stack) Worst(ctx context.Context) ([]netip.Addr, error) {
	answers := make(chan []netip.Addr, shardsMax)
	for _, sh := range st.shards {
		if !sh.Post(func(sh *Shard) { answers <- sh.guard.worst.take() }) {
			return nil, ErrFull
		}
	}
	var all []netip.Addr
	for range st.shards {
		select {
		case list := <-answers:
			for _, a := range list {
				if !slices.Contains(all, a) {
					all = append(all, a)
				}
			}
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
	return all, nil
}
