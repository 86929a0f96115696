package budget

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/sekisho/sekisho/fact"
)

// disk is a source that keeps what a ledger wrote, as bytes.
type disk struct {
	accounts, calls map[string][]byte
	hour            int64
	ended           map[string]bool
}

func newDisk() *disk {
	return &disk{accounts: map[string][]byte{}, calls: map[string][]byte{}, ended: map[string]bool{}}
}

func (d *disk) Account(id string) (*Account, error) {
	doc, ok := d.accounts[id]
	if !ok {
		return nil, nil
	}
	a := new(Account)
	return a, json.Unmarshal(doc, a)
}

func (d *disk) Hour() (int64, error)            { return d.hour, nil }
func (d *disk) Ended(call string) (bool, error) { return d.ended[call], nil }

func (d *disk) Calls() (map[string][]Leg, error) {
	out := map[string][]Leg{}
	for id, doc := range d.calls {
		var legs []Leg
		if err := json.Unmarshal(doc, &legs); err != nil {
			return nil, err
		}
		out[id] = legs
	}
	return out, nil
}

// take writes what a ledger has not written, and what all calls hold.
func (d *disk) take(l *Ledger) error {
	for id, legs := range l.calls {
		doc, err := json.Marshal(legs)
		if err != nil {
			return err
		}
		d.calls[id] = doc
	}
	maps.DeleteFunc(d.calls, func(id string, _ []byte) bool { return len(l.calls[id]) == 0 })
	return l.Write(func(c Changed) error {
		doc, err := json.Marshal(c.Account)
		d.accounts[c.ID] = doc
		return err
	}, func(hour int64, _ uint64) error {
		d.hour = hour
		return nil
	})
}

// coin is money as the brute-force ledger has it: one amount, one account, one
// time, gone when it is given back.
type coin struct {
	account      string
	leg          string // call and leg
	slice        int    // coins that were set aside at once share one
	at           time.Time
	amount       int64
	past, passed bool // a release made the windows of a day, or the month's, forget it
}

// brute is the ledger that is slow and has no cleverness.
type brute struct {
	coins []*coin
	slice int
	open  map[string][]string // accounts by leg: those that are charged with what comes
	shut  map[string]string
	now   time.Time
}

var tokyo = time.FixedZone("JST", 9*60*60)

func (b *brute) sum(account, window string) (sum int64) {
	now := b.now.In(tokyo)
	for _, c := range b.coins {
		at := c.at.In(tokyo)
		var in bool
		switch window {
		case fact.WindowHour:
			in = !c.past && at.Truncate(time.Hour).Equal(now.Truncate(time.Hour))
		case fact.WindowIncident: // whole hours, so that no instant has more behind it than a day
			in = !c.past && !at.Before(now.Truncate(time.Hour).Add(-24*time.Hour))
		case fact.WindowDay:
			in = !c.past && at.Format(time.DateOnly) == now.Format(time.DateOnly)
		case fact.WindowMonth:
			in = !c.passed && at.Format("2006-01") == now.Format("2006-01")
		}
		if in && c.account == account {
			sum += c.amount
		}
	}
	return sum
}

var windows = []string{fact.WindowHour, fact.WindowIncident, fact.WindowDay, fact.WindowMonth}

func capOf(c fact.Caps, window string) int64 {
	switch window {
	case fact.WindowHour:
		return c.Hour
	case fact.WindowIncident:
		return c.Incident
	case fact.WindowDay:
		return c.Day
	}
	return c.Month
}

func (b *brute) atOnce(account string) (n int) {
	for _, accounts := range b.open {
		if slices.Contains(accounts, account) {
			n++
		}
	}
	return n
}

// fits tells whether a hold has room everywhere.
func (b *brute) fits(leg string, h fact.Hold) bool {
	for _, c := range h.Charges {
		first := !slices.Contains(b.open[leg], c.Account)
		if b.shut[c.Account] != "" || first && c.AtOnce > 0 && b.atOnce(c.Account) >= c.AtOnce {
			return false
		}
		for _, w := range windows {
			if top := capOf(c.Caps, w); top > 0 && b.sum(c.Account, w)+h.Amount > top {
				return false
			}
		}
	}
	return true
}

