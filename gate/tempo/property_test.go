package tempo

import (
	"math/rand/v2"
	"net/netip"
	"reflect"
	"runtime"
	"strconv"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/sekisho/sekisho/number"
	"github.com/sekisho/sekisho/number/tariff"
)

// stream is a source of random events of an office of some size.
type stream struct {
	r    *rand.Rand
	now  time.Time
	exts int
	call int
	last *Event
}

func newStream(seed uint64, exts int) *stream {
	return &stream{r: rand.New(rand.NewPCG(seed, 1)), now: tuesday, exts: exts}
}

// next makes an event; one without a kind is an attempt.
func (s *stream) next() *Event {
	s.now = s.now.Add(time.Duration(s.r.Int64N(int64(10 * time.Minute))))
	if s.r.IntN(50) == 0 {
		s.now = s.now.Add(-time.Hour) // a clock that is put back
	}
	if s.last != nil && s.r.IntN(3) > 0 {
		e := *s.last
		e.Kind = Kind(1 + s.r.IntN(int(Released)))
		e.Talk, e.Silent = time.Duration(s.r.Int64N(int64(time.Hour))), s.r.IntN(2) == 0
		e.Ring, e.Contacts = time.Duration(s.r.Int64N(int64(20*time.Second))), s.r.IntN(4)
		return &e
	}
	areas := []string{"SL", "GB", "CU", "US", "LV", "JP"}
	e := &Event{
		Call: strconv.Itoa(s.call), Extension: strconv.Itoa(s.r.IntN(s.exts)),
		Source: netip.AddrFrom4([4]byte{10, 0, byte(s.r.IntN(4)), 9}), UserAgent: strconv.Itoa(s.r.IntN(3)),
		Dialed: strconv.Itoa(s.r.IntN(5)), Forward: s.r.IntN(9) == 0, Expected: s.r.IntN(3) == 0,
		PerMinute: tariff.Money(s.r.Int64N(300_000)),
		Destination: number.Destination{
			Class: number.International, Area: areas[s.r.IntN(len(areas))],
			Digits: strconv.Itoa(23276000000 + s.r.IntN(5000)),
		},
	}
	if e.Destination.Area == "JP" {
		e.Destination.Class = number.Mobile
	}
	s.call++
	s.last = e
	return e
}

// feed gives a Watch events, and what it said of the attempts.
func (s *stream) feed(w *Watch, n int) (said []Opinion) {
	for range n {
		e := s.next()
		if e.Kind == 0 {
			said = append(said, w.Attempt(s.now, e))
		} else {
			w.Note(s.now, e)
		}
	}
	return said
}

// TestSameEventsSameOpinions: over a restart too, if it is a short one; it ends
// what is up.
func TestSameEventsSameOpinions(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		seed, n := rapid.Uint64().Draw(t, "seed"), rapid.IntRange(1, 400).Draw(t, "events")
		one, other := New(tokyo), New(tokyo)
		a, b := newStream(seed, 5), newStream(seed, 5)
		if !reflect.DeepEqual(a.feed(one, n), b.feed(other, n)) {
			t.Fatal("the same events gave other opinions")
		}
		state, err := one.Export(a.now)
		if err != nil {
			t.Fatal(err)
		}
		again := New(tokyo)
		if err := again.Import(a.now, state); err != nil {
			t.Fatal(err)
		}
		for i := range other.seats {
			other.seats[i].of.hangUp(other.now) // as whoever stops a unit does
		}
		for range 20 {
			e := a.next()
			b.next()
			e.Kind = 0
			got, want := again.Attempt(a.now, e), other.Attempt(b.now, e)
			if got.Level != want.Level && a.now.Sub(tuesday) < 20*time.Hour {
				t.Fatalf("after a restart it is %s, without one %s", got.Level, want.Level)
			}
		}
	})
}

// TestImportRefuses: what is no state leaves the Watch as it was.
func TestImportRefuses(t *testing.T) {
	w := New(tokyo)
	s := newStream(1, 5)
	s.feed(w, 300)
	state, err := w.Export(s.now)
	if err != nil {
		t.Fatal(err)
	}
	for name, bad := range map[string][]byte{
		"nothing": nil, "a mark": state[:8], "a part": state[:len(state)/2],
		"another byte": append([]byte{state[0] ^ 1}, state[1:]...),
	} {
		before := len(w.names)
		if err := w.Import(s.now, bad); err == nil || len(w.names) != before {
			t.Errorf("%s was taken", name)
		}
	}
	flipped := append([]byte(nil), state...)
	flipped[len(flipped)/2] ^= 1
	if err := w.Import(s.now, flipped); err == nil {
		t.Error("a flipped bit was taken")
	}
}

// TestMemoryIsBounded: ever new extensions, for hundreds of thousands of events.
func TestMemoryIsBounded(t *testing.T) {
	if testing.Short() {
		t.Skip("takes hundreds of thousands of events")
	}
	w := New(tokyo)
	s := newStream(1, 10*subjectsMax)
	s.drive(w, 200_000)
	before := heap()
	s.drive(w, 200_000) // eight bytes kept of each were too much
	if len(w.names) != subjectsMax || len(w.seats) != subjectsMax {
		t.Errorf("%d extensions are remembered, want %d", len(w.names), subjectsMax)
	}
	if after := heap(); after > before+1<<20 {
		t.Errorf("memory grew from %d to %d", before, after)
	}
	runtime.KeepAlive(w)
}

