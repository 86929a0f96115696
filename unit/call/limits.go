package call

import "time"

// Limits of one call.
const (
	// MaxLegs is how many legs a call may ever have, A included and those that
	// are gone too.
	MaxLegs = 64
	// MaxLegsAttended is the same of a call in which the unit talked with the caller: it
	// may have it wait for one after the other, for long.
	MaxLegsAttended = 1024
	// MaxLegsPaged is the same of a call in which the caller speaks to many.
	MaxLegsPaged = 128
	// LegsKept of them are for who takes a caller that waits: its being given back
	// again and again must not use them up.
	LegsKept = 8
	// MaxContacts is how many contacts one route may ring at once.
	MaxContacts = 32
	// MaxLines is how many lines one route may try, one after the other.
	MaxLines = 8
	// MaxRedirects is how many redirections (3xx) a call follows, all legs
	// together: the loop guard.
	MaxRedirects = 5
	// TriesMax is how many PINs a caller may type in a call, and KeysMax how many
	// digits of one are kept: one more than the longest has.
	TriesMax = 3
	KeysMax  = 13
	// MaxEmergencyRounds is how many times an emergency call goes through its
	// lines before it is given up.
	MaxEmergencyRounds = 3
)

// Defaults of Config.
const (
	// DefaultNoAnswer is how long phones ring.
	DefaultNoAnswer = 90 * time.Second
	// DefaultLineNoAnswer is how long a line may take to answer: RFC 3261
	// §16.6's Timer C asks for more than three minutes.
	DefaultLineNoAnswer = 185 * time.Second
	// DefaultSilence is how long a line may give no response at all, not even 100,
	// before the next one is tried: over UDP an INVITE has been sent four times
	// by then (RFC 3261 §17.1.1.2). DefaultUrgentSilence is the same in an
	// emergency call: after three.
	DefaultSilence       = 4 * time.Second
	DefaultUrgentSilence = 2 * time.Second
	// DefaultMaxLength bounds a call, lest one that hangs costs for ever.
	DefaultMaxLength = 12 * time.Hour
	// DefaultLeftWait is how long whoever a phone held that is lost waits to be
	// taken.
	DefaultLeftWait = 3 * time.Minute
	// WaitMax is how long anybody waits to be taken in all.
	WaitMax = 30 * time.Minute
	// DefaultAnnounce bounds an announcement.
	DefaultAnnounce = 20 * time.Second
	// ProveGrace is how long a caller that is asked for its PIN may press no key
	// after it was told to, which takes at most PromptMax; ProveMax is how long it
	// may take in all.
	ProveGrace = 20 * time.Second
	PromptMax  = 25 * time.Second
	ProveMax   = 2 * time.Minute
	// ConfirmMax is how long who answers a call that was sent on may take to say
	// that it takes it.
	ConfirmMax = 30 * time.Second
	// PageRing is how long a phone may take to answer that is spoken to with others,
	// and PageMax how long anybody may speak to many.
	PageRing = 15 * time.Second
	PageMax  = 3 * time.Minute
	// TellTimes is how often the unit says a thing in one call, TellPause the rest
	// in between, and TellMax bounds a call in which it does.
	TellTimes = 3
	TellPause = 2 * time.Second
	TellMax   = 4 * time.Minute
	// EndGrace is how long ended legs may take to say so before they are
	// dropped: longer than Timer F, 64*T1.
	EndGrace = 40 * time.Second
	// EmergencyPause is the rest between an emergency call's rounds.
	EmergencyPause = time.Second
	// DecideGrace is how long a verdict or a channel may be waited for.
	DecideGrace = 10 * time.Second
)
