package budget

import (
	"slices"
	"time"

	"github.com/sekisho/sekisho/fact"
)

// shares are the percentages of a budget at which its owner is told, the
// highest first.
var shares = [...]int{80, 50}

// Told is what share of one window the owner was told of.
type Told struct {
	Window string `json:"window"`
	In     int64  `json:"in"` // hours, days or months since 1970 and the year 0
	Share  int    `json:"share"`
}

// span names the window and its current instance for who is told: any 24 hours
// and the day of the calendar are one, or every morning would tell of the
// evening again.
func span(window string, hour int64) (string, int64) {
	switch window {
	case fact.WindowHour:
		return window, hour
	case fact.WindowMonth:
		return window, monthOf(hour)
	}
	return fact.WindowDay, hour / dayHours
}

// Nearing tells what the owner has to be told of an account that is open: the
// highest share of a window that it reached and that nobody was told of. ok is
// false for nothing.
func (a *Account) Nearing(id string, c fact.Caps, at time.Time) (f fact.BudgetNearing, ok bool) {
	if a.Shut != "" {
		return f, false
	}
	hour := hourOf(at)
	u := a.used(hour)
	for _, w := range windowsOf(u, c) {
		for _, share := range shares {
			if w.top <= 0 || w.used < w.top/100*int64(share) || a.told(w.window, hour) >= share {
				continue
			}
			if share > f.Share {
				f = fact.BudgetNearing{Account: id, Window: w.window, Share: share, Used: w.used, Cap: w.top, At: at}
			}
			break
		}
	}
	return f, f.Share > 0
}

// told is the share of a window that the owner was told of.
func (a *Account) told(window string, hour int64) int {
	window, in := span(window, hour)
	for _, t := range a.Told {
		if t.Window == window && t.In == in {
			return t.Share
		}
	}
	return 0
}

// tell notes a share.
func (a *Account) tell(window string, share int, hour int64) {
	window, in := span(window, hour)
	a.Told = slices.DeleteFunc(a.Told, func(t Told) bool { return t.Window == window })
	a.Told = append(a.Told, Told{Window: window, In: in, Share: share})
}
