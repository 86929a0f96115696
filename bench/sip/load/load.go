package load

import (
	"bytes"
	"fmt"
	"net/netip"
	"strconv"
)

// Config says where the generator's sockets stand. Each address needs the ports
// 15060, 16000 and 16001: not those of a unit that may run on every address.
type Config struct {
	Callers netip.Addr
	Callees netip.Addr
	Carrier netip.Addr
	// Tag tells this run's calls from those of other runs: letters and digits.
	Tag string
}

// Ports of the generator's addresses.
const (
	portSIP = 15060
	portRTP = 16000
)

// Load is the generator.
type Load struct {
	*loop
	callers, callees, carrier *socket

	tag     string
	serial  uint64
	hash    *hasher
	scratch []byte
	answer  []byte // a response on its way
	in      message

	phones       map[string]*phone // by Call-ID of their registration
	calls        map[uint64]*call
	spareCalls   []*call
	answers      map[string]*answer
	spareAnswers []*answer
	answered     int                  // callees that were not hung up yet
	pairs        map[uint64]departure // INVITEs under way, by pair of phones or number outside
	site         *Site
	finished     []*call // over, and not used again before the next turn
	duplicates   uint64  // INVITEs that reached a callee again

	dialed  uint64          // numbers called outside so far
	urgent  int             // emergency calls since the last Outside
	told    uint64          // of dialed, at the last Outside
	reached map[uint64]int  // how often each of them reached the carrier, by different calls
	strange map[string]bool // called at the carrier, and never dialed

	sealed   map[netip.AddrPort]*leg // legs of SRTP, by where their sound comes from
	legs     []*leg
	slots    [slotCount][]*leg
	soundAt  int64
	counting bool
	heard    *Heard
}

// departure is an INVITE that left.
type departure struct {
	at  int64
	run *Result
}

// Open binds the sockets.
func Open(c Config) (*Load, error) {
	lp, err := newLoop()
	if err != nil {
		return nil, err
	}
	l := &Load{
		loop: lp, tag: c.Tag, hash: newHasher(), phones: map[string]*phone{}, calls: map[uint64]*call{},
		answers: map[string]*answer{}, pairs: map[uint64]departure{}, reached: map[uint64]int{},
		strange: map[string]bool{}, sealed: map[netip.AddrPort]*leg{},
	}
	for _, o := range []struct {
		at     netip.Addr
		sip    **socket
		called bool
	}{{c.Callers, &l.callers, false}, {c.Callees, &l.callees, true}, {c.Carrier, &l.carrier, true}} {
		if *o.sip, err = l.station(o.at); err != nil {
			l.Close()
			return nil, err
		}
		(*o.sip).self.called = o.called
	}
	return l, nil
}

// station opens the sockets of one address. RTCP is taken and not read.
func (l *Load) station(at netip.Addr) (*socket, error) {
	s, err := l.listen(netip.AddrPortFrom(at, portSIP))
	if err != nil {
		return nil, err
	}
	s.take = func(b []byte, from netip.AddrPort, _ int) { l.arrive(s, b, from) }
	voice, err := l.listen(netip.AddrPortFrom(at, portRTP))
	if err != nil {
		return nil, err
	}
	voice.take = l.sounded
	control, err := l.listen(netip.AddrPortFrom(at, portRTP+1))
	if err != nil {
		return nil, err
	}
	control.take = func([]byte, netip.AddrPort, int) {}
	s.self = end{host: []byte(s.local.String()), via: "UDP", voice: voice, sdp: Describe(voice.local)}
	return s, nil
}

// listen opens a socket that the loop serves.
func (l *Load) listen(at netip.AddrPort) (*socket, error) {
	s, err := open(at)
	if err != nil {
		return nil, err
	}
	s.loop = l.loop
	return s, l.watch(s)
}

// Close closes the sockets.
func (l *Load) Close() { l.close() }

// Describe makes a session description of G.711 at an address.
func Describe(at netip.AddrPort) []byte {
	return fmt.Appendf(nil, "v=0\r\no=- 1 1 IN IP4 %[1]s\r\ns=-\r\nc=IN IP4 %[1]s\r\nt=0 0\r\n"+
		"m=audio %[2]d RTP/AVP 0\r\na=rtpmap:0 PCMU/8000\r\na=ptime:20\r\na=sendrecv\r\n", at.Addr(), at.Port())
}

