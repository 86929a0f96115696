package main

import (
	"fmt"
	"io"
	"runtime"
	"time"
)

// What parts of a run take of one core, measured on 2026-11-30 on a machine with two:
// what a forecast is made of.
const (
	costAttack   = 50 * time.Millisecond  // one attack, on one contestant
	costPeace    = 15 * time.Microsecond  // one call in peace
	costEpisode  = 15 * time.Millisecond  // one adaptive attack
	costTroubled = 10 * time.Millisecond  // one attack with something going wrong
	costCompared = 500 * time.Millisecond // one attack with a store beside it, which waits for the disk
)

// forecast is how long a run takes that has no bound, on so many free cores.
func (m *match) forecast(episodes, cores int) time.Duration {
	attacks := m.rounds * len(m.families) * len(m.contestants)
	calls, hunts := 0, 0
	for i := range m.contestants {
		part := min(m.peace, othersParts*peacePart)
		if m.contestants[i].Name == unitName {
			part = m.peace
		}
		calls += part * len(m.offices)
		if hunted(&m.contestants[i]) {
			hunts++
		}
	}
	shared := time.Duration(attacks)*costAttack + time.Duration(calls)*costPeace
	if len(m.families) == 0 {
		return shared / time.Duration(cores)
	}
	alone := time.Duration(episodes*hunts)*costEpisode + compareFull*costCompared +
		time.Duration(troubleFull*len(m.families)*len(troubles()))*costTroubled
	return shared/time.Duration(cores) + alone
}

// announce says how long the run is going to take.
func (m *match) announce(o *options, notes io.Writer) {
	cores := runtime.GOMAXPROCS(0)
	whole := m.forecast(o.episodes, cores)
	if o.within > 0 && o.within < whole {
		_, _ = fmt.Fprintf(notes, "seed %d: at most %s, which is %.0f %% of a whole run of about %s on %d free cores\n",
			m.seed, o.within, 100*o.within.Seconds()/whole.Seconds(), rounded(whole), cores)
		return
	}
	_, _ = fmt.Fprintf(notes, "seed %d: about %s on %d free cores\n", m.seed, rounded(whole), cores)
}

// rounded is a time with two figures or so.
func rounded(d time.Duration) time.Duration {
	if d > 10*time.Minute {
		return d.Round(time.Minute)
	}
	return d.Round(time.Second)
}
