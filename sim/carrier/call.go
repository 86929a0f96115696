package carrier

import (
	"bytes"
	"context"
	"fmt"
	"net/netip"
	"time"

	"github.com/sekisho/sekisho/wire/sip"
)

// state is the life of a call at the carrier.
type state uint8

const (
	ringing state = iota
	answered
	failed  // a final failure was sent or received; waits for its ACK
	ended   // lingers for retransmissions
	placing // our own INVITE is out
)

// call is one call, owned by the carrier's loop.
type call struct {
	state   state
	account *Account
	entry   *Entry
	peer    netip.AddrPort
	invite  *sip.Message // theirs, or ours
	tag     []byte
	last    []byte // the last response, for retransmitted requests

	behave   Behavior
	answerAt time.Time
	repeatAt time.Time
	interval time.Duration
	repeat   []byte
	until    time.Time // end of repeating, or of lingering

	local, remote sip.NameAddr // From and To of our requests in the dialog
	target        sip.URI
	routes        []sip.NameAddr
	cseq          uint32
	byes          int // that came from the line
	placed        *Placed

	voice  *voice
	hangup context.CancelFunc
}

// invite takes a new call of a line, or a retransmitted or repeated INVITE.
func (c *Carrier) invite(k *call, m *sip.Message, from netip.AddrPort, now time.Time) {
	if k != nil {
		k.again(c, m, from)
		return
	}
	a, challenged := c.account(m, from, now)
	if a == nil {
		if !challenged {
			c.respond(m, from, 403, "", nil)
		}
		return
	}
	if len(c.calls) >= callsMax {
		c.respond(m, from, 503, "", nil)
		return
	}
	status := c.judge(a, m, from, hop, plainContact, calling, dialing, c.routed, timed, described)
	if status != 0 {
		c.respond(m, a.answerAt(from), status, "", nil)
		return
	}
	if s, _, ok := m.SessionExpires(); ok && s < a.Manners.Timer {
		c.respond(m, from, 422, "", func(b *sip.Builder) { b.Uint(sip.HeaderMinSE, a.Manners.Timer) })
		return
	}
	if a.Manners.Plain && formats(m.Body()) > 1 {
		c.respond(m, a.answerAt(from), 488, "", nil)
		return
	}
	uri := m.RequestURI()
	reading := Read(a.dialed(uri.User))
	k = &call{
		account: a,
		peer:    from, invite: m.Clone(), tag: token(), behave: c.cfg.Behave(reading),
		entry: c.books.open(Entry{
			Line: a.User, CallID: string(m.CallID()), User: string(uri.RawUser), Caller: caller(m),
			Withheld: withheld(m), Reading: reading, Start: now,
		}),
	}
	c.calls[string(m.CallID())] = k
	if contact := m.Addr(sip.HeaderContact); contact != nil {
		k.target = contact.URI.Clone()
	}
	k.local, k.remote = m.To().Clone(), m.From().Clone()
	k.local.Tag, k.local.Params = k.tag, nil
	if routes, err := m.RecordRoutes(); err == nil {
		for i := range routes {
			k.routes = append(k.routes, routes[i].Clone())
		}
	}
	c.answerTo(k, 100, nil)
	if k.behave.Status >= 300 && k.behave.Ring == 0 {
		k.fail(c, k.behave.Status, now)
		return
	}
	c.answerTo(k, 180, nil)
	k.answerAt = now.Add(k.behave.Ring)
}

// caller is what a carrier shows as the calling number.
func caller(m *sip.Message) string {
	for _, id := range []sip.HeaderID{sip.HeaderPAssertedIdentity, sip.HeaderPPreferredIdentity} {
		if a := m.Addr(id); a != nil {
			return string(a.URI.User)
		}
	}
	return string(m.From().URI.User)
}

// withheld tells whether the caller asked not to be shown.
func withheld(m *sip.Message) bool {
	return m.Privacy("id") || bytes.HasPrefix(m.RequestURI().User, []byte("184"))
}

// dialed is what the exchange takes for the number.
func (a *Account) dialed(user []byte) []byte {
	if i := bytes.IndexByte(user, '*'); a.Manners.Star && i > 0 {
		return user[:i]
	}
	return user
}

// answerTo sends a response to the call's INVITE and remembers it.
func (c *Carrier) answerTo(k *call, status int, body []byte) {
	var b sip.Builder
	b.Reset(nil)
	b.Response(k.invite, status, "", k.tag, k.peer)
	kind := ""
	if status > 100 {
		b.Text(sip.HeaderContact, "<sip:carrier@"+c.local.String()+">")
		b.Allow(sip.Methods(sip.INVITE, sip.ACK, sip.BYE, sip.CANCEL, sip.OPTIONS, sip.PRACK, sip.UPDATE))
		if k.account.Manners.Routes {
			b.Text(sip.HeaderRecordRoute, "<"+c.recorded()+">")
		}
	}
	if s := k.account.Manners.Timer; s > 0 && status >= 200 && status < 300 {
		b.Text(sip.HeaderSessionExpires, fmt.Sprintf("%d;refresher=uas", s))
		b.Text(sip.HeaderRequire, "timer")
	}
	if len(body) > 0 {
		kind = "application/sdp"
	}
	out, err := b.Finish(kind, body)
	if err != nil {
		return
	}
	k.last = k.account.dress(out)
	c.send(k.last, k.peer)
}

