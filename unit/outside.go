package unit

import (
	"sync"

	"github.com/sekisho/sekisho/gate"
	"github.com/sekisho/sekisho/unit/call"
	"github.com/sekisho/sekisho/wire/sip/stack"
)

// seize takes a channel of a line. An emergency call may take that of another
// call; it goes on when that call's BYE is out.
func (c *liveCall) seize(l *liveLeg, e *call.Effect) {
	l.line, c.lineOut = e.Line, e.Line
	seized := call.Input{Event: call.Seized, Leg: l.id}
	if e.Line == "" {
		c.input(seized)
		return
	}
	victim, err := c.u.cfg.Lines.Acquire(e.Line, l.key(), e.Emergency)
	if err != nil {
		c.u.log.Info("no channel", "call", c.id, "line", e.Line, "error", err)
		c.input(call.Input{Event: call.SeizeFailed, Leg: l.id})
		return
	}
	l.channel = true
	c.goesOnKey(e.Line)
	if victim == "" {
		c.input(seized)
		return
	}
	c.u.log.Warn("call gives its channel to an emergency call", "call", callOf(victim), "line", e.Line)
	c.sh.At(c.sh.Now().Add(PreemptGrace), func(*stack.Shard) { c.input(seized) })
	if !c.u.preempt(callOf(victim), func() { c.post(seized) }) {
		c.u.endSeizures(c.sh, func(s *seizure) bool { return s.call == callOf(victim) })
		c.input(seized)
	}
}

// preempt ends a call for an emergency call; done is called when its BYE is
// with the transport.
func (u *Unit) preempt(id string, done func()) bool {
	v := u.find(id)
	if v == nil {
		return false
	}
	v.tell(func() {
		v.input(call.Input{Event: call.Cut, Refusal: call.Refusal{
			Status: 503, Phrase: "Preempted By Emergency Call",
			Reason: call.Reason{Protocol: "Q.850", Cause: 8, Text: "Preemption"}, // Q.850 §2.2.7.1.8
		}})
		done()
	})
	return true
}

// desked is the desk's answer to one question, which may come before Ask has
// returned or at any time after.
type desked struct {
	mu       sync.Mutex
	verdict  gate.Verdict
	pass     gate.Pass
	err      error
	here     bool // the answer came
	returned bool // Ask returned first
}

// ask asks the gate for one line. The request is the same for every path by
// which a call comes to be.
func (c *liveCall) ask(l *liveLeg, e *call.Effect) {
	request := c.requestOf(e)
	request.Dialed, request.First, request.From = c.to, !c.booked, c.from
	request.Direction, request.Started = c.direction, c.started.UTC()
	request.Leg, request.Settled = int(l.id), c.settled
	c.settled = nil
	c.booked = true
	c.foreign = c.foreign || e.Via != call.Dialed
	asked := *e
	l.asked, l.judging = &asked, true
	d := &desked{}
	c.u.cfg.Desk.Ask(request, func(v gate.Verdict, p gate.Pass, err error) {
		d.mu.Lock()
		d.verdict, d.pass, d.err, d.here = v, p, err, true
		late := d.returned
		d.mu.Unlock()
		if late {
			c.tell(func() { c.judged(l, d) })
		}
	})
	d.mu.Lock()
	d.returned = true
	here := d.here
	d.mu.Unlock()
	if here {
		c.judged(l, d)
	}
}

// requestOf is what of an attempt the gate judges.
func (c *liveCall) requestOf(e *call.Effect) gate.Request {
	r := gate.Request{
		Call: c.id, Origin: c.originOf(e), Line: e.Line, Destination: e.Destination, At: c.sh.Now(),
		Proof: c.proof,
	}
	if _, by := c.sent[e.By]; by || e.Via == call.Forwarded {
		r.Caller = c.origin
	}
	return r
}

// originOf says who stands behind an attempt.
func (c *liveCall) originOf(e *call.Effect) gate.Origin {
	o, by := c.sent[e.By]
	if !by {
		o = c.origin
	}
	switch e.Via {
	case call.Redirected:
		o.Kind = gate.OriginRedirect
	case call.Transferred:
		o.Kind = gate.OriginTransfer
	case call.Forwarded:
		return forwarder(e.By, c.forwarding.by[e.By])
	case call.LineToLine:
		o.Kind = gate.OriginLineToLine
	}
	return o
}

func (c *liveCall) judged(l *liveLeg, d *desked) {
	v := d.verdict
	c.recorded = c.recorded || v.Recorded
	l.judging = false
	l.passed = l.passed || v.Verb == gate.VerbPass && d.err == nil
	if v.Meter != nil { // where the leg is gone, that cost nothing is told with the end
		l.meter, l.settled = v.Meter, false
	}
	if l.gone {
		return // the pass, if any, expires unused
	}
	if l.flipped || l.whole {
		l.pass = d.pass
		c.askedAgain(l, v.Verb == gate.VerbPass && d.err == nil)
		return
	}
	c.verb, c.rule = v.Verb.String(), v.Rule
	in := call.Input{Event: call.Verdict, Leg: l.id}
	if v.Verb == gate.VerbPass && d.err == nil {
		l.pass, in.Passed = d.pass, true
		c.input(in)
		return
	}
	in.NextLine = v.OfLine
	in.Refusal = call.Refusal{
		Status: v.Status, Phrase: v.Phrase, Prompt: v.Prompt,
		Reason: call.Reason{Protocol: "SIP", Cause: v.Status, Text: v.Phrase},
	}
	if v.Status == 0 {
		in.Refusal.Status, in.Refusal.Reason = 503, call.Reason{}
	}
	if v.Verb == gate.VerbChallenge {
		c.challenged(v.Rule, &in)
	}
	c.input(in)
}
