package stack

import (
	"time"

	"github.com/sekisho/sekisho/wire/sip"
	"github.com/sekisho/sekisho/wire/sip/edge"
	"github.com/sekisho/sekisho/wire/sip/session"
	"github.com/sekisho/sekisho/wire/sip/transaction"
)

// clientTx is a client transaction: one request to one address. Its record is
// used again when it is over; request.tx is then another's or nil.
type clientTx struct {
	sh     *Shard
	out    *request // what it is an attempt of; nil for CANCEL
	core   transaction.Client
	tm     timer
	branch branch
	method sip.Method
	seq    uint32
	flow   flow
	wire   []byte // the request
	ack    []byte // the ACK for its non-2xx response
	heard  bool   // some response came
	acting int    // calls of act under way: its record must stay
	over   bool
	late   lateInvite // of an INVITE whose call is over: then out is nil
	// INVITEs that have their final response stand in a list, oldest first.
	older, newer *clientTx
	listed       bool
}

// spareClient gives a record that is not in use.
func (sh *Shard) spareClient() *clientTx {
	if n := len(sh.freeClients); n > 0 {
		tx := sh.freeClients[n-1]
		sh.freeClients = sh.freeClients[:n-1]
		return tx
	}
	tx := &clientTx{sh: sh}
	tx.tm.owner = tx
	return tx
}

// newClient starts a transaction for a request already built. For CANCEL out
// is nil: nobody waits for its result.
func (sh *Shard) newClient(out *request, b branch, f flow, wire []byte, method sip.Method, seq uint32) {
	tx := sh.spareClient()
	tx.out, tx.branch, tx.method, tx.seq, tx.flow, tx.wire = out, b, method, seq, f, sh.keep(wire)
	var a transaction.Action
	tx.core, a = transaction.NewClient(f.listener.Timers, method == sip.INVITE, f.reliable(), sh.now)
	sh.clientsOf(method)[b] = tx
	if out != nil {
		out.tx = tx // before act: sending may fail at once
	}
	tx.act(a, nil)
}

// clientsOf is the table of a method's transactions: a CANCEL has the branch
// of its INVITE.
func (sh *Shard) clientsOf(method sip.Method) map[branch]*clientTx {
	if method == sip.CANCEL {
		return sh.cancels
	}
	return sh.clients
}

// response takes a response; what matches no transaction is dropped.
func (sh *Shard) response(m *sip.Message, f flow) {
	tx := sh.clientsOf(m.CSeq().Method)[sh.branchOf(m)]
	if tx == nil || tx.method != m.CSeq().Method || tx.seq != m.CSeq().Number ||
		!tx.flow.listener.with(f.listener) {
		sh.stack.Counters.Strays.Add(1)
		return
	}
	tx.heard = true
	a := tx.core.Response(sh.now, m.Status())
	if tx.core.State() == transaction.Completed && tx.method != sip.INVITE && tx.method != sip.CANCEL {
		// Timer K keeps a transaction for 5 s to swallow what comes again, and
		// that is dropped without one too: a busy unit's table was full of BYEs.
		a |= tx.core.Abandon()
	}
	tx.act(a, m)
}

// wake runs the transaction's timers.
func (tx *clientTx) wake(_ *timer, now time.Time) { tx.act(tx.core.Timer(now), nil) }

// act carries out what the transaction decided about the message m.
func (tx *clientTx) act(a transaction.Action, m *sip.Message) {
	sh := tx.sh
	tx.acting++
	if a.Has(transaction.Send) {
		if !tx.send() {
			a |= tx.core.TransportError()
		}
	}
	if a.Has(transaction.SendACK) {
		tx.sendAck(m)
	}
	if a.Has(transaction.Ended) {
		tx.forget()
	} else {
		sh.wheel.arm(&tx.tm, tx.core.Deadline())
		switch tx.core.State() {
		case transaction.Accepted, transaction.Completed: // its request is not sent again
			sh.release(tx.wire)
			tx.wire = nil
			if tx.method == sip.INVITE {
				sh.list(tx)
			}
		}
	}
	switch {
	case tx.out != nil:
		tx.tell(a, m)
		if tx.out == nil && tx.core.State() == transaction.Accepted && m != nil {
			tx.late.heard(sh, m) // the session that this ended has dealt with it
		}
	case tx.core.State() == transaction.Accepted && a.Has(transaction.Deliver):
		tx.lateSuccess(m)
	}
	if tx.acting--; tx.acting == 0 && tx.over {
		sh.freeClient(tx)
	}
}

