package sip

import (
	"bytes"
	"errors"
	"iter"
	"slices"
	"time"
)

// CSeq is a decoded CSeq header field (RFC 3261 §20.16).
type CSeq struct {
	Number     uint32
	Method     Method
	MethodText []byte
}

var errCSeq = errors.New("sip: malformed CSeq")

// parse: 1*DIGIT LWS Method, the number below 2^31 in a request (RFC 3261 §8.1.1.5).
func (c *CSeq) parse(b []byte) error {
	*c = CSeq{}
	n := span(b, 0, isDigit)
	i := skipSpace(b, n)
	seq, ok := number(b[:n])
	if !ok || seq >= maxSequence || i == n || !token(b[i:]) {
		return errCSeq
	}
	c.Number, c.MethodText = seq, b[i:]
	c.Method = ParseMethod(c.MethodText)
	return nil
}

// CSeq gives the CSeq; the zero value where it is absent or malformed, which Validate refuses.
func (m *Message) CSeq() *CSeq {
	if m.decoded&decodedCSeq == 0 {
		m.decoded |= decodedCSeq
		m.cseqErr = m.cseq.parse(m.Value(HeaderCSeq))
		if m.cseqErr != nil {
			m.cseq = CSeq{}
		}
	}
	return &m.cseq
}

// CallID gives the Call-ID as written.
func (m *Message) CallID() []byte { return m.Value(HeaderCallID) }

// wellFormedCallID: word [ "@" word ].
func wellFormedCallID(b []byte) bool {
	left, right, at := bytes.Cut(b, []byte("@"))
	return len(left) > 0 && all(left, isWord) && (!at || len(right) > 0 && all(right, isWord))
}

// RequestURI gives a request's decoded target; the zero URI where it is malformed, which Validate refuses, and
// for responses.
func (m *Message) RequestURI() *URI {
	if m.decoded&decodedURI == 0 {
		m.decoded |= decodedURI
		m.uri, m.uriErr = URI{}, nil
		if m.request {
			if m.uriErr = m.uri.parse(m.at(m.target)); m.uriErr != nil {
				m.uri = URI{}
			}
		}
	}
	return &m.uri
}

// RequestTarget gives a request's Request-URI as written, for digest and for diagnosis.
func (m *Message) RequestTarget() []byte { return m.at(m.target) }

// From gives the From address; the zero value where it is absent or malformed, which Validate refuses.
func (m *Message) From() *NameAddr { return m.single(HeaderFrom) }

// To gives the To address; the zero value where it is absent or malformed, which Validate refuses.
func (m *Message) To() *NameAddr { return m.single(HeaderTo) }

// Addr gives the first address of an address header field, nil where it is absent or malformed.
func (m *Message) Addr(id HeaderID) *NameAddr {
	list, err := m.Addrs(id)
	if err != nil || len(list) == 0 {
		return nil
	}
	return &list[0]
}

// single gives the one address of a header field, or a zero one.
func (m *Message) single(id HeaderID) *NameAddr {
	if a := m.Addr(id); a != nil {
		return a
	}
	return new(NameAddr)
}

// Contacts gives all Contact addresses; Wildcard is one of them if it is "*".
func (m *Message) Contacts() ([]NameAddr, error) { return m.Addrs(HeaderContact) }

// Routes gives all Route addresses, top to bottom.
func (m *Message) Routes() ([]NameAddr, error) { return m.Addrs(HeaderRoute) }

// RecordRoutes gives all Record-Route addresses, top to bottom.
func (m *Message) RecordRoutes() ([]NameAddr, error) { return m.Addrs(HeaderRecordRoute) }

// Addrs gives all addresses of a header field whose values are addresses: From, To, Contact, Route,
// Record-Route, Path, Service-Route, the P- identities, Refer-To, Referred-By, Reply-To, Diversion,
// History-Info, Remote-Party-ID. An absent header field is an empty list; one malformed value makes all of them
// an error. The list is decoded once, and belongs to the Message.
func (m *Message) Addrs(id HeaderID) ([]NameAddr, error) {
	n := headers[id].addrs
	if n == 0 || m.first[id] == 0 {
		return nil, nil
	}
	l := &m.addrs[n-1]
	if !l.done {
		l.done = true
		l.list, l.err = m.decodeAddrs(id, l.list[:0])
	}
	return l.list, l.err
}