func (b *brute) add(leg string, h fact.Hold) {
	var accounts []string
	b.slice++
	for _, c := range h.Charges {
		b.coins = append(b.coins, &coin{account: c.Account, leg: leg, slice: b.slice, at: b.now, amount: h.Amount})
		accounts = append(accounts, c.Account)
	}
	b.open[leg] = accounts
}

// settle gives back what a leg did not cost, the latest first. What it cost beyond
// is charged to whom the next slice would have been.
func (b *brute) settle(leg string, cost int64) {
	back, given := -cost, map[int]int64{} // by slice
	for _, c := range b.coins {
		if _, known := given[c.slice]; c.leg == leg && !known {
			given[c.slice] = c.amount
			back += c.amount
		}
	}
	for _, account := range b.open[leg] {
		if back < 0 {
			b.coins = append(b.coins, &coin{account: account, at: b.now, amount: -back})
		}
	}
	for _, slice := range slices.Backward(slices.Sorted(maps.Keys(given))) {
		given[slice] = max(min(back, given[slice]), 0)
		back -= given[slice]
	}
	for _, c := range b.coins {
		if c.leg == leg && !c.past { // what a release forgot does not come back
			c.amount -= given[c.slice]
		}
	}
	delete(b.open, leg)
	for _, c := range b.coins {
		if c.leg == leg {
			c.leg = ""
		}
	}
}

func (b *brute) release(account string) {
	for _, c := range b.coins {
		if c.account == account {
			c.past, c.passed = true, c.passed || b.shut[account] == fact.WindowMonth
		}
	}
	delete(b.shut, account)
}

// TestLedgerKeepsEveryCap holds a ledger against the brute-force one: it takes
// what fits and nothing else, whatever came before, with clocks that go back,
// kills between any two steps, and facts played again.
func TestLedgerKeepsEveryCap(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		m := &machine{
			ledger: nil, disk: newDisk(), again: NewLedger(newDisk()),
			brute: brute{open: map[string][]string{}, shut: map[string]string{}},
			wall:  time.Date(2015, 2, 27, 20, 0, 0, 0, time.UTC),
		}
		m.ledger = NewLedger(m.disk)
		for range rapid.IntRange(1, 60).Draw(rt, "steps") {
			m.step(rt)
		}
	})
}

type machine struct {
	ledger, again *Ledger // again plays the facts that were written
	disk          *disk
	brute         brute
	wall          time.Time
	calls, leaf   int
}

// steps are those of clocks, such that windows begin and end between them.
var steps = []time.Duration{
	time.Minute, 59 * time.Minute, time.Hour, 8 * time.Hour, 22 * time.Hour, 23 * time.Hour, 24 * time.Hour,
	25 * time.Hour, 30 * 24 * time.Hour,
}

func (m *machine) step(rt *rapid.T) {
	switch rapid.SampledFrom([]string{
		"hold", "hold", "hold", "renew", "renew", "go over", "end", "end", "kill", "time", "time", "back", "release",
	}).Draw(rt, "step") {
	case "time":
		m.wall = m.wall.Add(rapid.SampledFrom(steps).Draw(rt, "later"))
	case "back":
		m.wall = m.wall.Add(-rapid.SampledFrom(steps).Draw(rt, "earlier"))
	case "kill":
		m.ledger.Forget()
	case "hold":
		m.calls++
		m.hold(rt, fmt.Sprint("c", m.calls))
	case "renew":
		if leg, ok := m.some(rt); ok {
			m.renew(rt, leg)
		}
	case "go over":
		if leg, ok := m.some(rt); ok {
			m.goOver(rt, leg)
		}
	case "end":
		if leg, ok := m.some(rt); ok {
			m.end(rt, leg)
		}
	case "release":
		if len(m.brute.shut) > 0 {
			account := rapid.SampledFrom(slices.Sorted(maps.Keys(m.brute.shut))).Draw(rt, "account")
			at := m.brute.now // a clock that is right
			m.write(rt, fact.BudgetReleased{Account: account, At: at}, nil)
			m.brute.release(account)
		}
	}
	m.compare(rt)
}

func (m *machine) some(rt *rapid.T) (leg string, ok bool) {
	if len(m.brute.open) == 0 {
		return "", false
	}
	return rapid.SampledFrom(slices.Sorted(maps.Keys(m.brute.open))).Draw(rt, "leg"), true
}

