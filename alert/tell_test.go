package alert

import (
	"context"
	"fmt"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/sekisho/sekisho/alert/watch"
	"github.com/sekisho/sekisho/fact"
)

// owner is a channel on which a person answers as a test says.
type owner struct {
	mu    sync.Mutex
	does  []Told // what comes of each attempt; the last one again and again
	calls []string
	at    []time.Time
	wait  time.Duration // it is told to wait so long, once
}

func (o *owner) Send(context.Context, Letter) (string, error) { return "1", nil }

func (*owner) Attempts() int { return 3 }

func (o *owner) Tell(_ context.Context, attempt int, letters []Letter) (Told, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if wait := o.wait; wait > 0 {
		o.wait = 0
		return Told{}, &LaterError{Wait: wait}
	}
	does := o.does[0]
	if len(o.does) > 1 {
		o.does = o.does[1:]
	}
	o.calls, o.at = append(o.calls, fmt.Sprintf("%d:%d", attempt, len(letters))), append(o.at, time.Now())
	does.Call, does.Offered, does.Pause = "c1", len(letters), time.Minute
	if does.Next == 0 {
		does.Next = attempt + 1
	}
	if does.Acknowledged < len(letters) {
		return does, &Failure{Word: "no-answer"}
	}
	return does, nil
}

// called has a channel told of two alerts and gives the facts that came of it.
func called(t *testing.T, o *owner, wants func(watch.Kind, watch.Notice) bool) []string {
	t.Helper()
	l := newLedger()
	s := service(l, Route{Name: "owner", Channel: o, Wants: wants})
	stop := run(t, s, nil)
	defer stop()
	for _, a := range []watch.Alert{
		{ID: "a1", Kind: watch.Barred, Notice: watch.Begun}, {ID: "a2", Kind: watch.Change, Notice: watch.Begun},
	} {
		a.At, a.Due = time.Now(), time.Now().Add(time.Second) // both are due at once
		s.act(watch.Step{Alerts: []watch.Alert{a}})
	}
	time.Sleep(time.Hour)
	synctest.Wait()
	if l.owes() != 0 {
		t.Errorf("%d kept: %v", l.owes(), l.memory())
	}
	var out []string
	for _, f := range l.facts {
		switch f := f.(type) {
		case fact.AlertSent:
			out = append(out, fmt.Sprintf("sent %s %d %s%s", f.Alert, f.Tries, f.Call, f.Acknowledged))
		case fact.AlertFailed:
			out = append(out, fmt.Sprintf("failed %s %d %s %v", f.Alert, f.Tries, f.Why, f.GivenUp))
		}
	}
	return out
}

// TestAnOwnerIsCalledUntilItSaysSo: acknowledged at once; one of two; after a
// while; heard only; never; at a number that is skipped; later, because there
// were too many calls.
func TestAnOwnerIsCalledUntilItSaysSo(t *testing.T) {
	const missed = "[failed a1 1 no-answer false failed a2 1 no-answer false "
	for name, c := range map[string]struct {
		owner       *owner
		facts, rung string
	}{
		"at once": {&owner{does: []Told{{Acknowledged: 2}}}, "[sent a1 1 c1yes sent a2 1 c1yes]", "[0:2]"},
		"one first": {
			&owner{does: []Told{{Acknowledged: 1}}},
			"[sent a1 1 c1yes failed a2 1 no-answer false sent a2 2 c1yes]", "[0:2 1:1]",
		},
		"in the end": {
			&owner{does: []Told{{}, {}, {Acknowledged: 2}}},
			missed + "sent a1 3 c1yes sent a2 3 c1yes]", "[0:2 1:2 2:2]",
		},
		"heard": {
			&owner{does: []Told{{Heard: 1}, {}}},
			missed + "sent a1 3 c1no failed a2 3 no-answer true]",
			"[0:2 1:2 2:2]",
		},
		"skipped": {
			&owner{does: []Told{{Next: 2}}},
			missed + "failed a1 2 no-answer true failed a2 2 no-answer true]",
			"[0:2 2:2]",
		},
		"later": {
			&owner{does: []Told{{Acknowledged: 2}}, wait: 30 * time.Minute},
			"[sent a1 1 c1yes sent a2 1 c1yes]", "[0:2]",
		},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				o := c.owner
				facts := fmt.Sprint(called(t, o, nil))
				if facts != c.facts || fmt.Sprint(o.calls) != c.rung {
					t.Errorf("%s %v,\nwant %s %s", facts, o.calls, c.facts, c.rung)
				}
				for i := 1; i < len(o.at); i++ {
					if o.at[i].Sub(o.at[i-1]) < time.Minute {
						t.Errorf("called again after %v", o.at[i].Sub(o.at[i-1]))
					}
				}
			})
		})
	}
}

// TestAChannelGetsWhatItWants and nothing else.
func TestAChannelGetsWhatItWants(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		o := &owner{does: []Told{{Acknowledged: 9}}}
		facts := called(t, o, func(k watch.Kind, _ watch.Notice) bool { return k == watch.Barred })
		if fmt.Sprint(facts) != "[sent a1 1 c1yes]" {
			t.Errorf("%v", facts)
		}
	})
}
