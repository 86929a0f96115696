package alert

import (
	"context"
	"errors"
	"time"

	"github.com/sekisho/sekisho/fact"
)

// Teller is a channel on which a person says what was taken: it tells several
// letters at once. Send, for a test, tells one.
type Teller interface {
	Channel
	// Tell makes the given attempt, counted from 0, to tell letters, the oldest
	// first. The error says why not all of them were taken, as of Channel.Send.
	Tell(ctx context.Context, attempt int, letters []Letter) (Told, error)
	// Attempts is how many there are before an alert is given up.
	Attempts() int
}

// Told is what came of an attempt to tell.
type Told struct {
	Call         string        // the call in the evidence, "" where there was none
	Offered      int           // letters that the attempt was for, from the first
	Heard        int           // of them, told to their end
	Acknowledged int           // of them, acknowledged
	Next         int           // the attempt that comes next
	Pause        time.Duration // before it
}

// LaterError says that an attempt can't be made yet; it does not count.
type LaterError struct{ Wait time.Duration }

// Error says how long to wait.
func (e *LaterError) Error() string { return "not before " + e.Wait.String() }

// tell makes one attempt of a channel that tells, and notes when the next may be.
func (c *courier) tell(ctx context.Context, t Teller) {
	due := c.due(c.s.c.Now())
	letters := make([]Letter, len(due))
	for i, o := range due {
		letters[i] = write(o.alert, c.s.c.Unit(), c.s.c.Lang)
	}
	told, err := t.Tell(ctx, due[0].next, letters)
	if later, ok := errors.AsType[*LaterError](err); ok {
		c.rest(max(later.Wait, pauseMin))
		return
	}
	step := max(told.Next-due[0].next, 1)
	for i, o := range due[:min(told.Offered, len(due))] {
		o.tries, o.next = o.tries+1, o.next+step
		o.call, o.heard = told.Call, o.heard || i < told.Heard
		switch {
		case i < told.Acknowledged:
			c.done(o, Acknowledged)
		case ctx.Err() == nil: // else the unit stops: the row is still there
			c.missed(o, t.Attempts(), err)
			c.rest(told.Pause)
		}
	}
}

// rest has nobody called for a while.
func (c *courier) rest(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.rests = c.s.c.Now().Add(d)
}

// Whether who was told said so, in fact.AlertSent.
const (
	Acknowledged = "yes"
	Unconfirmed  = "no"
)

// missed notes that an alert was not acknowledged: what comes next, or that no
// more is tried. Who heard it was told all the same.
func (c *courier) missed(o owed, attempts int, err error) {
	why := Word(err)
	c.s.c.Log.Warn("alert not acknowledged", "channel", c.Name, "kind", o.alert.Kind, "tries", o.tries, "why", why)
	switch {
	case o.next < attempts && c.s.c.Now().Sub(o.alert.Due) < ageMax:
		if o.tries == 1 {
			c.s.commit(fact.Write{Facts: []fact.Fact{c.failed(o, why, false)}})
		}
		c.keep(o)
	case o.heard:
		c.done(o, Unconfirmed)
	default:
		c.settle(o, 1)
		c.s.commit(fact.Write{
			Facts: []fact.Fact{c.failed(o, why, true)}, Rows: []fact.Row{c.row(o.alert, true)},
		})
	}
}

// done takes an alert off the queue that was told.
func (c *courier) done(o owed, acknowledged string) {
	c.settle(o, 0)
	f := c.sent(o)
	f.Call, f.Acknowledged = o.call, acknowledged
	c.s.commit(fact.Write{Facts: []fact.Fact{f}, Rows: []fact.Row{c.row(o.alert, true)}})
}

// due lists what is to be told now.
func (c *courier) due(now time.Time) (out []owed) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, o := range c.owed {
		if !o.alert.Due.After(now) {
			out = append(out, o)
		}
	}
	return out
}

// keep notes how far an alert that is still owed has come.
func (c *courier) keep(o owed) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for i := range c.owed {
		if c.owed[i].alert.ID == o.alert.ID {
			c.owed[i] = o
		}
	}
	c.failures++
}
