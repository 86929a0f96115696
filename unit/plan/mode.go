package plan

import (
	"fmt"
	"slices"
	"time"

	"github.com/sekisho/sekisho/calendar"
	"github.com/sekisho/sekisho/fact"
)

// Mode is one of the ways in which an office takes its calls 昼・夜1・夜2・休日.
type Mode uint8

// The modes. The zero Mode is Day.
const (
	Day Mode = iota
	Night1
	Night2
	Holiday
	modes
)

var modeNames = [modes]string{"day", "night1", "night2", "holiday"}

func (m Mode) String() string { return modeNames[m] }

// ParseMode reads a mode's name.
func ParseMode(s string) (Mode, bool) {
	i := slices.Index(modeNames[:], s)
	return Mode(max(i, 0)), i >= 0
}

// japan is the zone of timetables: no other is kept there, and no summer time.
var japan = time.FixedZone("JST", 9*60*60)

// Why says what a mode comes of.
type Why uint8

// What a mode comes of.
const (
	ByNothing   Why = iota // there is no timetable and nobody switched: it is day
	ByTimetable            // the timetable says so
	ByPerson               // somebody switched it
)

// Now is the mode that is on at a time.
type Now struct {
	Mode  Mode
	Why   Why
	Scope string            // whose timetable or switch it is: fact.ScopeUnit or the number
	By    fact.ModeSwitched // for ByPerson
	// Until is when it ends by itself, zero where that is not to be foreseen. The
	// mode may be the same one afterwards.
	Until time.Time
}

// Mode says which mode a number is in at a time; fact.ScopeUnit asks for all
// those that have nothing of their own. A number with a timetable or a switch of
// its own does not follow the unit's.
func (p *Plan) Mode(scope string, at time.Time) Now {
	if scope != fact.ScopeUnit {
		own := p.hours[scope] != nil
		if s, ok := p.switched(scope, at); ok {
			return s
		}
		if own {
			return p.timetable(scope, at)
		}
	}
	if s, ok := p.switched(fact.ScopeUnit, at); ok {
		return s
	}
	return p.timetable(fact.ScopeUnit, at)
}

// switched is the mode that a person switched, where that still counts.
func (p *Plan) switched(scope string, at time.Time) (Now, bool) {
	s, ok := p.switches[scope]
	if !ok || !s.Until.IsZero() && !at.Before(s.Until) {
		return Now{}, false
	}
	m, _ := ParseMode(s.Mode)
	return Now{Mode: m, Why: ByPerson, Scope: scope, By: s, Until: s.Until}, true
}

func (p *Plan) timetable(scope string, at time.Time) Now {
	t := p.hours[scope]
	if t == nil {
		return Now{Why: ByNothing, Scope: scope}
	}
	return Now{Mode: p.modeAt(t, at), Why: ByTimetable, Scope: scope, Until: p.next(t, at)}
}

// NextChange is when the timetable of a scope brings another mode the next time;
// zero where it has none, or where that is not to be foreseen.
func (p *Plan) NextChange(scope string, at time.Time) time.Time {
	t := p.hours[scope]
	if t == nil {
		t = p.hours[fact.ScopeUnit]
	}
	if t == nil {
		return time.Time{}
	}
	return p.next(t, at)
}

// next looks for the next change at the times of day that the timetable names.
func (p *Plan) next(t *hours, at time.Time) time.Time {
	at = at.In(japan)
	mode := p.modeAt(t, at)
	year, month, day := at.Date()
	for n := range daysAhead {
		for _, minute := range t.turns {
			turn := time.Date(year, month, day+n, 0, minute, 0, 0, japan)
			if turn.After(at) && p.modeAt(t, turn) != mode {
				return turn
			}
		}
	}
	return time.Time{}
}

func (p *Plan) modeAt(t *hours, at time.Time) Mode {
	at = at.In(japan)
	day := uint8(at.Weekday())
	if p.closed(at) {
		day = dayClosed
	}
	minute := at.Hour()*60 + at.Minute()
	for _, s := range t.spans {
		if s.days&(1<<day) != 0 && s.from <= minute && minute < s.to {
			return s.mode
		}
	}
	if day == dayClosed {
		return Holiday
	}
	return t.otherwise
}

// closed tells whether a day is a holiday, one of those on which offices are
// closed, or marked as such.
func (p *Plan) closed(at time.Time) bool {
	year, month, day := at.Date()
	if as, ok := p.days[at.Format(time.DateOnly)]; ok {
		return as == fact.DayClosed
	}
	return Closed(year, month, day)
}

// Closed tells whether the calendar has a day for one on which offices are
// closed: a national holiday, Obon, or the turn of the year.
func Closed(year int, month time.Month, day int) bool {
	if year < calendar.FirstYear || year > calendar.LastYear {
		return false // a clock that is wrong is no holiday
	}
	return calendar.Holiday(year, month, day) ||
		slices.ContainsFunc(calendar.Usual(), func(s calendar.Span) bool { return s.Covers(month, day) })
}

// dayClosed stands beside the days of the week, from time.Sunday on.
const dayClosed = 7

var dayNames = [...]string{"sun", "mon", "tue", "wed", "thu", "fri", "sat", "closed"}

// hours is a timetable as it is looked at.
type hours struct {
	spans     []span
	otherwise Mode
	turns     []int // minutes of the day at which a span begins or ends
}

type span struct {
	days     uint8 // bit n for time.Weekday n, and dayClosed
	from, to int   // minutes of the day
	mode     Mode
}

// compile reads a timetable.
func compile(f fact.HoursSet) (*hours, error) {
	other, ok := ParseMode(f.Otherwise)
	if !ok {
		return nil, fmt.Errorf("hours of %s: no mode %q", f.Scope, f.Otherwise)
	}
	if len(f.Hours) > MaxHours {
		return nil, fmt.Errorf("hours of %s: %d spans, at most %d", f.Scope, len(f.Hours), MaxHours)
	}
	t := &hours{otherwise: other, turns: []int{0}}
	for _, h := range f.Hours {
		s, err := readSpan(h)
		if err != nil {
			return nil, fmt.Errorf("hours of %s: %w", f.Scope, err)
		}
		for _, o := range t.spans {
			if o.days&s.days != 0 && s.from < o.to && o.from < s.to {
				return nil, fmt.Errorf("hours of %s: two spans at %s", f.Scope, h.From)
			}
		}
		t.spans, t.turns = append(t.spans, s), append(t.turns, s.from, s.to)
	}
	slices.Sort(t.turns)
	t.turns = slices.Compact(t.turns)
	return t, nil
}

func readSpan(h fact.Hours) (span, error) {
	s := span{from: minutes(h.From), to: minutes(h.To)}
	var ok bool
	if s.mode, ok = ParseMode(h.Mode); !ok {
		return s, fmt.Errorf("no mode %q", h.Mode)
	}
	if s.from < 0 || s.to < 0 || s.from >= s.to {
		return s, fmt.Errorf("no span from %q to %q", h.From, h.To)
	}
	for _, d := range h.Days {
		n := slices.Index(dayNames[:], d)
		if n < 0 {
			return s, fmt.Errorf("no day %q", d)
		}
		s.days |= 1 << n
	}
	if s.days == 0 {
		return s, fmt.Errorf("no day from %q to %q", h.From, h.To)
	}
	return s, nil
}

// minutes reads "09:00" as minutes of the day, -1 for what is none.
func minutes(s string) int {
	if s == "24:00" {
		return 24 * 60
	}
	t, err := time.Parse("15:04", s)
	if err != nil || len(s) != len("15:04") {
		return -1
	}
	return t.Hour()*60 + t.Minute()
}
