package unit

import (
	"slices"
	"strings"
	"time"

	"github.com/sekisho/sekisho/unit/call"
	"github.com/sekisho/sekisho/unit/media"
)

// A call is recorded in a codec that the unit understands. Where it is known before that it
// will be, nothing else is offered; where who talks speaks another one, both are asked by
// re-INVITE to go over, one after the other: where the first refuses nothing has changed,
// and where the second does the first is asked back. So is, recorded or not, who speaks such
// a codec and comes to talk with somebody who speaks none.

// shift is how far a leg is with going over.
type shift uint8

const (
	shiftNone    shift = iota
	shiftRefused       // it has refused
	shiftAsked         // an offer of what the unit understands is under way
	shiftBack          // one of what its peer speaks, who refused
	shiftSame          // one of what it spoke itself before it answered that it speaks nothing
)

// asked tells whether an answer is awaited.
func (s shift) asked() bool { return s >= shiftAsked }

// wish is a recording that begins when the unit understands all who talk, whoever they
// are by then.
type wish struct {
	by, rule string
	off      bool          // it is not wanted any more: who is asked goes over, and no more
	told     []func(error) // what came of it
}

// wishes has the call be recorded: at once, or when who talks has gone over.
func (c *liveCall) wishes(by, rule string) error {
	switch {
	case c.u.cfg.Recorder == nil:
		return errNoRecorder
	case c.unrecorded(): // nobody whom an emergency service calls back is to be kept from talking
		return ErrNoCall
	}
	legs := c.toRecord()
	for _, l := range legs {
		if rule == "" {
			l.mayBeAsked()
		}
	}
	waits, err := c.understand(legs)
	switch {
	case err != nil:
		return err
	case waits:
		c.wish = &wish{by: by, rule: rule}
		return nil
	}
	return c.beginReel(by, rule, legs)
}

// mayBeAsked has a leg that has refused be asked once more, as somebody wants who may know
// better, unless it was asked just now: each asking is a re-INVITE to who did not want it.
func (l *liveLeg) mayBeAsked() {
	if l.c.sh.Now().Sub(time.Unix(0, l.shiftAt)) < ShiftPause {
		return
	}
	if l.shift == shiftRefused {
		l.shift = shiftNone
	}
	l.shifts = min(l.shifts, ShiftsMax-1)
}

// refuses tells whether a leg is not to be asked: it has refused, or goes back each time.
func (l *liveLeg) refuses() bool { return l.shift == shiftRefused || l.shifts >= ShiftsMax }

// whenRecorded calls told once: when the call is recorded, as was wished before, or is not.
func (c *liveCall) whenRecorded(told func(error)) {
	switch {
	case c.wish != nil && len(c.wish.told) >= WishersMax:
		told(ErrNotRecorded)
	case c.wish != nil:
		c.wish.told = append(c.wish.told, told)
	case c.reel != nil:
		told(nil)
	default:
		told(ErrNotRecorded)
	}
}

// toRecord are whom a recording is of: who talk, held or not, or all in a room.
func (c *liveCall) toRecord() []*liveLeg {
	if !c.core.Talking() {
		return c.speakers().all()
	}
	sides := c.core.Sides()
	return []*liveLeg{c.leg(sides[0]), c.leg(sides[1])}
}

// pursue goes on with what is wished. While nobody talks it waits for whoever talks next.
func (c *liveCall) pursue() {
	switch {
	case c.core.Ending() || c.unrecorded(): // as may be the call into which it was moved
		c.wished(ErrNoCall)
		return
	case c.reel != nil: // that of another call, which goes on in this one
		c.wished(nil)
		return
	}
	legs := c.toRecord()
	if len(legs) == 0 {
		return
	}
	waits, err := c.understand(legs)
	switch {
	case waits:
		return
	case err != nil:
	case c.wish.off:
		err = ErrNotRecorded
	default:
		err = c.beginReel(c.wish.by, c.wish.rule, legs)
	}
	c.wished(err)
}

// wished tells what came of what was wished.
func (c *liveCall) wished(err error) {
	w := c.wish
	c.wish = nil
	for _, told := range w.told {
		told(err)
	}
}

// inherits has what is wished of another call hold for this one, in which that goes on.
func (c *liveCall) inherits(d *liveCall) {
	switch {
	case d.wish == nil:
		return
	case c.wish == nil:
		c.wish = d.wish
	default:
		for _, told := range d.wish.told {
			c.whenRecorded(told)
		}
	}
	d.wish = nil
}

// understand asks who is not understood to go over, and tells whether an answer is awaited.
// The error says that somebody does not.
func (c *liveCall) understand(legs []*liveLeg) (waits bool, err error) {
	var other *liveLeg // who is not understood; one who refused before the rest
	for _, l := range legs {
		if l.voice == nil {
			return false, ErrNotHeard
		}
		waits = waits || l.shift.asked() || l.voice.Offering()
		if !l.voice.Understood() && (other == nil || l.refuses()) {
			other = l
		}
	}
	switch {
	case waits || other == nil:
		return waits, nil
	case !c.core.Talking():
		return false, ErrNotHeard
	case other.shift == shiftNone && !other.refuses() && !other.voice.Faxes():
		if other.asks(shiftAsked) {
			return true, nil
		}
		fallthrough
	default:
		other.fetchBack()
		return false, ErrNotHeard
	}
}

