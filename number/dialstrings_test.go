package number

import (
	"errors"
	"flag"
	"fmt"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/sekisho/sekisho/vectors/dial"
)

var dialstrings = flag.Int("dialstrings", 0, "dial strings of TestTenMillion, e.g. 10000000; 0: a short run")

// shortRun is how many dial strings an ordinary test run judges.
const shortRun = 200_000

// profiles are lines as they differ in what they are sent.
var profiles = []Profile{
	{
		Abroad: AbroadIDD, Presenting: PresentByPrefix, Emergency: true,
		Alphabet: "0123456789*#", SubAddress: SubAddressStar,
	},
	{Form: FormE164, Abroad: AbroadPlus, Emergency: true, Services: true, HashShort: true},
	{Form: FormLocal, Abroad: AbroadIDD, Emergency: true, Line: Line{AreaCode: "03"}},
	{
		Abroad: AbroadIDD, Presenting: PresentByPrefix, Emergency: true, Services: true, HashShort: true,
		Line: Line{AreaCode: "0466", Carriers: []string{"0033"}, Lift: true, Services: []string{"106"}},
	},
}

// factoryAllows is what passes by factory default.
func factoryAllows(c Class) bool {
	switch c {
	case Emergency, Geographic, Mobile, IPPhone, Freephone, Service, HashShort:
		return true
	}
	return false
}

// checkDialed returns what is wrong about one dial string on one line.
func checkDialed(dialed string, p *Profile, judge careless) (Destination, error) {
	d := Parse(dialed, &Context{Line: p.Line})
	if d.Class.Abroad() {
		return d, checkAbroad(d, p, judge)
	}
	if !factoryAllows(d.Class) {
		return d, nil
	}
	if d.Carrier != "" {
		return d, checkThroughCarrier(d, p, judge)
	}
	if reading := judge.judge(dialed); reading != d.Class.String() && !localOrForgiven(dialed, d) {
		return d, fmt.Errorf("%q passes as %s, but may be read as %s", dialed, d, reading)
	}
	user, err := Render(d, *p)
	switch {
	case errors.Is(err, ErrUndeclared) && (d.Class == Service || d.Class == HashShort):
		return d, nil // not on this line
	case err != nil:
		return d, fmt.Errorf("%q passes as %s, but: %w", dialed, d, err)
	}
	sent := string(user)
	if p.Form == FormLocal && d.Class == Geographic && sent[0] != '0' {
		sent = p.Line.AreaCode + sent
	}
	if reading := judge.judge(sent); reading != d.Class.String() {
		return d, fmt.Errorf("%q passes as %s, and %q is sent, which may be read as %s", dialed, d, user, reading)
	}
	return d, checkReread(d, user, p)
}

// checkThroughCarrier: behind a declared carrier code stands an ordinary number.
func checkThroughCarrier(d Destination, p *Profile, judge careless) error {
	user, err := Render(d, *p)
	if err != nil {
		return fmt.Errorf("%s can't be sent: %w", d, err)
	}
	_, behind, found := strings.Cut(string(user), "0033")
	if reading := judge.judge(behind); !found || reading != d.Class.String() {
		return fmt.Errorf("%s is sent as %q, which may be read as %s", d, user, reading)
	}
	return checkReread(d, user, p)
}

// localOrForgiven: dialed is a number without area code, or an emergency number
// behind 0; both mean something else to who does not know the line.
func localOrForgiven(dialed string, d Destination) bool {
	return d.Class == Geographic && !strings.HasSuffix(dialed, d.Digits[len(homeCode):]) || d.Class == Emergency
}

func checkReread(d Destination, user []byte, p *Profile) error {
	again, err := Reread(user, *p)
	if err != nil || !again.Same(d) || p.Presenting == PresentByPrefix && again != d {
		return fmt.Errorf("%s is sent as %q, which reads as %s (%v)", d, user, again, err)
	}
	return nil
}

// checkAbroad: what is abroad is abroad when sent too, to the same number.
func checkAbroad(d Destination, p *Profile, judge careless) error {
	user, err := Render(d, *p)
	if err != nil {
		if d.Presentation != PresentationDefault {
			return nil
		}
		return fmt.Errorf("%s can't be sent: %w", d, err)
	}
	if reading := judge.judge(string(user)); reading != "abroad" && d.Carrier == "" {
		return fmt.Errorf("%s is sent as %q, which may be read as %s", d, user, reading)
	}
	return checkReread(d, user, p)
}

// TestTenMillion sends generated dial strings through the grammar to the bytes
// that a line would be sent, and has a second classifier judge them. The whole
// is: go test ./number -run TenMillion -dialstrings 10000000.
func TestTenMillion(t *testing.T) {
	n := *dialstrings
	if n == 0 {
		n = shortRun
	}
	workers := runtime.GOMAXPROCS(0)
	start := time.Now()
	var wg sync.WaitGroup
	counts := make([]tally, workers)
	for w := range workers {
		wg.Go(func() { counts[w].run(t, uint64(w)+1, n/workers) })
	}
	wg.Wait()
	var all tally
	for _, c := range counts {
		all.domestic += c.domestic
		all.passed += c.passed
		all.abroad += c.abroad
		all.refused += c.refused
	}
	took := time.Since(start)
	t.Logf("%d dial strings in %v: %d domestic, of the others %d passed too, %d are abroad, %d refused",
		n, took.Round(time.Millisecond), all.domestic, all.passed, all.abroad, all.refused)
	if all.domestic == 0 || all.abroad == 0 || all.refused == 0 {
		t.Error("the generator does not reach every kind")
	}
}

// tally counts what became of dial strings.
type tally struct{ domestic, passed, abroad, refused int }

func (c *tally) run(t *testing.T, seed uint64, n int) {
	var judge careless
	failures, i := 0, 0
	for s := range dial.Generate(seed) {
		d, err := checkDialed(s.Dialed, &profiles[i/2%len(profiles)], judge)
		switch {
		case err != nil:
		case s.WantDomestic && (!factoryAllows(d.Class) || d.Digits != s.Number):
			err = fmt.Errorf("%q is %s, want an ordinary number %s", s.Dialed, d, s.Number)
		case s.WantDomestic:
			c.domestic++
		case factoryAllows(d.Class):
			c.passed++
		case d.Class.Abroad():
			c.abroad++
		default:
			c.refused++
		}
		if err != nil {
			t.Errorf("seed %d case %d (%s): %v", seed, i, s.Tricks, err)
			if failures++; failures > 20 {
				return
			}
		}
		if i++; i >= n {
			return
		}
	}
}

// TestSecondWave: none of the spellings of a barred number passes, whatever the
// outside prefix.
func TestSecondWave(t *testing.T) {
	for _, target := range []string{"01023276123456", "+23276123456", "0990123456", "010881612345678"} {
		for _, s := range dial.Wave2(target) {
			for _, prefix := range []string{"", "0", "9"} {
				ctx := &Context{OutsidePrefix: prefix, Line: profiles[3].Line}
				if d := Parse(s, ctx); factoryAllows(d.Class) {
					t.Errorf("prefix %q: %q passes as %s", prefix, s, d)
				}
				if d := FromSIPUser(s, nil, ctx); factoryAllows(d.Class) {
					t.Errorf("prefix %q: user part %q passes as %s", prefix, s, d)
				}
			}
		}
	}
}
