package stack

import (
	"sync"
	"time"
)

// mailbox is what other goroutines leave for a shard's loop. It is bounded;
// what does not fit is refused, never waited for.
type mailbox struct {
	mu      sync.Mutex
	packets []packet
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
	if b.closed || len(b.packets) >= mailboxPackets {
		return false, false
	}
	wake = len(b.packets)+len(b.posts) == 0
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
	wake = len(b.packets)+len(b.posts) == 0
	b.posts = append(b.posts, f)
	return true, wake
}

// take swaps what waits for the given empty slices.
func (b *mailbox) take(packets []packet, posts []func(*Shard)) ([]packet, []func(*Shard)) {
	b.mu.Lock()
	defer b.mu.Unlock()
	p, f := b.packets, b.posts
	b.packets, b.posts, b.seated = packets[:0], posts[:0], 0
	return p, f
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
	return len(b.packets) + len(b.posts)
}

func (b *mailbox) close() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.closed = true
}
