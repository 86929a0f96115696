package unit

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"unicode/utf8"

	"github.com/sekisho/sekisho/text"
	"github.com/sekisho/sekisho/unit/call"
	"github.com/sekisho/sekisho/unit/media"
	"github.com/sekisho/sekisho/wire/dtmf"
	"github.com/sekisho/sekisho/wire/sip"
	"github.com/sekisho/sekisho/wire/sip/edge"
	"github.com/sekisho/sekisho/wire/sip/session"
	"github.com/sekisho/sekisho/wire/sip/stack"
)

var (
	errNoContact = errors.New("contact is not registered any more")
	errNoLine    = errors.New("line has no end")
)

const sdpType = "application/sdp"

func sdp(b []byte) session.Body {
	if len(b) == 0 {
		return session.Body{}
	}
	return session.Body{Type: sdpType, Bytes: b}
}

func reasonHeader(r call.Reason) []session.Header {
	if r.Protocol == "" {
		return nil
	}
	return []session.Header{{Name: "Reason", Value: r.String()}}
}

// noMedia ends a call before it is answered: nothing can be heard in it. That
// there is no room for its voice is for no other phone or line to mend.
func (c *liveCall) noMedia(err error) {
	c.u.log.Warn("no media", "call", c.id, "error", err)
	if errors.Is(err, media.ErrLimit) {
		c.input(call.Input{Event: call.Cut, Refusal: call.Refusal{Status: 503, Phrase: "No Media Ports"}})
		return
	}
	if c.notice != nil {
		c.input(call.Input{Event: call.Cut, Refusal: call.Refusal{Status: 488, Phrase: "Not Acceptable Here"}})
		return
	}
	c.input(call.Input{Event: call.BadMedia, Leg: call.A})
}

// invite sends a leg's INVITE. What hinders it is a failure of the leg.
func (c *liveCall) invite(l *liveLeg, e *call.Effect) {
	if err := c.openA(); err != nil {
		c.noMedia(err)
		return
	}
	var se *stack.Session
	var err error
	if e.Line != "" {
		se, err = c.inviteLine(l, e)
	} else {
		se, err = c.invitePhone(l, e)
	}
	if errors.Is(err, media.ErrLimit) {
		c.noMedia(err)
		return
	}
	if err != nil {
		c.u.log.Info("INVITE not sent", "call", c.id, "leg", int(l.id), "line", e.Line, "error", err)
		c.input(call.Input{Event: call.Failed, Leg: l.id, Status: 503})
		return
	}
	l.se = se
}

func (c *liveCall) invitePhone(l *liveLeg, e *call.Effect) (*stack.Session, error) {
	i, err := strconv.Atoi(e.Contact.Key)
	if err != nil || i >= len(c.contacts) {
		return nil, errNoContact
	}
	l.contact, l.offer, l.back, l.auto = &c.contacts[i], e.From, e.Back, e.Contact.Auto
	return c.sendToPhone(l, false)
}

// sendToPhone sends the INVITE to a phone. flipped turns over whether SRTP is
// offered: there are phones that take no plain offer over TLS, and phones that
// take no other.
func (c *liveCall) sendToPhone(l *liveLeg, flipped bool) (*stack.Session, error) {
	to := l.contact
	l.sees = c.core.Sides()[0]
	place, err := c.placeOf(to)
	if err != nil {
		return nil, err
	}
	cfg := c.u.cfg.Places.PhoneLeg(place)
	if flipped {
		if cfg.Policy.SRTP == media.SRTPWanted {
			cfg.Policy.SRTP = media.SRTPAllowed
		} else {
			cfg.Policy.SRTP = media.SRTPWanted
		}
	}
	body, err := c.firstOffer(l, c.recordable(l, cfg, l.offer), l.offer)
	if err != nil {
		return nil, err
	}
	headers := c.siteHeaders(l)
	if l.auto {
		headers = append(headers, c.autoAnswer(to.UserAgent)...)
	}
	headers = append(headers, c.appearance(to.Device)...)
	return c.sh.Invite(stack.PhoneCall{
		Place: place, Device: to.Device, URI: to.RequestURI, Routes: to.Routes,
		From: c.callerOf(l), To: address("", to.Extension, c.u.cfg.Realm),
		Body: body, Headers: headers, Owner: l, MaxForwards: int(c.hops),
	})
}

