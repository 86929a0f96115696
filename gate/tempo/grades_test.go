package tempo

import (
	"testing"
	"time"

	"github.com/sekisho/sekisho/number"
	"github.com/sekisho/sekisho/number/tariff"
)

// series are n calls, the newest first, each made by its index.
func series(n int, of func(i int64) call) []call {
	out := make([]call, n)
	for i := range out {
		out[i] = of(int64(i))
	}
	return out
}

// TestWhatIsRemembered of the last day and the last hour, since the extension
// last proved itself; the call asked about always.
func TestWhatIsRemembered(t *testing.T) {
	ages := []int64{0, patternWithin, patternWithin + 1, day, day + 1}
	calls := series(len(ages), func(i int64) call { return call{At: then - ages[i]} })
	for proved, want := range map[int64][2]int{
		0: {4, 2}, then - patternWithin - 1: {2, 2}, then: {1, 1}, then - day: {3, 2},
	} {
		l := looking(then, calls...)
		l.s.Proved = proved
		l.recall()
		if len(l.today()) != want[0] || len(l.lastHour()) != want[1] {
			t.Errorf("proved %d s ago: %d of today, %d of the hour", then-proved, len(l.today()), len(l.lastHour()))
		}
	}
}

// TestRepetition: answered calls to one thousand of numbers, other numbers of it.
func TestRepetition(t *testing.T) {
	repeated := func(n int) *look {
		return looking(then, series(n+3, func(i int64) call {
			switch i {
			case 0:
				return call{At: then, Number: 5123, Answered: then}
			case 1:
				return call{At: then, Number: 6123, Answered: then}
			case 2:
				return call{At: then, Number: 5123}
			}
			return call{At: then - 9, Number: 5000 + uint64(i), Answered: then}
		})...)
	}
	for n, want := range []Strength{None, None, None, Weak, Weak, Weak, Strong, Strong} {
		expect(t, "repeat", saying(repeated(n).repeat()), said{want, int64(n), 60})
	}
	for n, want := range []Strength{None, None, Weak, Weak, Strong, Strong} {
		calls := series(2*(n+1), func(i int64) call { return call{At: then, Number: 5000 + uint64(i/2)} })
		l := looking(then, append(calls, call{At: then, Number: 6999})...)
		expect(t, "sequence", saying(l.sequence()), said{want, int64(n + 1), 60})
	}
}

// TestSpellings: a third way, or a second number in two ways.
func TestSpellings(t *testing.T) {
	c := func(n, spelled uint64) call { return call{At: then, Number: n, Spelled: spelled} }
	for name, one := range map[string]struct {
		calls []call
		want  said
	}{
		"one way":             {[]call{c(1, 1), c(1, 1), c(2, 2)}, said{}},
		"two ways":            {[]call{c(1, 1), c(1, 2), c(2, 3)}, said{Weak, 2, 1}},
		"three ways":          {[]call{c(1, 1), c(1, 2), c(1, 3)}, said{Strong, 3, 1}},
		"two numbers":         {[]call{c(1, 1), c(1, 2), c(2, 3), c(2, 4)}, said{Strong, 2, 2}},
		"another in two ways": {[]call{c(1, 1), c(2, 3), c(2, 4)}, said{}},
	} {
		expect(t, name, saying(looking(then, one.calls...).spelling()), one.want)
	}
}

// TestScans: strings in a row that can't be read, and how long they count.
func TestScans(t *testing.T) {
	for _, c := range []struct {
		unread, ago int64
		want        said
	}{
		{0, 0, said{}},
		{1, 0, said{None, 1, 10}},
		{2, 0, said{None, 2, 10}},
		{3, 0, said{Weak, 3, 10}},
		{7, 0, said{Weak, 7, 10}},
		{8, unreadFor, said{Strong, 8, 10}},
		{8, unreadFor + 1, said{}},
	} {
		l := looking(then, call{At: then})
		l.s.Unread, l.s.UnreadAt = c.unread, then-c.ago
		expect(t, "scan", saying(l.scan()), c.want)
	}
	var s subject
	for _, at := range []int64{then, then + unreadFor} {
		s.unread(at)
	}
	if s.Unread != 2 || s.UnreadAt != then+unreadFor {
		t.Errorf("in time: %d at %d", s.Unread, s.UnreadAt)
	}
	if s.unread(then + 2*unreadFor + 1); s.Unread != 1 {
		t.Errorf("later: %d", s.Unread)
	}
}

