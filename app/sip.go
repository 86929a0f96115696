package app

import (
	"context"
	"crypto/tls"
	"encoding/binary"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"time"

	"github.com/sekisho/sekisho/app/config"
	"github.com/sekisho/sekisho/app/control"
	"github.com/sekisho/sekisho/plane"
	"github.com/sekisho/sekisho/unit"
	"github.com/sekisho/sekisho/unit/call"
	"github.com/sekisho/sekisho/unit/media"
	"github.com/sekisho/sekisho/unit/site"
	"github.com/sekisho/sekisho/wire/digest"
	"github.com/sekisho/sekisho/wire/sip/edge"
	"github.com/sekisho/sekisho/wire/sip/session"
	"github.com/sekisho/sekisho/wire/sip/stack"
)

// The names of the line side's listeners, one a transport.
var lineListeners = map[string]string{"udp": "line-udp", "tcp": "line-tcp", "tls": "line-tls"}

func algorithms(listen []config.Listen) map[string][]digest.Algorithm {
	out := make(map[string][]digest.Algorithm, len(listen))
	for _, l := range listen {
		for _, name := range l.Digest {
			out[l.Name] = append(out[l.Name], digest.ParseAlgorithm(name))
		}
	}
	return out
}

// emergency tells emergency numbers by their user part, for the places that
// must decide before a message is understood: what it takes for one may still
// be refused, what it does not is only treated like any other call.
func emergency(user []byte) bool {
	u := string(user)
	for _, prefix := range []string{"", "0", "184", "186", "0184", "0186", "1840", "1860"} {
		for _, n := range []string{"110", "118", "119"} {
			if u == prefix+n {
				return true
			}
		}
	}
	return false
}

// ports adapts plane's media sockets to the relay.
type ports struct{ plane.MediaPorts }

// OpenPair opens an RTP and an RTCP socket.
func (p ports) OpenPair(from netip.AddrPort) (rtp, rtcp media.Socket, err error) {
	a, b, err := p.MediaPorts.OpenPair(from)
	if err != nil {
		return nil, nil, err
	}
	return a, b, nil
}

var _ media.Sockets = ports{}

// openUnit makes the relay and the unit.
func (a *App) openUnit(ctx context.Context) error {
	c := a.options.Config
	low, high, err := c.Media.PortRange()
	if err != nil {
		return fmt.Errorf("media ports: %w", err)
	}
	a.unit, err = unit.New(unit.Config{
		Realm: c.Voice.Realm, Desk: a.desk, Phones: a.phones, Lines: a.lines, Committer: a.recorder,
		Keeper: keeper{s: a.store, dead: a.lastWasOurs(ctx)}, Prover: a.prover, Services: a,
		Scripts: scripts{a}, Messages: a.boxes, Recorder: a.recordings(), RecordNotice: c.Recording.Notice,
		Sites: a.sites, SiteMark: a.siteMark(),
		Books: books{a}, Places: places{a}, Call: callConfig(c.Voice), ParkWait: c.Voice.ParkTime(),
		Announcements: c.Voice.AnnouncementsMax, Prompts: &a.prompts, Lang: c.Voice.Language, Log: a.log,
	})
	if err != nil {
		return fmt.Errorf("unit: %w", err)
	}
	a.keeps = a.keepPlaces(sipLoops + voiceLoops)
	a.relay, err = media.New(media.Config{
		Sockets: ports{plane.MediaPorts{First: low, Last: high, DSCP: 46, FilesMax: mediaFiles(plane.OpenFiles())}},
		OnEvent: a.unit.OnMedia, Music: a.recording(),
		Loops: voiceLoops, KeepPlace: a.keeps, GoFirst: func() { plane.GoFirst(plane.NiceVoice) },
		Engine: c.Media.Engine, Resting: int(high-low) / portsPerResting, Deferred: true, Log: a.log,
	})
	if err != nil {
		return fmt.Errorf("media: %w", err)
	}
	a.onClose(a.relay.Close)
	return a.refresh()
}

func callConfig(v config.Voice) call.Config {
	return call.Config{NoAnswer: v.RingTime(), MaxLength: v.CallTimeMax()}
}

