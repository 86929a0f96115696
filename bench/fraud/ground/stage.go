package ground

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"syscall"
	"time"

	"github.com/sekisho/sekisho/app/control"
	"github.com/sekisho/sekisho/app/practice"
	"github.com/sekisho/sekisho/bench/cast"
	"github.com/sekisho/sekisho/number/tariff"
	"github.com/sekisho/sekisho/sim/carrier"
	"github.com/sekisho/sekisho/sim/fraud"
	"github.com/sekisho/sekisho/sim/office"
)

// Setup is what a stage is furnished with.
type Setup struct {
	Binary string
	Dir    string // of its own; it exists
	Number int    // tells stages of one process apart
	Site   *fraud.Site
	Rates  []tariff.Rate // the carrier's price list, as an installer enters it
	// Listed opens the countries that the office calls, for the telephones that
	// call them; All opens every country when it is first dialed.
	Listed, All bool
	LoseBye     func(n int) bool // see carrier.Config
	SmallDisk   bool             // the data stand on a disk that Fault.Full can fill; needs root
}

// Stage is one unit with its carrier and its phones.
type Stage struct {
	setup   Setup
	net     [3]byte
	unit    *cast.Unit
	client  *control.Client
	carrier *carrier.Carrier
	secrets map[string]control.PhoneAccount
	phones  map[who]*office.Phone
	mouths  map[who]net.PacketConn // where they send their voice from
	opened  map[[2]string]bool
	closers []func() error

	mu      sync.Mutex
	fates   map[string][]fate     // of calls on their way, by the digits that the carrier reads
	prices  map[string]fraud.Rate // by the same
	strange int                   // calls abroad that nobody dialed
	player  *player               // nil for nobody who listens
}

// who is a phone: an extension's own, or the intruder's with its credential.
type who struct {
	extension string
	stranger  bool
}

// fate is what a callee does of a call.
type fate struct {
	call       uint64
	ring, talk time.Duration
}

const (
	staffExtension = "790"
	noCountry      = "001" // satellites and the like, which nobody can open
)

// Open starts everything and leaves the phones registered.
func Open(ctx context.Context, s Setup) (*Stage, error) {
	g := &Stage{
		setup: s, net: [3]byte{127, byte(100 + os.Getpid()%100), byte(s.Number)},
		secrets: map[string]control.PhoneAccount{}, phones: map[who]*office.Phone{},
		mouths: map[who]net.PacketConn{}, opened: map[[2]string]bool{},
		fates: map[string][]fate{}, prices: map[string]fraud.Rate{},
	}
	for _, step := range []func(context.Context) error{g.openCarrier, g.openUnit, g.furnish, g.openPhones} {
		if err := step(ctx); err != nil {
			return nil, errors.Join(err, g.Close())
		}
	}
	return g, nil
}

// Close ends everything.
func (g *Stage) Close() error {
	var all error
	for i := len(g.closers) - 1; i >= 0; i-- {
		all = errors.Join(all, g.closers[i]())
	}
	g.closers = nil
	return all
}

func (g *Stage) onClose(f func() error) { g.closers = append(g.closers, f) }

// host gives the n-th address of the stage: .1 the unit, .2 the carrier, .3 the
// office, .4 the intruder.
func (g *Stage) host(n byte) netip.Addr {
	return netip.AddrFrom4([4]byte{g.net[0], g.net[1], g.net[2], n})
}

func socket(host netip.Addr, port uint16) (net.PacketConn, error) {
	return net.ListenPacket("udp", netip.AddrPortFrom(host, port).String())
}

func (g *Stage) openCarrier(context.Context) error {
	conn, err := socket(g.host(2), portCarrier)
	if err != nil {
		return err
	}
	g.carrier, err = practice.Carrier(conn, carrier.Config{
		Behave: g.behave, Price: g.price, LoseBye: g.setup.LoseBye,
		OpenMedia: func(local netip.Addr) (net.PacketConn, error) { return socket(local, 0) },
	})
	if err != nil {
		return err
	}
	g.onClose(g.carrier.Close)
	return nil
}

func (g *Stage) openUnit(context.Context) (err error) {
	g.unit, err = cast.NewUnit(cast.Setup{
		Binary: g.setup.Binary, Dir: g.setup.Dir, Addr: g.host(1), Number: g.setup.Number,
		Voice: "announcements_max = 0\n", // they would only hold the intruder up
	})
	if err != nil {
		return err
	}
	if g.setup.SmallDisk {
		err := syscall.Mount("tmpfs", g.unit.Data, "tmpfs", 0, fmt.Sprintf("size=%dm,mode=0700", smallDisk))
		if err != nil {
			return fmt.Errorf("mount a small disk: %w", err)
		}
		g.onClose(func() error { return syscall.Unmount(g.unit.Data, syscall.MNT_DETACH) })
	}
	g.onClose(g.stopUnit)
	return g.unit.Launch()
}

// stopUnit ends the unit, if it is not over.
func (g *Stage) stopUnit() error {
	if g.unit.Ended() {
		return nil
	}
	return g.unit.Stop()
}

