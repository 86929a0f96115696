//go:build e2e

package attack

import (
	"context"
	"fmt"
	"log/slog"
	"net"
	"net/netip"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/sekisho/sekisho/app"
	"github.com/sekisho/sekisho/app/config"
	"github.com/sekisho/sekisho/app/control"
	"github.com/sekisho/sekisho/sim/carrier"
	"github.com/sekisho/sekisho/sim/office"
)

// What everybody knows of the ground.
const (
	stepTime   = 15 * time.Second
	silence    = 250 * time.Millisecond // nothing came within: nothing comes
	lineSecret = "secret-between-carrier-and-unit"
	mainNumber = "0312340000" // of the line that registers
	sideNumber = "0312340001" // of the line that is known by its address
	domestic   = "0312345670"
	abroad     = "01023276123456" // Sierra Leone, the number of March 2015
	staff      = "201"            // the honest phone that calls
	friend     = "202"            // the honest phone that is called
	insider    = "203"            // the intruder's stolen credential
	puppet     = "204"            // a phone in the intruder's hand
)

// The hosts of a ground: 127.x.y.these.
const (
	hostUnit    = 1
	hostCarrier = 2 // of the line that registers
	hostPhones  = 3
	hostStatic  = 4 // the carrier that believes addresses
	hostThief   = 66
)

// The ports: the unit's, and both carriers'. None is one that a unit on this
// machine holds on every address.
const (
	portPhones  = 15470 // UDP and TCP: SHA-256 and MD5
	portModern  = 15471 // UDP: SHA-256 only
	portTLS     = 15472
	portLines   = 15460
	portCarrier = 15480
)

// ground is one unit with two carriers and honest phones.
type ground struct {
	*testing.T

	net      [2]byte
	data     string
	app      *app.App
	client   *control.Client
	log      *journal
	carriers []*carrier.Carrier
	staff    *office.Phone
	friend   *office.Phone
	stolen   control.PhoneAccount // the intruder's
	puppet   control.PhoneAccount
	secrets  []string // none of them may be found anywhere
}

var lastGround atomic.Uint32

// journal keeps the unit's log for the rows that look for secrets in it.
type journal struct {
	mu  sync.Mutex
	buf strings.Builder
}

func (j *journal) Write(b []byte) (int, error) {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.buf.Write(b)
}

func (j *journal) text() string {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.buf.String()
}

func (g *ground) host(n byte) netip.Addr { return netip.AddrFrom4([4]byte{127, g.net[0], g.net[1], n}) }

func (g *ground) at(n byte, port uint16) netip.AddrPort { return netip.AddrPortFrom(g.host(n), port) }

// phones is the listener that most attacks go to.
func (g *ground) phones() netip.AddrPort { return g.at(hostUnit, portPhones) }

// on gives the same ground to a test inside of the one that made it.
func (g *ground) on(t *testing.T) *ground {
	o := *g
	o.T = t
	return &o
}

func (g *ground) must(err error) {
	g.Helper()
	if err != nil {
		g.Fatal(err)
	}
}

// step bounds one step of a test.
func (g *ground) step() context.Context {
	ctx, cancel := context.WithTimeout(g.Context(), stepTime)
	g.Cleanup(cancel)
	return ctx
}

func (g *ground) socket(host byte, port uint16) *net.UDPConn {
	g.Helper()
	c, err := net.ListenUDP("udp4", net.UDPAddrFromAddrPort(g.at(host, port)))
	g.must(err)
	return c
}

// settings are those of every ground.
func (g *ground) settings(n uint32) config.Config {
	c := config.Default()
	both := []string{"SHA-256", "MD5"}
	c.Voice.Listen = []config.Listen{
		{Name: "udp", Transport: "udp", Addr: g.phones().String(), Digest: both},
		{Name: "modern", Transport: "udp", Addr: g.at(hostUnit, portModern).String(), Digest: both[:1]},
		{Name: "tcp", Transport: "tcp", Addr: g.phones().String(), Digest: both},
		{Name: "tls", Transport: "tls", Addr: g.at(hostUnit, portTLS).String(), Digest: both},
	}
	c.Voice.LineAddr = g.at(hostUnit, portLines).String()
	c.Voice.AnnouncementsMax = 0
	c.Media.Ports = fmt.Sprintf("%d-%d", 52000+n%8*1000, 52000+n%8*1000+999)
	return c
}

