package digest

import (
	"crypto/md5" // #nosec: RFC 7616 names it, and most desk phones know no other
	"crypto/sha256"
	"encoding/hex"
	"strings"
)

// Algorithm is a digest algorithm. The zero Algorithm is none.
type Algorithm uint8

// The algorithms that are spoken (RFC 8760 §2).
const (
	None Algorithm = iota
	MD5
	SHA256
)

// String gives the name as it stands in headers.
func (a Algorithm) String() string {
	switch a {
	case MD5:
		return "MD5"
	case SHA256:
		return "SHA-256"
	default:
		return "none"
	}
}

// ParseAlgorithm reads an algorithm's name, in any case. An absent name means
// MD5 (RFC 7616 §3.3); a name that is not spoken gives None.
func ParseAlgorithm(name string) Algorithm {
	switch {
	case name == "", strings.EqualFold(name, "MD5"):
		return MD5
	case strings.EqualFold(name, "SHA-256"):
		return SHA256
	default:
		return None
	}
}

// hash gives the lower-case hexadecimal digest of the parts joined by colons.
func (a Algorithm) hash(parts ...string) string {
	n := len(parts)
	for _, p := range parts {
		n += len(p)
	}
	buf := make([]byte, 0, n)
	for i, p := range parts {
		if i > 0 {
			buf = append(buf, ':')
		}
		buf = append(buf, p...)
	}
	switch a {
	case MD5:
		sum := md5.Sum(buf)
		return hex.EncodeToString(sum[:])
	case SHA256:
		sum := sha256.Sum256(buf)
		return hex.EncodeToString(sum[:])
	default:
		return ""
	}
}

// HA1 is the hash of user, realm and password: all that a server has to
// know of a password (RFC 7616 §3.4.2). Who has it can sign in with it.
func HA1(a Algorithm, user, realm, password string) string {
	return a.hash(user, realm, password)
}
