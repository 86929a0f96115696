package stack

import (
	"net/netip"
	"slices"
	"strconv"
	"time"

	"github.com/sekisho/sekisho/wire/sip"
	"github.com/sekisho/sekisho/wire/sip/dialog"
	"github.com/sekisho/sekisho/wire/sip/edge"
	"github.com/sekisho/sekisho/wire/sip/session"
	"github.com/sekisho/sekisho/wire/sip/transaction"
)

// Session is one INVITE usage with its transactions: a leg of a call. It
// belongs to its shard's loop. What happens to it comes to Owner.
type Session struct {
	// Owner hears the session's events. The Handler sets it for a call that
	// comes in.
	Owner Owner
	// Data is the owner's own.
	Data any

	sh       *Shard
	side     Side
	line     *Line
	core     *session.Session
	tag      string
	flow     flow
	hops     int
	tm       timer
	identity edge.Identity
	lineID   string
	reading  *sip.Message // the INVITE that came in, while it is handled …
	kept     bool         // … or longer
	final    uint64       // transaction whose 2xx the session repeats; 0: none
	requests []*request   // under way
	flushing bool
	urgent   bool   // an emergency call's
	peer     string // the key that whoever it is with has proved to have, "" for none

	search    timer // how long the peer's next connection is waited for
	searching bool
	waiting   []func() // what is done when there is one
	lost      bool     // there was none

	room [2]*request // of requests
}

// newSession makes the record of a session.
func (sh *Shard) newSession(side Side, owner Owner) (*Session, error) {
	if !sh.roomFor(len(sh.sessions), sessionsMax, sh.urgent) {
		sh.stack.Counters.Overflow.Add(1)
		return nil, ErrFull
	}
	se := &Session{
		Owner: owner, sh: sh, side: side, tag: sh.newTag(), urgent: sh.urgent,
	}
	se.tm.owner, se.search.owner = se, se
	sh.sessions[se.tag] = se
	return se, nil
}

// beginSession makes the session of an INVITE and hands it to the Handler.
func (sh *Shard) beginSession(tx *serverTx, m *sip.Message, f flow, id edge.Identity, line string) {
	se, err := sh.newSession(f.listener.Side, nil)
	if err != nil {
		_ = tx.respond(&session.Effect{Status: 503, Headers: retryLater}, sh.statelessTag(m))
		return
	}
	se.identity, se.lineID, se.peer = id, line, f.peer()
	se.stand(f)
	cfg := sh.stack.cfg.Session
	if se.line = sh.stack.Line(line); se.line != nil {
		cfg = se.line.cfg.Session
	}
	cfg.Jitter, cfg.Effects = sh.randomUint64(), &sh.effects
	core, status, headers := session.NewUAS(cfg, sh.now, tx.id, m, se.tag)
	if core == nil {
		sh.remove(se)
		_ = tx.respond(&session.Effect{Status: status, Headers: headers}, []byte(se.tag))
		return
	}
	se.core = core
	tx.session = se
	se.reading = m
	tx.call = sh.callKey(m)
	sh.calls[tx.call] = tx
	sh.stack.cfg.Handler.Invite(sh, se)
	if !se.kept {
		se.reading = nil
	}
	se.flush()
}

// retryLater is what goes with the 503 of a shard without room for sessions.
var retryLater = []session.Header{{Name: "Retry-After", Value: strconv.Itoa(retryAfterShed)}}

// Shard is the shard that owns the session.
func (se *Session) Shard() *Shard { return se.sh }

// From is where the peer stands.
func (se *Session) From() edge.Source { return se.sh.stack.sourceOf(&se.flow) }

// Identity is who called, for a call that came in on the phone side; for one
// that went out it has the device only.
func (se *Session) Identity() edge.Identity { return se.identity }

// Urgent reports whether it is an emergency call's.
func (se *Session) Urgent() bool { return se.urgent }

// Line is the line that the session is on; "" on the phone side.
func (se *Session) Line() string {
	if se.lineID == "" && se.line != nil {
		return se.line.cfg.ID
	}
	return se.lineID
}