// newGround starts everything, with the data directory on a given path.
func newGround(t *testing.T, data string) *ground {
	t.Helper()
	n := lastGround.Add(1)
	g := &ground{T: t, net: [2]byte{byte(192 + os.Getpid()%60), byte(n)}, data: data, log: &journal{}}
	a, err := app.New(t.Context(), app.Options{
		Config: g.settings(n), Data: data, Log: slog.New(slog.NewTextHandler(g.log, nil)),
	})
	g.must(err)
	g.must(a.Start(t.Context()))
	t.Cleanup(func() { _ = a.Stop() })
	g.app, g.client = a, app.Dial(data)
	code := a.ClaimCode()
	g.secrets = append(g.secrets, code, lineSecret)
	_, err = control.Call(g.step(), g.client, control.Claim, control.ClaimRequest{Code: code, Owner: "owner"})
	g.must(err)
	g.furnish()
	return g
}

// furnish adds lines and phones.
func (g *ground) furnish() {
	g.Helper()
	g.carriers = []*carrier.Carrier{
		g.carrier(hostCarrier, carrier.Account{User: "unit", Secret: lineSecret, Numbers: []string{mainNumber}}),
		g.carrier(hostStatic, carrier.Account{User: "static", Source: g.host(hostUnit), Numbers: []string{sideNumber}}),
	}
	g.line(control.LineAddRequest{
		ID: "main", Profile: "generic-registration", Registrar: g.carriers[0].Addr().String(), User: "unit",
		Secret: lineSecret, Numbers: []control.LineNumber{{Number: mainNumber, Ring: []string{friend}}},
	})
	g.line(control.LineAddRequest{
		ID: "side", Profile: "generic-static", Registrar: g.carriers[1].Addr().String(), User: "static", Priority: 1,
		Sources: []string{g.host(hostStatic).String()},
		Numbers: []control.LineNumber{{Number: sideNumber, Ring: []string{friend}}},
	})
	g.until("both lines are up", func() bool {
		lines, err := control.Call(g.step(), g.client, control.LineList, control.None{})
		g.must(err)
		return !slices.ContainsFunc(lines, func(l control.Line) bool { return l.State != "up" })
	})
	g.staff = g.phone(g.account(staff), nil)
	g.friend = g.phone(g.account(friend), func(office.Ring) int { return 200 })
	g.stolen, g.puppet = g.account(insider), g.account(puppet)
}

func (g *ground) carrier(host byte, account carrier.Account) *carrier.Carrier {
	g.Helper()
	c, err := carrier.New(g.socket(host, portCarrier), carrier.Config{
		Domain: "carrier.invalid", Accounts: []carrier.Account{account},
		Behave: func(r carrier.Reading) carrier.Behavior {
			if r.Class == carrier.Nothing {
				return carrier.Behavior{Status: 404}
			}
			return carrier.Behavior{Sound: carrier.Silence}
		},
		OpenMedia: func(local netip.Addr) (net.PacketConn, error) {
			return net.ListenPacket("udp", netip.AddrPortFrom(local, 0).String())
		},
	})
	g.must(err)
	g.Cleanup(func() { c.Close() })
	return c
}

func (g *ground) line(r control.LineAddRequest) {
	g.Helper()
	r.Transport, r.AreaCode, r.Channels = "udp", "03", 30
	_, err := control.Call(g.step(), g.client, control.LineAdd, r)
	g.must(err)
}

func (g *ground) account(extension string) control.PhoneAccount {
	g.Helper()
	a, err := control.Call(g.step(), g.client, control.PhoneAdd, control.PhoneAddRequest{Extension: extension})
	g.must(err)
	g.secrets = append(g.secrets, a.Secret)
	return a
}

