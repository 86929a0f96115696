package desk_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"go.uber.org/goleak"
	"pgregory.net/rapid"

	"github.com/sekisho/sekisho/fact"
	"github.com/sekisho/sekisho/gate"
	"github.com/sekisho/sekisho/gate/desk"
	"github.com/sekisho/sekisho/number"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

var now = time.Date(2015, 3, 11, 3, 0, 0, 0, time.UTC)

// committer answers when told to.
type committer struct {
	mu      sync.Mutex
	waiting []func(error)
	writes  []fact.Write
	hold    bool  // keep writes waiting
	fail    error // answer at once with it
	facts   []fact.Fact
}

var _ fact.Committer = (*committer)(nil)

// Commit implements fact.Committer.
func (c *committer) Commit(w fact.Write, done func(error)) {
	c.mu.Lock()
	if c.hold {
		c.waiting, c.writes = append(c.waiting, done), append(c.writes, w)
		c.mu.Unlock()
		return
	}
	err := c.fail
	if err == nil {
		c.facts = append(c.facts, w.Facts...)
	}
	c.mu.Unlock()
	done(err)
}

// release answers every write that waits.
func (c *committer) release(err error) {
	c.mu.Lock()
	waiting, writes := c.waiting, c.writes
	c.waiting, c.writes, c.hold = nil, nil, false
	if err == nil {
		for _, w := range writes {
			c.facts = append(c.facts, w.Facts...)
		}
	}
	c.mu.Unlock()
	for _, done := range waiting {
		done(err)
	}
}

func (c *committer) set(fail error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.fail = fail
}

func (c *committer) hang() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.hold = true
}

func (c *committer) kinds() string {
	c.mu.Lock()
	defer c.mu.Unlock()
	var out []string
	for _, f := range c.facts {
		switch f := f.(type) {
		case fact.CallJudged:
			word := f.Call + " " + f.Verb + " " + f.Rule
			if f.Behind {
				word += " behind"
			}
			out = append(out, word)
		case fact.VerdictsDropped:
			out = append(out, fmt.Sprint("dropped ", f.Count))
		default:
			out = append(out, f.Kind())
		}
	}
	return strings.Join(out, ", ")
}