// TestShortCalls in a row, to different numbers, and ranges tried before a pump.
func TestShortCalls(t *testing.T) {
	short := func(i int64) call {
		return call{At: then, Number: uint64(1000 * i), State: talked, Talk: shortTalk - 1, New: true}
	}
	for n, want := range []Strength{None, None, None, Weak, Weak, Weak, Strong} {
		long := call{At: then, Number: 7, State: talked, Talk: shortTalk}
		l := looking(then, append(series(n, short), long, short(9))...)
		expect(t, "short", saying(l.short()), said{want, int64(n), shortTalk})
	}
	for state, want := range map[state]int64{asked: 2, failed: 2, barred: 2, up: 1, talked: 1} {
		between := call{At: then, Number: 7, State: state, Talk: shortTalk}
		l := looking(then, short(1), between, short(2))
		if _, n, _ := l.short(); n != want {
			t.Errorf("with one that is %d between: %d, want %d", state, n, want)
		}
	}
	asks := call{At: then, Number: 1999}
	long, old := short(3), short(3)
	long.Talk, old.New = shortTalk, false
	for name, c := range map[string]struct {
		calls []call
		want  said
	}{
		"three ranges":           {[]call{asks, short(1), short(2), short(3)}, said{Strong, 3, shortTalk}},
		"two ranges":             {[]call{asks, short(1), short(2), short(2)}, said{}},
		"another range":          {[]call{{At: then, Number: 9000}, short(1), short(2), short(3)}, said{}},
		"one was long":           {[]call{asks, short(1), short(2), long}, said{}},
		"one was known":          {[]call{asks, short(1), short(2), old}, said{}},
		"one more":               {[]call{asks, short(1), short(2), short(3), short(4)}, said{Strong, 4, shortTalk}},
		"the tried one is first": {[]call{asks, short(2), short(3), short(1)}, said{Strong, 3, shortTalk}},
	} {
		expect(t, name, saying(looking(then, c.calls...).trial()), c.want)
	}
}

// TestHowManyAnswer: of six calls, of ten, and to how many numbers.
func TestHowManyAnswer(t *testing.T) {
	for _, c := range []struct {
		all, none, numbers int
		want               said
	}{
		{5, 5, 5, said{}},
		{6, 6, 6, said{Weak, 6, 6}},
		{6, 6, 4, said{Weak, 6, 6}},
		{6, 6, 3, said{}},
		{6, 5, 5, said{Weak, 5, 6}},
		{6, 4, 4, said{}},
		{9, 9, 9, said{Weak, 9, 9}},
		{10, 10, 9, said{Strong, 10, 10}},
		{10, 9, 9, said{Strong, 9, 10}},
		{10, 8, 8, said{Weak, 8, 10}},
		{10, 7, 7, said{Weak, 7, 10}},
		{10, 6, 6, said{}},
	} {
		calls := []call{{At: then, Number: 99}, {At: then, Number: 98, State: barred}}
		calls = append(calls, series(c.all, func(i int64) call {
			one := call{At: then, Number: uint64(i) % uint64(c.numbers), State: failed}
			if int(i) >= c.none {
				one.State, one.Answered = talked, then
			}
			return one
		})...)
		expect(t, "unanswered", saying(looking(then, calls...).unanswered()), c.want)
	}
}

// TestAtOnce: calls that are up besides the one asked about.
func TestAtOnce(t *testing.T) {
	live := call{At: then, State: up, Answered: then}
	for n, want := range []Strength{None, Weak, Weak, Strong} {
		calls := append([]call{{At: then, State: asked}, {At: then, State: talked}}, series(n, func(int64) call {
			return live
		})...)
		expect(t, "parallel", saying(looking(then, calls...).parallel()), said{want, int64(n), int64(n + 2)})
	}
}

// TestSilence of the last three that were answered.
func TestSilence(t *testing.T) {
	silent, voiced := call{At: then, State: talked, Silent: true}, call{At: then, State: talked}
	missed := call{At: then, State: failed, Silent: true}
	for _, c := range []struct {
		calls []call
		want  said
	}{
		{nil, said{}},
		{[]call{voiced, voiced}, said{None, 0, 2}},
		{[]call{silent, missed, voiced}, said{Weak, 1, 2}},
		{[]call{silent, voiced, silent, silent}, said{Strong, 2, 3}},
		{[]call{voiced, voiced, voiced, silent}, said{None, 0, 3}},
	} {
		l := looking(then, append([]call{{At: then}}, c.calls...)...)
		expect(t, "silent", saying(l.silent()), c.want)
	}
}

// TestCallingBack: a range that rang a moment within two days.
func TestCallingBack(t *testing.T) {
	for _, c := range []struct {
		ago   int64
		other bool
		fresh bool
		want  said
	}{
		{60, false, false, said{Weak, 1, 1}},
		{60, false, true, said{Strong, 1, 1}},
		{60, true, true, said{}},
		{missedFor - 1, false, false, said{Weak, missedFor/60 - 1, 1}},
		{missedFor, false, false, said{}},
	} {
		l := looking(then, call{At: then, Number: 5123, New: c.fresh})
		l.w.unit.Missed[3] = missed{Number: 5999, At: then - c.ago}
		if c.other {
			l.w.unit.Missed[3].Number = 6000
		}
		expect(t, "callback", saying(l.callback()), c.want)
	}
	l := looking(then, call{At: then, Number: 5123})
	l.w.unit.Missed[0], l.w.unit.Missed[1] = missed{5999, then - 120}, missed{5001, then - 300}
	expect(t, "two rings", saying(l.callback()), said{Weak, 2, 2})
	young := looking(100, call{At: 100, Number: 123}) // a clock that begins with 0
	expect(t, "no ring", saying(young.callback()), said{})
}

