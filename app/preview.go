package app

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/sekisho/sekisho/app/config"
	"github.com/sekisho/sekisho/app/control"
	"github.com/sekisho/sekisho/fact"
	"github.com/sekisho/sekisho/gate"
	"github.com/sekisho/sekisho/gate/budget"
	"github.com/sekisho/sekisho/gate/policy"
	"github.com/sekisho/sekisho/number"
	"github.com/sekisho/sekisho/unit"
)

// preview says what a change would come to: what it opens and bars, how its
// tests fare, and, with numbers not nil, what the unit's own calls of the last
// days would have come to, their numbers whole where *numbers says so.
func (a *App) preview(ctx context.Context, state settings, c change, numbers *bool) (control.Preview, error) {
	at := now()
	next := state.after(c)
	before, after := state.document(at), next.document(at)
	p := control.Preview{Base: hashOf(before), Changes: []control.PolicyEffect{}}
	for _, d := range policy.Diff(before, after, at) {
		p.Changes = append(p.Changes, control.PolicyEffect{Says: d.Says, Loosens: d.Loosens, Bars: d.Bars})
	}
	p.Besides = policy.Besides(before, after)
	is, err := a.gateAs(state)
	if err != nil {
		return p, err
	}
	will, err := a.gateAs(next)
	if err != nil {
		return p, err
	}
	p.Tests = a.tests(will, after.Tests, c.text, at)
	if numbers == nil {
		return p, nil
	}
	p.Replay, err = a.replay(ctx, is, will, at.AddDate(0, 0, -replayDays), *numbers)
	return p, err
}

// gateAs is the gate's policy of a state, of a unit that has an owner: nobody
// else changes policies.
func (a *App) gateAs(state settings) (*gate.Policy, error) {
	s, err := a.gateSettings(state, nil) // what is shut now says nothing about a policy
	if err != nil {
		return nil, err
	}
	s.Claimed = true
	p, err := gate.NewPolicy(s)
	if err != nil {
		return nil, fmt.Errorf("policy: %w", err)
	}
	return p, nil
}

// tests asks a policy what its tests ask.
func (a *App) tests(p *gate.Policy, list []policy.Test, contents string, at time.Time) []control.PolicyTest {
	out := make([]control.PolicyTest, 0, len(list))
	judge := func(r gate.Request) gate.Verdict { return gate.Judge(p, r) }
	for i, t := range list {
		when := at
		if t.At != "" {
			when = t.Time()
		}
		verb, rule := came(a.unit.CheckUnder(judge, t.Dial, t.From, when), t.Line)
		name := t.Name
		if name == "" {
			name = t.From + " → " + t.Dial
		}
		out = append(out, control.PolicyTest{
			Name: name, Line: config.GateLine(contents, fmt.Sprintf("test[%d]", i)), Expect: t.Expect, Rule: t.Rule,
			Came: verb, By: rule, Passed: verb == t.Expect && (t.Rule == "" || t.Rule == rule),
		})
	}
	return out
}

// came is what a trace comes to over a line; "" is the one that would carry the
// call, or else the first.
func came(t unit.Trace, line string) (verb, rule string) {
	if len(t.Lines) == 0 {
		return t.Kind, "plan"
	}
	i := slices.IndexFunc(t.Lines, func(l unit.LineTrace) bool {
		return line == l.Line || line == "" && l.Carries()
	})
	switch {
	case i < 0 && line != "":
		return gate.VerbRefuse.String(), "line-class" // what the gate says of a line it does not know
	case i < 0:
		i = 0
	}
	v := t.Lines[i].Verdict
	return v.Verb.String(), v.Rule
}

// past is one call on record, to be judged again.
type past struct {
	request gate.Request
	verb    string
	rule    string
	talk    time.Duration
}

// rehearsing judges calls again as one policy would, with the money that they
// really cost.
type rehearsing struct {
	policy *gate.Policy
	money  *budget.Rehearsal
}

// The verb of a call that would have begun and been cut.
const verbCut = "cut"

