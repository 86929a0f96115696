package phone

import "time"

// Limits of phones and registrations.
const (
	// PhonesMax is how many phones a unit knows.
	PhonesMax = 20_000
	// DevicesMax is how many phones one extension has.
	DevicesMax = 16
	// ContactsMax is how many contacts one phone has at once; another one
	// takes the place of the one that would run out first.
	ContactsMax = 4
	// PathMax is how many Path values one contact has.
	PathMax = 4
	// TextMax is the longest Contact, Call-ID, Path or User-Agent kept.
	TextMax = 512
	// ExpiresMin and ExpiresMax bound a registration's life; ExpiresDefault is
	// for requests that don't say.
	ExpiresMin     = 60 * time.Second
	ExpiresMax     = time.Hour
	ExpiresDefault = time.Hour
	// NonceLife is how long a challenge may be answered.
	NonceLife = 5 * time.Minute
	// WanderLife is how long after an answer that was refused because it came from
	// elsewhere another one from elsewhere is believed: 64*T1, a transaction's life
	// (RFC 3261 §17.1.2.2).
	WanderLife = 32 * time.Second
	// answerBytesMax is the longest Authorization looked at of somebody who is
	// not known yet.
	answerBytesMax = 1024
	// RefreshLag is how long a refreshed expiry may wait for the disk. A
	// binding that runs out after a crash is gone that much too early at most.
	RefreshLag = 20 * time.Second
	// BusyPause is how long Tick waits when much is due, or the disk is behind.
	BusyPause = 100 * time.Millisecond
	// NewsMax is how many new contacts, and how many new places, of one
	// credential become facts in NewsWindow: who has stolen it must not be
	// able to fill the evidence. More contacts are refused for a while; more
	// places are not told again.
	NewsMax    = 60
	NewsWindow = time.Minute
	// RewriteAfter is how long after a failed write all bindings are written
	// again.
	RewriteAfter = 30 * time.Second
	// PlacesMax is how many pairs of address and User-Agent of a credential
	// are remembered as not new.
	PlacesMax = 8
	// TickEvery is the longest time between two Ticks.
	TickEvery = 5 * time.Second
	// SweepEvery is how often addresses are forgotten from which nobody is
	// registered any more.
	SweepEvery = time.Minute
	// batchMax is how many phones' rows Tick puts into one write, and
	// batchesMax how many such writes it makes at once.
	batchMax   = 64
	batchesMax = 4
	// agendaSlots is how many seconds ahead a phone can be put into the agenda;
	// what is due later is looked at earlier. It is more than ExpiresMax.
	agendaSlots = 4096
)

// Limits of what strangers can touch.
const (
	// SketchRows and SketchCells are the size of the count of failures.
	SketchRows  = 4
	SketchCells = 4096
	// FailuresFree is how many wrong answers a source gets replies to in
	// FailureWindow, before it gets at most one each FailurePause.
	FailuresFree  = 10
	FailureWindow = time.Minute
	FailurePause  = 4 * time.Second
	// ReportsMax is how many sources are told apart in one report of
	// failures; the others are summed up as one.
	ReportsMax = 64
	// ReportEvery is how often failures become facts.
	ReportEvery = 10 * time.Second
	// UrgentMax is how many emergency calls without right credentials are
	// remembered while their callers are asked for some, and how many addresses
	// that have proven to be real.
	UrgentMax = 256
	// UrgentLife is how long each call is remembered.
	UrgentLife = 30 * time.Second
	// UrgentTagLife is how long a challenge to an emergency call may be
	// acknowledged, at least; twice that at most. 64*T1 (RFC 3261 §17.1.1.2).
	UrgentTagLife = 32 * time.Second
	// UrgentProofLife is how long the acknowledgement opens the way for
	// emergency calls from its address: time to dial once more by hand.
	UrgentProofLife = 2 * time.Minute
	// UrgentOthers is how many calls it opens the way for beside its own.
	UrgentOthers = 2
)
