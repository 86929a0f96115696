package desk

import (
	"errors"
	"slices"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/sekisho/sekisho/fact"
	"github.com/sekisho/sekisho/gate"
	"github.com/sekisho/sekisho/number"
	"github.com/sekisho/sekisho/number/tariff"
)

var noon = time.Date(2015, 3, 11, 3, 0, 0, 0, time.UTC)

// ends makes facts that are told apart by their calls, numbered from a number on.
func ends(from, n int) []fact.Fact {
	out := make([]fact.Fact, n)
	for i := range out {
		out[i] = fact.CallEnded{Call: strconv.Itoa(from + i)}
	}
	return out
}

// taking takes what is next, and checks which facts these are and how many were
// dropped before.
func taking(t *testing.T, b *behind, from, n, dropped int) ([]fact.Fact, fact.VerdictsDropped) {
	t.Helper()
	facts, d := b.take()
	want := ends(from, n)
	if dropped > 0 {
		want = append(want, d)
	}
	if !slices.EqualFunc(facts, want, equal) || d.Count != dropped {
		t.Fatalf("%d facts were taken and %d dropped, want %d and %d", len(facts), d.Count, len(want), dropped)
	}
	return facts, d
}

// equal compares facts that are ends or counts.
func equal(a, b fact.Fact) bool {
	x, isEnd := a.(fact.CallEnded)
	y, too := b.(fact.CallEnded)
	if isEnd != too {
		return false
	}
	if !isEnd {
		x, isCount := a.(fact.VerdictsDropped)
		y, too := b.(fact.VerdictsDropped)
		return isCount && too && x == y
	}
	return x.Call == y.Call
}

// TestBehindGoesInTurn: the oldest first, so many at once, one write at a time;
// what was not written is first again.
func TestBehindGoesInTurn(t *testing.T) {
	var b behind
	b.keep(noon, ends(0, behindOnce+2)...)
	first, none := taking(t, &b, 0, behindOnce, 0)
	taking(t, &b, 0, 0, 0) // one is under way
	b.taken(first, none, errors.New("not now"))
	first, none = taking(t, &b, 0, behindOnce, 0)
	b.taken(first, none, nil)
	rest, none := taking(t, &b, behindOnce, 2, 0)
	b.keep(noon, ends(behindOnce+2, 1)...) // while that is under way
	b.taken(rest, none, nil)
	last, none := taking(t, &b, behindOnce+2, 1, 0)
	if b.taken(last, none, nil); b.size() != 0 || len(b.all()) != 0 {
		t.Errorf("%d are left", b.size())
	}
	taking(t, &b, 0, 0, 0)
}

// TestRefusedFactsGoOneByOne: where a write is refused for itself each of its
// facts is tried alone, and the one to blame goes; then they go together again.
func TestRefusedFactsGoOneByOne(t *testing.T) {
	var b behind
	b.keep(noon, ends(0, behindOnce+3)...)
	facts, none := taking(t, &b, 0, behindOnce, 0)
	b.refused(facts, none)
	for i := range behindOnce {
		facts, none = taking(t, &b, i, 1, 0)
		if i == 1 {
			b.refused(facts, none)
		} else {
			b.taken(facts, none, nil)
		}
	}
	taking(t, &b, behindOnce, 3, 0)
}

// TestDroppedIsCounted: what has no room is counted from the first to the last
// moment, and the count goes with the next write; where that fails, or is refused,
// it goes with the next one, together with what was dropped since.
func TestDroppedIsCounted(t *testing.T) {
	var b behind
	b.keep(noon, ends(0, behindMax-1)...)
	b.keep(noon, ends(behindMax-1, 1)...)
	if b.size() != behindMax || len(b.all()) != behindMax {
		t.Fatalf("%d are kept, want %d", b.size(), behindMax)
	}
	at := func(minutes int) time.Time { return noon.Add(time.Duration(minutes) * time.Minute) }
	waits := func(count, first, last int) {
		t.Helper()
		all := b.all()
		want := fact.VerdictsDropped{
			Count: count, First: at(first), Last: at(last), Why: "the store took nothing for too long",
		}
		if len(all) != b.size()+1 || all[len(all)-1] != fact.Fact(want) {
			t.Errorf("last of %d waits %+v, want %+v", len(all), all[len(all)-1], want)
		}
	}
	b.keep(at(1), ends(behindMax, 1)...)
	waits(1, 1, 1)
	facts, d := taking(t, &b, 0, behindOnce, 1)
	b.taken(facts, d, errors.New("not now"))
	waits(1, 1, 1)
	b.keep(at(2), ends(behindMax, 2)...)
	waits(3, 1, 2)
	facts, d = taking(t, &b, 0, behindOnce, 3)
	if all := b.all(); len(all) != behindMax {
		t.Errorf("%d wait while they are written", len(all))
	}
	b.taken(facts, d, errors.New("not now"))
	waits(3, 1, 2)
	facts, d = taking(t, &b, 0, behindOnce, 3)
	b.keep(at(3), ends(behindMax, 1)...)
	waits(1, 3, 3)
	b.refused(facts, d)
	waits(4, 1, 3)
	for i := range behindOnce {
		facts, d = taking(t, &b, i, 1, 4)
		b.refused(facts, d)
	}
	if b.size() != behindMax-behindOnce {
		t.Errorf("%d are left", b.size())
	}
	facts, d = taking(t, &b, behindOnce, behindOnce, 4)
	b.taken(facts, d, nil)
	taking(t, &b, 2*behindOnce, behindOnce, 0)
}

