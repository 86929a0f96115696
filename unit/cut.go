package unit

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"sync/atomic"

	"github.com/sekisho/sekisho/fact"
	"github.com/sekisho/sekisho/gate"
	"github.com/sekisho/sekisho/gate/quarantine"
	"github.com/sekisho/sekisho/gate/tempo"
	"github.com/sekisho/sekisho/unit/call"
)

// Cut says why calls are cut: what the evidence keeps of it. Call and At are
// the unit's to fill in.
type Cut = fact.CallCut

// Rules of a Cut.
const (
	CutByQuarantine = "quarantine" // what the call is of was set apart
	CutByOrder      = "cut"        // it was only to end
)

// CutOf is why calls of what is set apart are cut.
func CutOf(q fact.Quarantine) Cut {
	return Cut{Rule: CutByQuarantine, Quarantine: q.ID, Reason: q.Reason, By: q.CreatedBy}
}

// phraseCut is the phrase with which calls are cut.
const phraseCut = "Call Cut"

// CutCalls hangs up the outside calls of a target, those that ring and those
// that wait for the gate among them, and counts them. Emergency calls, those
// that may answer one, and internal calls go on. It returns when the end of
// every call is on its way.
//
// Where what is set apart was put in force at the desk before, nothing of it
// is left then, and nothing more comes: a call that is not among the unit's yet
// asks the gate later.
func (u *Unit) CutCalls(ctx context.Context, of quarantine.Target, why Cut) (int, error) {
	return u.cutCalls(ctx, why, covered(of))
}

// CutCostly is CutCalls for those calls of a target that cost more than a call
// within Japan does; the others go on.
func (u *Unit) CutCostly(ctx context.Context, of quarantine.Target, why Cut) (int, error) {
	covers := covered(of)
	return u.cutCalls(ctx, why, func(r *gate.Request) bool { return tempo.Costs(&r.Destination) && covers(r) })
}

func covered(by quarantine.Target) func(*gate.Request) bool {
	return func(r *gate.Request) bool {
		subject := r.Subject()
		return by.Covers(&subject)
	}
}

func (u *Unit) cutCalls(ctx context.Context, why Cut, covers func(*gate.Request) bool) (int, error) {
	u.mu.Lock()
	calls := slices.Collect(maps.Values(u.calls))
	u.mu.Unlock()
	var cut atomic.Int64
	told := newTally(len(calls))
	for _, c := range calls {
		c.tell(func() {
			if c.outside(covers) {
				c.cut(why)
				cut.Add(1)
			}
			told.one()
		})
	}
	if err := told.wait(ctx, CutGrace); err != nil {
		return int(cut.Load()), fmt.Errorf("cut calls: %w", err)
	}
	return int(cut.Load()), nil
}

// cut ends a call and records why, on the loop.
func (c *liveCall) cut(why Cut) {
	why.Call, why.At = c.id, c.sh.Now().UTC()
	c.u.commit(fact.Write{Facts: []fact.Fact{why}, Behind: true})
	c.input(call.Input{Event: call.Cut, Refusal: call.Refusal{
		Status: 603, Phrase: phraseCut, Reason: call.Reason{Protocol: "SIP", Cause: 603, Text: phraseCut},
	}})
}

// apart gives the quarantine that a call falls under now.
func (c *liveCall) apart() (found fact.Quarantine, ok bool) {
	c.outside(func(r *gate.Request) bool {
		found, ok = c.u.cfg.Desk.Apart(r)
		return ok
	})
	return found, ok
}

// outside tells whether one of the things that a call has on lines fits: what
// was asked of the gate, or the call that came in. Nothing of a call fits that
// reaches an emergency service, or may be the answer to such a call. It is
// asked on the call's loop.
func (c *liveCall) outside(fits func(*gate.Request) bool) bool {
	if c.core.Ending() || c.callback {
		return false
	}
	found := false
	for _, l := range c.current() {
		switch {
		case l.asked == nil:
		case l.asked.Emergency:
			return false
		case !found:
			r := c.requestOf(l.asked)
			found = fits(&r)
		}
	}
	return found || c.lineIn != "" && c.inward(fits) || c.meets(fits)
}

// current are the legs beside A on which a call may be talked on: those that talk,
// else all that may yet.
func (c *liveCall) current() []*liveLeg {
	sides := c.core.Sides()
	var out []*liveLeg
	for _, l := range c.legs {
		if l.id != call.A && !l.gone && (!c.core.Talking() || slices.Contains(sides[:], l.id)) {
			out = append(out, l)
		}
	}
	return out
}

// inward tells whether a call that came in fits: by its line, or because every
// phone fits that took it or may yet.
func (c *liveCall) inward(fits func(*gate.Request) bool) bool {
	if r := (gate.Request{Line: c.lineIn, At: c.sh.Now()}); fits(&r) {
		return true
	}
	phones := 0
	for _, l := range c.current() {
		if l.line != "" {
			return false // it is on its way out again: the gate was asked about that
		}
		phones++
		if r := c.calledRequest(l.extension(), l.device()); !fits(&r) {
			return false
		}
	}
	return phones > 0
}

// calledRequest stands for a call that came in and rings a phone.
func (c *liveCall) calledRequest(extension, device string) gate.Request {
	return gate.Request{
		Origin: gate.Origin{Extension: extension, Device: device, Credential: device}, Line: c.lineIn, At: c.sh.Now(),
	}
}

// spare takes what is set apart out of the route of a call that came in; where
// nothing is left the call is refused. The gate is not asked about such calls.
func (c *liveCall) spare(r call.Route) call.Route {
	if c.lineIn == "" || c.callback || len(r.Contacts) == 0 {
		return r
	}
	kept := r.Contacts[:0:0]
	for _, to := range r.Contacts {
		i, err := strconv.Atoi(to.Key)
		if err != nil {
			continue // the keys are ours
		}
		called := c.calledRequest(to.Extension, c.contacts[i].Device)
		if _, apart := c.u.cfg.Desk.Apart(&called); !apart {
			kept = append(kept, to)
		}
	}
	if len(kept) == 0 {
		c.verb, c.rule = gate.VerbRefuse.String(), CutByQuarantine
		return call.Route{Refuse: call.Refusal{Status: 480, Phrase: gate.PhraseApart}}
	}
	r.Contacts = kept
	return r
}