// tell tells the request what came of this attempt.
func (tx *clientTx) tell(a transaction.Action, m *sip.Message) {
	out := tx.out
	switch {
	case a.Has(transaction.Deliver):
		out.deliver(tx, m)
	case a.Has(transaction.TimedOut):
		out.failed(tx, 408)
	case a.Has(transaction.Failed):
		out.failed(tx, 503)
	}
	if se := out.session; se != nil && a.Has(transaction.Ended) && out.over {
		se.forgetRequest(out)
	}
}

func (tx *clientTx) send() bool {
	return tx.sh.send(tx.wire, &tx.flow, tx.branch)
}

// sendAck sends the ACK for a non-2xx final response: same Request-URI,
// branch and Route as the INVITE, the To of the response (RFC 3261
// §17.1.1.3).
func (tx *clientTx) sendAck(m *sip.Message) {
	sh := tx.sh
	if tx.ack == nil && m != nil && tx.out != nil {
		h := &tx.out.head
		b := &sh.builder
		if !tx.begin(sip.ACK) {
			return
		}
		b.Bytes(sip.HeaderTo, m.Value(sip.HeaderTo))
		b.Text(sip.HeaderCallID, h.CallID)
		b.CSeq(h.CSeq, sip.ACK)
		msg, err := b.Finish("", nil)
		sh.keepScratch(msg)
		if err != nil {
			return
		}
		tx.ack = sh.keep(msg)
	}
	if tx.ack != nil {
		sh.send(tx.ack, &tx.flow, branch{})
	}
}

// begin writes what ACK and CANCEL have in common with their INVITE, up to
// From; false if it can't be written.
func (tx *clientTx) begin(method sip.Method) bool {
	sh, h := tx.sh, &tx.out.head
	b := &sh.builder
	b.Reset(sh.scratch[:0])
	if !sh.requestLine(b, method, h.URI) {
		return false
	}
	sh.via(b, &tx.flow, tx.branch)
	b.Uint(sip.HeaderMaxForwards, maxForwards)
	writeRoutes(b, h.Routes)
	b.Text(sip.HeaderFrom, h.From)
	return true
}

// sendCancel sends the CANCEL for this INVITE, in a transaction of its own
// with the same branch (RFC 3261 §9.1).
func (tx *clientTx) sendCancel(headers []session.Header) {
	sh := tx.sh
	if tx.core.State() != transaction.Proceeding || sh.cancels[tx.branch] != nil || !tx.begin(sip.CANCEL) {
		return
	}
	h, b := &tx.out.head, &sh.builder
	b.Text(sip.HeaderTo, h.To)
	b.Text(sip.HeaderCallID, h.CallID)
	b.CSeq(h.CSeq, sip.CANCEL)
	for _, e := range headers {
		writeHeader(b, e.Name, e.Value)
	}
	msg, err := b.Finish("", nil)
	sh.keepScratch(msg)
	if err != nil {
		return
	}
	sh.newClient(nil, tx.branch, tx.flow, msg, sip.CANCEL, h.CSeq)
}

// forget removes the transaction. Its record is free when act is left.
func (tx *clientTx) forget() {
	sh := tx.sh
	tx.over = true
	sh.wheel.stop(&tx.tm)
	sh.unlist(tx)
	if table := sh.clientsOf(tx.method); table[tx.branch] == tx {
		delete(table, tx.branch)
	}
}

