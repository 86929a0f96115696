package unit

import (
	"slices"
	"strings"
	"time"

	"github.com/sekisho/sekisho/fact"
	"github.com/sekisho/sekisho/unit/call"
	"github.com/sekisho/sekisho/unit/lamp"
	"github.com/sekisho/sekisho/unit/plan"
	"github.com/sekisho/sekisho/wire/sip/stack"
)

// lamps is the board of the unit's lamps, what calls show on it, and the phones
// that watch it. The loop of shard 0 owns it, which is the only one a unit has.
type lamps struct {
	u     *Unit
	board *lamp.Board
	alarm *stack.Alarm
	night *stack.Alarm     // when the mode ends
	uses  map[string][]use // by lamp, in the order in which they came
	fresh []use            // of the call that is looked at, kept for their room
	names []string         // so, of the lamps that it has to do with
	subs  map[lamp.ID]*watching
	syncs []*keySync     // phones whose keys show what is set
	rows  map[string]int // rows of outside-line keys that a phone watches, by device
	far   *farLamps      // what other sites say
}

// use is what one leg of a call shows on a lamp.
type use struct {
	leg   *liveLeg
	lamp  string
	state lamp.State
}

// stood is how a leg stood when its call's lamps were looked at last.
type stood struct {
	stand call.Stand
	peer  call.LegID
	keeps bool // it holds for itself
	line  bool // it is on a line
}

func newLamps(u *Unit) *lamps {
	a := &lamps{
		u: u, board: lamp.NewBoard(u.cfg.Realm), uses: make(map[string][]use), subs: make(map[lamp.ID]*watching),
		rows: make(map[string]int),
	}
	a.far = newFarLamps(a)
	return a
}

// set puts a lamp into a state, and tells who watches it.
func (a *lamps) set(sh *stack.Shard, name string, s lamp.State) {
	a.board.Set(name, s, sh.Now())
	a.tell(sh)
}

// planned brings what the plan says up to date.
func (a *lamps) planned(sh *stack.Shard) {
	a.agents(sh)
	a.mode(sh)
	a.sites(sh)
	a.far.planned(sh)
	for id, w := range a.subs {
		if w.row {
			a.board.Row(id, a.u.row(), sh.Now())
		}
	}
	a.tell(sh)
	for _, k := range slices.Clone(a.syncs) {
		k.look()
	}
	a.reseat()
}

// reseat has phones ask again for what is another extension's now, because somebody else is
// logged in there.
func (a *lamps) reseat() {
	ends := func(who *lamp.Watcher, sub *stack.Subscription) {
		if now := a.u.cfg.Phones.Seated(who.Device); sub != nil && now != "" && now != who.Extension {
			sub.End("somebody else is logged in", "deactivated") // RFC 6665 §4.1.3: at once
		}
	}
	for _, w := range a.subs {
		if w.who.Name != "" {
			ends(&w.who, w.sub)
		}
	}
	for _, one := range a.u.summaries.all() {
		ends(&one.who, one.sub)
	}
}

// mode has the lamp of the night key be on while the unit is in another mode than
// day, from each change of the plan and of the mode on.
func (a *lamps) mode(sh *stack.Shard) {
	now := a.u.plan.Load().Mode(fact.ScopeUnit, sh.Now())
	var s lamp.State
	if now.Mode != plan.Day {
		s.Phase = lamp.Talking
	}
	a.set(sh, plan.NightKey, s)
	switch at := later(now.Until, sh.Now()); {
	case now.Until.IsZero():
		a.night.Stop()
	case a.night == nil:
		a.night = sh.At(at, a.mode)
	default:
		a.night.Again(at)
	}
}

// tell has everybody told who is due, and comes back when others are.
func (a *lamps) tell(sh *stack.Shard) {
	for _, id := range a.board.Due(sh.Now()) {
		if w := a.subs[id]; w != nil && w.sub != nil {
			w.sub.News()
		}
	}
	at := a.board.Deadline()
	switch {
	case at.IsZero():
		a.alarm.Stop()
	case a.alarm == nil:
		a.alarm = sh.At(at, a.tell)
	default:
		a.alarm.Again(at)
	}
}

// show brings the lamps up to date with a call, after each of its inputs.
func (a *lamps) show(c *liveCall) {
	if c.sh.ID() != 0 || !c.stirred() {
		return
	}
	a.fresh, a.names = c.uses(a.fresh[:0]), a.names[:0]
	for i := range a.fresh {
		if name := a.fresh[i].lamp; !slices.Contains(a.names, name) {
			a.names = append(a.names, name)
		}
	}
	on := len(a.names)
	for _, name := range c.shown {
		if !slices.Contains(a.names, name) {
			a.names = append(a.names, name)
		}
	}
	for _, name := range a.names {
		a.replace(name, c, a.fresh)
	}
	c.shown = append(c.shown[:0], a.names[:on]...)
	clear(a.fresh)
	a.tell(c.sh)
}

// replace puts a call's uses of one lamp in place of those it had.
func (a *lamps) replace(name string, c *liveCall, now []use) {
	all := slices.DeleteFunc(a.uses[name], func(u use) bool { return u.leg.c == c })
	for _, u := range now {
		if u.lamp == name {
			all = append(all, u)
		}
	}
	a.uses[name] = all // and where there is none its room: there are as many as names
	a.board.Set(name, a.far.beside(name, all), c.sh.Now())
}

// together makes one state of all that goes on at a lamp: who talks is shown
// first, then who dials, what rings, and what is held.
func together(all []use) (s lamp.State) {
	rings := false
	for _, u := range all {
		if rings = rings || u.state.Phase == lamp.Ringing; u.state.Phase.Rank() > s.Phase.Rank() {
			s = u.state
		}
	}
	s.Waiting = rings && s.Phase == lamp.Talking
	return s
}

