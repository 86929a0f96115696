package app_test

import (
	"flag"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/sekisho/sekisho/app"
	"github.com/sekisho/sekisho/app/config"
	"github.com/sekisho/sekisho/app/control"
	"github.com/sekisho/sekisho/sim/carrier"
	"github.com/sekisho/sekisho/sim/office"
)

// cutP99 is how long 99 of 100 legs may take from the command to their BYE. On
// a quiet machine the promise is 200ms.
var cutP99 = flag.Duration("cut-p99", readyTime, "longest p99 from the command to BYE with 500 calls up")

const (
	cutPhones = 10
	cutEach   = 50 // calls of one phone
	cutLines  = 2  // of half the calls each
)

// byes is when phones heard that calls were over, by Call-ID.
type byes struct {
	mu sync.Mutex
	at map[string]time.Time
}

func (b *byes) heard(callID string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.at[callID] = time.Now()
}

func (b *byes) count() int {
	b.mu.Lock()
	defer b.mu.Unlock()
	return len(b.at)
}

// crowded is a world with two lines and phones that hang up when they are told.
func crowded(t *testing.T, b *byes) (*world, []*office.Phone) {
	t.Helper()
	var accounts []carrier.Account
	for i := range cutLines {
		accounts = append(accounts, carrier.Account{
			User: fmt.Sprintf("unit%d", i), Secret: carrierSecret, Numbers: []string{fmt.Sprintf("031234000%d", i)},
			Manners: carrier.GenericRegistration("self"),
		})
	}
	ports := func(w *world, c *config.Config) { c.Media.Ports = "40000-45999" }
	w := newWorldWith(t, ports, func(carrier.Reading) carrier.Behavior {
		return carrier.Behavior{}
	}, accounts...)
	for i, a := range accounts {
		_, err := control.Call(w.ctx(), w.client, control.LineAdd, control.LineAddRequest{
			ID: a.User, Profile: "generic-registration", Registrar: w.carrier.Addr().String(), Transport: "udp",
			User: a.User, Secret: carrierSecret, AreaCode: "03", Channels: cutPhones*cutEach/cutLines + 5,
			Priority: i,
			Numbers:  []control.LineNumber{{Number: a.Numbers[0], Ring: []string{"201"}}},
		})
		w.must(err)
	}
	w.until("the lines are up", func() bool {
		lines, err := control.Call(w.ctx(), w.client, control.LineList, control.None{})
		w.must(err)
		return !slices.ContainsFunc(lines, func(l control.Line) bool { return l.State != "up" })
	})
	var phones []*office.Phone
	for i := range cutPhones {
		phones = append(phones, w.phoneWith(office.Account{Extension: fmt.Sprint(201 + i), OnBye: b.heard}))
	}
	return w, phones
}

// fill makes every phone call until all its calls are up.
func fill(w *world, phones []*office.Phone) (calls []*office.Call) {
	w.Helper()
	var mu sync.Mutex
	var wait sync.WaitGroup
	for _, p := range phones {
		wait.Go(func() {
			for range cutEach {
				call, o, err := p.Dial(w.ctx(), domestic)
				if err != nil || call == nil {
					w.Errorf("%s: %+v, %v", p.Extension(), o, err)
					return
				}
				mu.Lock()
				calls = append(calls, call)
				mu.Unlock()
			}
		})
	}
	wait.Wait()
	return calls
}

// TestCutOf500Calls sets all outgoing calls apart while 500 are up: each leg
// hears BYE soon, by its own clock; the emergency call goes on; by the
// carrier's books no call comes after, over a restart too; and every cut
// call is in the evidence.
func TestCutOf500Calls(t *testing.T) {
	b := &byes{at: map[string]time.Time{}}
	w, phones := crowded(t, b)
	police, o, err := phones[0].Dial(w.ctx(), "119")
	w.must(err)
	if !o.Answered() {
		t.Fatalf("119: %+v", o)
	}
	calls := fill(w, phones)
	if len(calls) != cutPhones*cutEach {
		t.Fatalf("%d calls are up", len(calls))
	}
	began := time.Now()
	done, err := control.Call(w.ctx(), w.client, control.QuarantineAdd, control.QuarantineAddRequest{
		Kind: "destination", Value: "anywhere", Reason: "the carrier called",
	})
	answered := time.Since(began)
	w.must(err)
	if done.Cut != len(calls) {
		t.Errorf("%d calls cut of %d", done.Cut, len(calls))
	}
	w.until("every phone heard BYE", func() bool { return b.count() == len(calls) })
	w.until("every call is over at the carrier", func() bool { return up(w) == 1 })
	entries := w.carrier.Books().Entries()
	report(t, b, entries, began, answered)

	for _, dialed := range []string{domestic, "09012345678", "0120123456", "117"} {
		if _, o, err := phones[1].Dial(w.ctx(), dialed); err != nil || o.Status != 603 || o.Phrase != "Set Apart" {
			t.Errorf("%s: %+v %v", dialed, o, err)
		}
	}
	w.must(police.Hangup(w.ctx()))
	w.stop()
	w.start()
	for _, p := range phones[:2] {
		w.must(p.Register(w.ctx(), time.Hour))
		if _, o, err := p.Dial(w.ctx(), domestic); err != nil || o.Status != 603 {
			t.Errorf("after the restart: %+v %v", o, err)
		}
	}
	if later := w.carrier.Books().Since(len(entries)); len(later) > 0 {
		t.Errorf("in the carrier's books afterwards: %+v", later)
	}
	records, err := control.Call(w.ctx(), w.client, control.Calls, control.CallsRequest{})
	w.must(err)
	ended := 0
	for _, r := range records {
		if r.Reason == "cut" {
			ended++
		}
	}
	if ended != len(calls) {
		t.Errorf("%d calls on record as cut, want %d", ended, len(calls))
	}
	if r, err := app.VerifyEvidence(w.ctx(), w.options.Data, config.Default().Store); err != nil || !r.OK {
		t.Errorf("evidence: %+v %v", r, err)
	}
}

// up counts the calls that are answered and not over in the carrier's books.
func up(w *world) (n int) {
	for _, e := range w.carrier.Books().Entries() {
		if !e.Answer.IsZero() && e.End.IsZero() {
			n++
		}
	}
	return n
}

// report prints how long the legs took, and holds them to the limit.
func report(t *testing.T, b *byes, entries []carrier.Entry, began time.Time, answered time.Duration) {
	t.Helper()
	var inside, outside []time.Duration
	b.mu.Lock()
	for _, at := range b.at {
		inside = append(inside, at.Sub(began))
	}
	b.mu.Unlock()
	for _, e := range entries {
		if !e.End.IsZero() {
			outside = append(outside, e.End.Sub(began))
		}
	}
	var said []string
	all := slices.Concat(inside, outside)
	for _, side := range []struct {
		name string
		took []time.Duration
	}{{"phones", inside}, {"carrier", outside}, {"all", all}} {
		slices.Sort(side.took)
		at := func(percent int) time.Duration {
			return side.took[(len(side.took)-1)*percent/100].Round(100 * time.Microsecond)
		}
		said = append(said, fmt.Sprintf("%s: %d legs, p50 %v, p99 %v, last %v",
			side.name, len(side.took), at(50), at(99), at(100)))
	}
	t.Logf("command answered in %v; BYE after the command by\n%s",
		answered.Round(time.Millisecond), strings.Join(said, "\n"))
	if p99 := all[(len(all)-1)*99/100]; p99 > *cutP99 {
		t.Errorf("p99 %v, at most %v", p99, *cutP99)
	}
}
