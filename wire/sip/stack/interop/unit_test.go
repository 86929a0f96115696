package interop

import (
	"context"
	"crypto/tls"
	"fmt"
	"net"
	"net/netip"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/sekisho/sekisho/plane"
	"github.com/sekisho/sekisho/wire/digest"
	"github.com/sekisho/sekisho/wire/sip"
	"github.com/sekisho/sekisho/wire/sip/edge"
	"github.com/sekisho/sekisho/wire/sip/session"
	"github.com/sekisho/sekisho/wire/sip/stack"
)

// unit is our side: a stack on loopback that notes what happens.
type unit struct {
	t      *testing.T
	stack  *stack.Stack
	udp    netip.AddrPort
	tcp    netip.AddrPort
	tls    netip.AddrPort
	events chan string
	invite func(se *stack.Session)
	mu     sync.Mutex
}

const (
	realm    = "sekisho"
	user     = "201-1"
	password = "correct horse battery staple"
	eventMax = 64
)

// newUnit starts it with UDP and TCP listeners on ports of the kernel's
// choice.
func newUnit(t *testing.T, shards int) *unit {
	t.Helper()
	u := &unit{t: t, events: make(chan string, eventMax)}
	local := netip.MustParseAddrPort("127.0.0.1:0")
	packets, err := plane.OpenPackets(
		[]plane.Listener{{Name: "udp", Plane: plane.Voice, Transport: plane.UDP, Addr: local}}, shards)
	if err != nil {
		t.Fatal(err)
	}
	u.udp = packets[0].Local(0)
	certs, err := plane.VoiceCertificates(t.TempDir(), []string{"127.0.0.1"}, time.Now())
	if err != nil {
		t.Fatal(err)
	}
	listen := func(transport string, config *tls.Config) (net.Listener, netip.AddrPort) {
		l, err := plane.Listen(t.Context(),
			plane.Listener{Name: transport, Plane: plane.Voice, Transport: transport, Addr: local}, config)
		if err != nil {
			t.Fatal(err)
		}
		return l, netip.MustParseAddrPort(l.Addr().String())
	}
	overTCP, tcp := listen(plane.TCP, nil)
	overTLS, secure := listen(plane.TLS, plane.ServerConfig(certs...))
	u.tcp, u.tls = tcp, secure
	cfg := stack.Config{
		Listeners: []stack.Listener{
			{Name: "udp", Side: stack.PhoneSide, Transport: "udp", Address: u.udp, RPort: true},
			{Name: "tcp", Side: stack.PhoneSide, Transport: "tcp", Address: u.tcp, RPort: true, Accept: overTCP},
			{Name: "tls", Side: stack.PhoneSide, Transport: "tls", Address: u.tls, RPort: true, Accept: overTLS},
		},
		Auth: newDoor(), Handler: u, Session: session.DefaultConfig(), Product: "Sekisho", Poison: true,
	}
	for _, p := range packets {
		cfg.Packets = append(cfg.Packets, p)
	}
	if u.stack, err = stack.New(cfg); err != nil {
		t.Fatal(err)
	}
	if err := u.stack.Start(context.Background()); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(u.stack.Stop)
	return u
}

func (u *unit) note(format string, args ...any) {
	select {
	case u.events <- fmt.Sprintf(format, args...):
	default:
		u.t.Error("too many events")
	}
}

func (u *unit) want(want ...string) {
	u.t.Helper()
	for _, w := range want {
		select {
		case got := <-u.events:
			if got != w {
				u.t.Fatalf("heard %q, want %q", got, w)
			}
		case <-time.After(10 * time.Second):
			u.t.Fatalf("heard nothing, want %q", w)
		}
	}
}

// Invite is stack.Handler's.
func (u *unit) Invite(_ *stack.Shard, se *stack.Session) {
	se.Owner = u
	u.note("invite from %s", se.Identity().Extension)
	u.mu.Lock()
	defer u.mu.Unlock()
	u.invite(se)
}

// Request is stack.Handler's.
func (u *unit) Request(_ *stack.Shard, r *stack.Request) {
	u.note("%s by %s", r.Message.Method(), r.From().Transport)
	contact := session.Header{Name: "Contact", Value: string(r.Message.Value(sip.HeaderContact)) + ";expires=60"}
	if err := r.Respond(200, "", contact); err != nil {
		u.t.Error(err)
	}
}

// SessionEvent is stack.Owner's.
func (u *unit) SessionEvent(_ *stack.Shard, _ *stack.Session, ev session.Event) {
	if ev.Kind == session.Trying {
		return
	}
	u.note("%s %d %s", ev.Kind, ev.Status, ev.Body.Bytes)
}

// answers sets what is done with calls that come in.
func (u *unit) answers(f func(se *stack.Session)) {
	u.mu.Lock()
	defer u.mu.Unlock()
	u.invite = f
}

// on runs f on the loop of a session's shard, or of the first.
func (u *unit) on(se *stack.Session, f func(sh *stack.Shard)) {
	u.t.Helper()
	sh := u.stack.Shard(0)
	if se != nil {
		sh = se.Shard()
	}
	done := make(chan struct{})
	if !sh.Post(func(sh *stack.Shard) { f(sh); close(done) }) {
		u.t.Fatal("post refused")
	}
	<-done
}

// door is an authenticator for one user, with SHA-256.
type door struct {
	minter *digest.Minter
	serial atomic.Uint64
}

func newDoor() *door {
	key := []byte("a key of thirty-two bytes length")
	return &door{minter: digest.NewMinter(key, time.Minute, realm, "phones")}
}

// Authenticate is stack.Authenticator's.
func (d *door) Authenticate(m *sip.Message, from edge.Source, now time.Time) edge.Verdict {
	list := []digest.Algorithm{digest.SHA256}
	demand := digest.Demand{Method: m.Method().String(), Realm: realm, Algorithms: list}
	if c, err := digest.ParseCredentials(string(m.Value(sip.HeaderAuthorization))); err == nil && c.Username == user {
		_, fresh := d.minter.Check(c.Nonce, now, from.Remote.Addr())
		if fresh == digest.Fresh && digest.Verify(&c, demand, digest.HA1(c.Algorithm, user, realm, password)) {
			return edge.Verdict{Action: edge.Admit, Identity: edge.Identity{Extension: "201", Authenticated: true}}
		}
	}
	ch := digest.Challenge{
		Realm: realm, Nonce: d.minter.Mint(now, d.serial.Add(1), from.Remote.Addr()),
		Algorithm: digest.SHA256, QopAuth: true,
	}
	return edge.Verdict{
		Action: edge.Challenge, Status: 401, Headers: []edge.HeaderLine{{Before: "WWW-Authenticate: " + ch.String()}},
	}
}
