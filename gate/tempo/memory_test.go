package tempo

import (
	"net/netip"
	"reflect"
	"strconv"
	"testing"
	"time"

	"github.com/sekisho/sekisho/number"
)

// TestFadesExactly: half after a half-life, a straight line between, nothing
// after 63 of them, and a clock that was put back changes nothing.
func TestFadesExactly(t *testing.T) {
	for _, c := range []struct{ value, seconds, half, want int64 }{
		{100, 0, 10, 100},
		{100, -5, 10, 100},
		{100, 1, 10, 95},
		{100, 5, 10, 75},
		{100, 10, 10, 50},
		{100, 15, 10, 38},
		{100, 20, 10, 25},
		{1 << 62, 620, 10, 1},
		{1 << 62, 630, 10, 0},
	} {
		if got := fade(c.value, c.seconds, c.half); got != c.want {
			t.Errorf("%d after %d of %d: %d, want %d", c.value, c.seconds, c.half, got, c.want)
		}
	}
	if hash("") != 14695981039346656037 || hash("a") != 0xaf63dc4c8601ec8c {
		t.Error("it is not FNV-1a")
	}
	if block(999) != 0 || block(1000) != 1 || block(23276123456) != 23276123 {
		t.Error("a block is not a thousand")
	}
}

// TestSequentialTest: what a call to a new area adds, what one to a known takes.
func TestSequentialTest(t *testing.T) {
	for _, c := range []struct {
		sum, since int64
		fresh      bool
		want       int64
	}{
		{0, 0, true, 154},
		{154, 0, true, 308},
		{308, 0, false, 204},
		{50, 0, false, 0},
		{400, debutHalfLife, true, 354},
		{400, debutHalfLife, false, 96},
	} {
		if got := step(c.sum, 1000, c.fresh, 1000+c.since); got != c.want {
			t.Errorf("%+v: %d", c, got)
		}
	}
	var s subject
	var o office
	s.observe(true, 7)
	o.observe(true, 8)
	if s.Debut != 154 || s.DebutAt != 7 || o.Debut != 154 || o.DebutAt != 8 {
		t.Errorf("%d at %d, %d at %d", s.Debut, s.DebutAt, o.Debut, o.DebutAt)
	}
}

// looking is a look at a subject whose calls are given, the newest first; the
// first is the one asked about.
func looking(now int64, calls ...call) *look {
	w := New(tokyo)
	w.now = now
	s := &subject{record: record{Last: int64(len(calls)) - 1}, calls: new([callsMax]call)}
	for i := range calls {
		s.calls[len(calls)-1-i] = calls[i]
	}
	l := &look{w: w, s: s, e: &Event{}, now: now, c: s.newest(0)}
	l.recall()
	return l
}

type said struct {
	strength Strength
	a, b     int64
}

func saying(strength Strength, a, b int64) said { return said{strength, a, b} }

// expect checks what a sign says.
func expect(t *testing.T, what string, got, want said) {
	t.Helper()
	if got != want {
		t.Errorf("%s: %+v, want %+v", what, got, want)
	}
}

const then = int64(100 * day) // a moment

// TestDebutGrades: an extension's run and the office's, each from its bound on.
func TestDebutGrades(t *testing.T) {
	for name, c := range map[string]struct {
		mine, ours int64
		fresh      bool
		want       said
	}{
		"known":        {debutBound, unitBound, false, said{}},
		"new":          {debutBound - 1, unitBound - 1, true, said{Weak, 2, 1}},
		"a run":        {debutBound, 0, true, said{Strong, 2, 1}},
		"all together": {0, unitBound, true, said{Strong, 2, 1}},
	} {
		l := looking(then, call{At: then, New: c.fresh}, call{At: then - 1, New: true}, call{At: then - 2})
		l.s.Debut, l.w.unit.Debut = c.mine, c.ours
		expect(t, name, saying(l.debut()), c.want)
	}
}