func policy(t testing.TB, domestic bool) *gate.Policy {
	t.Helper()
	p, err := gate.NewPolicy(gate.Settings{
		Claimed: true, DomesticWhenDegraded: domestic,
		Lines:    map[string]gate.LineRule{"hikari": {}},
		Openings: []fact.Opening{{ID: "o1", Extension: "201", Area: "SL", Expires: now.Add(time.Hour)}},
	})
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func open(t testing.TB, c fact.Committer, domestic bool) *desk.Desk {
	return desk.New(desk.Config{Committer: c, Policy: policy(t, domestic), Now: func() time.Time { return now }})
}

func request(class number.Class, area string) gate.Request {
	return gate.Request{
		Call: "c1", Line: "hikari", Dialed: "as dialed",
		Origin:      gate.Origin{Kind: gate.OriginDialed, Extension: "201", Device: "201-1", Authenticated: true},
		Destination: number.Destination{Class: class, Digits: "123", Area: area, Range: number.RangeFixed},
	}
}

var (
	domestic  = request(number.Geographic, "JP")
	abroad    = request(number.International, "SL")
	barred    = request(number.International, "US")
	emergency = request(number.Emergency, "")
)

type answer struct {
	given   bool
	verdict gate.Verdict
	pass    gate.Pass
	err     error
}

func (a *answer) take(v gate.Verdict, p gate.Pass, err error) {
	if a.given {
		panic("done was called twice")
	}
	*a = answer{given: true, verdict: v, pass: p, err: err}
}

// says checks an answer against "pass", "refuse" or "nothing yet".
func (a *answer) says(t *testing.T, what string) {
	t.Helper()
	_, err := a.pass.Use("c1", "hikari", now)
	switch {
	case what == "nothing yet" && a.given:
		t.Errorf("answered %v", a.verdict.Verb)
	case what == "nothing yet":
	case !a.given:
		t.Errorf("no answer, want %s", what)
	case a.verdict.Verb.String() != what:
		t.Errorf("%v by %s, want %s", a.verdict.Verb, a.verdict.Rule, what)
	case (what == "pass") != (err == nil):
		t.Errorf("%s, and the pass: %v", what, err)
	}
}

// TestOnlyRefusalsHaveTime: what a call waits for, and an emergency, is not kept
// back for company; a refusal nobody waits for is.
func TestOnlyRefusalsHaveTime(t *testing.T) {
	for name, c := range map[string]struct {
		request gate.Request
		behind  bool
	}{"pass": {domestic, false}, "refusal": {barred, true}, "emergency": {emergency, false}} {
		books := &committer{hold: true}
		open(t, books, true).Ask(c.request, func(gate.Verdict, gate.Pass, error) {})
		if len(books.writes) != 1 || books.writes[0].Behind != c.behind {
			t.Errorf("%s: written as %+v", name, books.writes)
		}
	}
}

// TestChallenge: a challenge is answered at once and without a Pass, and is on
// record; asked again with the proof, the call passes, and the record says
// whose PIN it was.
func TestChallenge(t *testing.T) {
	p, err := gate.NewPolicy(gate.Settings{
		Claimed: true, Lines: map[string]gate.LineRule{"hikari": {}}, Hours: []gate.Hours{{Name: "closed", Ask: true}},
	})
	if err != nil {
		t.Fatal(err)
	}
	c := &committer{hold: true}
	d := desk.New(desk.Config{Committer: c, Policy: p, Now: func() time.Time { return now }})
	var a, again, behind answer
	d.Ask(domestic, a.take)
	a.says(t, "challenge")
	if a.err != nil || len(c.writes) != 1 || !c.writes[0].Behind || d.Tally.Challenged.Load() != 1 {
		t.Errorf("%v, written as %+v", a.err, c.writes)
	}
	c.release(nil)
	proven := domestic
	proven.At, proven.Proof = now, gate.Proof{Person: "201", At: now}
	d.Ask(proven, again.take)
	again.says(t, "pass")
	d.SetPolicy(policy(t, false))
	d.Ask(proven, behind.take)
	behind.says(t, "pass")
	if got := c.kinds(); got != "c1 challenge hours, c1 pass ordinary, c1 pass ordinary" {
		t.Fatalf("recorded %s", got)
	}
	for i, want := range []string{"", "201", ""} { // the last one needed no proof
		if f, _ := c.facts[i].(fact.CallJudged); f.Proven != want {
			t.Errorf("verdict %d goes by the proof of %q, want %q", i, f.Proven, want)
		}
	}
}

// TestVerdictTellsOfItsCall: it is the first record of a call, so it says what
// is known of it.
func TestVerdictTellsOfItsCall(t *testing.T) {
	r := domestic
	r.First, r.From, r.Direction, r.Started = true, "201", fact.Outgoing, now.Add(-time.Second)
	c := &committer{}
	open(t, c, true).Ask(r, func(gate.Verdict, gate.Pass, error) {})
	f, ok := c.facts[0].(fact.CallJudged)
	if !ok || !f.First || f.From != "201" || f.Direction != fact.Outgoing || !f.Started.Equal(r.Started) {
		t.Errorf("recorded %+v", c.facts[0])
	}
}

func TestPassWaitsForTheCommit(t *testing.T) {
	for name, r := range map[string]gate.Request{"domestic": domestic, "abroad": abroad} {
		c := &committer{hold: true}
		d := open(t, c, true)
		var a answer
		d.Ask(r, a.take)
		a.says(t, "nothing yet")
		c.release(nil)
		a.says(t, "pass")
		if got := c.kinds(); got != "c1 pass ordinary" {
			t.Errorf("%s: recorded %s", name, got)
		}
	}
}

func TestRefusalAnswersAtOnce(t *testing.T) {
	c := &committer{hold: true}
	d := open(t, c, false)
	var a answer
	d.Ask(barred, a.take)
	a.says(t, "refuse")
	if a.verdict.Status != 603 || a.verdict.Prompt != "international-barred" || a.err != nil {
		t.Errorf("%+v %v", a.verdict, a.err)
	}
	c.release(nil)
	if got := c.kinds(); got != "c1 refuse international" {
		t.Errorf("recorded %s", got)
	}
}

func TestEmergencyDoesNotWait(t *testing.T) {
	for name, c := range map[string]*committer{
		"disk hangs": {hold: true}, "disk fails": {fail: fact.ErrNotWritable}, "queue full": {fail: fact.ErrQueueFull},
	} {
		d := open(t, c, false)
		d.SetPolicy(nil) // and nobody has claimed the unit
		var a answer
		d.Ask(emergency, a.take)
		a.says(t, "pass")
		if !a.pass.Emergency() {
			t.Errorf("%s: the pass is for no emergency", name)
		}
		c.release(fact.ErrNotWritable)
		c.set(nil)
		d.Ask(barred, (&answer{}).take) // the next write that works takes along what is behind
		if got := c.kinds(); got != "c1 refuse unclaimed, c1 pass emergency behind, emergency.called" {
			t.Errorf("%s: recorded %s", name, got)
		}
	}
}

// TestG6Degraded: what can't be written goes nowhere, but emergency calls, and
// domestic ones where the owner wants that.
func TestG6Degraded(t *testing.T) {
	for _, c := range []struct {
		name     string
		domestic bool
		request  gate.Request
		want     string
		record   string
	}{
		{"domestic", false, domestic, "refuse", "c1 refuse degraded"},
		{"domestic by policy", true, domestic, "pass", "c1 pass ordinary behind"},
		{"abroad", false, abroad, "refuse", "c1 refuse degraded"},
		{"abroad, domestic by policy", true, abroad, "refuse", "c1 refuse degraded"},
	} {
		for _, fail := range []error{fact.ErrNotWritable, fact.ErrQueueFull, fact.ErrClosed, errors.New("other")} {
			com := &committer{fail: fail}
			d := open(t, com, c.domestic)
			var a answer
			d.Ask(c.request, a.take)
			a.says(t, c.want)
			if refused := c.want == "refuse"; refused != errors.Is(a.err, desk.ErrNotRecorded) ||
				refused != errors.Is(a.err, fail) || (refused && a.verdict.Status != 503) {
				t.Errorf("%s, %v: %v, status %d", c.name, fail, a.err, a.verdict.Status)
			}
			if com.kinds() != "" || d.Behind() != 1 {
				t.Errorf("%s: recorded %q, %d behind", c.name, com.kinds(), d.Behind())
			}
			com.set(nil)
			d.Ask(barred, (&answer{}).take)
			if got, want := com.kinds(), "c1 refuse international, "+c.record; got != want {
				t.Errorf("%s: recorded %s, want %s", c.name, got, want)
			}
		}
	}
}

func TestWhatIsBehindIsCountedBeyondTheLimit(t *testing.T) {
	c := &committer{fail: fact.ErrNotWritable}
	d := open(t, c, false)
	const asked = 5000
	for range asked {
		d.Ask(barred, (&answer{}).take)
	}
	kept := d.Behind()
	if kept >= asked {
		t.Fatalf("%d kept: no limit", kept)
	}
	c.set(nil)
	d.Ask(barred, (&answer{}).take)
	got := c.kinds()
	if n := strings.Count(got, "refuse international"); n != kept+1 || d.Behind() != 0 {
		t.Errorf("%d recorded of %d kept, %d still behind", n, kept, d.Behind())
	}
	if want := fmt.Sprint("dropped ", asked-kept); strings.Count(got, "dropped") != 1 || !strings.Contains(got, want) {
		t.Errorf("no %q in what was recorded", want)
	}
}

// TestNothingIsLostSilently asks on a disk that fails, hangs and comes back as
// it likes: at the end every call is recorded once or counted as dropped.
func TestNothingIsLostSilently(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		c := &committer{}
		d := open(t, c, rapid.Bool().Draw(rt, "domestic"))
		n := rapid.IntRange(1, 300).Draw(rt, "calls")
		answered := 0
		for i := range n {
			switch rapid.IntRange(0, 5).Draw(rt, "disk") {
			case 0:
				c.set(fact.ErrNotWritable)
			case 1:
				c.set(nil)
			case 2:
				c.hang()
			case 3:
				c.release(rapid.SampledFrom([]error{nil, fact.ErrNotWritable}).Draw(rt, "answer"))
			}
			r := rapid.SampledFrom([]gate.Request{barred, domestic, abroad, emergency}).Draw(rt, "request")
			r.Call = fmt.Sprint("n", i)
			d.Ask(r, func(gate.Verdict, gate.Pass, error) { answered++ })
		}
		c.release(nil)
		c.set(nil)
		for range 3 { // what failed last is written with what comes next
			n++
			r := barred
			r.Call = fmt.Sprint("n", n)
			d.Ask(r, func(gate.Verdict, gate.Pass, error) { answered++ })
		}
		seen := map[string]int{}
		for _, f := range c.facts {
			if f, ok := f.(fact.CallJudged); ok {
				seen[f.Call]++
			}
		}
		if answered != n || len(seen) != n || d.Behind() != 0 {
			rt.Fatalf("%d asked, %d answered, %d recorded, %d behind", n, answered, len(seen), d.Behind())
		}
		for call, times := range seen {
			if times != 1 {
				rt.Fatalf("call %s was recorded %d times", call, times)
			}
		}
	})
}

