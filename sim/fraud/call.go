package fraud

import "time"

// Pass puts the attempt that Next returned last through.
func (w *World) Pass() {
	c := w.asked
	if c == nil {
		return
	}
	w.asked = nil
	w.calls[c.Call] = c
	l := w.ledger(c)
	if c.intruder {
		w.books.Stopped, w.books.UpThen = time.Time{}, 0
	}
	if w.up >= w.site.Channels {
		c.busy = true
		l.Busy.one(c.Abroad())
		w.queue.add(step{at: w.now + instant, what: stepEnd, call: c})
		return
	}
	w.up++
	c.passed = true
	l.Passed.one(c.Abroad())
	if c.talk == 0 {
		w.queue.add(step{at: w.now + w.hurried(ringGivenUp), what: stepEnd, call: c})
		return
	}
	w.queue.add(step{at: w.now + c.ring, what: stepAnswer, call: c})
}

// Refuse turns the attempt that Next returned last away; barred says that a
// standing list did so, such as a closed country, whoever the caller is.
func (w *World) Refuse(barred bool) {
	c := w.asked
	if c == nil {
		return
	}
	w.asked = nil
	w.stopped(c)
	w.refused(c, barred)
	w.after(c, false)
}

// stopped notes that an intruder's attempt did not get through.
func (w *World) stopped(c *call) {
	if !c.intruder || !w.books.Stopped.IsZero() {
		return
	}
	w.books.Stopped = w.Time()
	for _, other := range w.calls {
		if other.intruder && other.passed {
			w.books.UpThen++
		}
	}
}

func (w *World) refused(c *call, barred bool) {
	l := w.ledger(c)
	if barred {
		l.Barred.one(c.Abroad())
	} else {
		l.Refused.one(c.Abroad())
		if !c.intruder {
			w.complain(c)
		}
	}
	if c.emergency {
		l.NoHelp.one(false)
	}
}

// Challenge asks the caller of the attempt that Next returned last to prove
// more. The attempt comes again with Proved, or Lapsed tells that nobody
// answered.
func (w *World) Challenge() {
	c := w.asked
	if c == nil {
		return
	}
	w.asked = nil
	w.stopped(c)
	w.calls[c.Call] = c
	w.ledger(c).Challenged.one(c.Abroad())
	if c.person && !c.Proved && percent(w.people, c.proves) {
		wait := between(w.people, promptLeast, promptMost)
		if !c.intruder {
			w.books.release(wait)
		}
		w.queue.add(step{at: w.now + wait, what: stepProof, call: c})
		return
	}
	w.queue.add(step{at: w.now + promptEnd, what: stepLapse, call: c})
}

// proof brings a challenged attempt back; it is not counted again.
func (w *World) proof(c *call) *Event {
	delete(w.calls, c.Call)
	c.Proved, c.At = true, w.Time()
	w.asked = c
	e := c.Event
	return &e
}

func (w *World) lapse(c *call) *Event {
	delete(w.calls, c.Call)
	w.ledger(c).Lapsed.one(c.Abroad())
	w.refused(c, false)
	w.after(c, false)
	return w.told(c, Lapsed)
}

// Prompt asks the caller of a call that is up to prove more, at a time between the
// world's and the next step's. Kept tells of the answer, if there is one before the
// call is over.
func (w *World) Prompt(number uint64, at time.Time) {
	c := w.calls[number]
	if c == nil || !c.answered {
		return
	}
	w.now = max(w.now, at.Sub(w.opt.Start))
	w.ledger(c).Prompted.one(c.Abroad())
	if c.person && percent(w.talking, c.proves) {
		w.queue.add(step{at: w.now + between(w.talking, promptLeast, promptMost), what: stepKeep, call: c})
	}
}

// keep is a caller's answer to a prompt.
func (w *World) keep(c *call) *Event {
	if w.calls[c.Call] != c {
		return nil // the call is over
	}
	w.ledger(c).Kept.one(c.Abroad())
	return w.told(c, Kept)
}

// pickUp is the callee's answer.
func (w *World) pickUp(c *call) *Event {
	if w.calls[c.Call] != c {
		return nil // cut while it rang
	}
	c.answered, c.began = true, w.now
	w.ledger(c).Answered.one(c.Abroad())
	if c.intruder {
		w.attack.got(c)
	}
	w.queue.add(step{at: w.now + c.talk, what: stepEnd, call: c})
	return w.told(c, Answered)
}

// hangUp is the end of a call that nobody cut.
func (w *World) hangUp(c *call) *Event {
	if w.calls[c.Call] != c {
		return nil
	}
	return w.finish(c)
}

// finish bills a call and frees its channel.
func (w *World) finish(c *call) *Event {
	delete(w.calls, c.Call)
	if c.passed {
		w.up--
	}
	e := w.told(c, Ended)
	if c.answered {
		e.Talk = w.now - c.began
		w.ledger(c).MilliYen += c.rate.Price(e.Talk)
		if c.intruder {
			w.books.Last = w.Time()
			w.billed(c, e.Talk)
		}
	}
	w.after(c, c.answered)
	return e
}

func (w *World) told(c *call, k Kind) *Event {
	e := c.Event
	e.Kind, e.At = k, w.Time()
	return &e
}

// Cut ends a call at a time between the world's and the next step's, and
// tells of its end; nil when it was over already.
func (w *World) Cut(number uint64, at time.Time) *Event {
	c := w.calls[number]
	if c == nil || !c.passed {
		return nil
	}
	w.now = max(w.now, at.Sub(w.opt.Start))
	if c.answered {
		w.ledger(c).Cut.one(c.Abroad())
	}
	return w.finish(c)
}

// after is what the caller does next.
func (w *World) after(c *call, talked bool) {
	if c.intruder {
		w.again(c)
		return
	}
	f := c.stream.file
	if talked || c.redials >= f.Redials || !percent(c.stream.again, redialPercent) {
		return
	}
	again := *c
	again.redials++
	w.queue.add(step{at: w.now + between(c.stream.again, redialLeast, redialMost), what: stepRedial, call: &again})
}

func (w *World) redial(c *call) *Event {
	c.Proved, c.passed, c.busy, c.answered = false, false, false, false
	w.outcome(c, c.stream.again)
	return w.ask(c)
}

// complain has a manager look at the next working day.
func (w *World) complain(c *call) {
	ext := c.extension()
	if _, waits := w.review[ext]; waits {
		return
	}
	at := w.now/day*day + reviewAt
	for at <= w.now || w.weekday(at) == time.Saturday || w.weekday(at) == time.Sunday {
		at += day
	}
	w.review[ext] = at
	w.queue.add(step{at: at, what: stepReview, n: ext})
}

func (c *call) extension() int { return c.stream.ext }

func (w *World) weekday(at time.Duration) time.Weekday {
	return time.Weekday((int(w.opt.Start.Weekday()) + int(at/day)) % 7)
}