// Message is the INVITE that came in. It is good until the Handler's Invite
// returns, and nil afterwards, unless Keep was called; nil for a session that
// went out.
func (se *Session) Message() *sip.Message { return se.reading }

// Keep makes Message good beyond the Handler's Invite.
func (se *Session) Keep() {
	if se.reading != nil && !se.kept {
		se.kept, se.reading = true, se.reading.Clone()
	}
}

// PeerOffer is the offer of the INVITE that came in, or the peer's last
// description; empty if there is none.
func (se *Session) PeerOffer() session.Body { return se.core.PeerOffer() }

// Dialog returns a copy of the session's dialog; the zero Dialog before the
// answer of a call that went out.
func (se *Session) Dialog() dialog.Dialog { return se.core.Dialog() }

// Remote is the address that the session's requests go to.
func (se *Session) Remote() edge.Target {
	return edge.Target{Transport: se.flow.listener.Transport, Addr: se.flow.remote}
}

// Ring gives a provisional response, 101 to 199: reliably (RFC 3262) if asked
// for and the peer can, or if the peer demands it.
func (se *Session) Ring(status int, b session.Body, reliable bool, h ...session.Header) error {
	defer se.flush()
	return se.core.Ring(se.sh.now, status, b, reliable, h...)
}

// Answer accepts the call. The body answers the caller's offer, or is ours.
func (se *Session) Answer(b session.Body, h ...session.Header) error {
	defer se.flush()
	return se.core.Answer(se.sh.now, b, h...)
}

// Refuse ends a call that came in with a final response, 300 to 699. No event
// follows.
func (se *Session) Refuse(status int, phrase string, h ...session.Header) error {
	defer se.flush()
	return se.core.Refuse(se.sh.now, status, phrase, h...)
}

// Offer makes an offer inside the session; an empty body asks for the peer's.
func (se *Session) Offer(b session.Body) error {
	defer se.flush()
	return se.core.Offer(se.sh.now, b)
}

// Withdraw takes back an offer that has yet to go out, and tells whether there was one.
func (se *Session) Withdraw() bool { return se.core.Withdraw() }

// AnswerOffer answers what the peer offered.
func (se *Session) AnswerOffer(b session.Body) error {
	defer se.flush()
	return se.core.AnswerOffer(se.sh.now, b)
}

// RefuseOffer refuses what the peer offered inside the session; 488 as a rule.
func (se *Session) RefuseOffer(status int) error {
	defer se.flush()
	return se.core.RefuseOffer(se.sh.now, status)
}

// Info sends an INFO; its result is not told.
func (se *Session) Info(b session.Body) error {
	defer se.flush()
	return se.core.Info(se.sh.now, b)
}

// AnswerRefer answers the peer's REFER, with 202 or a refusal.
func (se *Session) AnswerRefer(status int) error {
	defer se.flush()
	return se.core.AnswerRefer(se.sh.now, status)
}

// NotifyRefer tells the peer what became of its REFER so far.
func (se *Session) NotifyRefer(status int) error {
	defer se.flush()
	return se.core.NotifyRefer(se.sh.now, status)
}

// Acknowledge gives the ACK that session.Config.HoldACK held back.
func (se *Session) Acknowledge() error {
	defer se.flush()
	return se.core.Acknowledge(se.sh.now)
}

// Cancel gives up a call that went out and is not answered; Failed follows.
// reason is the value of a Reason header, "" for none.
func (se *Session) Cancel(reason string) error {
	defer se.flush()
	return se.core.Cancel(se.sh.now, reason)
}

// Bye ends a call that was answered; Ended follows.
func (se *Session) Bye(reason string) error {
	defer se.flush()
	return se.core.Bye(se.sh.now, reason)
}

// End hangs up whatever the state: Cancel, Refuse with status, or Bye.
func (se *Session) End(status int, reason string) {
	defer se.flush()
	se.core.End(se.sh.now, status, reason)
}

// wake runs the session's timers.
func (se *Session) wake(t *timer, now time.Time) {
	if t == &se.search {
		se.forsake(now)
		return
	}
	se.core.Timer(now)
	se.flush()
}

