package desk

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/netip"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/sekisho/sekisho/fact"
	"github.com/sekisho/sekisho/gate"
	"github.com/sekisho/sekisho/gate/budget"
	"github.com/sekisho/sekisho/gate/internal/pass"
	"github.com/sekisho/sekisho/gate/tempo"
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
	lent      lent
	log       *slog.Logger
	began     time.Time // the clock of budgets counts from here, whatever is done to the wall's
	exhausted func(fact.BudgetExhausted)
	vouched   func()
	cut       func(Suspect)

	watching sync.Mutex // for watch
	watch    *tempo.Watch

	// Tally counts what the desk does, for onlookers.
	Tally Tally
}

// Tally is what a desk has done since it was made.
type Tally struct {
	Passed, Refused, Challenged atomic.Uint64
	// Recorded are the times from a call's question to its pass verdict on
	// disk; emergency calls and refusals, which do not wait, are not in it.
	Recorded tally.Delays
	Opinions Opinions
}

// count counts a verdict as it is given.
func (t *Tally) count(v gate.Verdict) {
	switch v.Verb {
	case gate.VerbPass:
		t.Passed.Add(1)
	case gate.VerbChallenge:
		t.Challenged.Add(1)
	default:
		t.Refused.Add(1)
	}
}

// Config wires a desk.
type Config struct {
	Committer fact.Committer
	Policy    *gate.Policy     // nil: that of an unclaimed unit
	Now       func() time.Time // nil: time.Now
	// Exhausted is told, from any goroutine, of each budget that this desk found
	// used up, once that is on disk; nil for nobody.
	Exhausted func(fact.BudgetExhausted)
	// Vouched is told, from any goroutine, that a person vouched for a number with
	// its PIN, once that is on disk; nil for nobody.
	Vouched func()
	// Watch says what is odd about how the office telephones; the desk alone asks
	// it from now on. Nil for nobody.
	Watch *tempo.Watch
	// Cut is told, on the asker's goroutine, of each extension whose call was
	// refused because several independent signs say that it is no employee's. It
	// must not wait. Nil for nobody.
	Cut func(Suspect)
	Log *slog.Logger // nil: nowhere
}

// New makes a desk.
func New(c Config) *Desk {
	d := &Desk{
		committer: c.Committer, now: c.Now, exhausted: c.Exhausted, vouched: c.Vouched, log: c.Log,
		watch: c.Watch, cut: c.Cut,
	}
	d.Tally.Opinions.begin()
	if d.log == nil {
		d.log = slog.New(slog.DiscardHandler)
	}
	if d.now == nil {
		d.now = time.Now
	}
	if d.exhausted == nil {
		d.exhausted = func(fact.BudgetExhausted) {}
	}
	if d.vouched == nil {
		d.vouched = func() {}
	}
	if d.cut == nil {
		d.cut = func(Suspect) {}
	}
	d.began = d.now()
	d.policy.Store(c.Policy)
	return d
}

// SetPolicy puts another policy in force for the requests that come after.
func (d *Desk) SetPolicy(p *gate.Policy) { d.policy.Store(p) }

// Policy is the one in force.
func (d *Desk) Policy() *gate.Policy { return d.policy.Load() }

// Check judges without recording and without a Pass: for `sekisho gate check`.
func (d *Desk) Check(r gate.Request) gate.Verdict {
	if r.At.IsZero() {
		r.At = d.now()
	}
	p := d.policy.Load()
	d.preview(p, &r)
	return gate.Judge(p, r)
}

// Apart gives the quarantine that a request falls under, or a call that was
// one, as gate.Policy.Apart does.
func (d *Desk) Apart(r *gate.Request) (fact.Quarantine, bool) { return d.policy.Load().Apart(r) }

// Ask judges a request and calls done once: on the caller's goroutine for
// refusals, challenges and emergency calls, else from another one when the verdict is on
// disk. A Pass comes with a pass verdict only; to a challenge the asker may ask
// again, with the Proof of whoever stands behind the request. The error is not nil when the
// call is refused because its verdict could not be written (ErrNotRecorded);
// the Verdict says so too. For emergency calls Ask records
// fact.EmergencyCalled beside the verdict.
func (d *Desk) Ask(r gate.Request, done func(gate.Verdict, gate.Pass, error)) {
	if r.At.IsZero() {
		r.At = d.now()
	}
	p := d.policy.Load()
	d.look(p, &r)
	v := gate.Judge(p, r)
	f := judged(&r, v)
	switch {
	case v.Verb != gate.VerbPass:
		d.record(fact.Write{Facts: []fact.Fact{f}, Behind: true})
		d.count(&r, v)
		done(v, gate.Pass{}, nil)
	case r.Destination.Class == number.Emergency:
		f.Behind = true
		d.record(fact.Write{Facts: []fact.Fact{f, called(&r)}})
		d.count(&r, v)
		done(v, d.makePass(&r), nil)
	default:
		q := &question{p: p, r: r, v: v, asked: d.now(), done: done}
		need, _ := p.Need(&r) // its rule has judged the refusal
		if need.Nothing() {
			d.admit(q, f)
			return
		}
		q.v.Meter = &budget.Meter{Leg: r.Leg, Need: need}
		d.reserve(q, f, need.First())
	}
}

