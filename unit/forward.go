package unit

import (
	"slices"
	"time"

	"github.com/sekisho/sekisho/fact"
	"github.com/sekisho/sekisho/gate"
	"github.com/sekisho/sekisho/number"
	"github.com/sekisho/sekisho/unit/call"
	"github.com/sekisho/sekisho/unit/line"
	"github.com/sekisho/sekisho/unit/media"
	"github.com/sekisho/sekisho/unit/plan"
)

// forwarding is what a call has to do with calls that are sent on.
type forwarding struct {
	done  []string          // extensions that have sent it on: each does so once
	group *fact.Group       // that is called, where it overflows
	last  string            // the extension whose call it is now, "" for several
	by    map[string]string // the phone that set an extension's forward, "" for none
	why   string            // the last one sent it on, "" for always
	out   []string          // forwards outside that nobody has answered, as Unit.forwards names them
}

// ringing makes a route of the extensions behind a number: of those that want no call
// now none rings. Where one is called by itself its call may be sent on.
func (c *liveCall) ringing(t plan.Target, via call.Via, but string) call.Route {
	p := c.u.plan.Load()
	c.summon(t, via)
	c.forwarding.last, c.forwarding.group = "", nil
	if _, _, ok := p.Queue(t.Number()); ok && via != call.Alert && !c.callback {
		return c.enqueue(t.Number())
	}
	var ring []string
	busy := false
	for _, ext := range t.Extensions {
		s := p.Services(ext)
		if c.callback { // an emergency service may be calling back
			s = plan.Services{}
		}
		alone := len(t.Extensions) == 1 && slices.Contains(t.Direct, ext) && via != call.Alert
		to := s.Forward[fact.ForwardAlways]
		switch {
		case to != "" && alone:
			c.forwarding.why = ""
			return c.forward(ext, to, s.SetBy[fact.ForwardAlways])
		case to != "" && via != call.Alert: // a group rings those who are there
		case s.DoNotDisturb && via != call.Alert:
			busy = true
		case (s.OneCall || t.Group != nil && t.Group.SkipBusy) && c.u.engaged(ext, c):
			busy = true
		default:
			ring = append(ring, ext)
		}
		if alone && s.Onward() {
			c.forwarding.last = ext
		}
	}
	if t.Group != nil {
		return c.ringGroup(t.Group, ring, busy, but)
	}
	r := call.Route{Contacts: c.contactsOf(ring, but)}
	if len(ring) == 0 && busy {
		r.Refuse = call.Refusal{Status: 486}
	}
	r = c.sitesAway(t, via, r)
	if ext := c.forwarding.last; ext != "" {
		r.Onward, r.Ring = true, p.Services(ext).Ring
	}
	return r
}

// onward says where a call goes that the extension did not take: to where that is
// forwarded to, or nowhere.
func (c *liveCall) onward(e *call.Effect) {
	if c.queueOnward(e.Leg) {
		return
	}
	route := call.Route{Refuse: e.Refusal}
	kind := map[string]string{
		call.WhyBusy: fact.ForwardBusy, call.WhyUnanswered: fact.ForwardUnanswered,
		call.WhyUnreachable: fact.ForwardUnreachable,
	}[e.Why]
	if g := c.forwarding.group; g != nil {
		c.input(call.Input{Event: call.Onward, Leg: e.Leg, Route: c.forward(g.Number, g.Overflow, "")})
		return
	}
	ext := c.forwarding.last
	s := c.u.plan.Load().Services(ext)
	if to := s.Forward[kind]; to != "" {
		c.forwarding.why = e.Why
		if sent := c.forward(ext, to, s.SetBy[kind]); sent.Refuse.Status == 0 {
			route = sent
		}
	}
	c.input(call.Input{Event: call.Onward, Leg: e.Leg, Route: route})
}

// forward sends a call on for an extension, which stands behind it, and pays for
// it where it leads outside. An extension sends one call on once, and a call is
// sent on ForwardsMax times at most: there is no loop within the unit. A loop
// through the outside begins with a forward that nobody has answered when the call
// comes back: of those an extension has RingingMax to one number.
//
// device is the phone that set it by a feature code: what is set apart of that phone's
// calls is so of this, too.
func (c *liveCall) forward(ext, to, device string) call.Route {
	f := &c.forwarding
	loop := call.Route{Refuse: call.Refusal{Status: 482, Phrase: "Loop Detected"}}
	if slices.Contains(f.done, ext) || len(f.done) == ForwardsMax {
		return loop
	}
	f.done = append(f.done, ext)
	p := c.u.plan.Load()
	t := p.Written(to)
	answered, is := p.Answered(to)
	switch {
	case to == plan.Mailbox:
		c.rangOut()
		return c.leaves(ext)
	case is:
		c.rangOut()
		return c.talksBy(answered.Asked)
	case t.Kind == plan.Internal:
		return c.ringing(t, call.Forwarded, "")
	case t.Asked.Action == plan.Menu:
		return c.talksBy(t.Asked)
	case !p.Extension(ext): // nobody would pay for it
		return call.Route{Refuse: call.Refusal{Status: 480}}
	case t.Kind != plan.Outside || t.Emergency() || !t.Destination.Class.Outside():
		return call.Route{Refuse: call.Refusal{Status: 480}}
	case !c.u.mayRing(ext + ">" + to):
		c.u.log.Warn("not sent on: it may have come back", "call", c.id, "extension", ext)
		return loop
	}
	f.out = append(f.out, ext+">"+to)
	if f.by == nil {
		f.by = make(map[string]string)
	}
	f.by[ext] = device
	t.LineToLine = false
	r := c.route(t, call.Forwarded, ext, "")
	r.Confirm = true
	return r
}

