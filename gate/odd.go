package gate

import "github.com/sekisho/sekisho/gate/tempo"

// RuleTempo is the rule that looks at how the office telephones.
const RuleTempo = "tempo"

// PhraseOdd is what the caller is told whose calls look like fraud.
const PhraseOdd = "Looks Like Fraud"

// askTempo looks at what is odd about how the office telephones just now, which
// whoever asks has found out before (Request.Opinion). A sign alone is for the
// record; two make the caller prove that it is the phone's owner; several
// independent ones are no employee, whatever he knows.
func askTempo(_ *Policy, r *Request) answer {
	o := r.Opinion
	if o == nil || o.Level == tempo.Quiet {
		return answer{}
	}
	a := answer{verb: VerbPass, said: "gate.said.tempo.noted"}
	switch o.Level {
	case tempo.Challenge:
		a = challenges(statusDecline, PhraseOdd, promptBarred, "gate.said.tempo.challenge")
	case tempo.Cut:
		a = refuses(statusDecline, PhraseOdd, promptBarred, "gate.said.tempo.cut")
	}
	a.signs = o.Signs()
	return a
}

// Event is the request as gate/tempo knows it, without what it takes the policy
// to know.
func (r *Request) Event() tempo.Event {
	o := &r.Origin
	return tempo.Event{
		Call: r.Call + "/" + r.Destination.Digits, Extension: o.Extension, Site: o.Site, Credential: o.Credential,
		Source: o.Source.Addr(), UserAgent: o.UserAgent, Destination: r.Destination, Dialed: r.Dialed,
		Forward: o.forwards(),
	}
}

// Event is a request's, with what the policy tells of it: the price, and whether
// the owner expects it. An opening says that where there are few: who opens the
// world to an extension does not expect it to call all of it.
func (p *Policy) Event(r *Request) tempo.Event {
	e := r.Event()
	if p == nil {
		return e
	}
	if _, open := p.opening(r); open {
		e.Expected = len(p.openings[r.Origin.Extension]) <= expectedMost
	}
	if need, _ := p.Need(r); !need.Nothing() {
		e.PerMinute = need.Rate.PerMinute()
	}
	return e
}

// forwards tells a call that its origin sends on and does not talk in itself.
func (o *Origin) forwards() bool {
	switch o.Kind {
	case OriginForward, OriginTransfer, OriginRedirect, OriginLineToLine:
		return true
	}
	return false
}
