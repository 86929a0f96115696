package media

import (
	"crypto/rand"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"net/netip"
	"slices"
	"strconv"
	"sync"
	"time"

	"golang.org/x/sys/unix"
)

// Call is the media of one call.
type Call struct {
	id    string
	relay *Relay
	loop  *loop

	mu     *sync.Mutex // the loop's: guards everything of its calls' legs on this side
	legs   []*Leg
	two    [2]*Leg // the room of most calls' legs
	closed bool
}

// ID is the call's ID.
func (c *Call) ID() string { return c.id }

// AddLeg gives the call another leg, with a port pair of its own.
func (c *Call) AddLeg(id string, cfg LegConfig) (*Leg, error) {
	if !cfg.Local.IsValid() || cfg.Local.IsUnspecified() {
		return nil, fmt.Errorf("leg %s: no local address: %w", id, ErrState)
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	switch {
	case c.closed:
		return nil, ErrClosed
	case c.find(id) != nil:
		return nil, fmt.Errorf("leg %s: %w", id, ErrExists)
	case len(c.legs) >= LegsMax:
		return nil, fmt.Errorf("%d legs: %w", len(c.legs), ErrLimit)
	}
	pair, err := c.loop.pool.take(netip.AddrPortFrom(cfg.Local, cfg.FirstPort), cfg.Urgent)
	if err != nil {
		return nil, err
	}
	made := time.Now() // what came for the call before was taken out
	pair.mark(cfg.Policy)
	c.relay.own(pair, cfg.Public, true)
	var dice [randomBytes]byte
	_, _ = rand.Read(dice[:]) // never fails (crypto/rand)
	l := &Leg{id: id, call: c, cfg: cfg, pair: pair, session: randomNumber(dice[:8]), audio: -1}
	l.stream = &stream{
		loop: c.loop, call: c.id, leg: id, pair: pair,
		rtp: &pair.ears.rtp, rtcp: &pair.ears.rtcp, made: made,
		out: newOutgoing(dice[8:18]), cname: hex.EncodeToString(dice[18:]), // RFC 7022 §4.2
	}
	c.legs = append(c.legs, l)
	s := l.stream
	if add := func() { s.loop.add(s) }; pair.attended {
		c.loop.later(add)
	} else {
		c.loop.post(add) // no packet of this one would wake the loop
	}
	return l, nil
}

// Leg is the leg with an ID, nil if there is none.
func (c *Call) Leg(id string) *Leg {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.find(id)
}

// find is Leg for who has the lock: calls have two legs, but for rooms.
func (c *Call) find(id string) *Leg {
	for _, l := range c.legs {
		if l.id == id {
			return l
		}
	}
	return nil
}

// drop takes a leg away, for who has the lock.
func (c *Call) drop(l *Leg) {
	c.legs = slices.DeleteFunc(c.legs, func(o *Leg) bool { return o == l })
}

// Bridge passes on what comes from a to b and the reverse. Either is first
// taken from whom it was bridged to.
func (c *Call) Bridge(a, b *Leg) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if a.call != c || b.call != c || a == b {
		return fmt.Errorf("bridge of legs %s and %s: %w", a.id, b.id, ErrState)
	}
	if a.closed || b.closed {
		return ErrClosed
	}
	x, y := a.stream, b.stream
	c.loop.later(func() {
		if !x.gone && !y.gone {
			x.bridge(y)
		}
	})
	return nil
}

// Adopt takes a leg over from another call of the same loop, with whatever is agreed
// on it; it is this call's from now on, and its events name it so. Nothing else may
// be asked of the leg at the same time.
func (c *Call) Adopt(l *Leg, id string) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	from, s := l.call, l.stream
	switch {
	case c.closed || l.closed:
		return ErrClosed
	case from.loop != c.loop || from == c:
		return fmt.Errorf("adopt leg %s: %w", l.id, ErrState)
	case c.find(id) != nil:
		return fmt.Errorf("leg %s: %w", id, ErrExists)
	case len(c.legs) >= LegsMax:
		return fmt.Errorf("%d legs: %w", len(c.legs), ErrLimit)
	}
	from.drop(l)
	l.id, l.call = id, c
	c.legs = append(c.legs, l)
	call := c.id
	c.loop.post(func() {
		s.unbridge()
		s.call, s.leg = call, id
	})
	return nil
}

// Unbridge ends the bridge of a leg, its echo, or its place in a room.
func (c *Call) Unbridge(a *Leg) {
	s := a.stream
	c.loop.post(func() { s.unbridge() })
}

// Close ends all legs and frees their ports. It does not wait.
func (c *Call) Close() {
	c.mu.Lock()
	legs := slices.Clone(c.legs)
	c.closed = true
	c.mu.Unlock()
	for _, l := range legs {
		l.Close()
	}
	c.relay.forget(c)
}

// mark sets the DSCP of a leg's packets, where it is another one than they come
// with. Where the kernel refuses, packets keep that.
func (p *Pair) mark(policy Policy) {
	if !policy.DSCPSet || policy.DSCP == dscpEF {
		return
	}
	p.marked = true
	tos := int(policy.DSCP&0x3f) << 2
	for _, s := range []Socket{p.RTP, p.RTCP} {
		if s.Local().Addr().Is4() {
			_ = unix.SetsockoptInt(s.FD(), unix.IPPROTO_IP, unix.IP_TOS, tos)
		} else {
			_ = unix.SetsockoptInt(s.FD(), unix.IPPROTO_IPV6, unix.IPV6_TCLASS, tos)
		}
	}
}

// dscpEF is expedited forwarding (RFC 3246), for voice: Sockets mark with it.
const dscpEF = 46

// randomBytes are those that a leg needs: of its session ID, of what it sends, and of its
// canonical name.
const randomBytes = 8 + 10 + 12

// randomNumber makes a session ID for o= that says nothing of eight random bytes (RFC 8866
// §5.2 proposes the time of day).
func randomNumber(b []byte) string {
	return strconv.FormatUint(binary.BigEndian.Uint64(b)>>2, 10)
}