// TestWhatCosts by class and range, and what of it can be new.
func TestWhatCosts(t *testing.T) {
	for _, c := range []struct {
		d                     number.Destination
		costs, abroad, isDear bool
	}{
		{number.Destination{Class: number.International}, true, true, true},
		{number.Destination{Class: number.GlobalCode}, true, true, true},
		{number.Destination{Class: number.Satellite}, true, true, true},
		{number.Destination{Class: number.Premium}, true, false, true},
		{number.Destination{Class: number.Telegong}, true, false, true},
		{number.Destination{Class: number.Navi}, true, false, false},
		{number.Destination{Class: number.Pager}, true, false, false},
		{number.Destination{Class: number.CarrierSelect}, true, false, false},
		{number.Destination{Class: number.Geographic}, false, false, false},
		{number.Destination{Class: number.Geographic, Range: number.RangePremium}, true, false, true},
		{number.Destination{Class: number.Geographic, Range: number.RangeShared}, true, false, false},
	} {
		if Costs(&c.d) != c.costs || abroad(&c.d) != c.abroad || dear(&c.d) != c.isDear {
			t.Errorf("%+v: costs %v, abroad %v, dear %v", c.d, Costs(&c.d), abroad(&c.d), dear(&c.d))
		}
	}
	at := func(class number.Class, area string) uint32 {
		return ground(&number.Destination{Class: class, Area: area})
	}
	if at(1, "SL") == at(1, "GB") || at(1, "SL") == at(2, "SL") || at(1, "001X") != at(1, "001Y") ||
		areaOf(at(number.International, "SL")) != "SL" || areaOf(at(number.International, "001")) != "001" {
		t.Error("grounds are not told apart by class and area")
	}
	for class, want := range map[number.Class]bool{
		number.Emergency: true, number.NotUnderstood: true, number.Extension: true, number.Feature: true,
		number.International: false, number.Geographic: false,
	} {
		if got := costless(&Event{Destination: number.Destination{Class: class}}); got != want {
			t.Errorf("%s: nobody watches is %v", class, got)
		}
	}
}

// TestHoursOfAnOffice: what is ordinary, what is dead, and how that fades.
func TestHoursOfAnOffice(t *testing.T) {
	total := int64(0)
	for hour := range slots {
		want := int64(0)
		switch {
		case hour >= 8 && hour <= 18:
			want = 4
		case hour == 7 || hour >= 19 && hour <= 21:
			want = 1
		}
		if got := ordinary(hour); got != want*hourWhole {
			t.Errorf("at %d: %d", hour, got)
		}
		total += ordinary(hour)
	}
	if total != ordinaryTotal {
		t.Errorf("all together %d, want %d", total, int64(ordinaryTotal))
	}
	for day, want := range map[int]int{6: 15, 7: 24 + 15, 8: 24 + 15, 9: 15} { // Friday to Monday
		if got := slot(time.Date(2015, 3, day, 15, 59, 0, 0, tokyo)); got != want {
			t.Errorf("on the %d: slot %d, want %d", day, got, want)
		}
	}
	h := hours{Total: 200*hourWhole - ordinaryTotal}
	if h.Calls[3] = hourWhole; h.dead(3) {
		t.Error("one of two hundred calls is dead")
	}
	if h.Total++; !h.dead(3) {
		t.Error("less than one of two hundred calls is not")
	}
	var o hours
	o.turn(10 * day)
	o.learn(3)
	o.learn(4)
	o.learn(4)
	o.turn(10*day + day - 1)
	if o.Calls[3] != hourWhole || o.Total != 3*hourWhole || o.Today != 10 {
		t.Errorf("on that day: %d, %d", o.Calls[3], o.Total)
	}
	o.turn((10 + hoursHalfLife) * day)
	if o.Calls[3] != hourWhole/2 || o.Calls[4] != hourWhole || o.Total != 3*hourWhole/2 || o.Today != 10+hoursHalfLife {
		t.Errorf("after a half-life: %d, %d, %d", o.Calls[3], o.Calls[4], o.Total)
	}
	l := looking(then, call{At: then})
	l.hour = 24 + 3
	l.w.unit.Hours.Calls[24+3] = 0
	expect(t, "Sunday at three", saying(l.offHours()), said{Weak, 3, 0})
	l.w.unit.Hours.Total = 1000 * hourWhole
	l.w.unit.Hours.Calls[24+3] = 2*hourWhole + 1
	expect(t, "with two calls", saying(l.offHours()), said{Weak, 3, 2})
}

// TestAreasBecomeKnown: with answers on three days, over a week; the one that was
// not called for longest makes room.
func TestAreasBecomeKnown(t *testing.T) {
	var a areas
	if a.know(7, then); !a.isNew(7, then+areaNewFor) {
		t.Error("one answer is enough")
	}
	a.know(7, then+day-1)
	if a.Of[0].Days != 1 || a.Of[0].Last != then+day-1 {
		t.Errorf("%+v", a.Of[0])
	}
	a.know(7, then+day)
	a.know(7, then+2*day)
	for at, want := range map[int64]bool{then + areaNewFor - 1: true, then + areaNewFor: false} {
		if got := a.isNew(7, at); got != want {
			t.Errorf("after %d s it is new: %v", at-then, got)
		}
	}
	if !a.isNew(8, then+areaNewFor) {
		t.Error("another one is known")
	}
	for i := range areasMax {
		a.know(uint32(100+i), then+3*day+int64(i))
	}
	if a.Of[0].Area != 100+areasMax-1 || a.isNew(7, then+areaNewFor) == false {
		t.Errorf("the oldest was not forgotten: %+v", a.Of[0])
	}
	var b areas
	b.trust(7, then)
	if b.isNew(7, then) || b.Of[0].Days != areaDays || b.Of[0].First != then-areaNewFor {
		t.Errorf("trusted: %+v", b.Of[0])
	}
	b.Of[0] = areaKnown{Area: 7, First: 5, Last: then, Days: areaDays + 9}
	b.trust(7, then)
	if want := (areaKnown{Area: 7, First: 5, Last: then, Days: areaDays + 9}); b.Of[0] != want {
		t.Errorf("known before: %+v", b.Of[0])
	}
}