func (m *machine) aHold(rt *rapid.T, accounts []string) fact.Hold {
	h := fact.Hold{Amount: rapid.Int64Range(1, 60).Draw(rt, "amount"), At: m.wall}
	for _, a := range accounts {
		caps := map[string]fact.Caps{
			"a": {Hour: 80, Day: 120, AtOnce: 2}, "b": {Incident: 100, Month: 500}, "unit": {Incident: 150, Day: 140},
			"own": {Day: 90, AtOnce: 1},
		}[a]
		h.Charges = append(h.Charges, fact.Charge{Account: a, Caps: caps})
	}
	return h
}

func (m *machine) hold(rt *rapid.T, call string) {
	who := rapid.SampledFrom([][]string{{"a", "unit"}, {"b", "unit"}, {"a", "b", "unit"}}).Draw(rt, "who")
	h := m.aHold(rt, who)
	m.try(rt, fact.CallJudged{Call: call, First: true, Hold: &h}, call, h)
}

func (m *machine) renew(rt *rapid.T, call string) {
	h := m.aHold(rt, m.brute.open[call])
	m.try(rt, fact.CallRenewed{Call: call, Hold: h}, call, h)
}

// goOver has other accounts be charged with what a leg is renewed by.
func (m *machine) goOver(rt *rapid.T, call string) {
	h := m.aHold(rt, rapid.SampledFrom([][]string{{"own"}, {"own", "unit"}, {"b", "own"}, {"a"}}).Draw(rt, "to"))
	m.try(rt, fact.CallRenewed{Call: call, Hold: h, Proven: "201"}, call, h)
}

// try has both ledgers take a hold or refuse it.
func (m *machine) try(rt *rapid.T, f fact.Fact, call string, h fact.Hold) {
	before := m.brute.now
	if m.wall.After(before) {
		m.brute.now = m.wall
	}
	fits := m.brute.fits(call, h)
	var full *fact.Exhausted
	m.write(rt, f, &full)
	switch {
	case fits != (full == nil):
		rt.Fatalf("%+v fits: %v, refused: %v", h, fits, full)
	case fits:
		m.brute.add(call, h)
	case full.Window == fact.WindowShut || full.Window == fact.WindowAtOnce:
		m.brute.now = before
	default:
		m.brute.now = before
		m.write(rt, fact.BudgetExhausted{Account: full.Account, Window: full.Window, Epoch: full.Epoch}, nil)
		m.brute.shut[full.Account] = full.Window
	}
}

func (m *machine) end(rt *rapid.T, call string) {
	var held int64
	for _, g := range m.ledger.Holding(call) {
		held += g.held()
	}
	f := fact.CallEnded{Call: call}
	cost := held
	switch rapid.SampledFrom([]string{"known", "restart", "beyond"}).Draw(rt, "end") {
	case "known":
		cost = rapid.Int64Range(0, max(held, 0)).Draw(rt, "cost")
		f.Settled = []fact.Settlement{{Cost: cost}}
	case "beyond":
		cost = held + 5
		f.Settled = []fact.Settlement{{Cost: cost}}
	default:
		if held == 0 { // the ledger was killed, and reads again at its next fact
			return
		}
	}
	m.write(rt, f, nil)
	m.disk.ended[call] = true
	m.brute.settle(call, cost)
}

// write has the ledgers follow a fact. One that has no room leaves no trace.
func (m *machine) write(rt *rapid.T, f fact.Fact, full **fact.Exhausted) {
	m.ledger.Begin()
	before := m.state(m.ledger)
	_, err := m.ledger.Follow(f, uint64(m.leaf))
	if full != nil && errors.As(err, full) {
		m.ledger.Undo()
		if after := m.state(m.ledger); m.ledger.loaded && before != "" && after != before {
			rt.Fatalf("undone:\n%s\n%s", after, before)
		}
		return
	}
	if err != nil {
		rt.Fatal(err)
	}
	if err := m.disk.take(m.ledger); err != nil {
		rt.Fatal(err)
	}
	m.again.Begin()
	if _, err := m.again.Follow(f, uint64(m.leaf)); err != nil {
		rt.Fatalf("played again: %v", err)
	}
	m.leaf++
}

