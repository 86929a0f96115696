package watch

import "time"

// Kind is one kind of alert. The names are stable: configuration, evidence and
// receivers know them.
type Kind string

// The kinds.
const (
	Barred    Kind = "barred"    // calls that the gate refuses, again and again
	Abroad    Kind = "abroad"    // a call abroad goes out
	OffHours  Kind = "off-hours" // somebody calls abroad while the office is closed
	SignIn    Kind = "sign-in"   // somebody tries secrets, or calls 110 as a stranger
	NewPlace  Kind = "new-place" // a phone's credential is used from elsewhere
	Money     Kind = "money"     // a budget is used up, and shut
	Change    Kind = "change"    // settings are changed
	Safeguard Kind = "safeguard" // what protects the unit is broken
)

// Rule is one kind and what makes an alert of it.
type Rule struct {
	Kind Kind
	// Threshold is how often it has to happen, by default; for Seconds how long
	// it has to last.
	Threshold int
	Most      int // the highest threshold that may be set; the least is 1
	Seconds   bool
	// Window is the silence after which an episode is over; occurrences farther
	// apart do not add up. Conditions have none.
	Window time.Duration
	// Ends says that the end of an episode is told even where nothing happened
	// since the last alert about it.
	Ends bool
	// Loud says that quiet hours do not hold it back.
	Loud bool
}

// rules is the table of kinds, in the order in which people read them.
var rules = []Rule{
	{Kind: Barred, Threshold: 2, Most: 100, Window: time.Hour, Ends: true},
	{Kind: Abroad, Threshold: 1, Most: 100, Window: time.Hour},
	{Kind: OffHours, Threshold: 1, Most: 100, Window: time.Hour, Loud: true},
	{Kind: SignIn, Threshold: 20, Most: 10_000, Window: 10 * time.Minute, Ends: true},
	{Kind: NewPlace, Threshold: 1, Most: 100, Window: time.Hour, Loud: true},
	{Kind: Money, Threshold: 1, Most: 100, Window: time.Hour, Loud: true},
	{Kind: Change, Threshold: 1, Most: 100, Window: 10 * time.Minute, Loud: true},
	{Kind: Safeguard, Threshold: 10, Most: 3600, Seconds: true, Ends: true, Loud: true},
}

// Rules lists the kinds.
func Rules() []Rule { return append([]Rule(nil), rules...) }

// RuleOf finds a kind.
func RuleOf(k Kind) (Rule, bool) {
	for _, r := range rules {
		if r.Kind == k {
			return r, true
		}
	}
	return Rule{}, false
}

// zone is what hours are meant in.
var zone = time.FixedZone("JST", 9*60*60)

// Hours is a span of each day in minutes after midnight in Japan; one that
// ends before it begins goes over midnight. The zero Hours are never.
type Hours struct{ From, To int }

// Has tells whether a time is within.
func (h Hours) Has(at time.Time) bool {
	t := at.In(zone)
	m := t.Hour()*60 + t.Minute()
	if h.From <= h.To {
		return h.From <= m && m < h.To
	}
	return m >= h.From || m < h.To
}

// end gives the next end of the span after a time within it.
func (h Hours) end(at time.Time) time.Time {
	t := at.In(zone)
	end := time.Date(t.Year(), t.Month(), t.Day(), 0, h.To, 0, 0, zone)
	if !end.After(t) {
		end = end.AddDate(0, 0, 1)
	}
	return end.UTC()
}

// Settings is what the owner may choose.
type Settings struct {
	Thresholds map[Kind]int // those that differ from the defaults
	Quiet      Hours        // alerts that are not Loud wait until their end
	Office     Hours        // the office is open, Monday to Friday; never means always
	// Closed tells the days on which the office is closed besides; nil for none.
	Closed func(year int, month time.Month, day int) bool
}

// Threshold gives what holds for a kind.
func (s Settings) Threshold(k Kind) int {
	if n := s.Thresholds[k]; n > 0 {
		return n
	}
	r, _ := RuleOf(k)
	return r.Threshold
}

// closed tells whether nobody is expected to call.
func (s Settings) closed(at time.Time) bool {
	if s.Office == (Hours{}) {
		return false
	}
	local := at.In(zone)
	day := local.Weekday()
	return day == time.Saturday || day == time.Sunday || !s.Office.Has(at) ||
		s.Closed != nil && s.Closed(local.Date())
}
