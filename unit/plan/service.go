package plan

import (
	"fmt"
	"net/netip"
	"time"

	"github.com/sekisho/sekisho/fact"
	"github.com/sekisho/sekisho/number"
)

// Services are what an extension does with calls that it gets.
type Services struct {
	DoNotDisturb bool
	OneCall      bool              // it does not ring while it is in a call
	Page         bool              // it may have other phones answer by themselves
	Paused       bool              // no queue rings it
	PausedBy     string            // a person, "phone/201-1", or BySelf
	Desk         bool              // its phones are for anybody to log in at
	DeskUntil    string            // everybody is logged out there at this time of day, "" for none
	Forward      map[string]string // where to, by fact.ForwardAlways and its like
	SetBy        map[string]string // the phone that said so, by the same; "" where a person did
	// Ring is how long it rings before it is forwarded, 0 for as long as usual.
	Ring time.Duration
	cast netip.AddrPort // of a zone
	// shows is what outside calls show of who calls: one of fact's CallerID words, "" where
	// nothing is set.
	shows  string
	record bool // calls are recorded from their beginning; of fact.ScopeUnit outside calls
}

// Onward says that a call may go elsewhere when the extension does not take it.
func (s Services) Onward() bool {
	return s.Forward[fact.ForwardBusy] != "" || s.Forward[fact.ForwardUnanswered] != "" ||
		s.Forward[fact.ForwardUnreachable] != ""
}

// Services gives what an extension has set.
func (p *Plan) Services(extension string) Services { return p.services[extension] }

// Recorded tells whether a setting has any calls be recorded.
func (p *Plan) Recorded() bool { return p.recorded }

// Records gives whose setting has a call be recorded, by who takes part in it: extensions,
// the number of ours that was called, and whether it is an outside call; "" where none does.
func (p *Plan) Records(outside bool, numbers ...string) (rule string) {
	if !p.recorded {
		return ""
	}
	for _, n := range numbers {
		if n != "" && p.services[n].record {
			return n
		}
	}
	if outside && p.services[fact.ScopeUnit].record {
		return fact.ScopeUnit
	}
	return ""
}

func (p *Plan) addService(f fact.ServiceSet) error {
	s := p.services[f.Extension]
	switch f.Service {
	case fact.ServiceDoNotDisturb:
		s.DoNotDisturb = true
	case fact.ServiceOneCall:
		s.OneCall = true
	case fact.ServicePage:
		s.Page = true
	case fact.ServiceRecord:
		s.record, p.recorded = true, true
	case fact.ServiceCallerID:
		if _, ok := wishes[f.To]; !ok {
			return fmt.Errorf("extension %s: its number can't be %.20q", f.Extension, f.To)
		}
		s.shows = f.To
	case fact.ServicePause:
		s.Paused, s.PausedBy = true, f.By
	case fact.ServiceDesk:
		s.Desk, s.DeskUntil = true, ""
		if f.To != "" {
			clock, err := ParseClock(f.To)
			if err != nil {
				return fmt.Errorf("desk %s: %w", f.Extension, err)
			}
			s.DeskUntil = clock
		}
	case fact.ServiceMulticast:
		to, err := ParseCast(f.To)
		if err != nil {
			return fmt.Errorf("multicast of %s: %w", f.Extension, err)
		}
		s.cast = to
	case fact.ForwardAlways, fact.ForwardBusy, fact.ForwardUnanswered, fact.ForwardUnreachable:
		if f.To == "" || f.To == f.Extension || f.Seconds < 0 || f.Seconds > RingSecondsMax {
			return fmt.Errorf("%s of %s: it leads nowhere, or rings too long", f.Service, f.Extension)
		}
		if s.Forward == nil {
			s.Forward, s.SetBy = map[string]string{}, map[string]string{}
		}
		s.Forward[f.Service], s.SetBy[f.Service] = f.To, f.Phone()
		if f.Service == fact.ForwardUnanswered {
			s.Ring = time.Duration(f.Seconds) * time.Second
		}
	default:
		return fmt.Errorf("extension %s: no service %.20q", f.Extension, f.Service)
	}
	p.services[f.Extension] = s
	return nil
}

// wishes are what fact's CallerID words ask of a line.
var wishes = map[string]number.Presentation{
	fact.CallerIDWithhold: number.PresentationWithhold,
	fact.CallerIDShow:     number.PresentationShow,
	fact.CallerIDContract: number.PresentationDefault,
}

// Presents is a destination as an extension calls it, "" for nobody's: with its own wish
// about its number, or else the office's. 184 or 186 in front go before both. An
// emergency service sees whom it helps, unless the caller dials 184.
func (p *Plan) Presents(extension string, d number.Destination) number.Destination {
	if !d.Class.Outside() || d.Class == number.Emergency || d.Presentation != number.PresentationDefault {
		return d
	}
	shows := p.services[extension].shows
	if shows == "" {
		shows = p.services[fact.ScopeUnit].shows
	}
	d.Presentation = wishes[shows]
	return d
}

// ForwardTo reads where a call is to be sent on to, as people write or dial it:
// with the outside prefix or without. ok is false where no call can be: nothing
// that is understood, an emergency service, or a feature code.
func (p *Plan) ForwardTo(written string) (to string, ok bool) {
	for _, t := range []Target{p.Dialed(written), p.Written(written)} {
		switch {
		case t.Kind == Internal:
			return t.Destination.Digits, true
		case t.Kind == Outside && t.Destination.Class.Outside() && !t.Emergency() && allDigits(t.Destination.Digits):
			return "+" + t.Destination.Digits, true
		}
	}
	return "", false
}

func allDigits(s string) bool {
	for i := range len(s) {
		if s[i] < '0' || s[i] > '9' {
			return false
		}
	}
	return s != ""
}