func (r *rehearsing) judge(p *past) (verb, rule string) {
	v := gate.Judge(r.policy, p.request)
	if v.Verb != gate.VerbPass {
		return v.Verb.String(), v.Rule
	}
	need, _ := r.policy.Need(&p.request)
	switch o := r.money.Take(p.request.Call, need, p.request.At, p.talk); {
	case o.Account == "":
		return v.Verb.String(), v.Rule
	case o.Cut:
		return verbCut, ruleBudget
	}
	return gate.VerbRefuse.String(), ruleBudget
}

const ruleBudget = "budget"

// replay judges the outside calls since a time again, as the policy in force
// and another one would.
func (a *App) replay(
	ctx context.Context, is, will *gate.Policy, since time.Time, numbers bool,
) (*control.PolicyReplay, error) {
	_ = a.commit(ctx, fact.Write{}) // what has just happened is on its way to the disk; a full one keeps nobody
	r := &control.PolicyReplay{Since: since, Examples: []control.PolicyReplayed{}}
	calls, err := a.pastCalls(ctx, since, r)
	if err != nil {
		return nil, err
	}
	before := rehearsing{is, budget.NewRehearsal()}
	after := rehearsing{will, budget.NewRehearsal()}
	var turned []turn
	for i := range slices.Backward(calls) { // the newest came first
		c := &calls[i]
		today, _ := before.judge(c)
		now, rule := after.judge(c)
		pass := gate.VerbPass.String()
		switch {
		case now == today && (now == pass) == (c.verb == pass):
			continue
		case now == today:
			r.Already++
			continue
		case now == verbCut:
			r.WouldCut++
		case now == pass:
			r.WouldPass++
		default:
			r.WouldRefuse++
		}
		turned = append(turned, turn{c, now, rule})
	}
	shown := map[string]int{}
	for _, t := range slices.Backward(turned) {
		if shown[t.verb]++; shown[t.verb] > replayExamplesMax {
			continue
		}
		q := &t.of.request
		r.Examples = append(r.Examples, control.PolicyReplayed{
			Call: q.Call, At: q.At, Extension: q.Origin.Extension, Line: q.Line,
			Number: shortened(q.Destination, numbers), Then: t.of.verb, ThenRule: t.of.rule, Now: t.verb,
			NowRule: t.rule,
		})
	}
	return r, nil
}

// turn is a call that a change turns round.
type turn struct {
	of         *past
	verb, rule string
}

// pastCalls reads the outside calls since a time that can be judged again, the
// newest first, and counts them all.
func (a *App) pastCalls(ctx context.Context, since time.Time, r *control.PolicyReplay) ([]past, error) {
	var out []past
	for c, err := range a.store.OutsideCalls(ctx, since, replayCallsMax+1) {
		if err != nil {
			return nil, err
		}
		if r.Calls == replayCallsMax {
			r.More = true
			break
		}
		r.Calls++
		d, ok := a.read(c)
		if !ok {
			r.Unread++
			continue
		}
		p := past{verb: c.Verb, rule: c.Rule, request: gate.Request{
			Call: c.Call, Line: c.Line, Dialed: c.To, Destination: d, At: c.Judged,
			Origin: gate.Origin{
				Kind: gate.OriginKind(c.Origin), Extension: c.Extension, Authenticated: c.Rule != "origin",
			},
		}}
		if !c.Answered.IsZero() {
			p.talk = max(c.Ended.Sub(c.Answered), time.Second)
		}
		out = append(out, p)
	}
	return out, nil
}

// read is the destination of a call on record; ok is false where the record
// and the number's meaning today differ.
func (a *App) read(c fact.CallRecord) (d number.Destination, ok bool) {
	for _, d := range []number.Destination{a.unit.Read(c.To), number.Parse("+"+c.Number, nil)} {
		if d.Class.String() == c.Class && d.Digits == c.Number && d.Area == c.Area {
			return d, true
		}
	}
	return number.Destination{}, false
}

// shortened is a number for people, shortened unless they ask for all of it.
func shortened(d number.Destination, whole bool) string {
	n := d.National()
	if whole || d.Area == "" || len(n) <= numberShown {
		return n
	}
	return n[:numberShown] + strings.Repeat("x", len(n)-numberShown)
}
