package digest

import (
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"strconv"
)

// Credentials is the value of an Authorization or Proxy-Authorization header
// (RFC 7616 §3.4).
type Credentials struct {
	Username  string
	Realm     string
	Nonce     string
	URI       string
	Response  string
	Opaque    string
	CNonce    string
	Algorithm Algorithm
	Qop       string // "auth", or "" for an answer in the manner of RFC 2069
	NC        uint32 // nonce count, 0 when there is none
}

// ParseCredentials reads the value of an Authorization header. What it gives
// are parts of the value, as far as nothing in them was escaped.
func ParseCredentials(value string) (Credentials, error) {
	list, err := readScheme(value)
	if err != nil {
		return Credentials{}, err
	}
	c := Credentials{Algorithm: MD5}
	required := 0
	for {
		p, ok, err := list.next()
		if err != nil {
			return Credentials{}, err
		}
		if !ok {
			break
		}
		needed, err := c.set(p)
		if err != nil {
			return Credentials{}, err
		}
		if needed {
			required++
		}
	}
	if required != 5 {
		return Credentials{}, fmt.Errorf("%w: credentials lack a required parameter", ErrSyntax)
	}
	if c.Qop != "" && (c.CNonce == "" || c.NC == 0) {
		return Credentials{}, fmt.Errorf("%w: qop without cnonce and nc", ErrSyntax)
	}
	return c, nil
}

// set takes one parameter, and reports whether it is one that all credentials
// need.
func (c *Credentials) set(p parameter) (needed bool, err error) {
	switch p.name {
	case "username":
		c.Username, needed = p.value, true
	case "realm":
		c.Realm, needed = p.value, true
	case "nonce":
		c.Nonce, needed = p.value, true
	case "uri":
		c.URI, needed = p.value, true
	case "response":
		c.Response, needed = lower(p.value), true
	case "opaque":
		c.Opaque = p.value
	case "cnonce":
		c.CNonce = p.value
	case "algorithm":
		c.Algorithm = ParseAlgorithm(p.value)
	case "qop":
		c.Qop = lower(p.value)
	case "nc":
		c.NC, err = parseCount(p.value)
	}
	return needed, err
}

// parseCount reads a nonce count: eight hexadecimal digits.
func parseCount(s string) (uint32, error) {
	n, err := strconv.ParseUint(s, 16, 32)
	if err != nil || len(s) != 8 {
		return 0, fmt.Errorf("%w: bad nc", ErrSyntax)
	}
	return uint32(n), nil
}

// AppendTo writes the credentials as a header value.
func (c Credentials) AppendTo(dst []byte) []byte {
	start := len(dst)
	dst = append(dst, "Digest "...)
	body := dst[start:]
	body = appendQuoted(body, "username", c.Username)
	body = appendQuoted(body, "realm", c.Realm)
	body = appendQuoted(body, "nonce", c.Nonce)
	body = appendQuoted(body, "uri", c.URI)
	body = appendQuoted(body, "response", c.Response)
	body = appendPlain(body, "algorithm", c.Algorithm.String())
	if c.Opaque != "" {
		body = appendQuoted(body, "opaque", c.Opaque)
	}
	if c.Qop != "" {
		body = appendPlain(body, "qop", c.Qop)
		body = appendCount(appendName(body, "nc"), c.NC)
		body = appendQuoted(body, "cnonce", c.CNonce)
	}
	return append(dst[:start], body...)
}

// String gives the header value.
func (c Credentials) String() string { return string(c.AppendTo(nil)) }

// expected gives the response that the owner of ha1 would have sent
// (RFC 7616 §3.4.1; RFC 2069 when there is no qop).
func (c *Credentials) expected(ha1 Hash, method string) Hash {
	var room [hashedBytes]byte
	ha2 := c.Algorithm.sum(appendJoined(room[:0], method, c.URI))
	b := append(appendJoined(ha1.Append(room[:0]), "", c.Nonce), ':')
	if c.Qop != "" {
		b = appendCount(b, c.NC)
		b = append(appendJoined(b, "", c.CNonce, c.Qop), ':')
	}
	return c.Algorithm.sum(ha2.Append(b))
}

// appendCount writes a nonce count: eight hexadecimal digits.
func appendCount(dst []byte, nc uint32) []byte {
	var b [4]byte
	binary.BigEndian.PutUint32(b[:], nc)
	return hex.AppendEncode(dst, b[:])
}

// Login is what a client signs in with. Password, or the HA1 of the
// challenge's algorithm, is used.
type Login struct {
	User     string
	Password string
}

// Answer makes the credentials for a challenge. cnonce must be fresh
// randomness of the caller, nc counts the requests sent with this nonce from
// 1. The challenge must be one that Choose would take.
func Answer(ch Challenge, login Login, method, uri, cnonce string, nc uint32) (Credentials, error) {
	if ch.Algorithm == None || (ch.QopOther && !ch.QopAuth) {
		return Credentials{}, fmt.Errorf("challenge of realm %q can't be answered", ch.Realm)
	}
	c := Credentials{
		Username: login.User, Realm: ch.Realm, Nonce: ch.Nonce, URI: uri,
		Opaque: ch.Opaque, Algorithm: ch.Algorithm,
	}
	if ch.QopAuth {
		c.Qop, c.CNonce, c.NC = "auth", cnonce, nc
	}
	c.Response = c.expected(HA1(c.Algorithm, login.User, ch.Realm, login.Password), method).String()
	return c, nil
}