// again answers an INVITE of a call that we know: a retransmission with what
// was said last, a re-INVITE with our description.
func (k *call) again(c *Carrier, m *sip.Message, from netip.AddrPort) {
	if k.state == answered && m.CSeq().Number > k.invite.CSeq().Number {
		if s := c.judge(k.account, m, from, hop, plainContact, c.inside, described); s != 0 {
			c.respond(m, from, s, "", nil)
			return
		}
		k.invite, k.peer = m.Clone(), from
		if k.voice != nil {
			k.voice.redirect(m.Body())
			c.answerTo(k, 200, k.voice.answer(m.Body()))
		}
		return
	}
	if len(k.last) > 0 && m.CSeq().Number == k.invite.CSeq().Number {
		c.send(k.last, from)
	}
}

// pickUp answers the call.
func (k *call) pickUp(c *Carrier, now time.Time) {
	ctx, cancel := context.WithCancel(context.Background())
	v, err := c.newVoice(ctx, k.invite.Body(), k.behave.Sound)
	if err != nil {
		cancel()
		k.fail(c, 488, now)
		return
	}
	k.voice, k.hangup, k.state = v, cancel, answered
	c.books.change(k.entry, func(e *Entry) { e.Answer, e.Status = now, 200 })
	c.answerTo(k, 200, v.answer(k.invite.Body()))
	k.repeating(k.last, now)
}

func (k *call) repeating(out []byte, now time.Time) {
	k.repeat, k.interval = out, repeatFirst
	k.repeatAt, k.until = now.Add(repeatFirst), now.Add(repeatFor)
}

func (k *call) fail(c *Carrier, status int, now time.Time) {
	k.state = failed
	c.books.change(k.entry, func(e *Entry) { e.End, e.Status = now, status })
	c.answerTo(k, status, nil)
	k.repeating(k.last, now)
}

// ack ends the repeating of a final response.
func (c *Carrier) ack(k *call, m *sip.Message, from netip.AddrPort, now time.Time) {
	if k.state == answered {
		c.judge(k.account, m, from, hop, c.inside) // an ACK is never answered
	} else {
		c.judge(k.account, m, from, hop)
	}
	k.repeat, k.repeatAt = nil, time.Time{}
	if k.state == failed {
		k.finish(now)
	}
}

func (k *call) finish(now time.Time) {
	k.silence()
	k.state, k.until, k.repeat = ended, now.Add(linger), nil
}

func (k *call) silence() {
	if k.hangup != nil {
		k.hangup()
		k.hangup = nil
	}
}

// bill closes the call's entry in the books.
func (k *call) bill(c *Carrier, now time.Time) {
	if k.entry == nil {
		return
	}
	c.books.change(k.entry, func(e *Entry) {
		if !e.End.IsZero() {
			return
		}
		e.End = now
		if !e.Answer.IsZero() {
			e.MilliYen = c.cfg.Price(e.Reading, now.Sub(e.Answer))
		}
	})
}

func (c *Carrier) bye(k *call, m *sip.Message, from netip.AddrPort, now time.Time) {
	if k == nil {
		c.respond(m, from, 481, "", nil)
		return
	}
	if k.byes++; k.state != ended && c.cfg.LoseBye(k.byes) {
		return
	}
	status := c.judge(k.account, m, from, hop, c.inside)
	if status == 0 {
		status = 200
	}
	c.respond(m, from, status, "", nil)
	if k.state != ended { // whatever was wrong with it: who says BYE is not there any more
		k.bill(c, now)
		k.finish(now)
		if k.placed != nil {
			k.placed.end(200)
		}
	}
}

func (c *Carrier) cancel(k *call, m *sip.Message, from netip.AddrPort, now time.Time) {
	if k == nil || k.state != ringing {
		c.respond(m, from, 481, "", nil)
		return
	}
	c.respond(m, from, 200, "", nil)
	k.fail(c, 487, now)
}

// due does what the call's clock asks for and gives its next deadline; zero
// when the call can be forgotten.
func (k *call) due(c *Carrier, now time.Time) time.Time {
	switch k.state {
	case ended:
		if !now.Before(k.until) {
			return time.Time{}
		}
		return k.until
	case ringing:
		if now.Before(k.answerAt) {
			return k.answerAt
		}
		if k.behave.Status >= 300 {
			k.fail(c, k.behave.Status, now)
		} else {
			k.pickUp(c, now)
		}
	}
	if k.voice != nil && k.voice.quiet(now) {
		k.bye(c, now)
	}
	if k.repeat == nil {
		return now.Add(idlePoll)
	}
	if !now.Before(k.until) { // nobody acknowledged (RFC 3261 §13.3.1.4)
		k.bill(c, now)
		k.finish(now)
		return k.until
	}
	if !now.Before(k.repeatAt) {
		c.send(k.repeat, k.peer)
		k.interval = min(2*k.interval, repeatMax)
		k.repeatAt = now.Add(k.interval)
	}
	return k.repeatAt
}

// bye hangs up from the carrier's side.
func (k *call) bye(c *Carrier, now time.Time) {
	k.cseq++
	var b sip.Builder
	b.Reset(nil)
	b.Request(sip.BYE, &k.target)
	b.Via("UDP", c.local.String(), append([]byte(sip.MagicCookie), token()...))
	b.Uint(sip.HeaderMaxForwards, 70)
	for i := range k.routes {
		b.Addr(sip.HeaderRoute, &k.routes[i])
	}
	b.Addr(sip.HeaderFrom, &k.local)
	b.Addr(sip.HeaderTo, &k.remote)
	b.Bytes(sip.HeaderCallID, k.invite.CallID())
	b.CSeq(k.cseq, sip.BYE)
	out, err := b.Finish("", nil)
	if err == nil {
		c.send(k.account.dress(out), k.peer)
	}
	k.bill(c, now)
	k.finish(now)
	if k.placed != nil {
		k.placed.end(200)
	}
}
