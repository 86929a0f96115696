package store_test

import (
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"reflect"
	"sync"
	"testing"
	"time"

	"github.com/anishathalye/porcupine"

	"github.com/sekisho/sekisho/fact"
	"github.com/sekisho/sekisho/store"
	"github.com/sekisho/sekisho/store/storetest"
)

// The accounts of the test, and what they may spend on a day.
const (
	wholeUnit = "unit/abroad"
	unitMax   = 1000
	phoneMax  = 400
)

// move is one thing that is done with a call's money, or an account.
type move struct {
	what    string // hold, renew, end, shut, release
	call    string
	account string // the phone's of a hold, or the one that is shut or released
	amount  int64  // to set aside, or what it cost
}

// book is all money there is: the ledger as one would keep it on paper.
type book struct {
	used  map[string]int64
	shut  map[string]bool
	freed map[string]bool // accounts that somebody has let go of
	calls map[string]page
}

// page is what one call holds. Of back, by account, what it does not cost comes
// back.
type page struct {
	account string
	held    int64
	back    map[string]int64
}

func (b book) clone() book {
	c := book{
		used: maps.Clone(b.used), shut: maps.Clone(b.shut), freed: maps.Clone(b.freed), calls: maps.Clone(b.calls),
	}
	for id, p := range c.calls {
		p.back = maps.Clone(p.back)
		c.calls[id] = p
	}
	return c
}

const done = "done"

// take sets money aside, or says why not.
func (b book) take(call, account string, amount int64) (answer string) {
	full, least := "", int64(-1)
	for _, a := range []string{account, wholeUnit} {
		if b.shut[a] {
			return a + " is shut"
		}
		top := int64(phoneMax)
		if a == wholeUnit {
			top = unitMax
		}
		if room := max(top-b.used[a], 0); room < amount && (full == "" || room < least) {
			full, least = fmt.Sprint(a, " has ", room), room
		}
	}
	if full != "" {
		return full
	}
	p, ok := b.calls[call]
	if !ok {
		p = page{account: account, back: map[string]int64{}}
	}
	p.held += amount
	for _, a := range []string{account, wholeUnit} {
		b.used[a] += amount
		p.back[a] += amount
	}
	b.calls[call] = p
	return done
}

// step is what one move must answer.
func (b book) step(m move) (answer string) {
	switch m.what {
	case "hold":
		return b.take(m.call, m.account, m.amount)
	case "renew":
		p, ok := b.calls[m.call]
		if !ok {
			return "no"
		}
		return b.take(m.call, p.account, m.amount)
	case "end":
		p := b.calls[m.call]
		for a, back := range p.back {
			if rest := p.held - m.amount; rest < 0 {
				b.used[a] -= rest
			} else {
				b.used[a] -= min(rest, back)
			}
		}
		delete(b.calls, m.call)
	case "shut": // by who found it full before anybody let go of it
		if !b.freed[m.account] {
			b.shut[m.account] = true
		}
	case "release":
		b.freed[m.account] = true
		delete(b.shut, m.account)
		delete(b.used, m.account)
		for _, p := range b.calls {
			if _, ok := p.back[m.account]; ok {
				p.back[m.account] = 0 // what is forgotten does not come back
			}
		}
	}
	return done
}

// ledgerModel: whatever is done at once must look as if it had been done one after
// the other, each move at a moment between its beginning and its end.
var ledgerModel = porcupine.Model{
	Init: func() any {
		return book{
			used: map[string]int64{}, shut: map[string]bool{}, freed: map[string]bool{}, calls: map[string]page{},
		}
	},
	Step: func(state, in, out any) (bool, any) {
		next := state.(book).clone()
		right := next.step(in.(move)) == out.(string)
		maps.DeleteFunc(next.used, func(_ string, used int64) bool { return used == 0 }) // the same is to look the same
		return right, next
	},
	Equal:             func(a, b any) bool { return reflect.DeepEqual(a, b) },
	DescribeOperation: func(in, out any) string { return fmt.Sprintf("%+v: %v", in, out) },
}

