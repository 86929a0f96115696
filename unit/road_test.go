package unit

import (
	"context"
	"errors"
	"net"
	"net/netip"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/sekisho/sekisho/fact"
	"github.com/sekisho/sekisho/unit/site"
	"github.com/sekisho/sekisho/wire/sip"
	"github.com/sekisho/sekisho/wire/sip/edge"
	"github.com/sekisho/sekisho/wire/sip/stack"
)

// road is the network between offices, in memory: connections on which both ends have
// proved a key, as plane makes them.
type road struct {
	mu    sync.Mutex
	ends  map[netip.AddrPort]*roadEnd
	conns []net.Conn
	port  uint16
	shut  bool
	lost  bool // what is sent arrives nowhere
	air   *air
}

func newRoad() *road { return &road{ends: map[netip.AddrPort]*roadEnd{}, air: newAir()} }

// siteConfig is how an office stands on a road; the zero value is one without others.
type siteConfig struct {
	road  *road
	first string // its extensions begin with it
	key   string
	at    string
}

// roadEnd is the listener of one office.
type roadEnd struct {
	key    string
	trusts func(string) bool
	at     netip.AddrPort
	queue  chan net.Conn
	closed chan struct{}
	once   sync.Once
}

var errRoad = errors.New("the road is closed")

func (e *roadEnd) Accept() (net.Conn, error) {
	select {
	case c := <-e.queue:
		return c, nil
	case <-e.closed:
		return nil, net.ErrClosed
	}
}

func (e *roadEnd) Close() error {
	e.once.Do(func() { close(e.closed) })
	return nil
}

func (e *roadEnd) Addr() net.Addr { return net.TCPAddrFromAddrPort(e.at) }

type roadConn struct {
	net.Conn
	road          *road
	local, remote netip.AddrPort
	peer          string
}

func (c roadConn) Write(b []byte) (int, error) {
	c.road.mu.Lock()
	lost := c.road.lost
	c.road.mu.Unlock()
	if lost {
		return len(b), nil
	}
	return c.Conn.Write(b)
}

func (c roadConn) LocalAddr() net.Addr  { return net.TCPAddrFromAddrPort(c.local) }
func (c roadConn) RemoteAddr() net.Addr { return net.TCPAddrFromAddrPort(c.remote) }
func (c roadConn) Peer() string         { return c.peer }

// listeners is the office's end of the road.
func (s siteConfig) listeners(sites *site.Sites) []stack.Listener {
	if s.road == nil {
		return nil
	}
	at := netip.MustParseAddrPort(s.at)
	e := &roadEnd{
		key: s.key, trusts: sites.Trusts, at: at, queue: make(chan net.Conn, hubMail), closed: make(chan struct{}),
	}
	s.road.mu.Lock()
	s.road.ends[at] = e
	s.road.mu.Unlock()
	return []stack.Listener{{Name: site.Listener, Side: stack.PhoneSide, Transport: "tls", Address: at, Accept: e}}
}

func (s siteConfig) dial() stack.DialFunc {
	if s.road == nil {
		return nil
	}
	return func(_ context.Context, _, _ string, _, remote netip.AddrPort, want string) (net.Conn, error) {
		r := s.road
		r.mu.Lock()
		defer r.mu.Unlock()
		e := r.ends[remote]
		if e == nil || r.shut || e.key != want || !e.trusts(s.key) {
			return nil, errRoad
		}
		r.port++
		from := netip.AddrPortFrom(netip.MustParseAddrPort(s.at).Addr(), 40_000+r.port)
		here, there := net.Pipe()
		r.conns = append(r.conns, here, there)
		e.queue <- roadConn{there, r, remote, from, s.key}
		return roadConn{here, r, from, remote, e.key}, nil
	}
}

// cut ends every connection and lets none be made; open lets them be made again.
func (r *road) cut() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.shut = true
	for _, c := range r.conns {
		_ = c.Close()
	}
	r.conns = nil
}

// loses has what is sent arrive nowhere from now on, and no end hear of that; or arrive again.
func (r *road) loses(lost bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.lost = lost
}

func (r *road) open() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.shut = false
}

// atTheDoor knows phones and sites apart by where they come in.
type atTheDoor struct{ sites *site.Sites }

func (d atTheDoor) Authenticate(m *sip.Message, from edge.Source, now time.Time) edge.Verdict {
	if from.Listener == site.Listener {
		return d.sites.Authenticate(m, from, now)
	}
	return doorman{}.Authenticate(m, from, now)
}

// pairs has an office trust others, each with its extensions: name, key, address,
// blocks.
func (o *office) pairs(others ...fact.SitePaired) {
	o.t.Helper()
	o.routing = slices.DeleteFunc(o.routing, func(f fact.Routed) bool {
		_, is := f.(fact.SitePaired)
		return is
	})
	o.opens = map[string]bool{}
	for _, f := range others {
		o.routing = append(o.routing, f)
		o.opens[f.Site] = f.Outside
	}
	o.unit.SetPlan(o.plan())
	o.desk.SetPolicy(o.policy())
	for _, key := range o.sites.Set(others, time.Now()) {
		o.stack.ClosePeer(key)
	}
	o.unit.SitesChanged()
}

// siteUp waits until an office hears another one, or does not, and stays so: the pairing
// at the other end closes what was open before.
func (o *office) siteUp(name string, up bool) {
	o.t.Helper()
	is := func() bool {
		list := o.sites.List()
		i := slices.IndexFunc(list, func(s site.Status) bool { return s.Site == name })
		return i >= 0 && list[i].Up == up
	}
	for stays := false; !stays; {
		o.eventually("the site is up or away", is)
		stays = true
		for end := time.Now().Add(quiet); stays && time.Now().Before(end); time.Sleep(time.Millisecond) {
			stays = is()
		}
	}
}

// The sites of tests: 2xx at the head office, 3xx at the branch.
var (
	headOffice = siteConfig{first: "2", key: "key-head", at: "127.0.3.1:5081"}
	branch     = siteConfig{first: "3", key: "key-branch", at: "127.0.3.2:5081"}
)

// of is the pairing with a site.
func (s siteConfig) of(name string, blocks ...string) fact.SitePaired {
	return fact.SitePaired{Site: name, Key: s.key, Address: s.at, Numbers: blocks}
}

// twoSites are a head office and a branch that hear each other.
func twoSites(t testing.TB, cfg officeConfig) (head, shop *office, r *road) {
	t.Helper()
	r = newRoad()
	cfg.shards = 1
	cfg.site = headOffice
	cfg.site.road = r
	head = newOffice(t, cfg)
	cfg.site = branch
	cfg.site.road = r
	shop = newOffice(t, cfg)
	head.pairs(branch.of("branch", "3xx"))
	shop.pairs(headOffice.of("head", "2xx"))
	head.siteUp("branch", true)
	shop.siteUp("head", true)
	return head, shop, r
}
