//go:build e2e

package e2e

import (
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/sekisho/sekisho/e2e/internal/sound"
	"github.com/sekisho/sekisho/e2e/peer"
)

// mobileNumber is whose calls a baresip takes that is called by a line.
const mobileNumber = "09012345678"

// mobile starts a baresip that is reached by an outside line of the unit. A line's sound must come
// from where its description says, which for a baresip is this host's first
// address: no phone may be there besides.
func (u *unit) mobile(hz float64) *peer.Baresip {
	u.Helper()
	b := u.baresip(peer.Phone{Extension: mobileNumber, Local: u.desk()}, hz)
	at := b.Address()
	u.cli("line", "add", "main", "--profile", "generic-static", "--registrar", at.String(),
		"--source", at.Addr().String(), "--number", mainNumber+"=201", "--area-code", "03")
	u.lineUp()
	return b
}

// TestBaresipTakesAForward: a call for an extension goes on to a mobile, which hears in words as
// they were spoken that it is to press a key, and presses it (RFC 4733). Its caller is not
// answered before that; then it echoes what the mobile says.
func TestBaresipTakesAForward(t *testing.T) {
	t.Parallel()
	w := newWorldFor(t, pinTime)
	u := w.startUnit("")
	m := u.mobile(toneB)
	a := w.sipp(u.phone("201", "udp", true))
	u.account("202")
	u.cli("forward", "set", "202", "always", mobileNumber)
	run := a.run("uac", "TALK", "5000")
	a.dials(&run, "202")
	run.Calls, run.RTPEcho, run.Media = 1, true, netip.AddrPortFrom(a.at.Addr(), 6000)
	calls, err := peer.StartSIPp(w.ctx, run)
	w.must(err)
	t.Cleanup(calls.Stop)
	w.rings(m)
	w.must(m.Accept())
	w.answers(m)
	take := w.clip("forward-take")
	wait(w.ctx, sound.PCM{Rate: sound.Rate, Samples: take}.Len()+time.Second)
	if said, err := calls.Messages(); err != nil || strings.Contains(said, "SIP/2.0 200") {
		t.Errorf("the caller was answered before the key was pressed (%v)", err)
	}
	w.types(m, "1")
	w.must(calls.Result(w.ctx))
	w.hungUp(m)
	w.must(heardClip(w.last(m), take, 0, 3))
	w.must(heardTail(w.last(m), toneB))
}

// TestBaresipHasATransferBack: a baresip sends over whom it talks with, and hangs up. The
// other one does not take the call: the first rings again, and they talk on.
func TestBaresipHasATransferBack(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	u := w.startUnit("")
	pb := u.phone("202", "udp", true)
	pb.Answer = true
	a, b := w.baresip(u.phone("201", "udp", true), toneA), w.baresip(pb, toneB)
	c := w.baresip(u.phone("203", "tcp", true), 0)
	for _, p := range []*peer.Baresip{a, b, c} {
		w.must(p.Registered(w.ctx))
	}
	w.must(a.Dial("202"))
	w.established(a)
	w.answers(b)
	w.must(a.Transfer("203"))
	w.rings(c)
	w.must(a.Hangup())
	w.hungUp(a)
	w.must(c.Hangup())
	w.hungUp(c)
	w.rings(a)
	w.must(a.Accept())
	w.answers(a)
	w.talk()
	w.must(a.Hangup())
	w.hungUp(b)
	w.must(heard(w.last(a), toneB))
	w.must(heardTail(w.last(b), toneA))
}
