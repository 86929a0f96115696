package app_test

import (
	"os"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/sekisho/sekisho/app/control"
	"github.com/sekisho/sekisho/sim/carrier"
	"github.com/sekisho/sekisho/sim/office"
	"github.com/sekisho/sekisho/vectors/dial"
)

// dialShort is how many dial strings an ordinary run sends; the whole is
//
//	SEKISHO_DIALSTRINGS=100000 go test ./app -run DialStrings -timeout 30m
const (
	dialShort    = 2_000
	dialChannels = 8 // calls at once
	retryTime    = time.Second
	answered     = "7" // numbers that end so are answered, the others are busy
)

// ordinary are the classes that may pass by factory default.
var ordinary = map[carrier.Class]bool{
	carrier.Domestic: true, carrier.Mobile: true, carrier.Freephone: true, carrier.Emergency: true,
	carrier.Service: true,
}

// dialed is what came of all dial strings.
type dialed struct {
	mu       sync.Mutex
	want     map[string]int // domestic numbers, and how often they were dialed
	tried    int
	domestic int
	reached  int // attempts that the carrier answered, in either way
	gated    int
	shed     int // refused because of overload, and tried again
	other    int // refused otherwise: malformed, internal, unknown to the carrier
}

// TestDialStringsThroughTheSocket dials generated strings as real INVITEs at a
// running unit. What reaches the carrier must be ordinary by its own careless
// reading, and every domestic number must reach it.
func TestDialStringsThroughTheSocket(t *testing.T) {
	n := dialShort
	if v := os.Getenv("SEKISHO_DIALSTRINGS"); v != "" {
		var err error
		if n, err = strconv.Atoi(v); err != nil {
			t.Fatal(err)
		}
	}
	w := newWorld(t, func(r carrier.Reading) carrier.Behavior {
		// An emergency call that is busy is tried again, which the books would
		// count twice.
		if r.Class == carrier.Emergency || strings.HasSuffix(r.Digits, answered) {
			return carrier.Behavior{Sound: carrier.Silence}
		}
		return carrier.Behavior{Status: 486}
	}, carrier.Account{User: "unit", Secret: carrierSecret, Numbers: []string{mainNumber}})
	p := w.phone("201", nil)
	w.line(control.LineAddRequest{
		Profile: "generic-registration", User: "unit", Secret: carrierSecret,
		Numbers: []control.LineNumber{{Number: mainNumber, Ring: []string{"201"}}},
	})
	cases := make(chan dial.Case, dialChannels)
	sum := dialed{want: map[string]int{}}
	start := time.Now()
	var wait sync.WaitGroup
	for range dialChannels {
		wait.Go(func() {
			for c := range cases {
				w.dialOne(p, c, &sum)
			}
		})
	}
	for c := range dial.Generate(2015) {
		if sum.tried++; sum.tried > n || t.Failed() {
			break
		}
		cases <- c
	}
	close(cases)
	wait.Wait()
	took := time.Since(start)
	t.Logf("%d dial strings in %v: %d domestic; %d reached the carrier, %d gated, %d shed, %d refused otherwise",
		n, took.Round(time.Millisecond), sum.domestic, sum.reached, sum.gated, sum.shed, sum.other)
	w.booksAreOrdinary(&sum)
	if sum.domestic < n/2-1 || sum.gated == 0 {
		t.Errorf("the generator does not reach every kind")
	}
}

// dialOne dials one string; a call that is answered is hung up.
func (w *world) dialOne(p *office.Phone, c dial.Case, sum *dialed) {
	call, o, err := p.Dial(w.Context(), c.Dialed)
	for err == nil && o.RetryAfter > 0 { // shed: the unit has too much to do, and says so
		sum.mu.Lock()
		sum.shed++
		sum.mu.Unlock()
		time.Sleep(retryTime)
		call, o, err = p.Dial(w.Context(), c.Dialed)
	}
	if err != nil {
		w.Errorf("%q: %v", c.Dialed, err)
		return
	}
	if call != nil {
		if err := call.Hangup(w.Context()); err != nil {
			w.Errorf("%q: %v", c.Dialed, err)
		}
	}
	reached := o.Answered() || o.Status == 486
	sum.mu.Lock()
	defer sum.mu.Unlock()
	switch {
	case reached:
		sum.reached++
	case o.Gated():
		sum.gated++
	default:
		sum.other++
	}
	if !c.WantDomestic {
		return
	}
	sum.domestic++
	sum.want["0"+c.Number[2:]]++
	if !reached {
		w.Errorf("%q is domestic and got %d %s %s", c.Dialed, o.Status, o.Phrase, o.Reason)
	}
}

// booksAreOrdinary compares the carrier's books with what was dialed.
func (w *world) booksAreOrdinary(sum *dialed) {
	w.Helper()
	entries := w.carrier.Books().Entries()
	for _, e := range entries {
		if !ordinary[e.Reading.Class] {
			w.Errorf("%q reached the carrier, which takes it for %+v", e.User, e.Reading)
		}
		sum.want[e.Reading.Digits]--
	}
	missing := 0
	for _, n := range sum.want {
		missing += max(n, 0)
	}
	if missing > 0 {
		w.Errorf("%d domestic calls are not in the carrier's books", missing)
	}
	if len(entries) != sum.reached {
		w.Errorf("the carrier has %d calls in its books, the phones saw it answer %d", len(entries), sum.reached)
	}
}
