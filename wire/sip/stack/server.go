package stack

import (
	"net/netip"
	"time"

	"github.com/sekisho/sekisho/wire/sip"
	"github.com/sekisho/sekisho/wire/sip/edge"
	"github.com/sekisho/sekisho/wire/sip/session"
	"github.com/sekisho/sekisho/wire/sip/transaction"
)

// serverTx is a server transaction and what it keeps. Its record is used
// again when it is over; what is to outlive it holds its number.
//
// A request that is answered while it is being handled never gets into the
// tables: it goes from newServer to settled.
type serverTx struct {
	sh      *Shard
	id      uint64 // 0: over
	core    transaction.Server
	tm      timer
	trying  timer
	key     txKey
	call    txKey // among calls, of the INVITE that begins a session
	flow    flow
	asked   *sip.Message // the request while it is handled, if it is not tabled …
	echo    sip.Echo     // … and then what its responses copy, until the final one
	last    []byte       // the last response
	session *Session
	method  sip.Method
	tabled  bool
	waiting bool           // the last response waits for the phone's new connection
	back    netip.AddrPort // where a line's response goes when its connection has ended
}

// newServer makes the transaction of a request; nil if there is no room. keep
// is how many places it must leave to others. Its maker calls table, at the
// latest when the request has been handled.
func (sh *Shard) newServer(m *sip.Message, f flow, key txKey, keep int) *serverTx {
	most, rush := serversMax, keep > 0 && !sh.urgent
	if rush {
		most -= keep
	}
	if !sh.roomFor(len(sh.servers), most, sh.urgent) || rush && !sh.lingering(m.Method()).room(lingerReserve, sh.now) {
		sh.stack.Counters.Overflow.Add(1)
		sh.respondStateless(m, &f, 503, "", extra{retryAfter: retryAfterShed})
		return nil
	}
	tx := sh.spareServer()
	sh.lastTx++
	tx.id, tx.key, tx.flow, tx.asked, tx.method = sh.lastTx, key, f, m, m.Method()
	tx.core = transaction.NewServer(f.listener.Timers, m.Method() == sip.INVITE, f.reliable(), sh.now)
	tx.back = addrPort(f.remote.Addr(), m.TopVia().Port, f.listener.Transport)
	sh.handled = tx
	return tx
}

// spareServer gives a record that is not in use.
func (sh *Shard) spareServer() *serverTx {
	if n := len(sh.freeServers); n > 0 {
		tx := sh.freeServers[n-1]
		sh.freeServers = sh.freeServers[:n-1]
		return tx
	}
	tx := &serverTx{sh: sh}
	tx.tm.owner, tx.trying.owner = tx, tx
	return tx
}

// serverOf finds a transaction that is not settled by its number.
func (sh *Shard) serverOf(id uint64) *serverTx {
	if tx := sh.handled; tx != nil && tx.id == id {
		return tx
	}
	return sh.byTx[id]
}

// table makes it a transaction that lasts beyond the handling of its request.
func (tx *serverTx) table() {
	sh := tx.sh
	if tx.tabled {
		return
	}
	if !tx.core.Answered() {
		m := tx.asked
		room := sh.buffers.take(len(m.Bytes()))
		tx.echo = sip.NewEcho(room, m, tx.flow.remote)
		tx.flow = responseFlow(m, tx.flow)
	}
	tx.tabled, tx.asked = true, nil
	sh.servers[tx.key] = tx
	sh.byTx[tx.id] = tx
	sh.wheel.arm(&tx.tm, tx.core.Deadline())
	if tx.core.Invite() && !tx.core.Answered() {
		sh.wheel.arm(&tx.trying, tx.core.TryingAt())
	}
}

// handledAll ends the handling of a request, whose message is then gone. Its
// transaction is tabled, if it is not over.
func (sh *Shard) handledAll() {
	if tx := sh.handled; tx.id != 0 {
		tx.table()
	}
	sh.handled = nil
}

// wake runs the transaction's timers, and gives the 100 that is due when the
// user has nothing to say yet.
func (tx *serverTx) wake(t *timer, now time.Time) {
	switch {
	case t == &tx.tm:
		tx.act(tx.core.Timer(now))
	case tx.last == nil && !tx.core.Answered():
		_ = tx.respond(&session.Effect{Status: 100}, nil)
	}
}

// act carries out what the transaction decided.
func (tx *serverTx) act(a transaction.Action) {
	if a.Has(transaction.Send) {
		tx.resend()
	}
	if a.Has(transaction.Deliver) { // an ACK in Accepted: the session's own
		tx.sh.ackFor(tx.session)
	}
	if tx.id == 0 {
		return // the ACK settled it
	}
	if a.Has(transaction.Ended) {
		tx.forget()
		return
	}
	tx.sh.wheel.arm(&tx.tm, tx.core.Deadline())
}

// ackFor hands the ACK that is being read to a session.
func (sh *Shard) ackFor(se *Session) {
	if se != nil {
		se.core.Ack(sh.now, &sh.msg)
		se.flush()
	}
}

// send sends a response. One whose connection has ended follows the session: to
// the phone's new connection, when there is one; to a line on one that we open
// to where its request said (RFC 3261 §18.2.2).
func (tx *serverTx) send(msg []byte) {
	if c := tx.flow.conn; c != nil && c.over() && tx.session != nil && tx.follow(msg) {
		return
	}
	tx.sh.send(msg, &tx.flow, branch{})
}

