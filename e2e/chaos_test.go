//go:build e2e

package e2e

import (
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/sekisho/sekisho/app/control"
)

const (
	// chaosRounds is how often the unit is killed; SEKISHO_E2E_KILLS says otherwise.
	chaosRounds = 20
	// chaosRound bounds one round.
	chaosRound = 12 * time.Second
	// chaosRate is calls per second while the unit is killed.
	chaosRate = 25
	// reachableTime is how long after its start a unit may take to be of use.
	reachableTime = 5 * time.Second
)

// chaosNumber is a called number that no other call has: what the carrier is
// called at can be told apart call by call.
func chaosNumber(round, n int) string { return fmt.Sprintf("033%04d%03d", round, n) }

func kills(t *testing.T) int {
	t.Helper()
	v := os.Getenv("SEKISHO_E2E_KILLS")
	if v == "" {
		return chaosRounds
	}
	n, err := strconv.Atoi(v)
	if err != nil || n < 1 {
		t.Fatalf("SEKISHO_E2E_KILLS=%q is no number of kills", v)
	}
	return n
}

// TestKills kills a busy unit (kill -9) at random moments. No call may have
// reached the carrier without a pass verdict on record, the evidence must
// verify, line calls that were up must get their BYE after the restart, and
// phones and line must be reachable again in time, without registering anew.
func TestKills(t *testing.T) {
	t.Parallel()
	rounds := kills(t)
	w := newWorldFor(t, time.Minute+time.Duration(rounds)*chaosRound)
	seed := uint64(time.Now().UnixNano())
	t.Logf("seed %d", seed)
	dice := rand.New(rand.NewPCG(seed, 1))
	c := w.startCarrier()
	u := w.startUnit("announcements_max = 0\n")
	u.lineTo(c, "202", "--channels", "200")
	for _, name := range []string{"unit/home", "extension/home"} { // what a kill leaves open counts as spent
		u.cli("budget", "set", name, "--day", "1000000000", "--month", "1000000000", "--until", "24h",
			"--reason", "many kills")
	}
	a, b := w.sipp(u.phone("201", "udp", true)), w.sipp(u.phone("202", "udp", true))
	a.register(3600)
	b.register(3600)
	b.answers(0, "uas", "RING", "20")
	busy := w.caller(a.Phone)
	begun, good := 0, 0
	for round := range rounds {
		stop := busy.load(chaosRate, func(n int) string { return chaosNumber(round, n) })
		wait(w.ctx, 500*time.Millisecond+time.Duration(dice.IntN(1500))*time.Millisecond)
		u.proc.Kill()
		n, ok := stop()
		begun, good = begun+n, good+ok
		restarted := time.Now()
		u.start()
		w.reachable(a, "202", restarted)
		w.reachable(a, fmt.Sprintf("034%07d", round), restarted)
	}
	passed := map[string]bool{}
	for _, r := range query[[]control.CallRecord](u, "calls", "--limit", "1000000") {
		if r.Verdict == "pass" {
			passed[r.To] = true
		}
	}
	reached := c.called()
	if len(reached) < rounds*5 {
		t.Errorf("only %d calls reached the carrier in %d rounds: the unit was not busy", len(reached), rounds)
	}
	for _, number := range reached {
		if !passed[number] {
			t.Errorf("%s reached the carrier without a verdict on record", number)
		}
	}
	t.Logf("%d kills, %d calls begun, %d ended well, %d at the carrier, %d passed on record",
		rounds, begun, good, len(reached), len(passed))
	u.settled(c)
	u.stop()
	if out, err := u.tryCLI("evidence", "verify"); err != nil {
		t.Errorf("the evidence does not verify: %v\n%s", err, out)
	}
}

func wait(ctx context.Context, d time.Duration) {
	select {
	case <-time.After(d):
	case <-ctx.Done():
	}
}

// reachable calls a number until it is answered, which must be in time.
func (w *world) reachable(from *sippPhone, number string, since time.Time) {
	w.Helper()
	var last error
	for time.Since(since) < reachableTime {
		if last = from.try(2*time.Second, number, "uac", "TALK", "50"); last == nil {
			return
		}
	}
	w.Errorf("%s not reachable %v after the restart: %v", number, reachableTime, last)
}

// settled waits until every call that was up on the line has had its BYE.
func (u *unit) settled(c *carrier) {
	u.Helper()
	var open []string
	for range 100 {
		if open = c.unended(); len(open) == 0 {
			return
		}
		wait(u.ctx, 100*time.Millisecond)
	}
	u.Errorf("calls that were up at the carrier when the unit was killed were never ended: %q", open)
}

// unended lists the calls of the switch that have an ACK and no BYE.
func (c *carrier) unended() []string {
	c.Helper()
	log, err := c.line.Messages()
	c.must(err)
	state := map[string]string{}
	for message := range strings.SplitSeq(log, "-----------------------------------------------") {
		id := callID.FindStringSubmatch(message)
		switch {
		case id == nil || !strings.Contains(message, "message received"):
		case strings.Contains(message, "\nBYE sip:"):
			state[id[1]] = "BYE"
		case strings.Contains(message, "\nACK sip:") && state[id[1]] == "":
			state[id[1]] = "ACK"
		}
	}
	var open []string
	for id, s := range state {
		if s == "ACK" {
			open = append(open, id)
		}
	}
	return open
}

// TestStreamsAfterKill: phones on TCP and TLS lose their connection with the
// unit; once they have connected and registered again they are reachable,
// although the dead connections are still among their contacts.
func TestStreamsAfterKill(t *testing.T) {
	t.Parallel()
	for _, transport := range []string{"tcp", "tls"} {
		t.Run(transport, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			u := w.startUnit("")
			pb := u.phone("202", transport, true)
			pb.Answer, pb.Expires = true, time.Minute
			b := w.baresip(pb, toneB)
			w.must(b.Registered(w.ctx))
			prober := w.sipp(u.phone("201", "udp", true))
			u.proc.Kill()
			b.Kill() // baresip 1.0.0 would come back only when its registration runs out
			u.start()
			b = w.baresip(pb, toneB)
			w.must(b.Registered(w.ctx))
			w.reachable(prober, "202", time.Now())
		})
	}
}