// TestLent: every account is lent what its caps allow on a day, all of a call's
// accounts or none, and the next day again; a clock put back gives nothing.
func TestLent(t *testing.T) {
	account := func(name string, caps fact.Caps) fact.Charge { return fact.Charge{Account: name, Caps: caps} }
	mine, ours := account("extension/201/home", fact.Caps{Day: 100}), account("unit/home", fact.Caps{Day: 150})
	open := account("customer/home", fact.Caps{})
	other := account("extension/202/home", fact.Caps{Day: 100})
	tomorrow := noon.AddDate(0, 0, 1)
	var l lent
	for i, c := range []struct {
		charges []fact.Charge
		amount  tariff.Money
		at      time.Time
		want    bool
	}{
		{[]fact.Charge{mine, ours, open}, 101, noon, false},
		{[]fact.Charge{mine, ours, open}, 100, noon, true},
		{[]fact.Charge{mine, ours, open}, 1, noon, false},
		{[]fact.Charge{other, ours, open}, 51, noon, false},
		{[]fact.Charge{other, ours, open}, 50, noon, true},
		{[]fact.Charge{other}, 50, noon, true}, // what was refused is not counted
		{[]fact.Charge{open}, 1 << 40, noon, true},
		{[]fact.Charge{mine}, 1, noon.AddDate(0, 0, -1), false},
		{[]fact.Charge{mine}, 100, tomorrow, true},
		{[]fact.Charge{mine}, 1, tomorrow, false},
		{[]fact.Charge{mine}, 1, noon, false},
	} {
		if got := l.lend(c.charges, c.amount, c.at); got != c.want {
			t.Errorf("%d: %v", i, got)
		}
	}
	var first lent
	if !first.lend([]fact.Charge{mine}, 1, time.Unix(0, 0)) {
		t.Error("nothing is lent on the day that clocks begin with")
	}
}

// TestLentIsBounded: so many accounts, and those that are known go on.
func TestLentIsBounded(t *testing.T) {
	var l lent
	one := func(i int) []fact.Charge { return []fact.Charge{{Account: strconv.Itoa(i)}} }
	for i := range lentMax {
		if !l.lend(one(i), 1, noon) {
			t.Fatalf("account %d is lent nothing", i)
		}
	}
	if l.lend(one(lentMax), 1, noon) || !l.lend(one(0), 1, noon) {
		t.Error("one more is lent something, or one that is known nothing")
	}
}

// TestDailyCap: the least of what bounds a day.
func TestDailyCap(t *testing.T) {
	for caps, want := range map[fact.Caps]int64{
		{}: 0, {Hour: 1}: 0, {Incident: 5}: 5, {Day: 5}: 5, {Month: 5}: 5,
		{Incident: 5, Month: 9}: 5, {Incident: 9, Day: 5, Month: 7}: 5, {Incident: 5, Day: 7, Month: 9}: 5,
		{Incident: 9, Day: 7, Month: 5}: 5,
	} {
		if got := dailyCap(caps); got != want {
			t.Errorf("%+v: %d, want %d", caps, got, want)
		}
	}
}

// TestPassesEnd to the moment.
func TestPassesEnd(t *testing.T) {
	d := New(Config{Now: func() time.Time { return noon }})
	p := d.makePass(&gate.Request{Call: "c", Line: "l"})
	if !p.Valid("c", "l", noon.Add(passLife-1)) || p.Valid("c", "l", noon.Add(passLife)) {
		t.Error("it ends too early, or too late")
	}
}

// TestClip: no more than so many bytes, and no half letters.
func TestClip(t *testing.T) {
	for s, want := range map[string]string{
		strings.Repeat("x", textMax):         strings.Repeat("x", textMax),
		strings.Repeat("x", textMax+1):       strings.Repeat("x", textMax) + "…",
		"y" + strings.Repeat("é", textMax/2): "y" + strings.Repeat("é", textMax/2-1) + "…",
	} {
		if got := clip(s); got != want {
			t.Errorf("%d bytes become %d, want %d", len(s), len(got), len(want))
		}
	}
}

// once refuses the first write, and notes when the next ones come.
type once struct {
	writes int
	at     time.Time
}

func (o *once) Commit(_ fact.Write, done func(error)) {
	if o.writes++; o.writes == 1 {
		done(fact.ErrNotWritable)
		return
	}
	o.at = time.Now()
	done(nil)
}

// TestRunRetriesInTime: what waits is tried again after so long, and not before.
func TestRunRetriesInTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		disk := &once{}
		d := New(Config{Committer: disk})
		go d.Run(t.Context())
		began := time.Now()
		r := gate.Request{Destination: number.Destination{Class: number.International}}
		d.Ask(r, func(gate.Verdict, gate.Pass, error) {})
		time.Sleep(3 * retryEvery)
		synctest.Wait()
		if waited := disk.at.Sub(began); waited != retryEvery || disk.writes != 2 {
			t.Errorf("tried again after %s, %d writes", waited, disk.writes)
		}
	})
}
