package app_test

import (
	"bytes"
	"context"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/netip"
	"os"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/sekisho/sekisho/app"
	"github.com/sekisho/sekisho/app/config"
	"github.com/sekisho/sekisho/app/control"
	"github.com/sekisho/sekisho/sim/carrier"
	"github.com/sekisho/sekisho/sim/office"
	"github.com/sekisho/sekisho/text"
)

const (
	// readyTime is how long a step may take: much longer than any does, for nobody knows
	// what else the machine is doing. No test waits for it to pass.
	readyTime     = time.Minute
	socketBytes   = 4 << 20 // asked for; the kernel gives what it may
	carrierSecret = "between-carrier-and-unit"
	mainNumber    = "0312340000"
	secondNumber  = "0312340001"
)

// world is one unit with its carrier, on loopback addresses of its own: .1 for
// the unit, .2 for the carrier, .3 for phones.
type world struct {
	*testing.T

	net     [3]byte // 127.x.y
	app     *app.App
	client  *control.Client
	phones  netip.AddrPort // where phones register
	options app.Options
	mouths  map[string]net.PacketConn // media sockets of phones, by extension
	typed   map[string]office.Account // what was typed into phones, by extension
	hungUp  sync.Map                  // calls of phones that the unit has hung up, by Call-ID
	carrier *carrier.Carrier
}

// atOnce is how many tests are under way at once of those that say so because they wait,
// for what is spoken mostly: they need no processor meanwhile.
const atOnce = 4

func TestMain(m *testing.M) {
	flag.Parse()
	if err := flag.Set("test.parallel", strconv.Itoa(atOnce)); err != nil {
		panic(err)
	}
	os.Exit(m.Run())
}

// lastNet numbers the networks of a test run; the process' ID parts those of
// runs at the same time.
var lastNet atomic.Uint32

// host gives the n-th address of the world.
func (w *world) host(n byte) netip.Addr {
	return netip.AddrFrom4([4]byte{w.net[0], w.net[1], w.net[2], n})
}

func (w *world) must(err error) {
	w.Helper()
	if err != nil {
		w.Fatal(err)
	}
}

// ctx bounds one step of a test.
func (w *world) ctx() context.Context {
	ctx, cancel := context.WithTimeout(w.Context(), readyTime)
	w.Cleanup(cancel)
	return ctx
}

func (w *world) socket(host netip.Addr, port uint16) net.PacketConn {
	w.Helper()
	c, err := net.ListenPacket("udp", netip.AddrPortFrom(host, port).String())
	w.must(err)
	if u, ok := c.(*net.UDPConn); ok { // a unit that ends everything at once sends much at once
		w.must(u.SetReadBuffer(socketBytes))
	}
	return c
}

// newWorld starts a unit that is claimed and has a carrier.
func newWorld(t *testing.T, behave func(carrier.Reading) carrier.Behavior, accounts ...carrier.Account) *world {
	t.Helper()
	return newWorldFrom(t, linePort, behave, accounts...)
}

// linePort is what the line side sends from: one of our profiles wants it.
const linePort = 5060

func newWorldFrom(
	t *testing.T, port uint16, behave func(carrier.Reading) carrier.Behavior, accounts ...carrier.Account,
) *world {
	t.Helper()
	line := func(w *world, c *config.Config) {
		c.Voice.LineAddr = netip.AddrPortFrom(w.host(1), port).String()
	}
	return newWorldWith(t, line, behave, accounts...)
}

// newWorldWith is newWorld with a changed configuration.
func newWorldWith(
	t *testing.T, change func(*world, *config.Config), behave func(carrier.Reading) carrier.Behavior,
	accounts ...carrier.Account,
) *world {
	t.Helper()
	n := lastNet.Add(1)
	w := &world{T: t, net: [3]byte{127, byte(64 + os.Getpid()&127), byte(n)}}
	w.mouths, w.typed = make(map[string]net.PacketConn), make(map[string]office.Account)
	w.startCarrier(behave, accounts)
	c := config.Default()
	w.phones = netip.AddrPortFrom(w.host(1), 5070)
	c.Voice.Listen = []config.Listen{
		{Name: "udp", Transport: "udp", Addr: w.phones.String(), Digest: []string{"SHA-256"}},
	}
	c.Voice.LineAddr = netip.AddrPortFrom(w.host(1), linePort).String()
	c.Voice.AnnouncementsMax = 0
	c.Media.Ports = fmt.Sprintf("%d-%d", 50000+n%10*400, 50000+n%10*400+399)
	change(w, &c)
	w.options = app.Options{Config: c, Data: t.TempDir(), Log: slog.New(slog.NewTextHandler(t.Output(), nil))}
	w.start()
	t.Cleanup(w.stop)
	claim := control.ClaimRequest{Code: w.app.ClaimCode(), Owner: "test"}
	_, err := control.Call(w.ctx(), w.client, control.Claim, claim)
	w.must(err)
	return w
}

