package stack

import (
	"context"
	"errors"
	"net"
	"net/netip"
	"os"
	"sync"
	"sync/atomic"
	"time"

	"github.com/sekisho/sekisho/wire/sip"
)

// conn is one TCP or TLS connection. Its reader cuts the stream into messages
// and leaves them in the mailboxes of the shards that own them; its writer
// sends what the shards queue. Both end when the connection does.
type conn struct {
	st       *Stack
	key      connKey
	listener *listener
	local    netip.AddrPort
	dialed   bool
	name     string // server name, for TLS
	queue    chan outgoing
	done     chan struct{}
	once     sync.Once
	net      atomic.Pointer[net.Conn]
	stranger bool        // incoming, and nobody admitted; the table's
	known    atomic.Bool // somebody was admitted
	stood    atomic.Bool // a session stood on it
	grace    atomic.Bool // a stranger's limit was forgiven, once
	// peer is the key that the far end has proved to have, nil for none.
	peer atomic.Pointer[string]
}

// connKey finds a connection by its far end.
type connKey struct {
	transport string
	remote    netip.AddrPort
}

// outgoing is a message waiting to be written.
type outgoing struct {
	msg    []byte
	sh     *Shard
	branch branch
}

// fail tells the transaction of a message that it can't be sent.
func (o *outgoing) fail() {
	if o.branch != (branch{}) {
		id := o.branch
		o.sh.Post(func(sh *Shard) { sh.streamFailed(id) })
	}
}

// connTable holds all stream connections.
type connTable struct {
	mu        sync.Mutex
	byKey     map[connKey]*conn
	strangers map[netip.Addr]int // incoming, nobody admitted yet
	known     map[netip.Addr]int // incoming, somebody admitted
	peers     map[string][]*conn // on which a peer was met, the latest last
	strange   int                // all strangers
	closed    bool
}

func (t *connTable) init() {
	t.byKey = make(map[connKey]*conn)
	t.peers = make(map[string][]*conn)
	t.strangers = make(map[netip.Addr]int)
	t.known = make(map[netip.Addr]int)
}

// add takes a connection in, unless there are too many. Incoming ones begin as
// strangers, who have a small budget of their own: they can't use up what
// phones need.
func (t *connTable) add(c *conn) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	source := c.key.remote.Addr()
	if t.closed || len(t.byKey) >= connsMax ||
		!c.dialed && (t.strange >= strangersMax || t.strangers[source] >= strangersPerAddr) {
		return false
	}
	if _, ok := t.byKey[c.key]; ok {
		return false
	}
	t.byKey[c.key] = c
	if !c.dialed {
		c.stranger = true
		t.strangers[source]++
		t.strange++
	}
	return true
}

// admit makes a stranger known; false if its address has too many already.
func (t *connTable) admit(c *conn) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	source := c.key.remote.Addr()
	if !c.stranger || t.byKey[c.key] != c || t.known[source] >= connsPerAddr {
		return false
	}
	c.stranger = false
	t.strange--
	less(t.strangers, source)
	t.known[source]++
	return true
}

// less counts an address down, and forgets it at zero.
func less(m map[netip.Addr]int, a netip.Addr) {
	if m[a]--; m[a] <= 0 {
		delete(m, a)
	}
}

func (t *connTable) find(k connKey) *conn {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.byKey[k]
}

func (t *connTable) remove(c *conn) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.byKey[c.key] != c {
		return
	}
	delete(t.byKey, c.key)
	t.part(c)
	switch source := c.key.remote.Addr(); {
	case c.dialed:
	case c.stranger:
		t.strange--
		less(t.strangers, source)
	default:
		less(t.known, source)
	}
}

func (t *connTable) closeAll() {
	t.mu.Lock()
	t.closed = true
	t.mu.Unlock()
	for _, c := range t.all() {
		c.close()
	}
}

// accept takes incoming connections until the listener closes.
func (st *Stack) accept(l *listener) {
	for {
		nc, err := l.Accept.Accept()
		if err != nil {
			if errors.Is(err, net.ErrClosed) || st.ctx.Err() != nil {
				return
			}
			st.log("sip: accept", "listener", l.Name, "error", err)
			select { // out of descriptors, as a rule
			case <-st.ctx.Done():
				return
			case <-time.After(acceptPause):
			}
			continue
		}
		c := st.newConn(l, addrPortOf(nc.RemoteAddr()), addrPortOf(nc.LocalAddr()), false)
		if !c.key.remote.IsValid() || !st.conns.add(c) {
			st.Counters.ConnRefused.Add(1)
			_ = nc.Close()
			continue
		}
		st.wg.Go(func() { c.serve(nc) })
	}
}