// TestSendingOn after a change of where to, for a day.
func TestSendingOn(t *testing.T) {
	for _, c := range []struct {
		forward bool
		at      int64
		want    said
	}{
		{true, then - 120, said{Weak, 2, 2}},
		{false, then - 120, said{}},
		{true, 0, said{}},
		{true, then - forwardNewFor + 1, said{Weak, 1439, 3}},
		{true, then - forwardNewFor, said{}},
	} {
		l := looking(then, call{At: then}, call{At: then - 120}, call{At: then - 121})
		l.e.Forward, l.s.Forwarded = c.forward, c.at
		expect(t, "forwarded", saying(l.forwarded()), c.want)
	}
	young := looking(100, call{At: 100})
	young.e.Forward = true
	expect(t, "never changed", saying(young.forwarded()), said{})
	var s subject
	s.forwards(7, then)
	s.forwards(7, then+1)
	if s.ForwardTo != 7 || s.Forwarded != then {
		t.Errorf("to %d since %d", s.ForwardTo, s.Forwarded)
	}
}

// TestElsewhere: where the phone is heard from now, against where it was before.
func TestElsewhere(t *testing.T) {
	const hours5 = 5*hour + 59
	here := place{Network: 2, Credential: 1, First: then - hours5, Agent: 5}
	before := place{Network: 1, Credential: 1, First: then - 9*day, Agent: 5, Inside: true}
	for name, c := range map[string]struct {
		change func(here, before *place, o *office)
		want   said
	}{
		"from inside to outside": {func(*place, *place, *office) {}, said{Strong, 1, 5}},
		"within":                 {func(h, _ *place, _ *office) { h.Inside = true }, said{Weak, 1, 5}},
		"outside before":         {func(_, b *place, _ *office) { b.Inside = false }, said{Weak, 1, 5}},
		"another agent":          {func(h, _ *place, _ *office) { h.Inside, h.Agent = true, 6 }, said{Strong, 1, 5}},
		"no agent":               {func(h, _ *place, _ *office) { h.Inside, h.Agent = true, 0 }, said{Weak, 1, 5}},
		"no agent before":        {func(h, b *place, _ *office) { h.Inside, b.Agent = true, 0 }, said{Weak, 1, 5}},
		"nowhere":                {func(h, _ *place, _ *office) { h.Network = 0 }, said{}},
		"for a week":             {func(h, _ *place, _ *office) { h.First = then - placeNewFor }, said{}},
		"almost for a week": {
			func(h, _ *place, _ *office) { h.First = then - placeNewFor + 1 }, said{Strong, 1, 167},
		},
		"the office's": {
			func(h, _ *place, o *office) {
				o.Networks[1] = shared{Network: h.Network, By: [sharersMax]uint64{1, 2, 3}}
			}, said{},
		},
		"the first place": {func(_, b *place, _ *office) { b.Network = 0 }, said{}},
		"the first place, not the office's": {func(_, b *place, o *office) {
			b.Network, o.Networks[1] = 0, shared{Network: 9, By: [sharersMax]uint64{1, 2, 3}}
		}, said{Weak, 0, 5}},
		"another credential": {func(_, b *place, _ *office) { b.Credential = 7 }, said{}},
		"there before":       {func(h, b *place, _ *office) { b.First = h.First }, said{}},
	} {
		l := looking(then, call{At: then})
		h, b := here, before
		c.change(&h, &b, &l.w.unit)
		l.s.Places[0], l.s.Places[1], l.s.Here = b, h, 1
		expect(t, name, saying(l.moved()), c.want)
	}
}

