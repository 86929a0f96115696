package cast

import (
	"fmt"
	"math/rand/v2"
	"net"
	"net/netip"
	"strings"
	"sync"
	"time"

	"github.com/sekisho/sekisho/wire/sip"
)

// Hooks are told what happens, with the office's lock held. All may be nil.
type Hooks struct {
	// Rang: a leg is called.
	Rang func(l *Leg)
	// Changed: a leg stands otherwise, or hears somebody else.
	Changed func(l *Leg)
	// Ended: a leg is over, by what the unit sent, which is a response's status or "BYE" or
	// "CANCEL", or "" where the party ended it itself.
	Ended func(l *Leg, by string)
	// Lamp: a phone has acknowledged a NOTIFY.
	Lamp func(p *Party, entity string, s Shown)
	// Tick is called some hundred times a second.
	Tick func(now time.Time)
	// Trace: a datagram has fared badly, or what happens is worth a line.
	Trace func(p *Party, what string)
	// Strange: something came that nobody sends.
	Strange func(p *Party, what string)
}

// Faults are the shares of a party's datagrams that are lost, come twice, or late.
type Faults struct {
	Lost, Twice, Late float64
}

// Net counts what was done to datagrams.
type Net struct {
	Datagrams, Lost, Twice, Late int
}

// Office is phones, lines' ends, and what is between them and the unit.
type Office struct {
	Mu      sync.Mutex
	Hooks   Hooks
	Parties []*Party
	Net     Net
	Slow    time.Duration // the longest that the clock was late: the bench itself has too little time

	unit    *Unit
	number  int
	random  *rand.Rand // of the network
	last    uint64
	legs    map[uint64]*Leg
	pending map[string]*pending
	unacked map[string]*pending // final answers to INVITEs, by Call-ID
	lamps   reader
	swept   time.Time
	readers sync.WaitGroup
	done    chan struct{}
}

// NewOffice makes the office of a unit. number is that of its addresses: 127.number.
func NewOffice(u *Unit, number int, seed uint64, hooks Hooks) *Office {
	o := &Office{
		Hooks: hooks, unit: u, number: number, random: rand.New(rand.NewPCG(seed, 17)), legs: make(map[uint64]*Leg),
		pending: make(map[string]*pending), unacked: make(map[string]*pending), done: make(chan struct{}),
	}
	o.readers.Go(o.ticks)
	return o
}

// Close ends everything.
func (o *Office) Close() {
	close(o.done)
	for _, p := range o.Parties {
		p.conn.Close()
	}
	o.readers.Wait()
}

// ticks is the office's clock.
func (o *Office) ticks() {
	t := time.NewTicker(tickEvery)
	defer t.Stop()
	last := time.Now()
	for {
		select {
		case <-o.done:
			return
		case <-t.C:
		}
		o.Mu.Lock()
		now := time.Now()
		o.Slow = max(o.Slow, now.Sub(last)-tickEvery)
		last = now
		o.retransmit(now)
		o.probe(now)
		if o.Hooks.Tick != nil {
			o.Hooks.Tick(now)
		}
		o.Mu.Unlock()
	}
}

// Party is one phone, or the end of one line at its carrier.
type Party struct {
	Name   string
	Number int  // in its kind, from 0
	IsLine bool //
	Faults Faults
	At     netip.AddrPort

	Legs       []*Leg
	Registered bool
	Away       time.Time // it is not reached until then
	Troubled   time.Time // something of it was lost at that time

	o        *Office
	to       netip.AddrPort // of the unit
	conn     *net.UDPConn
	account  Account
	auth     credentials
	answered [2]map[string]string // what was answered, by the branch and method: now, and before
	turned   time.Time
	watches  map[string]*watch // by Call-ID
	life     int               // how often it has started
	unique   int
}

// add makes a party with a socket of its own.
func (o *Office) add(p *Party, third, fourth byte, port uint16) (*Party, error) {
	p.o = o
	p.At = netip.AddrPortFrom(netip.AddrFrom4([4]byte{127, byte(o.number), third, fourth}), portParty)
	p.to = netip.AddrPortFrom(o.unit.Addr, port)
	p.answered = [2]map[string]string{{}, {}}
	p.watches = make(map[string]*watch)
	conn, err := net.ListenUDP("udp4", net.UDPAddrFromAddrPort(p.At))
	if err != nil {
		return nil, fmt.Errorf("%s: %w", p.Name, err)
	}
	p.conn = conn
	o.Parties = append(o.Parties, p)
	o.readers.Go(p.reads)
	return p, nil
}

// Phone adds a phone.
func (o *Office) Phone(a Account, number int, f Faults) (*Party, error) {
	p := &Party{Name: a.Extension, Number: number, Faults: f, account: a}
	return o.add(p, 1, byte(1+number), PortPhones)
}

