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

// Hash is what an algorithm makes of some bytes; headers and further hashes
// carry it as lower-case hexadecimal. The zero Hash is none.
type Hash struct {
	algorithm Algorithm
	sum       [sha256.Size]byte // MD5's is shorter
}

// size gives how many bytes an algorithm's hash has.
func (a Algorithm) size() int {
	switch a {
	case MD5:
		return md5.Size
	case SHA256:
		return sha256.Size
	default:
		return 0
	}
}

// HashOf makes a Hash of its bytes: 16 of MD5, 32 of SHA-256. Another number
// of them gives none.
func HashOf(a Algorithm, sum []byte) Hash {
	if a == None || len(sum) != a.size() {
		return Hash{}
	}
	h := Hash{algorithm: a}
	copy(h.sum[:], sum)
	return h
}

// Append writes the hash in hexadecimal; nothing for none.
func (h Hash) Append(dst []byte) []byte { return hex.AppendEncode(dst, h.sum[:h.algorithm.size()]) }

// String gives the hash in hexadecimal, "" for none.
func (h Hash) String() string { return string(h.Append(nil)) }

// Bytes gives the bytes of the hash, none for none.
func (h Hash) Bytes() []byte { return h.sum[:h.algorithm.size()] }

// sum gives the hash of b.
func (a Algorithm) sum(b []byte) Hash {
	h := Hash{algorithm: a}
	switch a {
	case MD5:
		sum := md5.Sum(b)
		copy(h.sum[:], sum[:])
	case SHA256:
		h.sum = sha256.Sum256(b)
	default:
		return Hash{}
	}
	return h
}

// hashedBytes is room for what is hashed: longer is rare, and lives elsewhere.
const hashedBytes = 512

// appendJoined writes parts with colons between them. Where something stands
// before them, an empty first part gives the colon after it.
func appendJoined(dst []byte, parts ...string) []byte {
	for i, p := range parts {
		if i > 0 {
			dst = append(dst, ':')
		}
		dst = append(dst, p...)
	}
	return dst
}

// HA1 is the hash of user, realm and password: all that a server has to
// know of a password (RFC 7616 §3.4.2). Who has it can sign in with it.
func HA1(a Algorithm, user, realm, password string) Hash {
	var room [hashedBytes]byte
	return a.sum(appendJoined(room[:0], user, realm, password))
}
