package gate

import (
	"time"

	"github.com/sekisho/sekisho/fact"
	"github.com/sekisho/sekisho/gate/budget"
)

// Need tells what money a request needs, or from which budget it can't have
// any.
func (p *Policy) Need(r *Request) (budget.Need, *budget.Refusal) {
	if p == nil {
		return budget.Need{}, nil
	}
	return p.s.Budget.Need(r.who(), r.Line, r.Destination, r.At)
}

// Without is Need where the person's own budget has no room.
func (p *Policy) Without(r *Request) (budget.Need, *budget.Refusal) {
	return p.s.Budget.Without(r.who(), r.Line, r.Destination, r.At)
}

// Own is what a call that is up needs from the own budget of whoever stands behind
// it; ok is false where that pays for none of it, and for what is set apart.
func (p *Policy) Own(r *Request) (need budget.Need, ok bool) {
	if p == nil {
		return budget.Need{}, false
	}
	if _, apart := p.Apart(r); apart {
		return budget.Need{}, false
	}
	return p.s.Budget.Own(r.who(), r.Line, r.Destination, r.At)
}

func (r *Request) who() budget.Who {
	return budget.Who{
		Extension: r.Origin.Extension, Forwards: r.Origin.forwards(), Dials: r.askable(), Proves: r.Proves(),
		Alerts: r.Origin.Kind == OriginAlert, Site: r.Origin.Site,
	}
}

// Recap gives the charges of a call that goes on the caps in force.
func (p *Policy) Recap(charges []fact.Charge, at time.Time) []fact.Charge {
	if p == nil {
		return charges
	}
	return p.s.Budget.Recap(charges, at)
}

// askBudget refuses what costs more than a budget allows one call, and what
// would be charged to a budget that is exhausted, or has a PIN asked for where
// the person may go on from its own budget. Whether there is money left only the
// write of the verdict tells.
func askBudget(p *Policy, r *Request) answer {
	need, refusal := p.Need(r)
	switch {
	case refusal == nil && need.Own:
		return answer{verb: VerbPass, said: "gate.said.budget.own", args: []string{need.Charges[0].Account}}
	case refusal == nil:
		return answer{}
	}
	a := answer{given: true, verb: VerbRefuse, status: statusDecline, prompt: promptBarred}
	if refusal.Asks {
		a.verb = VerbChallenge
	}
	a.phrase, a.said, a.args = overBudget(refusal)
	return a
}

// overBudget words a refusal.
func overBudget(r *budget.Refusal) (phrase, said string, args []string) {
	said, args = "gate.said.budget."+r.Why, []string{r.Account}
	switch r.Why {
	case budget.TooDearPerMinute, budget.TooDearToConnect, budget.TooDearForOne:
		return "Call Too Dear", said, args
	case fact.WindowAtOnce:
		return "Too Many Calls", said, args
	case fact.WindowCallees:
		return "Too Many Numbers", said, args
	}
	return "Budget Exhausted", said, args
}

// OverBudget makes of a pass verdict for which a budget has no room a refusal,
// or a challenge where whoever stands behind the request may go on from its own
// budget, and that has not been tried.
func (p *Policy) OverBudget(r *Request, v Verdict, full *fact.Exhausted, tried bool) Verdict {
	v.Verb, v.Rule, v.Reason = VerbRefuse, RuleBudget, "gate."+RuleBudget
	v.Status, v.Prompt, v.Opening, v.Meter = statusDecline, promptBarred, "", nil
	if !tried && p != nil && p.s.Budget.Asks(r.who(), r.Line, r.Destination, r.At) {
		v.Verb = VerbChallenge
	}
	step := Step{Rule: RuleBudget, Verb: v.Verb}
	v.Phrase, step.Said, step.Args = overBudget(&budget.Refusal{Account: full.Account, Why: full.Window})
	v.Trace = append(v.Trace, step)
	return v
}

// RuleBudget is the rule that holds calls to the budgets.
const RuleBudget = "budget"
