package unit

import (
	"errors"
	"strconv"
	"strings"
	"time"

	"github.com/sekisho/sekisho/unit/call"
	"github.com/sekisho/sekisho/unit/media"
	"github.com/sekisho/sekisho/wire/dtmf"
	"github.com/sekisho/sekisho/wire/sip/session"
	"github.com/sekisho/sekisho/wire/sip/stack"
)

// SessionEvent turns what happened to a leg's session into an input of the
// call. Descriptions are taken into the leg's media here.
func (l *liveLeg) SessionEvent(sh *stack.Shard, se *stack.Session, ev session.Event) {
	if l.gone {
		return
	}
	if l.se == nil {
		l.se = se
	}
	c := l.c
	switch ev.Kind {
	case session.Trying:
		l.heardOf()
	case session.Progress:
		media := l.takeAnswer(ev.Body) == nil && !ev.Body.Empty()
		c.input(call.Input{Event: call.Progress, Leg: l.id, Status: ev.Status, Media: media})
	case session.Answered:
		l.answered(ev)
	case session.Failed:
		l.failed(ev)
	case session.Cancelled:
		c.input(call.Input{Event: call.Cancel, Leg: l.id, Reason: readReason(ev.Reason)})
	case session.Confirmed:
		if !ev.Body.Empty() || !l.shift.asked() { // else that offer has yet to go out
			l.offerAnswered(ev)
		}
		l.siteConfirmed()
		l.records()
	case session.Offered:
		l.keepsAs(ev.Message)
		l.offered(ev.Body)
		c.u.lamps.show(c)
		l.records()
	case session.OfferAnswered:
		l.offerAnswered(ev)
		l.records()
	case session.OfferRefused:
		l.offerRefused(ev.Status)
		l.records()
	case session.Referred:
		l.referred(ev.Message)
	case session.Info:
		l.info(ev)
	case session.Ended:
		l.ended(ev)
	}
}

func (l *liveLeg) answered(ev session.Event) {
	in := call.Input{Event: call.Answered, Leg: l.id, Status: ev.Status}
	l.runMeter()
	l.noteAnswer()
	if l.onSite() != "" && ev.Message != nil {
		l.insider = string(ev.Message.Named(partyHeader)) == partyInside
	}
	in.Media = !ev.Body.Empty() && l.takeAnswer(ev.Body) == nil
	if l.line == "" || ev.NeedAnswer {
		l.c.input(in)
		return
	}
	l.answeredOutside(in)
}

// answeredOutside takes the answer on a line, whose ACK waits until what must be
// known after a crash is on disk.
func (l *liveLeg) answeredOutside(in call.Input) {
	c := l.c
	acknowledged := func() {
		if !l.gone {
			c.note(l.se.Acknowledge(), "acknowledge")
			c.input(in)
		}
	}
	if c.core.Emergency() { // recorded as soon as possible, waited for never
		c.keepDialog(l, nil)
		acknowledged()
		return
	}
	c.keepDialog(l, func() { c.tell(acknowledged) })
}

// heardOf notes that a line gave its first response.
func (l *liveLeg) heardOf() {
	l.heard = true
	if l.line != "" {
		l.c.u.cfg.Lines.Heard(l.line, l.c.sh.Now())
		l.c.input(call.Input{Event: call.Trying, Leg: l.id})
	}
}

func (l *liveLeg) failed(ev session.Event) {
	if l.offerAll(ev.Status) || l.offerOther(ev.Status) || l.offerPlain(ev.Status) {
		return
	}
	lines, now := l.c.u.cfg.Lines, l.c.sh.Now()
	switch {
	case l.onSite() != "" && (ev.Status == 408 || ev.Status == 503):
		l.c.u.cfg.Sites.Doubt(l.onSite(), now)
		l.c.u.SitesChanged()
	case l.line == "" || ev.Status != 408 && ev.Status != 503:
	case ev.Status == 408 && !l.heard:
		lines.Silent(l.line, now)
	default:
		lines.Doubt(l.line, now)
	}
	in := call.Input{Event: call.Failed, Leg: l.id, Status: ev.Status, Reason: readReason(ev.Reason)}
	if ev.Status >= 300 && ev.Status < 400 && l.line == "" && l.onSite() == "" && ev.Message != nil {
		if r, ok := l.c.redirected(l, ev.Message); ok {
			in.Event, in.Route = call.RedirectedTo, r
		}
	}
	l.c.input(in)
}

