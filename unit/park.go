package unit

import (
	"slices"
	"strings"

	"github.com/sekisho/sekisho/fact"
	"github.com/sekisho/sekisho/unit/call"
	"github.com/sekisho/sekisho/unit/plan"
	"github.com/sekisho/sekisho/wire/sip/stack"
)

// Where calls wait: a position that everybody sees (パーク保留), or the own hold of an
// extension (自己保留).
const (
	placePark = "park"
	placeOwn  = "own"
)

// ofCalls does what a feature code asks that has to do with other calls than the one
// by which it was dialed. Where the phone talks in another call from now on its
// session has another owner. Where something is yet to be confirmed the route says so.
func (c *liveCall) ofCalls(asked plan.Asked, se *stack.Session) call.Route {
	var to *liveCall
	switch asked.Action {
	case plan.Park, plan.OwnHold:
		place := placeOf(asked, c.origin.Extension)
		if to = c.u.at(place); to == nil {
			return c.parkOther(place)
		}
	case plan.ThreeWay:
		return c.threeWay()
	case plan.RecordOn, plan.RecordOff, plan.RecordPause, plan.RecordResume:
		return c.recordOther(asked.Action)
	case plan.SeizeKey:
		return c.pressKey(asked.Digits, se, true)
	default:
		if to = c.u.ringing(c.sh, c.pickable(asked.Digits)); to == nil && c.u.plan.Load().Site(asked.Digits) != "" {
			return c.takesAfar(asked.Digits)
		}
	}
	if to == nil || to.sh != c.sh {
		return nothingThere
	}
	if status, phrase := to.enter(se, call.None); status != 0 {
		return call.Route{Refuse: call.Refusal{Status: status, Phrase: phrase}}
	}
	return call.Route{}
}

var nothingThere = call.Route{Refuse: call.Refusal{Status: 404, Phrase: "Nothing There"}}

// placeOf names the place that a code means for an extension.
func placeOf(asked plan.Asked, extension string) string {
	if asked.Action == plan.OwnHold {
		return placeOwn + extension
	}
	return placePark + asked.Digits
}

// parkOther parks whom the phone talks with in another call, as it does with one key:
// that holds the call, and calls the place.
func (c *liveCall) parkOther(place string) call.Route {
	l := c.u.talking(c.sh, c.origin.Device)
	if l == nil {
		return nothingThere
	}
	if !l.c.park(l, place) {
		return call.Route{Refuse: call.Refusal{Status: 486}}
	}
	return call.Route{Serve: true}
}

// park has the peer of a leg wait at a place; false where somebody waits there.
func (c *liveCall) park(l *liveLeg, place string) bool {
	if !c.u.occupy(place, c) {
		return false
	}
	c.place = place
	by := c.sentBy(l)
	c.leftTo(c.peerOf(l))
	c.moved(l, fact.CallMoved{How: fact.MovedParked, Place: place})
	c.input(call.Input{Event: call.Park, Leg: l.id, Back: c.backTo(by), Wait: c.u.cfg.ParkWait})
	return true
}

// private says that an extension holds who waits for itself.
func (c *liveCall) private() bool { return strings.HasPrefix(c.place, placeOwn) }

// waits notes that a side is left alone, and by whom.
func (c *liveCall) waits(by call.LegID) {
	if by != call.None {
		l := c.leg(by)
		c.left = l.origin().Extension
		if own := placeOwn + c.left; l.keeps && c.u.occupy(own, c) {
			c.place = own
		}
	}
	if c.place == "" { // its phone is lost
		c.u.log.Info("whom a phone held waits", "call", c.id, "extension", c.left)
	}
	c.show()
}

// vacate has a call wait nowhere any more.
func (c *liveCall) vacate() {
	if c.place == "" {
		return
	}
	c.u.mu.Lock()
	delete(c.u.places, c.place)
	c.u.mu.Unlock()
	c.place = ""
}

// occupy gives a place to a call, if it is free.
func (u *Unit) occupy(place string, c *liveCall) bool {
	u.mu.Lock()
	defer u.mu.Unlock()
	if u.places[place] != nil || c.place != "" {
		return false
	}
	u.places[place] = c
	return true
}

// at is the call that waits at a place, nil for none.
func (u *Unit) at(place string) *liveCall {
	u.mu.Lock()
	defer u.mu.Unlock()
	return u.places[place]
}

// pickable tells which extensions' calls a phone takes: one that it names, those of a
// group that it names, or those of the groups that it is in.
func (c *liveCall) pickable(named string) func(string) bool {
	if members := c.u.plan.Load().Members(named); len(members) > 0 {
		return func(ext string) bool { return slices.Contains(members, ext) }
	}
	if named != "" {
		return func(ext string) bool { return ext == named }
	}
	mates := c.u.plan.Load().Mates(c.origin.Extension)
	return func(ext string) bool { return slices.Contains(mates, ext) }
}

// ringing is the call that has rung the longest at one of some extensions, or that
// one of them left when its phone was lost; nil for none. It is asked on the loop.
func (u *Unit) ringing(sh *stack.Shard, at func(extension string) bool) *liveCall {
	return u.first(sh, func(c *liveCall) bool {
		if c.core.Waiting() {
			return c.place == "" && at(c.left)
		}
		return c.rings(at)
	})
}

// rings tells whether a call may be taken that rings at one of some extensions. One that
// asks for what rings at another site rings nowhere.
func (c *liveCall) rings(at func(extension string) bool) bool {
	return c.core.MayTake(call.None) && slices.ContainsFunc(c.legs, func(l *liveLeg) bool {
		return c.core.Called(l.id) && !l.takesAfar() && at(l.extension())
	})
}

// talking is the leg of a phone whose peer it would park: that which it has put on hold
// last, as it did to dial for it, else any in which it talks.
func (u *Unit) talking(sh *stack.Shard, device string) (found *liveLeg) {
	u.first(sh, func(c *liveCall) bool {
		for _, l := range c.legs {
			if !c.core.MayMove(l.id) || l.line != "" || l.origin().Device != device {
				continue
			}
			if found == nil || l.held && (!found.held || l.heldAt.After(found.heldAt)) {
				found = l
			}
		}
		return false // there may be others
	})
	return found
}

// first is the oldest call of a loop that fits.
func (u *Unit) first(sh *stack.Shard, fits func(*liveCall) bool) *liveCall {
	u.mu.Lock()
	calls := make([]*liveCall, 0, len(u.calls))
	for _, c := range u.calls {
		if c.sh == sh {
			calls = append(calls, c)
		}
	}
	u.mu.Unlock()
	slices.SortFunc(calls, func(a, b *liveCall) int {
		if n := a.started.Compare(b.started); n != 0 {
			return n
		}
		if a.id < b.id {
			return -1
		}
		return 1
	})
	if i := slices.IndexFunc(calls, func(c *liveCall) bool { return c.core != nil && fits(c) }); i >= 0 {
		return calls[i]
	}
	return nil
}
