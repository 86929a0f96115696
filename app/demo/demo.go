package demo

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/netip"
	"os"
	"strconv"
	"time"

	"github.com/sekisho/sekisho/app"
	"github.com/sekisho/sekisho/app/config"
	"github.com/sekisho/sekisho/app/control"
	"github.com/sekisho/sekisho/app/practice"
	"github.com/sekisho/sekisho/plane"
	"github.com/sekisho/sekisho/sim/attack"
	"github.com/sekisho/sekisho/sim/carrier"
	"github.com/sekisho/sekisho/sim/office"
)

// The cast of the demo.
const (
	lineID   = "practice"
	channels = 30 // of the line
	// carrierHost stands apart from the phones' address: nothing that comes
	// from a line's address is a phone.
	carrierHost  = "127.0.0.2"
	phoneHost    = "127.0.0.1"
	portFirst    = 5060
	portsTried   = 20 // from there on, when something else is there already
	readyTimeMax = 10 * time.Second
	readyPoll    = 20 * time.Millisecond
	openFor      = time.Minute
	guests       = 2 // extensions for phones of one's own
	announced    = 8 // announcements at once, once the replay is over
)

// sierraLeone is the number of the control call.
const sierraLeone = "01023276123456"

// Options is what Open needs.
type Options struct {
	Log io.Writer // the unit's log at level warn; nil for none
	// Port is the first that is tried for the unit; 0 is SIP's own, 5060.
	Port int
	// Shorter keeps that many attempts of each wave, for tests; 0 keeps all.
	Shorter int
}

// Demo is the practice ground.
type Demo struct {
	app      *app.App
	carrier  *carrier.Carrier
	client   *control.Client
	data     string
	shorter  int
	accounts []control.PhoneAccount
	intruder *office.Phone
	staff    *office.Phone
	server   netip.AddrPort
	closers  []func() error
}

// Open starts everything.
func Open(ctx context.Context, o Options) (*Demo, error) {
	if o.Log == nil {
		o.Log = io.Discard
	}
	data, err := os.MkdirTemp("", "sekisho-demo-")
	if err != nil {
		return nil, fmt.Errorf("temporary directory: %w", err)
	}
	d := &Demo{data: data, shorter: o.Shorter}
	d.onClose(func() error { return os.RemoveAll(data) })
	for _, step := range []func() error{
		func() error { return d.openCarrier(ctx) },
		func() error { return d.openUnit(ctx, o) },
		func() error { return d.furnish(ctx) },
	} {
		if err := step(); err != nil {
			return nil, errors.Join(err, d.Close())
		}
	}
	return d, nil
}

func (d *Demo) onClose(f func() error) { d.closers = append(d.closers, f) }

// Close ends everything, the latest first.
func (d *Demo) Close() error {
	var all error
	for i := len(d.closers) - 1; i >= 0; i-- {
		all = errors.Join(all, d.closers[i]())
	}
	d.closers = nil
	return all
}

func (d *Demo) openCarrier(ctx context.Context) error {
	host := netip.MustParseAddr(carrierHost)
	conn, err := plane.ListenPacket(ctx, netip.AddrPortFrom(host, 0))
	if err != nil {
		return fmt.Errorf("practice carrier: %w", err)
	}
	d.carrier, err = practice.Carrier(conn, carrier.Config{
		OpenMedia: func(local netip.Addr) (net.PacketConn, error) {
			return plane.ListenPacket(context.WithoutCancel(ctx), netip.AddrPortFrom(local, 0))
		},
	})
	if err != nil {
		return err
	}
	d.onClose(d.carrier.Close)
	return nil
}

// openUnit starts a real unit on the defaults, on the first free ports from
// Options.Port on.
func (d *Demo) openUnit(ctx context.Context, o Options) error {
	var last error
	if o.Port == 0 {
		o.Port = portFirst
	}
	for i := range portsTried {
		c := config.Default()
		c.Log.Level = "warn"
		c.Voice.AnnouncementsMax = announced
		shift(&c, o.Port-portFirst+10*i)
		log := slog.New(slog.NewTextHandler(o.Log, &slog.HandlerOptions{Level: slog.LevelWarn}))
		a, err := app.New(ctx, app.Options{Config: c, Data: d.data, Log: log})
		if p, ok := errors.AsType[*control.Problem](err); ok && p.What.Key == "cli.listen.failed" {
			last = err
			continue
		}
		if err != nil {
			return err
		}
		if err := a.Start(ctx); err != nil {
			return err
		}
		d.app, d.client = a, app.Dial(d.data)
		d.server = netip.AddrPortFrom(netip.MustParseAddr(phoneHost), uint16(o.Port+10*i))
		d.onClose(a.Stop)
		return nil
	}
	return last
}

// shift moves every port of the defaults.
func shift(c *config.Config, by int) {
	for i, l := range c.Voice.Listen {
		at := netip.MustParseAddrPort(l.Addr)
		c.Voice.Listen[i].Addr = netip.AddrPortFrom(at.Addr(), at.Port()+uint16(by)).String()
	}
	at := netip.MustParseAddrPort(c.Voice.LineAddr)
	c.Voice.LineAddr = netip.AddrPortFrom(at.Addr(), at.Port()+uint16(by)).String()
}

