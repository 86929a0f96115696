package desk_test

import (
	"fmt"
	"net/netip"
	"slices"
	"strconv"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/sekisho/sekisho/fact"
	"github.com/sekisho/sekisho/gate"
	"github.com/sekisho/sekisho/gate/budget"
	"github.com/sekisho/sekisho/gate/desk"
	"github.com/sekisho/sekisho/gate/tempo"
	"github.com/sekisho/sekisho/number"
	"github.com/sekisho/sekisho/number/tariff"
)

var tokyo = time.FixedZone("JST", 9*60*60)

// house is a desk with a watch, and people who telephone through it. Its clock
// stands until somebody waits.
type house struct {
	t        testing.TB
	desk     *desk.Desk
	books    *committer
	now      time.Time
	from     netip.Addr
	agent    string
	calls    int
	suspects []desk.Suspect
}

// newHouse opens so many countries to extension 201, Sierra Leone and Britain
// the first; two are expected, many are not.
func newHouse(t testing.TB, openings int) *house {
	h := &house{
		t: t, books: &committer{}, now: time.Date(2015, 3, 10, 10, 0, 0, 0, tokyo),
		from: netip.MustParseAddr("192.168.1.20"), agent: "desk phone",
	}
	s := gate.Settings{Claimed: true, Lines: map[string]gate.LineRule{"hikari": {}}}
	for i := range openings {
		area := fmt.Sprintf("%c%c", 'A'+i/26, 'A'+i%26)
		if i < 2 {
			area = []string{"SL", "GB"}[i]
		}
		s.Openings = append(s.Openings, fact.Opening{
			ID: "o" + strconv.Itoa(i), Extension: "201", Area: area, Expires: h.now.AddDate(1, 0, 0),
		})
	}
	rates, err := tariff.NewTable([]tariff.Rate{{Prefix: "232", PerUnit: 180_000, Unit: time.Minute}})
	if err != nil {
		t.Fatal(err)
	}
	s.Budget, err = budget.New(budget.Settings{Tariff: func(string) *tariff.Table { return rates }})
	if err != nil {
		t.Fatal(err)
	}
	p, err := gate.NewPolicy(s)
	if err != nil {
		t.Fatal(err)
	}
	h.desk = desk.New(desk.Config{
		Committer: h.books, Policy: p, Now: func() time.Time { return h.now }, Watch: tempo.New(tokyo),
		Cut: func(s desk.Suspect) { h.suspects = append(h.suspects, s) },
	})
	return h
}

const (
	leoneNumber = "01023276123456"
	london      = "010442071234567"
)

func (h *house) wait(d time.Duration) *house {
	h.now = h.now.Add(d)
	return h
}

func (h *house) request(dialed string) gate.Request {
	h.calls++
	return gate.Request{
		Call: "c" + strconv.Itoa(h.calls), Line: "hikari", Dialed: dialed, At: h.now,
		Origin: gate.Origin{
			Kind: gate.OriginDialed, Extension: "201", Device: "201-1", Credential: "u201", Authenticated: true,
			Source: netip.AddrPortFrom(h.from, 5060), UserAgent: h.agent,
		},
		Destination: number.Parse(dialed, &number.Context{Line: number.Line{AreaCode: "03"}}),
	}
}

// ask asks about a request, and gives the verdict as it is on record.
func (h *house) ask(r gate.Request) (gate.Verdict, fact.CallJudged) {
	h.t.Helper()
	var v gate.Verdict
	h.desk.Ask(r, func(got gate.Verdict, _ gate.Pass, err error) {
		v = got
		if err != nil {
			h.t.Error(err)
		}
	})
	for _, f := range slices.Backward(h.books.facts) {
		if f, ok := f.(fact.CallJudged); ok && f.Call == r.Call {
			return v, f
		}
	}
	h.t.Fatal("no verdict is on record")
	return v, fact.CallJudged{}
}

func (h *house) tell(k tempo.Kind, r *gate.Request, change func(*tempo.Event)) {
	e := r.Event()
	e.Kind = k
	if change != nil {
		change(&e)
	}
	h.desk.Note(&e)
}

// talk is a call that is answered and takes so long.
func (h *house) talk(dialed string, d time.Duration) (gate.Verdict, fact.CallJudged) {
	r := h.request(dialed)
	v, f := h.ask(r)
	h.end(&r, d)
	return v, f
}

func (h *house) end(r *gate.Request, d time.Duration) {
	h.wait(5*time.Second).tell(tempo.Answered, r, nil)
	h.wait(d).tell(tempo.Ended, r, func(e *tempo.Event) { e.Talk = d })
}

