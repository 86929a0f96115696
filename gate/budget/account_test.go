package budget

import (
	"reflect"
	"testing"
	"time"

	"github.com/sekisho/sekisho/fact"
)

// TestHoursOfJapan: hours, days and months begin when they do in Japan.
func TestHoursOfJapan(t *testing.T) {
	for _, c := range []struct {
		at    string // in Japan
		day   int64  // since 1 January 1970
		month int64  // since January of the year 0
	}{
		{"1970-01-01T00:00:00", 0, 1970 * 12},
		{"1970-01-01T23:59:59", 0, 1970 * 12},
		{"1970-01-02T00:00:00", 1, 1970 * 12},
		{"2015-02-28T23:59:59", 16494, 2015*12 + 1},
		{"2015-03-01T00:00:00", 16495, 2015*12 + 2},
		{"2015-12-31T23:59:59", 16800, 2015*12 + 11},
		{"2016-01-01T00:00:00", 16801, 2016 * 12},
	} {
		at, err := time.ParseInLocation("2006-01-02T15:04:05", c.at, tokyo)
		if err != nil {
			t.Fatal(err)
		}
		hour := hourOf(at)
		if DayOf(at) != c.day || monthOf(hour) != c.month || hour != c.day*24+int64(at.Hour()) {
			t.Errorf("%s: day %d, month %d, hour %d", c.at, DayOf(at), monthOf(hour), hour)
		}
	}
}

// TestUnused: who was called from it, shut or released is not.
func TestUnused(t *testing.T) {
	for _, c := range []struct {
		a    Account
		want bool
	}{
		{Account{}, true},
		{Account{Month: Sum{In: 1}}, false},
		{Account{Shut: fact.WindowDay}, false},
		{Account{Epoch: 1}, false},
	} {
		if c.a.Unused() != c.want {
			t.Errorf("%+v: want %v", c.a, c.want)
		}
	}
	l := NewLedger(noAccounts{})
	if _, err := l.Follow(fact.PINSet{PIN: fact.PIN{Extension: "201"}}, 0); err != nil {
		t.Fatal(err)
	}
	if a := l.accounts["person/201/abroad"]; !a.Unused() {
		t.Errorf("after a PIN was set: %+v", a)
	}
}

// TestAdvance: what no window reaches is forgotten, and what a clock that stood
// ahead has counted counts now.
func TestAdvance(t *testing.T) {
	hour := hourOf(wednesday)
	month, day := monthOf(hour), hour/dayHours
	for name, c := range map[string]struct{ was, is Account }{
		"nothing": {Account{}, Account{Month: Sum{In: month}}},
		"a day and the hour before": {
			Account{Hours: []Sum{{hour - 25, 1}, {hour - 24, 2}, {hour, 3}}, Month: Sum{month, 6}},
			Account{Hours: []Sum{{hour - 24, 2}, {hour, 3}}, Month: Sum{month, 6}},
		},
		"ahead": {
			Account{Hours: []Sum{{hour - 1, 1}, {hour + 1, 2}, {hour + 2, 4}}, Month: Sum{month + 1, 6}},
			Account{Hours: []Sum{{hour - 1, 1}, {hour, 6}}, Month: Sum{month, 6}},
		},
		"ahead, onto this hour": {
			Account{Hours: []Sum{{hour, 1}, {hour + 1, 2}}, Month: Sum{month, 3}},
			Account{Hours: []Sum{{hour, 3}}, Month: Sum{month, 3}},
		},
		"ahead with nothing": {
			Account{Hours: []Sum{{hour - 1, 1}, {hour + 1, 0}}, Month: Sum{month, 6}},
			Account{Hours: []Sum{{hour - 1, 1}}, Month: Sum{month, 6}},
		},
		"another month": {Account{Month: Sum{month - 1, 6}}, Account{Month: Sum{In: month}}},
		"numbers of today": {
			Account{Day: day, Callees: []uint32{1}},
			Account{Day: day, Callees: []uint32{1}, Month: Sum{In: month}},
		},
		"numbers of before": {Account{Day: day - 1, Callees: []uint32{1}}, Account{Month: Sum{In: month}}},
		"no numbers":        {Account{Day: day - 1}, Account{Day: day - 1, Month: Sum{In: month}}},
		"vouched ahead": {
			Account{Vouched: []Vouch{{1, hour + 9}}}, Account{Vouched: []Vouch{{1, hour}}, Month: Sum{In: month}},
		},
		"vouched before": {
			Account{Vouched: []Vouch{{1, hour - 9}}}, Account{Vouched: []Vouch{{1, hour - 9}}, Month: Sum{In: month}},
		},
	} {
		a := c.was.clone()
		a.advance(hour)
		if len(a.Hours) == 0 {
			a.Hours = nil
		}
		if !reflect.DeepEqual(*a, c.is) {
			t.Errorf("%s:\n%+v, want\n%+v", name, *a, c.is)
		}
	}
}

