package sdp

import (
	"net/netip"
	"slices"
	"strings"
)

// Session is a description.
type Session struct {
	Origin Origin
	Name   string // s=, "-" if none
	Addr   netip.Addr
	Media  []Media
}

// Origin is the o= line.
type Origin struct {
	User    string // "-" if none
	ID      string // decimal digits
	Version string // decimal digits; one more when the description changes
	Addr    netip.Addr
}

// Media is one stream: an m= line and what follows it.
type Media struct {
	Type  string // "audio", "video", "image", …
	Port  uint16 // 0: the stream is refused or not there
	Proto string // "RTP/AVP", "RTP/SAVP", …
	// Formats is the m= line's list as written. Codecs is what of it is
	// understood, in the same order, for RTP profiles.
	Formats []string
	Codecs  []Codec
	// Addr is where media goes: of this stream's c= line, or the session's.
	// Unspecified (0.0.0.0) is hold of old phones; not valid is a host name,
	// which is not resolved here.
	Addr      netip.Addr
	Direction Direction
	// RTCP is where RTCP goes (a=rtcp); the zero value is Port+1.
	RTCP     netip.AddrPort
	RTCPMux  bool
	PtimeMS  int // 0 if not given
	MaxPtime int // milliseconds, 0 if not given
	Crypto   []Crypto
	// Kept are attributes that are passed on as they are written, without "a=": those of
	// T.38, and whether silence is left out (a=silenceSupp, RFC 3108 §5.6.3.2).
	Kept []string
}

// Fax tells whether the stream is T.38 over UDPTL (ITU-T T.38 annex D).
func (m *Media) Fax() bool {
	return m.Type == Image && m.Port != 0 && strings.EqualFold(m.Proto, UDPTL) && slices.Contains(m.Formats, T38)
}

// The words of T.38 in a description.
const (
	Image = "image"
	UDPTL = "udptl"
	T38   = "t38"
)

// RTP tells whether the stream is RTP of the plain audio/video profile, and
// whether it is encrypted. Profiles with feedback (AVPF, SAVPF) count: what is
// answered repeats the profile offered.
func (m *Media) RTP() (rtp, encrypted bool) {
	switch m.Proto {
	case "RTP/AVP", "RTP/AVPF":
		return true, false
	case "RTP/SAVP", "RTP/SAVPF":
		return true, true
	}
	return false, false
}

// Remote is where the stream's RTP goes, not valid if that isn't said by
// address or the stream is held by address (RFC 3264 §8.4, old form).
func (m *Media) Remote() netip.AddrPort {
	if m.Port == 0 || !m.Addr.IsValid() || m.Addr.IsUnspecified() {
		return netip.AddrPort{}
	}
	return netip.AddrPortFrom(m.Addr, m.Port)
}

// RemoteRTCP is where the stream's RTCP goes, not valid if not known.
func (m *Media) RemoteRTCP() netip.AddrPort {
	rtp := m.Remote()
	switch {
	case !rtp.IsValid() || m.RTCPMux:
		return rtp
	case m.RTCP.Port() != 0 && m.RTCP.Addr().IsValid() && !m.RTCP.Addr().IsUnspecified():
		return m.RTCP
	case m.RTCP.Port() != 0:
		return netip.AddrPortFrom(rtp.Addr(), m.RTCP.Port())
	case rtp.Port() == 65535:
		return netip.AddrPort{}
	}
	return netip.AddrPortFrom(rtp.Addr(), rtp.Port()+1)
}

// Wants is the stream's direction with hold by unspecified address (c=0.0.0.0
// or ::, RFC 2543) understood: who says so can't receive.
func (m *Media) Wants() Direction {
	if m.Addr.IsValid() && m.Addr.IsUnspecified() {
		return m.Direction &^ RecvOnly
	}
	return m.Direction
}

// Hold tells whether the writer wants to hear nothing.
func (m *Media) Hold() bool { return !m.Wants().Receives() }
