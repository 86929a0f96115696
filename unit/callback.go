package unit

import (
	"slices"
	"time"

	"github.com/sekisho/sekisho/fact"
	"github.com/sekisho/sekisho/text"
	"github.com/sekisho/sekisho/unit/attendant"
	"github.com/sekisho/sekisho/unit/call"
	"github.com/sekisho/sekisho/unit/plan"
	"github.com/sekisho/sekisho/wire/sip/stack"
)

// booking is an extension that wants to be called when another one is free again.
type booking struct {
	by, device, to string
	until          time.Time
	call           string // by which it is called, "" while it waits
}

// callbacks are the bookings, the oldest first. The loop of shard 0 owns them.
type callbacks struct {
	list  []*booking
	alarm *stack.Alarm
}

// bookCallback has the extension that dials be called when whom it means is free, or
// with off no more. It says to done what comes of it, on the call's loop or another one.
func (c *liveCall) bookCallback(off bool, done func(prompt string, ok bool)) {
	b := &booking{by: c.party.Extension, device: c.party.Device, until: c.sh.Now().Add(CallbackWait)}
	var facts []fact.Fact
	if off {
		for _, one := range c.u.callbacks.list {
			if one.by == b.by && one.call == "" {
				facts = append(facts, one.changed(fact.CallbackCanceled, "phone/"+b.device, c.id, c.sh.Now()))
			}
		}
	} else {
		b.to = c.u.bookable(c.target.Asked.Digits, b.by)
		if b.to == "" || len(c.u.callbacks.list) >= CallbacksMax {
			done(PromptFailed, false)
			return
		}
		facts = append(facts, b.changed(fact.CallbackBooked, "phone/"+b.device, c.id, c.sh.Now()))
	}
	c.u.cfg.Committer.Commit(fact.Write{Facts: facts}, func(err error) {
		c.tell(func() {
			switch {
			case err != nil:
				c.u.log.Warn("no callback is booked", "call", c.id, "error", err)
				done(PromptFailed, false)
			case off:
				c.u.callbacks.drop(func(one *booking) bool { return one.by == b.by && one.call == "" })
				done(promptOff, true)
			default:
				c.u.book(c.sh, b)
				done(promptOn, true)
			}
		})
	})
}

// What is said of a code that set something, or took it back.
const (
	promptOn  = "service-on"
	promptOff = "service-off"
)

// bookable is the one extension of the unit that is meant by what was dialed, or was
// dialed last; "" for none. Outside numbers are not called again by the unit.
func (u *Unit) bookable(dialed, by string) (extension string) {
	if dialed == "" {
		dialed, _ = u.lastDialed(by)
	}
	t := u.plan.Load().Dialed(dialed)
	if t.Kind != plan.Internal || len(t.Direct) != 1 || t.Direct[0] == by {
		return ""
	}
	return t.Direct[0]
}

// changed tells of a booking.
func (b *booking) changed(change, by, call string, at time.Time) fact.CallbackChanged {
	return fact.CallbackChanged{
		Extension: b.by, To: b.to, Change: change, By: by, Call: call, At: at.UTC(),
	}
}

func (k *callbacks) drop(gone func(*booking) bool) { k.list = slices.DeleteFunc(k.list, gone) }

// book takes a booking, in place of the same one.
func (u *Unit) book(sh *stack.Shard, b *booking) {
	k := &u.callbacks
	k.drop(func(one *booking) bool { return one.by == b.by && one.to == b.to && one.call == "" })
	k.list = append(k.list, b)
	if k.alarm == nil {
		k.alarm = sh.At(sh.Now().Add(callbackCheck), u.callBack)
	} else {
		k.alarm.Again(sh.Now().Add(callbackCheck))
	}
}

// callBack looks who can be called: both are there and in no call.
func (u *Unit) callBack(sh *stack.Shard) {
	k, now := &u.callbacks, sh.Now()
	k.drop(func(b *booking) bool {
		if b.call != "" {
			return u.find(b.call) == nil
		}
		if now.Before(b.until) {
			return false
		}
		u.commit(fact.Write{Behind: true, Facts: []fact.Fact{b.changed(fact.CallbackExpired, "unit", "", now)}})
		return true
	})
	taken := map[string]bool{} // for a callback that is on
	for _, b := range k.list {
		taken[b.to] = taken[b.to] || b.call != ""
	}
	for _, b := range k.list {
		free := b.call == "" && !taken[b.to] && u.free(b.by, now) && u.free(b.to, now)
		if free && u.callFor(sh, b) {
			taken[b.to] = true
		}
	}
	if len(k.list) > 0 {
		k.alarm.Again(now.Add(callbackCheck))
	}
}

// free tells whether a phone of an extension is there, and none is in a call.
func (u *Unit) free(extension string, now time.Time) bool {
	return len(u.cfg.Phones.Lookup(extension, now)) > 0 && !u.engaged(extension, nil)
}

// callFor calls the extension that asked for it; whoever answers there is put through
// as if it had dialed the other one.
func (u *Unit) callFor(sh *stack.Shard, b *booking) bool {
	c := &liveCall{u: u, id: newID(sh.Now()), target: u.plan.Load().Dialed(b.by)}
	if c.target.Kind != plan.Internal { // it is gone
		return false
	}
	c.notice = &notice{done: make(chan struct{}), script: attendant.NewCallback(b.to)}
	c.notice.Number, c.notice.Ring = b.by, CallbackRing
	c.notice.Caller = text.Say(u.lang, "unit.free", b.to)
	if c.beginNotice(sh) != nil {
		return false
	}
	b.call = c.id
	u.commit(fact.Write{Behind: true, Facts: []fact.Fact{b.changed(fact.CallbackCalled, "unit", c.id, sh.Now())}})
	return true
}

// attendedBySelf makes the unit's own call one in which a script talks with whoever
// answers, where it has one.
func (c *liveCall) attendedBySelf(s *call.Setup) {
	if c.notice.script != nil {
		c.host, s.Attend = &host{c: c, next: c.notice.script}, true
	}
}