func TestRunRetries(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := &committer{fail: fact.ErrNotWritable}
		d := open(t, c, false)
		ctx, cancel := context.WithCancel(t.Context())
		ended := make(chan struct{})
		go func() { d.Run(ctx); close(ended) }()
		d.Ask(barred, (&answer{}).take)
		time.Sleep(time.Minute)
		if d.Behind() != 1 {
			t.Errorf("%d behind", d.Behind())
		}
		c.set(nil)
		time.Sleep(2 * time.Second)
		if got := c.kinds(); got != "c1 refuse international" {
			t.Errorf("recorded %q", got)
		}
		cancel()
		<-ended
	})
}

func TestPassIsGoodOnce(t *testing.T) {
	given := func() gate.Pass {
		var a answer
		open(t, &committer{}, false).Ask(domestic, a.take)
		return a.pass
	}
	p := given()
	d, err := p.Use("c1", "hikari", now)
	if err != nil || d != domestic.Destination {
		t.Errorf("%+v %v", d, err)
	}
	again := p // a copy is the same pass
	if _, err := again.Use("c1", "hikari", now); !errors.Is(err, gate.ErrPassUsed) {
		t.Errorf("used twice: %v", err)
	}
	if p.Valid("c1", "hikari", now) {
		t.Error("valid after its use")
	}
	for _, c := range []struct {
		name       string
		call, line string
		at         time.Time
		want       error
	}{
		{"other call", "c2", "hikari", now, gate.ErrPassForeign},
		{"other line", "c1", "trunk", now, gate.ErrPassForeign},
		{"too late", "c1", "hikari", now.Add(time.Hour), gate.ErrPassExpired},
	} {
		p := given()
		if _, err := p.Use(c.call, c.line, c.at); !errors.Is(err, c.want) || p.Valid(c.call, c.line, c.at) {
			t.Errorf("%s: %v", c.name, err)
		}
		if _, err := p.Use("c1", "hikari", now); err != nil {
			t.Errorf("%s used the pass up: %v", c.name, err)
		}
	}
	var zero gate.Pass
	if _, err := zero.Use("", "", now); !errors.Is(err, gate.ErrNoPass) || zero.Valid("", "", now) ||
		zero.Destination() != (number.Destination{}) {
		t.Errorf("zero pass: %v", err)
	}
}