// openSIP opens the voice plane's listeners and the stack on them.
func (a *App) openSIP(ctx context.Context) error {
	c := a.options.Config
	host, err := plane.Survey()
	if err != nil {
		return fmt.Errorf("survey of the host: %w", err)
	}
	a.host = host
	var sides []stack.Side
	for _, l := range c.Voice.Listen {
		addr, err := l.AddrPort()
		if err != nil {
			return fmt.Errorf("listener %s: %w", l.Name, err)
		}
		a.voice = append(a.voice, plane.Listener{Name: l.Name, Plane: plane.Voice, Transport: l.Transport, Addr: addr})
		sides = append(sides, stack.PhoneSide)
	}
	lineAddr, err := netip.ParseAddrPort(c.Voice.LineAddr)
	if err != nil {
		return fmt.Errorf("line_addr: %w", err)
	}
	if l, ok, err := a.siteListener(); err != nil {
		return err
	} else if ok {
		a.voice = append(a.voice, l)
		sides = append(sides, stack.PhoneSide)
	}
	a.voice = append(a.voice, plane.Listener{
		Name: lineListeners["udp"], Plane: plane.Voice, Transport: plane.UDP, Addr: lineAddr, DSCP: a.lineDSCP(),
	})
	sides = append(sides, stack.LineSide)
	if err := a.checkPlanes(a.voice); err != nil {
		return err
	}
	packets, err := plane.OpenPackets(a.voice, sipLoops)
	if err != nil {
		return control.NewProblem(control.ExitFailed, "cli.listen.failed", "cli.listen.failed.do", err)
	}
	st := stack.Config{
		Auth: frontDoor{a}, Parted: a.siteParted, Lines: a.lines, Handler: a.unit, Emergency: emergency,
		KnownSource:  a.phones.KnownSource,
		Acknowledged: a.phones.Acknowledged, Answers: a.phones.Answers, TurnEnd: a.relay.Flush,
		Session: phoneSession(), Product: "Sekisho", Log: a.log, Resolver: plane.NewResolver(),
		LocalFor: a.localFor,
	}
	for i, p := range packets {
		if p.Clamped() && i == 0 {
			a.log.Warn("the kernel keeps receive buffers small; raise net.core.rmem_max", "part", "plane")
		}
		p.KeepPlace = a.keeps
		st.Packets = append(st.Packets, p)
	}
	if err := a.openStreams(ctx, &st, sides); err != nil {
		for _, p := range packets {
			err = errors.Join(err, p.Close())
		}
		return err
	}
	a.stack, err = stack.New(st)
	if err != nil {
		return fmt.Errorf("sip: %w", err)
	}
	a.logEngine()
	return nil
}

// logEngine says which engine moves the packets of calls.
func (a *App) logEngine() {
	if name, why := a.relay.Engine(); why != nil {
		a.log.Warn("voice is moved without io_uring", "part", "media", "engine", name, "error", why)
	} else {
		a.log.Info("voice is moved", "part", "media", "engine", name)
	}
}

// phoneSession is how sessions with phones behave.
func phoneSession() session.Config {
	c := session.DefaultConfig()
	c.Refer = true
	c.InfoTypes = append(c.InfoTypes, unit.PartyType)
	c.Expires, c.MinSE, c.Reliable = 30*time.Minute, 90*time.Second, true
	c.Jitter = binary.BigEndian.Uint64(random(8))
	return c
}

