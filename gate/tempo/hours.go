package tempo

import "time"

const (
	slots     = 48 // hours of a working day, and of one at the weekend
	hourWhole = 64 // one call
	// A slot is dead in which less than one of so many calls was made.
	hourRare = 200
)

// hours is when an office telephones: an ordinary one, until it shows how it
// does.
type hours struct {
	Calls [slots]int64 // in parts of hourWhole, fading
	Total int64
	Today int64 // the day up to which they faded
}

// slot is the hour of the day, apart for weekends.
func slot(t time.Time) int {
	if d := t.Weekday(); d == time.Saturday || d == time.Sunday {
		return 24 + t.Hour()
	}
	return t.Hour()
}

// ordinary are the calls of an ordinary office, for a start.
func ordinary(slot int) int64 {
	switch {
	case slot >= 8 && slot < 19:
		return 4 * hourWhole
	case slot == 7 || slot >= 19 && slot < 22:
		return hourWhole
	}
	return 0
}

const ordinaryTotal = (11*4 + 4) * hourWhole

func (h *hours) learn(slot int) {
	h.Calls[slot] += hourWhole
	h.Total += hourWhole
}

// turn fades what was learned, once a day.
func (h *hours) turn(now int64) {
	today := now / day
	if h.Today == 0 {
		h.Today = today
	}
	if today == h.Today {
		return
	}
	h.Total = 0
	for i := range h.Calls {
		h.Calls[i] = fade(h.Calls[i], today-h.Today, hoursHalfLife)
		h.Total += h.Calls[i]
	}
	h.Today = today
}

// dead tells an hour in which nobody telephones.
func (h *hours) dead(slot int) bool {
	return (h.Calls[slot]+ordinary(slot))*hourRare < h.Total+ordinaryTotal
}

// offHours: a call at an hour in which nobody telephones here.
func (l *look) offHours() (Strength, int64, int64) {
	if !l.w.unit.Hours.dead(l.hour) {
		return None, 0, 0
	}
	return Weak, int64(l.hour % 24), l.w.unit.Hours.Calls[l.hour] / hourWhole
}
