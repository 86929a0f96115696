package unit

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/sekisho/sekisho/gate"
	"github.com/sekisho/sekisho/number"
	"github.com/sekisho/sekisho/unit/line"
	"github.com/sekisho/sekisho/unit/plan"
	"github.com/sekisho/sekisho/wire/sip"
	"github.com/sekisho/sekisho/wire/sip/stack"
)

// Trace is how a dialed string would fare, without a call.
type Trace struct {
	Dialed      string             `json:"dialed"`
	From        string             `json:"from"` // extension
	Destination number.Destination `json:"destination"`
	Kind        string             `json:"kind"` // "internal", "outside", "refuse"
	Extensions  []string           `json:"extensions,omitempty"`
	Status      int                `json:"status,omitempty"` // of a refusal by the plan
	Why         string             `json:"why,omitempty"`
	// Lines are the verdicts, in the order in which the lines would be tried.
	Lines []LineTrace `json:"lines,omitempty"`
}

// LineTrace is one line's part of a Trace.
type LineTrace struct {
	Line    string       `json:"line"`
	Verdict gate.Verdict `json:"verdict"`
	// RequestURI is what would be sent, for a pass or once a PIN was typed.
	RequestURI string `json:"request_uri,omitempty"`
	Fault      error  `json:"-"` // why the line can't send it
}

// Carries tells whether the call would go out on the line, with a PIN or
// without.
func (l LineTrace) Carries() bool { return l.passes() && l.Fault == nil }

func (l LineTrace) passes() bool {
	return l.Verdict.Verb == gate.VerbPass || l.Verdict.Verb == gate.VerbChallenge
}

// Check says what would become of a number dialed by an extension: how it is
// read, where it leads, and what the gate says for each line at that time. It
// makes no call and leaves no record.
func (u *Unit) Check(dialed, from string, at time.Time) Trace {
	return u.CheckUnder(u.cfg.Desk.Check, dialed, from, at)
}

// Read says what a dialed string means today.
func (u *Unit) Read(dialed string) number.Destination {
	return u.plan.Load().Dialed(dialed).Destination
}

// CheckUnder is Check with another judge than the gate in force.
func (u *Unit) CheckUnder(judge func(gate.Request) gate.Verdict, dialed, from string, at time.Time) Trace {
	p := u.plan.Load()
	target := p.Dialed(dialed)
	target.Destination = p.Presents(from, target.Destination)
	return u.trace(judge, target, gate.Request{
		Call: "check", Dialed: dialed, Destination: target.Destination, At: at,
		Origin: gate.Origin{Kind: gate.OriginDialed, Extension: from, Authenticated: true},
	})
}

// trace asks a judge about a request on each of a target's lines.
func (u *Unit) trace(judge func(gate.Request) gate.Verdict, target plan.Target, r gate.Request) Trace {
	t := Trace{
		Dialed: r.Dialed, From: r.Origin.Extension, Destination: target.Destination, Kind: target.Kind.String(),
		Extensions: target.Extensions, Status: target.Status, Why: target.Why,
	}
	if target.Kind != plan.Outside {
		return t
	}
	lines := u.cfg.Lines.Order(target.Lines, target.Emergency(), r.At)
	if len(lines) == 0 {
		lines = []string{""}
	}
	for _, id := range lines {
		lt := LineTrace{Line: id}
		r.Line = id
		lt.Verdict = judge(r)
		if lt.passes() && id != "" {
			lt.RequestURI, _, lt.Fault = u.cfg.Lines.Render(id, target.Destination)
		}
		t.Lines = append(t.Lines, lt)
	}
	return t
}

// LineTest is how a line answered.
type LineTest struct {
	Line   string        `json:"line"`
	Status int           `json:"status"` // of the answer to OPTIONS; 408 for none, 503 for no way
	Took   time.Duration `json:"took_ns"`
}

// ErrNoSuchLine says that the unit has no such line.
var ErrNoSuchLine = errors.New("no such line")

// TestLine asks a line's carrier whether it is there (OPTIONS) and waits for
// the answer.
func (u *Unit) TestLine(ctx context.Context, id string) (LineTest, error) {
	end, ok := u.end(id)
	if !ok || u.stack == nil {
		return LineTest{}, fmt.Errorf("%w: %s", ErrNoSuchLine, id)
	}
	result := make(chan LineTest, testAnswers)
	began := time.Now()
	failed := func(status int) { result <- LineTest{Line: id, Status: status, Took: time.Since(began)} }
	err := onLoop(ctx, u.stack.Shard(0), func(sh *stack.Shard) {
		o := stack.Outgoing{Method: sip.OPTIONS, Contact: end.Contact()}
		o.From, _ = u.cfg.Lines.Outgoing(id, line.Shown{})
		o.URI, o.To = hostOf(o.From)
		if err := end.Send(sh, o, func(_ *stack.Shard, r stack.Result) { failed(r.Status) }); err != nil {
			failed(503)
		}
	})
	if err != nil {
		return LineTest{}, fmt.Errorf("line %s: %w", id, err)
	}
	select {
	case t := <-result:
		return t, nil
	case <-ctx.Done():
		return LineTest{}, fmt.Errorf("line %s: %w", id, ctx.Err())
	}
}

// testAnswers: a line answers once.
const testAnswers = 1

// hostOf gives the URI of the carrier that a From on its line names, and the
// same as a name-addr.
func hostOf(from string) (uri, to string) {
	_, host, _ := strings.Cut(from, "@")
	host, _, _ = strings.Cut(host, ">")
	return "sip:" + host, "<sip:" + host + ">"
}
