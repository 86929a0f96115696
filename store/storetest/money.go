package storetest

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/sekisho/sekisho/fact"
	"github.com/sekisho/sekisho/gate/budget"
	"github.com/sekisho/sekisho/store"
	"github.com/sekisho/sekisho/text"
)

// A minute to Sierra Leone, and what a unit may lose on a day.
const (
	minute = int64(175_000)
	day    = int64(10_000_000)
)

func charges(extension string) []fact.Charge {
	return []fact.Charge{
		{Account: "extension/" + extension + "/abroad", Caps: fact.Caps{Day: day * 3 / 10}},
		{Account: "unit/abroad", Caps: fact.Caps{Day: day, Incident: day}},
	}
}

func hold(call, extension string, amount int64) fact.CallJudged {
	return fact.CallJudged{
		Call: call, First: true, Verb: "pass", At: Day,
		Hold: &fact.Hold{Leg: 1, Amount: amount, Charges: charges(extension), At: Day},
	}
}

func accountOf(t testing.TB, s *store.Store, id string) budget.Account {
	t.Helper()
	for _, a := range get(t, s.Accounts) {
		if a.ID == id {
			return a.Account
		}
	}
	return budget.Account{}
}

// moneyFollows: a call's money is set aside, renewed, settled; what nobody
// settles is spent.
func moneyFollows(t *testing.T, open Open) {
	s := open(t, nil)
	must(t, s, facts(hold("c1", "201", minute), hold("c2", "201", minute)))
	more := fact.Hold{Leg: 1, Amount: 2 * minute, Charges: charges("201"), At: Day}
	must(t, s, facts(fact.CallRenewed{Call: "c1", Hold: more}))
	if a := accountOf(t, s, "unit/abroad"); a.Held != 4*minute || a.Open != 2 || a.Used(Day).Day != 4*minute {
		t.Errorf("two calls hold %+v", a)
	}
	for _, c := range get(t, func(ctx context.Context) ([]fact.CallRecord, error) { return s.OpenCalls(ctx, 99, 9) }) {
		same(t, "legs that hold", c.Held, []int{1})
	}
	must(t, s, facts(fact.CallEnded{
		Call: "c1", Ended: Day, Settled: []fact.Settlement{{Leg: 1, Cost: minute}},
	}, fact.CallEnded{Call: "c2", Ended: Day, Reason: "restart"}))
	for _, id := range []string{"extension/201/abroad", "unit/abroad"} {
		if a := accountOf(t, s, id); a.Held != 0 || a.Open != 0 || a.Used(Day).Day != 2*minute {
			t.Errorf("%s after both calls: %+v", id, a)
		}
	}
	calls, err := s.Calls(t.Context(), store.CallFilter{})
	if err != nil || len(calls) != 2 || calls[0].Cost != minute || calls[1].Cost != minute {
		t.Errorf("calls cost %+v, %v", calls, err)
	}
	late := hold("c1", "201", minute)
	late.First = false
	if err := Write(t, s, facts(late)); err == nil {
		t.Error("money was set aside for a call that has ended")
	}
	if err := Write(t, s, facts(fact.CallRenewed{Call: "c9", Hold: more})); err == nil {
		t.Error("money was added to a call that has none")
	}
	replayed(t, s)
}

