package alert

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/sekisho/sekisho/alert/watch"
	"github.com/sekisho/sekisho/fact"
)

// owed is an alert that a channel has not delivered yet.
type owed struct {
	alert watch.Alert
	tries int
	next  int    // the attempt to make, where the channel is a Teller
	call  string // of the last one
	heard bool   // somebody was told to the end
}

// courier delivers the alerts of one channel, the oldest first.
type courier struct {
	Route

	s    *Service
	wake chan struct{}

	mu       sync.Mutex
	owed     []owed
	failures int       // attempts that failed since the last that did not
	rests    time.Time // until then nobody is called again, whatever comes
}

func newCourier(s *Service, r Route) *courier {
	return &courier{Route: r, s: s, wake: make(chan struct{}, 1)}
}

// row is how an owed alert stands in the store.
func (c *courier) row(a watch.Alert, gone bool) fact.AlertMemory {
	m := fact.AlertMemory{Name: owedPrefix + c.Name + "/" + a.ID}
	if !gone {
		doc, _ := json.Marshal(a) // strings, numbers and times of this century always have a JSON form
		m.Doc = string(doc)
	}
	return m
}

// take adds an alert whose row is on its way to the disk, and gives what has
// to be written where it made another one give way.
func (c *courier) take(a watch.Alert) fact.Write {
	c.mu.Lock()
	defer c.mu.Unlock()
	var w fact.Write
	if len(c.owed) >= owedMax {
		oldest := c.owed[0]
		c.owed = slices.Delete(c.owed, 0, 1)
		w.Facts = append(w.Facts, c.failed(oldest, "too-many", true))
		w.Rows = append(w.Rows, c.row(oldest.alert, true))
	}
	c.owed = append(c.owed, owed{alert: a})
	select {
	case c.wake <- struct{}{}:
	default:
	}
	return w
}

// waiting is how many alerts the channel owes, and how many attempts failed
// since the last that did not.
func (c *courier) waiting() (owes, failures int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	return len(c.owed), c.failures
}

// next gives the alert to send now, or how long to wait for one; 0 waits for
// the next that comes.
func (c *courier) next(now time.Time) (*owed, time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	select {
	case <-c.wake: // what came until now is looked at here
	default:
	}
	if wait := c.rests.Sub(now); wait > 0 {
		return nil, wait
	}
	wait := time.Duration(0)
	for i := range c.owed {
		until := c.owed[i].alert.Due.Sub(now)
		if until <= 0 {
			o := c.owed[i]
			return &o, 0
		}
		if wait == 0 || until < wait {
			wait = until
		}
	}
	return nil, wait
}

// run delivers until ctx ends.
func (c *courier) run(ctx context.Context) {
	for ctx.Err() == nil {
		o, wait := c.next(c.s.c.Now())
		if o != nil {
			if t, ok := c.Channel.(Teller); ok {
				c.tell(ctx, t)
				continue
			}
			wait = c.attempt(ctx, *o)
			if wait == 0 {
				continue
			}
		}
		c.pause(ctx, wait)
	}
}

// pause waits for the next alert, at most for d; 0 is for as long as it takes.
func (c *courier) pause(ctx context.Context, d time.Duration) {
	var over <-chan time.Time
	if d > 0 {
		timer := time.NewTimer(d)
		defer timer.Stop()
		over = timer.C
	}
	select {
	case <-ctx.Done():
	case <-c.wake:
	case <-over:
	}
}

// attempt sends one alert. It gives the pause until the next attempt, 0 where
// there is no need for one.
func (c *courier) attempt(ctx context.Context, o owed) time.Duration {
	_, err := c.send(ctx, write(o.alert, c.s.c.Unit(), c.s.c.Lang))
	if err != nil && ctx.Err() != nil { // the unit stops: the row is still there
		return 0
	}
	o.tries++
	now := c.s.c.Now()
	if err == nil {
		c.settle(o, 0)
		c.s.commit(fact.Write{
			Facts: []fact.Fact{c.sent(o)}, Rows: []fact.Row{c.row(o.alert, true)},
		})
		return 0
	}
	why := Word(err)
	c.s.c.Log.Warn("alert not delivered", "channel", c.Name, "kind", o.alert.Kind, "tries", o.tries, "err", err)
	if now.Sub(o.alert.Due) >= ageMax {
		c.settle(o, 1)
		c.s.commit(fact.Write{
			Facts: []fact.Fact{c.failed(o, why, true)}, Rows: []fact.Row{c.row(o.alert, true)},
		})
		return 0
	}
	if o.tries == 1 {
		c.s.commit(fact.Write{Facts: []fact.Fact{c.failed(o, why, false)}})
	}
	return c.again(o)
}

// send makes one attempt, bounded in time.
func (c *courier) send(ctx context.Context, l Letter) (string, error) {
	most := sendTimeMax
	if _, ok := c.Channel.(Teller); ok {
		most = testCallTimeMax
	}
	ctx, cancel := context.WithTimeout(ctx, most)
	defer cancel()
	answer, err := c.Channel.Send(ctx, l)
	if err != nil {
		return "", fmt.Errorf("%s: %w", c.Name, err)
	}
	return Clip(answer), nil
}

// settle takes an alert off the queue after its last attempt.
func (c *courier) settle(o owed, failed int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if failed == 0 {
		c.failures = 0
	}
	c.owed = slices.DeleteFunc(c.owed, func(x owed) bool { return x.alert.ID == o.alert.ID })
}

// again notes a failed attempt and gives the pause after it: twice the last
// one, between half of it and all.
func (c *courier) again(o owed) time.Duration {
	c.mu.Lock()
	defer c.mu.Unlock()
	for i := range c.owed {
		if c.owed[i].alert.ID == o.alert.ID {
			c.owed[i].tries = o.tries
		}
	}
	pause := pauseMax
	if c.failures < 16 {
		pause = min(pauseMin<<c.failures, pauseMax)
	}
	c.failures++
	return pause/2 + time.Duration(c.s.c.Jitter()*float64(pause/2))
}

func (c *courier) sent(o owed) fact.AlertSent {
	a := o.alert
	return fact.AlertSent{
		Alert: a.ID, AlertKind: string(a.Kind), Notice: string(a.Notice), About: a.About, Channel: c.Name,
		Tries: o.tries, Raised: a.At, At: c.s.c.Now().UTC(),
	}
}

func (c *courier) failed(o owed, why string, givenUp bool) fact.AlertFailed {
	a := o.alert
	return fact.AlertFailed{
		Alert: a.ID, AlertKind: string(a.Kind), Notice: string(a.Notice), About: a.About, Channel: c.Name,
		Tries: o.tries, Why: why, GivenUp: givenUp, Raised: a.At, At: c.s.c.Now().UTC(),
	}
}
