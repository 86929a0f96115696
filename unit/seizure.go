package unit

import (
	"fmt"
	"slices"

	"github.com/sekisho/sekisho/gate"
	"github.com/sekisho/sekisho/unit/lamp"
	"github.com/sekisho/sekisho/unit/plan"
	"github.com/sekisho/sekisho/wire/sip/session"
	"github.com/sekisho/sekisho/wire/sip/stack"
	"github.com/sekisho/sekisho/wire/sip/subscription"
)

// eventSeize is the event package by which a phone takes an outside-line key before it
// calls: its user has lifted the handset and dials there.
const eventSeize = "line-seize"

// seizedFor is how long it may have the key without a call.
var seizedFor = subscription.Config{Least: SeizedLeast, Usual: SeizedMost, Most: SeizedMost}

// seizure is an outside-line key that a phone has, with a channel of its line, and has yet
// to call on.
type seizure struct {
	u    *Unit
	key  plan.LineKey
	who  lamp.Watcher
	call string // the ID of the call that may follow: the channel is under its name
	sub  *stack.Subscription
	over bool // it is the call's, or nobody's any more
}

var _ stack.Notifier = (*seizure)(nil)

// seizes answers a SUBSCRIBE by which a phone takes a key: that which it names, or any. The
// first has it.
func (a *lamps) seizes(sh *stack.Shard, r *stack.Request, who lamp.Watcher) error {
	u := a.u
	keys := u.keysThat(func(plan.LineKey) bool { return true })
	slices.Reverse(keys)
	if index, _ := appearanceOf(r.Message); index > 0 {
		keys = slices.DeleteFunc(keys, func(k plan.LineKey) bool { return k.Number() != index })
	}
	if len(keys) == 0 {
		return r.Respond(404, "")
	}
	request := gate.Request{
		Origin: gate.Origin{Extension: who.Extension, Device: who.Device, Credential: who.Device}, At: sh.Now(),
	}
	if _, apart := u.cfg.Desk.Apart(&request); apart {
		return r.Respond(403, gate.PhraseApart)
	}
	u.freeTone(sh, who.Device)
	s := &seizure{u: u, who: who, call: newID(sh.Now())}
	if !s.takes(keys) {
		return r.Respond(480, keyInUse.Refuse.Phrase)
	}
	a.set(sh, s.key.Name, lamp.State{
		Phase: lamp.Seized, Outgoing: true, Extension: who.Extension, Device: who.Device,
	})
	sub, err := r.Subscribe(seizedFor, s)
	if err != nil {
		s.free(sh)
		return fmt.Errorf("seize %s: %w", s.key.Name, err)
	}
	s.sub = sub
	return nil
}

// takes has the first of some keys that is free, and whose line has a channel.
func (s *seizure) takes(keys []plan.LineKey) bool {
	for _, k := range keys {
		if _, err := s.u.cfg.Lines.Acquire(k.Line, firstKey(s.call), false); err != nil {
			continue
		}
		s.u.mu.Lock()
		_, taken := s.u.keys[k.Name]
		if !taken {
			s.u.keys[k.Name], s.key = keyOwner{phone: s}, k
		}
		s.u.mu.Unlock()
		if !taken {
			return true
		}
		s.u.cfg.Lines.Release(k.Line, firstKey(s.call))
	}
	return false
}

// Notification tells the phone which key it has. With the last word to it the key is free:
// that needs no answer.
func (s *seizure) Notification(
	sh *stack.Shard, sub *stack.Subscription, _ uint32,
) (session.Body, []session.Header) {
	if sub.Leaving() {
		s.free(sh)
	}
	state := lamp.State{Phase: lamp.Seized}
	if s.over {
		state.Phase = lamp.Idle
	}
	value := lamp.Appearance(nil, s.u.cfg.Realm, fmt.Sprint(s.key.Number()), state.Word())
	return session.Body{}, []session.Header{{Name: "Call-Info", Value: string(value)}}
}

// SubscriptionEvent frees the key of who did not call.
func (s *seizure) SubscriptionEvent(sh *stack.Shard, sub *stack.Subscription, what subscription.Op, _ string) {
	s.sub = sub
	if what == subscription.OpOver {
		s.free(sh)
	}
}

// free gives the key and its channel back, once.
func (s *seizure) free(sh *stack.Shard) {
	if s.over {
		return
	}
	s.over = true
	s.u.cfg.Lines.Release(s.key.Line, firstKey(s.call))
	s.u.mu.Lock()
	delete(s.u.keys, s.key.Name)
	s.u.mu.Unlock()
	s.u.lamps.set(sh, s.key.Name, lamp.State{})
}

// end has the phone be told that it has the key no more.
func (s *seizure) end(sh *stack.Shard) {
	s.free(sh)
	if s.sub != nil {
		s.sub.End("called or taken back", "noresource")
	}
}

// follows has a call have the key that its phone has seized, with its channel.
func (c *liveCall) follows(s *seizure) {
	c.id, c.key, c.seized, s.over = s.call, &s.key, true, true
	c.u.mu.Lock()
	c.u.keys[s.key.Name] = keyOwner{call: c}
	c.u.mu.Unlock()
	c.shown = append(c.shown, s.key.Name)
	s.end(c.sh)
}

// unseize takes back what a phone has seized and not called on, on the loop.
func (u *Unit) unseize(sh *stack.Shard, device string) {
	u.endSeizures(sh, func(s *seizure) bool { return s.who.Device == device })
}

// endSeizures takes keys back from phones, on the loop of the unit's only shard.
func (u *Unit) endSeizures(sh *stack.Shard, of func(*seizure) bool) {
	var ending []*seizure
	u.mu.Lock()
	for _, owner := range u.keys {
		if owner.phone != nil && of(owner.phone) {
			ending = append(ending, owner.phone)
		}
	}
	u.mu.Unlock()
	for _, s := range ending {
		s.end(sh)
	}
}