// heap is what is in use, in bytes.
func heap() uint64 {
	var m runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}

// TestARegisteredPhoneTakesLittle: most phones never make a call that costs, and
// a unit may have ten thousand.
func TestARegisteredPhoneTakesLittle(t *testing.T) {
	const most = 1024 // bytes
	w := New(tokyo)
	before := heap()
	for i := range subjectsMax {
		e := Event{Kind: Registered, Extension: strconv.Itoa(i), Contacts: 1}
		e.Source = netip.AddrFrom4([4]byte{192, 168, byte(i >> 8), byte(i)})
		w.Note(tuesday, &e)
	}
	if one := int64(heap()-before) / subjectsMax; one > most {
		t.Errorf("a registration takes %d bytes, want %d at most", one, most)
	}
	runtime.KeepAlive(w)
}

func (s *stream) drive(w *Watch, n int) {
	for range n {
		if e := s.next(); e.Kind == 0 {
			w.Attempt(s.now, e)
		} else {
			w.Note(s.now, e)
		}
	}
}

// TestForgetsTheOneSilentForLongest: a busy extension stays, however many come.
func TestForgetsTheOneSilentForLongest(t *testing.T) {
	p := play(t)
	p.talk("201", freetown, time.Minute)
	for i := range 3 * subjectsMax {
		p.dial("x"+strconv.Itoa(i), "0312345678")
		if i%100 == 0 {
			p.dial("201", "0312345678")
		}
	}
	if s := p.w.subject("201"); s.Last != 0 || s.calls[0].Talk != 60 {
		t.Error("the busy extension was forgotten")
	}
	if _, known := p.w.names["x0"]; known {
		t.Error("the silent one was not")
	}
}

// TestLevels: one weak sign never challenges, nor do several that say the same thing, and a
// cut takes strong ones of two groups.
func TestLevels(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var o Opinion
		groupsSeen, groupsStrong := map[Group]bool{}, map[Group]bool{}
		for range rapid.IntRange(0, 6).Draw(t, "signs") {
			s := Sign{
				Group:    Group(rapid.IntRange(0, int(groups)-1).Draw(t, "group")),
				Strength: Strength(rapid.IntRange(1, 2).Draw(t, "strength")),
			}
			o.add(s)
			groupsSeen[s.Group] = true
			groupsStrong[s.Group] = groupsStrong[s.Group] || s.Strength == Strong
		}
		o.weigh()
		strong := 0
		for _, is := range groupsStrong {
			if is {
				strong++
			}
		}
		switch {
		case o.Level >= Challenge && strong == 0 && len(groupsSeen) < 2:
			t.Fatal("a challenge for weak signs of one group")
		case o.Level < Challenge && (strong > 0 || len(groupsSeen) > 1):
			t.Fatalf("%s for %+v", o.Level, o.Signs())
		case (o.Level == Cut) != (strong >= 2 && len(groupsSeen) >= 3):
			t.Fatalf("%s for %+v", o.Level, o.Signs())
		}
	})
}

// TestFade: it falls, never below nothing, and halves in a half-life.
func TestFade(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		v := rapid.Int64Range(0, 1<<40).Draw(t, "value")
		half := rapid.Int64Range(1, 1<<20).Draw(t, "half-life")
		a := rapid.Int64Range(0, 1<<30).Draw(t, "seconds")
		b := a + rapid.Int64Range(0, 1<<20).Draw(t, "later")
		switch {
		case fade(v, a, half) < fade(v, b, half)-1:
			t.Fatal("it grows")
		case fade(v, b, half) < 0:
			t.Fatal("less than nothing")
		case fade(v, half, half) != v/2:
			t.Fatalf("%d halves to %d", v, fade(v, half, half))
		}
	})
}

// TestAttemptTakesNoMemory, once an extension is known.
func TestAttemptTakesNoMemory(t *testing.T) {
	w, e, now := busy()
	if n := testing.AllocsPerRun(200, func() { w.Attempt(now, e) }); n > 0 {
		t.Errorf("%v allocations an attempt", n)
	}
}

// busy is a Watch with full memories, and an attempt that needs them all.
func busy() (*Watch, *Event, time.Time) {
	w := New(tokyo)
	s := newStream(3, 5)
	s.drive(w, 20_000)
	e := s.next()
	for e.Kind != 0 || e.Destination.Class != number.International {
		e = s.next()
	}
	return w, e, s.now
}

func BenchmarkAttempt(b *testing.B) {
	w, e, now := busy()
	calls := make([]string, 64)
	for i := range calls {
		calls[i] = "call" + strconv.Itoa(i)
	}
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		e.Call = calls[i%len(calls)]
		now = now.Add(time.Second)
		w.Attempt(now, e)
	}
}
