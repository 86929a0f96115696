package stack

import (
	"errors"
	"net/netip"

	"github.com/sekisho/sekisho/wire/sip"
	"github.com/sekisho/sekisho/wire/sip/edge"
)

// arrive takes a datagram that came in on this shard's sockets, and hands it
// over if another shard owns it.
func (sh *Shard) arrive(d *edge.Datagram) {
	st := sh.stack
	if d.Listener < 0 || d.Listener >= len(sh.listeners) || sh.listeners[d.Listener] == nil {
		return
	}
	msg, f := d.Buf, flow{listener: sh.listeners[d.Listener], local: d.Local, remote: d.Remote}
	if !sh.parse(msg, &f) {
		return
	}
	owner := shardOf(&sh.msg, len(st.shards))
	if owner == sh.id {
		sh.waited(d.At)
		sh.handle(&sh.msg, f)
		return
	}
	// Parse unfolds in place, so the bytes parse again to the same message.
	st.Counters.HandedOver.Add(1)
	st.shards[owner].handOver(msg, f, d.At)
}

// arriveHere takes a message that another goroutine left for this shard.
func (sh *Shard) arriveHere(msg []byte, f flow) {
	if sh.parse(msg, &f) {
		sh.handle(&sh.msg, f)
	}
}

func (sh *Shard) parse(msg []byte, f *flow) bool {
	c := &sh.stack.Counters
	err := sip.Parse(msg, &sh.msg)
	if err == nil {
		return true
	}
	if errors.Is(err, sip.ErrKeepAlive) || len(msg) <= 4 {
		c.KeepAlives.Add(1)
		return false
	}
	c.Junk.Add(1)
	if f.conn == nil {
		sh.guard.worst.note(sourceOf(f.remote.Addr()))
	}
	sh.stack.junk(sh.now, "not SIP", f.remote)
	return false
}

// handle takes a message that this shard owns.
func (sh *Shard) handle(m *sip.Message, f flow) {
	st := sh.stack
	st.Counters.Received.Add(1)
	// A stranger's request is looked at closely only if it may be answered.
	who := registered
	if f.listener.Side == PhoneSide && begins(m) {
		if who = sh.senderOf(m, &f); !sh.mayAnswer(m, f, who) || sh.hurried(m, f, who) {
			return
		}
	}
	if !m.IsResponse() && m.Method() == sip.ACK {
		sh.ack(m, f)
		return
	}
	if a := sip.Validate(m, &f.listener.rules); a != nil {
		sh.invalid(m, f, a)
		return
	}
	switch {
	case m.IsResponse():
		sh.response(m, f)
	case m.Method() == sip.CANCEL:
		sh.cancel(m, f)
	default:
		sh.request(m, f, who)
	}
}

// begins reports whether a message is a request that would begin something
// new, if it is well-formed and not a repetition.
func begins(m *sip.Message) bool {
	switch {
	case m.IsResponse(), m.Method() == sip.ACK, m.Method() == sip.CANCEL:
		return false
	default:
		return m.Method() == sip.REGISTER || len(m.To().Tag) == 0
	}
}

// senderOf tells what is known of who sent a request to the phone side.
func (sh *Shard) senderOf(m *sip.Message, f *flow) sender {
	answers := sh.stack.cfg.Answers
	switch {
	case f.peer() != "":
		return registered
	case sh.stack.knownSource(f.remote):
		return registered
	case answers != nil && m.Has(sip.HeaderAuthorization) && answers(m, sh.stack.sourceOf(f), sh.now):
		return challenged
	default:
		return stranger
	}
}

// invalid answers a message that Validate found fault with.
func (sh *Shard) invalid(m *sip.Message, f flow, a *sip.Answer) {
	st := sh.stack
	if a.Dropped() {
		st.Counters.Unanswerable.Add(1)
		st.junk(sh.now, a.Phrase, f.remote)
		return
	}
	if f.listener.Side == LineSide && !sh.fromLine(m, &f) {
		st.Counters.Dropped.Add(1)
		return
	}
	if f.listener.Side == PhoneSide && !begins(m) && !sh.mayAnswer(m, f, sh.senderOf(m, &f)) {
		return
	}
	st.Counters.Malformed.Add(1)
	sh.respondStateless(m, &f, a.Status, a.Phrase, extra{answer: a})
}

