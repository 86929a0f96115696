package stack

import (
	"time"

	"github.com/sekisho/sekisho/wire/sip"
	"github.com/sekisho/sekisho/wire/sip/edge"
	"github.com/sekisho/sekisho/wire/sip/session"
	"github.com/sekisho/sekisho/wire/sip/transaction"
)

// serverTx is a server transaction and what it keeps.
type serverTx struct {
	sh      *Shard
	id      uint64
	core    transaction.Server
	tm      timer
	key     string
	call    string // key among calls, for the INVITE that begins a session
	flow    flow
	raw     []byte // the request, until its final response
	last    []byte // the last response
	session *Session
	request *Request
	trying  timer
}

// newServer makes the transaction of a request; nil if there is no room. keep
// is how many places it must leave to others.
func (sh *Shard) newServer(m *sip.Message, f flow, keep int) *serverTx {
	most := serversMax
	if !sh.urgent {
		most -= keep
	}
	if !sh.roomFor(len(sh.servers), most, sh.urgent) {
		sh.stack.Counters.Overflow.Add(1)
		sh.respondStateless(m, f, 503, "", func(b *sip.Builder) { b.Uint(sip.HeaderRetryAfter, retryAfterShed) })
		return nil
	}
	invite := m.Method() == sip.INVITE
	sh.lastTx++
	tx := &serverTx{
		sh: sh, id: sh.lastTx, flow: f, raw: append([]byte(nil), m.Bytes()...),
		core: transaction.NewServer(f.listener.Timers, invite, f.reliable(), sh.now),
	}
	sh.key = appendServerKey(sh.key[:0], m)
	tx.key = string(sh.key)
	sh.servers[tx.key] = tx
	sh.byTx[tx.id] = tx
	tx.tm.fire = tx.timeout
	sh.wheel.arm(&tx.tm, tx.core.Deadline())
	if invite {
		tx.trying.fire = tx.sendTrying
		sh.wheel.arm(&tx.trying, tx.core.TryingAt())
	}
	return tx
}

// sendTrying gives the 100 that is due when the user has nothing to say yet.
func (tx *serverTx) sendTrying(time.Time) {
	if tx.last == nil && !tx.core.Answered() {
		_ = tx.respond(&session.Effect{Status: 100})
	}
}

func (tx *serverTx) timeout(now time.Time) { tx.act(tx.core.Timer(now)) }

// act carries out what the transaction decided.
func (tx *serverTx) act(a transaction.Action) {
	if a.Has(transaction.Send) {
		tx.resend()
	}
	if a.Has(transaction.Deliver) { // an ACK in Accepted: the session's own
		tx.sh.ackFor(tx)
	}
	if a.Has(transaction.Ended) {
		tx.forget()
		return
	}
	tx.sh.wheel.arm(&tx.tm, tx.core.Deadline())
}

// ackFor hands the ACK that is being read to the session of a transaction.
func (sh *Shard) ackFor(tx *serverTx) {
	if se := tx.session; se != nil {
		se.core.Ack(sh.now, &sh.msg)
		se.flush()
	}
}

// resend sends the last response once more.
func (tx *serverTx) resend() {
	if tx.last != nil {
		tx.sh.stack.Counters.Retransmitted.Add(1)
		tx.sh.send(tx.last, &tx.flow, "")
	}
}

// respond builds and sends a response.
func (tx *serverTx) respond(e *session.Effect) error {
	sh := tx.sh
	a, err := tx.core.Respond(sh.now, e.Status)
	if err != nil {
		return err
	}
	m := &sh.asked // not msg, which the caller may be reading
	if tx.raw == nil || sip.Parse(tx.raw, m) != nil {
		return transaction.ErrAnswered
	}
	b := &sh.builder
	b.Reset(make([]byte, 0, responseSize))
	b.Response(m, e.Status, e.Phrase, []byte(e.ToTag), tx.flow.remote)
	if e.Contact && tx.session != nil {
		b.Text(sip.HeaderContact, sh.stack.contactFor(&tx.flow, tx.session.contactUser()))
	}
	for _, h := range e.Headers {
		writeHeader(b, h.Name, h.Value)
	}
	if e.Status > 100 {
		sh.product(b, sip.HeaderServer)
	}
	msg, err := b.Finish(e.Body.Type, e.Body.Bytes)
	if err != nil {
		tx.act(tx.core.TransportError())
		return err
	}
	tx.last = msg
	if e.Status > 100 {
		sh.wheel.stop(&tx.trying)
	}
	tx.flow = responseFlow(m, tx.flow)
	if e.Status >= 200 {
		tx.raw = nil
	}
	sh.send(msg, &tx.flow, "")
	if a.Has(transaction.Ended) {
		tx.forget()
		return nil
	}
	sh.wheel.arm(&tx.tm, tx.core.Deadline())
	return nil
}

// responseSize is room for an ordinary response with a description.
const responseSize = 1024

// forget removes the transaction.
func (tx *serverTx) forget() {
	sh := tx.sh
	sh.wheel.stop(&tx.tm)
	sh.wheel.stop(&tx.trying)
	if sh.servers[tx.key] == tx {
		delete(sh.servers, tx.key)
	}
	delete(sh.byTx, tx.id)
	if tx.call != "" && sh.calls[tx.call] == tx {
		delete(sh.calls, tx.call)
	}
	if se := tx.session; se != nil && tx.last == nil {
		se.core.Lost(tx.id)
		se.flush()
	}
}

// Request is a request outside a session that waits for its response.
type Request struct {
	// Message is the request. It is good until the Handler's call returns,
	// and nil afterwards, unless Keep was called.
	Message *sip.Message

	sh       *Shard
	tx       *serverTx
	source   edge.Source
	identity edge.Identity
	line     string
	kept     bool
}

// Shard is the shard that owns the request.
func (r *Request) Shard() *Shard { return r.sh }

// From is where the request came from.
func (r *Request) From() edge.Source { return r.source }

// Identity is who sent it, on the phone side.
func (r *Request) Identity() edge.Identity { return r.identity }

// Line is the line it came from; "" on the phone side.
func (r *Request) Line() string { return r.line }

// Keep makes Message good beyond the Handler's call.
func (r *Request) Keep() {
	if !r.kept && r.Message != nil {
		r.kept = true
		r.Message = r.Message.Clone()
	}
}

// detach takes the message away when the Handler's call has returned.
func (r *Request) detach() {
	if !r.kept {
		r.Message = nil
	}
}

// Respond gives the response: once a final one, from 200 to 699, within 32 s.
// An empty phrase is the RFC's.
func (r *Request) Respond(status int, phrase string, headers ...session.Header) error {
	return r.tx.respond(&session.Effect{Status: status, Phrase: phrase, Headers: headers, ToTag: r.sh.newTag()})
}
