package sdp

import (
	"fmt"
	"net/netip"
	"slices"
	"strconv"
	"strings"
)

// attribute reads an a= line. Names are case-sensitive (RFC 8866 §6).
func (p *parser) attribute(line string) error {
	name, value, _ := strings.Cut(line, ":")
	if d, ok := directionOf(name); ok {
		if p.m == nil {
			p.dir = d
		} else {
			p.m.Direction = d
		}
		return nil
	}
	if p.m == nil {
		return nil // nothing else at session level matters for audio
	}
	if err := p.mediaAttribute(name, value); err != nil {
		return fmt.Errorf("a=%s: %w", name, ErrSyntax)
	}
	return nil
}

// keep has an attribute be passed on; of many, or long ones, the rest is read over.
func (p *parser) keep(name, value string) {
	if value != "" {
		name += ":" + value
	}
	if len(p.m.Kept) < KeptMax && len(name) <= KeptBytesMax {
		p.m.Kept = append(p.m.Kept, name)
	}
}

func (p *parser) mediaAttribute(name, value string) error {
	if p.m.Type == Image && strings.HasPrefix(name, "T38") {
		p.keep(name, value)
		return nil
	}
	switch name {
	case "rtpmap":
		c, err := rtpmap(value)
		if err != nil {
			return err
		}
		if known := p.codec(c.PT); known != nil {
			c.Fmtp = known.Fmtp
			*known = c
		}
	case "fmtp":
		return p.fmtp(value)
	case "ptime":
		return milliseconds(value, &p.m.PtimeMS)
	case "maxptime":
		return milliseconds(value, &p.m.MaxPtime)
	case "rtcp":
		return p.rtcp(value)
	case "rtcp-mux":
		p.m.RTCPMux = true
	case "silenceSupp":
		p.keep(name, value)
	case "crypto":
		if c, ok := crypto(value); ok && len(p.m.Crypto) < CryptosMax {
			p.m.Crypto = append(p.m.Crypto, c)
		}
	}
	return nil
}

// fmtp keeps parameters by payload type; those of formats that are no payload
// types (T.38, BFCP …) are read over.
func (p *parser) fmtp(value string) error {
	first, rest, ok := strings.Cut(value, " ")
	if !ok {
		return nil // a=fmtp without parameters says nothing
	}
	pt, err := strconv.ParseUint(first, 10, 7)
	if err != nil {
		return nil
	}
	if len(rest) > FmtpBytesMax {
		p.unusable[pt] = true
		return nil
	}
	if c := p.codec(uint8(pt)); c != nil {
		c.Fmtp = strings.TrimSpace(rest)
	}
	return nil
}

// rtcp reads "<port> [IN IP4 <address>]" (RFC 3605).
func (p *parser) rtcp(value string) error {
	var room [fieldsUsual]string
	f := appendFields(room[:0], value)
	if len(f) != 1 && len(f) != 4 {
		return errAttribute
	}
	n, err := strconv.ParseUint(f[0], 10, 16)
	if err != nil {
		return errAttribute
	}
	var addr netip.Addr
	if len(f) == 4 {
		if addr, err = address(f[1:]); err != nil {
			return err
		}
	}
	p.m.RTCP = netip.AddrPortFrom(addr, uint16(n))
	return nil
}

// milliseconds reads a packet time. Some write 20.0; anything odd says
// nothing rather than spoiling the call.
func milliseconds(value string, ms *int) error {
	whole, _, _ := strings.Cut(strings.TrimSpace(value), ".")
	n, err := strconv.ParseUint(whole, 10, 10)
	if err == nil && n > 0 && n <= 200 {
		*ms = int(n)
	}
	return nil
}

// endMedia leaves out of the stream just read the codecs that stayed unknown,
// and those that are not usable.
func (p *parser) endMedia() error {
	m := p.m
	if m == nil {
		return nil
	}
	if m.Port != 0 && !p.conn && !p.mConn {
		return fmt.Errorf("c= of m=%s: %w", m.Type, ErrMissing)
	}
	m.Codecs = slices.DeleteFunc(m.Codecs, func(c Codec) bool { return c.Name == "" || p.unusable[c.PT] })
	return nil
}
