package subscription

import (
	"time"

	"github.com/sekisho/sekisho/wire/sip/dialog"
	"github.com/sekisho/sekisho/wire/sip/session"
)

// Config is how long subscriptions of a package live.
type Config struct {
	Least time.Duration // a shorter one is refused with 423, but for 0
	Usual time.Duration // where none is asked for
	Most  time.Duration // a longer one is granted so much
	// Jitter is random bits, a fresh value per subscription.
	Jitter uint64
}

// Op is what an effect does.
type Op uint8

// The operations, carried out by the driver in the order of the effects.
const (
	// OpRespond gives the SUBSCRIBE in the server transaction Tx its response.
	OpRespond Op = iota + 1
	// OpNotify sends a NOTIFY, with a body that says what is so now; its end
	// comes back with Result.
	OpNotify
	// OpRefreshed tells the owner that the subscription lives longer now, or its
	// peer is reached elsewhere.
	OpRefreshed
	// OpTold tells the owner that the peer took the NOTIFY that went out last.
	OpTold
	// OpOver tells the owner that the subscription is over, and why; nothing
	// follows.
	OpOver
)

// Effect is one thing to do.
type Effect struct {
	Op      Op
	Tx      uint64 // of OpRespond
	Status  int
	Phrase  string
	Headers []session.Header // of OpRespond and OpNotify
	Head    dialog.Head      // of OpNotify
	Why     string           // of OpOver
}

// Why a subscription is over, beside what End was told.
const (
	WhyExpired   = "expired"   // it was not refreshed
	WhyAsked     = "asked"     // the peer ended it
	WhyUnknown   = "unknown"   // the peer knows nothing of it, or wants no NOTIFY
	WhySilent    = "silent"    // the peer did not answer a NOTIFY
	WhyFailing   = "failing"   // it refused too many of them
	WhyExhausted = "exhausted" // its numbers are used up
)

// Saved is what a subscription is known again by after a restart.
type Saved struct {
	Dialog  dialog.Dialog // with LocalSeq beyond any that was used
	Package string
	ID      string
	Expires time.Time
}
