package unit

import (
	"github.com/sekisho/sekisho/unit/call"
	"github.com/sekisho/sekisho/unit/lamp"
	"github.com/sekisho/sekisho/unit/plan"
	"github.com/sekisho/sekisho/wire/sip/stack"
)

// The lamps of queues: that somebody waits, and whether an agent is logged in or paused.

// queueNumber is the queue in which the call waits, "" for none.
func (c *liveCall) queueNumber() string {
	if !c.queues() {
		return ""
	}
	return c.queued.number
}

// queueUse is what the call shows at the lamp of its queue: that somebody waits.
func (c *liveCall) queueUse() use {
	s := lamp.State{Phase: lamp.Ringing}
	id := c.core.Sides()[0]
	if id == call.None {
		id = call.A
	}
	l := c.leg(id)
	s.Number, s.Name = c.whoIs(l)
	return use{l, c.queueWas, s}
}

// own has a phone watch its extension's own lamp, where the name that it asked for means
// another one at each extension.
func (a *lamps) own(sh *stack.Shard, w lamp.Watcher) lamp.Watcher {
	if p := a.u.plan.Load(); p.OfExtension(w.Entity) {
		w.Name = w.Entity
		w.Entity += "/" + w.Extension
		a.board.Set(w.Entity, agentState(p, w.Name, w.Extension), sh.Now())
	}
	return w
}

// agents brings the lamps of agents up to date with a new plan.
func (a *lamps) agents(sh *stack.Shard) {
	p := a.u.plan.Load()
	for _, w := range a.subs {
		if w.who.Name != "" {
			a.board.Set(w.who.Entity, agentState(p, w.who.Name, w.who.Extension), sh.Now())
		}
	}
}

// agentState is what the key of a name shows at an extension: that it is logged in, or
// paused; one that is logged in and paused is shown as held.
func agentState(p *plan.Plan, name, extension string) (s lamp.State) {
	paused := p.Services(extension).Paused
	switch {
	case name == plan.PauseKey && paused:
		s.Phase = lamp.Talking
	case name == plan.PauseKey || !p.LoggedIn(name, extension):
	case paused:
		s.Phase, s.Private = lamp.Held, true
	default:
		s.Phase = lamp.Talking
	}
	return s
}
