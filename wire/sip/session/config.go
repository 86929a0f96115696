package session

import (
	"time"

	"github.com/sekisho/sekisho/wire/sip/transaction"
)

// Config is how a session behaves: a value per phone or line profile.
type Config struct {
	Timers transaction.Config
	// Expires is the session interval we ask for (RFC 4028); 0 asks for none,
	// but what the peer asks for is honored.
	Expires time.Duration
	// MinSE is the smallest session interval we take, at least 90 s.
	MinSE time.Duration
	// Refresher is who we would have refresh, "uac" or "uas"; "" leaves it to
	// the peer.
	Refresher string
	// Reliable says that we support 100rel (RFC 3262).
	Reliable bool
	// HoldACK leaves the ACK for the 2xx that answers a call to the owner, who
	// gives it with Acknowledge: when what must be known after a crash is on
	// disk. The peer repeats its 2xx meanwhile, every 0.5 s at first.
	HoldACK bool
	// Refer says that REFER is taken within the session (RFC 3515), and INVITE with
	// Replaces (RFC 3891): from phones, not from carriers.
	Refer bool
	// InfoTypes are the content types of INFO that we understand; others are
	// answered 415.
	InfoTypes []string
	// Effects is shared by the sessions of one loop; nil where each has room
	// of its own.
	Effects *Queue
	// Jitter is random bits for back-off times; a fresh value per session.
	Jitter uint64
}

// DefaultConfig is a session with 100rel, a session interval of half an hour
// and DTMF in INFO.
func DefaultConfig() Config {
	return Config{
		Timers:    transaction.Default(),
		Expires:   30 * time.Minute,
		MinSE:     minSE,
		Reliable:  true,
		InfoTypes: []string{"application/dtmf-relay", "application/dtmf"},
	}
}
