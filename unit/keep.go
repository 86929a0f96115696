package unit

import (
	"github.com/sekisho/sekisho/gate"
	"github.com/sekisho/sekisho/gate/budget"
	"github.com/sekisho/sekisho/unit/call"
)

// keep does what has to do with keeping a call whose money is nearly used up.
func (c *liveCall) keep(l *liveLeg, op call.Op) {
	switch op {
	case call.OpWarn:
		c.warn(l)
	case call.OpGoOn:
		l.goOn()
	default:
		c.secret(l, op == call.OpSecret)
	}
}

// mayAsk tells whether the caller can be asked for its PIN, because with it the
// call goes on from the person's own budget: once in a call, where the person is
// on the phone and has not proved itself in this call already.
func (l *liveLeg) mayAsk() bool {
	c := l.c
	a := c.leg(call.A)
	return !c.kept && c.proof.Person == "" && c.mayKeep(l) && c.u.cfg.Prover != nil && !c.u.mute.Load() &&
		c.u.cfg.Prover.Ready(c.origin.Extension) == "" && a.voice != nil && !a.voice.Held()
}

// mayKeep tells whether a leg may go on from the person's own budget.
func (c *liveCall) mayKeep(l *liveLeg) bool {
	return c.lineIn == "" && l.asked != nil && c.u.cfg.Desk.MayGoOn(c.requestOf(l.asked), *l.meter)
}

// runsShort has the caller asked for its PIN, or warned. Who has proved itself in
// this call is not asked again.
func (l *liveLeg) runsShort() {
	c := l.c
	if c.proof.Person != "" && c.mayKeep(l) {
		l.goOn()
		return
	}
	ask := l.mayAsk()
	if ask {
		c.kept, c.asks = true, gate.RuleBudget
	}
	c.input(call.Input{Event: call.Short, Leg: l.id, Ask: ask})
}

// goOn has a leg go on from the budget of whoever has proved itself; after the
// answer, where more was asked for.
func (l *liveLeg) goOn() {
	c := l.c
	if l.going = l.renewing; l.going {
		return
	}
	if l.gone || l.meter == nil || l.asked == nil || !l.stopped.IsZero() {
		return
	}
	l.renewing = true
	c.u.cfg.Desk.GoOn(c.requestOf(l.asked), *l.meter, func(m budget.Meter, ok bool) {
		c.tell(func() { l.wentOn(m, ok) })
	})
}

// wentOn takes the desk's answer.
func (l *liveLeg) wentOn(m budget.Meter, ok bool) {
	l.renewing = false
	if l.meter == nil {
		return
	}
	in := call.Input{Event: call.NotWentOn, Leg: l.id}
	if ok {
		in.Event = call.WentOn
		l.meter.Need, l.meter.Held = m.Need, m.Held
		l.dry, l.warned = false, false
	}
	if l.gone {
		l.settleLate()
		return
	}
	l.armMeter()
	l.c.input(in)
}

// secret keeps what A types from the other side, or does so no more.
func (c *liveCall) secret(a *liveLeg, on bool) {
	if a.voice != nil {
		a.voice.Secret(on)
	}
	if !on {
		c.freeSlot()
	}
}