// offerOther sends a phone over TLS that did not accept our offer the other
// one, once: SRTP instead of plain RTP, or the reverse.
func (l *liveLeg) offerOther(status int) bool {
	if (status != 488 && status != 606) || l.contact == nil || l.contact.Target.Transport != "tls" ||
		l.onSite() != "" || l.flipped || l.voice == nil {
		return false // voice is nil too when the leg was called off
	}
	l.flipped = true
	return l.sendAgain(true)
}

// sendAgain sends a phone's INVITE again, with another offer.
func (l *liveLeg) sendAgain(flipped bool) bool {
	l.voice.Close()
	l.voice = nil
	se, err := l.c.sendToPhone(l, flipped)
	if err != nil {
		l.c.u.log.Info("INVITE not sent again", "call", l.c.id, "leg", int(l.id), "error", err)
		return false
	}
	l.se, l.taken = se, ""
	return true
}

// ended sorts the end of a session: the answer to our BYE, the peer's BYE, or
// a session that was lost.
func (l *liveLeg) ended(ev session.Event) {
	l.stopMeter()
	l.unheard = l.meter != nil && ev.Status != 481 && (ev.Status < 200 || ev.Status > 299)
	in := call.Input{Event: call.Bye, Leg: l.id, Reason: readReason(ev.Reason)}
	if l.byed || ev.Status != 200 {
		in.Event = call.Closed
	}
	l.c.input(in)
}

// takeAnswer takes the peer's answer to our offer; a repetition changes
// nothing.
func (l *liveLeg) takeAnswer(b session.Body) error {
	if b.Empty() || l.voice == nil || l.taken == string(b.Bytes) {
		return nil
	}
	if err := l.voice.TakeAnswer(b.Bytes); err != nil {
		l.c.u.log.Info("description not taken", "call", l.c.id, "leg", int(l.id), "error", err)
		return err
	}
	l.taken = string(b.Bytes)
	return nil
}

// offered answers a re-offer, or the wish for one of ours. It is between the leg
// and its media: nobody else is asked but about fax, and whoever is held hears music.
func (l *liveLeg) offered(b session.Body) {
	if l.voice == nil {
		l.refuseOffer(481)
		return
	}
	if how := l.yields(); how != shiftNone {
		defer l.asksAgain(how)
	}
	if b.Empty() {
		l.answerWith(l.voice.Offer)
		return
	}
	if l.line == "" {
		l.voice.Follow(l.se.From().Remote.Addr())
	}
	o, err := l.voice.TakeOffer(b.Bytes)
	if err != nil {
		l.c.u.log.Info("description not taken", "call", l.c.id, "leg", int(l.id), "error", err)
		l.refuseOffer(488)
		return
	}
	if l.faxes(o) {
		return
	}
	l.answerWith(l.voice.Answer)
	l.listens()
}

// answerWith answers a re-offer with what make writes.
func (l *liveLeg) answerWith(make func() ([]byte, error)) {
	b, err := make()
	if err != nil {
		l.c.u.log.Info("no answer made", "call", l.c.id, "leg", int(l.id), "error", err)
		l.refuseOffer(488)
		return
	}
	l.taken = ""
	l.c.note(l.se.AnswerOffer(sdp(b)), "answer offer")
}

func (l *liveLeg) refuseOffer(status int) {
	if l.voice != nil {
		l.voice.Rollback()
	}
	l.c.note(l.se.RefuseOffer(status), "refuse offer")
}