// moneyGoesOver: a call that goes on from a person's own budget is charged to each
// for its part, also where the process was killed meanwhile and nobody settles.
func moneyGoesOver(t *testing.T, open Open) {
	s := open(t, nil)
	own := fact.Hold{Leg: 1, Amount: 3 * minute, Callee: 7, At: Day, Charges: []fact.Charge{
		{Account: "person/201/abroad", Caps: fact.Caps{Day: day}}, {Account: "people/abroad"},
	}}
	for _, call := range []string{"c1", "c2"} {
		must(t, s, facts(hold(call, "201", minute)))
		must(t, s, facts(fact.CallRenewed{Call: call, Hold: own, Proven: "201"}))
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	s = open(t, nil)
	must(t, s, facts(fact.CallEnded{
		Call: "c1", Ended: Day, Settled: []fact.Settlement{{Leg: 1, Cost: 2 * minute}},
	}, fact.CallEnded{Call: "c2", Ended: Day, Reason: "restart"}))
	for id, want := range map[string]int64{
		"extension/201/abroad": 2 * minute, "unit/abroad": 2 * minute,
		"person/201/abroad": 4 * minute, "people/abroad": 4 * minute,
	} {
		if a := accountOf(t, s, id); a.Held != 0 || a.Open != 0 || a.Used(Day).Day != want {
			t.Errorf("%s: %+v, want %d", id, a, want)
		}
	}
	if a := accountOf(t, s, "person/201/abroad"); len(a.Vouched) != 1 {
		t.Errorf("vouched for: %+v", a.Vouched)
	}
	calls, err := s.Calls(t.Context(), store.CallFilter{})
	if err != nil || len(calls) != 2 || calls[0].Cost+calls[1].Cost != 6*minute {
		t.Errorf("calls cost %+v, %v", calls, err)
	}
	replayed(t, s)
}

// latches: an exhausted budget stays shut, over a restart too, until somebody
// lets go.
func latches(t *testing.T, open Open) {
	s := open(t, nil)
	must(t, s, facts(hold("c1", "201", day*3/10)))
	var full *fact.Exhausted
	err := Write(t, s, facts(hold("c2", "201", minute)))
	want := fact.Exhausted{
		Account: "extension/201/abroad", Window: fact.WindowDay, Cap: day * 3 / 10, Back: day * 3 / 10,
	}
	if !errors.As(err, &full) || *full != want {
		t.Fatalf("beyond the cap: %v", err)
	}
	must(t, s, facts(
		fact.BudgetExhausted{Account: full.Account, Window: full.Window, At: Day},
		fact.CallEnded{Call: "c1", Ended: Day, Settled: []fact.Settlement{{Leg: 1}}},
	))
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	s = open(t, nil)
	if err := Write(t, s, facts(hold("c3", "201", minute))); !errors.As(err, &full) || full.Window != fact.WindowShut {
		t.Errorf("an exhausted budget lets go by itself: %v", err)
	}
	must(t, s, facts(hold("c4", "202", minute)))
	must(t, s, facts(
		fact.BudgetReleased{Account: "extension/201/abroad", By: "owner", Reason: "known", At: Day},
		hold("c5", "201", minute),
	))
	replayed(t, s)
}

// parallelHolds: however many ask at once, no account goes beyond its cap, and
// none is left with room that somebody was refused.
func parallelHolds(t *testing.T, open Open) {
	const asking, extensions, places = 10_000, 5, 4096
	s := open(t, nil)
	var taken, refused atomic.Int64
	var wait sync.WaitGroup
	room := make(chan struct{}, places)
	for i := range asking {
		room <- struct{}{}
		wait.Add(1)
		entry := Entry(t, facts(hold(fmt.Sprint("c", i), fmt.Sprint(201+i%extensions), minute)))
		s.Append(entry, func(err error) {
			switch {
			case err == nil:
				taken.Add(1)
			case errors.As(err, new(*fact.Exhausted)):
				refused.Add(1)
			}
			<-room
			wait.Done()
		})
	}
	wait.Wait()
	if want := day / minute; taken.Load() != want || taken.Load()+refused.Load() != asking {
		t.Errorf("%d taken and %d refused of %d, want %d taken", taken.Load(), refused.Load(), asking, want)
	}
	for _, a := range get(t, s.Accounts) {
		top := day
		if a.ID != "unit/abroad" {
			top = day * 3 / 10
		}
		if used := a.Used(Day).Day; used > top || used != a.Held {
			t.Errorf("%s: %d used, %d held, at most %d", a.ID, used, a.Held, top)
		}
	}
	check(t, s)
	replayed(t, s)
}

// staircaseOfMoney lets the first, the second, … step fail: after each the
// accounts are what the facts say that were done.
func staircaseOfMoney(t *testing.T, open Open) {
	for nth := int64(1); ; nth++ {
		var steps atomic.Int64
		s := open(t, func(string) error {
			if steps.Add(1) == nth {
				return errDisk
			}
			return nil
		})
		before := accountOf(t, s, "unit/abroad")
		var want int64
		for i := range 2 {
			call := fmt.Sprintf("%d/%d", nth, i)
			if Write(t, s, facts(hold(call, call, 3))) != nil {
				continue
			}
			want += 3
			more := fact.Hold{Leg: 1, Amount: 2, Charges: charges(call), At: Day}
			if Write(t, s, facts(fact.CallRenewed{Call: call, Hold: more})) == nil {
				want += 2
			}
			if i == 0 {
				continue // left open
			}
			end := fact.CallEnded{Call: call, Ended: Day, Settled: []fact.Settlement{{Leg: 1, Cost: 1}}}
			held := accountOf(t, s, "extension/"+call+"/abroad").Held
			if Write(t, s, facts(end)) == nil {
				want += 1 - held
			}
		}
		if after := accountOf(t, s, "unit/abroad"); after.Used(Day).Day-before.Used(Day).Day != want {
			t.Errorf("step %d: %+v, then %+v, want %d more", nth, before, after, want)
		}
		replayed(t, s)
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
		if steps.Load() < nth {
			return
		}
	}
}

// replayed plays the facts again, and compares.
func replayed(t testing.TB, s *store.Store) {
	t.Helper()
	r, err := store.NewReplay(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = r.Close() }()
	for rec, err := range s.Leaves(t.Context(), 0) {
		if err != nil {
			t.Fatal(err)
		}
		f, err := rec.Fact()
		if err != nil {
			t.Fatal(err)
		}
		if err := r.Apply(rec.Seq, f); err != nil {
			t.Fatalf("leaf %d: %v", rec.Seq, err)
		}
	}
	d, err := r.Compare(t.Context(), s.Reader)
	if err != nil {
		t.Fatal(err)
	}
	if d != nil {
		t.Errorf("table %s, leaf %d: %s", d.Table, d.Leaf, d.Why.Say(text.EN))
	}
}
