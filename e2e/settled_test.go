//go:build e2e

package e2e

import (
	"fmt"
	"net"
	"net/netip"
	"testing"
	"time"

	"github.com/sekisho/sekisho/app/control"
	"github.com/sekisho/sekisho/e2e/peer"
	practice "github.com/sekisho/sekisho/sim/carrier"
)

const (
	// settledRounds is how often the unit is killed.
	settledRounds = 4
	// settledRate is calls per second: each second one rings on, the others talk.
	settledRate = 16
	// givesUp is when a carrier ends an answer that nobody acknowledges (RFC 3261
	// §13.3.1.4: 64 times T1), and some more.
	givesUp = 40 * time.Second
)

// billing starts the practice carrier, which bills: by a price list, or by its own
// where that is nil. Numbers that end in 1 ring on and on; others answer at once.
func (w *world) billing(price func(practice.Reading, time.Duration) int64) *practice.Carrier {
	w.Helper()
	at := netip.AddrPortFrom(w.addr(), peer.SIPPort)
	socket, err := net.ListenPacket("udp", at.String())
	w.must(err)
	c, err := practice.New(socket, practice.Config{
		Domain: "carrier.test", Price: price, Accounts: []practice.Account{{
			User: mainNumber, Secret: carrierSecret, Numbers: []string{mainNumber},
			Manners: practice.GenericRegistration(at.Addr().String()),
		}},
		Behave: func(r practice.Reading) practice.Behavior {
			if r.Digits[len(r.Digits)-1] == '1' {
				return practice.Behavior{Ring: time.Hour}
			}
			return practice.Behavior{Ring: 20 * time.Millisecond, Sound: practice.Silence}
		},
		OpenMedia: func(local netip.Addr) (net.PacketConn, error) {
			return net.ListenPacket("udp", netip.AddrPortFrom(local, 0).String())
		},
	})
	w.must(err)
	w.Cleanup(func() { c.Close() })
	return c
}

// settledNumber is a number that no other call of the test has.
func settledNumber(round, n int) string {
	last := 2
	if n%2 == 0 {
		last = 1
	}
	return fmt.Sprintf("033%02d%03d%02d", round, n, last)[:10]
}

// TestKillsAreSettled kills a unit (kill -9) with calls that ring and calls that
// talk, and holds its books against its carrier's: what rang costs nothing, what
// talked costs no less than its bill, and nothing stays set aside. Calls that the
// carrier answered in the moment of a kill are the bound that is stated: each is
// billed what the carrier waits for an acknowledgment.
func TestKillsAreSettled(t *testing.T) {
	t.Parallel()
	w := newWorldFor(t, 3*time.Minute)
	c := w.billing(nil)
	u := w.startUnit("announcements_max = 0\n")
	u.lineTo(&carrier{world: w, at: c.Addr()}, "202", "--channels", "200")
	a := w.sipp(u.phone("201", "udp", true))
	a.register(3600)
	busy := w.caller(a.Phone)
	for round := range settledRounds {
		stop := busy.load(settledRate, func(n int) string { return settledNumber(round, n) })
		wait(w.ctx, 1300*time.Millisecond+time.Duration(round)*170*time.Millisecond)
		u.proc.Kill()
		stop()
		u.start()
		u.lineUp()
	}
	u.billed(c)
	u.booksAgree(c)
	u.verified()
}

// billed waits until the carrier has billed every call, and the unit has nothing
// set aside.
func (u *unit) billed(c *practice.Carrier) {
	u.Helper()
	u.until(givesUp, "the carrier has billed every call", func() bool {
		for _, e := range c.Books().Entries() {
			if !e.Answer.IsZero() && e.End.IsZero() {
				return false
			}
		}
		return true
	})
	u.until(givesUp, "nothing is set aside any more", func() bool {
		for _, b := range query[[]control.Budget](u, "budget", "show") {
			if b.Held != 0 || b.Calls != 0 {
				return false
			}
		}
		return true
	})
}

// verified stops the unit and has its evidence looked at.
func (u *unit) verified() {
	u.Helper()
	u.stop()
	if out, err := u.tryCLI("evidence", "verify"); err != nil {
		u.Errorf("the evidence does not verify: %v\n%s", err, out)
	}
}

// booksAgree holds what calls cost by the unit against what the carrier bills.
func (u *unit) booksAgree(c *practice.Carrier) {
	u.Helper()
	records := map[string]control.CallRecord{}
	var spent int64
	for _, r := range query[[]control.CallRecord](u, "calls", "--limit", "10000") {
		records[r.To] = r
		spent += r.Cost
	}
	var rang, left, talked, gap int
	var billed, inGap int64
	for _, e := range c.Books().Entries() {
		r, known := records[e.User]
		switch billed += e.MilliYen; {
		case !known || r.Verdict != "pass":
			u.Errorf("%s reached the carrier without a verdict on record", e.User)
		case e.Answer.IsZero():
			rang++
			if r.Cost != 0 {
				u.Errorf("%s was never answered and costs %d", e.User, r.Cost)
			}
		case r.Answered.IsZero(): // in the moment of a kill
			gap++
			inGap += e.MilliYen
			if talk := e.End.Sub(e.Answer); r.Reason != "restart" || talk > givesUp {
				u.Errorf("%s is on record as not answered (%s), and was for %v", e.User, r.Reason, talk)
			}
		default:
			talked++
			if r.Reason == "restart" {
				left++
			}
			if r.Cost < e.MilliYen {
				u.Errorf("%s costs %d and is billed %d", e.User, r.Cost, e.MilliYen)
			}
		}
	}
	u.Logf("%d rang, %d talked, %d of them at a kill, %d answered in the moment of one; spent %d, billed %d (%d there)",
		rang, talked, left, gap, spent, billed, inGap)
	if rang < settledRounds || left < settledRounds/2 {
		u.Errorf("%d calls rang and %d talked at a kill: the unit was not busy", rang, left)
	}
	if spent+inGap < billed {
		u.Errorf("spent %d, billed %d, of which %d for %d calls in the moment of a kill", spent, billed, inGap, gap)
	}
	for _, b := range query[[]control.Budget](u, "budget", "show") {
		if b.Budget == "unit/home" && b.UsedMon != spent {
			u.Errorf("the budget has spent %d, its calls cost %d", b.UsedMon, spent)
		}
	}
}
