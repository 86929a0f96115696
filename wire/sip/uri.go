package sip

import (
	"bytes"
	"errors"
	"iter"
)

// Scheme is the scheme of a URI.
type Scheme uint8

// The schemes that matter to a phone system. SchemeOther is any other well-formed one.
const (
	SchemeOther Scheme = iota
	SchemeSIP          // RFC 3261
	SchemeSIPS         // RFC 3261
	SchemeTel          // RFC 3966
)

// URI is one decoded URI. Its slices point into the bytes it was parsed from, except User where the user part
// had escapes. The zero value is no URI (see IsZero). To build one, fill in Scheme, User, Host and what else is
// needed; RawUser is not written.
type URI struct {
	Scheme Scheme
	// SchemeText is the scheme as written.
	SchemeText []byte
	// User is the user part (for tel: the subscriber number) with its escapes undone. It can hold any byte: see
	// UserHasControl. This is what is compared, judged and written again.
	User []byte
	// RawUser is the user part as received, escapes and all.
	RawUser []byte
	// HasUser tells "sip:@host", which is malformed, from "sip:host": it is true where there was an "@".
	HasUser bool
	// UserHasControl tells that User holds NUL or another control character (RFC 4475 §3.1.1.4): such a user
	// part is never a number and never a name to show.
	UserHasControl bool
	// Password is the text behind the ":" of the userinfo, escapes kept. It is never written again.
	Password []byte
	// Host is a name, an IPv4 address, or an IPv6 reference with its brackets. Of "sip:" and "sips:" only.
	Host []byte
	// Port is 0 where there was none.
	Port uint16
	// Params are the parameters from the first ";" on, "" if there are none.
	Params URIParams
	// Headers is what stands behind "?", checked, escapes kept.
	Headers []byte
	// Opaque is everything behind the colon, for SchemeOther.
	Opaque []byte
}

var (
	errURI       = errors.New("sip: malformed URI")
	errURIScheme = errors.New("sip: malformed URI scheme")
	errURIUser   = errors.New("sip: malformed user part of a URI")
	errURIHost   = errors.New("sip: malformed host of a URI")
	errURIPort   = errors.New("sip: malformed port of a URI")
	errURIParams = errors.New("sip: malformed URI parameters")
	errURIHeader = errors.New("sip: malformed headers of a URI")
)

// IsZero tells that this is no URI.
func (u *URI) IsZero() bool { return len(u.SchemeText) == 0 && u.Scheme == SchemeOther }

// IsSIP tells sip and sips from the rest.
func (u *URI) IsSIP() bool { return u.Scheme == SchemeSIP || u.Scheme == SchemeSIPS }

// ParseURI reads a whole URI, strictly (RFC 3261 §19.1.1, RFC 3966 §3). White space, angle brackets and control
// characters are never part of it. Of a scheme that is neither sip, sips nor tel only the characters are
// checked.
func ParseURI(b []byte) (URI, error) {
	var u URI
	err := u.parse(b)
	return u, err
}

// parse reads b into u.
func (u *URI) parse(b []byte) error {
	*u = URI{}
	colon := bytes.IndexByte(b, ':')
	if colon <= 0 || class[b[0]]&isAlpha == 0 {
		return errURIScheme
	}
	u.SchemeText = b[:colon]
	rest := b[colon+1:]
	switch {
	case equalFold(u.SchemeText, "sip"):
		u.Scheme = SchemeSIP
		return u.parseSIP(rest)
	case equalFold(u.SchemeText, "sips"):
		u.Scheme = SchemeSIPS
		return u.parseSIP(rest)
	case equalFold(u.SchemeText, "tel"):
		u.Scheme = SchemeTel
		return u.parseTel(rest)
	}
	u.Opaque = rest
	for _, c := range u.SchemeText {
		if class[c]&(isAlpha|isDigit) == 0 && c != '+' && c != '-' && c != '.' {
			return errURIScheme
		}
	}
	if len(rest) == 0 {
		return errURI
	}
	for _, c := range rest {
		// absoluteURI: printable ASCII; quotes, angle brackets and white space never.
		if c <= ' ' || c >= 0x7f || c == '<' || c == '>' || c == '"' {
			return errURI
		}
	}
	return nil
}

// parseSIP: [ userinfo "@" ] hostport uri-parameters [ headers ].
func (u *URI) parseSIP(b []byte) error {
	if at := bytes.IndexByte(b, '@'); at >= 0 {
		if err := u.parseUserinfo(b[:at]); err != nil {
			return err
		}
		b = b[at+1:]
	}
	n := hostEnd(b)
	host, port, err := parseHostPort(b[:n])
	if err != nil {
		return err
	}
	u.Host, u.Port = host, port
	b = b[n:]
	if q := bytes.IndexByte(b, '?'); q >= 0 {
		if u.Headers = b[q+1:]; !wellFormedHeaders(u.Headers) {
			return errURIHeader
		}
		b = b[:q]
	}
	if !wellFormedURIParams(b) {
		return errURIParams
	}
	u.Params = URIParams(b)
	return nil
}