const acceptPause = 100 * time.Millisecond

func addrPortOf(a net.Addr) netip.AddrPort {
	if t, ok := a.(interface{ AddrPort() netip.AddrPort }); ok {
		p := t.AddrPort()
		return netip.AddrPortFrom(p.Addr().Unmap(), p.Port())
	}
	p, _ := netip.ParseAddrPort(a.String())
	return p
}

func (st *Stack) newConn(l *listener, remote, local netip.AddrPort, dialed bool) *conn {
	return &conn{
		st: st, key: connKey{l.Transport, remote}, listener: l, local: local, dialed: dialed,
		queue: make(chan outgoing, connQueue), done: make(chan struct{}),
	}
}

// connTo finds the connection to an address, or begins to open one: what is
// written meanwhile waits in its queue.
func (st *Stack) connTo(l *listener, remote netip.AddrPort, name string) *conn {
	k := connKey{l.Transport, remote}
	if c := st.conns.find(k); c != nil {
		return c
	}
	if st.cfg.Dial == nil {
		return nil
	}
	c := st.newConn(l, remote, l.Address, true)
	c.name = name
	if !st.conns.add(c) {
		st.Counters.ConnRefused.Add(1)
		return nil
	}
	st.wg.Go(c.open)
	return c
}

// open dials and then serves.
func (c *conn) open() {
	ctx, cancel := context.WithTimeout(c.st.ctx, dialTimeout)
	defer cancel()
	l := c.listener
	nc, err := c.st.cfg.Dial(ctx, l.Name, l.Transport, l.Address, c.key.remote, c.name)
	if err != nil {
		c.st.log("sip: dial", "listener", l.Name, "error", err)
		c.close()
		c.failQueue()
		return
	}
	c.serve(nc)
}

// serve runs the writer beside the reader until either ends.
func (c *conn) serve(nc net.Conn) {
	c.net.Store(&nc)
	select {
	case <-c.done: // closed while it was being opened
		_ = nc.Close()
		c.failQueue()
		return
	default:
	}
	c.st.Counters.Connections.Add(1)
	c.meet(nc)
	c.st.wg.Go(func() { c.writer(nc) })
	c.reader(nc)
	c.close()
	_ = nc.Close()
	c.st.Counters.Connections.Add(-1)
}

// close ends the connection, from any goroutine, once.
func (c *conn) close() {
	c.once.Do(func() {
		c.st.conns.remove(c)
		close(c.done)
		c.tellEnd()
		if nc := c.net.Load(); nc != nil {
			_ = (*nc).Close()
		}
		if peer, parted := c.met(), c.st.cfg.Parted; peer != "" && parted != nil && c.st.ctx.Err() == nil {
			parted(peer)
		}
	})
}

// over reports whether the connection has ended.
func (c *conn) over() bool {
	select {
	case <-c.done:
		return true
	default:
		return false
	}
}

// tellEnd tells the shards that what stands on the connection is adrift.
func (c *conn) tellEnd() {
	if !c.stood.Load() {
		return
	}
	for _, sh := range c.st.shards {
		// Once for each connection: never refused.
		if _, wake := sh.mail.putPost(func(sh *Shard) { sh.streamEnded(c) }, true); wake {
			sh.packets.Wake()
		}
	}
}

// write queues a message; it copies it. false: the connection is gone or
// does not keep up.
func (c *conn) write(msg []byte, sh *Shard, id branch) bool {
	if c.over() {
		return false
	}
	select {
	case c.queue <- outgoing{append([]byte(nil), msg...), sh, id}:
		select {
		case <-c.done: // it closed in between, and nobody looks at the queue
			c.failQueue()
		default:
		}
		return true
	default:
		return false
	}
}

// writer sends the queue, and pings where we opened the connection.
func (c *conn) writer(nc net.Conn) {
	var ping <-chan time.Time
	if c.dialed {
		t := time.NewTicker(keepAliveEvery)
		defer t.Stop()
		ping = t.C
	}
	defer c.failQueue()
	for {
		select {
		case <-c.done:
			return
		case o := <-c.queue:
			if !c.writeNow(nc, o.msg) {
				o.fail()
				return
			}
		case <-ping:
			if !c.writeNow(nc, []byte(sip.Ping)) {
				return
			}
		}
	}
}

