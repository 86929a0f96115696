package session

import (
	"strings"

	"github.com/sekisho/sekisho/wire/sip"
)

// typeSDP is the content type of nearly every body.
const typeSDP = "application/sdp"

// option tags (RFC 3262, RFC 4028).
const (
	tag100rel     = "100rel"
	tagTimer      = "timer"
	tagReplaces   = "replaces"   // RFC 3891
	tagNoReferSub = "norefersub" // RFC 4488
)

// bodyOf copies a message's body.
func bodyOf(m *sip.Message) Body {
	b := m.Body()
	if len(b) == 0 {
		return Body{}
	}
	kind := typeSDP
	if v := m.Value(sip.HeaderContentType); string(v) != typeSDP {
		kind = string(v)
	}
	return Body{Type: kind, Bytes: append([]byte(nil), b...)}
}

// reasonOf returns the first Reason value of a message.
func reasonOf(m *sip.Message) string { return string(m.Value(sip.HeaderReason)) }

// note remembers what the peer says it can do.
func (s *Session) note(m *sip.Message) {
	if m.Status() == 100 {
		return
	}
	if m.Has(sip.HeaderAllow) {
		s.peer.allow = true
		s.peer.update = m.Lists(sip.HeaderAllow, "UPDATE")
	}
	if m.Has(sip.HeaderSupported) {
		s.peer.reliable = m.Lists(sip.HeaderSupported, tag100rel)
		s.peer.timer = m.Lists(sip.HeaderSupported, tagTimer)
	}
	if m.IsRequest() && m.Lists(sip.HeaderRequire, tag100rel) {
		s.peer.reliable, s.peer.required = true, true
	}
	if m.Lists(sip.HeaderRequire, tagTimer) {
		s.peer.timer = true
	}
}

// unsupported lists what a request requires and this session can't do, as the
// value of Unsupported (RFC 3261 §8.2.2.3); "" for nothing.
func (s *Session) unsupported(m *sip.Message) string {
	var bad []string
	for v := range m.List(sip.HeaderRequire) {
		name := string(v)
		known := strings.EqualFold(name, tagTimer) || s.cfg.Reliable && strings.EqualFold(name, tag100rel) ||
			s.cfg.Refer && (strings.EqualFold(name, tagReplaces) || strings.EqualFold(name, tagNoReferSub))
		if known {
			continue
		}
		bad = append(bad, name)
	}
	return strings.Join(bad, ", ")
}

func sameBody(a, b Body) bool {
	return !a.Empty() && string(a.Bytes) == string(b.Bytes)
}

// phraseOf returns the reason phrase of a response.
func phraseOf(m *sip.Message) string {
	if usual := sip.StatusPhrase(m.Status()); string(m.ReasonPhrase()) == usual {
		return usual
	}
	return string(m.ReasonPhrase())
}
