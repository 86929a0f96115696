package unit

import (
	"cmp"
	"strconv"

	"github.com/sekisho/sekisho/fact"
	"github.com/sekisho/sekisho/gate"
	"github.com/sekisho/sekisho/unit/call"
	"github.com/sekisho/sekisho/unit/plan"
	"github.com/sekisho/sekisho/wire/sip"
	"github.com/sekisho/sekisho/wire/sip/stack"
)

// referred takes a phone's wish that whom it talks with go on with somebody else:
// with whoever Refer-To calls, or with whom it talks in another call, which Replaces
// names (RFC 3515, RFC 5589).
func (l *liveLeg) referred(m *sip.Message) {
	c := l.c
	to := m.Addr(sip.HeaderReferTo)
	with, attended := to.URI.Header("Replaces")
	method, other := to.URI.Params.Get("method")
	switch {
	case l.line != "" || l.onSite() != "" || !c.core.MayMove(l.id), other && string(method) != sip.INVITE.String():
		l.answerRefer(403)
	case l.loggedOut():
		l.answerRefer(403)
	case attended:
		l.handOver(with)
	default:
		l.sendTo(c.u.meant(&to.URI, l.origin().Extension))
	}
}

// sendTo has the peer of a leg wait at a place, or for a target.
func (l *liveLeg) sendTo(t plan.Target, dialed string) {
	c := l.c
	if t.Asked.Action != plan.Park && t.Asked.Action != plan.OwnHold {
		c.sendOver(l, t, dialed)
		return
	}
	l.answerRefer(202)
	place, status := placeOf(t.Asked, l.origin().Extension), 200
	free := c.u.at(place) == nil
	if !free {
		status = 486
	}
	c.note(l.se.NotifyRefer(status), "notify")
	if free {
		c.park(l, place)
	}
}

func (l *liveLeg) answerRefer(status int) { l.c.note(l.se.AnswerRefer(status), "answer REFER") }

// sendOver has the peer of a leg wait for a target. Whom an outside party is sent to
// is judged as line to line where that is outside, too: nobody of the office is in
// such a call.
func (c *liveCall) sendOver(l *liveLeg, t plan.Target, dialed string) {
	by, peer := c.sentBy(l), c.peerOf(l)
	via := call.Transferred
	if peer.outside() {
		via = call.LineToLine
	}
	l.answerRefer(202)
	c.moved(l, fact.CallMoved{How: fact.MovedOver, To: dialed})
	c.leftTo(peer)
	c.input(call.Input{
		Event: call.Refer, Leg: l.id, Route: c.spare(c.route(t, via, by.Extension, by.Device)),
		Back: c.backTo(by),
	})
}

// backTo are the contacts of a phone that gets back whom it sent on.
func (c *liveCall) backTo(by gate.Origin) (back []call.Contact) {
	for _, to := range c.contactsOf([]string{by.Extension}, "") {
		if i, err := strconv.Atoi(to.Key); err == nil && c.contacts[i].Device == by.Device {
			back = append(back, to)
		}
	}
	return back
}

// leftTo notes that a call goes on as that of a leg, whose number it shows from now on. A
// party outside has none here.
func (c *liveCall) leftTo(l *liveLeg) {
	c.stays = ""
	if !l.outside() {
		c.stays = l.origin().Extension
	}
}

// caller is the extension whose number a call shows, "" for none.
func (c *liveCall) caller() string { return cmp.Or(c.stays, c.origin.Extension) }

// peerOf is the other side of a leg that talks.
func (c *liveCall) peerOf(l *liveLeg) *liveLeg {
	sides := c.core.Sides()
	if sides[0] == l.id {
		return c.leg(sides[1])
	}
	return c.leg(sides[0])
}

// moved records what a leg's phone did with a call.
func (c *liveCall) moved(l *liveLeg, f fact.CallMoved) {
	by := l.origin()
	f.Call, f.Device, f.Extension, f.At = c.id, by.Device, by.Extension, c.sh.Now().UTC()
	c.u.commit(fact.Write{Facts: []fact.Fact{f}, Behind: true})
}

// handOver joins whom a phone talks with in two calls. The call with a line goes on,
// since its money, its channel and what is stored of it are under its name.
func (l *liveLeg) handOver(named []byte) {
	c := l.c
	r, ok := sip.ParseReplaces(named)
	if !ok {
		l.answerRefer(400)
		return
	}
	other := c.u.legNamed(c.sh, r)
	switch {
	case other == nil || other.c == c:
		l.answerRefer(481)
		return
	case other.origin().Device != l.origin().Device:
		l.answerRefer(403) // what another phone talks is not this one's to give away
		return
	case other.id == call.A && other.c.core.Ringing() && !other.c.core.Emergency():
		// Nobody has answered there yet: who is sent over takes the place of who
		// asked.
		d := other.c
		c.sendOver(l, d.target, d.to)
		d.input(call.Input{Event: call.Cut, Refusal: call.Refusal{Status: 487, Phrase: call.PhraseHandedOver}})
		return
	case !other.c.core.MayMove(other.id):
		l.answerRefer(403)
		return
	}
	l.join(other)
}

