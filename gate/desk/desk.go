package desk

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"strings"
	"sync/atomic"
	"time"

	"github.com/sekisho/sekisho/fact"
	"github.com/sekisho/sekisho/gate"
	"github.com/sekisho/sekisho/gate/internal/pass"
	"github.com/sekisho/sekisho/number"
	"github.com/sekisho/sekisho/tally"
)

// What a request gets whose verdict could not be written.
const (
	ruleDegraded   = "degraded"
	statusDegraded = 503
	phraseDegraded = "Verdict Not Recorded"
)

// ErrNotRecorded says that a call was refused because its verdict could not be
// written.
var ErrNotRecorded = errors.New("verdict not recorded")

// Desk judges requests and makes passes.
type Desk struct {
	committer fact.Committer
	now       func() time.Time
	policy    atomic.Pointer[gate.Policy]
	behind    behind
	// Tally counts what the desk does, for onlookers.
	Tally Tally
}

// Tally is what a desk has done since it was made.
type Tally struct {
	Passed, Refused atomic.Uint64
	// Recorded are the times from a call's question to its pass verdict on
	// disk; emergency calls and refusals, which do not wait, are not in it.
	Recorded tally.Delays
}

// count counts a verdict as it is given.
func (t *Tally) count(v gate.Verdict) {
	if v.Verb == gate.VerbPass {
		t.Passed.Add(1)
	} else {
		t.Refused.Add(1)
	}
}

// Config wires a desk.
type Config struct {
	Committer fact.Committer
	Policy    *gate.Policy     // nil: that of an unclaimed unit
	Now       func() time.Time // nil: time.Now
}

// New makes a desk.
func New(c Config) *Desk {
	d := &Desk{committer: c.Committer, now: c.Now}
	if d.now == nil {
		d.now = time.Now
	}
	d.policy.Store(c.Policy)
	return d
}

// SetPolicy puts another policy in force for the requests that come after.
func (d *Desk) SetPolicy(p *gate.Policy) { d.policy.Store(p) }

// Policy is the one in force.
func (d *Desk) Policy() *gate.Policy { return d.policy.Load() }

// Check judges without recording and without a Pass: for `sekisho gate check`.
func (d *Desk) Check(r gate.Request) gate.Verdict { return gate.Judge(d.policy.Load(), r) }

// Ask judges a request and calls done once: on the caller's goroutine for
// refusals and emergency calls, else from another one when the verdict is on
// disk. A Pass comes with a pass verdict only. The error is not nil when the
// call is refused because its verdict could not be written (ErrNotRecorded);
// the Verdict says so too. For emergency calls Ask records
// fact.EmergencyCalled beside the verdict.
func (d *Desk) Ask(r gate.Request, done func(gate.Verdict, gate.Pass, error)) {
	if r.At.IsZero() {
		r.At = d.now()
	}
	p := d.policy.Load()
	v := gate.Judge(p, r)
	f := judged(&r, v)
	switch {
	case v.Verb != gate.VerbPass:
		d.record(fact.Write{Facts: []fact.Fact{f}, Behind: true})
		d.Tally.count(v)
		done(v, gate.Pass{}, nil)
	case r.Destination.Class == number.Emergency:
		f.Behind = true
		d.record(fact.Write{Facts: []fact.Fact{f, called(&r)}})
		d.Tally.count(v)
		done(v, d.makePass(&r), nil)
	default:
		asked := d.now()
		d.committer.Commit(fact.Write{Facts: []fact.Fact{f}}, func(err error) {
			if err != nil {
				d.degraded(p, &r, v, err, done)
				return
			}
			d.Tally.Recorded.Add(d.now().Sub(asked))
			d.Tally.count(v)
			v.Recorded = true
			done(v, d.makePass(&r), nil)
			d.flush()
		})
	}
}

// degraded answers a request whose pass verdict could not be written.
func (d *Desk) degraded(p *gate.Policy, r *gate.Request, v gate.Verdict, err error,
	done func(gate.Verdict, gate.Pass, error),
) {
	if p.WhenDegraded(r) {
		f := judged(r, v)
		f.Behind = true
		d.behind.keep(d.now(), f)
		d.Tally.count(v)
		done(v, d.makePass(r), nil)
		return
	}
	v.Verb, v.Rule, v.Reason = gate.VerbRefuse, ruleDegraded, "gate."+ruleDegraded
	v.Status, v.Phrase, v.Prompt, v.Opening = statusDegraded, phraseDegraded, "", ""
	v.Trace = append(v.Trace, gate.Step{Rule: ruleDegraded, Said: "gate.said.not-written"})
	d.behind.keep(d.now(), judged(r, v))
	d.Tally.count(v)
	done(v, gate.Pass{}, fmt.Errorf("%w: %w", ErrNotRecorded, err))
}

func (d *Desk) makePass(r *gate.Request) gate.Pass {
	return pass.New(r.Call, r.Line, r.Destination, d.now().Add(passLife))
}

// record writes facts that no call waits for.
func (d *Desk) record(w fact.Write) {
	d.committer.Commit(w, func(err error) {
		if err != nil {
			d.behind.keep(d.now(), w.Facts...)
			return
		}
		d.flush()
	})
}

// flush writes what is behind, one write at a time.
func (d *Desk) flush() {
	facts, dropped := d.behind.take()
	if len(facts) == 0 {
		return
	}
	d.committer.Commit(fact.Write{Facts: facts}, func(err error) {
		d.behind.taken(facts, dropped, err)
		if err == nil {
			d.flush()
		}
	})
}

// Behind is how many facts wait to be written behind.
func (d *Desk) Behind() int { return d.behind.size() }

// Run retries what is behind until ctx ends.
func (d *Desk) Run(ctx context.Context) {
	tick := time.NewTicker(retryEvery)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
			d.flush()
		}
	}
}

func party(o *gate.Origin) fact.Party {
	return fact.Party{
		Origin: string(o.Kind), Extension: o.Extension, Device: o.Device, Credential: o.Credential,
		Source: address(o.Source), Transport: o.Transport, UserAgent: clip(o.UserAgent), Registration: o.Registration,
	}
}

// clip bounds what the other side chose, so that no record is too large to be
// written.
func clip(s string) string {
	if len(s) > textMax {
		return strings.ToValidUTF8(s[:textMax], "") + "…"
	}
	return s
}

func address(a netip.AddrPort) string {
	if !a.IsValid() {
		return ""
	}
	return a.String()
}

// judged is the fact of a verdict.
func judged(r *gate.Request, v gate.Verdict) fact.CallJudged {
	d := &r.Destination
	return fact.CallJudged{
		Call: r.Call, First: r.First, Direction: r.Direction, Started: r.Started, From: clip(r.From),
		Party: party(&r.Origin), Authenticated: r.Origin.Authenticated, Line: r.Line,
		Dialed: clip(r.Dialed), Class: d.Class.String(), Number: d.Digits, Area: d.Area,
		Range: d.Range.String(), Presentation: d.Presentation.String(), Carrier: d.Carrier, Why: d.Why,
		Verb: v.Verb.String(), Rule: v.Rule, Status: v.Status, Opening: v.Opening, Policy: v.Policy,
		At: r.At,
	}
}

func called(r *gate.Request) fact.EmergencyCalled {
	return fact.EmergencyCalled{
		Call: r.Call, Party: party(&r.Origin), Authenticated: r.Origin.Authenticated,
		Number: r.Destination.Digits, Line: r.Line, At: r.At,
	}
}
