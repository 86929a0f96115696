// Package pass holds the Pass of the gate. It is internal to gate so that
// gate/desk alone can make one: use gate.Pass, its public name.
package pass

import (
	"errors"
	"sync/atomic"
	"time"

	"github.com/sekisho/sekisho/number"
)

// The reasons why a Pass is not good.
var (
	ErrNone    = errors.New("no pass")
	ErrUsed    = errors.New("pass used before")
	ErrExpired = errors.New("pass expired")
	ErrForeign = errors.New("pass is for another call or line")
)

// Pass is good once, for one call on one line to one destination, until it
// expires. Copies share the one use. The zero Pass is never good.
type Pass struct{ slip *slip }

type slip struct {
	call, line  string
	destination number.Destination
	expires     time.Time
	used        atomic.Bool
}

// New makes a Pass. Only gate/desk calls it, after the verdict is on disk.
func New(call, line string, d number.Destination, expires time.Time) Pass {
	return Pass{slip: &slip{call: call, line: line, destination: d, expires: expires}}
}

// Use uses the Pass up and gives the destination to write on the wire. A
// Pass shown for another call or line, or too late, is not used up by that.
func (p Pass) Use(call, line string, now time.Time) (number.Destination, error) {
	s := p.slip
	switch {
	case s == nil:
		return number.Destination{}, ErrNone
	case s.call != call || s.line != line:
		return number.Destination{}, ErrForeign
	case !now.Before(s.expires):
		return number.Destination{}, ErrExpired
	case s.used.Swap(true):
		return number.Destination{}, ErrUsed
	}
	return s.destination, nil
}

// Valid tells whether Use would succeed, without using the Pass up.
func (p Pass) Valid(call, line string, now time.Time) bool {
	s := p.slip
	return s != nil && s.call == call && s.line == line && now.Before(s.expires) && !s.used.Load()
}

// Destination is what the Pass is for, to look at before it is used; the
// zero Destination for the zero Pass.
func (p Pass) Destination() number.Destination {
	if p.slip == nil {
		return number.Destination{}
	}
	return p.slip.destination
}

// Emergency tells whether the Pass is for an emergency call.
func (p Pass) Emergency() bool { return p.Destination().Class == number.Emergency }
