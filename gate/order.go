package gate

import "github.com/sekisho/sekisho/gate/tempo"

// order is the gate: the rules, in the order they are asked. The first one
// that passes or refuses answers; one that challenges before it turns its pass,
// but no refusal, into a challenge. It is the same for everyone; `sekisho gate
// check` and the console print it.
var order = []Rule{
	{Name: "emergency", ask: askEmergency},
	{Name: "unclaimed", ask: askUnclaimed},
	{Name: "quarantine", ask: askQuarantine},
	{Name: "not-understood", ask: askNotUnderstood},
	{Name: "origin", ask: askOrigin},
	{Name: "line-to-line", ask: askLineToLine},
	{Name: "site", ask: askSite},
	{Name: "alert-call", ask: askAlert},
	{Name: "international", ask: askInternational},
	{Name: "premium", ask: askPremium},
	{Name: "global-code", ask: askGlobalCode},
	{Name: "carrier-feature", ask: askCarrierFeature},
	{Name: "carrier-selection", ask: askCarrierSelection},
	{Name: "extension-class", ask: askExtensionClass},
	{Name: "line-class", ask: askLineClass},
	{Name: "hours", ask: askHours},
	{Name: RuleTempo, ask: askTempo},
	{Name: RuleBudget, ask: askBudget},
	{Name: "ordinary", ask: askOrdinary},
	{Name: "everything-else", ask: askEverythingElse},
}

// Rule is one entry of the order.
type Rule struct {
	Name string // stable: verdicts and evidence carry it
	ask  func(p *Policy, r *Request) answer
}

// Why is the text key of the sentence that says what the rule does and why.
func (r Rule) Why() string { return "gate." + r.Name }

// Order lists the rules as they are asked.
func Order() []Rule { return append([]Rule(nil), order...) }

// answer is what a rule says; the zero answer is no opinion. One that is not
// given may have said something all the same, for the record.
type answer struct {
	given   bool
	verb    Verb
	status  int
	phrase  string
	prompt  string
	opening string
	ofLine  bool
	said    string   // text key, for the trace
	args    []string // of the sentence
	signs   []tempo.Sign
}

func passes(said string, args ...string) answer {
	return answer{given: true, verb: VerbPass, said: said, args: args}
}

func refuses(status int, phrase, prompt, said string, args ...string) answer {
	return answer{
		given: true, verb: VerbRefuse, status: status, phrase: phrase, prompt: prompt, said: said, args: args,
	}
}

// challenges has the caller asked for its PIN. Status, phrase and prompt are
// for whoever can't be asked, or does not know it.
func challenges(status int, phrase, prompt, said string, args ...string) answer {
	a := refuses(status, phrase, prompt, said, args...)
	a.verb = VerbChallenge
	return a
}

func refusesOnLine(phrase, said string, args ...string) answer {
	a := refuses(statusDecline, phrase, promptBarred, said, args...)
	a.ofLine = true
	return a
}

// Judge answers a request under a policy. A nil policy is that of an
// unclaimed unit. Nobody is asked for a PIN whose call is barred anyway: a
// challenge is answered only where everything behind it would pass. The Proof
// of who stands behind the request lifts challenges.
func Judge(p *Policy, r Request) Verdict {
	if p == nil {
		p = &Policy{}
	}
	v := Verdict{Policy: p.s.Version, Trace: make([]Step, 0, len(order))}
	proves := r.Proves()
	var asking answer
	var asks Rule
	for _, rule := range order {
		a := rule.ask(p, &r)
		if a.verb == VerbChallenge && !r.askable() {
			a.verb = VerbRefuse
		}
		v.Trace = append(v.Trace, Step{Rule: rule.Name, Verb: a.verb, Said: a.said, Args: a.args, Signs: a.signs})
		switch {
		case !a.given:
			continue
		case a.verb == VerbChallenge:
			if !proves && !asking.given {
				asking, asks = a, rule
			}
			continue
		case a.verb == VerbPass && asking.given:
			a, rule = asking, asks
		}
		v.Verb, v.Rule, v.Reason = a.verb, rule.Name, rule.Why()
		v.Status, v.Phrase, v.Prompt, v.Opening = a.status, a.phrase, a.prompt, a.opening
		v.OfLine = a.ofLine
		break
	}
	return v
}