// hold is a call that stays up.
func (h *house) hold(dialed string) (gate.Verdict, fact.CallJudged) {
	r := h.request(dialed)
	v, f := h.ask(r)
	h.wait(5*time.Second).tell(tempo.Answered, &r, nil)
	return v, f
}

// miss is a call that nobody takes.
func (h *house) miss(dialed string) {
	r := h.request(dialed)
	h.ask(r)
	h.wait(20*time.Second).tell(tempo.Ended, &r, nil)
}

// signals play what each sign speaks of; the call after it shows the sign.
var signals = map[string]struct {
	openings int
	play     func(h *house)
	dial     string
}{
	"debut": {40, func(*house) {}, leoneNumber},
	"price": {40, func(*house) {}, leoneNumber},
	"moved": {2, func(h *house) {
		h.talk("0312345678", time.Minute)
		h.from, h.agent = netip.MustParseAddr("203.0.113.9"), "friendly"
	}, london},
	"contacts": {2, func(h *house) {
		r := h.request("")
		h.tell(tempo.Registered, &r, func(e *tempo.Event) { e.Contacts = 2 })
	}, london},
	"fetched": {2, func(h *house) {
		h.talk("0312345678", time.Minute)
		r := h.request("")
		h.tell(tempo.Fetched, &r, func(e *tempo.Event) { e.Source = netip.MustParseAddr("203.0.113.9") })
	}, london},
	"lapsed": {2, func(h *house) {
		r := h.request(london)
		h.ask(r)
		h.tell(tempo.Lapsed, &r, nil)
	}, london},
	"off-hours": {2, func(h *house) { h.wait(16 * time.Hour) }, london},
	"callback": {2, func(h *house) {
		h.desk.Note(&tempo.Event{
			Kind: tempo.Missed, Ring: time.Second, Destination: number.Parse("+23276123999", &number.Context{}),
		})
	}, "01023276123999"},
	"silent": {2, func(h *house) {
		r := h.request(london)
		h.ask(r)
		h.tell(tempo.Answered, &r, nil)
		h.wait(time.Minute).tell(tempo.Ended, &r, func(e *tempo.Event) { e.Talk, e.Silent = time.Minute, true })
	}, london},
	"repeat": {2, func(h *house) {
		for range 3 {
			h.talk(london, time.Minute)
		}
	}, london},
	"sequence": {2, func(h *house) {
		for i := range 3 {
			h.miss("01044207123456" + strconv.Itoa(i))
		}
	}, london},
	"short": {2, func(h *house) {
		for i := range 3 {
			h.talk("0104420712345"+strconv.Itoa(i)+"7", 4*time.Second)
		}
	}, london},
	"trial": {40, func(h *house) {
		for _, tried := range []string{leoneNumber, "01023278111222", "01023233444555"} {
			h.talk(tried, 4*time.Second)
		}
	}, leoneNumber},
	"unanswered": {2, func(h *house) {
		for i := range 7 {
			h.miss("0104420" + strconv.Itoa(71+i) + "234567")
		}
	}, london},
	"spelling": {2, func(h *house) { h.miss("+442071234567") }, london},
	"scan": {2, func(h *house) {
		for i := range 4 {
			h.ask(h.request("#9" + strconv.Itoa(i) + "01023276123456"))
		}
	}, london},
	"parallel": {2, func(h *house) { h.hold(london) }, "01023276999999"},
	"surge": {2, func(h *house) {
		for i := range 3 {
			h.hold("0102327612345" + strconv.Itoa(i))
		}
		h.wait(40 * time.Minute)
	}, leoneNumber},
}

// TestEverySignReachesAVerdict: what happens in a house is told to the desk, and
// the verdict of the next call names it, with its figures; `sekisho gate check`
// shows the same before.
func TestEverySignReachesAVerdict(t *testing.T) {
	for _, name := range tempo.Names() {
		t.Run(name, func(t *testing.T) {
			if name == "forwarded" {
				return // TestAForwardedCallIsJudgedAsOne
			}
			c, ok := signals[name]
			if !ok {
				t.Fatal("nobody plays it")
			}
			h := newHouse(t, c.openings)
			c.play(h)
			r := h.request(c.dial)
			shown := h.desk.Check(r)
			v, f := h.ask(r)
			has := func(s fact.Sign) bool { return s.Name == name && s.Figures != [2]int64{} || s.Name == "debut" }
			if !slices.ContainsFunc(f.Signs, has) || f.Opinion == "" {
				t.Fatalf("on record: %q %+v", f.Opinion, f.Signs)
			}
			for _, v := range []gate.Verdict{v, shown} {
				step := v.Trace[slices.IndexFunc(v.Trace, func(s gate.Step) bool { return s.Rule == gate.RuleTempo })]
				of := func(s tempo.Sign) bool { return s.Name == name }
				if !slices.ContainsFunc(step.Signs, of) || step.Said == "" {
					t.Errorf("the trace has %+v", step)
				}
			}
		})
	}
}

