package budget

import (
	"slices"
	"time"

	"github.com/sekisho/sekisho/fact"
)

// Hours are counted from 1970 in the time of Japan, which knows no summer
// time: days and months of the calendar begin with one.
const (
	japan    = 9 * time.Hour
	dayHours = 24
)

func hourOf(t time.Time) int64 {
	return (t.Unix() + int64(japan/time.Second)) / int64(time.Hour/time.Second)
}

// DayOf is the day of Japan's calendar on which a time falls, counted from 1970.
func DayOf(t time.Time) int64 { return hourOf(t) / dayHours }

func monthOf(hour int64) int64 {
	t := time.Unix(hour*int64(time.Hour/time.Second), 0).UTC()
	return int64(t.Year())*12 + int64(t.Month()) - 1
}

// Sum is an amount of money in an hour or a month, thousandths of yen.
type Sum struct {
	In     int64 `json:"in"` // hours or months since 1970 and the year 0
	Amount int64 `json:"amount"`
}

// Account is what one budget has spent and set aside. Money counts in the hour
// in which it was set aside. The zero Account is a new one.
type Account struct {
	Hours []Sum `json:"hours,omitempty"` // of the last day and the hour before, oldest first
	Month Sum   `json:"month,omitzero"`
	Held  int64 `json:"held,omitempty"` // of it, set aside for calls that go on
	Open  int   `json:"open,omitempty"` // those calls
	// Callees are marks of the numbers called on Day.
	Day     int64    `json:"day,omitempty"`
	Callees []uint32 `json:"callees,omitempty"`
	// Told is what share of its windows the owner was told of.
	Told []Told `json:"told,omitempty"`
	// Shut is the window that was exhausted, "" while it is open.
	Shut string `json:"shut,omitempty"`
	// Epoch counts releases: what was set aside before one does not come back.
	Epoch int `json:"epoch,omitempty"`
	// Vouched are the numbers abroad that were called with a PIN, the latest last.
	Vouched []Vouch `json:"vouched,omitempty"`
}

// Vouch is a number that a person called with its PIN: until that is long ago it
// calls it again from its own budget without being asked.
type Vouch struct {
	Callee uint32 `json:"callee"` // the number's mark
	In     int64  `json:"in"`     // hours since 1970
}

// holds tells whether a vouch still counts in an hour.
func (v *Vouch) holds(hour int64) bool { return hour-v.In <= vouchedHours }

// Unused tells that nothing was ever set aside in the account, nor has anybody shut
// or released it.
func (a *Account) Unused() bool { return a.Month.In == 0 && a.Shut == "" && a.Epoch == 0 }

func (a *Account) clone() *Account {
	b := *a
	b.Hours, b.Callees, b.Told = slices.Clone(a.Hours), slices.Clone(a.Callees), slices.Clone(a.Told)
	b.Vouched = slices.Clone(a.Vouched)
	return &b
}

// advance forgets what no window reaches at an hour. What was counted in hours
// that are still to come, because a clock stood ahead, counts in this one: a
// clock that is put right lets go of nothing.
func (a *Account) advance(hour int64) {
	if n := len(a.Hours); n > 0 && (a.Hours[0].In < hour-dayHours || a.Hours[n-1].In > hour) {
		kept, ahead := a.Hours[:0], int64(0)
		for _, s := range a.Hours {
			switch {
			case s.In > hour:
				ahead += s.Amount
			case s.In >= hour-dayHours:
				kept = append(kept, s)
			}
		}
		a.Hours = kept
		if ahead > 0 {
			a.add(hour, ahead)
		}
	}
	switch month := monthOf(hour); {
	case a.Month.In < month:
		a.Month = Sum{In: month}
	case a.Month.In > month:
		a.Month.In = month
	}
	if day := hour / dayHours; a.Day != day && len(a.Callees) > 0 {
		a.Day, a.Callees = 0, nil
	}
	for i := range a.Vouched {
		a.Vouched[i].In = min(a.Vouched[i].In, hour)
	}
}

// Used is what the windows of an account have spent and set aside.
type Used struct{ Hour, Incident, Day, Month int64 }

