package digest

import (
	"crypto/sha256"
	"crypto/subtle"
	"slices"
)

// Result is what came of checking credentials.
type Result uint8

// The results. The zero Result is Wrong, so that a forgotten check is closed.
const (
	Wrong  Result = iota // not the owner of the secret, or not for this request
	Stale                // right, but with a nonce that is too old or a count that was used
	Accept               // right, and accepted this once
)

// Demand is what credentials have to answer.
type Demand struct {
	Method string
	Realm  string
	// SameURI says whether the digest-uri names the request's target. The
	// message layer knows how URIs compare.
	SameURI func(digestURI string) bool
	// Algorithms are those that this listener offers.
	Algorithms []Algorithm
	// WithoutQop accepts answers in the manner of RFC 2069, which can't tell
	// a replay.
	WithoutQop bool
}

// Verify checks credentials against the HA1 of their algorithm. It does the
// same work whatever is wrong, and for an unknown user the caller gives the
// HA1 of a user that nobody can be. Freshness of the nonce and its count are
// the business of Minter and Window, asked after Verify said Accept.
func Verify(c *Credentials, d Demand, ha1 Hash) bool {
	var want, got [2 * sha256.Size]byte
	expected := c.expected(ha1, d.Method).Append(want[:0])
	good := subtle.ConstantTimeCompare(expected, append(got[:0], c.Response...)) == 1
	good = good && c.Algorithm != None && ha1.algorithm == c.Algorithm
	good = good && c.Realm == d.Realm
	good = good && offered(d.Algorithms, c.Algorithm)
	good = good && (c.Qop == "auth" || c.Qop == "" && d.WithoutQop)
	return good && (d.SameURI == nil || d.SameURI(c.URI))
}

// offered reports whether a listener offers the algorithm: an answer with
// another one is a downgrade.
func offered(list []Algorithm, a Algorithm) bool {
	return slices.Contains(list, a)
}