// TestAForwardedCallIsJudgedAsOne: a phone's 3xx sends a call on.
func TestAForwardedCallIsJudgedAsOne(t *testing.T) {
	h := newHouse(t, 2)
	r := h.request(london)
	r.Origin.Kind = gate.OriginRedirect
	if _, f := h.ask(r); !slices.ContainsFunc(f.Signs, func(s fact.Sign) bool { return s.Name == "forwarded" }) {
		t.Errorf("on record: %+v", f.Signs)
	}
}

// TestThePumpIsCut: signs of two groups make a challenge, more of them refuse for
// good, and the extension is told of; ordinary and emergency calls are no matter
// of the rule's.
func TestThePumpIsCut(t *testing.T) {
	h := newHouse(t, 40)
	h.talk("0312345678", time.Minute)
	h.from, h.agent = netip.MustParseAddr("203.0.113.9"), "friendly"
	h.wait(14 * time.Hour) // midnight
	tries := 0
	for len(h.suspects) == 0 && tries < 20 {
		v, f := h.ask(h.request("0102327612345" + strconv.Itoa(tries%10)))
		want, said := gate.VerbChallenge, "challenge"
		if len(h.suspects) > 0 {
			want, said = gate.VerbRefuse, "cut"
		}
		if v.Verb != want || v.Rule != gate.RuleTempo || v.Phrase != gate.PhraseOdd || f.Opinion != said {
			t.Fatalf("try %d: %v by %s: %+v", tries, v.Verb, v.Rule, f)
		}
		tries++
	}
	if len(h.suspects) != 1 || tries > 6 {
		t.Fatalf("%d tries, suspects %+v", tries, h.suspects)
	}
	if s := h.suspects[0]; s.Extension != "201" || s.Call != "c"+strconv.Itoa(h.calls) || len(s.Signs) < 3 {
		t.Errorf("suspect %+v", s)
	}
	for _, dialed := range []string{"0312345678", "119"} {
		if v, f := h.ask(h.request(dialed)); v.Verb != gate.VerbPass || f.Opinion != "" {
			t.Errorf("%s: %v by %s, %q", dialed, v.Verb, v.Rule, f.Opinion)
		}
	}
	if n := h.desk.Tally.Opinions.Level(tempo.Cut); n != 1 {
		t.Errorf("%d opinions to cut counted", n)
	}
	if weak, strong := h.desk.Tally.Opinions.Sign("moved"); strong == 0 {
		t.Errorf("moved was counted %d times weak, %d strong", weak, strong)
	}
}

// TestAProofIsBelieved: the same call passes with the PIN of whoever stands
// behind it, and what was odd is not held against the next one. Another's PIN,
// or none, changes nothing.
func TestAProofIsBelieved(t *testing.T) {
	h := newHouse(t, 40)
	h.talk("0312345678", time.Minute)
	h.from, h.agent = netip.MustParseAddr("203.0.113.9"), "a new phone"
	h.wait(time.Hour)
	r := h.request(leoneNumber)
	if v, _ := h.ask(r); v.Verb != gate.VerbChallenge {
		t.Fatalf("from elsewhere: %v by %s", v.Verb, v.Rule)
	}
	r.Proof = gate.Proof{Person: "202", At: h.now}
	if v, _ := h.ask(r); v.Verb != gate.VerbChallenge {
		t.Errorf("with another's PIN: %v by %s", v.Verb, v.Rule)
	}
	r.Proof.Person = "201"
	if v, f := h.ask(r); v.Verb != gate.VerbPass || f.Proven != "201" || f.Opinion != "challenge" {
		t.Errorf("with its PIN: %v by %s, %q, %q", v.Verb, v.Rule, f.Proven, f.Opinion)
	}
	h.end(&r, time.Minute)
	if v, f := h.talk("01023276999888", time.Minute); v.Verb != gate.VerbPass || f.Opinion != "" {
		t.Errorf("the next call: %v by %s, %s %+v", v.Verb, v.Rule, f.Opinion, f.Signs)
	}
	h.desk.Watching(func(w *tempo.Watch) {
		if k, _ := w.Known(h.now, "201"); k.Proved.IsZero() || k.Lapses != 0 {
			t.Errorf("known: %+v", k)
		}
	})
}