// accord asks the one of two who come to talk with each other to go over that is not
// understood, where the other is: the relay can't turn what it says.
func (c *liveCall) accord(a, b *liveLeg) {
	if a.voice == nil || b.voice == nil || a.voice.Offering() || b.voice.Offering() {
		return
	}
	if a.voice.Understood() {
		a, b = b, a
	}
	if !a.voice.Understood() && b.voice.Understood() && a.voice.Agreed() && a.shift == shiftNone &&
		c.core.MayMove(a.id) && !a.voice.Faxes() && !a.asks(shiftAsked) {
		a.fetchBack()
	}
}

// fetchBack has whom a leg talks with, which has not gone over, speak what that does.
func (l *liveLeg) fetchBack() {
	if !l.c.core.MayMove(l.id) {
		return
	}
	if peer := l.c.peerOf(l); peer.voice != nil && peer.shift == shiftNone && peer.voice.Understood() {
		peer.asks(shiftBack)
	}
}

// asks makes a leg an offer. One to whom none can be made has refused.
func (l *liveLeg) asks(how shift) bool {
	b, err := l.shiftOffer(how)
	if err == nil {
		l.taken, l.shift, l.shiftAt = "", how, l.c.sh.Now().UnixNano()
		if err = l.se.Offer(sdp(b)); err != nil {
			l.voice.Rollback()
		}
	}
	if err != nil {
		l.shift = shiftRefused
		l.c.u.log.Info("no other codec is asked for", "call", l.c.id, "leg", int(l.id), "error", err)
	}
	return err == nil
}

func (l *liveLeg) shiftOffer(how shift) ([]byte, error) {
	of := l.voice
	if how != shiftSame {
		of = l.c.peerOf(l).voice
	}
	switch {
	case of == nil || l.se == nil:
		return nil, errMediaClosed
	case how == shiftAsked:
		return l.voice.OfferUnderstood(of)
	}
	return l.voice.OfferFrom(of)
}

// shifted takes what a leg answered, of a status: with an error it has not gone over.
func (l *liveLeg) shifted(status int, err error) {
	how := l.shift
	l.shift = shiftNone
	if err == nil {
		if how == shiftAsked {
			l.shifts = min(l.shifts+1, ShiftsMax)
		}
		if how == shiftSame || how == shiftBack && l.voice.Understood() { // there is no more to ask
			l.shift = shiftRefused
		}
		if how == shiftSame {
			l.fetchBack()
		}
		l.listens()
		if l.c.core.MayMove(l.id) && l.c.peerOf(l).held && l.c.peerOf(l).line == "" {
			l.c.hears(l, call.OpMusic) // which could not be played in what it spoke
		}
		return
	}
	l.shift = shiftRefused
	l.voice.Rollback()
	l.c.u.log.Info("a codec is refused that was asked for", "call", l.c.id, "leg", int(l.id), "status", status,
		"error", err)
	switch {
	case how != shiftAsked:
	case status < 300:
		l.asks(shiftSame)
	default:
		l.fetchBack()
	}
}

// yields takes back an offer that waits while the peer makes one of its own. It tells which
// is to be made again then, shiftNone for none.
func (l *liveLeg) yields() (again shift) {
	if !l.shift.asked() || !l.se.Withdraw() {
		return shiftNone
	}
	l.voice.Rollback()
	again, l.shift = l.shift, shiftNone
	return again
}

// asksAgain makes an offer again that was taken back. Whether one of what the unit
// understands is still of use is looked at anew.
func (l *liveLeg) asksAgain(how shift) {
	if how == shiftBack && l.c.core.MayMove(l.id) {
		l.asks(how)
	}
}

// recordable has a leg be offered what the unit understands and nothing else, where a rule
// has the call be recorded. Where the other side has nothing of that it is offered what
// there is: a call is worth more than its recording. So is one that never is recorded.
func (c *liveCall) recordable(l *liveLeg, cfg media.LegConfig, from call.LegID) media.LegConfig {
	if c.u.cfg.Recorder == nil || c.unrecorded() || l.whole || c.recordRule(c.leg(call.A), l) == "" {
		return cfg
	}
	if from != call.None && !c.leg(from).voice.Speaks() {
		return cfg
	}
	codecs, set := media.DefaultCodecs(), cfg.Policy.Codecs
	if len(set) > 0 {
		codecs = slices.DeleteFunc(slices.Clone(set), func(name string) bool {
			return !slices.ContainsFunc(codecs, func(o string) bool { return strings.EqualFold(o, name) })
		})
	}
	if len(codecs) > 0 && len(codecs) != len(set) { // else nothing is left out, or nothing left
		cfg.Policy.Codecs, l.narrowed = codecs, true
	}
	return cfg
}

// offerAll sends a phone or a line that takes nothing of what can be recorded all that there
// is, once.
func (l *liveLeg) offerAll(status int) bool {
	if status != 488 && status != 606 || !l.narrowed || l.whole || l.voice == nil {
		return false
	}
	l.whole, l.shift = true, shiftRefused
	if l.line != "" {
		l.askAgain()
		return true
	}
	return l.sendAgain(l.flipped)
}