// Line adds the end of a line, which LineAddr tells the unit of.
func (o *Office) Line(name string, number int, f Faults) (*Party, error) {
	return o.add(&Party{Name: name, Number: number, IsLine: true, Faults: f}, 2, byte(1+number), portLines)
}

// LineAddr is where the end of a line will be.
func (o *Office) LineAddr(number int) netip.AddrPort {
	return netip.AddrPortFrom(netip.AddrFrom4([4]byte{127, byte(o.number), 2, byte(1 + number)}), portParty)
}

// reads takes what comes until the socket is closed.
func (p *Party) reads() {
	buf := make([]byte, datagramMax)
	for {
		n, from, err := p.conn.ReadFromUDPAddrPort(buf)
		if err != nil {
			return
		}
		if n == 0 {
			continue
		}
		p.o.Mu.Lock()
		p.comes(from, buf[:n])
		p.o.Mu.Unlock()
	}
}

// comes has a datagram go through the network's faults.
func (p *Party) comes(from netip.AddrPort, b []byte) {
	now := time.Now()
	if now.Before(p.Away) {
		return
	}
	if b[0]&0xc0 == 0x80 {
		p.hears(from, b, now)
		return
	}
	for range p.fares(now, string(b), func() {
		late := append([]byte(nil), b...)
		p.later(func() { p.takes(late) })
	}) {
		p.takes(b)
	}
}

// fares draws how often a datagram arrives now; late has it arrive later.
func (p *Party) fares(now time.Time, text string, late func()) int {
	o, f := p.o, &p.Faults
	o.Net.Datagrams++
	draw := o.random.Float64()
	if draw < f.Lost+f.Twice+f.Late && o.Hooks.Trace != nil {
		first, _, _ := strings.Cut(text, "\r\n")
		o.Hooks.Trace(p, fmt.Sprintf("lost, twice or late (%.3f): %s", draw, first))
	}
	switch {
	case draw < f.Lost:
		o.Net.Lost++
		p.Troubled = now
		return 0
	case draw < f.Lost+f.Twice:
		o.Net.Twice++
		return 2
	case draw < f.Lost+f.Twice+f.Late:
		o.Net.Late++
		late()
		return 0
	}
	return 1
}

// later does something in some milliseconds.
func (p *Party) later(do func()) {
	time.AfterFunc(time.Duration(1+p.o.random.IntN(20))*time.Millisecond, func() {
		p.o.Mu.Lock()
		defer p.o.Mu.Unlock()
		do()
	})
}

// sends has a message go to the unit, if the network lets it.
func (p *Party) sends(b string) {
	now := time.Now()
	if now.Before(p.Away) {
		return
	}
	write := func() { _, _ = p.conn.WriteToUDPAddrPort([]byte(b), p.to) } // what is lost is lost
	for range p.fares(now, b, func() { p.later(write) }) {
		write()
	}
}

// takes reads a message.
func (p *Party) takes(b []byte) {
	m := &sip.Message{}
	if err := sip.Parse(append([]byte(nil), b...), m); err != nil {
		p.strange("what does not parse: " + err.Error() + "\n" + string(b))
		return
	}
	if m.IsResponse() {
		p.response(m)
		return
	}
	p.request(m)
}

func (p *Party) strange(what string) {
	if p.o.Hooks.Strange != nil {
		p.o.Hooks.Strange(p, what)
	}
}

// Unreachable has a party hear and say nothing for so long.
func (p *Party) Unreachable(d time.Duration) { p.Away = time.Now().Add(d) }

// Reachable tells whether it is there.
func (p *Party) Reachable(now time.Time) bool { return !now.Before(p.Away) }

// Unanswered tells whether the unit may not know something yet that a party wants of a
// call: its end, for one.
func (p *Party) Unanswered() bool {
	for _, r := range p.o.pending {
		if r.p == p && r.call {
			return true
		}
	}
	for _, r := range p.o.unacked {
		if r.p == p {
			return true
		}
	}
	return false
}

// Idle tells whether a phone could make a call now.
func (p *Party) Idle(now time.Time) bool {
	return len(p.Legs) == 0 && p.Registered && p.Reachable(now)
}

// Forget has every party lose all its calls, as when the unit has died.
func (o *Office) Forget() {
	for _, p := range o.Parties {
		p.forget()
	}
}

func (p *Party) forget() {
	for len(p.Legs) > 0 {
		p.Legs[0].over("")
	}
	for branch, r := range p.o.pending {
		if r.p == p {
			delete(p.o.pending, branch)
		}
	}
	for id, r := range p.o.unacked {
		if r.p == p {
			delete(p.o.unacked, id)
		}
	}
}