// state is all that a ledger knows of the accounts of the test, "" where it
// has yet to read.
func (m *machine) state(l *Ledger) string {
	if !l.loaded {
		return ""
	}
	out := map[string]any{"hour": l.hour, "calls": l.calls}
	for _, id := range []string{"a", "b", "own", "unit"} {
		a := l.accounts[id]
		if a == nil {
			a, _ = l.source.Account(id)
		}
		if a == nil {
			a = new(Account)
		}
		out[id] = a
	}
	doc, err := json.Marshal(out)
	if err != nil {
		return err.Error()
	}
	return string(doc)
}

func (m *machine) compare(rt *rapid.T) {
	if !m.ledger.loaded || !m.again.loaded {
		return
	}
	if got, want := m.state(m.ledger), m.state(m.again); got != want {
		rt.Fatalf("played again:\n%s\n%s", want, got)
	}
	for _, id := range []string{"a", "b", "own", "unit"} {
		a := m.again.accounts[id]
		if a == nil {
			continue
		}
		u := a.Used(m.brute.now)
		for w, got := range map[string]int64{
			fact.WindowHour: u.Hour, fact.WindowIncident: u.Incident, fact.WindowDay: u.Day, fact.WindowMonth: u.Month,
		} {
			if want := m.brute.sum(id, w); got != want {
				rt.Fatalf("%s: %d in the %s, want %d", id, got, w, want)
			}
		}
		if n := m.brute.atOnce(id); a.Open != n {
			rt.Fatalf("%s: %d open, want %d", id, a.Open, n)
		}
	}
}

// follow has a ledger follow facts, which it takes.
func follow(t *testing.T, l *Ledger, facts ...fact.Fact) {
	t.Helper()
	for _, f := range facts {
		l.Begin()
		if _, err := l.Follow(f, 0); err != nil {
			t.Fatal(err)
		}
	}
}

// TestClockPutRightLetsGoOfNothing: a clock stood ten days ahead; whoever
// releases another budget says what time it is, and no budget is empty by that.
func TestClockPutRightLetsGoOfNothing(t *testing.T) {
	at := time.Date(2015, 3, 25, 3, 0, 0, 0, time.UTC)
	l := NewLedger(newDisk())
	charge := fact.Charge{Account: "unit/abroad", Caps: fact.Caps{Day: 100, Month: 150}}
	hold := func(call string, amount int64, at time.Time) fact.CallJudged {
		return fact.CallJudged{
			Call: call, First: true, Hold: &fact.Hold{Amount: amount, Charges: []fact.Charge{charge}, At: at},
		}
	}
	follow(t, l, hold("c1", 80, at.AddDate(0, 0, 10)), fact.BudgetReleased{Account: "extension/201/home", At: at})
	l.Begin()
	var full *fact.Exhausted
	if _, err := l.Follow(hold("c2", 30, at), 0); !errors.As(err, &full) || full.Window != fact.WindowDay {
		t.Errorf("beyond the day: %v", err)
	}
	l.Undo()
	follow(t, l, hold("c3", 20, at), hold("c4", 50, at.Add(24*time.Hour)))
	l.Begin()
	_, err := l.Follow(hold("c5", 1, at.Add(48*time.Hour)), 0)
	if !errors.As(err, &full) || full.Window != fact.WindowMonth {
		t.Errorf("beyond the month: %v", err)
	}
}

// TestReleaseIsNotUndone: a budget was found used up, somebody let go of it,
// and only then the first is written down.
func TestReleaseIsNotUndone(t *testing.T) {
	l := NewLedger(newDisk())
	found := fact.BudgetExhausted{Account: "unit/abroad", Window: fact.WindowDay}
	follow(t, l, found, fact.BudgetReleased{Account: "unit/abroad", At: time.Unix(0, 0)}, found)
	if a := l.accounts["unit/abroad"]; a.Shut != "" {
		t.Errorf("shut again: %+v", a)
	}
	found.Epoch = 1
	follow(t, l, found)
	if a := l.accounts["unit/abroad"]; a.Shut != fact.WindowDay {
		t.Errorf("not shut: %+v", a)
	}
}
