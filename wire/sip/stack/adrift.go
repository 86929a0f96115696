package stack

import (
	"slices"
	"time"

	"github.com/sekisho/sekisho/wire/sip/edge"
	"github.com/sekisho/sekisho/wire/sip/session"
)

// A phone on TCP or TLS stands behind the connection that it opened, and as a
// rule can't be dialed (RFC 5626 §1). When that ends, its sessions are adrift:
// what is to be sent waits until the phone is back on another connection, which
// its new registration or a request inside the dialog shows. A phone that is
// not back in adriftMax is given up, and its calls end. Emergency calls don't:
// their voice needs no connection.

// stand has the session's peer be reached over a flow.
func (se *Session) stand(f flow) {
	if se.flow.conn != f.conn {
		se.leave()
		if f.conn != nil {
			f.conn.stood.Store(true)
			se.sh.streams[f.conn.key] = append(se.sh.streams[f.conn.key], se)
		}
	}
	se.flow = f
	if !se.adrift() {
		se.resume()
	}
}

// leave takes the session off its connection.
func (se *Session) leave() {
	c := se.flow.conn
	if c == nil {
		return
	}
	rest := slices.DeleteFunc(se.sh.streams[c.key], func(o *Session) bool { return o == se })
	if se.sh.streams[c.key] = rest; len(rest) == 0 {
		delete(se.sh.streams, c.key)
	}
}

// remove forgets a session that is over. An INVITE of ours with its 2xx may
// keep it for a while, to acknowledge that again, but not all that its owner
// has.
func (sh *Shard) remove(se *Session) {
	delete(sh.sessions, se.tag)
	sh.retire(se)
	se.Owner = nil
	se.leave()
	sh.wheel.stop(&se.search)
	se.waiting = nil
}

// streamEnded sets the sessions on a connection adrift; subscriptions wait too.
func (sh *Shard) streamEnded(c *conn) {
	sh.subscriptionsEnded(c)
	for _, se := range slices.Clone(sh.streams[c.key]) {
		if se.flow.conn == c {
			se.adrift()
		}
	}
}

// adrift reports whether the session is, and begins to wait if it has just
// become so. A line is dialed anew instead.
func (se *Session) adrift() bool {
	c := se.flow.conn
	if c == nil || !c.over() || se.side != PhoneSide || se.lost {
		return false
	}
	if o := se.sh.stack.conns.met(se.peer); o != nil { // it is back already
		se.stand(flow{listener: o.listener, local: o.local, remote: o.key.remote, conn: o})
		return false
	}
	if !se.searching {
		se.searching = true
		se.sh.wheel.arm(&se.search, se.sh.now.Add(adriftMax))
	}
	return true
}

// await keeps what is to be done until the phone is back. It is false where
// there is nothing to wait for, or too much waits already.
func (se *Session) await(do func()) bool {
	if !se.adrift() || len(se.waiting) >= adriftQueue {
		return false
	}
	se.waiting = append(se.waiting, do)
	return true
}

// resume does what has waited. Requests that got no answer on the connection
// that ended go out again: with the same branch, so that a phone that has seen
// one knows it.
func (se *Session) resume() {
	if !se.searching {
		return
	}
	se.sh.wheel.stop(&se.search)
	se.searching = false
	for _, r := range slices.Clone(se.requests) {
		if tx := r.tx; tx != nil && tx.flow.conn != nil && tx.flow.conn.over() {
			tx.flow = se.flow
			if !tx.heard {
				tx.send()
			}
		}
	}
	waiting := se.waiting
	se.waiting = nil
	for _, do := range waiting {
		do()
	}
}

// forsake gives the phone up, or looks again later: an emergency call goes on
// until one side hangs up, or its session timer finds nobody.
func (se *Session) forsake(now time.Time) {
	if se.urgent && !se.core.Ending() {
		se.sh.wheel.arm(&se.search, now.Add(adriftMax))
		return
	}
	se.lost, se.waiting = true, nil
	se.core.Unreachable(now)
	se.flush()
}

// Inherit has the calls and subscriptions of the request's sender that stood at
// from, a place that it has left, follow to where the request came from: for a
// REGISTER that takes the place of one from there. Only over the same transport;
// calls follow only from one connection to another.
func (r *Request) Inherit(from edge.Source) {
	st, to := r.sh.stack, r.source
	if from.Transport != to.Transport || !r.identity.Authenticated || r.line != "" {
		return
	}
	f := flow{listener: st.byName[to.Listener], local: to.Local, remote: to.Remote}
	if f.listener == nil {
		return
	}
	if f.listener.Transport != "udp" {
		if f.conn = st.conns.find(connKey{to.Transport, to.Remote}); f.conn == nil {
			return
		}
	}
	key, device := connKey{from.Transport, from.Remote}, r.identity.Device
	for _, sh := range st.shards {
		sh.Post(func(sh *Shard) {
			sh.inherit(key, device, f)
			sh.inheritSubscriptions(key, device, f)
		})
	}
}

func (sh *Shard) inherit(from connKey, device string, f flow) {
	for _, se := range slices.Clone(sh.streams[from]) {
		if se.side == PhoneSide && se.identity.Device == device && se.flow.conn != f.conn {
			se.stand(f)
			se.flush()
		}
	}
}

// cancel sends the CANCEL of an INVITE, or has it wait.
func (se *Session) cancel(e *session.Effect) {
	r := se.requestOf(e.Req)
	if r == nil || r.tx == nil {
		return
	}
	if se.adrift() {
		held := *e
		if se.await(func() { se.cancel(&held) }) {
			return
		}
	}
	r.tx.sendCancel(e.Headers)
}