// stirred reports whether some leg stands otherwise than when it was asked last, or
// somebody waits elsewhere.
func (c *liveCall) stirred() (yes bool) {
	if at := c.waitsAt(); c.waited != at || c.key != c.keyWas {
		c.waited, c.keyWas, yes = at, c.key, true
	}
	if in := c.queueNumber(); c.queueWas != in {
		c.queueWas, yes = in, true
	}
	for _, l := range c.legs {
		now := stood{stand: c.core.Stand(l.id), peer: c.facing(l.id), keeps: l.keeps, line: l.line != "" && !l.gone}
		if l.gone {
			now.stand = call.Out
		}
		if l.stood != now {
			l.stood, yes = now, true
		}
	}
	return yes
}

// facing is whom a leg talks with, or would: for one that rings the caller.
func (c *liveCall) facing(id call.LegID) call.LegID {
	sides := c.core.Sides()
	if sides[0] == id {
		return sides[1]
	}
	return sides[0]
}

// uses adds the lamps on which the call's legs are seen.
func (c *liveCall) uses(out []use) []use {
	for _, l := range c.legs {
		if l.stood.stand == call.Out {
			continue
		}
		if extension, _ := l.phone(); extension != "" {
			out = append(out, use{l, extension, c.state(l)})
		}
	}
	if c.waited != "" {
		out = append(out, c.waiting())
	}
	if u, ok := c.keyUse(); ok && u.lamp != c.waited {
		out = append(out, u)
	}
	if c.queueWas != "" {
		out = append(out, c.queueUse())
	}
	p := c.u.plan.Load()
	for name := range strings.SplitSeq(c.target.Destination.Digits, ",") {
		if !p.Group(name) {
			continue
		}
		for _, l := range c.legs {
			if l.stood.stand == call.Rings {
				out = append(out, use{l, name, c.state(l)})
				break
			}
		}
	}
	return out
}

// waitsAt is the lamp at which it is seen that somebody waits in the call to be
// taken: a position, or the extension that held the caller, for itself or till its
// phone was lost; "" for none.
func (c *liveCall) waitsAt() string {
	extension, own := strings.CutPrefix(c.place, placeOwn)
	switch {
	case c.core.Ending() || c.core.Sides()[0] == call.None:
		return ""
	case own:
		return extension
	case c.place != "":
		return c.place
	case c.core.Waiting():
		return c.left
	}
	return ""
}

// waiting is what that lamp shows.
func (c *liveCall) waiting() use {
	l := c.leg(c.core.Sides()[0])
	s := lamp.State{Phase: lamp.Held, Extension: c.left, Private: c.private()}
	s.Number, s.Name = c.whoIs(l)
	return use{l, c.waited, s}
}

// phone names the phone at the end of a leg; "" for a line, and for who was taken at
// another site, whom nobody here knows.
func (l *liveLeg) phone() (extension, device string) {
	switch {
	case l.line != "":
		return "", ""
	case l.takesAfar():
		return "", l.contact.Device
	case l.contact != nil:
		return l.contact.Extension, l.contact.Device
	case l.came != nil:
		return l.came.Extension, l.came.Device
	case l.id == call.A && l.c.notice == nil && l.c.origin.Site == "":
		return l.c.origin.Extension, l.c.origin.Device
	}
	return "", ""
}

// state is what a leg of a phone shows of itself.
func (c *liveCall) state(l *liveLeg) lamp.State {
	var s lamp.State
	s.Extension, s.Device = l.phone()
	s.Outgoing = l.id == call.A
	s.Number, s.Name = c.otherThan(l)
	switch l.stood.stand {
	case call.Calling:
		s.Phase = lamp.Seized
	case call.Rings:
		s.Phase, s.Device = lamp.Ringing, ""
		d := l.se.Name()
		s.CallID, s.LocalTag, s.RemoteTag = d.CallID, d.LocalTag, d.RemoteTag
	case call.Talks:
		s.Phase = lamp.Talking
	case call.Holds:
		// Whom a phone holds by its own hold key only it can take back.
		s.Phase, s.Private = lamp.Held, true
	}
	return s
}

// otherThan is number and name of whom a leg talks with.
func (c *liveCall) otherThan(l *liveLeg) (number, name string) {
	if l.stood.peer == call.None {
		return c.to, ""
	}
	return c.whoIs(c.leg(l.stood.peer))
}

// whoIs is number and name of who is at the end of a leg.
func (c *liveCall) whoIs(l *liveLeg) (number, name string) {
	if extension, _ := l.phone(); extension != "" {
		return extension, c.u.cfg.Phones.Name(extension)
	}
	switch {
	case l.takesAfar():
		return "", l.onSite()
	case l.id == call.A:
		return c.from, c.name
	case l.came != nil && l.came.Site != "":
		return l.came.SiteExtension, l.came.Site
	}
	return c.to, ""
}

// Lamp is one lamp with who watches it.
type Lamp = lamp.Entry

// Lamps gives the lamps that are on, or watched, by name. It waits for the
// unit's loop, so long at most; ok is false where that does not answer.
func (u *Unit) Lamps(wait time.Duration) (lamps []Lamp, ok bool) {
	out := make(chan []Lamp, 1)
	if u.stack == nil || !u.stack.Shard(0).Post(func(*stack.Shard) { out <- u.lamps.board.List() }) {
		return nil, false
	}
	select {
	case lamps = <-out:
		return lamps, true
	case <-time.After(wait):
		return nil, false
	}
}
