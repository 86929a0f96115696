//go:build e2e

package e2e

import (
	"testing"

	"github.com/sekisho/sekisho/e2e/peer"
)

// rings waits until a baresip rings.
func (w *world) rings(b *peer.Baresip) {
	w.Helper()
	_, err := b.Await(w.ctx, "CALL_INCOMING")
	w.must(err)
}

// talked has two baresips talk, hang up, and have heard each other.
func (w *world) talked(a, b *peer.Baresip) {
	w.Helper()
	w.talk()
	w.must(a.Hangup())
	w.hungUp(b)
	w.must(heard(w.last(a), toneB))
	w.must(heard(w.last(b), toneA))
}

// TestBaresipParks has a baresip park whom it talks with, and another one take it, by
// the code.
func TestBaresipParks(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	u := w.startUnit("")
	pb := u.phone("202", "udp", true)
	pb.Answer = true
	a, b, c := w.baresip(u.phone("201", "udp", true), 0), w.baresip(pb, toneB),
		w.baresip(u.phone("203", "tcp", true), toneA)
	for _, p := range []*peer.Baresip{a, b, c} {
		w.must(p.Registered(w.ctx))
	}
	w.must(a.Dial("202"))
	w.established(a)
	w.answers(b)
	w.must(a.Transfer("park1"))
	w.hungUp(a)
	w.must(c.Dial("*771"))
	w.established(c)
	w.talked(c, b)
}

// TestBaresipPicksUp has a baresip take a call that rings at another one.
func TestBaresipPicksUp(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	u := w.startUnit("")
	a, b, c := w.baresip(u.phone("201", "udp", true), toneB), w.baresip(u.phone("202", "udp", true), 0),
		w.baresip(u.phone("203", "tcp", true), toneA)
	for _, p := range []*peer.Baresip{a, b, c} {
		w.must(p.Registered(w.ctx))
	}
	w.must(a.Dial("202"))
	w.rings(b)
	w.must(c.Dial("**202"))
	w.established(c)
	w.established(a)
	w.hungUp(b)
	w.talked(c, a)
}

// TestBaresipsRingTogether has a group ring: one answers, and the other rings no more.
func TestBaresipsRingTogether(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	u := w.startUnit("")
	a, b, c := w.baresip(u.phone("201", "udp", true), toneB), w.baresip(u.phone("202", "udp", true), 0),
		w.baresip(u.phone("203", "udp", true), toneA)
	for _, p := range []*peer.Baresip{a, b, c} {
		w.must(p.Registered(w.ctx))
	}
	u.cli("group", "set", "600", "202,203")
	w.must(a.Dial("600"))
	w.rings(b)
	w.rings(c)
	w.must(c.Accept())
	w.answers(c)
	w.established(a)
	w.hungUp(b)
	w.talked(c, a)
}