// expects reports whether the session's peer speaks from where a message came
// from: where it was, or an address that its dialog names; on a line, any
// address of a line.
func (se *Session) expects(f *flow) bool {
	if !se.flow.listener.with(f.listener) {
		return false
	}
	if se.peer != "" || f.peer() != "" {
		return se.peer == f.peer()
	}
	a := f.remote.Addr()
	if a == se.flow.remote.Addr() {
		return true
	}
	lines := se.sh.stack.cfg.Lines
	if se.side == LineSide && lines != nil && lines.IsLineAddr(a.Unmap()) {
		return true
	}
	d := se.core.Dialog()
	for _, uri := range append([]string{d.Target}, d.Routes...) {
		if u, err := se.sh.readURI(uri); err == nil {
			if b, ok := sip.HostAddr(u.Host); ok && b == a.Unmap() {
				return true
			}
		}
	}
	return false
}

// moved notes that a phone now speaks from elsewhere (RFC 3581: behind NAT
// the port may change).
func (se *Session) moved(f flow) {
	if se.side == PhoneSide {
		se.stand(f)
	}
}

func (se *Session) forgetRequest(r *request) {
	if i := slices.Index(se.requests, r); i >= 0 {
		se.requests = slices.Delete(se.requests, i, i+1)
	}
}

// requestOf finds a request under way; nil if there is none.
func (se *Session) requestOf(req uint32) *request {
	for _, r := range se.requests {
		if r.req == req {
			return r
		}
	}
	return nil
}

// flush carries out the session's effects, in order. What the owner does
// meanwhile joins the end of the queue.
func (se *Session) flush() {
	if se.flushing || se.core == nil {
		return
	}
	se.flushing = true
	for effects := se.core.Take(); len(effects) > 0; effects = se.core.Take() {
		for i := range effects {
			se.do(&effects[i])
		}
	}
	se.flushing = false
	se.sh.wheel.arm(&se.tm, se.core.Deadline())
	se.settle()
}

// settle lets the transaction of an INVITE go whose 2xx is no longer repeated.
func (se *Session) settle() {
	if se.final == 0 || se.core.Repeats(se.final) {
		return
	}
	tx := se.sh.serverOf(se.final)
	se.final = 0
	if tx != nil && tx.core.State() == transaction.Accepted {
		tx.settle(nil)
	}
}

// respond gives a transaction of the session its response.
func (se *Session) respond(tx *serverTx, e *session.Effect) {
	if tx.core.Invite() && e.Status >= 200 && e.Status < 300 {
		se.final = e.Tx
	}
	if err := tx.respond(e, []byte(e.ToTag)); err != nil {
		se.sh.stack.log("sip: response not sent", "status", e.Status, "error", err)
	}
}

func (se *Session) do(e *session.Effect) {
	sh := se.sh
	switch e.Op {
	case session.OpRequest:
		se.request(e)
	case session.OpCancel:
		se.cancel(e)
	case session.OpAbandon:
		if r := se.requestOf(e.Req); r != nil {
			r.over = true
			if r.tx != nil {
				r.tx.act(r.tx.core.Abandon(), nil)
			}
		}
	case session.OpACK:
		se.ack(e)
	case session.OpRespond:
		if tx := sh.serverOf(e.Tx); tx != nil {
			se.respond(tx, e)
		}
	case session.OpRepeat:
		if tx := sh.byTx[e.Tx]; tx != nil {
			tx.resend()
		}
	case session.OpEvent:
		if se.Owner != nil {
			se.Owner.SessionEvent(sh, se, e.Event)
		}
	case session.OpDone:
		sh.remove(se)
	}
}

// request sends a request of the session.
func (se *Session) request(e *session.Effect) {
	sh := se.sh
	r := &request{
		sh: sh, line: se.line, head: e.Head, headers: e.Headers, body: e.Body, maxForwards: se.hops,
		place: se.way(e.Head.Next), session: se, req: e.Req, urgent: sh.urgent || se.urgent,
	}
	if e.Contact {
		r.contact = contact{own: true, user: se.contactUser()}
	}
	if se.requests == nil {
		se.requests = se.room[:0]
	}
	se.requests = append(se.requests, r)
	next := e.Head.Next
	if next == "" && se.line != nil {
		next = se.line.nextHop(e.Head.Routes, e.Head.URI)
	}
	r.launch(next)
}