// openStreams opens the TCP and TLS listeners, and declares every listener to
// the stack in the order of a.voice.
func (a *App) openStreams(ctx context.Context, st *stack.Config, sides []stack.Side) error {
	certs, err := a.certificates()
	if err != nil {
		return err
	}
	for i, l := range a.voice {
		sl := stack.Listener{Name: l.Name, Side: sides[i], Transport: l.Transport, Address: l.Addr, RPort: true}
		if l.Transport == plane.UDP {
			if l.Addr.Port() == 0 {
				sl.Address = localOf(st.Packets[0], i)
			}
		} else {
			ln, err := a.listenStream(ctx, l, certs)
			if err != nil {
				return control.NewProblem(control.ExitFailed, "cli.listen.failed", "cli.listen.failed.do", err)
			}
			if at, err := netip.ParseAddrPort(ln.Addr().String()); err == nil {
				sl.Address = netip.AddrPortFrom(l.Addr.Addr(), at.Port())
			}
			sl.Accept = ln
		}
		a.voice[i].Addr = sl.Address
		st.Listeners = append(st.Listeners, sl)
	}
	if a.options.Config.Voice.SiteAddr == "" { // we connect to others, and none to us
		st.Listeners = append(st.Listeners, stack.Listener{
			Name: site.Listener, Side: stack.PhoneSide, Transport: plane.TLS,
			Address: netip.AddrPortFrom(netip.IPv4Unspecified(), sitePort),
		})
	}
	for _, t := range []string{plane.TCP, plane.TLS} {
		line := a.voice[len(a.voice)-1].Addr
		st.Listeners = append(st.Listeners, stack.Listener{
			Name: lineListeners[t], Side: stack.LineSide, Transport: t, Address: line,
		})
	}
	st.Dial = a.dial
	return nil
}

// sitePort stands in our addresses toward other sites where none of them can connect to
// us: they answer on the connection that there is.
const sitePort = 5081

// listenStream opens a TCP or TLS listener.
func (a *App) listenStream(ctx context.Context, l plane.Listener, certs *tls.Config) (net.Listener, error) {
	if l.Name == site.Listener {
		return plane.ListenSites(ctx, l, a.siteKey, a.sites.Trusts)
	}
	return plane.Listen(ctx, l, certs)
}

func localOf(p stack.Packets, i int) netip.AddrPort {
	if l, ok := p.(interface{ Local(int) netip.AddrPort }); ok {
		return l.Local(i)
	}
	return netip.AddrPort{}
}

// places says which address and media manners a leg has.
type places struct{ a *App }

var _ unit.Places = places{}

// PhoneLeg is for a phone that stands there. Its media is encrypted where its
// signaling is, if the phone can: encryption is offered first.
func (p places) PhoneLeg(at edge.Source) media.LegConfig {
	c := media.LegConfig{Local: p.local(at), Source: at.Remote.Addr()}
	switch {
	case at.Listener == site.Listener:
		c.Policy.SRTP = media.SRTPRequired
	case at.Transport == plane.TLS:
		c.Policy.SRTP = media.SRTPWanted
	}
	return c
}

// LineLeg is for a line, as its profile wants it.
func (p places) LineLeg(id string, at edge.Source) media.LegConfig {
	e, err := p.a.lines.Endpoint(id, 0)
	if err != nil {
		return media.LegConfig{Local: p.local(at)}
	}
	if remote, ok := p.a.lines.Remote(id); ok && !at.Remote.IsValid() {
		at.Remote = netip.AddrPortFrom(remote, 0)
	}
	m := e.Profile.Media
	c := media.LegConfig{Local: p.local(at), FirstPort: uint16(m.FirstPort), Source: at.Remote.Addr()}
	if own := e.Local.Addr.Addr(); e.Local.Own && !own.IsUnspecified() {
		c.Local = own
	}
	c.Policy = media.Policy{
		Codecs: m.Codecs, NoTelephoneEvent: m.DTMF != "rfc4733", PtimeMS: m.PtimeMS, DSCP: uint8(m.DSCP), DSCPSet: true,
	}
	switch m.SRTP {
	case "optional":
		if e.Transport == plane.TLS {
			c.Policy.SRTP = media.SRTPWanted
		}
	case "required":
		c.Policy.SRTP = media.SRTPRequired
	}
	if m.LearnSource {
		c.Policy.Learn = media.LearnPeer
	} else {
		c.Policy.Learn = media.LearnNothing
	}
	return c
}

// local is our own address toward a peer: that of the signaling, that of the
// listener, or the one that the routes choose.
func (p places) local(at edge.Source) netip.Addr {
	if a := at.Local.Addr(); a.IsValid() && !a.IsUnspecified() {
		return a
	}
	for _, l := range p.a.voice {
		if a := l.Addr.Addr(); l.Name == at.Listener && !a.IsUnspecified() {
			return a
		}
	}
	return p.a.localFor(at.Remote.Addr())
}

// localFor is the address of this host that faces a remote one.
func (a *App) localFor(remote netip.Addr) netip.Addr { return a.ways.LocalFor(remote, time.Now()) }
