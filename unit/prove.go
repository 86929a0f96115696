package unit

import (
	"github.com/sekisho/sekisho/fact"
	"github.com/sekisho/sekisho/gate"
	"github.com/sekisho/sekisho/gate/challenge/prover"
	"github.com/sekisho/sekisho/text"
	"github.com/sekisho/sekisho/unit/call"
)

// challenged has A asked for its PIN because of a rule, where it can be: in then
// says so. Who has none, or may not try it, is refused as the rule would have it.
func (c *liveCall) challenged(rule string, in *call.Input) {
	c.asks = rule
	why := fact.FailedUnheard
	if c.u.cfg.Prover != nil {
		why = c.u.cfg.Prover.Ready(c.origin.Extension)
	}
	if why == "" {
		in.Ask = true
		return
	}
	c.unproven(why)
	if why == fact.FailedLocked {
		in.Refusal.Prompt = call.PromptLocked
	}
}

// challenge speaks to A about its PIN: in the unit's language, and what it is to
// do in the other one, too.
func (c *liveCall) challenge(a *liveLeg, e *call.Effect) {
	c.prompted = true
	if e.Refusal.Prompt == call.PromptProved {
		c.say(a, e, c.u.lang.String())
		return
	}
	other := text.EN
	if c.u.lang == text.EN {
		other = text.JA
	}
	c.say(a, e, c.u.lang.String(), other.String())
}

// prove has a PIN checked.
func (c *liveCall) prove(e *call.Effect) {
	c.u.cfg.Prover.Try(prover.Try{
		Call: c.id, Leg: int(call.A), Person: c.origin.Extension, Device: c.origin.Device, Rule: c.asks, PIN: e.Keys,
	}, func(why string) {
		c.tell(func() { c.checked(why) })
	})
}

// checked takes what came of a PIN.
func (c *liveCall) checked(why string) {
	person := c.origin.Extension
	in := call.Input{Event: call.NotProved, Leg: call.A}
	switch why {
	case "":
		c.proof = gate.Proof{Person: person, At: c.sh.Now(), Leg: int(call.A)}
		in.Event = call.Proved
	case fact.FailedWrong: // it is on record
		next := c.u.cfg.Prover.Ready(person)
		in.Again = next == ""
		if next == fact.FailedLocked {
			in.Refusal.Prompt = call.PromptLocked
		}
	case fact.FailedLocked:
		in.Refusal.Prompt = call.PromptLocked
		c.unproven(why)
	default:
		c.unproven(why)
	}
	c.input(in)
}

// unproven records that A did not prove itself.
func (c *liveCall) unproven(why string) {
	c.u.commit(fact.Write{Behind: true, Facts: []fact.Fact{fact.ChallengeFailed{
		Call: c.id, Leg: int(call.A), Person: c.origin.Extension, Device: c.origin.Device, Rule: c.asks,
		Reason: why, At: c.sh.Now().UTC(),
	}}})
}
