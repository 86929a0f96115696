package prover

import (
	"crypto/hmac"
	"crypto/sha256"
	"crypto/subtle"

	"golang.org/x/crypto/argon2"
)

// first names how the hashes are made of which a sealed PIN begins with it.
const first = 1

// hash makes of a PIN what is kept: how it was made, salt and hash.
func (p *Prover) hash(extension string, pin, salt []byte) []byte {
	mac := hmac.New(sha256.New, p.key)
	mac.Write([]byte(extension))
	mac.Write([]byte{0})
	mac.Write(pin)
	out := append([]byte{first}, salt...)
	return append(out, argon2.IDKey(mac.Sum(nil), salt, hashPasses, hashKiB, hashThreads, hashBytes)...)
}

// matches compares a PIN with what is kept, in constant time.
func (p *Prover) matches(extension string, pin, kept []byte) bool {
	if len(kept) != 1+saltBytes+hashBytes || kept[0] != first {
		return false
	}
	return subtle.ConstantTimeCompare(p.hash(extension, pin, kept[1:1+saltBytes]), kept) == 1
}

// keyOf makes the key of the hashes out of the unit's.
func keyOf(seal []byte) []byte {
	mac := hmac.New(sha256.New, seal)
	mac.Write([]byte("personal PINs"))
	return mac.Sum(nil)
}
