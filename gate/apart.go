package gate

import "github.com/sekisho/sekisho/gate/quarantine"

// askQuarantine refuses what somebody set apart: whoever stands behind the
// call, whom it goes to, what it goes out on. A line that is set apart leaves
// the call to the others.
func askQuarantine(p *Policy, r *Request) answer {
	q, apart := p.Apart(r)
	if !apart {
		return answer{}
	}
	a := refuses(statusDecline, PhraseApart, promptBarred, "gate.said.quarantine", q.ID)
	a.ofLine = quarantine.Kind(q.Kind) == quarantine.Line
	return a
}

// PhraseApart is what the caller of something set apart is told.
const PhraseApart = "Set Apart"
