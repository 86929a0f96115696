package media

import (
	"net/netip"
	"time"
)

// Kind says what an Event tells.
type Kind uint8

// The kinds of events.
const (
	_ Kind = iota
	// FirstMedia: the first packet of the peer was taken.
	FirstMedia
	// Locked: the socket is now connected to Remote.
	Locked
	// Digit: the peer sent a digit as telephone-event (Digit, Duration). It
	// is told whether or not the digit is passed on to the bridged leg.
	Digit
	// Timeout: nothing came from the peer for the time given to Watch. Told
	// once per silence.
	Timeout
	// Played: what Play was given has ended, or was replaced by Stop (then
	// Stopped is true).
	Played
	// DigitsSent: all digits given to SendDigits are out.
	DigitsSent
)

// Event is something that happened on a leg.
type Event struct {
	Kind      Kind
	Call, Leg string
	Remote    netip.AddrPort // Locked
	Digit     byte           // one of 0-9 * # A-D
	Duration  time.Duration  // of Digit
	Passed    bool           // Digit: it also goes to the bridged leg as telephone-event
	Stopped   bool           // Played
}
