package stack

import (
	"sync"
	"time"
)

// mailbox is what other goroutines leave for a shard's loop. It is bounded;
// what does not fit is refused. What came over UDP is dropped then, and the
// reader of a connection waits: nobody repeats what came over TCP.
type mailbox struct {
	mu      sync.Mutex
	packets []packet
	first   int // of packets, the first that was not taken
	posts   []func(*Shard)
	seated  int // of posts, those that a Seat posted
	closed  bool
	free    [][]byte // buffers for handing messages over
}

// packet is a message on its way to the shard that owns it.
type packet struct {
	buf  []byte
	flow flow
	at   time.Time // when it arrived at the host
}

// putPacket copies a message into the mailbox. wake says that the loop must
// be woken: it was empty.
func (b *mailbox) putPacket(msg []byte, f flow, at time.Time) (ok, wake bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	most := mailboxPackets
	if f.conn != nil {
		if most = mailboxStreams; f.conn.strange() {
			most = mailboxStrangers
		}
	}
	if b.closed || len(b.packets)-b.first >= most {
		return false, false
	}
	wake = b.waiting() == 0
	var buf []byte
	if n := len(b.free); n > 0 && len(msg) <= freeBufferSize {
		buf, b.free = b.free[n-1], b.free[:n-1]
	} else {
		buf = make([]byte, 0, max(freeBufferSize, len(msg)))
	}
	b.packets = append(b.packets, packet{buf: append(buf[:0], msg...), flow: f, at: at})
	return true, wake
}

// putPost leaves a function; false if there is no room, or nobody to run it.
// For one that is seated there is room.
func (b *mailbox) putPost(f func(*Shard), seated bool) (ok, wake bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.closed || !seated && len(b.posts)-b.seated >= mailboxPosts {
		return false, false
	}
	if seated {
		b.seated++
	}
	wake = b.waiting() == 0
	b.posts = append(b.posts, f)
	return true, wake
}

// take gives the oldest messages, a turn's worth, and all functions; the given
// slices are used again.
func (b *mailbox) take(packets []packet, posts []func(*Shard)) ([]packet, []func(*Shard)) {
	b.mu.Lock()
	defer b.mu.Unlock()
	n := min(len(b.packets)-b.first, mailboxTurn)
	packets = append(packets[:0], b.packets[b.first:b.first+n]...)
	clear(b.packets[b.first : b.first+n])
	if b.first += n; b.first == len(b.packets) {
		b.packets, b.first = b.packets[:0], 0
	} else if b.first >= mailboxPackets {
		b.packets, b.first = append(b.packets[:0], b.packets[b.first:]...), 0
	}
	f := b.posts
	b.posts, b.seated = posts[:0], 0
	return packets, f
}

// recycle gives a message's buffer back.
func (b *mailbox) recycle(buf []byte) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if cap(buf) == freeBufferSize && len(b.free) < freeBuffersMax {
		b.free = append(b.free, buf[:0])
	}
}

func (b *mailbox) len() int {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.waiting()
}

// waiting is how much waits; the caller has the lock.
func (b *mailbox) waiting() int { return len(b.packets) - b.first + len(b.posts) }

func (b *mailbox) close() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.closed = true
}
