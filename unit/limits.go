package unit

import "time"

// Limits of the driver.
const (
	// CallsMax is how many calls a unit has at once; more are answered 503.
	// Emergency calls are not counted against it.
	CallsMax = 20_000
	// CallsPerDevice is how many of them one phone makes at once: a stolen
	// credential must not take every port and place. Emergency calls are let in
	// beyond it.
	CallsPerDevice = 64
	// AnnouncementsMax bounds how many announcements play at once; further
	// refusals are silent.
	AnnouncementsMax = 1_000
	// WaitingMax is how many calls may wait while a restarted unit hangs up
	// what was left on its lines; more are answered 503.
	WaitingMax = 256
	// WaitingUrgent is how many emergency calls may wait beyond that.
	WaitingUrgent = 64
	// DigitsWaiting is how much a call may be told that waits for its loop
	// before further DTMF digits are dropped.
	DigitsWaiting = 64
	// PostPause is the rest before a full mailbox is tried again.
	PostPause = 5 * time.Millisecond
	// DigitMax is the longest DTMF duration believed of an INFO.
	DigitMax = 5 * time.Second
	// closedAtOnce is how many books of calls that a process left are closed in
	// one go.
	closedAtOnce = 128
	// closePauseMin and closePauseMax are how long after the first failure books
	// that could not be closed are tried again, and how long at most after others.
	closePauseMin = time.Second
	closePauseMax = time.Minute
	// SeqJump is added to the sequence number of a stored line dialog: requests
	// that went out after it was stored are not stored again.
	SeqJump = 100_000
	// RecordWait is how long it may take until it is known whether a call is recorded
	// whose phone dialed the code for it: less than call.DecideGrace.
	RecordWait = 8 * time.Second
	// MoneyWarning is how long before a call ends for want of money its caller
	// hears it, where that is known so early.
	MoneyWarning = 15 * time.Second
	// MoneyAsking is how long before it a caller is asked for its PIN instead, who
	// may keep the call with it.
	MoneyAsking = 45 * time.Second
	// MoneyAgain is how often a call for which there was no more money asks again.
	MoneyAgain = 4 * time.Second
	// MediaTimeout is how long one side of a call may send neither voice nor
	// RTCP, unless it is on hold or Config says otherwise.
	MediaTimeout = 60 * time.Second
	// SummonedMax is of how many extensions it is kept that a call was for them.
	SummonedMax = 64
	// ParkWait is how long who is parked waits before the phone rings that parked it,
	// where Config does not say otherwise.
	ParkWait = 90 * time.Second
	// KeyHolds is how long after its phone's own hold a key that is pressed means to
	// hold: phones hold by themselves before they call.
	KeyHolds = 2 * time.Second
	// ShiftsMax is how often who talks is asked to speak what can be recorded, and does so,
	// before it is left at what it goes back to.
	ShiftsMax = 3
	// ShiftPause is how long one who was asked is not asked again because somebody wants
	// that.
	ShiftPause = 5 * time.Second
	// WishersMax is how many are told what came of one wish to record a call.
	WishersMax = 16
	// PreemptGrace is how long an emergency call waits for the call it
	// pre-empts to say that its BYE is out.
	PreemptGrace = 500 * time.Millisecond
	// maxForwards is the most that a Max-Forwards may say (RFC 3261 §20.22).
	maxForwards = 255
	// HangUpWait is how long a unit that stops waits for phones to answer its BYE: they
	// have heard it three times then (RFC 3261 §17.1.2.2).
	HangUpWait = 2 * time.Second
	// RecoverGrace bounds the wait for the BYEs after a crash.
	RecoverGrace = 5 * time.Second
	// CutGrace bounds the wait for calls that are being cut.
	CutGrace = 5 * time.Second
	// TendEvery is the least time between two looks at the lines' and phones'
	// needs.
	TendEvery = 100 * time.Millisecond
	// WatchedLeast and WatchedMost bound how long a phone watches a lamp before it
	// must say so again.
	WatchedLeast = time.Minute
	WatchedMost  = time.Hour
	// SeizedLeast and SeizedMost bound how long a phone has an outside-line key that it
	// does not call on.
	SeizedLeast = time.Second
	SeizedMost  = 15 * time.Second
	// WishMax bounds what a phone says that it wants set, in bytes.
	WishMax = 2048
	// WatchedAhead is how many numbers a stored subscription is ahead of those it
	// used: so many NOTIFYs are sent before it is stored again.
	WatchedAhead = 10_000
	// rewatchedAtOnce subscriptions are made again after a restart each
	// rewatchEvery.
	rewatchedAtOnce = 50
	rewatchEvery    = 100 * time.Millisecond
	// GatheringMax is how many are in one room at most, and GatheringWait how long
	// whoever is on a line waits there for somebody of the office.
	GatheringMax  = 32
	GatheringWait = 5 * time.Minute
	// farSettles is how soon other sites are asked for lamps that phones have begun to watch,
	// or watch no more: many do at once.
	farSettles = 20 * time.Millisecond
	// SitesMost is how many sites a call has come through at most.
	SitesMost = 4
	// CallbacksMax is how many extensions wait to be called when another one is free,
	// CallbackWait for how long, and CallbackRing how long their phones ring then.
	CallbacksMax = 1_000
	CallbackWait = 30 * time.Minute
	CallbackRing = 30 * time.Second
	// callbackCheck is how often it is looked who is free.
	callbackCheck = time.Second
	// RecordPauseMax is how long a recording is paused at most, where Config does not say
	// otherwise: nobody forgets that it is.
	RecordPauseMax = 10 * time.Minute
	// queueCheck is how often queues are looked at in which somebody waits.
	queueCheck = time.Second
	// DialedMax bounds what is recorded of a dialed string.
	DialedMax = 128
	// NameMax bounds a caller's name passed on, in bytes.
	NameMax = 64
	// silentLeast is how long a call has to be up before a phone that sent nothing
	// is one that does not speak.
	silentLeast = 3 * time.Second
	// ForwardsMax is how many times one call is sent on, and RingingMax how many
	// calls an extension sends on to one outside number before one is answered.
	ForwardsMax = 5
	RingingMax  = 2
	// ContactsMax bounds the contacts of a 3xx looked at.
	ContactsMax = 8
)