func TestPassIsGoodOnceAtOnce(t *testing.T) {
	var a answer
	open(t, &committer{}, false).Ask(domestic, a.take)
	var wait sync.WaitGroup
	good := make(chan bool, 8)
	for range cap(good) {
		wait.Go(func() {
			_, err := a.pass.Use("c1", "hikari", now)
			good <- err == nil
		})
	}
	wait.Wait()
	close(good)
	n := 0
	for g := range good {
		if g {
			n++
		}
	}
	if n != 1 {
		t.Errorf("used %d times", n)
	}
}

func TestCheckLeavesNoTrace(t *testing.T) {
	c := &committer{}
	d := open(t, c, false)
	if v := d.Check(domestic); v.Verb != gate.VerbPass || c.kinds() != "" || d.Behind() != 0 {
		t.Errorf("%v, recorded %q", v.Verb, c.kinds())
	}
	if d.Policy() == nil {
		t.Error("no policy")
	}
}

func TestLongTextIsRecordedCut(t *testing.T) {
	c := &committer{}
	r := domestic
	r.Dialed, r.Origin.UserAgent = strings.Repeat("é", 100_000), strings.Repeat("x", 100_000)
	var a answer
	open(t, c, false).Ask(r, a.take)
	a.says(t, "pass")
	f, ok := c.facts[0].(fact.CallJudged)
	if !ok || len(f.Dialed) > 600 || len(f.UserAgent) > 600 || f.Dialed == "" {
		t.Errorf("%d bytes dialed, %d of User-Agent", len(f.Dialed), len(f.UserAgent))
	}
}
