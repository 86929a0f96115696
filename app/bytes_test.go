package app

import (
	"errors"
	"flag"
	"fmt"
	"runtime"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/sekisho/sekisho/fact"
	"github.com/sekisho/sekisho/gate"
	"github.com/sekisho/sekisho/number"
	"github.com/sekisho/sekisho/sim/carrier"
	"github.com/sekisho/sekisho/unit/line"
	"github.com/sekisho/sekisho/unit/plan"
	"github.com/sekisho/sekisho/vectors/dial"
)

var dialBytes = flag.Int("dialbytes", 0, "dial strings per line profile of TestBytesOnEachLine, e.g. 10000000")

// bytesShort is how many dial strings per profile an ordinary run judges.
const bytesShort = 40_000

// readAs is how a carrier's exchange may take what passes.
var readAs = map[number.Class]carrier.Class{
	number.Emergency: carrier.Emergency, number.Service: carrier.Service, number.Geographic: carrier.Domestic,
	number.Mobile: carrier.Mobile, number.IPPhone: carrier.Mobile, number.Freephone: carrier.Freephone,
	number.HashShort: carrier.Nothing, // an exchange that does not know # has no such number
}

// way is the unit's way from what is dialed to the bytes on one line.
type way struct {
	profile string
	plan    *plan.Plan
	policy  *gate.Policy
	lines   *line.Lines
	number  number.Profile
	star    bool
}

// nowhere keeps nothing.
type nowhere struct{}

func (nowhere) Commit(_ fact.Write, done func(error)) { done(nil) }

func newWay(t *testing.T, profile string) *way {
	t.Helper()
	lines, err := line.New(line.Config{SealKey: make([]byte, line.KeyBytes), Committer: nowhere{}})
	if err != nil {
		t.Fatal(err)
	}
	row := fact.Line{
		ID: "l", Profile: profile, Registrar: "192.0.2.1", User: "0312345678", AreaCode: "03",
		Numbers: []fact.Number{{Number: "0312345678", Ring: []string{"201"}}},
	}
	if row, err = lines.Seal(row, "secret"); err != nil {
		t.Fatal(err)
	}
	if err := lines.Add(row); err != nil {
		t.Fatal(err)
	}
	e, err := lines.Endpoint("l", 0)
	if err != nil {
		t.Fatal(err)
	}
	w := &way{profile: profile, lines: lines, number: e.Number, star: e.Number.SubAddress == number.SubAddressStar}
	w.plan, err = plan.New(plan.Settings{
		Extensions: []string{"201"},
		Lines: []plan.Line{{
			ID: "l", Numbers: row.Numbers, Number: e.Number.Line, NoEmergency: !e.Number.Emergency,
		}},
	})
	if err != nil {
		t.Fatal(err)
	}
	w.policy, err = gate.NewPolicy(gate.Settings{
		Claimed: true, Lines: map[string]gate.LineRule{"l": lineRule(e.Number)},
	})
	if err != nil {
		t.Fatal(err)
	}
	return w
}

var errBytes = errors.New("bytes on the line")

// judge takes a dial string all the way and says whether it would leave.
func (w *way) judge(c dial.Case, at time.Time) (left bool, err error) {
	target := w.plan.Resolve(func(ctx *number.Context) number.Destination {
		return number.FromSIPUser(c.Dialed, nil, ctx)
	})
	d := target.Destination
	if target.Kind != plan.Outside {
		if c.WantDomestic {
			return false, fmt.Errorf("%w: %q is %v, not outside", errBytes, c.Dialed, target.Kind)
		}
		return false, nil
	}
	v := gate.Judge(w.policy, gate.Request{
		Call: "c", Line: "l", Dialed: c.Dialed, Destination: d, At: at,
		Origin: gate.Origin{Kind: gate.OriginDialed, Extension: "201", Authenticated: true},
	})
	if v.Verb != gate.VerbPass {
		if c.WantDomestic {
			return false, fmt.Errorf("%w: %q is refused by %s", errBytes, c.Dialed, v.Rule)
		}
		return false, nil
	}
	user, err := number.Render(d, w.number)
	if err != nil {
		if c.WantDomestic || d.Class == number.Emergency && w.number.Emergency {
			return false, fmt.Errorf("%w: %q passes as %v, but: %w", errBytes, c.Dialed, d, err)
		}
		return false, nil
	}
	if again, err := number.Reread(user, w.number); err != nil || !again.Same(d) {
		return true, fmt.Errorf("%w: %q is sent as %q, which reads as %v (%v)", errBytes, c.Dialed, user, again, err)
	}
	return true, w.second(c, d, user)
}