// TestBarredIsNoCrime: what other rules refuse sets nobody apart, whatever it
// looks like.
func TestBarredIsNoCrime(t *testing.T) {
	h := newHouse(t, 0)
	h.wait(14 * time.Hour)
	worst := ""
	for i := range 30 {
		_, f := h.ask(h.request([]string{"010", "+", "00"}[i%3] + "2327612345" + strconv.Itoa(i%10)))
		worst = max(worst, f.Opinion)
	}
	if len(h.suspects) > 0 || worst == "" {
		t.Errorf("suspects %+v, worst opinion %q", h.suspects, worst)
	}
}

// TestWithoutAWatchNothingIsOdd.
func TestWithoutAWatchNothingIsOdd(t *testing.T) {
	d := open(t, &committer{}, true)
	v, _ := ask(d, abroad)
	d.Note(&tempo.Event{Kind: tempo.Answered, Extension: "201"})
	if v.Verb != gate.VerbPass || d.Tally.Opinions.Level(tempo.Quiet) != 0 || d.Check(abroad).Verb != gate.VerbPass {
		t.Errorf("%v", v.Verb)
	}
	if weak, strong := d.Tally.Opinions.Sign("none such"); weak+strong != 0 {
		t.Error("a sign that does not exist was seen")
	}
}

// TestManyAskAtOnce: the watch is one, and calls come on every loop.
func TestManyAskAtOnce(t *testing.T) {
	h := newHouse(t, 2)
	var wait sync.WaitGroup
	for i := range 8 {
		wait.Go(func() {
			for k := range 50 {
				r := gate.Request{
					Call: fmt.Sprint(i, "-", k), Line: "hikari", At: h.now, Destination: abroad.Destination,
					Origin: gate.Origin{Kind: gate.OriginDialed, Extension: strconv.Itoa(201 + i), Authenticated: true},
				}
				h.desk.Ask(r, func(gate.Verdict, gate.Pass, error) {})
				e := r.Event()
				e.Kind = tempo.Answered
				h.desk.Note(&e)
				h.desk.Check(r)
				h.desk.Watching(func(w *tempo.Watch) { w.Copy() })
			}
		})
	}
	wait.Wait()
	total := uint64(0)
	for l := tempo.Quiet; l <= tempo.Cut; l++ {
		total += h.desk.Tally.Opinions.Level(l)
	}
	if total != 8*50 {
		t.Errorf("%d opinions", total)
	}
}

// BenchmarkDecision is one call abroad through the desk, without a disk: the
// question, what the watch thinks, the rules, the answer and the end, by as many
// goroutines as there are processors. The watch remembers 200 extensions. cpu-µs
// is what counts where others use the machine, too.
func BenchmarkDecision(b *testing.B) {
	h := newHouse(b, 2)
	p := h.desk.Policy()
	d := desk.New(desk.Config{Committer: discard{}, Policy: p, Watch: tempo.New(tokyo)})
	extensions := make([]string, 200)
	for i := range extensions {
		extensions[i] = strconv.Itoa(201 + i)
	}
	destination := number.Parse(london, &number.Context{})
	b.ReportAllocs()
	began := cpu(b)
	b.RunParallel(func(pb *testing.PB) {
		for i := 0; pb.Next(); i++ {
			r := gate.Request{
				Call: strconv.Itoa(i), Line: "hikari", Dialed: london, At: h.now, Destination: destination,
				Origin: gate.Origin{
					Kind: gate.OriginDialed, Extension: extensions[i%len(extensions)], Authenticated: true,
					Source: netip.AddrPortFrom(h.from, 5060), Credential: "u201", UserAgent: "desk phone",
				},
			}
			d.Ask(r, func(gate.Verdict, gate.Pass, error) {})
			e := r.Event()
			e.Kind = tempo.Answered
			d.Note(&e)
			e.Kind, e.Talk = tempo.Ended, time.Minute
			d.Note(&e)
		}
	})
	b.ReportMetric(float64((cpu(b)-began).Microseconds())/float64(b.N), "cpu-µs/op")
}

// cpu is the processor time that this process has used.
func cpu(b *testing.B) time.Duration {
	b.Helper()
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		b.Fatal(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// discard writes everything at once, and nowhere.
type discard struct{}

var _ fact.Committer = discard{}

// Commit implements fact.Committer.
func (discard) Commit(_ fact.Write, done func(error)) { done(nil) }