// question is a request that the rules passed, until its verdict is on disk.
type question struct {
	p     *gate.Policy
	r     gate.Request
	v     gate.Verdict
	asked time.Time
	tries int  // to set money aside
	tried bool // the person's own budget, which had no room
	done  func(gate.Verdict, gate.Pass, error)
}

// admit writes a pass verdict, and lets the call out when it is on disk.
func (d *Desk) admit(q *question, f fact.CallJudged) {
	d.committer.Commit(fact.Write{Facts: []fact.Fact{f}}, func(err error) {
		var full *fact.Exhausted
		switch {
		case errors.As(err, &full):
			d.full(q, f, full)
			return
		case err != nil:
			d.degraded(q.p, &q.r, q.v, err, q.done)
			return
		}
		d.Tally.Recorded.Add(d.now().Sub(q.asked))
		d.count(&q.r, q.v)
		q.v.Recorded = true
		if m := q.v.Meter; m != nil && m.Own && m.Callee != 0 && q.r.Proves() {
			d.vouched()
		}
		q.done(q.v, d.makePass(&q.r), nil)
		d.flush()
	})
}

// degraded answers a request whose pass verdict could not be written.
func (d *Desk) degraded(p *gate.Policy, r *gate.Request, v gate.Verdict, err error,
	done func(gate.Verdict, gate.Pass, error),
) {
	if p.WhenDegraded(r) && (v.Meter == nil || d.lent.lend(v.Meter.Charges, v.Meter.First(), d.clock())) {
		f := judged(r, v)
		f.Behind = true
		d.behind.keep(d.now(), f)
		d.count(r, v)
		if v.Meter != nil { // what it costs is charged when that is known
			v.Meter.Held, v.Meter.Unrecorded = v.Meter.First(), true
		}
		done(v, d.makePass(r), nil)
		return
	}
	v.Meter = nil
	v.Verb, v.Rule, v.Reason = gate.VerbRefuse, ruleDegraded, "gate."+ruleDegraded
	v.Status, v.Phrase, v.Prompt, v.Opening = statusDegraded, phraseDegraded, "", ""
	v.Trace = append(v.Trace, gate.Step{Rule: ruleDegraded, Said: "gate.said.not-written"})
	d.behind.keep(d.now(), judged(r, v))
	d.count(r, v)
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

// Later writes facts as soon as the store takes writes again, in their order
// and after what waits already: those of a write that failed because it took
// none. err is why; facts that are refused for themselves are only logged.
func (d *Desk) Later(err error, facts ...fact.Fact) {
	if !down(err) {
		d.log.Error("facts can't be recorded", "count", len(facts), "error", err)
		return
	}
	d.behind.keep(d.now(), facts...)
}

// flush writes what is behind, one write at a time. A write that is refused
// for itself is tried again fact by fact: one that can't be written must not
// keep the others waiting for ever.
func (d *Desk) flush() {
	facts, dropped := d.behind.take()
	if len(facts) == 0 {
		return
	}
	d.committer.Commit(fact.Write{Facts: facts}, func(err error) {
		if err == nil || down(err) || errors.Is(err, fact.ErrClosed) {
			d.behind.taken(facts, dropped, err)
		} else {
			d.log.Error("facts that waited can't be recorded", "count", len(facts), "error", err)
			d.behind.refused(facts, dropped)
			err = nil
		}
		if err == nil {
			d.flush()
		}
	})
}

// Unwritten gives the facts that still wait when a desk is at its end, for Later
// of the one that comes after it.
func (d *Desk) Unwritten() []fact.Fact { return d.behind.all() }

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
		Site: o.Site, SiteExtension: clip(o.SiteExtension),
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
	f := fact.CallJudged{
		Call: r.Call, First: r.First, Direction: r.Direction, Started: r.Started, From: clip(r.From),
		Party: party(&r.Origin), Authenticated: r.Origin.Authenticated, Line: r.Line,
		Dialed: clip(r.Dialed), Class: d.Class.String(), Number: d.Digits, Area: d.Area,
		Range: d.Range.String(), Presentation: d.Presentation.String(), Carrier: d.Carrier, Why: d.Why,
		Verb: v.Verb.String(), Rule: v.Rule, Status: v.Status, Opening: v.Opening, Policy: v.Policy,
		Proven: proven(r, v), Settled: r.Settled, At: r.At,
	}
	if r.Opinion != nil {
		f.Opinion, f.Signs = r.Opinion.Level.String(), signs(r.Opinion)
	}
	return f
}

// proven is whose proof a verdict goes by, "" where it does not go by any.
func proven(r *gate.Request, v gate.Verdict) string {
	if v.Verb != gate.VerbPass {
		return ""
	}
	for _, s := range v.Trace {
		if s.Verb == gate.VerbChallenge {
			return r.Proof.Person
		}
	}
	return ""
}

func called(r *gate.Request) fact.EmergencyCalled {
	return fact.EmergencyCalled{
		Call: r.Call, Party: party(&r.Origin), Authenticated: r.Origin.Authenticated,
		Number: r.Destination.Digits, Line: r.Line, At: r.At,
	}
}
