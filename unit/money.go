package unit

import (
	"time"

	"github.com/sekisho/sekisho/fact"
	"github.com/sekisho/sekisho/gate/budget"
	"github.com/sekisho/sekisho/number/tariff"
	"github.com/sekisho/sekisho/unit/call"
	"github.com/sekisho/sekisho/unit/media"
	"github.com/sekisho/sekisho/wire/sip/stack"
)

// money is what a leg on a line has to do with it.
type money struct {
	meter    *budget.Meter // nil where the leg needs none
	due      *stack.Alarm  // when to renew, or to end
	judging  bool          // the gate has yet to answer
	renewing bool          // more was asked for
	dry      bool          // there was no more when last asked
	askedAt  time.Time     // when more was asked for last
	warned   bool          // the caller was told that the end comes, or is asked for its PIN
	long     bool          // so it was that the call is long
	going    bool          // the caller proved to be who may pay for the rest
	settled  bool          // what it cost is told, or in liveCall.settled
	stopped  time.Time     // when it ended, zero before
	unheard  bool          // nobody said that the line knows of that
}

// phraseNoMoney is the phrase with which a call ends whose money is used up.
const phraseNoMoney = "Budget Exhausted"

// runMeter begins to count a leg's time: it was answered.
func (l *liveLeg) runMeter() {
	if l.meter == nil || !l.meter.Answered.IsZero() {
		return
	}
	l.meter.Answered = l.c.sh.Now()
	l.armMeter()
}

// stopMeter notes that a leg ends now: what comes after costs nothing.
func (l *liveLeg) stopMeter() {
	if l.stopped.IsZero() {
		l.stopped = l.c.sh.Now()
	}
}

// armMeter has the leg's alarm ring when more money is to be asked for, when the
// caller is to be told that there is none or that the call is long, or when the leg
// has to end.
func (l *liveLeg) armMeter() {
	at := l.meter.CutAt()
	if at.IsZero() {
		return
	}
	for _, earlier := range []time.Time{l.askAt(), l.warnAt(), l.longAt()} {
		if !earlier.IsZero() && earlier.Before(at) {
			at = earlier
		}
	}
	if l.due != nil {
		l.due.Stop()
	}
	l.due = l.c.sh.At(at, func(*stack.Shard) { l.meterDue() })
}

// askAt is when to ask for more: in time before it is used up and, where there
// was none, again from time to time, because other calls give money back. Zero
// for never.
func (l *liveLeg) askAt() time.Time {
	at := l.meter.RenewAt()
	switch again := l.askedAt.Add(MoneyAgain); {
	case l.renewing:
		return time.Time{}
	case !l.dry || at.IsZero():
		return at
	case again.Before(l.meter.CutAt().Add(-MoneyAgain)):
		return again
	}
	return time.Time{}
}

// warnAt is when the caller is told that the call ends soon; zero where that is
// not known, or was told.
func (l *liveLeg) warnAt() time.Time {
	if l.warned || !l.dry && !l.meter.RenewAt().IsZero() {
		return time.Time{}
	}
	if l.mayAsk() {
		return l.meter.CutAt().Add(-MoneyAsking)
	}
	return l.meter.CutAt().Add(-MoneyWarning)
}

// longAt is when the caller is told that the call is long; zero where nobody wants
// that, or it was told.
func (l *liveLeg) longAt() time.Time {
	if l.long {
		return time.Time{}
	}
	return l.meter.WarnAt()
}

func (l *liveLeg) meterDue() {
	c := l.c
	if l.gone || l.meter == nil || !l.stopped.IsZero() {
		return
	}
	now := c.sh.Now()
	due := func(at time.Time) bool { return !at.IsZero() && !now.Before(at) }
	switch {
	case due(l.meter.CutAt()):
		l.cut()
		return
	case due(l.warnAt()):
		l.warned = true
		l.runsShort()
		l.armMeter()
		return
	case due(l.longAt()):
		l.long = true
		c.input(call.Input{Event: call.Short, Leg: l.id})
		l.armMeter()
		return
	case !due(l.askAt()):
		l.armMeter()
		return
	}
	l.renewing, l.askedAt = true, now
	l.armMeter() // it ends in time even where no answer comes
	c.u.cfg.Desk.Renew(c.id, *l.meter, func(more tariff.Money) {
		c.tell(func() { l.renewed(more) })
	})
}

// cut ends the call: it has lasted as long as one may, or its money is used up.
func (l *liveLeg) cut() {
	c := l.c
	why := call.Refusal{
		Status: 403, Phrase: phraseNoMoney,
		Reason: call.Reason{Protocol: "Q.850", Cause: 47, Text: "Resource Unavailable"}, // Q.850 §2.2.7.3.7
	}
	if l.meter.Longest() {
		why = call.TooLong()
	}
	c.u.log.Info("call is ended", "why", why.Phrase, "call", c.id, "line", l.line)
	c.input(call.Input{Event: call.Cut, Refusal: why})
}

// warn has a phone hear three beeps, and nobody else: what a call may cost is no
// business of the other side.
func (c *liveCall) warn(l *liveLeg) {
	if l.voice != nil {
		c.note(l.voice.Play(media.NewTone(media.Warning)), "warning tone")
	}
}

// renewed takes the desk's answer.
func (l *liveLeg) renewed(more tariff.Money) {
	l.renewing, l.dry = false, more == 0
	if l.meter == nil {
		return
	}
	l.meter.Held += more
	if l.gone {
		l.settleLate()
		return
	}
	l.warned = l.warned && l.dry
	l.armMeter()
	if l.going {
		l.goOn()
	}
}

// awaits tells whether it has yet to be heard what is set aside for a leg of which
// all of that is spent: a line may bill it on, and more was asked for before it
// ended.
func (l *liveLeg) awaits() bool { return l.unheard && l.renewing }

// settleLate settles a leg that is gone and had to wait for that.
func (l *liveLeg) settleLate() {
	c := l.c
	c.settle(l)
	c.closeBook(false)
	if c.unsettled {
		c.done()
	}
}

// settle notes what a leg cost that is gone.
func (c *liveCall) settle(l *liveLeg) {
	if l.due != nil {
		l.due.Stop()
		l.due = nil
	}
	if s, ok := l.settlement(c.sh.Now()); ok {
		c.settled = append(c.settled, s)
	}
}

// settleAll gives what is still to be told of all legs.
func (c *liveCall) settleAll() []fact.Settlement {
	for _, l := range c.legs {
		c.settle(l)
	}
	settled := c.settled
	c.settled = nil
	return settled
}

// settlement is what a leg cost that ends now; ok is false where no money was
// asked for, where that was told, or is not known yet. A leg whose verdict has yet to come cost nothing.
func (l *liveLeg) settlement(now time.Time) (s fact.Settlement, ok bool) {
	switch {
	case l.settled || l.awaits() || l.meter == nil && !l.judging:
		return fact.Settlement{}, false
	case l.meter == nil:
		l.settled = true
		return fact.Settlement{Leg: int(l.id)}, true
	}
	l.settled = true
	if !l.stopped.IsZero() {
		now = l.stopped
	}
	s = l.meter.Settle(now)
	if l.unheard { // the line may bill until it misses us: what is set aside is spent
		s.Cost = max(s.Cost, int64(l.meter.Held))
	}
	return s, true
}

// billed tells whether what a leg costs is not known yet: a line may still bill it.
func (l *liveLeg) billed() bool {
	return l.meter != nil && !l.meter.Answered.IsZero() && (!l.gone || l.awaits())
}
