package load

import (
	"encoding/binary"
	"net/netip"
	"time"
)

// leg is the sound of one side of a call: what it sends, and what it heard of
// the other side. A packet carries when it was sent and by which leg.
type leg struct {
	from  *socket
	to    netip.AddrPort
	id    uint32
	seq   uint16
	sent  uint64
	heard uint64 // packets of this leg that arrived at the other side
	gone  bool
	quiet bool     // for a while
	seal  *sealing // nil for plain RTP
}

// speak begins the caller's sound toward the address in a 200.
func (l *Load) speak(c *call, sdp []byte) {
	if at, ok := Media(sdp); ok {
		c.leg = l.newLeg(c.from.at.end().voice, at)
	} else {
		c.run.Silent++
	}
}

// hear begins the callee's sound toward the address in an INVITE.
func (l *Load) hear(e *end, run *Result, sdp []byte, seal *sealing) *leg {
	at, ok := Media(sdp)
	if !ok {
		run.Silent++
		return nil
	}
	g := l.newLeg(e.voice, at)
	if seal != nil {
		g.seal = seal
		l.sealed[at] = g
	}
	return g
}

func (l *Load) newLeg(from *socket, to netip.AddrPort) *leg {
	g := &leg{from: from, to: to, id: uint32(len(l.legs))}
	l.legs = append(l.legs, g)
	slot := int(g.id) % len(l.slots)
	l.slots[slot] = append(l.slots[slot], g)
	return g
}

// hush ends all sound.
func (l *Load) hush() {
	l.legs, l.slots = nil, [slotCount][]*leg{}
	clear(l.sealed)
}

// slotCount is how many moments of 20 ms legs send at.
const slotCount = int(packetTime / mediaGrain)

// sound sends what is due up to now and gives when the next packets are due.
func (l *Load) sound(now int64) int64 {
	if l.soundAt == 0 || now-l.soundAt > int64(time.Second) {
		l.soundAt = now
	}
	for l.soundAt <= now {
		slot := int(l.soundAt/int64(mediaGrain)) % slotCount
		for _, g := range l.slots[slot] {
			if !g.gone && !g.quiet {
				g.speak(l.clock(), l.counting)
			}
		}
		l.soundAt += int64(mediaGrain)
	}
	return l.soundAt
}

// speak sends one packet. Those sent while the load is not counted yet or no
// more carry no time.
func (g *leg) speak(now int64, counting bool) {
	b := g.from.room()[:packetBytes]
	clear(b)
	b[0] = 0x80 // version 2, payload type 0: PCMU
	g.seq++
	binary.BigEndian.PutUint16(b[2:], g.seq)
	binary.BigEndian.PutUint32(b[4:], uint32(g.seq)*160)
	binary.BigEndian.PutUint32(b[8:], g.id+1)
	if counting {
		binary.BigEndian.PutUint64(b[12:], uint64(now))
		g.sent++
	}
	binary.BigEndian.PutUint32(b[20:], g.id)
	if g.seal != nil {
		sealed, err := g.seal.ours.EncryptRTP(g.seal.buf, b, nil)
		if err != nil {
			return // counted as sent, and not heard
		}
		b = append(g.from.room(), sealed...)
	}
	g.from.sent(b, g.to)
}

// sounded takes a packet that came out of the relay.
func (l *Load) sounded(b []byte, from netip.AddrPort, _ int) {
	if g := l.sealed[from]; g != nil {
		plain, err := g.seal.theirs.DecryptRTP(g.seal.buf, b, nil)
		if err != nil {
			return
		}
		b = plain
	}
	if len(b) != packetBytes || b[0] != 0x80 {
		return
	}
	at, id := binary.BigEndian.Uint64(b[12:]), binary.BigEndian.Uint32(b[20:])
	if at == 0 || int(id) >= len(l.legs) || l.heard == nil {
		return
	}
	l.legs[id].heard++
	l.heard.Added.Add(time.Duration(l.now - int64(at)))
}
