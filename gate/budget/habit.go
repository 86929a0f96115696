package budget

import (
	"cmp"
	"slices"
	"time"

	"github.com/sekisho/sekisho/fact"
)

// Habit is what budgets were used for, day by day. It is what Suggest goes by.
// The zero Habit knows of nothing.
type Habit struct{ accounts map[string]map[int64]*spent }

// spent is what one account spent on one day.
type spent struct {
	amount int64
	doubt  bool // a call of that day was cut or set apart: the day says nothing
}

// Add counts a call that is over, in every account that it was charged to.
// doubt says that it was none of the office's own, or may have been.
func (h *Habit) Add(accounts []fact.Charge, at time.Time, cost int64, doubt bool) {
	if h.accounts == nil {
		h.accounts = make(map[string]map[int64]*spent)
	}
	for _, c := range accounts {
		days := h.accounts[c.Account]
		if days == nil {
			if len(h.accounts) >= accountsMax {
				continue
			}
			days = make(map[int64]*spent)
			h.accounts[c.Account] = days
		}
		d := days[DayOf(at)]
		if d == nil {
			d = new(spent)
			days[DayOf(at)] = d
		}
		d.amount, d.doubt = d.amount+max(cost, 0), d.doubt || doubt
	}
}

// Accounts lists the accounts that something was counted in.
func (h *Habit) Accounts() []string {
	out := make([]string, 0, len(h.accounts))
	for id := range h.accounts {
		out = append(out, id)
	}
	slices.Sort(out)
	return out
}

// Suggestion is a budget that fits what an account was used for.
type Suggestion struct {
	fact.Limit
	Days    int   // of history that it goes by
	Usual   int64 // what is spent on nineteen days of twenty
	Fits    int64 // what a day's budget would be for that, if nothing bounded it
	Bounded bool  // it would be more, but for the ceiling or for the growth of a week
}

// Suggest says to what an account's day, 24 hours and month should be widened,
// from what they are now; false where it is wide enough, or too little is
// known. It goes by the days of the last weeks, recent ones more, and widens by
// no more than growth at once: it is to be asked once a week at most. The last
// days count for nothing, and no day with a call in doubt, so that whoever
// steals a phone does not widen its budget; nor is it ever more than ceiling
// thousandths of yen on a day.
func (h *Habit) Suggest(id string, now fact.Limit, at time.Time, ceiling int64) (s Suggestion, ok bool) {
	days, month := h.days(id, DayOf(at))
	s = Suggestion{Limit: now, Days: len(days)}
	if len(days) < daysLeast {
		return s, false
	}
	s.Usual = quantile(days)
	widen := func(to *int64, want, top int64) {
		if *to == 0 { // no bound
			return
		}
		if most := min(top, *to/100*growthPercent); want > most {
			want, s.Bounded = max(most, *to), true
		}
		if want > *to {
			*to, ok = want, true
		}
	}
	s.Fits = margin(s.Usual)
	widen(&s.Day, s.Fits, ceiling)
	widen(&s.Incident, s.Fits, ceiling)
	widen(&s.Month, margin(month), ceiling*monthOfDays)
	return s, ok
}

// margin leaves room above what is usual, in whole steps.
func margin(usual int64) int64 {
	want := usual / 100 * marginPercent
	return (want + stepYen - 1) / stepYen * stepYen
}

// weighed is what was spent on a day, and how much the day counts.
type weighed struct {
	amount, weight int64
}

// days gives the days that count, and the most that thirty in a row have spent.
func (h *Habit) days(id string, today int64) (out []weighed, month int64) {
	all := h.accounts[id]
	for age := int64(daysYoung + 1); age <= daysKept; age++ {
		d := all[today-age]
		if d == nil || d.doubt || d.amount == 0 {
			continue
		}
		weight := int64(weightFirst)
		for range age {
			weight = weight / 100 * fadePercent
		}
		out = append(out, weighed{d.amount, weight})
		sum := int64(0)
		for n := range int64(monthDays) {
			if e := all[today-age-n]; e != nil && !e.doubt {
				sum += e.amount
			}
		}
		month = max(month, sum)
	}
	return out, month
}

// quantile is what nineteen of twenty days stay within, by their weight.
func quantile(days []weighed) int64 {
	slices.SortFunc(days, func(a, b weighed) int { return cmp.Compare(a.amount, b.amount) })
	var total, below int64
	for _, d := range days {
		total += d.weight
	}
	within := slices.IndexFunc(days, func(d weighed) bool {
		below += d.weight
		return below >= total/100*usualPercent
	})
	return days[within].amount
}