// phone is an honest phone, registered.
func (g *ground) phone(a control.PhoneAccount, onRing func(office.Ring) int) *office.Phone {
	g.Helper()
	media := g.socket(hostPhones, 0)
	g.Cleanup(func() { media.Close() })
	p, err := office.New(g.socket(hostPhones, 0), office.Account{
		Extension: a.Extension, User: a.User, Secret: a.Secret, Server: g.phones(), UserAgent: "honest", OnRing: onRing,
	}, netip.MustParseAddrPort(media.LocalAddr().String()))
	g.must(err)
	g.Cleanup(func() { p.Close() })
	g.must(p.Register(g.step(), time.Hour))
	return p
}

// until waits for state that has no event.
func (g *ground) until(what string, ready func() bool) {
	g.Helper()
	for deadline := time.Now().Add(stepTime); !ready(); time.Sleep(5 * time.Millisecond) {
		if time.Now().After(deadline) {
			g.Fatalf("not within %v: %s", stepTime, what)
		}
	}
}

// reached lists the numbers that came to the carriers, from marks on.
func (g *ground) reached(marks []int) []string {
	var users []string
	for i, c := range g.carriers {
		for _, e := range c.Books().Since(marks[i]) {
			users = append(users, e.User)
		}
	}
	return users
}

func (g *ground) marks() []int {
	var marks []int
	for _, c := range g.carriers {
		marks = append(marks, len(c.Books().Entries()))
	}
	return marks
}

// dial has an honest phone call somebody, and hang up when it got through.
func (g *ground) dial(p *office.Phone, number string) int {
	g.Helper()
	call, out, err := p.Dial(g.step(), number)
	if err != nil {
		g.Errorf("%s calls %s: %v", p.Extension(), number, err)
		return 0
	}
	if call != nil {
		if err := call.Hangup(g.step()); err != nil {
			g.Errorf("%s hangs up on %s: %v", p.Extension(), number, err)
		}
	}
	return out.Status
}

// works finds the unit as it was: honest calls out, inside and for help get
// through, and a call abroad still does not.
func (g *ground) works() {
	g.Helper()
	marks := g.marks()
	for _, c := range []struct {
		to     string
		status int
	}{{"110", 200}, {domestic, 200}, {friend, 200}, {abroad, 603}} {
		s := g.dial(g.staff, c.to)
		for again := 0; s == 503 && c.to != "110" && again < 15; again++ {
			time.Sleep(200 * time.Millisecond) // shed, on a busy machine: a phone tries again
			s = g.dial(g.staff, c.to)
		}
		if s != c.status {
			g.Errorf("afterwards %s calls %s: %d, want %d", staff, c.to, s, c.status)
		}
	}
	if got := g.reached(marks); !slices.Equal(got, []string{"110", domestic}) {
		g.Errorf("the honest calls reached the carriers as %q", got)
	}
}

// calls are the calls on record, newest first.
func (g *ground) calls() []control.CallRecord {
	g.Helper()
	rows, err := control.Call(g.step(), g.client, control.Calls, control.CallsRequest{Limit: 10_000})
	g.must(err)
	return rows
}

// files reads every file of the data directory but one.
func (g *ground) files(but string, see func(name string, info os.FileInfo, content []byte)) {
	g.Helper()
	entries, err := os.ReadDir(g.data)
	g.must(err)
	for _, e := range entries {
		info, err := e.Info()
		if err != nil || !info.Mode().IsRegular() || e.Name() == but {
			continue
		}
		content, err := os.ReadFile(filepath.Join(g.data, e.Name()))
		g.must(err)
		see(e.Name(), info, content)
	}
}

// live are the calls that are up or setting up.
func (g *ground) live() []control.LiveCall {
	g.Helper()
	rows, err := control.Call(g.step(), g.client, control.LiveCalls, control.None{})
	g.must(err)
	return rows
}
