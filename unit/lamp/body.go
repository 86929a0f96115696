package lamp

import (
	"strconv"
	"strings"
	"unicode/utf8"
)

// ContentType is that of a body.
const ContentType = "application/dialog-info+xml"

// write gives the body that shows a view of an entity (RFC 4235 §4.1): the
// full state, with one dialog, as short as can be, because it has to fit into a
// datagram.
func (v *view) write(realm, entity string, version uint32) []byte {
	b := make([]byte, 0, BodyMax)
	b = append(b, `<?xml version="1.0"?>`+"\n"+
		`<dialog-info xmlns="urn:ietf:params:xml:ns:dialog-info" version="`...)
	b = strconv.AppendUint(b, uint64(version), 10)
	b = append(b, `" state="full" entity="`...)
	b = append(appendURI(b, entity, realm), "\">\n<dialog id=\""...)
	b = append(appendText(b, entity), '"')
	b = v.attributes(b)
	b = append(b, ">\n<state>"...)
	b = append(append(b, v.word()...), "</state>\n"...)
	if v.phase != Idle {
		b = v.local(b, realm, entity)
		b = v.remote(b, realm)
	}
	return append(b, "</dialog>\n</dialog-info>\n"...)
}

// fit gives the body, if need be with less in it.
func (v *view) fit(realm, entity string, version uint32) []byte {
	short := *v
	for _, without := range [...]*string{&short.name, &short.callID, &short.number} {
		if b := short.write(realm, entity, version); len(b) <= BodyMax {
			return b
		}
		*without = ""
	}
	return short.write(realm, entity, version)
}

// word is the state of the dialog (RFC 4235 §3.7.1).
func (v *view) word() string {
	switch v.phase {
	case Idle:
		return "terminated"
	case Ringing:
		return "early"
	default:
		return "confirmed"
	}
}

func (v *view) attributes(b []byte) []byte {
	if v.phase == Idle {
		return b
	}
	if v.callID != "" {
		b = attribute(b, "call-id", v.callID)
		b = attribute(b, "local-tag", v.localTag)
		b = attribute(b, "remote-tag", v.remoteTag)
	}
	if v.outgoing {
		return append(b, ` direction="initiator"`...)
	}
	return append(b, ` direction="recipient"`...)
}

func attribute(b []byte, name, value string) []byte {
	if value == "" {
		return b
	}
	b = append(append(append(b, ' '), name...), '=', '"')
	return append(appendText(b, value), '"')
}

// local writes who has it: the watcher itself where it is its own, so that
// phones that can tell the two show another color; and that it is held.
func (v *view) local(b []byte, realm, entity string) []byte {
	who := v.extension
	if who == "" {
		who = entity
	}
	b = append(b, "<local><identity>"...)
	b = append(appendURI(b, who, realm), `</identity><target uri="`...)
	b = append(appendURI(b, entity, realm), '"')
	rendering := "yes"
	switch v.phase {
	case Held:
		rendering = "no"
	case Talking:
	default:
		return append(b, "/></local>\n"...)
	}
	b = append(append(b, `><param pname="+sip.rendering" pvalue="`...), rendering...)
	return append(b, "\"/></target></local>\n"...)
}

// remote writes the other party, where the watcher may see it.
func (v *view) remote(b []byte, realm string) []byte {
	if v.number == "" && v.name == "" {
		return b
	}
	number := v.number
	if number == "" {
		number = "anonymous"
	}
	b = append(b, "<remote><identity"...)
	b = attribute(b, "display", v.name)
	b = append(appendURI(append(b, '>'), number, realm), `</identity><target uri="`...)
	return append(appendURI(b, number, realm), "\"/></remote>\n"...)
}

// appendURI writes a SIP URI; what may not stand in a user part is escaped (RFC
// 3261 §25.1).
func appendURI(b []byte, user, realm string) []byte {
	const hexDigits = "0123456789ABCDEF"
	b = append(b, "sip:"...)
	for i := range len(user) {
		c := user[i]
		switch {
		case c >= '0' && c <= '9', c >= 'a' && c <= 'z', c >= 'A' && c <= 'Z',
			strings.IndexByte("-_.!~*()+$/?=", c) >= 0:
			b = append(b, c)
		default:
			b = append(b, '%', hexDigits[c>>4], hexDigits[c&15])
		}
	}
	return appendText(append(b, '@'), realm)
}

// appendText writes text for an attribute or an element. What XML can't hold is
// left out.
func appendText(b []byte, s string) []byte {
	for _, r := range s {
		switch {
		case r == '&':
			b = append(b, "&amp;"...)
		case r == '<':
			b = append(b, "&lt;"...)
		case r == '>':
			b = append(b, "&gt;"...)
		case r == '"':
			b = append(b, "&quot;"...)
		case r < ' ', r == utf8.RuneError, r == '\uFFFE', r == '\uFFFF', r == '\x7f':
		default:
			b = utf8.AppendRune(b, r)
		}
	}
	return b
}

// clip bounds a text for people.
func clip(s string) string {
	if len(s) <= TextMax {
		return s
	}
	n := TextMax
	for n > 0 && !utf8.RuneStart(s[n]) {
		n--
	}
	return s[:n]
}