// parseUserinfo: user [ ":" password ].
func (u *URI) parseUserinfo(b []byte) error {
	u.HasUser = true
	u.RawUser = b
	if before, after, ok := bytes.Cut(b, []byte{':'}); ok {
		u.RawUser, u.Password = before, after
		if well, _ := escapesWell(u.Password, isPassword); !well {
			return errURIUser
		}
	}
	return u.setUser(isUser)
}

// setUser checks RawUser and decodes it.
func (u *URI) setUser(bits uint16) error {
	well, escaped := escapesWell(u.RawUser, bits)
	if !well || len(u.RawUser) == 0 {
		return errURIUser
	}
	u.User = u.RawUser
	if escaped {
		u.User = AppendUnescaped(make([]byte, 0, len(u.RawUser)), u.RawUser)
		u.UserHasControl = nextControl(u.User, 0) < len(u.User)
	}
	return nil
}

// parseTel: a subscriber number and parameters (RFC 3966 §3). Which digits make sense is not judged here.
func (u *URI) parseTel(b []byte) error {
	n := bytes.IndexByte(b, ';')
	if n < 0 {
		n = len(b)
	}
	u.RawUser, u.HasUser = b[:n], true
	for i, c := range u.RawUser {
		hexdig := class[c]&isHex != 0 || c == '*' || c == '#'
		if !hexdig && c != '-' && c != '.' && c != '(' && c != ')' && (c != '+' || i != 0) {
			return errURIUser
		}
	}
	if len(u.RawUser) == 0 {
		return errURIUser
	}
	u.User = u.RawUser
	if !wellFormedURIParams(b[n:]) {
		return errURIParams
	}
	u.Params = URIParams(b[n:])
	return nil
}

// hostEnd gives the index behind host and port.
func hostEnd(b []byte) int {
	for i, c := range b {
		if c == ';' || c == '?' {
			return i
		}
	}
	return len(b)
}

// wellFormedHeaders: header *( "&" header ), header = hname "=" hvalue.
func wellFormedHeaders(b []byte) bool {
	for more := true; more; {
		var h []byte
		h, b, more = bytes.Cut(b, []byte("&"))
		name, value, ok := bytes.Cut(h, []byte("="))
		wellName, _ := escapesWell(name, isHeaderURI)
		wellValue, _ := escapesWell(value, isHeaderURI)
		if !ok || len(name) == 0 || !wellName || !wellValue {
			return false
		}
	}
	return true
}

// URIParams are the parameters of a URI as written, from the first ";" on. Names and values can be escaped.
type URIParams []byte

// wellFormedURIParams: *( ";" pname [ "=" pvalue ] ), no name twice (RFC 3261 §19.1.1).
func wellFormedURIParams(b []byte) bool {
	if len(b) == 0 {
		return true // before there is room for names, which most need not
	}
	if b[0] != ';' {
		return false
	}
	var names [MaxParams][]byte
	var sums [MaxParams]uint32
	n := 0
	for len(b) > 0 {
		var p Param
		p, b = cutURIParam(b)
		wellName, _ := escapesWell(p.Name, isParamChar)
		wellValue, _ := escapesWell(p.Value, isParamChar)
		if len(p.Name) == 0 || !wellName || !wellValue || n == MaxParams || p.Valued && len(p.Value) == 0 {
			return false
		}
		sum := sumEscaped(p.Name)
		for i, name := range names[:n] {
			if sums[i] == sum && equalEscaped(name, p.Name) {
				return false
			}
		}
		names[n], sums[n] = p.Name, sum
		n++
	}
	return true
}

// All walks over the parameters in their order, escapes kept.
func (p URIParams) All() iter.Seq[Param] {
	return func(yield func(Param) bool) {
		b := []byte(p)
		for len(b) > 0 {
			var one Param
			if one, b = cutURIParam(b); !yield(one) {
				return
			}
		}
	}
}

// cutURIParam cuts off the parameter whose semicolon b begins with.
func cutURIParam(b []byte) (one Param, rest []byte) {
	b = b[1:]
	n := bytes.IndexByte(b, ';')
	if n < 0 {
		n = len(b)
	}
	one.Name = b[:n]
	if i := bytes.IndexByte(b[:n], '='); i >= 0 {
		one.Name, one.Value, one.Valued = b[:i], b[i+1:n], true
	}
	return one, b[n:]
}