func (c *liveCall) inviteLine(l *liveLeg, e *call.Effect) (*stack.Session, error) {
	if name := c.u.cfg.Lines.Site(e.Line); name != "" {
		return c.inviteOverSite(l, e, name)
	}
	end, ok := c.u.end(e.Line)
	if !ok {
		return nil, fmt.Errorf("%w: %s", errNoLine, e.Line)
	}
	cfg := c.u.cfg.Places.LineLeg(e.Line, edge.Source{})
	if l.flipped {
		cfg.Policy = plainly(cfg.Policy)
	}
	sent := *e
	l.sent = &sent
	body, err := c.firstOffer(l, c.recordable(l, cfg, e.From), e.From)
	if err != nil {
		return nil, err
	}
	lines := c.u.cfg.Lines
	from, headers := lines.Outgoing(e.Line, c.presents(l, e.Destination))
	if e.Emergency {
		lines.EmergencyCalled(e.Line, c.home, c.origin.Site != "", c.sh.Now())
	}
	// The pass is used up here and names the number that goes out: what was
	// dialed has no say in it.
	return end.Invite(c.sh, l.pass, stack.LineCall{
		Call: c.id, From: from, Routes: lines.Routes(e.Line), Body: body, Headers: headers, Owner: l,
		MaxForwards: int(c.hops),
	})
}

// ring answers A provisionally.
func (c *liveCall) ring(a *liveLeg, e *call.Effect) {
	var body session.Body
	if e.From != call.None {
		if b, err := a.voice.AnswerFrom(c.leg(e.From).voice); err == nil {
			body = sdp(b)
		} else {
			c.u.log.Info("no early media", "call", c.id, "error", err)
		}
	}
	c.note(a.se.Ring(e.Status, body, !body.Empty()), "ring")
	c.show()
}

// answer answers a leg 200: with the answer to its offer, or with our offer.
func (c *liveCall) answer(l *liveLeg, e *call.Effect) {
	if l.id == call.A {
		if err := c.openA(); err != nil {
			c.noMedia(err)
			return
		}
	}
	b, err := l.describe(e.From)
	if err == nil {
		err = l.se.Answer(sdp(b), append(l.identified(e.From), l.answerHeaders(e.From)...)...)
	}
	if err != nil {
		c.u.log.Warn("no answer made", "call", c.id, "error", err)
		c.input(call.Input{Event: call.Cut, Refusal: call.Refusal{Status: 488, Phrase: "Not Acceptable Here"}})
	}
}

// describe writes what a leg's INVITE is answered with: for whom it will hear, or
// for ourselves.
func (l *liveLeg) describe(from call.LegID) ([]byte, error) {
	if l.voice == nil {
		return nil, errMediaClosed
	}
	switch {
	case from == call.None && l.late:
		return l.voice.Offer()
	case from == call.None:
		return l.voice.Answer()
	}
	other := l.c.leg(from).voice
	switch {
	case other == nil:
		return nil, errMediaClosed
	case l.late:
		return l.voice.OfferFrom(other)
	}
	return l.voice.AnswerFrom(other)
}

func (c *liveCall) refuse(a *liveLeg, r call.Refusal) {
	if r.Status == 0 {
		r.Status = 480
	}
	c.note(a.se.Refuse(r.Status, r.Phrase, reasonHeader(r.Reason)...), "refuse")
}

func (c *liveCall) cancel(l *liveLeg, r call.Reason) {
	if l.se == nil {
		c.input(call.Input{Event: call.Closed, Leg: l.id})
		return
	}
	if r == call.ReasonSilent {
		c.u.cfg.Lines.Silent(l.line, c.sh.Now())
		c.u.log.Warn("line gives no response: the next one is tried", "call", c.id, "line", l.line)
	}
	c.note(l.se.Cancel(r.String()), "cancel")
}

func (c *liveCall) bye(l *liveLeg, r call.Reason) {
	l.stopMeter()
	l.byed = true
	if l.se == nil {
		c.input(call.Input{Event: call.Closed, Leg: l.id})
		return
	}
	if err := l.se.Bye(r.String()); err != nil {
		c.note(err, "bye")
		c.input(call.Input{Event: call.Closed, Leg: l.id})
	}
}

