package line

import "fmt"

// channels keeps which calls are on a line.
type channels struct {
	limit int
	calls []channel // oldest first
}

// channel is one channel in use.
type channel struct {
	call      string
	emergency bool
}

// ordinary is how many channels calls may use that are no emergencies: one is
// kept free, where there is more than one.
func (c *channels) ordinary() int { return max(c.limit-1, 1) }

// index finds a call.
func (c *channels) index(call string) int {
	for i, ch := range c.calls {
		if ch.call == call {
			return i
		}
	}
	return -1
}

// acquire takes a channel. For an emergency that finds none free, it takes
// that of the youngest other call, which is named and must be hung up; the
// channel of an emergency call is never taken (G5).
func (c *channels) acquire(call string, emergency bool) (preempt string, err error) {
	if i := c.index(call); i >= 0 {
		c.calls[i].emergency = c.calls[i].emergency || emergency
		return "", nil
	}
	if !emergency && len(c.calls) >= c.ordinary() || len(c.calls) >= c.limit {
		if !emergency {
			return "", ErrNoChannel
		}
		victim := -1
		for i, ch := range c.calls {
			if !ch.emergency {
				victim = i
			}
		}
		if victim < 0 {
			return "", ErrNoChannel
		}
		preempt = c.calls[victim].call
		c.calls = append(c.calls[:victim], c.calls[victim+1:]...)
	}
	c.calls = append(c.calls, channel{call, emergency})
	return preempt, nil
}

// release gives a call's channel back, if it has one.
func (c *channels) release(call string) {
	if i := c.index(call); i >= 0 {
		c.calls = append(c.calls[:i], c.calls[i+1:]...)
	}
}

// Acquire takes a channel of a line for a call, outgoing or incoming. For an
// emergency, and for the call-back after one, it may take that of another
// call, which is named in preempt and must be hung up first. Asking again for
// the same call changes nothing.
func (l *Lines) Acquire(id, call string, emergency bool) (preempt string, err error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	n, err := l.get(id)
	if err != nil {
		return "", err
	}
	if n.row.Disabled {
		return "", fmt.Errorf("%w: %s is switched off", ErrDown, id)
	}
	preempt, err = n.channels.acquire(call, emergency)
	if err != nil {
		return "", fmt.Errorf("line %s: %w", id, err)
	}
	return preempt, nil
}

// Release gives the call's channel back. For a call that has none, or whose
// channel was taken for an emergency, it does nothing.
func (l *Lines) Release(id, call string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if n := l.byID[id]; n != nil {
		n.channels.release(call)
	}
}
