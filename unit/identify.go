package unit

import (
	"cmp"

	"github.com/sekisho/sekisho/unit/call"
	"github.com/sekisho/sekisho/wire/sip"
	"github.com/sekisho/sekisho/wire/sip/session"
)

// identified is the header that shows a phone who answers it; none where that is no news,
// for it dialed just that number and nobody knows a name.
func (l *liveLeg) identified(by call.LegID) []session.Header {
	if by == call.None || !l.inside() {
		return nil
	}
	l.sees = by
	other := l.c.leg(by)
	if number, name := other.party(l.ownExtension()); name == "" && number == l.c.to {
		return nil
	}
	return []session.Header{{Name: sip.HeaderPAssertedIdentity.String(), Value: other.shownTo(l)}}
}

// inside tells whether a phone of this site is at the other end of a leg.
func (l *liveLeg) inside() bool {
	return l.line == "" && l.onSite() == "" && (l.id != call.A || l.c.lineIn == "")
}

// shownTo is who is at the other end of a leg, as the phone of another leg is shown it.
func (l *liveLeg) shownTo(other *liveLeg) string {
	if l.id == call.A {
		return l.c.callerAt(other.ownExtension())
	}
	number, name := l.party(other.ownExtension())
	return address(name, cmp.Or(number, anonymous), l.c.u.cfg.Realm)
}

// ownExtension is that of a leg's phone, A's as well.
func (l *liveLeg) ownExtension() string {
	if l.id == call.A && l.came == nil {
		return l.c.origin.Extension
	}
	return l.extension()
}

// identify tells the phones of a call whom they talk with now, where they were shown
// somebody else: a call was sent over, picked up or taken from where it waited.
func (c *liveCall) identify() {
	if c.notice != nil || !c.core.Talking() {
		return
	}
	sides := c.core.Sides()
	for i, id := range sides {
		l, with := c.leg(id), sides[1-i]
		if l.sees == with || !l.inside() || l.se == nil {
			continue
		}
		if l.se.Identify(c.leg(with).shownTo(l)) == nil {
			l.sees = with
		}
	}
}