// fact is a move as the store is told of it.
func (m move) fact() fact.Fact {
	h := fact.Hold{Leg: 1, Amount: m.amount, At: storetest.Day, Charges: []fact.Charge{
		{Account: m.account, Caps: fact.Caps{Day: phoneMax}}, {Account: wholeUnit, Caps: fact.Caps{Day: unitMax}},
	}}
	switch m.what {
	case "hold":
		return fact.CallJudged{Call: m.call, First: true, Verb: "pass", Hold: &h, At: storetest.Day}
	case "renew":
		return fact.CallRenewed{Call: m.call, Hold: h}
	case "end":
		settled := []fact.Settlement{{Leg: 1, Cost: m.amount}}
		return fact.CallEnded{Call: m.call, Ended: storetest.Day, Settled: settled}
	case "shut":
		return fact.BudgetExhausted{Account: m.account, Window: fact.WindowDay, At: storetest.Day}
	default:
		return fact.BudgetReleased{Account: m.account, At: storetest.Day}
	}
}

// answer is what a store says to a move, as the book says it.
func answer(err error) string {
	var full *fact.Exhausted
	switch {
	case err == nil:
		return done
	case !errors.As(err, &full):
		return "no"
	case full.Window == fact.WindowShut:
		return full.Account + " is shut"
	}
	return fmt.Sprint(full.Account, " has ", full.Room)
}

func TestLedgerIsLinearizable(t *testing.T) {
	for range rounds {
		linearizable(t, opener(t)(t, nil))
	}
}

func twoLinearizable(t *testing.T, server *storetest.Server) {
	for range rounds {
		open := onServer(server.Fresh(t))
		linearizable(t, open(t, nil), open(t, nil))
	}
}

// rounds are stories, each on a new store: an order is found the faster the fewer
// moves there are to put into it.
const rounds = 4

// linearizable has many people at once do all that can be done with money, on one
// store or on several that share a database, and looks for an order in which all
// of their answers are right.
func linearizable(t *testing.T, stores ...*store.Store) {
	const people, moves, checkTime = 5, 16, time.Minute
	seed := rand.Uint64()
	t.Log("seed", seed)
	start := time.Now()
	var (
		mu      sync.Mutex
		history []porcupine.Operation
		calls   []move // the holds that were granted
		wait    sync.WaitGroup
	)
	for who := range people {
		draw := rand.New(rand.NewPCG(seed, uint64(who)))
		s := stores[who%len(stores)]
		wait.Go(func() {
			for i := range moves {
				mu.Lock()
				m := drawn(draw, fmt.Sprint(who, "-", i), calls)
				mu.Unlock()
				called := time.Since(start)
				said := answer(storetest.Write(t, s, []fact.Fact{m.fact()}))
				returned := time.Since(start)
				mu.Lock()
				history = append(history, porcupine.Operation{
					ClientId: who, Input: m, Output: said, Call: int64(called), Return: int64(returned),
				})
				if m.what == "hold" && said == done {
					calls = append(calls, m)
				}
				mu.Unlock()
			}
		})
	}
	wait.Wait()
	answers := map[string]int{}
	for _, o := range history {
		what, said := o.Input.(move).what, o.Output.(string)
		if said != done && said != "no" {
			said = "full"
		}
		answers[what+" "+said]++
	}
	for _, one := range []string{"hold done", "end done"} {
		if answers[one] == 0 {
			t.Errorf("no %s among %v: the test looked at nothing", one, answers)
		}
	}
	if got := porcupine.CheckOperationsTimeout(ledgerModel, history, checkTime); got != porcupine.Ok {
		t.Errorf("%d moves, %v: %s", len(history), answers, got)
	}
}

// drawn is a move of somebody, often with a call that others move, too.
func drawn(draw *rand.Rand, name string, calls []move) move {
	m := move{
		what: "hold", call: name, account: fmt.Sprintf("extension/%d/abroad", 201+draw.IntN(3)),
		amount: draw.Int64N(200),
	}
	n := draw.IntN(12)
	if n < 8 && len(calls) > 0 {
		of := calls[len(calls)-1-draw.IntN(min(len(calls), 4))]
		m.call, m.account = of.call, of.account
	}
	switch {
	case n < 3 && len(calls) > 0:
		m.what = "renew"
	case n < 8 && len(calls) > 0:
		m.what = "end"
	case n == 8:
		m.what = "release"
	case n == 9 && draw.IntN(3) == 0:
		m.what = "shut"
	}
	if (m.what == "release" || m.what == "shut") && draw.IntN(2) == 0 {
		m.account = wholeUnit
	}
	return m
}