// ack takes an ACK: for a non-2xx response it belongs to the transaction, for
// a 2xx to the session. One that belongs to nothing is not looked at closely: an
// overloaded shard gets one for each request that it turns away.
func (sh *Shard) ack(m *sip.Message, f flow) {
	tx := sh.servers[sh.serverKey(m)]
	se := sh.sessions[string(m.To().Tag)]
	if tx == nil && se == nil {
		sh.stack.Counters.Strays.Add(1) // of a stateless response, as a rule
		if heard := sh.stack.cfg.Acknowledged; heard != nil && f.listener.Side == PhoneSide {
			heard(m, sh.stack.sourceOf(&f), sh.now)
		}
		return
	}
	if a := sip.Validate(m, &f.listener.rules); a != nil {
		sh.invalid(m, f, a)
		return
	}
	switch {
	case tx != nil:
		if tx.flow.remote.Addr() == f.remote.Addr() && tx.flow.listener.with(f.listener) {
			tx.act(tx.core.Ack(sh.now))
		}
	case se.expects(&f):
		se.core.Ack(sh.now, m)
		se.flush()
	default:
		sh.stack.Counters.Strays.Add(1)
	}
}

// cancel takes a CANCEL (RFC 3261 §9.2). It must come from where its INVITE
// came from; its answer is given without state, once for each copy.
func (sh *Shard) cancel(m *sip.Message, f flow) {
	key := sh.serverKey(m)
	if s, _ := sh.settled.find(key, sh.now); s != nil && s.remote.Addr() == f.remote.Addr() &&
		s.listener.with(f.listener) {
		sh.respondStateless(m, &f, 200, "", extra{}) // too late
		return
	}
	tx := sh.servers[key]
	if tx == nil || tx.flow.remote.Addr() != f.remote.Addr() || tx.flow.listener != f.listener {
		sh.unknown(m, f)
		return
	}
	sh.respondStateless(m, &f, 200, "", extra{})
	if se := tx.session; se != nil && !tx.core.Answered() {
		se.core.CancelRequest(sh.now, tx.id, m)
		se.flush()
	}
}

// unknown answers a request that belongs to nothing we know: 481 if it names
// a call that we may have had, or comes from a line or a registered phone;
// else nothing, so that strangers learn nothing.
func (sh *Shard) unknown(m *sip.Message, f flow) {
	st := sh.stack
	_, ours := shardOfID(m.To().Tag, shardsMax)
	line := f.listener.Side == LineSide
	known := st.knownSource(f.remote)
	if line && !sh.fromLine(m, &f) || !line && !known && !(ours && sh.mayAnswer(m, f, stranger)) {
		st.Counters.Dropped.Add(1)
		return
	}
	st.Counters.Strays.Add(1)
	sh.respondStateless(m, &f, 481, "", extra{})
}

// request takes any other request.
func (sh *Shard) request(m *sip.Message, f flow, who sender) {
	key := sh.serverKey(m)
	if tx := sh.servers[key]; tx != nil {
		sh.stack.Counters.Absorbed.Add(1)
		tx.act(tx.core.Request())
		return
	}
	if sh.repeated(m.Method(), key, &f) {
		return
	}
	if len(m.To().Tag) > 0 && m.Method() != sip.REGISTER {
		sh.inside(m, f, key)
		return
	}
	sh.outside(m, f, key, who)
}

