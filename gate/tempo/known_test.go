package tempo

import (
	"reflect"
	"slices"
	"testing"
	"time"

	"github.com/sekisho/sekisho/number/tariff"
)

// TestPreviewRemembersNothing, and says what an attempt would.
func TestPreviewRemembersNothing(t *testing.T) {
	p := play(t)
	for range 3 {
		p.talk("201", sl("76123456"+string(rune('0'+p.calls))), time.Minute)
	}
	p.calls++
	e := p.event("201", sl("76123459"))
	before, err := p.w.Copy().Export(p.now)
	if err != nil {
		t.Fatal(err)
	}
	said := p.w.Preview(p.now, e)
	if after, err := p.w.Copy().Export(p.now); err != nil || !reflect.DeepEqual(before, after) {
		t.Errorf("it is remembered (%v)", err)
	}
	if would := p.w.Attempt(p.now, e); said.Level == Quiet || !reflect.DeepEqual(said, would) {
		t.Errorf("previewed %s %+v, then said %s %+v", said.Level, said.Signs(), would.Level, would.Signs())
	}
	stranger := p.event("299", sl("76123459"))
	if o := p.w.Preview(p.now, stranger); o.sign("debut").Strength == None {
		t.Errorf("an extension that was never heard of: %+v", o.Signs())
	}
	if slices.Contains(p.w.Extensions(), "299") {
		t.Error("a preview made an extension")
	}
}

// TestACopyGoesItsOwnWay.
func TestACopyGoesItsOwnWay(t *testing.T) {
	p := play(t)
	p.talk("201", london, time.Minute)
	c := p.w.Copy()
	p.talk("202", london, time.Minute)
	p.talk("201", london, time.Minute)
	k, ok := c.Known(p.now, "201")
	if !ok || k.Calls != 1 || slices.Contains(c.Extensions(), "202") {
		t.Errorf("the copy followed: %+v %v", k, c.Extensions())
	}
	if k, _ := p.w.Known(p.now, "201"); k.Calls != 2 {
		t.Errorf("the original knows %+v", k)
	}
}

// TestKnown: what people are told of an extension.
func TestKnown(t *testing.T) {
	p := play(t)
	if _, ok := p.w.Known(p.now, "201"); ok {
		t.Error("somebody is known of whom nothing was heard")
	}
	p.talk("201", london, time.Minute)
	p.miss("201", sl("76123456"))
	p.talk("201", "0312345678", time.Minute)
	e := p.event("201", "")
	e.Contacts = 2
	p.note(Registered, e)
	p.note(Forwarded, p.event("201", ""))
	_, lapsed := p.dial("201", sl("76123457"))
	p.note(Lapsed, lapsed)
	k, ok := p.w.Known(p.now, "201")
	want := Known{
		Networks: 1, Here: tuesday.UTC(), Contacts: 2, Calls: 3, Answered: 1, New: 3, Money: 40 * tariff.Yen,
		Forwarded: p.now.UTC(), Lapsed: p.now.UTC(), Lapses: 1,
	}
	if !ok || k != want {
		t.Errorf("known is\n%+v, want\n%+v", k, want)
	}
	if k, _ := p.w.Known(p.now.Add(25*time.Hour), "201"); k.Calls != 0 {
		t.Errorf("a day later: %+v", k)
	}
}

// TestAreasOfTheOffice are those that answered on several days over a week.
func TestAreasOfTheOffice(t *testing.T) {
	p := play(t)
	for day := range 9 {
		p.now = tuesday.AddDate(0, 0, day)
		p.talk("201", london, time.Minute)
		if day == 8 {
			p.talk("201", sl("76123456"), time.Minute)
		}
	}
	if got := p.w.Areas(); !slices.Equal(got, []string{"GB"}) {
		t.Errorf("known are %v", got)
	}
}

// TestReleasedIsBelieved: what a person let go is not cut again for what was.
func TestReleasedIsBelieved(t *testing.T) {
	p := play(t)
	p.wait(14 * time.Hour) // midnight
	var last Opinion
	for i := range 12 {
		o, e := p.dial("201", sl("7612340"+string(rune('0'+i%10))))
		last = o
		p.wait(time.Second).note(Answered, e)
	}
	for range 5 {
		_, e := p.dial("201", sl("76123409"))
		p.note(Lapsed, e)
	}
	if last.Level != Cut {
		t.Fatalf("the pump is %s: %+v", last.Level, last.Signs())
	}
	p.note(Released, p.event("201", ""))
	if o, _ := p.dial("201", "0312345678"); o.Level != Quiet {
		t.Errorf("an ordinary call is %s", o.Level)
	}
	o, _ := p.dial("201", london)
	for _, s := range o.Signs() {
		if s.Group == Pattern || s.Name == "lapsed" || s.Name == "parallel" {
			t.Errorf("%s is still held against it", s.Name)
		}
	}
}

// TestAForwardingShows: a phone that sends calls on by itself tells nobody that
// it was set to another number.
func TestAForwardingShows(t *testing.T) {
	p := play(t)
	p.open["SL"] = true
	forward := func(number string) Opinion {
		p.calls++
		e := p.event("201", number)
		e.Forward = true
		return p.w.Attempt(p.now, e)
	}
	p.want(forward(sl("76123456")), "forwarded", Weak)
	p.wait(25 * time.Hour)
	p.want(forward(sl("76123456")), "forwarded", None)
	p.wait(time.Minute)
	p.want(forward(sl("76123999")), "forwarded", Weak)
	p.wait(time.Minute)
	if o, _ := p.dial("201", sl("76123999")); o.sign("forwarded").Strength != None {
		t.Error("a call of its own is one that it sends on")
	}
}

// TestARestartEndsCalls: who reads a state has hung up what was up.
func TestARestartEndsCalls(t *testing.T) {
	p := play(t)
	p.open["GB"] = true
	p.hold("201", london)
	p.dial("201", london)
	state, err := p.w.Export(p.now)
	if err != nil {
		t.Fatal(err)
	}
	if err := p.w.Import(p.now, state); err != nil {
		t.Fatal(err)
	}
	o, _ := p.dial("201", london)
	p.want(o, "parallel", None)
}

// TestAStateOfTheFutureIsRefused: it would make time stand still.
func TestAStateOfTheFutureIsRefused(t *testing.T) {
	p := play(t)
	p.talk("201", london, time.Minute)
	state, err := p.w.Export(p.now.AddDate(1, 0, 0))
	if err != nil {
		t.Fatal(err)
	}
	if err := New(tokyo).Import(p.now, state); err == nil {
		t.Error("a state of next year was taken")
	}
}