func (m *Message) decodeAddrs(id HeaderID, list []NameAddr) ([]NameAddr, error) {
	for b := range m.Header(id) {
		if id == HeaderContact && len(b) == 1 && b[0] == '*' {
			list = append(list, NameAddr{Wildcard: true, Raw: b})
			continue
		}
		for {
			if len(list) == MaxAddrs {
				return list[:0], errTooMany
			}
			list = slices.Grow(list, 1)[:len(list)+1] // parse overwrites what was there
			end, err := list[len(list)-1].parse(b)
			if err != nil {
				return list[:0], err
			}
			if b = b[skipSpace(b, end):]; len(b) == 0 {
				break
			}
			if b[0] != ',' || headers[id].single {
				return list[:0], errAddr
			}
			b = b[skipSpace(b, 1):]
		}
	}
	for i := range list {
		if list[i].Wildcard && len(list) > 1 {
			return list[:0], errWildcard
		}
	}
	return list, nil
}

// TopVia gives the first Via; the zero value where it is absent or malformed, which Validate refuses.
func (m *Message) TopVia() *Via {
	if m.decoded&(decodedTopVia|decodedVias) == 0 {
		m.decoded |= decodedTopVia
		m.vias = append(m.vias[:0], Via{})
		b := m.Value(HeaderVia)
		end, err := m.vias[0].parse(b)
		if end = skipSpace(b, end); err == nil && end < len(b) && b[end] != ',' {
			err = errVia
		}
		if m.viaErr = err; err != nil {
			m.vias[0] = Via{}
		}
	}
	if len(m.vias) == 0 {
		return new(Via)
	}
	return &m.vias[0]
}

// Vias gives all Via values, top to bottom. One malformed value makes all of them an error.
func (m *Message) Vias() ([]Via, error) {
	if m.decoded&decodedVias == 0 {
		m.decoded |= decodedVias
		m.vias, m.viaErr = m.decodeVias(m.vias[:0])
	}
	return m.vias, m.viaErr
}

func (m *Message) decodeVias(list []Via) ([]Via, error) {
	for b := range m.Header(HeaderVia) {
		for {
			if len(list) == MaxVias {
				return list[:0], errTooMany
			}
			list = slices.Grow(list, 1)[:len(list)+1] // parse overwrites what was there
			end, err := list[len(list)-1].parse(b)
			if err != nil {
				return list[:0], err
			}
			if b = b[skipSpace(b, end):]; len(b) == 0 {
				break
			}
			if b[0] != ',' {
				return list[:0], errVia
			}
			b = b[skipSpace(b, 1):]
		}
	}
	return list, nil
}

// Uint gives the number that begins a header field: Max-Forwards, Expires, Min-Expires, Session-Expires,
// Min-SE, Retry-After, RSeq, Content-Length. ok is false where it is absent, malformed or beyond 32 bits. What
// stands behind the number must be parameters or a comment.
func (m *Message) Uint(id HeaderID) (n uint32, ok bool) {
	b := m.Value(id)
	end := span(b, 0, isDigit)
	if n, ok = number(b[:end]); !ok {
		return 0, false
	}
	if rest := b[skipSpace(b, end):]; len(rest) > 0 {
		if rest[0] != ';' && rest[0] != '(' {
			return 0, false
		}
	}
	return n, true
}

// MaxForwards gives Max-Forwards, 70 where it is absent. Validate refuses what is not 0–255.
func (m *Message) MaxForwards() int {
	if n, ok := m.Uint(HeaderMaxForwards); ok {
		return int(n)
	}
	return defaultMaxForwards
}