// join has the peers of a phone's two legs talk with each other.
func (l *liveLeg) join(other *liveLeg) {
	c, d := l.c, other.c
	peer, with := c.peerOf(l), d.peerOf(other)
	if peer.outside() && with.outside() {
		// Line to line, by a way on which the gate sees no new call: nothing opens
		// that.
		c.u.log.Warn("two lines are not joined", "call", c.id, "with", d.id)
		c.moved(l, fact.CallMoved{How: fact.MovedNot, With: d.id})
		l.answerRefer(603)
		return
	}
	place, from := l, with
	if with.line != "" {
		place, from = other, peer
	}
	if !place.c.core.MayTake(place.id) { // it has no room for one more
		l.answerRefer(403)
		return
	}
	l.answerRefer(202)
	c.note(l.se.NotifyRefer(200), "notify")
	place.c.takeOver(place, from)
}

// takeOver has a leg of another call talk in this one, in place of one that leaves.
func (c *liveCall) takeOver(place, from *liveLeg) {
	d := from.c
	c.moved(place, fact.CallMoved{How: fact.MovedJoined, With: d.id})
	if c.reel == nil && d.reel != nil { // it goes on
		c.reel, d.reel = d.reel, nil
		c.reel.heard = speakers{}
		c.reel.c.Store(c)
	}
	c.inherits(d)
	d.input(call.Input{Event: call.Gone, Leg: from.id})
	id := c.core.Next()
	l := c.leg(id)
	l.se, l.voice, l.contact, l.held, l.taken = from.se, from.voice, from.contact, from.held, from.taken
	l.heldAt = from.heldAt
	l.keeps, l.shift, l.shifts, l.shiftAt = from.keeps, from.shift, from.shifts, from.shiftAt
	l.insider, l.told = from.insider, from.told
	if l.contact == nil {
		came := from.origin()
		l.came = &came
	}
	from.se, from.voice, from.gone = nil, nil, true
	l.se.Owner = l
	if err := c.voice.Adopt(l.voice, strconv.Itoa(int(id))); err != nil {
		c.u.log.Error("voice of a leg stays in its call", "call", c.id, "from", d.id, "error", err)
	}
	c.input(call.Input{Event: call.Take, Leg: place.id, Kind: call.Phone, Up: true})
	if l.held {
		c.input(call.Input{Event: call.Held, Leg: id})
	}
	c.show()
}

// legNamed is the leg whose dialog a Replaces header field names, nil for none.
func (u *Unit) legNamed(sh *stack.Shard, r sip.Replaces) *liveLeg {
	se := sh.Named(r)
	if se == nil {
		return nil
	}
	l, _ := se.Owner.(*liveLeg)
	if l == nil || l.gone {
		return nil
	}
	return l
}

// takeNamed has a phone take the place of a leg that its INVITE names (RFC 3891): of
// one that rings, as anybody may who could dial the code for it; of one that talks
// only at the same extension. It gives the refusal, 0 for none.
func (u *Unit) takeNamed(sh *stack.Shard, se *stack.Session) (status int, phrase string) {
	r, ok := se.Message().Replaces()
	if !ok {
		return 400, "Malformed Replaces"
	}
	l := u.legNamed(sh, r)
	if l == nil {
		return 481, ""
	}
	c, place := l.c, l.id
	switch {
	case c.core.Called(l.id):
		place = call.None
	case r.EarlyOnly:
		return 486, "" // RFC 3891 §3
	case l.line != "" || l.origin().Extension != se.Identity().Extension:
		return 403, ""
	}
	return c.enter(se, place)
}

// enter has a phone that calls come into a call: in place of a leg, or with None to
// whoever waits. It gives the refusal, 0 for none.
func (c *liveCall) enter(se *stack.Session, place call.LegID) (status int, phrase string) {
	id, m := se.Identity(), se.Message()
	if !id.Authenticated || !c.core.MayTake(place) || c.barred(id.Extension, id.Device) {
		return 403, ""
	}
	if err := c.openA(); err != nil {
		return 488, ""
	}
	voice, err := c.voice.AddLeg(strconv.Itoa(int(c.core.Next())), c.u.cfg.Places.PhoneLeg(se.From()))
	if err != nil {
		return 503, ""
	}
	late := len(m.Body()) == 0
	if !late {
		if _, err := voice.TakeOffer(m.Body()); err != nil {
			voice.Close()
			return 488, ""
		}
	}
	came := c.u.originOf(se, c.sh.Now())
	l := c.leg(c.core.Next())
	l.se, l.voice, l.came, l.late, l.insider = se, voice, &came, late, insider(m)
	se.Owner = l
	c.moved(l, fact.CallMoved{How: fact.MovedTaken, Place: c.place})
	c.input(call.Input{Event: call.Take, Leg: place, Kind: call.Phone, Media: !late})
	return 0, ""
}

// barred tells whether a phone is set apart from a call with a line.
func (c *liveCall) barred(extension, device string) bool {
	lines := c.lineIn != ""
	for _, l := range c.legs {
		lines = lines || l.line != "" && !l.gone
	}
	r := c.calledRequest(extension, device)
	r.Origin.Site = SiteOf(device)
	_, apart := c.u.cfg.Desk.Apart(&r)
	return lines && apart
}