// TestContactsAndSetUps: several contacts, a stranger who read the set-up, a
// challenge that nobody answered.
func TestContactsAndSetUps(t *testing.T) {
	for n, want := range []said{{}, {}, {Weak, 2, 1}, {Weak, 3, 1}} {
		l := looking(then, call{At: then})
		l.s.Contacts = int64(n)
		expect(t, "contacts", saying(l.contacts()), want)
	}
	for _, c := range []struct {
		at   int64
		here int64
		want said
	}{
		{0, 0, said{}},
		{then - 120, 0, said{Weak, 2, 1}},
		{then - 120, 1, said{Strong, 2, 1}},
		{then - fetchedFor + 1, 0, said{Weak, 1439, 1}},
		{then - fetchedFor, 0, said{}},
	} {
		l := looking(then, call{At: then})
		l.s.Fetched, l.s.FetchedBy, l.s.Here = c.at, 2, c.here
		l.s.Places[0].Network, l.s.Places[1].Network = 1, 2
		expect(t, "fetched", saying(l.fetched()), c.want)
	}
	young := looking(100, call{At: 100})
	expect(t, "never fetched", saying(young.fetched()), said{})
	for _, c := range []struct {
		lapses, ago int64
		want        said
	}{
		{0, 0, said{}},
		{1, 2*hour + 1, said{Weak, 1, 2}},
		{2, hour, said{Strong, 2, 1}},
		{2, lapsedFor - 1, said{Strong, 2, 167}},
		{2, lapsedFor, said{}},
	} {
		l := looking(then, call{At: then})
		l.s.Lapses, l.s.LapsedAt = c.lapses, then-c.ago
		expect(t, "lapsed", saying(l.lapsed()), c.want)
	}
}

// TestACallIsTakenOnce, with its price, and tells the sequential tests of a new
// area, unless it is a redialed one.
func TestACallIsTakenOnce(t *testing.T) {
	p := play(t)
	for i, c := range []struct {
		dialed string
		price  tariff.Money
		debut  int64
		rate   int64
	}{
		{freetown, 40, 154, 40},
		{freetown, -1, 154, priceUsual},
		{sl("77111111"), 0, 308, priceUsual},
		{"0570000111", tariff.PriceMax + 1, 308, int64(tariff.PriceMax)},
	} {
		p.price = c.price
		_, e := p.dial("201", c.dialed)
		p.w.Attempt(p.now, e)
		s := p.w.subject("201")
		got := s.calls[s.Last]
		if s.Last != int64(i) || got.Rate != c.rate || s.Debut != c.debut || p.w.unit.Debut != c.debut {
			t.Errorf("%d: call %d, %+v, %d and %d", i, s.Last, got, s.Debut, p.w.unit.Debut)
		}
	}
}

// TestWhatBecomesOfACall: answered, over, refused; told twice it counts once.
func TestWhatBecomesOfACall(t *testing.T) {
	p := play(t)
	state := func(want state, talk int64, silent bool) {
		t.Helper()
		s := p.w.subject("201")
		if c := s.calls[s.Last%callsMax]; c.State != want || c.Talk != talk || c.Silent != silent {
			t.Errorf("%+v, want %d after %d s", c, want, talk)
		}
	}
	_, e := p.dial("201", freetown)
	state(asked, 0, false)
	p.note(Answered, e)
	state(up, 0, false)
	e.Talk, e.Silent = 61*time.Second, true
	p.note(Ended, e)
	state(talked, 61, true)
	if spent := p.w.unit.Spent.Now; spent != 61*40_000/60 {
		t.Errorf("it cost %d", spent)
	}
	for _, k := range []Kind{Answered, Ended, Refused, Lapsed} {
		p.note(k, e)
		state(talked, 61, true)
	}
	_, e = p.dial("201", freetown)
	p.note(Refused, e)
	state(barred, 0, false)
	_, e = p.dial("201", freetown)
	p.note(Ended, e)
	state(failed, 0, false)
	p.note(Answered, e)
	state(failed, 0, false)
	_, e = p.dial("201", freetown)
	p.note(Lapsed, e)
	state(barred, 0, false)
	if s := p.w.subject("201"); s.Lapses != 2 || s.LapsedAt != p.now.Unix() || s.Unread != 0 {
		t.Errorf("%d lapses at %d, %d unread", s.Lapses, s.LapsedAt, s.Unread)
	}
	e.Talk = -time.Second
	_, e = p.dial("201", freetown)
	p.note(Answered, e)
	e.Talk = 25 * time.Hour
	p.note(Ended, e)
	state(talked, day, false)
	p.note(Released, e)
	if s := p.w.subject("201"); s.Lapses != 0 || s.Proved != p.now.Unix() {
		t.Errorf("released: %d lapses, proved %d", s.Lapses, s.Proved)
	}
}

// TestAProofMakesAnAreaKnown, if it was for a call that costs.
func TestAProofMakesAnAreaKnown(t *testing.T) {
	p := play(t)
	_, e := p.dial("201", freetown)
	p.note(Proved, e)
	_, cheap := p.dial("201", "0312345678")
	p.note(Proved, cheap)
	if p.w.unit.Areas.isNew(ground(&e.Destination), p.now.Unix()) || p.w.unit.Areas.Of[1].Days != 0 {
		t.Errorf("known: %+v", p.w.unit.Areas.Of[:2])
	}
	if cheap.Destination.Class != number.Geographic {
		t.Error("the second call is not an ordinary one")
	}
}