// part lets go of the request, and of all that hangs on it.
func (tx *clientTx) part() {
	if tx.out != nil && tx.out.tx == tx {
		tx.out.tx = nil
	}
	tx.out = nil
}

func (sh *Shard) freeClient(tx *clientTx) {
	tx.part()
	sh.release(tx.wire)
	sh.release(tx.ack)
	*tx = clientTx{sh: sh, tm: timer{owner: tx}}
	if len(sh.freeClients) < freeTxMax {
		sh.freeClients = append(sh.freeClients, tx)
	}
}

// list notes an INVITE that has its final response. It stays for timer M (RFC
// 6026 §7.2), so that answers of other forks find it, or for timer D, to
// acknowledge its refusal again; when there are more of them than
// settledInvitesMax the oldest go before, but never before lingerMin.
func (sh *Shard) list(tx *clientTx) {
	if tx.listed {
		return
	}
	tx.listed, tx.older = true, sh.newest
	if sh.newest != nil {
		sh.newest.newer = tx
	} else {
		sh.oldest = tx
	}
	sh.newest = tx
	if sh.settledInvites++; sh.settledInvites <= settledInvitesMax {
		return
	}
	if old := sh.oldest; old.settledFor(sh.now) >= lingerMin {
		old.act(old.core.Abandon(), nil)
	}
}

// settledFor is how long ago an INVITE got its final response.
func (tx *clientTx) settledFor(now time.Time) time.Duration {
	life := tx.flow.listener.Timers.Timeout()
	if tx.core.State() == transaction.Completed {
		life = tx.flow.listener.Timers.TD
	}
	return life - tx.core.Deadline().Sub(now)
}

// unlist takes it from the list.
func (sh *Shard) unlist(tx *clientTx) {
	if !tx.listed {
		return
	}
	if tx.older != nil {
		tx.older.newer = tx.newer
	} else {
		sh.oldest = tx.newer
	}
	if tx.newer != nil {
		tx.newer.older = tx.older
	} else {
		sh.newest = tx.older
	}
	tx.listed, tx.older, tx.newer = false, nil, nil
	sh.settledInvites--
}

// streamFailed tells transactions that their connection can't be written.
func (sh *Shard) streamFailed(b branch) {
	if tx := sh.cancels[b]; tx != nil {
		tx.act(tx.core.TransportError(), nil)
	}
	if tx := sh.clients[b]; tx != nil {
		tx.act(tx.core.TransportError(), nil)
	}
}

// requestLine writes the request line for a URI in text; false if it can't
// be written.
func (sh *Shard) requestLine(b *sip.Builder, method sip.Method, uri string) bool {
	u, err := sh.readURI(uri)
	if err != nil {
		return false
	}
	b.Request(method, u)
	return true
}

// via writes our hop.
func (sh *Shard) via(b *sip.Builder, f *flow, id branch) {
	l := f.listener
	v := append(sh.text[:0], "SIP/2.0/"...)
	v = append(append(v, l.via...), ' ')
	v = append(sh.stack.localOf(f).AppendTo(v), ";branch="...)
	v = sh.appendBranch(v, id)
	if l.RPort && !f.noRPort {
		v = append(v, ";rport"...)
	}
	sh.text = v
	b.Bytes(sip.HeaderVia, v)
}

func writeRoutes(b *sip.Builder, routes []string) {
	for _, r := range routes {
		b.Text(sip.HeaderRoute, "<"+r+">")
	}
}

// targetOf is where a URI with a literal address is reached; ok is false for
// a name (RFC 3263 §4).
func targetOf(u *sip.URI, transport string) (edge.Target, bool) {
	a, ok := sip.HostAddr(u.Host)
	if !ok {
		return edge.Target{}, false
	}
	if p, has := u.Params.Get("transport"); has && len(p) == 3 {
		switch string(p) {
		case "udp", "UDP":
			transport = "udp"
		case "tcp", "TCP":
			if transport != "tls" {
				transport = "tcp"
			}
		}
	}
	return edge.Target{Transport: transport, Addr: addrPort(a, u.Port, transport)}, true
}
