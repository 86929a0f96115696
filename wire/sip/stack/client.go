package stack

import (
	"time"

	"github.com/sekisho/sekisho/wire/sip"
	"github.com/sekisho/sekisho/wire/sip/edge"
	"github.com/sekisho/sekisho/wire/sip/transaction"
)

// clientTx is a client transaction: one request to one address.
type clientTx struct {
	sh     *Shard
	out    *request // what it is an attempt of; nil for CANCEL
	core   transaction.Client
	tm     timer
	branch string
	method sip.Method
	seq    uint32
	flow   flow
	wire   []byte // the request
	ack    []byte // the ACK for its non-2xx response
	heard  bool   // some response came
}

// newClient starts a transaction for a request already built. For CANCEL out
// is nil: nobody waits for its result.
func (sh *Shard) newClient(out *request, branch string, f flow, wire []byte, method sip.Method, seq uint32) {
	tx := &clientTx{sh: sh, out: out, branch: branch, method: method, seq: seq, flow: f, wire: wire}
	tx.tm.fire = tx.timeout
	var a transaction.Action
	timers := f.listener.Timers
	tx.core, a = transaction.NewClient(timers, method == sip.INVITE, f.reliable(), sh.now)
	if method == sip.CANCEL {
		sh.cancels[branch] = tx
	} else {
		sh.clients[branch] = tx
	}
	if out != nil {
		out.tx = tx // before act: sending may fail at once
	}
	tx.act(a, nil)
}

// response takes a response; what matches no transaction is dropped.
func (sh *Shard) response(m *sip.Message, f flow) {
	branch := m.TopVia().Branch
	table := sh.clients
	if m.CSeq().Method == sip.CANCEL {
		table = sh.cancels
	}
	tx := table[string(branch)]
	if tx == nil || tx.method != m.CSeq().Method || tx.seq != m.CSeq().Number ||
		!tx.flow.listener.with(f.listener) {
		sh.stack.Counters.Strays.Add(1)
		return
	}
	tx.heard = true
	tx.act(tx.core.Response(sh.now, m.Status()), m)
}

func (tx *clientTx) timeout(now time.Time) { tx.act(tx.core.Timer(now), nil) }

// act carries out what the transaction decided about the message m.
func (tx *clientTx) act(a transaction.Action, m *sip.Message) {
	sh := tx.sh
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
	}
	if tx.out == nil {
		return
	}
	switch {
	case a.Has(transaction.Deliver):
		tx.out.deliver(tx, m)
	case a.Has(transaction.TimedOut):
		tx.out.failed(tx, 408)
	case a.Has(transaction.Failed):
		tx.out.failed(tx, 503)
	}
	if se := tx.out.session; se != nil && a.Has(transaction.Ended) && tx.out.over {
		se.forgetRequest(tx.out)
	}
}

func (tx *clientTx) send() bool {
	if tx.wire == nil {
		return false
	}
	return tx.sh.send(tx.wire, &tx.flow, tx.branch)
}

// sendAck sends the ACK for a non-2xx final response: same Request-URI,
// branch and Route as the INVITE, the To of the response (RFC 3261
// §17.1.1.3).
func (tx *clientTx) sendAck(m *sip.Message) {
	if tx.ack == nil && m != nil && tx.out != nil {
		h := tx.out.head
		b := &tx.sh.builder
		b.Reset(make([]byte, 0, ackSize))
		if !tx.sh.requestLine(b, sip.ACK, h.URI) {
			return
		}
		tx.sh.via(b, &tx.flow, tx.branch)
		b.Uint(sip.HeaderMaxForwards, maxForwards)
		writeRoutes(b, h.Routes)
		b.Text(sip.HeaderFrom, h.From)
		b.Bytes(sip.HeaderTo, m.Value(sip.HeaderTo))
		b.Text(sip.HeaderCallID, h.CallID)
		b.CSeq(h.CSeq, sip.ACK)
		msg, err := b.Finish("", nil)
		if err != nil {
			return
		}
		tx.ack = msg
	}
	if tx.ack != nil {
		tx.sh.send(tx.ack, &tx.flow, "")
	}
}

const ackSize = 512

// cancelled sends the CANCEL for this INVITE, in a transaction of its own
// with the same branch (RFC 3261 §9.1).
func (tx *clientTx) sendCancel(headers func(b *sip.Builder)) {
	sh := tx.sh
	if tx.core.State() != transaction.Proceeding || sh.cancels[tx.branch] != nil {
		return
	}
	h := tx.out.head
	b := &sh.builder
	b.Reset(make([]byte, 0, ackSize))
	if !sh.requestLine(b, sip.CANCEL, h.URI) {
		return
	}
	sh.via(b, &tx.flow, tx.branch)
	b.Uint(sip.HeaderMaxForwards, maxForwards)
	writeRoutes(b, h.Routes)
	b.Text(sip.HeaderFrom, h.From)
	b.Text(sip.HeaderTo, h.To)
	b.Text(sip.HeaderCallID, h.CallID)
	b.CSeq(h.CSeq, sip.CANCEL)
	headers(b)
	msg, err := b.Finish("", nil)
	if err != nil {
		return
	}
	sh.newClient(nil, tx.branch, tx.flow, msg, sip.CANCEL, h.CSeq)
}

func (tx *clientTx) forget() {
	sh := tx.sh
	sh.wheel.stop(&tx.tm)
	table := sh.clients
	if tx.method == sip.CANCEL {
		table = sh.cancels
	}
	if table[tx.branch] == tx {
		delete(table, tx.branch)
	}
}

// streamFailed tells transactions that their connection can't be written.
func (sh *Shard) streamFailed(branch string) {
	if tx := sh.cancels[branch]; tx != nil {
		tx.act(tx.core.TransportError(), nil)
	}
	if tx := sh.clients[branch]; tx != nil {
		tx.act(tx.core.TransportError(), nil)
	}
}

// requestLine writes the request line for a URI in text; false if it can't
// be written.
func (sh *Shard) requestLine(b *sip.Builder, method sip.Method, uri string) bool {
	u, err := sip.ParseURI([]byte(uri))
	if err != nil {
		return false
	}
	b.Request(method, &u)
	return true
}

// via writes our hop.
func (sh *Shard) via(b *sip.Builder, f *flow, branch string) {
	l := f.listener
	var room [128]byte
	v := append(room[:0], "SIP/2.0/"...)
	v = append(append(v, l.via...), ' ')
	v = append(sh.stack.localOf(f).AppendTo(v), ";branch="...)
	v = append(v, branch...)
	if l.RPort && !f.noRPort {
		v = append(v, ";rport"...)
	}
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