// TestDoubts: two challenges that lapsed within a week cast doubt on an area.
func TestDoubts(t *testing.T) {
	var o office
	o.doubts(7, then)
	if o.doubted(7, then) {
		t.Error("one is enough")
	}
	o.doubts(7, then+lapsedFor-1)
	for ago, want := range map[int64]bool{0: true, lapsedFor - 1: true, lapsedFor: false} {
		if got := o.doubted(7, then+lapsedFor-1+ago); got != want {
			t.Errorf("after %d s: %v", ago, got)
		}
	}
	if o.doubted(8, then) {
		t.Error("another area is doubted")
	}
	o.doubts(7, then+3*lapsedFor)
	if o.Doubts[1] != (doubt{Area: 7, At: then + 3*lapsedFor, Lapses: 1}) {
		t.Errorf("a week later: %+v", o.Doubts[:2])
	}
	for i := range doubtsMax {
		o.doubts(uint32(100+i), then+4*lapsedFor+int64(i))
	}
	if o.Doubts[1].Area != 100+doubtsMax-1 {
		t.Errorf("the oldest did not make room: %+v", o.Doubts)
	}
}

// TestShortRings from abroad are noted, the last so many of them.
func TestShortRings(t *testing.T) {
	var o office
	ring := func(class number.Class, d time.Duration) {
		o.missed(&Event{Ring: d, Destination: number.Destination{Class: class, Digits: "23276123456"}}, then)
	}
	ring(number.Mobile, time.Second)
	ring(number.International, shortRing*time.Second+1)
	if o.Rings != 0 {
		t.Errorf("%d rings", o.Rings)
	}
	for i := range missedMax + 1 {
		ring(number.International, shortRing*time.Second)
		if want := (missed{Number: 23276123456, At: then}); o.Rings != int64(i+1) || o.Missed[i%missedMax] != want {
			t.Fatalf("ring %d: %+v", i, o.Missed[i%missedMax])
		}
	}
}

// TestNetworksOfTheOffice: one that three extensions speak from, however often.
func TestNetworksOfTheOffice(t *testing.T) {
	var o office
	at := func(i int) netip.Addr { return netip.AddrFrom4([4]byte{10, 1, byte(i), 1}) }
	speak := func(ext string, i int, now int64) { o.heard(&Event{Extension: ext, Source: at(i)}, now) }
	for range 5 {
		speak("201", 1, then)
		speak("202", 1, then)
	}
	if o.own(network(at(1))) || o.settled() {
		t.Error("two extensions make it the office's")
	}
	speak("203", 1, then+1)
	speak("204", 1, then+2)
	if !o.own(network(at(1))) || !o.settled() || o.own(network(at(2))) {
		t.Error("three extensions don't make it the office's, or any")
	}
	by := [sharersMax]uint64{hash("201"), hash("202"), hash("203")}
	want := shared{Network: network(at(1)), Last: then + 2, By: by}
	if o.Networks[0] != want || o.Networks[1] != (shared{}) {
		t.Errorf("%+v", o.Networks[:2])
	}
	for i := range networksMax {
		speak("201", 10+i, then+10+int64(i))
	}
	if o.Networks[0].Network != network(at(10+networksMax-1)) || o.settled() {
		t.Errorf("the oldest did not make room: %+v", o.Networks)
	}
}

