package stack

import (
	"hash/maphash"
	"time"

	"github.com/sekisho/sekisho/wire/sip"
	"github.com/sekisho/sekisho/wire/sip/edge"
	"github.com/sekisho/sekisho/wire/sip/session"
)

// Shard is one event loop and everything it owns: transactions, sessions and
// timers. Post and ID may be called from any goroutine; everything else only
// on the loop, which is where the Handler, the owners of sessions and posted
// functions run.
type Shard struct {
	stack   *Stack
	id      int
	packets Packets
	mail    mailbox
	now     time.Time
	wheel   *wheel
	random  randomness
	// listeners are those that have a socket here, by the index of their datagrams.
	listeners []*listener
	msg       sip.Message // what is being read
	builder   sip.Builder
	scratch   []byte // messages are built here, if they need not be kept
	key       []byte // keys are written here before they are hashed
	text      []byte // and values of header fields
	uri       lastURI
	effects   session.Queue
	tag       [idLen]byte
	hash      hasher
	buffers   buffers

	in     []edge.Datagram
	room   [][]byte // the buffers of in, at full length
	out    []edge.Datagram
	outBuf []byte // bytes of out, kept until the batch is written

	servers  map[txKey]*serverTx
	byTx     map[uint64]*serverTx
	calls    map[txKey]*serverTx // INVITEs that begin a call: merged requests
	clients  map[branch]*clientTx
	lateSeed maphash.Seed
	cancels  map[branch]*clientTx
	sessions map[string]*Session
	streams  map[connKey][]*Session // sessions by the connection they stand on

	subscriptions map[string]*Subscription    // by our tag
	watchers      map[connKey][]*Subscription // by where their phones are
	subscribed    map[string][]*Subscription  // by device, the one refreshed last at the end
	expected      map[string]bool             // tags of ours of dialogs that the Handler keeps

	lastTx uint64

	handled        *serverTx // of the request that is being handled
	freeServers    []*serverTx
	spareRequest   *Request
	settled        lingering // but for those of REGISTER:
	registered     lingering
	freeClients    []*clientTx
	oldest, newest *clientTx // INVITEs of ours that have their final response
	settledInvites int       // how many
	settling       timer     // when the oldest of them end

	seats int // set aside in the mailbox

	load      overload
	guard     *guard
	urgent    bool // what is handled now is an emergency call
	stopping  bool
	spare     []packet
	sparePost []func(*Shard)
}

func newShard(st *Stack, id int, p Packets) *Shard {
	sh := &Shard{
		stack: st, id: id, packets: p, now: time.Now(), lateSeed: maphash.MakeSeed(),
		scratch: make([]byte, 0, freeBufferSize),
		hash:    newHasher(),
		servers: make(map[txKey]*serverTx),
		byTx:    make(map[uint64]*serverTx),
		calls:   make(map[txKey]*serverTx),
		settled: newLingering(lingerMin), registered: newLingering(lingerRegister),
		clients:  make(map[branch]*clientTx),
		cancels:  make(map[branch]*clientTx),
		sessions: make(map[string]*Session),
		streams:  make(map[connKey][]*Session),

		subscriptions: make(map[string]*Subscription),
		watchers:      make(map[connKey][]*Subscription),
		subscribed:    make(map[string][]*Subscription),
		expected:      make(map[string]bool),

		in:        make([]edge.Datagram, batchMax),
		room:      make([][]byte, batchMax),
		listeners: make([]*listener, len(st.listeners)+ownListenersMax),
	}
	sh.wheel, sh.guard = newWheel(sh.now), newGuard(sh.now)
	sh.settling.owner = sh
	copy(sh.listeners, st.listeners)
	for i := range sh.room {
		sh.room[i] = make([]byte, edge.DatagramBytesMax)
	}
	return sh
}

// ID is the number of the shard, from 0.
func (sh *Shard) ID() int { return sh.id }

// Now is the time of the loop's last wake-up, which everything that happens
// in this turn shares.
func (sh *Shard) Now() time.Time { return sh.now }