// TestUsed: what each window counts.
func TestUsed(t *testing.T) {
	hour := hourOf(wednesday) // noon
	a := Account{
		Hours: []Sum{
			{hour - 25, 1},
			{hour - 24, 10},
			{hour - 13, 100},
			{hour - 12, 1000},
			{hour, 10_000},
			{hour + 1, 100_000},
		},
		Month: Sum{monthOf(hour), 7},
	}
	if got := a.Used(wednesday); got != (Used{Hour: 110_000, Incident: 111_110, Day: 111_000, Month: 7}) {
		t.Errorf("%+v", got)
	}
	if got := a.Used(wednesday.AddDate(0, 1, 0)); got != (Used{}) {
		t.Errorf("a month later: %+v", got)
	}
	if got := a.Used(wednesday.AddDate(0, -1, 0)).Month; got != 7 {
		t.Errorf("of a month ahead: %d", got)
	}
}

// TestRoom: the window that leaves least decides, nothing bounds without caps.
func TestRoom(t *testing.T) {
	hour := hourOf(wednesday)
	a := Account{Hours: []Sum{{hour, 100}}, Month: Sum{monthOf(hour), 100}}
	for _, c := range []struct {
		caps    fact.Caps
		room    int64
		window  string
		ceiling int64
	}{
		{fact.Caps{}, -1, "", 0},
		{fact.Caps{Hour: 150}, 50, fact.WindowHour, 150},
		{fact.Caps{Hour: 150, Incident: 149, Day: 151, Month: 152}, 49, fact.WindowIncident, 149},
		{fact.Caps{Hour: 150, Incident: 150, Day: 150, Month: 150}, 50, fact.WindowHour, 150},
		{fact.Caps{Day: 100, Month: 99}, 0, fact.WindowDay, 100},
		{fact.Caps{Month: 99}, 0, fact.WindowMonth, 99},
		{fact.Caps{Hour: 150, Month: 101}, 1, fact.WindowMonth, 101},
	} {
		room, window, ceiling := a.room(hour, c.caps)
		if room != c.room || window != c.window || ceiling != c.ceiling {
			t.Errorf("%+v: %d of %s, %d", c.caps, room, window, ceiling)
		}
	}
}

// TestAdmits: calls at once and numbers of a day.
func TestAdmits(t *testing.T) {
	many := make([]uint32, calleesMax)
	for i := range many {
		many[i] = uint32(i) + 1
	}
	for _, c := range []struct {
		name   string
		a      Account
		caps   fact.Caps
		callee uint32
		window string
		top    int64
	}{
		{"no caps", Account{Open: 9, Callees: []uint32{1}}, fact.Caps{}, 5, "", 0},
		{"one more call", Account{Open: 1}, fact.Caps{AtOnce: 2}, 0, "", 0},
		{"one too many", Account{Open: 2}, fact.Caps{AtOnce: 2}, 0, fact.WindowAtOnce, 2},
		{"one more number", Account{Callees: []uint32{1}}, fact.Caps{Callees: 2}, 5, "", 0},
		{"one number too many", Account{Callees: []uint32{1, 2}}, fact.Caps{Callees: 2}, 5, fact.WindowCallees, 2},
		{"a known number", Account{Callees: []uint32{1, 5}}, fact.Caps{Callees: 2}, 5, "", 0},
		{"no number", Account{Callees: []uint32{1, 2}}, fact.Caps{Callees: 2}, 0, "", 0},
		{"more than are counted", Account{Callees: many}, fact.Caps{Callees: 5000}, 5000, fact.WindowCallees, 5000},
		{"as many as are counted, less one", Account{Callees: many[1:]}, fact.Caps{Callees: 5000}, 5000, "", 0},
	} {
		if window, top := c.a.admits(c.caps, c.callee); window != c.window || top != c.top {
			t.Errorf("%s: %q, %d", c.name, window, top)
		}
	}
}