// digit gives a leg a digit: in its media if it takes such, else in INFO.
func (c *liveCall) digit(l *liveLeg, key byte) {
	if l.voice != nil && l.voice.TelephoneEvent() {
		c.note(l.voice.SendDigits(string(rune(key))), "digit")
		return
	}
	body := dtmf.AppendInfo(nil, key, digitLength)
	c.note(l.se.Info(session.Body{Type: dtmf.TypeRelay, Bytes: body}), "digit")
}

// note logs what a session would not do: it has ended, and says so itself.
func (c *liveCall) note(err error, what string) {
	if err != nil {
		c.u.log.Debug("session did not", "call", c.id, "what", what, "error", err)
	}
}

// address gives a name-addr. Callers choose their names and numbers: what does
// not belong into a quoted string is left out, the user part is escaped.
func address(name, user, host string) string {
	b := make([]byte, 0, addressUsual)
	if name = clean(name); name != "" {
		b = append(append(append(b, '"'), name...), `" `...)
	}
	u := sip.URI{Scheme: sip.SchemeSIP, User: []byte(user), Host: []byte(host)}
	b, _ = u.Append(append(b, '<')) // a host of ours can always be written
	return string(append(b, '>'))
}

// addressUsual is how many bytes an address has at most, as a rule.
const addressUsual = 128

// clean leaves out of a display name what would end a quoted string or a
// line, and bounds it.
func clean(name string) string {
	var room [NameMax]byte
	out := room[:0]
	for _, r := range name {
		if r < ' ' || r == 0x7f || r == '"' || r == '\\' || r == utf8.RuneError {
			continue
		}
		if len(out)+utf8.RuneLen(r) > NameMax {
			break
		}
		out = utf8.AppendRune(out, r)
	}
	return string(out)
}

// callerOf is who calls, as a leg's phone is shown it: whoever waits for its answer.
func (c *liveCall) callerOf(l *liveLeg) string {
	from := c.leg(c.core.Sides()[0])
	if from.id == call.A && !l.back {
		return c.callerAt(l.extension())
	}
	number, name := from.party(l.extension())
	if l.back {
		name = clean(text.Say(c.u.lang, "unit.back", cmp.Or(name, number)))
	}
	return address(name, cmp.Or(number, anonymous), c.u.cfg.Realm)
}

// party is the number and the name of who is at the other end of a leg, as a phone
// of an extension is shown it.
func (l *liveLeg) party(extension string) (number, name string) {
	c := l.c
	switch {
	case l.id == call.A && c.from == anonymous:
		return "", c.name
	case l.id == call.A:
		return c.from, c.nameAt(extension)
	case l.came != nil && l.came.Site != "":
		return l.came.SiteExtension, l.came.Site
	case l.takesAfar(): // whoever called there, it is not the extension that was called
		return "", l.onSite()
	case l.asked != nil:
		number = l.asked.Destination.National()
		return number, c.named(extension, number)
	}
	return l.extension(), c.u.cfg.Phones.Name(l.extension())
}

// callerAt is A, as a phone of an extension is shown it.
func (c *liveCall) callerAt(extension string) string {
	switch {
	case c.from == "" || c.from == anonymous:
		name := "Anonymous"
		if c.mark != "" || c.origin.Site != "" {
			name = c.name
		}
		return `"` + name + `" <sip:anonymous@anonymous.invalid>` // RFC 3323 §4.1.1.3
	default:
		return address(c.nameAt(extension), c.from, c.u.cfg.Realm)
	}
}

const anonymous = "anonymous"

// methods are what a phone or carrier may send us in calls and beside them.
var methods = []sip.Method{
	sip.INVITE, sip.ACK, sip.CANCEL, sip.BYE, sip.OPTIONS, sip.REGISTER, sip.PRACK, sip.UPDATE, sip.INFO, sip.REFER,
}

// allowed is what a call says of them.
var allowed = sip.Methods(methods...)

var (
	allowHeader = session.Header{Name: "Allow", Value: string(allowed.Append(nil))}
	// allowPhones is said to phones, which watch lamps besides.
	allowPhones = session.Header{
		Name: "Allow", Value: string(sip.Methods(append(slices.Clone(methods), sip.SUBSCRIBE)...).Append(nil)),
	}
)

// allowFor is what is said of methods to who asks.
func allowFor(line string) session.Header {
	if line == "" {
		return allowPhones
	}
	return allowHeader
}