func (c *conn) writeNow(nc net.Conn, msg []byte) bool {
	_ = nc.SetWriteDeadline(time.Now().Add(writeTimeout))
	if _, err := nc.Write(msg); err != nil {
		c.st.Counters.Unsent.Add(1)
		c.close()
		return false
	}
	return true
}

// failQueue tells the senders of what is left that it will not go.
func (c *conn) failQueue() {
	for {
		select {
		case o := <-c.queue:
			o.fail()
		default:
			return
		}
	}
}

// strange tells that it came in and nobody was admitted on it yet.
func (c *conn) strange() bool { return !c.dialed && !c.known.Load() }

// admit tells that somebody was admitted on the connection: it may stay.
func (c *conn) admit() {
	if c.dialed || c.known.Load() || !c.st.conns.admit(c) {
		return
	}
	c.known.Store(true)
	if nc := c.net.Load(); nc != nil {
		_ = (*nc).SetReadDeadline(time.Now().Add(connIdleMax))
	}
}

// reader cuts the stream into messages until it ends. A stranger has 30 s in
// all; whoever is known may be silent for long, but a message that has begun
// must come to its end.
func (c *conn) reader(nc net.Conn) {
	framer := sip.Framer{Dialed: c.dialed}
	var m sip.Message
	born, heard := time.Now(), time.Now()
	stamp := stampOf(nc)
	var begun time.Time // when the message under way began
	for {
		limit := heard.Add(connIdleMax)
		if !begun.IsZero() {
			limit = begun.Add(messageMax)
		}
		if c.strange() {
			limit = born.Add(strangerLife)
		}
		_ = nc.SetReadDeadline(limit)
		n, err := nc.Read(framer.Space())
		framer.Filled(n)
		if n > 0 {
			c.meet(nc)
		}
		now := time.Now()
		at := now
		if stamp != nil {
			at = stamp.Arrived()
		}
		frames, bad := c.frames(&framer, &m, at)
		switch {
		case frames > 0:
			heard, begun = now, time.Time{}
		case n > 0 && begun.IsZero():
			begun = now
		}
		if bad || err != nil && !c.patient(err, now, limit) {
			return
		}
	}
}

// stamper is a connection that knows when what it read last came to the host,
// by the wall clock.
type stamper interface{ Arrived() time.Time }

// stampOf finds it, below TLS too; nil for none.
func stampOf(nc net.Conn) stamper {
	if t, ok := nc.(interface{ NetConn() net.Conn }); ok {
		nc = t.NetConn()
	}
	s, _ := nc.(stamper)
	return s
}

// patient reports whether a read ended only because it began under a
// stranger's limit, and the connection has become known since.
func (c *conn) patient(err error, now, limit time.Time) bool {
	return errors.Is(err, os.ErrDeadlineExceeded) && c.known.Load() && now.Before(limit.Add(strangerLife)) &&
		c.grace.CompareAndSwap(false, true)
}

// frames hands over every whole message that was read and came to the host at
// a time, answers pings, and counts both.
func (c *conn) frames(framer *sip.Framer, m *sip.Message, at time.Time) (n int, bad bool) {
	for {
		frame, msg, err := framer.Next()
		if err != nil {
			c.st.Counters.Junk.Add(1)
			c.st.junk(time.Now(), err.Error(), c.key.remote)
			return n, true
		}
		switch frame {
		case sip.FrameNone:
			return n, false
		case sip.FramePing:
			n++
			c.st.Counters.KeepAlives.Add(1)
			c.write([]byte(sip.Pong), nil, branch{})
		case sip.FramePong:
			n++
			c.st.Counters.KeepAlives.Add(1)
		case sip.FrameMessage:
			n++
			c.dispatch(msg, m, at)
		}
	}
}

// dispatch leaves a message with the shard that owns it.
func (c *conn) dispatch(msg []byte, m *sip.Message, at time.Time) {
	if err := sip.Parse(msg, m); err != nil {
		c.st.Counters.Junk.Add(1)
		return
	}
	sh := c.st.shards[shardOf(m, len(c.st.shards))]
	m.Reset()
	f := flow{listener: c.listener, local: c.local, remote: c.key.remote, conn: c}
	for !sh.leave(msg, f, at) {
		select { // meanwhile the peer waits too, and the kernel keeps what it sends
		case <-c.done:
			return
		case <-c.st.ctx.Done():
			return
		case <-time.After(postPause):
		}
	}
}