// Get finds a parameter; "%6C%72" is "lr" (RFC 4475 §3.1.1.3). Its value is as written, escapes kept.
func (p URIParams) Get(name string) (value []byte, ok bool) {
	for one := range p.All() {
		if equalEscapedText(one.Name, name) {
			return one.Value, true
		}
	}
	return nil, false
}

// equalEscapedText is equalEscaped for a plain text.
func equalEscapedText(a []byte, b string) bool {
	i, j := 0, 0
	for ; i < len(a) && j < len(b); j++ {
		var x byte
		if x, i = unescapedAt(a, i); x != b[j] && lower(x) != lower(b[j]) {
			return false
		}
	}
	return i == len(a) && j == len(b)
}

// Has tells whether there is such a parameter.
func (p URIParams) Has(name string) bool {
	_, ok := p.Get(name)
	return ok
}

// Header gives one of the headers that a URI carries ("?Replaces=…" in Refer-To), its escapes undone. The name is
// compared in any case. Nothing of it may be taken as said by the sender of the message (RFC 3261 §19.1.5).
func (u *URI) Header(name string) (value []byte, ok bool) {
	for h := range bytes.SplitSeq(u.Headers, []byte("&")) {
		n, v, _ := bytes.Cut(h, []byte("="))
		if len(n) > 0 && equalEscapedText(n, name) {
			return AppendUnescaped(nil, v), true
		}
	}
	return nil, false
}

// AppendURIParam writes ";name=value" (";name" if value is empty), escaping what needs it.
func AppendURIParam(dst URIParams, name, value string) URIParams {
	dst = appendEscaped(append(dst, ';'), []byte(name), isParamChar)
	if value == "" {
		return dst
	}
	return appendEscaped(append(dst, '='), []byte(value), isParamChar)
}

// Append writes the URI anew from its decoded parts, every byte that is not plain in its place escaped. The
// password is never written, and RawUser never is. A URI that can't be written safely gives an error, and then
// dst is returned as it was.
func (u *URI) Append(dst []byte) ([]byte, error) {
	start := len(dst)
	switch u.Scheme {
	case SchemeSIP:
		dst = append(dst, "sip:"...)
	case SchemeSIPS:
		dst = append(dst, "sips:"...)
	case SchemeTel:
		return u.appendTel(append(dst, "tel:"...), start)
	default:
		var check URI
		dst = append(append(append(dst, u.SchemeText...), ':'), u.Opaque...)
		// Of a copy: what reads a URI keeps hold of it, and then dst could not stand on a caller's stack.
		if err := check.parse(bytes.Clone(dst[start:])); err != nil || check.Scheme != SchemeOther {
			return dst[:start], errURI
		}
		return dst, nil
	}
	if len(u.User) > 0 {
		dst = append(appendEscaped(dst, u.User, isUser), '@')
	}
	if !wellFormedHost(u.Host) {
		return dst[:start], errURIHost
	}
	dst = appendHost(dst, u.Host)
	if u.Port != 0 {
		dst = appendUint(append(dst, ':'), uint64(u.Port))
	}
	if !wellFormedURIParams(u.Params) {
		return dst[:start], errURIParams
	}
	dst = append(dst, u.Params...)
	if len(u.Headers) > 0 {
		if !wellFormedHeaders(u.Headers) {
			return dst[:start], errURIHeader
		}
		dst = append(append(dst, '?'), u.Headers...)
	}
	return dst, nil
}

func (u *URI) appendTel(dst []byte, start int) ([]byte, error) {
	at := len(dst)
	dst = append(append(dst, u.User...), u.Params...)
	var check URI
	if err := check.parseTel(bytes.Clone(dst[at:])); err != nil || len(check.User) != len(u.User) {
		return dst[:start], errURIUser
	}
	return dst, nil
}

// String gives the URI as Append writes it, for logs and tests; "" if it can't be written.
func (u *URI) String() string {
	var room [textHint]byte
	b, err := u.Append(room[:0])
	if err != nil {
		return ""
	}
	return string(b)
}

// Clone gives a copy that owns its bytes.
func (u *URI) Clone() URI {
	c := *u
	c.SchemeText = bytes.Clone(u.SchemeText)
	c.User = bytes.Clone(u.User)
	c.RawUser = bytes.Clone(u.RawUser)
	c.Password = bytes.Clone(u.Password)
	c.Host = bytes.Clone(u.Host)
	c.Params = bytes.Clone(u.Params)
	c.Headers = bytes.Clone(u.Headers)
	c.Opaque = bytes.Clone(u.Opaque)
	return c
}