// offerAnswered takes the answer to our offer: where the INVITE, or one within the
// call, asked for it.
func (l *liveLeg) offerAnswered(ev session.Event) {
	b := ev.Body
	if l.voice == nil {
		return
	}
	if b.Empty() {
		l.voice.Rollback() // where there was one; else nothing
		if l.shift.asked() {
			l.shifted(ev.Status, errNoAnswer)
		}
		return
	}
	l.taken = ""
	switch err := l.takeAnswer(b); {
	case l.shift.asked():
		l.shifted(ev.Status, err)
	case err != nil && l.faxFor != nil:
		l.faxRefused()
	case err != nil:
		l.c.input(call.Input{Event: call.BadMedia, Leg: l.id})
	default:
		l.faxAgreed()
		l.listens()
	}
}

// offerRefused takes the refusal of our offer.
func (l *liveLeg) offerRefused(status int) {
	if l.shift.asked() && l.voice != nil {
		l.shifted(status, errNoAnswer)
		return
	}
	l.faxRefused()
}

// errNoAnswer says that an offer was refused.
var errNoAnswer = errors.New("the offer has no answer")

// listens tells the call where the leg holds it, or does no more.
func (l *liveLeg) listens() {
	held := l.voice.Held()
	if held == l.held {
		return
	}
	l.held, l.heldAt = held, l.c.sh.Now()
	in := call.Input{Event: call.Resumed, Leg: l.id}
	if held {
		in.Event = call.Held
	}
	l.c.input(in)
	if h := l.c.host; h != nil && h.gathering != nil {
		h.gathering.records()
	}
}

// records has the recording of the leg's call follow what was agreed, and those of a room
// that it is in.
func (l *liveLeg) records() {
	if h := l.c.host; h != nil && h.gathering != nil {
		h.gathering.records()
		return
	}
	l.c.records()
}

func (l *liveLeg) info(ev session.Event) {
	if ev.Body.Type == PartyType {
		if l.onSite() != "" {
			l.partyTold(string(ev.Body.Bytes))
		}
		return
	}
	said := strings.ToLower(string(ev.Message.Named(session.RecordHeader)))
	if l.onSite() == "" && (said == "on" || said == "off") {
		l.recordKey(said)
		return
	}
	key, length, err := dtmf.ParseInfo(ev.Body.Type, ev.Body.Bytes)
	if err != nil || length > DigitMax {
		return
	}
	l.c.input(call.Input{Event: call.Digit, Leg: l.id, Digit: key})
}

// mediaInput turns a media event into an input.
func mediaInput(ev media.Event) (call.Input, bool) {
	n, err := strconv.Atoi(ev.Leg)
	if err != nil {
		return call.Input{}, false
	}
	in := call.Input{Leg: call.LegID(n)}
	switch ev.Kind {
	case media.Digit:
		in.Event, in.Digit = call.Digit, ev.Digit
		return in, !ev.Passed
	case media.Timeout:
		in.Event = call.MediaTimeout
		return in, true
	case media.Played:
		in.Event = call.PlayDone
		return in, !ev.Stopped
	}
	return in, false
}

// readReason reads the value of a Reason header field (RFC 3326 §2). Its text
// is not read: it never goes to the other side.
func readReason(value string) call.Reason {
	if i := strings.IndexByte(value, ','); i >= 0 && !strings.Contains(value[:i], `"`) {
		value = value[:i]
	}
	protocol, params, _ := strings.Cut(value, ";")
	protocol = strings.TrimSpace(protocol)
	switch {
	case strings.EqualFold(protocol, "SIP"):
		protocol = "SIP"
	case strings.EqualFold(protocol, "Q.850"):
		protocol = "Q.850"
	default:
		return call.Reason{}
	}
	for p := range strings.SplitSeq(params, ";") {
		name, cause, _ := strings.Cut(strings.TrimSpace(p), "=")
		if !strings.EqualFold(strings.TrimSpace(name), "cause") {
			continue
		}
		n, err := strconv.ParseUint(strings.TrimSpace(cause), 10, 10)
		if err == nil && n < 700 {
			return call.Reason{Protocol: protocol, Cause: int(n)}
		}
	}
	return call.Reason{}
}

// digitLength is how long a digit lasts that we send in INFO.
const digitLength = 160 * time.Millisecond
