package tempo

import (
	"net/netip"
	"time"

	"github.com/sekisho/sekisho/number"
	"github.com/sekisho/sekisho/number/tariff"
)

// Kind says what an Event tells.
type Kind uint8

// The kinds. An attempt has none: it is asked about, not told of.
const (
	Answered   Kind = iota + 1 // the callee picked up
	Ended                      // a call is over, whether anybody picked up or not
	Refused                    // an attempt was turned away by any rule, or could not be read
	Registered                 // a phone has a new binding
	Fetched                    // somebody read a phone's set-up
	Forwarded                  // the extension's calls are sent to another number from now on
	Missed                     // a call from outside ended unanswered
	Proved                     // a challenge to the extension was answered: its owner was there
	Lapsed                     // nobody answered a challenge
	Released                   // a person let the extension go that was set apart
)

// Event is an attempt, or something that happened.
type Event struct {
	Kind Kind
	Call string // names the call, from its attempt to its end
	// Extension is whom the event is about, or Site: another site, whose phones call by
	// way of the unit and are watched as one. Events with neither are left alone.
	Extension  string
	Site       string
	Credential string // digest username; "" where there is one for each extension
	Source     netip.Addr
	UserAgent  string
	// Destination is the number that is called; of Missed, the one that called.
	Destination number.Destination
	Dialed      string // as it was dialed
	// Expected says that the owner opened the destination's area for this very
	// extension: it is not new, even where it never was called.
	Expected bool
	// Forward says that the call is one that a forwarding sends on.
	Forward bool
	// PerMinute is the price of the call; 0 counts as the usual price abroad.
	PerMinute tariff.Money
	// Talk is how long the callee was on the line, of Ended; Ring how long it
	// rang, of Missed.
	Talk, Ring time.Duration
	// Silent says that the phone sent no voice from where it is registered, of
	// an Ended call that was answered.
	Silent bool
	// Contacts are how many places the credential is registered from, of
	// Registered.
	Contacts int
}

// siteNames begins the names of sites among those of extensions, which have no slash.
const siteNames = "site/"

// who names whom the event is about, "" for nobody.
func (e *Event) who() string {
	if e.Extension == "" && e.Site != "" {
		return siteNames + e.Site
	}
	return e.Extension
}

// Costs tells the calls that intruders earn by: abroad, and whatever is dearer
// than a call. Only they are remembered.
func Costs(d *number.Destination) bool {
	switch d.Class {
	case number.International, number.GlobalCode, number.Satellite,
		number.Premium, number.Navi, number.Telegong, number.Pager, number.CarrierSelect:
		return true
	}
	return d.Range == number.RangePremium || d.Range == number.RangeShared
}

func abroad(d *number.Destination) bool {
	return d.Class == number.International || d.Class == number.GlobalCode || d.Class == number.Satellite
}

// dear tells what can be new to an office: abroad, and what is sold as premium.
// Shared-cost numbers (0570) are not among it: everybody calls some.
func dear(d *number.Destination) bool {
	return abroad(d) || d.Class == number.Premium || d.Class == number.Telegong || d.Range == number.RangePremium
}

// ground is what can be new: an area, or a kind of numbers in it, as a number.
func ground(d *number.Destination) uint32 {
	g := uint32(d.Class)
	for i := range min(len(d.Area), 3) {
		g = g<<8 | uint32(d.Area[i])
	}
	return g
}
