package book

import (
	"fmt"
	"slices"
)

// Why a caller is turned away; stable words.
const (
	WhyAnonymous = "anonymous" // it does not show its number
	WhyBlocked   = "blocked"   // its number is on the list
	WhyUnknown   = "unknown"   // it is not among those that alone are let in
)

// Screen says which callers are let in at a number of the office, or at all of them.
// Numbers are as Key makes them, in order.
type Screen struct {
	Blocked   []string `json:"blocked,omitempty"`
	Allowed   []string `json:"allowed,omitempty"`   // let in whatever else is said
	Anonymous bool     `json:"anonymous,omitempty"` // turns away who shows no number
	Only      bool     `json:"only,omitempty"`      // turns away all but Allowed
}

// Empty tells whether it turns nobody away and lets nobody in.
func (s Screen) Empty() bool {
	return len(s.Blocked) == 0 && len(s.Allowed) == 0 && !s.Anonymous && !s.Only
}

// Block is the screen with more numbers turned away; Unblock with fewer.
func (s Screen) Block(numbers ...string) (Screen, error) {
	var err error
	s.Blocked, err = with(s.Blocked, numbers)
	return s, err
}

// Unblock turns numbers away no longer.
func (s Screen) Unblock(numbers ...string) Screen {
	s.Blocked = without(s.Blocked, numbers)
	return s
}

// Allow lets numbers in whatever else is said; Unallow no longer.
func (s Screen) Allow(numbers ...string) (Screen, error) {
	var err error
	s.Allowed, err = with(s.Allowed, numbers)
	return s, err
}

// Unallow lets numbers in no longer whatever else is said.
func (s Screen) Unallow(numbers ...string) Screen {
	s.Allowed = without(s.Allowed, numbers)
	return s
}

func with(list, numbers []string) ([]string, error) {
	out := slices.Clone(list)
	for _, n := range numbers {
		key := Key(n)
		if key == "" {
			return nil, fmt.Errorf("%q: %w", n, ErrNumber)
		}
		out = append(out, key)
	}
	slices.Sort(out)
	if out = slices.Compact(out); len(out) > NumbersMax {
		return nil, fmt.Errorf("%d: %w", len(out), ErrFull)
	}
	return out, nil
}

func without(list, numbers []string) []string {
	gone := make(map[string]bool, len(numbers))
	for _, n := range numbers {
		gone[Key(n)] = true
	}
	return slices.DeleteFunc(slices.Clone(list), func(n string) bool { return gone[n] })
}

// judge tells whether a caller is on the list of those let in, or else why it is
// turned away, "" that it is not.
func (s Screen) judge(caller string) (allowed bool, why string) {
	key := Key(caller)
	switch {
	case has(s.Allowed, key):
		return true, ""
	case Anonymous(caller) && (s.Anonymous || s.Only):
		return false, WhyAnonymous
	case has(s.Blocked, key):
		return false, WhyBlocked
	case s.Only:
		return false, WhyUnknown
	}
	return false, ""
}

func has(list []string, key string) bool {
	_, found := slices.BinarySearch(list, key)
	return found && key != ""
}

// Shelf is all that is looked up when a call comes in, by owner: "" is the unit.
type Shelf struct {
	Books   map[string]*Book  // by extension
	Screens map[string]Screen // by number of the office
}

// Name is whose a number is, as an extension's own book says, or else the common one.
func (s *Shelf) Name(extension, number string) string {
	for _, owner := range []string{extension, ""} {
		if b := s.Books[owner]; b != nil {
			if name := b.Name(number); name != "" {
				return name
			}
		}
	}
	return ""
}

// Refuses tells why a caller is turned away at a number of the office, "" that it is
// not. Who is let in at that number is let in whatever is said for the unit.
func (s *Shelf) Refuses(called, caller string) (why string) {
	for _, owner := range []string{Key(called), ""} {
		allowed, why := s.Screens[owner].judge(caller)
		if allowed || why != "" {
			return why
		}
	}
	return ""
}