// TestRefund: money goes back into its hour and its month, never below nothing.
func TestRefund(t *testing.T) {
	hour := hourOf(wednesday)
	a := Account{Hours: []Sum{{hour - 1, 50}, {hour, 30}}, Month: Sum{monthOf(hour), 60}}
	a.refund(hour, 10)
	a.refund(hour-1, 60)
	if a.Hours[0].Amount != 0 || a.Hours[1].Amount != 20 || a.Month.Amount != 0 {
		t.Errorf("%+v", a)
	}
	a.Month.Amount = 60
	a.refund(hour-24*40, 10)
	if a.Month.Amount != 60 {
		t.Errorf("of another month: %+v", a.Month)
	}
}

// TestCallees: a number counts once a day.
func TestCallees(t *testing.T) {
	var a Account
	hour := hourOf(wednesday)
	for _, n := range []uint32{4, 5, 4} {
		a.call(hour, n)
	}
	if len(a.Callees) != 2 || a.Day != hour/dayHours {
		t.Errorf("%+v", a)
	}
	a.call(hour+dayHours, 4)
	if len(a.Callees) != 1 || a.Day != hour/dayHours+1 {
		t.Errorf("the next day: %+v", a)
	}
}

// TestNearing: the highest share that nobody was told of, once a window.
func TestNearing(t *testing.T) {
	hour := hourOf(wednesday)
	at := func(amount int64) *Account {
		return &Account{Hours: []Sum{{hour, amount}}, Month: Sum{monthOf(hour), amount}}
	}
	for _, c := range []struct {
		name   string
		a      *Account
		caps   fact.Caps
		window string
		share  int
	}{
		{"not half", at(499), fact.Caps{Day: 1000}, "", 0},
		{"half", at(500), fact.Caps{Day: 1000}, fact.WindowDay, 50},
		{"not four fifths", at(799), fact.Caps{Hour: 1000}, fact.WindowHour, 50},
		{"four fifths", at(800), fact.Caps{Month: 1000}, fact.WindowMonth, 80},
		{"the higher share", at(800), fact.Caps{Hour: 1600, Day: 1000, Month: 1200}, fact.WindowDay, 80},
		{"the first of two", at(800), fact.Caps{Hour: 1000, Day: 1000}, fact.WindowHour, 80},
		{"no caps", at(800), fact.Caps{}, "", 0},
	} {
		f, ok := c.a.Nearing("x/y", c.caps, wednesday)
		if f.Window != c.window || f.Share != c.share || ok != (c.share > 0) {
			t.Errorf("%s: %+v %v", c.name, f, ok)
		}
		if ok && (f.Account != "x/y" || f.Used != c.a.Hours[0].Amount || f.Cap < 1000 || !f.At.Equal(wednesday)) {
			t.Errorf("%s: %+v", c.name, f)
		}
		if !ok {
			continue
		}
		c.a.tell(f.Window, f.Share, hour)
		if again, ok := c.a.Nearing("x/y", c.caps, wednesday); ok && again.Window == f.Window {
			t.Errorf("%s: told again: %+v", c.name, again)
		}
	}
	shut := at(900)
	shut.Shut = fact.WindowDay
	if f, ok := shut.Nearing("x/y", fact.Caps{Day: 1000}, wednesday); ok {
		t.Errorf("of a shut budget: %+v", f)
	}
	a := at(900)
	for _, c := range []struct {
		window, other string
		until         int64 // hours for which it is told
	}{
		{fact.WindowHour, fact.WindowHour, 1},
		{fact.WindowDay, fact.WindowIncident, 12},
		{fact.WindowIncident, fact.WindowDay, 12},
		{fact.WindowMonth, fact.WindowMonth, 20*24 + 12},
	} {
		a.Told = nil
		a.tell(c.window, 50, hour)
		if a.told(c.other, hour+c.until-1) != 50 || a.told(c.other, hour+c.until) != 0 || len(a.Told) != 1 {
			t.Errorf("%s: told %+v", c.window, a.Told)
		}
	}
	a.Told = []Told{{Window: fact.WindowHour, In: 5, Share: 80}}
	if a.told(fact.WindowMonth, 5) != 0 {
		t.Error("what was told of another window counts")
	}
}
