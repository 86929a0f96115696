package storetest

import (
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/sekisho/sekisho/fact"
	"github.com/sekisho/sekisho/store"
)

// RunTogether runs what holds where several processes write one database. fresh
// gives an Open that may be called again while the store before is open.
func RunTogether(t *testing.T, fresh func(t testing.TB) Open) {
	t.Helper()
	for _, c := range []struct {
		name string
		run  func(*testing.T, Open)
	}{
		{"two write one log", oneLog},
		{"two found one database", foundedOnce},
		{"ten thousand calls at once on two stay within budgets", parallelHoldsOfTwo},
		{"two keep every cap as one does", twoKeepCaps},
	} {
		t.Run(c.name, func(t *testing.T) { c.run(t, fresh(t)) })
	}
}

// oneLog: two write at the same time, each many entries; all are there, in one
// log that is whole, and the state is what it says.
func oneLog(t *testing.T, open Open) {
	const each = 200
	stores := []*store.Store{open(t, nil), open(t, nil)}
	if stores[0].Boot() == stores[1].Boot() {
		t.Errorf("both are boot %d", stores[0].Boot())
	}
	var wait sync.WaitGroup
	for n, s := range stores {
		for i := range each {
			wait.Add(1)
			s.Append(Entry(t, facts(fact.ControlUsed{Command: fmt.Sprint(n, "/", i)})), func(err error) {
				if err != nil {
					t.Error(err)
				}
				wait.Done()
			})
			if i%20 == 0 { // so that they take many turns
				must(t, stores[1-n], facts(fact.ControlUsed{Command: "turn"}))
			}
		}
	}
	wait.Wait()
	must(t, stores[0], facts(fact.PhoneAdded{Phone: phone}))
	must(t, stores[1], facts(fact.PhoneDisabled{Device: phone.Device, At: Day}))
	if err := Write(t, stores[0], facts(fact.PhoneAdded{Phone: phone})); err == nil {
		t.Error("a phone was added that the other one has added")
	}
	must(t, stores[0], nil) // so that it sees all
	check(t, stores[0])
	replayed(t, stores[1])
	if got, want := stores[0].Head().Size, uint64(2*(each+each/20)+2); got != want {
		t.Errorf("%d leaves, want %d", got, want)
	}
}

// foundedOnce: several that open an empty database at once come to the same one.
func foundedOnce(t *testing.T, open Open) {
	const many = 4
	var wait sync.WaitGroup
	var boots sync.Map
	for range many {
		wait.Go(func() {
			s := open(t, nil)
			if _, taken := boots.LoadOrStore(s.Boot(), true); taken {
				t.Errorf("two are boot %d", s.Boot())
			}
		})
	}
	wait.Wait()
}

// parallelHoldsOfTwo is parallelHolds with the asking spread over two stores.
func parallelHoldsOfTwo(t *testing.T, open Open) {
	const asking, extensions, places, amount = 10_000, 5, 4096, minute / 50 // many turns until all is spent
	stores := []*store.Store{open(t, nil), open(t, nil)}
	var taken, refused [2]atomic.Int64
	var wait sync.WaitGroup
	room := make(chan struct{}, places)
	for i := range asking {
		room <- struct{}{}
		wait.Add(1)
		n := i % len(stores)
		entry := Entry(t, facts(hold(fmt.Sprint("c", i), fmt.Sprint(201+i/2%extensions), amount)))
		stores[n].Append(entry, func(err error) {
			switch {
			case err == nil:
				taken[n].Add(1)
			case errors.As(err, new(*fact.Exhausted)):
				refused[n].Add(1)
			default:
				t.Error(err)
			}
			<-room
			wait.Done()
		})
	}
	wait.Wait()
	all := taken[0].Load() + taken[1].Load()
	if want := day / amount; all != want || all+refused[0].Load()+refused[1].Load() != asking {
		t.Errorf("%d taken, want %d; %d and %d refused", all, want, refused[0].Load(), refused[1].Load())
	}
	for _, a := range get(t, stores[0].Accounts) {
		if used := a.Used(Day).Day; used != a.Held {
			t.Errorf("%s: %d used, %d held", a.ID, used, a.Held)
		}
	}
	replayed(t, stores[1])
}

// twoKeepCaps plays one random story on two stores, in turns that are drawn, and
// holds each answer against a ledger that only adds up.
func twoKeepCaps(t *testing.T, open Open) {
	seed := rand.Uint64()
	t.Log("seed", seed)
	draw := rand.New(rand.NewPCG(seed, 1))
	stores := []*store.Store{open(t, nil), open(t, nil)}
	held := map[string]int64{}       // by call
	extension := map[string]string{} // by call
	spent := map[string]int64{}      // by account, what is held included
	room := func(call string, amount int64) bool {
		return spent["extension/"+extension[call]+"/abroad"]+amount <= day*3/10 && spent["unit/abroad"]+amount <= day
	}
	add := func(call string, amount int64) {
		spent["extension/"+extension[call]+"/abroad"] += amount
		spent["unit/abroad"] += amount
	}
	for i := range 400 {
		s := stores[draw.IntN(2)]
		amount := draw.Int64N(day / 8)
		open := slices.Sorted(maps.Keys(held))
		what := draw.IntN(4)
		if len(open) == 0 {
			what = 0
		}
		var f fact.Fact
		var call string
		if what == 0 {
			call = fmt.Sprint("c", i)
			extension[call] = fmt.Sprint(201 + draw.IntN(5))
			f = hold(call, extension[call], amount)
		} else {
			call = open[draw.IntN(len(open))]
		}
		switch what {
		case 1:
			h := fact.Hold{Leg: 1, Amount: amount, Charges: charges(extension[call]), At: Day}
			f = fact.CallRenewed{Call: call, Hold: h}
		case 2, 3:
			cost := min(amount, held[call])
			must(t, s, facts(fact.CallEnded{Call: call, Ended: Day, Settled: []fact.Settlement{{Leg: 1, Cost: cost}}}))
			add(call, cost-held[call])
			delete(held, call)
			continue
		}
		fits := room(call, amount)
		err := Write(t, s, facts(f))
		if fits != (err == nil) || err != nil && !errors.As(err, new(*fact.Exhausted)) {
			t.Fatalf("step %d, %+v fits: %v, answer: %v", i, f, fits, err)
		}
		if fits {
			add(call, amount)
			held[call] += amount
		}
	}
	for id, want := range spent {
		if a := accountOf(t, stores[0], id); a.Used(Day).Day != want {
			t.Errorf("%s: %d spent, want %d", id, a.Used(Day).Day, want)
		}
	}
	replayed(t, stores[0])
}
