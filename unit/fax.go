package unit

import "github.com/sekisho/sekisho/unit/media"

// Fax: whoever talks may go over to T.38 and back, which only the other side can agree to,
// so that is asked; and a fax machine or a modem that wants its sound untouched gets the
// same codec on both sides. To the gate and the budgets it is the same call.

// faxes asks whom a leg talks with about its offer, where the unit can't answer that for
// it; false where it can.
func (l *liveLeg) faxes(o media.Offered) bool {
	c := l.c
	wasFax := l.voice.Faxes()
	var peer *liveLeg
	if c.core.MayMove(l.id) {
		peer = c.peerOf(l)
	}
	can := peer != nil && peer.voice != nil && peer.se != nil && peer.faxFor == nil && !peer.held
	switch {
	case o.Fax || wasFax:
		if !can || !l.askPeer(peer) {
			l.refuseOffer(488) // it sends fax as sound then
		}
		return true
	case can && !o.Hold && (o.Modem || !peer.voice.Understood()) && l.voice.Turns(peer.voice):
		return l.askPeer(peer)
	}
	return false
}

// askPeer makes a leg's offer to whom it talks with.
func (l *liveLeg) askPeer(peer *liveLeg) bool {
	b, err := peer.voice.OfferFrom(l.voice)
	if err == nil {
		if err = peer.se.Offer(sdp(b)); err != nil {
			peer.voice.Rollback()
		}
	}
	if err != nil {
		l.c.u.log.Info("fax not offered", "call", l.c.id, "leg", int(peer.id), "error", err)
		return false
	}
	peer.taken, peer.faxFor = "", l
	return true
}

// faxAgreed answers the offer that a leg's peer has agreed to.
func (l *liveLeg) faxAgreed() {
	from := l.faxFor
	l.faxFor = nil
	if from != nil && !from.gone && from.voice != nil {
		from.answerWith(func() ([]byte, error) { return from.voice.AnswerFrom(l.voice) })
		from.listens()
	}
}

// faxRefused refuses, or answers for itself, the offer that a leg's peer has not agreed to.
func (l *liveLeg) faxRefused() {
	from := l.faxFor
	l.faxFor = nil
	if l.voice != nil {
		l.voice.Rollback()
	}
	switch {
	case from == nil || from.gone || from.voice == nil:
	case from.voice.OffersFax() || from.voice.Faxes(), l.voice == nil, !l.voice.Understood():
		from.refuseOffer(488)
	default:
		from.answerWith(from.voice.Answer)
		from.listens()
	}
}