// Stack returns the stack that the shard is part of.
func (sh *Shard) Stack() *Stack { return sh.stack }

// Post has f run on the loop, from any goroutine, in the order of posting. It
// does not wait, and returns false if the mailbox is full or the stack has
// stopped: then f never runs.
func (sh *Shard) Post(f func(sh *Shard)) bool {
	ok, wake := sh.mail.putPost(f, false)
	if wake {
		sh.packets.Wake()
	}
	if !ok {
		sh.stack.Counters.Overflow.Add(1)
	}
	return ok
}

// handOver leaves a datagram for this shard, from any goroutine. at is when it
// arrived at the host.
func (sh *Shard) handOver(msg []byte, f flow, at time.Time) {
	if !sh.leave(msg, f, at) {
		sh.stack.Counters.Overflow.Add(1)
	}
}

// leave puts a message into the mailbox; false when that is full.
func (sh *Shard) leave(msg []byte, f flow, at time.Time) bool {
	ok, wake := sh.mail.putPacket(msg, f, at)
	if wake {
		sh.packets.Wake()
	}
	return ok
}

// Alarm is a function that runs later on a shard's loop.
type Alarm struct {
	sh *Shard
	t  timer
	f  func(sh *Shard)
}

// At has f run on the loop at the time or up to a few milliseconds later.
func (sh *Shard) At(at time.Time, f func(sh *Shard)) *Alarm {
	a := &Alarm{sh: sh, f: f}
	a.t.owner = a
	sh.wheel.arm(&a.t, at)
	return a
}

func (a *Alarm) wake(*timer, time.Time) { a.f(a.sh) }

// Stop takes the alarm back; on the loop. It may have run already.
func (a *Alarm) Stop() {
	if a != nil {
		a.sh.wheel.stop(&a.t)
	}
}

// Again sets the alarm to another time, whether it has run or not.
func (a *Alarm) Again(at time.Time) { a.sh.wheel.arm(&a.t, at) }

// run is the loop. It ends when the stack stops.
func (sh *Shard) run() {
	for !sh.stopping {
		deadline := sh.wheel.deadline()
		if sh.mail.len() > 0 {
			deadline = sh.now // something came while we worked
		}
		for i := range sh.in {
			sh.in[i].Buf = sh.room[i]
		}
		n, err := sh.packets.ReadBatch(sh.in, deadline)
		if err != nil && n == 0 {
			break
		}
		sh.now = time.Now()
		for i := range n {
			d := &sh.in[i]
			sh.arrive(d)
			sh.poison(d.Buf)
		}
		sh.drain()
		sh.wheel.run(sh.now)
		if end := sh.stack.cfg.TurnEnd; end != nil {
			end()
		}
		sh.writeOut()
	}
	sh.mail.close()
}

// drain runs what other goroutines left.
func (sh *Shard) drain() {
	packets, posts := sh.mail.take(sh.spare, sh.sparePost)
	for i := range packets {
		p := &packets[i]
		sh.waited(p.at)
		sh.arriveHere(p.buf, p.flow)
		sh.poison(p.buf)
		sh.mail.recycle(p.buf)
		*p = packet{}
	}
	for i, f := range posts {
		f(sh)
		posts[i] = nil
	}
	sh.spare, sh.sparePost = packets, posts
}

// waited takes in how long a message lay before it was looked at.
func (sh *Shard) waited(at time.Time) {
	if at.IsZero() {
		return
	}
	wait := max(0, sh.now.Sub(at))
	sh.load.saw(wait, sh.now)
	sh.stack.Waits.Add(wait)
}

// roomFor reports whether one more fits into a table of n, whose last places are
// for emergency calls.
func (sh *Shard) roomFor(n, most int, urgent bool) bool {
	return n < most-emergencyReserve || urgent && n < most
}

// poison makes use of a released buffer visible, in tests.
func (sh *Shard) poison(b []byte) {
	if !sh.stack.cfg.Poison {
		return
	}
	for i := range b {
		b[i] = 0xDB
	}
}
