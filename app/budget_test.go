package app_test

import (
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/sekisho/sekisho/app/control"
	"github.com/sekisho/sekisho/sim/carrier"
	"github.com/sekisho/sekisho/sim/office"
)

// TestBudgetByTheCarriersBooks: four phones call abroad as fast as they can;
// what the carrier bills stays within the unit's budget, which then stays shut,
// over a restart too, until somebody lets go.
func TestBudgetByTheCarriersBooks(t *testing.T) {
	const yen, cap24 = int64(1000), 1000
	w := newWorld(t, nil, carrier.Account{
		User: "unit", Secret: carrierSecret, Numbers: []string{mainNumber},
		Manners: carrier.GenericRegistration("self"),
	})
	w.line(control.LineAddRequest{Profile: "generic-registration", User: "unit", Secret: carrierSecret})
	set := control.BudgetSetRequest{
		Budget: "unit/abroad", Incident: new(cap24 * yen), Day: new(cap24 * yen), AtOnce: new(int64(20)),
		Until: time.Now().Add(time.Hour), Reason: "test",
	}
	_, err := control.Call(w.ctx(), w.client, control.BudgetSet, set)
	w.must(err)
	var phones []*office.Phone
	for i := range 4 {
		extension := fmt.Sprint(201 + i)
		phones = append(phones, w.phone(extension, nil))
		_, err := control.Call(w.ctx(), w.client, control.GateOpen, control.GateOpenRequest{
			Area: "SL", Extension: extension, Until: time.Now().Add(time.Hour), Reason: "test",
		})
		w.must(err)
	}
	w.dialAbroad(phones)
	billed := func() (sum int64, calls int) {
		for _, e := range w.carrier.Books().Entries() {
			if e.Reading.Class == carrier.International && !e.Answer.IsZero() {
				sum += e.MilliYen
				calls++
			}
		}
		return sum, calls
	}
	w.useUp(phones[0], "unit/abroad", "01023276123499")
	sum, calls := billed()
	b := w.budget("unit/abroad")
	t.Logf("carrier: %d calls, %d; budget: %+v", calls, sum, b)
	if calls == 0 || sum > cap24*yen || b.UsedDay != sum || b.Held != 0 {
		t.Errorf("carrier billed %d for %d calls, of %d; the budget has %+v", sum, calls, cap24*yen, b)
	}
	w.stop()
	w.start()
	w.until("the line is up", func() bool { return w.lineState() == "up" })
	w.must(phones[0].Register(w.ctx(), time.Hour))
	if call, out, err := phones[0].Dial(w.ctx(), "01023276123400"); err != nil || call != nil || out.Status != 603 {
		t.Errorf("after a restart: %+v %v", out, err)
	}
	release := control.BudgetReleaseRequest{Budget: "unit/abroad", Reason: "known"}
	_, err = control.Call(w.ctx(), w.client, control.BudgetRelease, release)
	w.must(err)
	call, out, err := phones[0].Dial(w.ctx(), "01023276123400")
	if err != nil || call == nil {
		t.Fatalf("after the release: %+v %v", out, err)
	}
	w.must(call.Hangup(w.ctx()))
}

// useUp calls a number until the budget that pays for it is shut. Calls before may
// have been refused for what others had set aside, or because the unit had too
// much to do.
func (w *world) useUp(p *office.Phone, budget, number string) {
	w.Helper()
	w.until(budget+" is shut", func() bool {
		if b := w.budget(budget); b.Calls > 0 || b.Shut != "" {
			return b.Shut != ""
		}
		call, out, err := p.Dial(w.ctx(), number)
		w.must(err)
		w.Logf("once more: %+v", out)
		if call != nil {
			w.must(call.Hangup(w.ctx()))
		}
		return false
	})
}

func (w *world) budget(name string) control.Budget {
	w.Helper()
	list, err := control.Call(w.ctx(), w.client, control.BudgetList, control.None{})
	w.must(err)
	for _, b := range list {
		if strings.EqualFold(b.Budget, name) {
			return b
		}
	}
	w.Fatalf("no budget %s", name)
	return control.Budget{}
}

// dialAbroad has phones call Sierra Leone all at once, four times each.
func (w *world) dialAbroad(phones []*office.Phone) {
	w.Helper()
	w.calls(phones[0], domestic) // at night as by day: somebody telephones here now
	var all sync.WaitGroup
	for i, p := range phones {
		all.Go(func() {
			for n := range 4 {
				call, _, err := p.Dial(w.ctx(), fmt.Sprintf("01023276123%d0%d", 4+i, n))
				if err == nil && call != nil {
					w.must(call.Hangup(w.ctx()))
				}
			}
		})
	}
	all.Wait()
}
