package unit

import (
	"slices"

	"github.com/sekisho/sekisho/number"
	"github.com/sekisho/sekisho/unit/attendant"
	"github.com/sekisho/sekisho/unit/call"
	"github.com/sekisho/sekisho/unit/lamp"
	"github.com/sekisho/sekisho/unit/plan"
	"github.com/sekisho/sekisho/wire/sip/stack"
)

// Outside-line keys (外線キー). A key is one call's at most (Unit.keys), from the moment at
// which it is seized, or a call comes in on it, until that call is over, wherever its
// legs go.

// keyOwner has a key: a call, or a phone that has seized it and has yet to call.
type keyOwner struct {
	call  *liveCall
	phone *seizure
}

// keyed is the call that has a key, nil for none.
func (u *Unit) keyed(name string) *liveCall { return u.ownerOf(name).call }

func (u *Unit) ownerOf(name string) keyOwner {
	u.mu.Lock()
	defer u.mu.Unlock()
	return u.keys[name]
}

// takeKey gives the call the first of some keys that is free, in place of the one it
// has; none where all are taken.
func (c *liveCall) takeKey(keys []plan.LineKey) bool {
	c.u.mu.Lock()
	defer c.u.mu.Unlock()
	for i, k := range keys {
		if _, taken := c.u.keys[k.Name]; taken {
			continue
		}
		if c.key != nil {
			delete(c.u.keys, c.key.Name)
		}
		c.u.keys[k.Name], c.key = keyOwner{call: c}, &keys[i]
		return true
	}
	return false
}

// freeKey gives the call's key back, and the channel that was seized with it.
func (c *liveCall) freeKey() {
	if c.key == nil {
		return
	}
	if c.seized {
		c.seized = false
		c.u.cfg.Lines.Release(c.key.Line, c.firstKey())
	}
	c.u.mu.Lock()
	delete(c.u.keys, c.key.Name)
	c.u.mu.Unlock()
	if c.core == nil { // no input will have the lamps looked at
		c.u.lamps.set(c.sh, c.key.Name, lamp.State{})
	}
	c.key = nil
}

// firstKey is liveLeg.key of the first leg that A's call will be tried on.
func (c *liveCall) firstKey() string { return firstKey(c.id) }

func firstKey(id string) string { return id + "/1" }

// keysThat are the keys that fit, the lowest first.
func (u *Unit) keysThat(fit func(plan.LineKey) bool) (keys []plan.LineKey) {
	for _, k := range u.plan.Load().LineKeys() {
		if fit(k) {
			keys = append(keys, k)
		}
	}
	return keys
}

// comesOnKey has a call that comes in take the lowest key that is free for its number.
// Where none is it rings all the same: no call is lost for want of a lamp.
func (c *liveCall) comesOnKey(line, called string) {
	c.takeKey(c.u.keysThat(func(k plan.LineKey) bool { return k.Takes(line, called) }))
}

// goesOnKey has a call that goes out on a line be seen on a key of that: on the one that
// was seized for it, or the highest that is free.
func (c *liveCall) goesOnKey(line string) {
	if c.key != nil && c.key.Line == line {
		c.seized = false // the channel is that of the call's leg now
		return
	}
	c.freeKey()
	keys := c.u.keysThat(func(k plan.LineKey) bool { return k.Line == line })
	slices.Reverse(keys)
	c.takeKey(keys)
}

// pressKey does what a phone wants that calls a key: where it is free, dial tone; else
// to talk with who calls or waits there; and where the phone itself talks there, that it
// waits for all to take.
func (c *liveCall) pressKey(name string, se *stack.Session, mayHold bool) call.Route {
	p := c.u.plan.Load()
	k, ok := p.LineKey(name)
	if name == plan.FreeKey {
		keys := c.u.keysThat(func(plan.LineKey) bool { return true })
		slices.Reverse(keys)
		return c.seizeKey(keys)
	}
	if !ok {
		return nothingThere
	}
	owner := c.u.ownerOf(k.Name)
	x := owner.call
	switch s := owner.phone; {
	case s != nil && s.who.Device == c.origin.Device:
		c.follows(s)
		return c.dialTone()
	case s != nil:
		return keyInUse
	case x == nil:
		return c.seizeKey([]plan.LineKey{k})
	}
	place := call.None
	if x.sh != c.sh || x.core == nil {
		return keyInUse
	}
	switch l := x.insider(); {
	case x.keptFrom(c.origin.Extension):
		return keyInUse
	case x.core.Waiting(), x.core.Ringing() && x.leg(x.core.Sides()[0]).line != "":
	case l == nil:
		return keyInUse
	case mayHold && l.origin().Device == c.origin.Device && (!l.held || c.sh.Now().Sub(l.heldAt) < KeyHolds):
		// The phone has put it on hold to press the key: that is the key for holding.
		if x.park(l, k.Name) {
			return call.Route{Serve: true}
		}
		return keyInUse
	case l.held:
		place = l.id
	default:
		return keyInUse
	}
	if status, phrase := x.enter(se, place); status != 0 {
		return call.Route{Refuse: call.Refusal{Status: status, Phrase: phrase}}
	}
	return call.Route{}
}