// TestPlacesOfAnExtension: by network and credential; the one that was silent for
// longest makes room.
func TestPlacesOfAnExtension(t *testing.T) {
	var s subject
	come := func(addr, credential, agent string, now int64) {
		s.come(&Event{Source: netip.MustParseAddr(addr), Credential: credential, UserAgent: agent}, now)
	}
	come("192.168.1.20", "u1", "phone", then)
	come("192.168.1.99", "u1", "other", then+1)
	want := place{
		Credential: hash("u1"), Network: network(netip.MustParseAddr("192.168.1.20")), Agent: hash("phone"),
		First: then, Last: then + 1, Inside: true,
	}
	if s.Places[0] != want || s.Here != 0 {
		t.Errorf("%+v, here %d", s.Places[0], s.Here)
	}
	come("192.168.1.20", "u2", "", then+2)
	if s.Here != 1 || s.Places[1].Agent != 0 || !s.Places[1].Inside {
		t.Errorf("another credential: %+v, here %d", s.Places[1], s.Here)
	}
	for i, addr := range []string{"203.0.113.1", "127.0.0.1", "169.254.1.1", "10.0.0.1", "fe80::1"} {
		come(addr, "u1", "", then+3+int64(i))
		if s.Places[s.Here].Inside != (i > 0) {
			t.Errorf("%s: %+v", addr, s.Places[s.Here])
		}
	}
	come("192.168.1.20", "u1", "", then+20)
	if s.Here != 0 {
		t.Errorf("back, here %d", s.Here)
	}
	come("203.0.114.1", "u1", "", then+21)
	come("203.0.115.1", "u1", "", then+22)
	if s.Here != 1 || s.Places[1].Credential != hash("u1") || s.Places[0].Last != then+20 {
		t.Errorf("the one silent for longest did not make room: here %d", s.Here)
	}
	if !s.knows(network(netip.MustParseAddr("203.0.113.77"))) || s.knows(network(netip.MustParseAddr("203.0.116.1"))) {
		t.Error("it knows another network, or not its own")
	}
}

// TestProving settles what was odd, unless several challenges lapsed before.
func TestProving(t *testing.T) {
	odd := func(lapses int64) subject {
		s := subject{record: record{Lapses: lapses, Fetched: 1, Forwarded: 2, Unread: 3, Debut: 4}}
		s.Places[0].First = then
		return s
	}
	for _, lapses := range []int64{0, 1, 2, 3, 5} {
		s := odd(lapses)
		s.prove(then)
		want := odd(max(0, lapses-2))
		if want.Lapses == 0 {
			want = subject{record: record{Proved: then, Places: [placesMax]place{{First: then - placeNewFor}}}}
		}
		if !reflect.DeepEqual(s, want) {
			t.Errorf("after %d lapses: %+v", lapses, s)
		}
	}
	s := subject{record: record{Places: [placesMax]place{{First: 5}}}}
	if s.prove(then); s.Places[0].First != 5 {
		t.Errorf("a place known for long: %+v", s.Places[0])
	}
}

// TestMemoryOfCalls: the last so many, by age, name and number.
func TestMemoryOfCalls(t *testing.T) {
	s := subject{record: record{Last: -1}}
	if s.newest(0) != nil || s.find(1) != nil || s.redials(1) {
		t.Error("there is a call")
	}
	for i := range int64(callsMax + 5) {
		*s.next() = call{ID: uint64(i), Number: uint64(i), Answered: i % 2}
	}
	for i, want := range map[int64]int{0: callsMax + 4, callsMax - 1: 5} {
		if c := s.newest(i); c == nil || c.ID != uint64(want) {
			t.Errorf("the call %d before: %+v", i, c)
		}
	}
	if s.newest(callsMax) != nil || s.find(4) != nil || s.find(5) == nil {
		t.Error("the wrong calls are forgotten")
	}
	if s.redials(5) || !s.redials(6) || s.redials(3) {
		t.Error("what was answered is redialed, or what was not is not")
	}
	for _, c := range []struct {
		c    call
		want bool
	}{
		{call{State: up, Answered: then - talkingFor + 1}, true},
		{call{State: up, Answered: then - talkingFor}, false},
		{call{State: asked, At: then - ringingFor + 1}, true},
		{call{State: asked, At: then - ringingFor}, false},
		{call{State: talked, At: then, Answered: then}, false},
		{call{State: failed, At: then, Answered: then}, false},
		{call{State: barred, At: then, Answered: then}, false},
	} {
		if got := c.c.up(then); got != c.want {
			t.Errorf("%+v: up is %v", c.c, got)
		}
	}
}

// TestRing: seats keep the order in which extensions were heard of, whichever is
// heard of again.
func TestRing(t *testing.T) {
	for again, want := range map[string]string{"0": "1230", "1": "0231", "2": "0132", "3": "0123"} {
		w := New(nil)
		for i := range 4 {
			w.subject(strconv.Itoa(i))
		}
		w.subject(again)
		forth, back := "", ""
		for i, at := 0, w.seats[w.head].newer; i < 4; i++ {
			forth += w.seats[at].name
			at = w.seats[at].newer
		}
		for i, at := 0, w.head; i < 4; i++ {
			back = w.seats[at].name + back
			at = w.seats[at].older
		}
		if forth != want || back != want {
			t.Errorf("after %s: %s one way, %s the other, want %s", again, forth, back, want)
		}
	}
}