// Expires gives the Expires header field in seconds; a malformed one is 3600 (RFC 3261 §20.19).
func (m *Message) Expires() (seconds uint32, ok bool) {
	if !m.Has(HeaderExpires) {
		return 0, false
	}
	if n, ok := m.Uint(HeaderExpires); ok {
		return n, true
	}
	return defaultExpires, true
}

// SessionExpires gives Session-Expires (RFC 4028 §4): seconds, and who refreshes ("uac", "uas" or nothing).
func (m *Message) SessionExpires() (seconds uint32, refresher []byte, ok bool) {
	if seconds, ok = m.Uint(HeaderSessionExpires); !ok {
		return 0, nil, false
	}
	refresher, _ = m.FieldParams(HeaderSessionExpires).Get("refresher")
	return seconds, refresher, true
}

// RAck gives RAck (RFC 3262 §7.2): the RSeq acknowledged, and the CSeq of the request it answered.
func (m *Message) RAck() (rseq uint32, cseq CSeq, ok bool) {
	b := m.Value(HeaderRAck)
	n := span(b, 0, isDigit)
	i := skipSpace(b, n)
	rseq, ok = number(b[:n])
	if !ok || i == n || cseq.parse(b[i:]) != nil {
		return 0, CSeq{}, false
	}
	return rseq, cseq, true
}

// ContentType gives the media type of the body in its parts as written, without parameters: "application" and
// "sdp". ok is false where it is absent or malformed.
func (m *Message) ContentType() (kind, subtype []byte, ok bool) {
	kind, subtype, _, ok = splitMediaType(m.Value(HeaderContentType))
	return kind, subtype, ok
}

// IsContentType tells whether the body has this media type, as in "application/sdp", in any case.
func (m *Message) IsContentType(want string) bool {
	kind, subtype, ok := m.ContentType()
	return ok && len(want) == len(kind)+1+len(subtype) && equalFold(kind, want[:len(kind)]) &&
		want[len(kind)] == '/' && equalFold(subtype, want[len(kind)+1:])
}

// splitMediaType: m-type SLASH m-subtype *( SEMI m-parameter ).
func splitMediaType(b []byte) (kind, subtype []byte, params Params, ok bool) {
	n := span(b, 0, isToken)
	slash := skipSpace(b, n)
	if n == 0 || slash >= len(b) || b[slash] != '/' {
		return nil, nil, nil, false
	}
	i := skipSpace(b, slash+1)
	end := span(b, i, isToken)
	after, err := scanParams(b, end)
	if end == i || err != nil || skipSpace(b, after) != len(b) {
		return nil, nil, nil, false
	}
	return b[:n], b[i:end], Params(b[end:after]), true
}

// FieldParams gives the parameters behind the first value of a header field that begins with one token, number
// or media type: Event, Session-Expires, Subscription-State, Content-Type, Content-Disposition, Replaces,
// Reason, Retry-After. It is empty where they are malformed.
func (m *Message) FieldParams(id HeaderID) Params {
	b := m.Value(id)
	i := bytes.IndexByte(b, ';')
	if i < 0 {
		return nil
	}
	end, err := scanParams(b, i)
	if err != nil {
		return nil
	}
	return Params(b[i:end])
}

// Head gives what stands before the parameters of the first value of a header field, trimmed: the event
// package of Event, the state of Subscription-State, the Call-ID of Replaces, the protocol of Reason.
func (m *Message) Head(id HeaderID) []byte {
	b := m.Value(id)
	if i := bytes.IndexByte(b, ';'); i >= 0 {
		b = b[:i]
	}
	return trim(b)
}

// List walks over the values of a header field that holds a list separated by commas (Supported, Require,
// Allow, Accept …), over all its lines. Empty values are left out (RFC 3261 allows an empty Supported).
func (m *Message) List(id HeaderID) iter.Seq[[]byte] {
	return func(yield func([]byte) bool) {
		for b := range m.Header(id) {
			for len(b) > 0 {
				n := commaAt(b)
				if v := trim(b[:n]); len(v) > 0 && !yield(v) {
					return
				}
				b = b[min(n+1, len(b)):]
			}
		}
	}
}

