package unit

import (
	"github.com/sekisho/sekisho/unit/plan"
	"github.com/sekisho/sekisho/wire/sip"
)

// meant is where a URI leads that a phone of an extension calls, and what was dialed:
// for a short code what that stands for, as if its user had dialed that.
func (u *Unit) meant(uri *sip.URI, extension string) (t plan.Target, dialed string) {
	t, dialed = u.dialed(uri), dialedText(uri)
	if !t.Asked.Action.Short() {
		return t, dialed
	}
	p := u.plan.Load()
	var full string
	var ok bool
	switch t.Asked.Action {
	case plan.Redial:
		full, ok = u.lastDialed(extension)
	case plan.CallMissed:
		full, ok = u.lastMissed(extension)
	default:
		full, ok = p.Speed(t.Asked, extension)
	}
	if t = p.Dialed(full); !ok || t.Kind == plan.Service || t.Emergency() {
		return plan.Target{Kind: plan.Refuse, Status: 404, Why: plan.WhyNowhere}, dialed
	}
	return t, full
}

// Dialed notes what an extension dialed last, as it can be dialed again: 184 in front
// of it, too. What is no call to somebody is not kept, nor is an emergency call: nobody
// should make that by mistake.
func (u *Unit) Dialed(extension, dialed string) {
	u.noteDialed(extension, dialed, u.plan.Load().Dialed(dialed))
}

func (u *Unit) noteDialed(extension, dialed string, t plan.Target) {
	if t.Kind != plan.Internal && (t.Kind != plan.Outside || !t.Destination.Class.Outside() || t.Emergency()) {
		return
	}
	u.mu.Lock()
	defer u.mu.Unlock()
	if u.plan.Load().Extension(extension) { // still
		u.redial[extension] = dialed
	}
}

func (u *Unit) lastDialed(extension string) (dialed string, ok bool) {
	u.mu.Lock()
	defer u.mu.Unlock()
	dialed, ok = u.redial[extension]
	return dialed, ok
}
