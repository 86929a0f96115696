package stack

import (
	"net"
	"net/netip"
	"slices"
	"strings"

	"github.com/sekisho/sekisho/wire/sip/edge"
)

// A peer is a far end that has proved in its TLS handshake to have a certain key,
// which names it. Unlike a phone it can be dialed as well as it dials: whatever
// connection it is met on is as good as any other. When one ends, its sessions go on
// over another, or wait for one as a phone's do.

// proving is a connection whose handshake proves a key; "" until it is over.
type proving interface{ Peer() string }

// peer is the key that the far end of a flow has proved, "" for none.
func (f *flow) peer() string {
	if f.conn == nil {
		return ""
	}
	return f.conn.met()
}

func (c *conn) met() string {
	if p := c.peer.Load(); p != nil {
		return *p
	}
	return ""
}

// meet notes who is at the far end, as soon as that is proved, and has what waits for
// it go on.
func (c *conn) meet(nc net.Conn) {
	p, ok := nc.(proving)
	if !ok || c.peer.Load() != nil {
		return
	}
	peer := p.Peer()
	if peer == "" {
		return
	}
	c.peer.Store(&peer)
	c.st.conns.meet(c, peer)
	c.admit()
	for _, sh := range c.st.shards {
		// Once for each connection: never refused.
		if _, wake := sh.mail.putPost(func(sh *Shard) { sh.rejoin(c, peer) }, true); wake {
			sh.packets.Wake()
		}
	}
}

// rejoin has the sessions with a peer that are adrift go on over a connection.
func (sh *Shard) rejoin(c *conn, peer string) {
	var all []*Session
	for _, list := range sh.streams {
		for _, se := range list {
			if se.peer == peer && se.searching {
				all = append(all, se)
			}
		}
	}
	slices.SortFunc(all, func(a, b *Session) int { return strings.Compare(a.tag, b.tag) })
	for _, se := range all {
		if c.over() {
			return
		}
		se.stand(flow{listener: c.listener, local: c.local, remote: c.key.remote, conn: c})
		se.flush()
	}
}

// connOf is a connection on which a peer was met, or one that is being opened to it;
// nil where there is no way.
func (st *Stack) connOf(l *listener, p edge.Source) *conn {
	if c := st.conns.met(p.Peer); c != nil {
		return c
	}
	if !p.Remote.IsValid() {
		return nil
	}
	c := st.conns.find(connKey{l.Transport, p.Remote})
	if c != nil && (!c.dialed || c.name != p.Peer || c.met() != "") {
		return nil // somebody else stands there
	}
	return st.connTo(l, p.Remote, p.Peer)
}

// Reach is where a peer stands: its connection, or the one that is being opened to it.
func (sh *Shard) Reach(p edge.Source) (edge.Source, error) {
	f, err := sh.placeOf(p, "")
	if err != nil {
		return edge.Source{}, err
	}
	at := sh.stack.sourceOf(&f)
	at.Peer = p.Peer
	return at, nil
}

// flowToPeer finds the flow to a peer on a listener.
func (sh *Shard) flowToPeer(l *listener, p edge.Source, uri string) (flow, error) {
	f := flow{listener: l, remote: netip.AddrPortFrom(p.Remote.Addr().Unmap(), p.Remote.Port())}
	if c := sh.stack.conns.met(p.Peer); c != nil {
		f.remote = c.key.remote
	}
	if !f.remote.IsValid() {
		return flow{}, ErrNoWay
	}
	if !sh.mayGo(&f, uri) {
		return flow{}, ErrLineAddress
	}
	p.Remote = f.remote
	if f.conn = sh.stack.connOf(l, p); f.conn == nil {
		return flow{}, ErrNoWay
	}
	f.remote, f.local = f.conn.key.remote, f.conn.local
	return f, nil
}

// ClosePeer ends the connections on which a peer was met: it is trusted no more.
// From any goroutine.
func (st *Stack) ClosePeer(peer string) {
	for _, c := range st.conns.all() {
		if c.met() == peer || c.dialed && c.name == peer {
			c.close()
		}
	}
}

// meet notes that a peer was met on a connection.
func (t *connTable) meet(c *conn, peer string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.byKey[c.key] == c {
		t.peers[peer] = append(t.peers[peer], c)
	}
}

// met is the latest connection on which a peer was met, nil for none.
func (t *connTable) met(peer string) *conn {
	if peer == "" {
		return nil
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	if list := t.peers[peer]; len(list) > 0 {
		return list[len(list)-1]
	}
	return nil
}

// part forgets that a peer was met on a connection; the table is locked.
func (t *connTable) part(c *conn) {
	peer := c.met()
	if peer == "" {
		return
	}
	rest := slices.DeleteFunc(t.peers[peer], func(o *conn) bool { return o == c })
	if t.peers[peer] = rest; len(rest) == 0 {
		delete(t.peers, peer)
	}
}

func (t *connTable) all() []*conn {
	t.mu.Lock()
	defer t.mu.Unlock()
	all := make([]*conn, 0, len(t.byKey))
	for _, c := range t.byKey {
		all = append(all, c)
	}
	return all
}
