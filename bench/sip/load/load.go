package load

import (
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
	callers, callees, carrier                *socket
	callerVoice, calleeVoice, carrierVoice   *socket
	callerSDP, calleeSDP, carrierSDP         []byte
	callersHost, calleesHost, carrierHostTxt []byte

	tag     string
	serial  uint64
	hash    *hasher
	scratch []byte
	in      message

	phones       map[string]*phone // by Call-ID of their registration
	calls        map[uint64]*call
	spareCalls   []*call
	answers      map[string]*answer
	spareAnswers []*answer
	answered     int              // callees that were not hung up yet
	pairs        map[uint64]int64 // when the INVITE of a pair of phones, or to a number outside, left
	site         *Site
	finished     []*call // over, and not used again before the next turn
	current      *Result
	duplicates   uint64 // INVITEs that reached a callee again

	dialed  uint64          // numbers called outside so far
	told    uint64          // of them, at the last Outside
	reached map[uint64]int  // how often each of them reached the carrier, by different calls
	strange map[string]bool // called at the carrier, and never dialed

	legs     []*leg
	slots    [slotCount][]*leg
	soundAt  int64
	counting bool
	heard    *Heard
}

// Open binds the sockets.
func Open(c Config) (*Load, error) {
	lp, err := newLoop()
	if err != nil {
		return nil, err
	}
	l := &Load{
		loop: lp, tag: c.Tag, hash: newHasher(), phones: map[string]*phone{}, calls: map[uint64]*call{},
		answers: map[string]*answer{}, pairs: map[uint64]int64{}, reached: map[uint64]int{}, strange: map[string]bool{},
	}
	for _, o := range []struct {
		at     netip.Addr
		sip    **socket
		voice  **socket
		sdp    *[]byte
		host   *[]byte
		called bool
	}{
		{c.Callers, &l.callers, &l.callerVoice, &l.callerSDP, &l.callersHost, false},
		{c.Callees, &l.callees, &l.calleeVoice, &l.calleeSDP, &l.calleesHost, true},
		{c.Carrier, &l.carrier, &l.carrierVoice, &l.carrierSDP, &l.carrierHostTxt, true},
	} {
		if err := l.station(o.at, o.sip, o.voice); err != nil {
			l.Close()
			return nil, err
		}
		*o.sdp = Describe(netip.AddrPortFrom(o.at, portRTP))
		*o.host = []byte(netip.AddrPortFrom(o.at, portSIP).String())
	}
	return l, nil
}

// station opens the sockets of one address. RTCP is taken and not read.
func (l *Load) station(at netip.Addr, sip, voice **socket) error {
	var err error
	if *sip, err = open(netip.AddrPortFrom(at, portSIP)); err != nil {
		return err
	}
	s := *sip
	s.take = func(b []byte, from netip.AddrPort, _ int) { l.arrive(s, b, from) }
	if err = l.watch(s); err != nil {
		return err
	}
	for i, port := range []uint16{portRTP, portRTP + 1} {
		v, err := open(netip.AddrPortFrom(at, port))
		if err != nil {
			return err
		}
		v.take = func([]byte, netip.AddrPort, int) {}
		if i == 0 {
			v.take = l.sounded
			*voice = v
		}
		if err := l.watch(v); err != nil {
			return err
		}
	}
	return nil
}

// Close closes the sockets.
func (l *Load) Close() { l.close() }

// Describe makes a session description of G.711 at an address.
func Describe(at netip.AddrPort) []byte {
	return fmt.Appendf(nil, "v=0\r\no=- 1 1 IN IP4 %[1]s\r\ns=-\r\nc=IN IP4 %[1]s\r\nt=0 0\r\n"+
		"m=audio %[2]d RTP/AVP 0\r\na=rtpmap:0 PCMU/8000\r\na=ptime:20\r\na=sendrecv\r\n", at.Addr(), at.Port())
}

// host gives the sent-by of a socket.
func (l *Load) host(s *socket) []byte {
	switch s {
	case l.callers:
		return l.callersHost
	case l.callees:
		return l.calleesHost
	default:
		return l.carrierHostTxt
	}
}

// arrive takes a datagram of signaling.
func (l *Load) arrive(s *socket, b []byte, from netip.AddrPort) {
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
		end := 1
		for end < len(m.callID) && m.callID[end] != '@' {
			end++
		}
		if c := l.calls[uint64(digits(m.callID[1:end]))]; c != nil {
			c.response(m, from)
		}
	case 'r':
		if p := l.phones[string(m.callID)]; p != nil {
			p.response(m)
		}
	}
}

// pairBit tells pairs of phones from numbers outside.
const pairBit = 1 << 40

// left notes when the INVITE of a call left, to know what the way to the callee
// took.
func (l *Load) left(c *call) { l.pairs[c.number] = l.now }

// arrived notes that the INVITE of a call has come to its callee.
func (l *Load) arrived(s *socket, m *message) {
	var key uint64
	if s == l.carrier {
		n := digits(userOf(m.uri)) - outsideBase
		if n < 0 || uint64(n) >= l.dialed {
			l.strange[string(userOf(m.uri))] = true
			return
		}
		key = uint64(n)
		l.reached[key]++
	} else {
		if l.site == nil {
			return
		}
		from, ok := l.site.index[string(userOf(m.from))]
		to, too := l.site.index[string(userOf(m.uri))]
		if !ok || !too {
			return
		}
		key = pairOf(int(from), int(to))
	}
	if at, ok := l.pairs[key]; ok && l.current != nil {
		delete(l.pairs, key)
		l.current.Added.Add(l.since(at))
	}
}

func pairOf(from, to int) uint64 { return pairBit | uint64(from)<<20 | uint64(to) }

// newCall makes the n-th call of a run: to the next phone, such that each pair
// of phones is used only again when all others were; or to the next number
// outside.
func (l *Load) newCall(site *Site, n uint64, outside bool, r *Result) *call {
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
	c.from = site.callers[n%uint64(len(site.callers))]
	var user []byte
	if outside {
		c.number = l.dialed
		l.dialed++
		user = strconv.AppendUint(append(l.scratch[:0], '0'), outsideBase+c.number, 10)
	} else {
		k := uint64(len(site.callees))
		to := site.callees[(n%k+n/uint64(len(site.callers)))%k]
		c.number = pairOf(c.from.place, to.place)
		user = append(l.scratch[:0], to.ext...)
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