// commaAt gives the index of the first comma outside quoted strings, or len(b).
func commaAt(b []byte) int {
	for i := 0; i < len(b); i++ {
		switch b[i] {
		case ',':
			return i
		case '"':
			end := quotedEnd(b, i)
			if end < 0 {
				return len(b)
			}
			i = end - 1
		}
	}
	return len(b)
}

// Lists tells whether a list header field holds this token, in any case: m.Lists(HeaderSupported, "100rel").
func (m *Message) Lists(id HeaderID, want string) bool {
	for v := range m.List(id) {
		if equalFold(v, want) {
			return true
		}
	}
	return false
}

// Allow gives the known methods of the Allow header field.
func (m *Message) Allow() MethodSet {
	var s MethodSet
	for v := range m.List(HeaderAllow) {
		if k := ParseMethod(v); k != MethodUnknown {
			s |= 1 << k
		}
	}
	return s
}

// Reason gives the first Reason value (RFC 3326) with this protocol ("Q.850", "SIP"): its cause and its text,
// unquoted. ok is false where there is none.
func (m *Message) Reason(protocol string) (cause int, text []byte, ok bool) {
	for v := range m.List(HeaderReason) {
		end := span(v, 0, isToken)
		if !equalFold(v[:end], protocol) {
			continue
		}
		after, err := scanParams(v, end)
		if err != nil {
			continue
		}
		params := Params(v[end:after])
		value, _ := params.Get("cause")
		n, well := number(value)
		if !well || n > 999 {
			continue
		}
		quoted, _ := params.Get("text")
		return int(n), AppendUnquoted(nil, quoted), true
	}
	return 0, nil, false
}

// Privacy tells whether the Privacy header field asks for this kind of privacy: "id", "header", "user", "none" …
// (RFC 3323 §4.2, RFC 3325 §9.3). Values stand behind semicolons; commas are understood too.
func (m *Message) Privacy(kind string) bool {
	for line := range m.Header(HeaderPrivacy) {
		for len(line) > 0 {
			n := bytes.IndexAny(line, ";,")
			if n < 0 {
				n = len(line)
			}
			if equalFold(trim(line[:n]), kind) {
				return true
			}
			line = line[min(n+1, len(line)):]
		}
	}
	return false
}

// Replaces is a decoded Replaces header field (RFC 3891 §6.1): the dialog to be taken over, as the receiver
// sees it.
type Replaces struct {
	CallID []byte
	// ToTag is the receiver's own tag, FromTag the other side's.
	ToTag, FromTag []byte
	EarlyOnly      bool
}

// ParseReplaces reads the value of a Replaces header field, or what a Refer-To URI carries of one (see
// URI.Header).
func ParseReplaces(b []byte) (r Replaces, ok bool) {
	n := bytes.IndexByte(b, ';')
	if n < 0 {
		return Replaces{}, false
	}
	end, err := scanParams(b, n)
	if err != nil || skipSpace(b, end) != len(b) {
		return Replaces{}, false
	}
	p := Params(b[n:end])
	r.CallID = trim(b[:n])
	r.ToTag, _ = p.Get("to-tag")
	r.FromTag, _ = p.Get("from-tag")
	r.EarlyOnly = p.Has("early-only")
	if !wellFormedCallID(r.CallID) || !token(r.ToTag) || !token(r.FromTag) {
		return Replaces{}, false
	}
	return r, true
}

// Replaces gives the Replaces header field; ok is false where it is absent or malformed.
func (m *Message) Replaces() (r Replaces, ok bool) { return ParseReplaces(m.Value(HeaderReplaces)) }

// dateLayout is SIP-date (RFC 3261 §20.17): RFC 1123 with GMT and nothing else.
const dateLayout = "Mon, 02 Jan 2006 15:04:05 GMT"

// Date gives the Date header field; ok is false where it is absent or malformed.
func (m *Message) Date() (t time.Time, ok bool) {
	t, err := time.Parse(dateLayout, string(m.Value(HeaderDate)))
	return t, err == nil
}