// furnish claims the unit and gives it phones and a line, as its owner would.
func (d *Demo) furnish(ctx context.Context) error {
	f := practice.Furniture{
		Code: d.app.ClaimCode(), Owner: "demo", Line: lineID, Carrier: d.carrier.Addr(), Ring: []string{"201", "202"},
		Channels: channels,
	}
	for i := range guests + 2 {
		f.Extensions = append(f.Extensions, strconv.Itoa(201+i))
	}
	soon, cancel := context.WithTimeout(ctx, readyTimeMax)
	defer cancel()
	var err error
	if d.accounts, err = practice.Furnish(soon, d.client, f); err != nil {
		return err
	}
	if d.intruder, err = d.phone(ctx, d.accounts[guests], "PBX/1.8"); err != nil {
		return err
	}
	d.staff, err = d.phone(ctx, d.accounts[guests+1], "Office")
	return err
}

// phone is a simulated phone on its own address, registered.
func (d *Demo) phone(ctx context.Context, a control.PhoneAccount, userAgent string) (*office.Phone, error) {
	socket := func() (net.PacketConn, error) {
		return plane.ListenPacket(ctx, netip.AddrPortFrom(netip.MustParseAddr(phoneHost), 0))
	}
	p, voice, err := practice.Phone(ctx, socket, office.Account{
		Extension: a.Extension, User: a.User, Secret: a.Secret, Server: d.server, UserAgent: userAgent,
	})
	if err != nil {
		return nil, err
	}
	d.onClose(voice.Close)
	d.onClose(p.Close)
	return p, nil
}

// Accounts are for phones of one's own.
func (d *Demo) Accounts() []control.PhoneAccount { return d.accounts[:guests] }

// Data is the unit's data directory, for the other commands.
func (d *Demo) Data() string { return d.data }

// CarrierAddr is where the practice carrier stands.
func (d *Demo) CarrierAddr() string { return d.carrier.Addr().String() }

// Intruder is the extension whose credential the replay's intruder holds.
func (d *Demo) Intruder() string { return d.intruder.Extension() }

// Numbers names what can be called at the practice carrier.
func (d *Demo) Numbers() string { return "0312345678, 117, 110" }

// Carrier is the practice carrier, whose books count.
func (d *Demo) Carrier() *carrier.Carrier { return d.carrier }

// Client administers the unit.
func (d *Demo) Client() *control.Client { return d.client }

// ControlResult is what one open call came to.
type ControlResult struct {
	Reached   int
	BilledYen int64
}

// Control opens Sierra Leone for the intruder's extension, has one call go
// through and be billed, and shuts it again: the counting counts.
func (d *Demo) Control(ctx context.Context) (ControlResult, error) {
	before := len(d.carrier.Books().Entries())
	open := control.GateOpenRequest{
		Area: "SL", Extension: d.intruder.Extension(), Until: time.Now().Add(openFor), Reason: "control of the replay",
	}
	o, err := control.Call(ctx, d.client, control.GateOpen, open)
	if err != nil {
		return ControlResult{}, err
	}
	call, out, err := d.intruder.Dial(ctx, sierraLeone)
	if err != nil {
		return ControlResult{}, err
	}
	if call == nil {
		return ControlResult{}, fmt.Errorf("the control call failed: %d %s", out.Status, out.Phrase)
	}
	if err := call.Hangup(ctx); err != nil {
		return ControlResult{}, err
	}
	if _, err := control.Call(ctx, d.client, control.GateShut, control.GateShutRequest{ID: o.ID}); err != nil {
		return ControlResult{}, err
	}
	var r ControlResult
	for _, e := range d.billed(ctx, before) {
		r.Reached++
		r.BilledYen += e.MilliYen / 1000
	}
	if r.Reached != 1 || r.BilledYen == 0 {
		return r, fmt.Errorf("the control call reached the carrier %d times for ¥%d: nothing could be counted",
			r.Reached, r.BilledYen)
	}
	return r, nil
}

// billed waits until every entry since is closed in the carrier's books.
func (d *Demo) billed(ctx context.Context, since int) []carrier.Entry {
	ctx, cancel := context.WithTimeout(ctx, readyTimeMax)
	defer cancel()
	for {
		entries := d.carrier.Books().Since(since)
		open := false
		for _, e := range entries {
			open = open || e.End.IsZero()
		}
		if !open || ctx.Err() != nil {
			return entries
		}
		select {
		case <-ctx.Done():
		case <-time.After(readyPoll):
		}
	}
}

// Attack replays March 2015 with announcements off, and compares what the
// intruder saw with the unit's own record.
func (d *Demo) Attack(ctx context.Context, progress func(done, of int)) (attack.Result, error) {
	d.app.Announce(false)
	defer d.app.Announce(true)
	start := time.Now()
	r, err := attack.March2015(ctx, attack.Scene{
		Intruder: d.intruder, Staff: d.staff, Books: d.carrier.Books(), Progress: progress, Shorter: d.shorter,
		Domestic:  []string{"0312345670", "0661234561", "09012345672", "0120123453"},
		Emergency: []string{"110", "119", "118"},
	})
	if err != nil {
		return r, fmt.Errorf("replay: %w", err)
	}
	r.Recorded, err = d.app.Refusals(ctx, d.intruder.Extension(), start)
	return r, err
}
