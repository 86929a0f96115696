package unit

import (
	"net/netip"
	"slices"

	"github.com/sekisho/sekisho/unit/line"
	"github.com/sekisho/sekisho/unit/media"
	"github.com/sekisho/sekisho/wire/sip/edge"
)

// ground is Places by the listeners' addresses and the lines' profiles.
type ground struct {
	// Listeners are the addresses at which media of a listener's peers is
	// taken, by the listener's name.
	Listeners map[string]netip.Addr
	// Phones is the policy toward phones; its SRTP is raised to SRTPWanted
	// for phones that signal over TLS.
	Phones media.Policy
	// PlainOnly keeps phones over TLS at Phones.SRTP.
	PlainOnly bool
	// Endpoint describes a line; LineListener names the listener it is
	// reached by.
	Endpoint     func(id string) (line.Endpoint, error)
	LineListener func(id string) string
	// LineCodecs come before those of a line's profile.
	LineCodecs []string
}

var _ Places = (*ground)(nil)

// PhoneLeg gives the media of a phone's leg.
func (g *ground) PhoneLeg(at edge.Source) media.LegConfig {
	cfg := media.LegConfig{Local: g.local(at), Source: at.Remote.Addr(), Policy: g.Phones}
	if at.Transport == "tls" && !g.PlainOnly && cfg.Policy.SRTP == media.SRTPForbidden {
		cfg.Policy.SRTP = media.SRTPWanted
	}
	return cfg
}

// local is the address that a peer's signaling came to, or its listener's.
func (g *ground) local(at edge.Source) netip.Addr {
	if a := at.Local.Addr(); a.IsValid() && !a.IsUnspecified() {
		return a
	}
	return g.Listeners[at.Listener]
}

// LineLeg gives the media of a line's leg, by its profile.
func (g *ground) LineLeg(id string, at edge.Source) media.LegConfig {
	cfg := media.LegConfig{Source: at.Remote.Addr()}
	if at.Listener == "" && g.LineListener != nil {
		at.Listener = g.LineListener(id)
	}
	cfg.Local = g.local(at)
	if g.Endpoint == nil {
		return cfg
	}
	end, err := g.Endpoint(id)
	if err != nil {
		return cfg
	}
	m := end.Profile.Media
	cfg.Policy = media.Policy{
		Codecs: slices.Concat(g.LineCodecs, m.Codecs), NoTelephoneEvent: m.DTMF != "rfc4733",
		PtimeMS: m.PtimeMS,
		DSCP:    uint8(m.DSCP), DSCPSet: m.DSCP > 0, Learn: media.LearnPeer,
	}
	if m.LearnSource {
		cfg.Policy.Learn = media.LearnAnyone
	}
	// Keys in SDP are worth nothing where the signaling can be read.
	if end.Transport == "tls" {
		switch m.SRTP {
		case "optional":
			cfg.Policy.SRTP = media.SRTPWanted
		case "required":
			cfg.Policy.SRTP = media.SRTPRequired
		}
	}
	return cfg
}
