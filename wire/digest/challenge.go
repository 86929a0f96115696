package digest

import (
	"fmt"
	"strings"
)

// Challenge is the value of a WWW-Authenticate or Proxy-Authenticate header
// (RFC 7616 §3.3).
type Challenge struct {
	Realm     string
	Nonce     string
	Opaque    string
	Algorithm Algorithm // None when the header names one that is not spoken
	Stale     bool
	// QopAuth says that qop=auth is offered. A challenge that offers no qop
	// at all is of RFC 2069; one that offers only auth-int has QopOther.
	QopAuth  bool
	QopOther bool
}

// ParseChallenge reads the value of a challenge header.
func ParseChallenge(value string) (Challenge, error) {
	list, err := readScheme(value)
	if err != nil {
		return Challenge{}, err
	}
	c := Challenge{Algorithm: MD5}
	var realm, nonce bool
	for {
		p, ok, err := list.next()
		if err != nil {
			return Challenge{}, err
		}
		if !ok {
			break
		}
		switch p.name {
		case "realm":
			c.Realm, realm = p.value, true
		case "nonce":
			c.Nonce, nonce = p.value, true
		case "opaque":
			c.Opaque = p.value
		case "algorithm":
			c.Algorithm = ParseAlgorithm(p.value)
		case "stale":
			c.Stale = strings.EqualFold(p.value, "true")
		case "qop":
			c.readQop(p.value)
		}
	}
	if !realm || !nonce {
		return Challenge{}, fmt.Errorf("%w: challenge without realm or nonce", ErrSyntax)
	}
	return c, nil
}

// readQop reads the list of offered qualities of protection.
func (c *Challenge) readQop(list string) {
	for q := range strings.SplitSeq(list, ",") {
		if strings.EqualFold(strings.TrimSpace(q), "auth") {
			c.QopAuth = true
		} else {
			c.QopOther = true
		}
	}
}

// AppendTo writes the challenge as a header value, offering qop="auth".
func (c Challenge) AppendTo(dst []byte) []byte {
	start := len(dst)
	dst = append(dst, "Digest "...)
	body := dst[start:]
	body = appendQuoted(body, "realm", c.Realm)
	body = appendQuoted(body, "nonce", c.Nonce)
	if c.Opaque != "" {
		body = appendQuoted(body, "opaque", c.Opaque)
	}
	if c.Stale {
		body = appendPlain(body, "stale", "true")
	}
	body = appendPlain(body, "algorithm", c.Algorithm.String())
	if c.QopAuth {
		body = appendQuoted(body, "qop", "auth")
	}
	return append(dst[:start], body...)
}

// String gives the header value.
func (c Challenge) String() string { return string(c.AppendTo(nil)) }

// Choose takes the first challenge that can be answered: a server lists them
// in the order it prefers (RFC 8760 §2.4). ok is false when there is none.
func Choose(list []Challenge) (c Challenge, ok bool) {
	for _, c := range list {
		if c.Algorithm != None && (c.QopAuth || !c.QopOther) {
			return c, true
		}
	}
	return Challenge{}, false
}