// second asks the practice carrier's exchange, which shares no code with
// number, what it would dial.
func (w *way) second(c dial.Case, d number.Destination, user []byte) error {
	if i := slices.Index(user, '*'); w.star && i > 0 {
		user = user[:i]
	}
	r := carrier.Read(user)
	want, ordinary := readAs[d.Class]
	switch {
	case !ordinary || r.Class != want:
		return fmt.Errorf("%w: %q passes as %v; the exchange takes %q for %+v", errBytes, c.Dialed, d, user, r)
	case c.WantDomestic && r.Digits != "0"+c.Number[2:]:
		return fmt.Errorf("%w: %q reaches %s, not %s", errBytes, c.Dialed, r.Digits, c.Number)
	}
	return nil
}

// TestBytesOnEachLine sends generated dial strings through plan and gate to
// the bytes that a line of each profile would be sent, and has the practice
// carrier read these. The whole is:
//
//	go test ./app -run BytesOnEachLine -dialbytes 10000000 -timeout 2h
func TestBytesOnEachLine(t *testing.T) {
	n := *dialBytes
	if n == 0 {
		n = bytesShort
	}
	at := time.Date(2026, 4, 1, 3, 0, 0, 0, time.UTC)
	for _, profile := range line.ProfileNames() {
		t.Run(profile, func(t *testing.T) {
			w := newWay(t, profile)
			workers := runtime.GOMAXPROCS(0)
			left := make([]int, workers)
			start := time.Now()
			var wait sync.WaitGroup
			for i := range workers {
				wait.Go(func() { left[i] = w.run(t, uint64(i)+1, n/workers, at) })
			}
			wait.Wait()
			took, sum := time.Since(start), 0
			for _, l := range left {
				sum += l
			}
			t.Logf("%d dial strings in %v (%v per million), %d left",
				n, took.Round(time.Millisecond), (took * 1_000_000 / time.Duration(n)).Round(time.Millisecond), sum)
			if sum < n/2-workers || sum > n*3/4 {
				t.Errorf("%d of %d left: every second one is domestic, few others may", sum, n)
			}
		})
	}
}

const failuresMax = 20

func (w *way) run(t *testing.T, seed uint64, n int, at time.Time) (left int) {
	failures, i := 0, 0
	for c := range dial.Generate(seed) {
		if i++; i > n || failures > failuresMax {
			break
		}
		gone, err := w.judge(c, at)
		if err != nil {
			t.Errorf("seed %d case %d (%s): %v", seed, i, c.Tricks, err)
			failures++
		}
		if gone {
			left++
		}
	}
	return left
}

// TestBytesCheckChecks: the second opinion finds what leaves under another
// class or to another number.
func TestBytesCheckChecks(t *testing.T) {
	w := newWay(t, "hikari-office-a")
	d := number.Parse("0312345678", &number.Context{})
	for name, c := range map[string]struct {
		number, sent string
		class        number.Class
		bad          bool
	}{
		"as judged":         {"81312345678", "0312345678", number.Geographic, false},
		"sub-address":       {"81312345678", "0312345678*99", number.Geographic, false},
		"abroad":            {"81312345678", "01023276123456", number.Geographic, true},
		"abroad behind 184": {"81312345678", "18401023276123456", number.Geographic, true},
		"another number":    {"81312345678", "0312345679", number.Geographic, true},
		"another class":     {"81312345678", "09012345678", number.Geographic, true},
		"premium":           {"81990123456", "0990123456", number.Premium, true},
	} {
		d.Class = c.class
		err := w.second(dial.Case{Dialed: name, WantDomestic: true, Number: c.number}, d, []byte(c.sent))
		if (err != nil) != c.bad {
			t.Errorf("%s: %v", name, err)
		}
	}
}
