package sdp

import (
	"net/netip"
	"strconv"
	"strings"
)

// Append writes the description. Every stream has its own attributes; a
// refused one (Port 0) has none.
func (s *Session) Append(dst []byte) []byte {
	dst = append(dst, "v=0\r\no="...)
	dst = append(dst, or(s.Origin.User, "-")...)
	dst = append(dst, ' ')
	dst = append(dst, or(s.Origin.ID, "0")...)
	dst = append(dst, ' ')
	dst = append(dst, or(s.Origin.Version, "0")...)
	dst = append(dst, ' ')
	dst = appendAddr(dst, s.Origin.Addr)
	dst = append(dst, "\r\ns="...)
	dst = append(dst, or(s.Name, "-")...)
	dst = append(dst, "\r\nc="...)
	dst = appendAddr(dst, s.Addr)
	dst = append(dst, "\r\nt=0 0\r\n"...)
	for i := range s.Media {
		dst = s.Media[i].append(dst, s.Addr)
	}
	return dst
}

func (m *Media) append(dst []byte, session netip.Addr) []byte {
	dst = append(dst, "m="...)
	dst = append(dst, m.Type...)
	dst = append(dst, ' ')
	dst = strconv.AppendUint(dst, uint64(m.Port), 10)
	dst = append(dst, ' ')
	dst = append(dst, m.Proto...)
	if len(m.Codecs) == 0 || m.Port == 0 {
		for _, f := range m.Formats {
			dst = append(append(dst, ' '), f...)
		}
	} else {
		for _, c := range m.Codecs {
			dst = strconv.AppendUint(append(dst, ' '), uint64(c.PT), 10)
		}
	}
	dst = append(dst, "\r\n"...)
	if m.Port == 0 {
		return dst
	}
	if m.Addr.IsValid() && m.Addr != session {
		dst = append(appendAddr(append(dst, "c="...), m.Addr), "\r\n"...)
	}
	return m.appendAttributes(dst)
}

func (m *Media) appendAttributes(dst []byte) []byte {
	for _, c := range m.Crypto {
		dst = c.append(dst)
	}
	for _, c := range m.Codecs {
		dst = c.append(dst)
	}
	if m.PtimeMS > 0 {
		dst = strconv.AppendInt(append(dst, "a=ptime:"...), int64(m.PtimeMS), 10)
		dst = append(dst, "\r\n"...)
	}
	if m.MaxPtime > 0 {
		dst = strconv.AppendInt(append(dst, "a=maxptime:"...), int64(m.MaxPtime), 10)
		dst = append(dst, "\r\n"...)
	}
	if m.RTCP.Port() != 0 {
		dst = strconv.AppendUint(append(dst, "a=rtcp:"...), uint64(m.RTCP.Port()), 10)
		if m.RTCP.Addr().IsValid() {
			dst = appendAddr(append(dst, ' '), m.RTCP.Addr())
		}
		dst = append(dst, "\r\n"...)
	}
	if m.RTCPMux {
		dst = append(dst, "a=rtcp-mux\r\n"...)
	}
	for _, a := range m.Kept {
		dst = append(append(append(dst, "a="...), a...), "\r\n"...)
	}
	if m.Type == Image {
		return dst // it has no direction
	}
	dst = append(dst, "a="...)
	dst = append(dst, m.Direction.String()...)
	return append(dst, "\r\n"...)
}

func (c Codec) append(dst []byte) []byte {
	dst = strconv.AppendUint(append(dst, "a=rtpmap:"...), uint64(c.PT), 10)
	dst = append(append(dst, ' '), c.Name...)
	dst = strconv.AppendInt(append(dst, '/'), int64(c.Rate), 10)
	if c.Channels > 1 {
		dst = strconv.AppendInt(append(dst, '/'), int64(c.Channels), 10)
	}
	dst = append(dst, "\r\n"...)
	if c.Fmtp != "" {
		dst = strconv.AppendUint(append(dst, "a=fmtp:"...), uint64(c.PT), 10)
		dst = append(append(append(dst, ' '), c.Fmtp...), "\r\n"...)
	}
	return dst
}

func appendAddr(dst []byte, a netip.Addr) []byte {
	switch {
	case !a.IsValid():
		return append(dst, "IN IP4 0.0.0.0"...)
	case a.Is4():
		dst = append(dst, "IN IP4 "...)
	default:
		dst = append(dst, "IN IP6 "...)
	}
	return a.AppendTo(dst)
}

func or(s, other string) string {
	if s = strings.TrimSpace(s); s == "" {
		return other
	}
	return s
}