// Used tells what counts at a time.
func (a *Account) Used(at time.Time) Used { return a.used(hourOf(at)) }

func (a *Account) used(hour int64) (u Used) {
	for _, s := range a.Hours {
		if s.In < hour-dayHours {
			continue
		}
		in := min(s.In, hour) // as advance has it
		u.Incident += s.Amount
		if in == hour {
			u.Hour += s.Amount
		}
		if in/dayHours == hour/dayHours {
			u.Day += s.Amount
		}
	}
	if a.Month.In >= monthOf(hour) {
		u.Month = a.Month.Amount
	}
	return u
}

// usedOf is what is used of one window's cap.
type usedOf struct {
	window    string
	used, top int64
}

func windowsOf(u Used, c fact.Caps) [4]usedOf {
	return [...]usedOf{
		{fact.WindowHour, u.Hour, c.Hour},
		{fact.WindowIncident, u.Incident, c.Incident},
		{fact.WindowDay, u.Day, c.Day},
		{fact.WindowMonth, u.Month, c.Month},
	}
}

// room is what may still be set aside under caps, and the window that leaves
// least; -1 where nothing bounds it.
func (a *Account) room(hour int64, c fact.Caps) (room int64, window string, ceiling int64) {
	room = -1
	for _, w := range windowsOf(a.used(hour), c) {
		if left := max(w.top-w.used, 0); w.top > 0 && (room < 0 || left < room) {
			room, window, ceiling = left, w.window, w.top
		}
	}
	return room, window, ceiling
}

// admits tells why no further call may begin, "" if it may.
func (a *Account) admits(c fact.Caps, callee uint32) (window string, ceiling int64) {
	switch {
	case c.AtOnce > 0 && a.Open >= c.AtOnce:
		return fact.WindowAtOnce, int64(c.AtOnce)
	case c.Callees > 0 && callee != 0 && len(a.Callees) >= min(c.Callees, calleesMax) &&
		!slices.Contains(a.Callees, callee):
		return fact.WindowCallees, int64(c.Callees)
	}
	return "", 0
}

// charge counts money in an hour.
func (a *Account) charge(hour, amount int64) {
	a.add(hour, amount)
	a.Month.Amount += amount
}

func (a *Account) add(hour, amount int64) {
	if n := len(a.Hours); n > 0 && a.Hours[n-1].In == hour {
		a.Hours[n-1].Amount += amount
	} else {
		a.Hours = append(a.Hours, Sum{In: hour, Amount: amount})
	}
}

// refund takes money out of the hour in which it was counted.
func (a *Account) refund(hour, amount int64) {
	for i := range a.Hours {
		if s := &a.Hours[i]; s.In == hour {
			s.Amount = max(s.Amount-amount, 0)
		}
	}
	if a.Month.In == monthOf(hour) {
		a.Month.Amount = max(a.Month.Amount-amount, 0)
	}
}

// call counts a number that was called.
func (a *Account) call(hour int64, callee uint32) {
	if day := hour / dayHours; a.Day != day {
		a.Day, a.Callees = day, nil
	}
	if !slices.Contains(a.Callees, callee) {
		a.Callees = append(a.Callees, callee)
	}
}

// vouch notes that a number was called with a PIN in an hour, and forgets those
// for which that is too long ago.
func (a *Account) vouch(callee uint32, hour int64) {
	a.Vouched = slices.DeleteFunc(a.Vouched, func(v Vouch) bool { return v.Callee == callee || !v.holds(hour) })
	if over := len(a.Vouched) + 1 - vouchedMax; over > 0 {
		a.Vouched = slices.Delete(a.Vouched, 0, over)
	}
	a.Vouched = append(a.Vouched, Vouch{Callee: callee, In: hour})
}

// release opens the account again, with nothing spent in the windows of a day
// and, if it was that, of the month.
func (a *Account) release() {
	a.Hours, a.Day, a.Callees, a.Told = nil, 0, nil, nil
	if a.Shut == fact.WindowMonth {
		a.Month.Amount = 0
	}
	a.Shut = ""
	a.Epoch++
}