// arrive takes a message of signaling.
func (l *Load) arrive(s way, b []byte, from netip.AddrPort) {
	m := &l.in
	if !m.read(b) {
		return
	}
	if m.status == 0 {
		l.request(s, m, from)
		return
	}
	switch m.callID[0] {
	case 'c':
		if c := l.calls[callOf(m.callID)]; c != nil {
			c.response(m, from)
		}
	case 'r':
		if p := l.phones[string(m.callID)]; p != nil {
			p.response(m)
		}
	}
}

// callOf reads the number of a call out of its Call-ID.
func callOf(callID []byte) uint64 {
	number, _, _ := bytes.Cut(callID[1:], []byte("@"))
	return uint64(digits(number))
}

// pairBit tells pairs of phones from numbers outside, emergencyBit emergency
// calls from both.
const (
	pairBit      = 1 << 40
	emergencyBit = 1 << 41
)

// emergencyNumber is that of the fire brigade and ambulances.
const emergencyNumber = "119"

// left notes when the INVITE of a call left, to know what the way to the callee
// took.
func (l *Load) left(c *call) { l.pairs[c.number] = departure{l.now, c.run} }

// arrived notes that the INVITE of a call has come to its callee, and gives the
// run that it belongs to, nil where that can't be told.
func (l *Load) arrived(s way, m *message) *Result {
	key, ok := l.calledAt(s, m)
	d, under := l.pairs[key]
	if !ok || !under {
		return nil
	}
	delete(l.pairs, key)
	d.run.Added.Add(l.since(d.at))
	return d.run
}

// calledAt gives the key of a call in pairs, as its callee sees it.
func (l *Load) calledAt(s way, m *message) (key uint64, ok bool) {
	if s == way(l.carrier) {
		user := userOf(m.uri)
		n := digits(user) - outsideBase
		switch {
		case string(user) == emergencyNumber && l.urgent > 0:
			return emergencyBit, true
		case n < 0 || uint64(n) >= l.dialed:
			l.strange[string(user)] = true
			return 0, false
		}
		l.reached[uint64(n)]++
		return uint64(n), true
	}
	if l.site == nil {
		return 0, false
	}
	from, ok := l.site.index[string(userOf(m.from))]
	to, too := l.site.index[string(userOf(m.uri))]
	return pairOf(int(from), int(to)), ok && too
}

func pairOf(from, to int) uint64 { return pairBit | uint64(from)<<20 | uint64(to) }

// kind is where calls go.
type kind uint8

const (
	inside    kind = iota // to a phone
	outside               // to a number of their own
	emergency             //
	talker                // to a phone, both of those that talk
)

// newCall makes the n-th call of a run: to the next phone, such that each pair
// of phones is used only again when all others were; or to the next number
// outside.
func (l *Load) newCall(site *Site, n uint64, to kind, r *Result) *call {
	c := &call{}
	if k := len(l.spareCalls); k > 0 {
		c = l.spareCalls[k-1]
		l.spareCalls = l.spareCalls[:k-1]
		*c = call{
			gen: c.gen, uri: c.uri[:0], to: c.to[:0], target: c.target[:0], routes: c.routes[:0],
			request: c.request[:0], ack: c.ack[:0],
		}
	}
	l.serial++
	c.l, c.site, c.id, c.run = l, site, l.serial, r
	callers, callees := site.callers, site.callees
	if to == talker {
		callers, callees = site.talkers, site.listeners
	}
	c.from = callers[n%uint64(len(callers))]
	var user []byte
	switch to {
	case outside:
		c.number = l.dialed
		l.dialed++
		user = strconv.AppendUint(append(l.scratch[:0], '0'), outsideBase+c.number, 10)
	case emergency:
		c.number = emergencyBit
		l.urgent++
		user = append(l.scratch[:0], emergencyNumber...)
	case inside, talker:
		k := uint64(len(callees))
		callee := callees[(n%k+n/uint64(len(callers)))%k]
		c.number = pairOf(c.from.place, callee.place)
		user = append(l.scratch[:0], callee.ext...)
	}
	l.scratch = user
	c.uri = append(append(append(append(c.uri, "sip:"...), user...), '@'), site.Domain...)
	c.to = append(append(append(c.to, '<'), c.uri...), '>')
	l.calls[c.id] = c
	return c
}

// linger forgets a call. Late answers to it find nobody.
func (l *Load) linger(c *call) {
	if c.leg != nil {
		c.leg.gone = true
	}
	delete(l.calls, c.id)
	l.finished = append(l.finished, c)
}