// start starts the unit, for the first time or again.
func (w *world) start() {
	w.Helper()
	a, err := app.New(w.Context(), w.options)
	w.must(err)
	w.must(a.Start(w.Context()))
	w.app, w.client = a, app.Dial(w.options.Data)
}

func (w *world) stop() {
	w.Helper()
	if w.app == nil { // somebody else has
		return
	}
	if err := w.app.Stop(); err != nil {
		w.Errorf("stopping: %v", err)
	}
}

func (w *world) startCarrier(behave func(carrier.Reading) carrier.Behavior, accounts []carrier.Account) {
	w.Helper()
	if len(accounts) == 0 {
		return
	}
	for i := range accounts {
		if accounts[i].Secret == "" {
			accounts[i].Source = w.host(1)
		}
		if accounts[i].Manners.Domain == "self" {
			accounts[i].Manners.Domain = w.host(2).String()
		}
	}
	var err error
	w.carrier, err = carrier.New(w.socket(w.host(2), 5060), carrier.Config{
		Domain: "carrier.test", Accounts: accounts, Behave: behave,
		OpenMedia: func(local netip.Addr) (net.PacketConn, error) {
			return net.ListenPacket("udp", netip.AddrPortFrom(local, 0).String())
		},
	})
	w.must(err)
	w.Cleanup(func() { w.carrier.Close() })
}

// phone adds an extension and registers a simulated phone at it.
func (w *world) phone(extension string, onRing func(office.Ring) int) *office.Phone {
	w.Helper()
	return w.phoneWith(office.Account{Extension: extension, OnRing: onRing})
}

// phoneWith is phone with more of an account than the unit gives.
func (w *world) phoneWith(account office.Account) *office.Phone {
	w.Helper()
	add := control.PhoneAddRequest{Extension: account.Extension}
	a, err := control.Call(w.ctx(), w.client, control.PhoneAdd, add)
	w.must(err)
	media := w.socket(w.host(3), 0)
	w.mouths[account.Extension] = media
	w.Cleanup(func() { media.Close() })
	account.User, account.Secret, account.Server, account.UserAgent = a.User, a.Secret, w.phones, "test"
	told := account.OnBye
	account.OnBye = func(callID string) {
		w.hungUp.Store(callID, true)
		if told != nil {
			told(callID)
		}
	}
	w.typed[account.Extension] = account
	p, err := office.New(w.socket(w.host(3), 0), account, netip.MustParseAddrPort(media.LocalAddr().String()))
	w.must(err)
	w.Cleanup(func() { p.Close() })
	w.must(p.Register(w.ctx(), time.Hour))
	return p
}

// line adds the carrier's line and waits until it is up.
func (w *world) line(r control.LineAddRequest) {
	w.Helper()
	w.addLine(r)
	w.until("the line is up", func() bool { return w.lineState() == "up" })
}

func (w *world) addLine(r control.LineAddRequest) {
	w.Helper()
	r.ID, r.Registrar, r.Transport, r.AreaCode = "main", w.carrier.Addr().String(), "udp", "03"
	if r.Channels == 0 {
		r.Channels = 30
	}
	if r.Numbers == nil {
		r.Numbers = []control.LineNumber{
			{Number: mainNumber, Ring: []string{"201"}}, {Number: secondNumber, Ring: []string{"202"}},
		}
	}
	_, err := control.Call(w.ctx(), w.client, control.LineAdd, r)
	w.must(err)
}

func (w *world) lineState() string {
	w.Helper()
	lines, err := control.Call(w.ctx(), w.client, control.LineList, control.None{})
	w.must(err)
	if len(lines) != 1 {
		w.Fatalf("%d lines", len(lines))
	}
	if lines[0].Reason != nil {
		return lines[0].Reason.Say(text.EN)
	}
	return lines[0].State
}

// until waits for state that has no event.
func (w *world) until(what string, ready func() bool) {
	w.Helper()
	deadline := time.Now().Add(readyTime)
	for !ready() {
		if time.Now().After(deadline) {
			w.Fatalf("not within %v: %s; violations: %+v", readyTime, what, w.violations())
		}
		time.Sleep(5 * time.Millisecond)
	}
}

func (w *world) violations() []carrier.Violation {
	if w.carrier == nil {
		return nil
	}
	return w.carrier.Violations()
}

// logged keeps what a unit logs.
type logged struct {
	mu  sync.Mutex
	all bytes.Buffer
	to  io.Writer
}

func (l *logged) Write(b []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.all.Write(b)
	return l.to.Write(b)
}

// has tells whether a unit has logged something.
func (l *logged) has(text string) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return bytes.Contains(l.all.Bytes(), []byte(text))
}