var (
	keyInUse  = call.Route{Refuse: call.Refusal{Status: 486, Phrase: "Key In Use"}}
	noChannel = call.Route{Refuse: call.Refusal{Status: 503, Phrase: "All Channels In Use"}}
)

// keptFrom tells whether another than an extension holds who is in the call for itself.
func (c *liveCall) keptFrom(extension string) bool {
	if c.private() {
		return c.place != placeOwn+extension
	}
	l := c.insider()
	return l != nil && l.keeps && l.origin().Extension != extension
}

// insider is the phone that talks in the call with a line, nil for none.
func (c *liveCall) insider() *liveLeg {
	for _, id := range c.core.Sides() {
		if l := c.leg(id); id != call.None && c.core.MayMove(id) && l.line == "" {
			return l
		}
	}
	return nil
}

// seizeKey gives the caller dial tone on the first of some keys that is free and whose
// line has a channel, and no more where its phone had it before.
func (c *liveCall) seizeKey(keys []plan.LineKey) call.Route {
	c.u.freeTone(c.sh, c.origin.Device)
	if refused := c.reserveKey(keys); refused != nil {
		return *refused
	}
	return c.dialTone()
}

// freeTone takes back what a phone has seized before: it keeps one line from others, not
// all.
func (u *Unit) freeTone(sh *stack.Shard, device string) {
	u.unseize(sh, device)
	older := u.first(sh, func(x *liveCall) bool { return x.seized && x.origin.Device == device })
	if older != nil {
		older.input(call.Input{Event: call.Finish})
	}
}

// reserveKey has the call take the first of some keys that is free and whose line has a
// channel, with that; it gives the refusal, nil for none.
func (c *liveCall) reserveKey(keys []plan.LineKey) *call.Route {
	refused := keyInUse
	for _, k := range keys {
		if !c.takeKey([]plan.LineKey{k}) {
			continue
		}
		if _, err := c.u.cfg.Lines.Acquire(k.Line, c.firstKey(), false); err != nil {
			c.freeKey()
			refused = noChannel
			continue
		}
		c.seized = true
		return nil
	}
	return &refused
}

// dialTone has the caller dial on the key that it has.
func (c *liveCall) dialTone() call.Route {
	p, k := c.u.plan.Load(), *c.key
	return c.attendedBy(attendant.NewSeize(func(dialed string) bool { return isWhole(p.OverKey(k, dialed)) }))
}

// isWhole tells whether nothing can follow what was dialed: numbers of these kinds have
// one length.
func isWhole(t plan.Target) bool {
	switch t.Destination.Class {
	case number.Emergency, number.Mobile, number.Geographic:
		return true
	}
	return false
}

// keyUse is what the call shows on its key.
func (c *liveCall) keyUse() (use, bool) {
	if c.key == nil || c.core.Ending() {
		return use{}, false
	}
	first := c.leg(c.core.Sides()[0])
	s := lamp.State{Phase: lamp.Talking, Outgoing: c.lineIn == ""}
	switch l := c.insider(); {
	case c.core.Waiting():
		s.Phase, s.Extension, s.Private = lamp.Held, c.left, c.private()
	case c.core.Ringing() && first.line != "":
		s.Phase = lamp.Ringing
	case c.core.Ringing(), c.core.Attended() && first.line == "":
		s.Phase = lamp.Seized
		s.Extension, s.Device = first.phone()
		s.Dialing = slices.ContainsFunc(c.legs, func(l *liveLeg) bool { return l.line != "" && !l.gone })
	case l != nil:
		s.Extension, s.Device = l.phone()
		if l.stood.stand == call.Holds {
			s.Phase, s.Private = lamp.Held, l.keeps
		}
	}
	if s.Number, s.Name = c.from, c.name; c.lineIn == "" {
		s.Number, s.Name = c.to, ""
	}
	return use{first, c.key.Name, s}, true
}