// ack sends the ACK for a 2xx, which has no transaction.
func (se *Session) ack(e *session.Effect) {
	sh := se.sh
	if se.adrift() {
		held := *e
		if se.await(func() { se.ack(&held) }) {
			return
		}
	}
	f := se.way(e.Head.Next)
	if !sh.mayGo(&f, e.Head.URI) {
		return
	}
	msg, err := sh.buildRequest(&f, sh.newBranch(), &e.Head, se.hops, contact{}, e.Headers, e.Body)
	if err == nil {
		sh.send(msg, &f, branch{})
	}
}

// contactUser is the user part of our Contact in this session.
func (se *Session) contactUser() string {
	if se.line != nil {
		return se.line.cfg.ContactUser
	}
	return se.tag
}

// Invite makes a call to a phone. The phone side has no way to a line: where
// the address or the contact is a line's, the error is ErrLineAddress.
func (sh *Shard) Invite(c PhoneCall) (*Session, error) {
	f, err := sh.placeOf(c.Place, c.URI)
	if err != nil {
		return nil, err
	}
	se, err := sh.newSession(PhoneSide, c.Owner)
	if err != nil {
		return nil, err
	}
	se.hops, se.identity, se.peer = c.MaxForwards, edge.Identity{Device: c.Device}, c.Place.Peer
	se.stand(f)
	cfg := sh.stack.sessionConfig(c.Config)
	cfg.Jitter, cfg.Effects = sh.randomUint64(), &sh.effects
	se.core = session.NewUAC(cfg, session.Invite{
		URI: c.URI, Routes: c.Routes, From: c.From, To: c.To, CallID: sh.newCallID(), LocalTag: se.tag, CSeq: 1,
		Body: c.Body, Headers: c.Headers,
	})
	se.flush()
	return se, nil
}

// Send sends a request outside a session to a phone: OPTIONS, NOTIFY and so
// on, never an INVITE. done is called once, in a later turn of the loop.
func (sh *Shard) Send(p edge.Source, o Outgoing, done Done) error {
	f, err := sh.placeOf(p, o.URI)
	if err != nil {
		return err
	}
	r, err := sh.outgoing(&o, done)
	if err != nil {
		return err
	}
	r.place = f
	r.launch("")
	return nil
}

// placeOf finds the flow to a phone.
func (sh *Shard) placeOf(p edge.Source, uri string) (flow, error) {
	st := sh.stack
	l := st.byName[p.Listener]
	if l == nil || l.Side != PhoneSide {
		return flow{}, ErrNoWay
	}
	if p.Peer != "" {
		return sh.flowToPeer(l, p, uri)
	}
	f := flow{listener: l, local: p.Local, remote: netip.AddrPortFrom(p.Remote.Addr().Unmap(), p.Remote.Port())}
	if !sh.mayGo(&f, uri) {
		return flow{}, ErrLineAddress
	}
	if l.Transport != "udp" {
		// A phone behind NAT can't be dialed: its own connection, or none.
		f.conn = st.conns.find(connKey{l.Transport, f.remote})
		if f.conn == nil {
			return flow{}, ErrNoWay
		}
	}
	return f, nil
}

// outgoing makes a request outside a session.
func (sh *Shard) outgoing(o *Outgoing, done Done) (*request, error) {
	switch o.Method {
	case sip.INVITE, sip.ACK, sip.CANCEL, sip.MethodUnknown:
		return nil, ErrMethod
	}
	if o.CallID == "" {
		o.CallID = sh.newCallID()
	}
	if o.FromTag == "" {
		o.FromTag = sh.newTag()
	}
	to := o.To
	if o.ToTag != "" {
		to += ";tag=" + o.ToTag
	}
	return &request{
		sh: sh, contact: contact{text: o.Contact}, headers: o.Headers, body: o.Body, done: done,
		challenges: o.Challenges,
		head: dialog.Head{
			Method: o.Method, URI: o.URI, Routes: o.Routes, From: o.From + ";tag=" + o.FromTag, To: to,
			CallID: o.CallID, CSeq: max(o.CSeq, 1),
		},
	}, nil
}
