package stack

import (
	"net/netip"
	"time"

	"github.com/sekisho/sekisho/wire/sip"
)

// settled is a server transaction that has nothing left to do but to absorb
// what the peer repeats: timer J of a request over UDP, timer L of an INVITE
// whose 200 is acknowledged. There are as many as requests in half a minute,
// so it is small and holds no timer.
type settled struct {
	key      txKey
	call     txKey // of an INVITE that began a session
	listener *listener
	remote   netip.AddrPort
	local    netip.AddrPort
	until    time.Time
	from, to uint32 // its response in the block's bytes; none where they are equal
}

// lingerBlock holds settled transactions of about the same time.
type lingerBlock struct {
	list  []settled
	bytes []byte
	last  time.Time // when the newest of them came
	until time.Time // when the last of them ends
}

// lingering keeps settled transactions in the order in which they came. When
// there are more than lingerBlocks blocks the oldest go before their time, but
// never before min, so that there may be up to lingerBlocksMax: whatever is
// repeated later than that is judged anew.
//
// A shard has one for REGISTER and one for all else. A REGISTER that is judged
// anew costs the phone a challenge, as its nonce has been used, so its min is
// shorter: else lingerBlocksMax and lingerMin would bound the registrations of
// a second, and a rush of them would leave no room for calls.
type lingering struct {
	min    time.Duration
	blocks []*lingerBlock // oldest first
	first  uint64         // number of blocks[0]
	index  lingerIndex
	spare  []*lingerBlock
}

func newLingering(min time.Duration) lingering { return lingering{min: min, index: newLingerIndex()} }

// lingering is where the settled transactions of a method are.
func (sh *Shard) lingering(m sip.Method) *lingering {
	if m == sip.REGISTER {
		return &sh.registered
	}
	return &sh.settled
}

// expire forgets the settled transactions whose time is over and returns when
// to look again; zero for never.
func (sh *Shard) expire(now time.Time) time.Time {
	a, b := sh.settled.expire(now), sh.registered.expire(now)
	if a.IsZero() || !b.IsZero() && b.Before(a) {
		return b
	}
	return a
}

// find returns the settled transaction, or call, of that key.
func (l *lingering) find(key txKey, now time.Time) (*settled, *lingerBlock) {
	s, b, _ := l.locate(key)
	if s == nil || !s.until.After(now) {
		return nil, nil
	}
	return s, b
}

// locate returns what is kept of that key, and its slot in the index; nil and
// -1 for nothing.
func (l *lingering) locate(key txKey) (*settled, *lingerBlock, int) {
	part := partOf(key)
	for i := l.index.first(part); l.index.slots[i].part != 0; i = l.index.after(i) {
		if l.index.slots[i].part != part {
			continue
		}
		base := l.first * lingerEach
		n := l.index.slots[i].number - uint32(base) // there are far fewer than 1<<32
		b := l.blocks[n/lingerEach]
		if s := &b.list[n%lingerEach]; s.key == key || s.call == key {
			return s, b, i
		}
	}
	return nil, nil, -1
}

// note has a key found under a number from now on.
func (l *lingering) note(key txKey, number uint64) {
	if _, _, i := l.locate(key); i >= 0 {
		l.index.slots[i].number = uint32(number)
		return
	}
	l.index.put(lingerSlot{partOf(key), uint32(number)})
}

// has reports whether a key is known.
func (l *lingering) has(key txKey, now time.Time) bool {
	s, _ := l.find(key, now)
	return s != nil
}

// add keeps a transaction and its response; false if there is no room.
func (l *lingering) add(s settled, response []byte, now time.Time) bool {
	b := l.tail(len(response), now)
	if b == nil {
		return false
	}
	number := (l.first+uint64(len(l.blocks))-1)*lingerEach + uint64(len(b.list))
	s.from = uint32(len(b.bytes))
	b.bytes = append(b.bytes, response...)
	s.to = uint32(len(b.bytes))
	b.list = append(b.list, s)
	b.last = now
	if s.until.After(b.until) {
		b.until = s.until
	}
	l.note(s.key, number)
	if s.call != (txKey{}) {
		l.note(s.call, number)
	}
	return true
}

// uses reports whether a settled transaction is on a listener.
func (l *lingering) uses(on *listener, now time.Time) bool {
	for _, b := range l.blocks {
		for i := range b.list {
			if b.list[i].listener == on && b.list[i].until.After(now) {
				return true
			}
		}
	}
	return false
}

// tail is the block that has room for n more bytes.
func (l *lingering) tail(n int, now time.Time) *lingerBlock {
	if k := len(l.blocks); k > 0 {
		b := l.blocks[k-1]
		if len(b.list) < lingerEach && len(b.bytes)+n <= lingerBytes {
			return b
		}
	}
	if !l.room(0, now) {
		return nil
	}
	for range 2 { // two for one, so that it does not stay so large
		if len(l.blocks) >= lingerBlocks && l.mayDrop(now) {
			l.drop()
		}
	}
	var b *lingerBlock
	if k := len(l.spare); k > 0 {
		b, l.spare = l.spare[k-1], l.spare[:k-1]
	} else {
		b = &lingerBlock{list: make([]settled, 0, lingerEach), bytes: make([]byte, 0, lingerBytes)}
	}
	l.blocks = append(l.blocks, b)
	return b
}

// room reports whether a new block could be had and keep more be left.
func (l *lingering) room(keep int, now time.Time) bool {
	return len(l.blocks) < lingerBlocksMax-keep || l.mayDrop(now)
}

// mayDrop reports whether the oldest block has been kept long enough.
func (l *lingering) mayDrop(now time.Time) bool { return !l.blocks[0].last.Add(l.min).After(now) }

// drop forgets the oldest block.
func (l *lingering) drop() {
	b := l.blocks[0]
	for i := range b.list {
		s := &b.list[i]
		number := l.first*lingerEach + uint64(i)
		for _, key := range [...]txKey{s.key, s.call} {
			l.index.remove(lingerSlot{partOf(key), uint32(number)})
		}
	}
	l.blocks[0] = nil
	l.blocks = l.blocks[1:]
	l.first++
	clear(b.list)
	b.list, b.bytes, b.last, b.until = b.list[:0], b.bytes[:0], time.Time{}, time.Time{}
	if len(l.spare) < lingerSpare {
		l.spare = append(l.spare, b)
	}
}

// expire forgets the blocks whose time is over and returns when to look
// again; zero for never.
func (l *lingering) expire(now time.Time) time.Time {
	for len(l.blocks) > 0 {
		if until := l.blocks[0].until; until.After(now) {
			return until
		}
		l.drop()
	}
	return time.Time{}
}