// leaves has the caller leave a message for an extension, where there is a mailbox.
func (c *liveCall) leaves(ext string) call.Route { return c.talksBy(plan.ToMailbox(ext).Asked) }

// talksBy has the unit talk with the caller by the script of an action.
func (c *liveCall) talksBy(asked plan.Asked) call.Route {
	if s := c.scriptFor(asked); s != nil {
		return c.attendedBy(s)
	}
	return call.Route{Refuse: call.Refusal{Status: 480}}
}

// forwarder is the extension that a call was sent on for, and the phone that set that,
// as the gate is told.
func forwarder(ext, device string) gate.Origin {
	return gate.Origin{
		Kind: gate.OriginForward, Extension: ext, Device: device, Credential: device, Authenticated: true,
	}
}

// presents is what a leg shows on a line: whose number it is, that of who calls or of the
// extension that sent the call on; and then, who called from outside, and why it was sent.
// To an emergency service it is that of the phone itself, which is where help has to go.
func (c *liveCall) presents(l *liveLeg, to number.Destination) line.Shown {
	s := line.Shown{Extension: c.caller(), Destination: to}
	if l.asked != nil && l.asked.Emergency && c.home != "" {
		s.Extension = c.home
	}
	if l.asked == nil || l.asked.Via != call.Forwarded {
		return s
	}
	s.Extension = l.asked.By
	if c.lineIn != "" {
		s.Sent = &line.Sent{Caller: c.from, Why: c.forwarding.why}
	}
	return s
}

// presenting is a destination with the wish of whoever stands behind the call about the
// number that it shows. The gate judges it so, and so it goes out. What the unit itself
// calls somebody for shows whose call it is.
func (c *liveCall) presenting(d number.Destination, via call.Via, by string) number.Destination {
	if via == call.Alert {
		return d
	}
	who := c.caller()
	if via == call.Forwarded || who == "" {
		who = by
	}
	return c.u.plan.Load().Presents(who, d)
}

// CheckForward says what the gate would say of calls that an extension sends on to
// where plan.ForwardTo leads, as a phone has set, "" for a person. It makes no call and
// leaves no record.
func (u *Unit) CheckForward(ext, device, to string, at time.Time) Trace {
	p := u.plan.Load()
	target := p.Written(to)
	target.Destination = p.Presents(ext, target.Destination)
	return u.trace(u.cfg.Desk.Check, target, gate.Request{
		Call: "check", Dialed: to, Destination: target.Destination, At: at, Origin: forwarder(ext, device),
	})
}

// MayForward tells whether an extension may send calls on to where plan.ForwardTo
// leads: within the office, or on a line on which the gate lets it now. device is the
// phone that asks, "" for a person.
func (u *Unit) MayForward(ext, device, to string, at time.Time) bool {
	t := u.CheckForward(ext, device, to, at)
	return t.Kind == plan.Internal.String() || slices.ContainsFunc(t.Lines, LineTrace.Carries)
}

// barForward makes of the wish to have calls sent on to where none may go an attempt
// to call what nobody understands: attackers dial such, and the gate refuses it and
// has it on record like whatever else they dial.
func (u *Unit) barForward(t plan.Target, ext, device string, at time.Time) plan.Target {
	if service, on := t.Asked.Action.Service(); service == "" || !on || t.Asked.Digits == "" {
		return t
	}
	if to, ok := u.plan.Load().ForwardTo(t.Asked.Digits); ok && u.MayForward(ext, device, to, at) {
		return t
	}
	return plan.Target{
		Kind: plan.Outside, Destination: number.Destination{Class: number.NotUnderstood, Why: number.WhySymbol},
	}
}

// mayRing notes a forward that nobody has answered yet, if there may be another.
func (u *Unit) mayRing(forward string) bool {
	u.mu.Lock()
	defer u.mu.Unlock()
	if u.forwards[forward] >= RingingMax {
		return false
	}
	u.forwards[forward]++
	return true
}

// forwardsOver says that forwards are answered, or over.
func (c *liveCall) forwardsOver() {
	c.u.mu.Lock()
	defer c.u.mu.Unlock()
	for _, f := range c.forwarding.out {
		if c.u.forwards[f]--; c.u.forwards[f] <= 0 {
			delete(c.u.forwards, f)
		}
	}
	c.forwarding.out = nil
}

// engaged tells whether an extension is in a call beside one. Calls and their legs
// are on one loop.
func (u *Unit) engaged(ext string, but *liveCall) bool {
	u.mu.Lock()
	defer u.mu.Unlock()
	for _, c := range u.calls {
		if c != but && c.engages(ext) {
			return true
		}
	}
	return false
}

// engages tells whether a phone of an extension is a leg of a call.
func (c *liveCall) engages(ext string) bool {
	return slices.ContainsFunc(c.legs, func(l *liveLeg) bool {
		dialed := l.id == call.A && c.lineIn == "" && c.origin.Extension == ext
		return !l.gone && (dialed || l.extension() == ext)
	})
}

// promptTake asks who answered whether it takes a call.
const promptTake = "forward-take"

// confirm asks who answered a call that was sent on whether it takes it, twice in
// each language.
func (c *liveCall) confirm(l *liveLeg) {
	src, err := media.NewAnnouncement(c.u.cfg.Prompts, promptTake, "ja", "en", "ja", "en")
	if err == nil && l.voice == nil {
		err = errMediaClosed
	}
	if err == nil {
		err = l.voice.Play(src)
	}
	if err != nil {
		c.u.log.Warn("who answered is not asked", "call", c.id, "error", err)
	}
}