// follow finds another way for a response; true: it waits for one.
func (tx *serverTx) follow(msg []byte) bool {
	sh, id, se := tx.sh, tx.id, tx.session
	switch {
	case se.adrift():
		msg = append([]byte(nil), msg...)
		tx.waiting = se.await(func() {
			if tx := sh.serverOf(id); tx != nil {
				tx.waiting = false
			}
			sh.send(msg, &se.flow, branch{})
		})
		return tx.waiting
	case se.line == nil:
		tx.flow = se.flow
	default:
		if f, ok := se.line.flowTo(edge.Target{Transport: tx.flow.listener.Transport, Addr: tx.back}); ok {
			tx.flow = f
		}
	}
	return false
}

// resend sends the last response once more.
func (tx *serverTx) resend() {
	if tx.last != nil && !tx.waiting {
		tx.sh.stack.Counters.Retransmitted.Add(1)
		tx.send(tx.last)
	}
}

// respond builds and sends a response, with a tag for its To if it has none.
func (tx *serverTx) respond(e *session.Effect, tag []byte) error {
	sh := tx.sh
	a, err := tx.core.Respond(sh.now, e.Status)
	if err != nil {
		return err
	}
	b := &sh.builder
	b.Reset(sh.scratch[:0])
	if m := tx.asked; m != nil {
		b.Response(m, e.Status, e.Phrase, tag, tx.flow.remote)
		tx.flow = responseFlow(m, tx.flow)
	} else {
		b.Respond(&tx.echo, e.Status, e.Phrase, tag)
	}
	if e.Contact && tx.session != nil {
		sh.contact(b, &tx.flow, tx.session.contactUser(), "")
	}
	for _, h := range e.Headers {
		writeHeader(b, h.Name, h.Value)
	}
	if e.Status > 100 {
		sh.product(b, sip.HeaderServer)
	}
	msg, err := b.Finish(e.Body.Type, e.Body.Bytes)
	sh.keepScratch(msg)
	if err != nil {
		tx.act(tx.core.TransportError())
		return err
	}
	if e.Status > 100 {
		sh.wheel.stop(&tx.trying)
	}
	tx.send(msg)
	tx.answered(msg, a)
	return nil
}

// answered keeps the response that was sent, as long as it may be needed.
func (tx *serverTx) answered(msg []byte, a transaction.Action) {
	sh := tx.sh
	if a.Has(transaction.Ended) {
		tx.sent()
		tx.forget()
		return
	}
	if tx.core.State() == transaction.Completed && !tx.core.Invite() {
		tx.settle(msg)
		return
	}
	sh.release(tx.last)
	tx.last = sh.keep(msg)
	if tx.core.Answered() {
		tx.forgetEcho()
	}
	if tx.tabled {
		sh.wheel.arm(&tx.tm, tx.core.Deadline())
	}
}

func (tx *serverTx) forgetEcho() {
	tx.sh.release(tx.echo.Bytes())
	tx.echo = sip.Echo{}
}

// settle ends a transaction that only has to absorb what is repeated, with
// msg as the answer; nil for none. Where there is no room it stays as it is.
func (tx *serverTx) settle(msg []byte) {
	sh := tx.sh
	if ok := sh.lingering(tx.method).add(settled{
		key: tx.key, call: tx.call, listener: tx.flow.listener, remote: tx.flow.remote, local: tx.flow.local,
		until: tx.core.Deadline(),
	}, msg, sh.now); !ok {
		if msg != nil {
			sh.release(tx.last)
			tx.last = sh.keep(msg)
		}
		return
	}
	if sh.settling.next == nil {
		sh.wheel.arm(&sh.settling, sh.expire(sh.now))
	}
	tx.sent()
	tx.forget()
}

// wake runs when the oldest settled transactions end.
func (sh *Shard) wake(t *timer, now time.Time) { sh.wheel.arm(t, sh.expire(now)) }

// repeated takes a request that a settled transaction knows.
func (sh *Shard) repeated(m sip.Method, key txKey, f *flow) bool {
	s, b := sh.lingering(m).find(key, sh.now)
	if s == nil {
		return false
	}
	sh.stack.Counters.Absorbed.Add(1)
	if s.from < s.to && s.remote.Addr() == f.remote.Addr() && s.listener.with(f.listener) {
		sh.stack.Counters.Retransmitted.Add(1)
		to := flow{listener: s.listener, local: s.local, remote: s.remote}
		sh.send(b.bytes[s.from:s.to], &to, branch{})
	}
	return true
}

// sent notes that the session need not hear of the end: it gave the answer.
func (tx *serverTx) sent() { tx.session = nil }

// forget removes the transaction and frees its record.
func (tx *serverTx) forget() {
	sh := tx.sh
	sh.wheel.stop(&tx.tm)
	sh.wheel.stop(&tx.trying)
	if tx.tabled {
		if sh.servers[tx.key] == tx {
			delete(sh.servers, tx.key)
		}
		delete(sh.byTx, tx.id)
	}
	if tx.call != (txKey{}) && sh.calls[tx.call] == tx {
		delete(sh.calls, tx.call)
	}
	id, se, lost := tx.id, tx.session, tx.last == nil
	tx.forgetEcho()
	sh.release(tx.last)
	*tx = serverTx{sh: sh, tm: timer{owner: tx}, trying: timer{owner: tx}}
	if len(sh.freeServers) < freeTxMax {
		sh.freeServers = append(sh.freeServers, tx)
	}
	if se != nil && lost {
		se.core.Lost(id)
		se.flush()
	}
}
