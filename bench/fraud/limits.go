package main

import "time"

// The measures of a run.
const (
	quickTime     = 43 * time.Second // then a quick run plays nothing new
	quickPeace    = 2500             // calls of each kind of office, of each subject
	peacePart     = 25_000           // calls of a part of a run, of each kind of office
	othersParts   = 2                // parts that those meet who have no bars
	quickRounds   = 3                // attacks of each family, if there is time
	fullRounds    = 20
	quickEpisodes = 60 // of the adaptive attacker
	fullEpisodes  = 2000
	peaceDaysMax  = 3000
	historyMost   = 21 // days of peace before half of the attacks
	tuneRounds    = 1
	tunePeace     = 800
	// Attacks that are played with a store beside the books in memory: short, because
	// a disk takes its time.
	excerptTime     = 6 * time.Hour
	excerptAttempts = 120
	excerptOffice   = 300 // calls of the office, then it ends
	compareQuick    = 3   // attacks
	compareFull     = 30
	troubleQuick    = 1 // attacks of each family with each kind of trouble
	troubleFull     = 3
	// Attacks that are played with something going wrong.
	troubleTime     = 4 * 24 * time.Hour
	troubleAttempts = 1500
	troubleOffice   = 3000 // calls of the office, then it ends
	killTries       = 40   // attempts between two kills, at most
	killsMost       = 5    // of one attack
	downLeast       = 2 * time.Second
	downMost        = 90 * time.Second
	downTime        = 10 * time.Minute              // the store takes nothing for so long, then it does for as long
	carrierSkew     = 2 * time.Second               // after a call's end, that the gate counts as the carrier's
	byeLostTime     = 5 * time.Minute               // then a carrier ends a silent call by itself
	auditWindow     = 24*time.Hour - 10*time.Minute // budgets count hours of the clock, money before it is billed
	fastRate        = 6                             // calls a minute, above which an attack is fast
	worstSpan       = 24 * time.Hour
	gcPercent       = 400 // there is little that lives long
	// What a fitted owner goes by.
	fitTime    = 30 * 24 * time.Hour // records
	fitTimes   = 2                   // the dearest day
	fitStep    = 500_000             // thousandths of yen
	fitDays    = 22                  // such days in a month
	openFirst  = 20                  // countries that are open from the start where all are, of each telephone
	ticksMax   = 1_000_000
	confidence = 0.95
)

// The bars that a full run has to be long enough for: a bound can be below them
// only with so many calls (callsFor).
const (
	barRefused = 1e-5 // of all calls
	barAbroad  = 1e-4 // refused, of calls abroad
	barCut     = 1e-6

	barChallenged  = 1e-3
	barMedian      = 500_000 // thousandths of yen
	barP95         = 3_000_000
	barMax         = 10_000_000
	barCallsMedian = 2
	barCallsP95    = 5
	barShut        = 10 // seconds, of attacks above six calls a minute
)

// The purposes that seeds are kept apart by.
const (
	seedDevelopment = 0x5e_d1_5e_ed // tuning and teaching: never drawn for a run
	seedCompare     = 5
	seedTrouble     = 6
	roundSeeds      = 1_000_003
)

// The measures of a run at the level of SIP.
const (
	stagesAtOnce  = 8
	officesTried  = 60
	beginIn       = 300 * time.Millisecond // after the stage stands
	hurriedTurn   = time.Second            // of a channel: talk and gap
	hurriedTalk   = 100 * time.Millisecond // the shortest
	hurriedRing   = 12                     // times as fast
	hurriedSlice  = 22 * time.Second
	shortSlice    = 8 * time.Second
	longSlice     = 100 * time.Second
	killAfter     = 40 * time.Second // in a call of the first minute, of which one slice is set aside
	killDown      = 25 * time.Second // so that the second minute begins meanwhile
	lateByes      = 2                // are lost: the third comes 1.5 s after the first
	apartMost     = 1_000_000        // thousandths of yen, beyond twice as much
	agreeShare    = 0.15             // of the yen, by which the levels may differ
	agreeMilliYen = 400_000          // or by two dear calls
)