// inside takes a request inside a dialog.
func (sh *Shard) inside(m *sip.Message, f flow, key txKey) {
	se := sh.sessions[string(m.To().Tag)]
	if s := sh.subscriptions[string(m.To().Tag)]; s != nil {
		sh.insideSubscription(s, m, f, key)
		return
	}
	if se == nil && sh.expected[string(m.To().Tag)] {
		sh.insideExpected(m, f, key)
		return
	}
	if se == nil || f.listener.Side != se.side || !se.core.Owns(m) {
		sh.unknown(m, f)
		return
	}
	if !se.expects(&f) && !sh.proven(se.side, se.identity.Device, m, f) {
		return
	}
	tx := sh.newServer(m, f, key, 0)
	if tx == nil {
		return
	}
	tx.session = se
	se.moved(f)
	se.core.Request(sh.now, tx.id, m)
	se.flush()
	sh.handledAll()
}

// proven takes a request inside a dialog that comes from elsewhere than the
// dialog's: tags can be read on the wire, so a phone that has moved must prove to
// be the one that it is with; a line does not move.
func (sh *Shard) proven(side Side, device string, m *sip.Message, f flow) bool {
	if side == PhoneSide {
		id, ok := sh.admit(m, f)
		if !ok {
			return false
		}
		if id.Authenticated && (device == "" || device == id.Device) {
			return true
		}
	}
	sh.stack.Counters.Dropped.Add(1)
	sh.stack.junk(sh.now, "inside a call of others", f.remote)
	return false
}

// outside takes a request that would begin something new.
func (sh *Shard) outside(m *sip.Message, f flow, key txKey, who sender) {
	st := sh.stack
	emergency := sh.emergency(m)
	phones := f.listener.Side == PhoneSide
	var id edge.Identity
	line := ""
	if !phones {
		var known bool
		if line, known = sh.lineOf(m, &f); !known {
			st.Counters.Dropped.Add(1)
			st.ignored(&f)
			st.junk(sh.now, "from no line", f.remote)
			return
		}
	}
	if !phones && !emergency && sh.tooMuch(m, f, who) {
		sh.shed(m, f)
		return
	}
	if m.Method() == sip.INVITE && sh.merged(m, f) {
		return
	}
	if phones {
		var ok bool
		if id, ok = sh.admit(m, f); !ok {
			return
		}
		// A stranger gets a challenge as a rule, which costs no more than a 503: how
		// many there are is for the guard to say.
		if who == stranger && !emergency && sh.tooMuch(m, f, who) {
			sh.shed(m, f)
			return
		}
	} else if f.conn != nil {
		f.conn.admit()
	}
	if m.MaxForwards() == 0 && m.Method() == sip.INVITE {
		sh.respondStateless(m, &f, 483, "", extra{})
		return
	}
	sh.urgent = emergency
	sh.begin(m, f, key, id, line)
	sh.urgent = false
}

// emergency reports whether a request is an emergency call.
func (sh *Shard) emergency(m *sip.Message) bool {
	is := sh.stack.cfg.Emergency
	return m.Method() == sip.INVITE && is != nil && is(m.RequestURI().User)
}

// knownSource reports whether a phone is registered there.
func (st *Stack) knownSource(a netip.AddrPort) bool {
	return st.cfg.KnownSource != nil && st.cfg.KnownSource(a)
}

// mayAnswer reports whether a request may be answered: not every stranger's.
// One that may not costs the stranger a connection, where it has one.
func (sh *Shard) mayAnswer(m *sip.Message, f flow, who sender) bool {
	if who == registered || f.conn != nil && f.conn.known.Load() ||
		sh.guard.allows(m, f.remote, who, sh.emergency(m), sh.load.behind(), sh.now) {
		return true
	}
	sh.stack.Counters.Limited.Add(1)
	sh.stack.ignored(&f)
	if f.conn != nil {
		f.conn.close()
	}
	return false
}

// tooMuch reports whether a request must be turned away because there is too
// much to do.
func (sh *Shard) tooMuch(m *sip.Message, f flow, who sender) bool {
	if !sh.load.shedding(sh.now) {
		return false
	}
	from, full := shedFrom, shedFull
	switch {
	case who == stranger:
	case m.Method() == sip.REGISTER, m.Method() == sip.INVITE && sh.load.places.few(f.remote, sh.now):
		from, full = keepFrom, keepFull
	}
	return sh.load.sheds(from, full, sh.now)
}