// furnish claims the unit and gives it phones, the line and its prices, as its
// owner would.
func (g *Stage) furnish(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, askTime)
	defer cancel()
	code, err := g.unit.ClaimCode()
	if err != nil {
		return err
	}
	g.client = g.unit.Control()
	f := practice.Furniture{
		Code: code, Owner: "bench", Extensions: []string{staffExtension}, Line: "carrier", Carrier: g.carrier.Addr(),
		Ring: []string{staffExtension}, Channels: g.setup.Site.Channels + spareChannels,
	}
	for _, e := range g.setup.Site.Extensions {
		f.Extensions = append(f.Extensions, e.Number)
	}
	accounts, err := practice.Furnish(ctx, g.client, f)
	if err != nil {
		return err
	}
	for _, a := range accounts {
		g.secrets[a.Extension] = a
	}
	for _, e := range g.setup.Site.Extensions {
		for _, area := range e.Usual {
			if g.setup.Listed {
				if err := g.open(ctx, e.Number, area); err != nil {
					return err
				}
			}
		}
	}
	table, err := tariff.NewTable(g.setup.Rates)
	if err != nil {
		return err
	}
	prices := control.TariffFile{Name: "carrier.csv", Data: table.CSV(), Reason: "the carrier's"}
	if _, err := control.Call(ctx, g.client, control.TariffImport, prices); err != nil {
		return fmt.Errorf("import the prices: %w", err)
	}
	return nil
}

// open opens a country for a telephone.
func (g *Stage) open(ctx context.Context, extension, area string) error {
	k := [2]string{extension, area}
	if g.opened[k] || area == noCountry {
		return nil
	}
	_, err := control.Call(ctx, g.client, control.GateOpen, control.GateOpenRequest{
		Area: area, Extension: extension, Until: time.Now().Add(openForAll), Reason: "business",
	})
	if err != nil {
		return fmt.Errorf("open %s for %s: %w", area, extension, err)
	}
	g.opened[k] = true
	return nil
}

// openPhones registers the office's phones.
func (g *Stage) openPhones(ctx context.Context) error {
	for extension := range g.secrets {
		if _, err := g.phone(ctx, who{extension, false}); err != nil {
			return err
		}
	}
	return nil
}

// phone is a registered phone; a stranger's registers when it is first used.
func (g *Stage) phone(ctx context.Context, w who) (*office.Phone, error) {
	if p := g.phones[w]; p != nil {
		return p, nil
	}
	host, agent := g.host(3), "Office"
	if w.stranger {
		host, agent = g.host(4), "PBX/1.8"
	}
	a := g.secrets[w.extension]
	p, voice, err := practice.Phone(ctx, func() (net.PacketConn, error) { return socket(host, 0) }, office.Account{
		Extension: w.extension, User: a.User, Secret: a.Secret, UserAgent: agent,
		Server: netip.AddrPortFrom(g.unit.Addr, cast.PortPhones), OnBye: func(id string) { g.tell(word{bye: id}) },
	})
	if err != nil {
		return nil, err
	}
	g.onClose(voice.Close)
	g.onClose(p.Close)
	g.mouths[w], g.phones[w] = voice, p
	return p, nil
}

// tell tells whoever plays, from the goroutines of phones and carrier.
func (g *Stage) tell(w word) {
	g.mu.Lock()
	p := g.player
	g.mu.Unlock()
	if p != nil {
		p.tell(w)
	}
}

func (g *Stage) listen(p *player) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.player = p
}

// expect tells the carrier what becomes of a call to a number, and its price.
func (g *Stage) expect(digits string, f fate, r fraud.Rate) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.fates[digits] = append(g.fates[digits], f)
	g.prices[digits] = r
}

// forget takes an expectation back: the call did not go out.
func (g *Stage) forget(digits string, call uint64) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.fates[digits] = slices.DeleteFunc(g.fates[digits], func(f fate) bool { return f.call == call })
}

// behave is what callees do: it runs on the carrier's goroutine. Where several
// are called at one number, the first to arrive has the first fate.
func (g *Stage) behave(r carrier.Reading) carrier.Behavior {
	f, ok := g.next(r)
	if !ok {
		return carrier.Behavior{Ring: staffRing, Sound: carrier.Silence}
	}
	g.tell(word{call: f.call, out: true})
	b := carrier.Behavior{Ring: f.ring, Sound: carrier.Echo}
	if f.talk == 0 {
		b.Status = 480
	}
	return b
}

// next takes the fate of a call that has come.
func (g *Stage) next(r carrier.Reading) (f fate, ok bool) {
	g.mu.Lock()
	defer g.mu.Unlock()
	list := g.fates[r.Digits]
	if len(list) == 0 {
		if r.Class == carrier.International || r.Class == carrier.Premium {
			g.strange++
		}
		return fate{}, false
	}
	g.fates[r.Digits] = list[1:]
	return list[0], true
}

// price bills by the world's price list.
func (g *Stage) price(r carrier.Reading, talk time.Duration) int64 {
	g.mu.Lock()
	defer g.mu.Unlock()
	rate, ok := g.prices[r.Digits]
	switch {
	case ok:
		return rate.Price(max(talk, 1))
	case r.Class == carrier.International || r.Class == carrier.Premium:
		return r.Price(talk)
	}
	return 0 // the office's own
}

// dir of a file that fills the disk.
func (g *Stage) filler() string { return filepath.Join(g.unit.Data, "filler") }

// fill leaves nothing free on a small disk.
func (g *Stage) fill() error {
	f, err := os.Create(g.filler())
	if err != nil {
		return err
	}
	defer f.Close()
	for size := fillBytes; size > 0; {
		if _, err := f.Write(make([]byte, size)); errors.Is(err, syscall.ENOSPC) {
			size /= 2
		} else if err != nil {
			return err
		}
	}
	return nil
}

// free makes room again.
func (g *Stage) free() error { return os.Remove(g.filler()) }
