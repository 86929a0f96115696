package budget

import "time"

// What a budget may hold, and how a call is told to end.
const (
	limitsMax   = 10_000 // bounds set beside the factory's
	groupsMax   = 4      // of an extension, the first by number
	accountsMax = 1 << 16
	calleesMax  = 1000 // different numbers that a cap may ask to count
	vouchedMax  = 200  // numbers that a person vouches for, then the oldest is forgotten

	// personTimes is how many times an extension's budget the person's own one is.
	personTimes = 2
	// vouchedHours is how long a PIN vouches for the number that was called with it.
	vouchedHours = 90 * dayHours

	// guard lies between our end of a call and the next unit that the carrier
	// would start: its clock began before ours, and its end comes after ours.
	guard = 3 * time.Second
	// skew is how much of it is the carrier's; the rest is ours, for the time
	// from a deadline to the BYE.
	skew = 2 * time.Second
	// lead is how long before the end of a slice the next one is asked for: so
	// that who talks can type its PIN in time if there is none.
	lead = 45 * time.Second
	// talkMin is the least talk that a call is let begin or go on for.
	talkMin = 20 * time.Second
	// Slices of talk: the first one, and how many times as long one may get.
	sliceAbroad = time.Minute
	sliceOwn    = 3 * time.Minute // abroad, from a person's own budget
	sliceHome   = 10 * time.Minute
	sliceGrowth = 5
	// growthAbroad is sliceGrowth for calls that are dear: what is set aside far
	// ahead is missing to the office's other calls.
	growthAbroad = 2
)

// What budgets that follow an office's habit go by.
const (
	daysKept      = 56 // days of history
	daysYoung     = 3  // the last ones, which count for nothing
	daysLeast     = 10 // days with calls, or nothing is suggested
	monthDays     = 30 // of which a month's budget is made
	usualPercent  = 95 // of the days stay within what is usual
	weightFirst   = 1 << 40
	fadePercent   = 95  // what a day counts, of the one after it: half in two weeks
	marginPercent = 150 // of what is usual
	growthPercent = 150 // of what a budget is, at most, from one week to the next
	stepYen       = 500 * yen
	monthOfDays   = 22 // days of a ceiling in a month
)