// hurried turns a phone's request away before it is looked at closely, which costs
// more than all the rest of that. The repetition of one that was taken is no new
// request.
func (sh *Shard) hurried(m *sip.Message, f flow, who sender) bool {
	if who == stranger || !sh.load.shedding(sh.now) || sh.load.wait <= shedFrom || sh.emergency(m) {
		return false
	}
	if len(m.CallID()) == 0 || m.CSeq().Method != m.Method() || len(m.TopVia().Host) == 0 {
		return false // it has other faults
	}
	key := sh.serverKey(m)
	settled, _ := sh.lingering(m.Method()).find(key, sh.now)
	if settled != nil || sh.servers[key] != nil || !sh.tooMuch(m, f, who) {
		return false
	}
	sh.shed(m, f)
	return true
}

// shed turns a request away because there is too much to do.
func (sh *Shard) shed(m *sip.Message, f flow) {
	sh.stack.Counters.Shed.Add(1)
	sh.respondStateless(m, &f, 503, "", extra{retryAfter: retryAfterShed})
}

// begin makes the transaction, and for an INVITE the session.
func (sh *Shard) begin(m *sip.Message, f flow, key txKey, id edge.Identity, line string) {
	tx := sh.newServer(m, f, key, dialogReserve)
	if tx == nil {
		return
	}
	if m.Method() == sip.INVITE {
		tx.table()
		sh.beginSession(tx, m, f, id, line)
	} else if s := sh.asking(m, id.Device); s != nil {
		s.request(tx, m)
	} else {
		sh.ask(tx, m, id, line)
	}
	sh.handledAll()
}

// merged answers an INVITE that came by two ways (RFC 3261 §8.2.2.2).
func (sh *Shard) merged(m *sip.Message, f flow) bool {
	key := sh.callKey(m)
	if sh.calls[key] == nil && !sh.settled.has(key, sh.now) {
		return false
	}
	sh.respondStateless(m, &f, 482, "", extra{})
	return true
}

// admit asks the authenticator, before any state is made.
func (sh *Shard) admit(m *sip.Message, f flow) (edge.Identity, bool) {
	st := sh.stack
	var v edge.Verdict
	if st.cfg.Auth != nil {
		v = st.cfg.Auth.Authenticate(m, st.sourceOf(&f), sh.now)
	}
	switch v.Action {
	case edge.Admit:
		if f.conn != nil {
			f.conn.admit()
		}
		return v.Identity, true
	case edge.Challenge:
		st.Counters.Challenged.Add(1)
	case edge.Refuse:
		st.Counters.Refused.Add(1)
	default:
		st.Counters.Dropped.Add(1)
		return edge.Identity{}, false
	}
	if n := len(v.Headers); !sh.turnAway(m, &f, &v) && n > 1 {
		// One challenge, another one each time: a phone that knows only one
		// algorithm gets through at its next try.
		i := int(m.CSeq().Number % uint32(n))
		v.Headers = v.Headers[i : i+1]
		sh.turnAway(m, &f, &v)
	}
	return edge.Identity{}, false
}

// turnAway gives the authenticator's answer; false if it is too large.
func (sh *Shard) turnAway(m *sip.Message, f *flow, v *edge.Verdict) bool {
	return sh.respondStateless(m, f, v.Status, v.Phrase, extra{lines: v.Headers, nonce: v.Nonce, tag: v.Tag})
}

// lineOf names the line a request comes from.
func (sh *Shard) lineOf(m *sip.Message, f *flow) (string, bool) {
	if sh.stack.cfg.Lines == nil {
		return "", false
	}
	return sh.stack.cfg.Lines.LineOf(m, sh.stack.sourceOf(f))
}

func (sh *Shard) fromLine(m *sip.Message, f *flow) bool {
	_, ok := sh.lineOf(m, f)
	return ok
}
