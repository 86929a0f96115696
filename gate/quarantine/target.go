package quarantine

import (
	"errors"
	"strings"

	"github.com/sekisho/sekisho/number"
)

// Kind says what kind of thing is set apart.
type Kind string

// The kinds: stable, stored in evidence.
const (
	Phone       Kind = "phone"       // a device
	Credential  Kind = "credential"  // a digest username
	Extension   Kind = "extension"   // with every phone of it
	Line        Kind = "line"        // calls on it, in both directions
	Site        Kind = "site"        // calls of another site, over our lines
	Destination Kind = "destination" // calls to it: Abroad, Anywhere, an area, an E.164 prefix
	Unit        Kind = "unit"        // every outside call, in both directions
)

// Destinations that are no area and no prefix.
const (
	Abroad   = "abroad"   // every country but Japan, codes of no country, satellites
	Anywhere = "anywhere" // whatever can be called
)

// Kinds lists the kinds.
func Kinds() []Kind { return []Kind{Phone, Credential, Extension, Line, Site, Destination, Unit} }

// The errors of Parse.
var (
	ErrKind        = errors.New("no such kind")
	ErrValue       = errors.New("no value, or a value that can't be")
	ErrDestination = errors.New("not abroad, anywhere, an area or + and digits")
)

// Target is one thing that can be set apart, in its one spelling. The zero
// Target covers nothing.
type Target struct {
	Kind  Kind
	Value string
}

// Parse reads a target. A destination is "abroad", "anywhere", the code of an
// area ("SL") or the beginning of an E.164 number ("+23276"); a unit has no
// value. The error is one of this package's.
func Parse(kind Kind, value string) (Target, error) {
	switch kind {
	case Unit:
		if value != "" {
			return Target{}, ErrValue
		}
		return Target{Kind: Unit}, nil
	case Phone, Credential, Extension, Line, Site:
		if value == "" || len(value) > ValueMax {
			return Target{}, ErrValue
		}
		return Target{Kind: kind, Value: value}, nil
	case Destination:
		return destination(value)
	}
	return Target{}, ErrKind
}

func destination(value string) (Target, error) {
	word := strings.ToLower(value)
	if word == Abroad || word == Anywhere {
		return Target{Kind: Destination, Value: word}, nil
	}
	if a, ok := number.AreaOf(value); ok {
		return Target{Kind: Destination, Value: a.Code}, nil
	}
	digits, plus := strings.CutPrefix(strings.NewReplacer(" ", "", "-", "").Replace(value), "+")
	if !plus || digits == "" || digits[0] == '0' || len(digits) > digitsMax ||
		strings.Trim(digits, "0123456789") != "" {
		return Target{}, ErrDestination
	}
	return Target{Kind: Destination, Value: "+" + digits}, nil
}

// Party is somebody who stands behind a call, or to whom it leads inside.
type Party struct {
	Extension  string
	Device     string
	Credential string // digest username
	Site       string // another one, from which it came
}

// Call is what of an outside call a quarantine looks at.
type Call struct {
	// Party stands behind the call, or is called by it; Caller began it, where
	// that is another: whoever called a phone that sent the call on.
	Party, Caller Party
	Line          string
	Destination   number.Destination // the zero value for a call that comes in
}

// Covers tells whether a call is of the target. Emergency calls never are.
func (t Target) Covers(c *Call) bool {
	found := false
	c.targets(func(of Target) bool {
		found = of == t
		return !found
	})
	return found
}

// targets gives, the narrowest first, everything that would have to be set
// apart for the call to be; nothing for an emergency call.
func (c *Call) targets(yield func(Target) bool) {
	if c.Destination.Class == number.Emergency {
		return
	}
	for _, p := range [...]Party{c.Party, c.Caller} {
		for _, t := range [...]Target{
			{Phone, p.Device}, {Credential, p.Credential}, {Extension, p.Extension}, {Site, p.Site},
		} {
			if t.Value != "" && !yield(t) {
				return
			}
		}
	}
	if c.Line != "" && !yield(Target{Line, c.Line}) || !c.destinations(yield) {
		return
	}
	yield(Target{Kind: Unit})
}

// destinations gives the targets that a called number is of; false when yield
// wants no more.
func (c *Call) destinations(yield func(Target) bool) bool {
	d := &c.Destination
	if d.Digits == "" {
		return true
	}
	if d.Area != "" { // the digits are E.164
		whole := "+" + d.Digits
		for n := min(len(d.Digits), digitsMax); n > 0; n-- {
			if !yield(Target{Destination, whole[:1+n]}) {
				return false
			}
		}
		if !yield(Target{Destination, d.Area}) {
			return false
		}
	}
	// Behind a carrier code that no line declares may stand any country.
	if (d.Class.Abroad() || d.Class == number.CarrierSelect) && !yield(Target{Destination, Abroad}) {
		return false
	}
	return yield(Target{Destination, Anywhere})
}
