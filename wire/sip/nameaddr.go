package sip

import (
	"bytes"
	"errors"
	"unicode/utf8"
)

// NameAddr is one address with its display name and parameters: name-addr or addr-spec, and the parameters
// behind it (RFC 3261 §20.10).
type NameAddr struct {
	// Display is the display name as written, a quoted one with its quotes. AppendDisplay gives its meaning.
	Display []byte
	URI     URI
	// Params are the header's parameters, "tag" among them; those of the URI are in the URI.
	Params Params
	// Tag is the "tag" parameter (From and To), nil if there is none.
	Tag []byte
	// Wildcard is Contact's "*" (REGISTER only); then there is nothing else.
	Wildcard bool
	// Raw is the whole value as written.
	Raw []byte
}

var (
	errAddr     = errors.New("sip: malformed address")
	errDisplay  = errors.New("sip: malformed display name")
	errTooMany  = errors.New("sip: too many values")
	errWildcard = errors.New("sip: \"*\" is not the only Contact")
	errTag      = errors.New("sip: malformed tag")
)

// ParseNameAddr reads one whole address, strictly.
func ParseNameAddr(b []byte) (NameAddr, error) {
	var a NameAddr
	end, err := a.parse(trim(b))
	if err == nil && end != len(trim(b)) {
		err = errAddr
	}
	return a, err
}

// parse reads one address at the beginning of b and gives the index behind it.
func (a *NameAddr) parse(b []byte) (end int, err error) {
	*a = NameAddr{}
	uri, end, err := a.scanDisplay(b)
	if err != nil {
		return 0, err
	}
	if err := a.URI.parse(uri); err != nil {
		return 0, err
	}
	if end, err = a.scanParams(b, end); err != nil {
		return 0, err
	}
	a.Raw = b[:end:end]
	return end, nil
}

// scanParams reads the parameters behind b[:start] and gives the index behind them.
func (a *NameAddr) scanParams(b []byte, start int) (end int, err error) {
	if next := skipSpace(b, start); next >= len(b) || b[next] != ';' {
		return start, nil // as in scanParams
	}
	var s paramScan
	for end = start; ; {
		p, next := s.next(b, end)
		switch {
		case next < 0:
			return 0, errParams
		case next == end:
			if end > start {
				a.Params = Params(b[start:end])
			}
			return end, nil
		case equalFold(p.Name, "tag"):
			if !token(p.Value) {
				return 0, errTag
			}
			a.Tag = p.Value
		}
		end = next
	}
}

// scanDisplay finds display name and URI, and the index behind them.
func (a *NameAddr) scanDisplay(b []byte) (uri []byte, end int, err error) {
	i := 0
	if len(b) > 0 && b[0] == '"' {
		end := quotedEnd(b, 0)
		if end < 0 {
			return nil, 0, errDisplay
		}
		a.Display = b[:end]
		i = skipSpace(b, end)
		if i >= len(b) || b[i] != '<' {
			return nil, 0, errDisplay
		}
	} else {
		// Tokens, and what is not ASCII: phones write 田中 without quotes, it can't be mistaken for anything
		// else, and what we write is quoted.
		for i < len(b) && (class[b[i]]&isToken != 0 || b[i] == ' ' || b[i] == '\t' || b[i] >= 0x80) {
			i++
		}
		if i < len(b) && b[i] == '<' {
			a.Display = trim(b[:i])
		}
	}
	if i < len(b) && b[i] == '<' {
		n := bytes.IndexByte(b[i:], '>')
		if n < 0 {
			return nil, 0, errAddr
		}
		return b[i+1 : i+n], i + n + 1, nil
	}
	// addr-spec: a comma, question mark or semicolon would need angle brackets (RFC 3261 §20).
	for i = 0; i < len(b); i++ {
		switch b[i] {
		case ';', ',', ' ', '\t':
			return b[:i], i, nil
		case '?':
			return nil, 0, errAddr
		}
	}
	return b, i, nil
}

// AppendDisplay writes what the display name means, unquoted; nothing if there is none.
func (a *NameAddr) AppendDisplay(dst []byte) []byte { return AppendUnquoted(dst, a.Display) }

// Param finds one of the header's parameters by its name in any case.
func (a *NameAddr) Param(name string) (value []byte, ok bool) { return a.Params.Get(name) }

// Expires gives Contact's "expires" parameter in seconds; a malformed one is 3600 (RFC 3261 §20.10).
func (a *NameAddr) Expires() (seconds uint32, ok bool) {
	v, ok := a.Params.Get("expires")
	if !ok {
		return 0, false
	}
	n, well := number(v)
	if !well {
		n = defaultExpires
	}
	return n, true
}

// Q gives Contact's "q" parameter in thousandths; 1000 if there is none or it is malformed.
func (a *NameAddr) Q() int {
	const whole = 1000
	v, ok := a.Params.Get("q")
	if !ok || len(v) == 0 || len(v) > len("0.123") || v[0] != '0' && v[0] != '1' {
		return whole
	}
	q := int(v[0]-'0') * whole
	if len(v) == 1 {
		return q
	}
	if v[1] != '.' || !all(v[2:], isDigit) {
		return whole
	}
	for i, weight := 2, whole/10; i < len(v); i, weight = i+1, weight/10 {
		q += int(v[i]-'0') * weight
	}
	return min(q, whole)
}

// Append writes the address anew from its decoded parts, always with angle brackets: display name (quoted,
// without control characters, and only if it is UTF-8), URI, tag and then the other parameters. An error means
// that a part can't be written safely; then dst is returned as it was.
func (a *NameAddr) Append(dst []byte) ([]byte, error) {
	start := len(dst)
	if a.Wildcard {
		return append(dst, '*'), nil
	}
	if len(a.Display) > 0 && utf8.Valid(a.Display) {
		var room [128]byte
		dst = append(appendQuoted(dst, AppendUnquoted(room[:0], a.Display)), ' ')
	}
	dst, err := a.URI.Append(append(dst, '<'))
	if err != nil {
		return dst[:start], err
	}
	dst = append(dst, '>')
	if len(a.Tag) > 0 {
		if !token(a.Tag) {
			return dst[:start], errTag
		}
		dst = append(append(dst, ";tag="...), a.Tag...)
	}
	end, err := scanParams(a.Params, 0)
	if err != nil || skipSpace(a.Params, end) != len(a.Params) {
		return dst[:start], errParams
	}
	for p := range a.Params.All() {
		if equalFold(p.Name, "tag") {
			continue
		}
		dst = appendParam(dst, p)
	}
	return dst, nil
}

// appendParam writes one checked parameter.
func appendParam(dst []byte, p Param) []byte {
	dst = append(append(dst, ';'), p.Name...)
	if !p.Valued {
		return dst
	}
	dst = append(dst, '=')
	if len(p.Value) > 0 && p.Value[0] == '"' {
		var room [128]byte
		return appendQuoted(dst, AppendUnquoted(room[:0], p.Value))
	}
	return append(dst, p.Value...)
}

// Clone gives a copy that owns its bytes.
func (a *NameAddr) Clone() NameAddr {
	c := *a
	c.Display = bytes.Clone(a.Display)
	c.URI = a.URI.Clone()
	c.Params = bytes.Clone(a.Params)
	c.Tag = bytes.Clone(a.Tag)
	c.Raw = bytes.Clone(a.Raw)
	return c
}

// String gives the address as Append writes it, for logs and tests; "" if it can't be written.
func (a *NameAddr) String() string {
	var room [textHint]byte
	b, err := a.Append(room[:0])
	if err != nil {
		return ""
	}
	return string(b)
}
