package gate

// order is the gate: the rules, in the order they are asked. The first one
// with an opinion answers. It is the same for everyone; `sekisho gate check`
// and the console print it.
var order = []Rule{
	{Name: "emergency", ask: askEmergency},
	{Name: "unclaimed", ask: askUnclaimed},
	// quarantine: phones, credentials, lines, sites set apart (a later issue).
	{Name: "not-understood", ask: askNotUnderstood},
	{Name: "origin", ask: askOrigin},
	{Name: "line-to-line", ask: askLineToLine},
	{Name: "international", ask: askInternational},
	{Name: "premium", ask: askPremium},
	{Name: "global-code", ask: askGlobalCode},
	{Name: "carrier-feature", ask: askCarrierFeature},
	{Name: "carrier-selection", ask: askCarrierSelection},
	{Name: "extension-class", ask: askExtensionClass},
	{Name: "line-class", ask: askLineClass},
	{Name: "hours", ask: askHours},
	// tempo: velocity and anomaly (a later issue).
	// budget: money and minutes, reserved before the call (a later issue).
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

// answer is what a rule says; the zero answer is no opinion.
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
}

func passes(said string, args ...string) answer {
	return answer{given: true, verb: VerbPass, said: said, args: args}
}

func refuses(status int, phrase, prompt, said string, args ...string) answer {
	return answer{
		given: true, verb: VerbRefuse, status: status, phrase: phrase, prompt: prompt, said: said, args: args,
	}
}

func refusesOnLine(phrase, said string, args ...string) answer {
	a := refuses(statusDecline, phrase, promptBarred, said, args...)
	a.ofLine = true
	return a
}

// Judge answers a request under a policy. A nil policy is that of an
// unclaimed unit.
func Judge(p *Policy, r Request) Verdict {
	if p == nil {
		p = &Policy{}
	}
	v := Verdict{Policy: p.s.Version, Trace: make([]Step, 0, len(order))}
	for _, rule := range order {
		a := rule.ask(p, &r)
		v.Trace = append(v.Trace, Step{Rule: rule.Name, Said: a.said, Args: a.args})
		if !a.given {
			continue
		}
		v.Verb, v.Rule, v.Reason = a.verb, rule.Name, rule.Why()
		v.Status, v.Phrase, v.Prompt, v.Opening = a.status, a.phrase, a.prompt, a.opening
		v.OfLine = a.ofLine
		break
	}
	return v
}
