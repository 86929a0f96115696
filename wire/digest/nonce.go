package digest

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"time"
)

// NonceID names one nonce: when it was made, and its number among those of
// the same time. It orders nonces by age.
type NonceID struct {
	Issued uint64 // Unix milliseconds
	Serial uint64
}

// Before reports whether n is older than o.
func (n NonceID) Before(o NonceID) bool {
	return n.Issued < o.Issued || n.Issued == o.Issued && n.Serial < o.Serial
}

// Freshness is what a Minter says of a nonce.
type Freshness uint8

// The freshnesses. The zero Freshness is Foreign.
const (
	Foreign Freshness = iota // not made with this key for this realm and listener
	Old                      // ours, but past its life
	Fresh
)

const (
	nonceBody = 16
	nonceMAC  = 16
	nonceLen  = (nonceBody+nonceMAC)*4/3 + 1 // 43 characters of unpadded base64
)

// Minter makes nonces that carry their own proof, so that a challenge leaves
// no state behind (RFC 7616 §5.4). It is safe for concurrent use.
type Minter struct {
	key  []byte
	life time.Duration
}

// NewMinter makes a Minter. key must be 32 secret random bytes; nonces live
// for life.
func NewMinter(key []byte, life time.Duration) *Minter {
	return &Minter{key: append([]byte(nil), key...), life: life}
}

// Mint makes the nonce for a challenge. serial must differ between nonces
// made in the same millisecond; a counter does.
func (m *Minter) Mint(now time.Time, serial uint64, realm, listener string) string {
	var raw [nonceBody + nonceMAC]byte
	binary.BigEndian.PutUint64(raw[0:], uint64(now.UnixMilli()))
	binary.BigEndian.PutUint64(raw[8:], serial)
	m.sign(raw[nonceBody:nonceBody], raw[:nonceBody], realm, listener)
	return base64.RawURLEncoding.EncodeToString(raw[:])
}

// Check recognizes a nonce of its own and says how fresh it is.
func (m *Minter) Check(nonce string, now time.Time, realm, listener string) (NonceID, Freshness) {
	if len(nonce) != nonceLen {
		return NonceID{}, Foreign
	}
	var raw [nonceBody + nonceMAC]byte
	if n, err := base64.RawURLEncoding.Strict().Decode(raw[:], []byte(nonce)); err != nil || n != len(raw) {
		return NonceID{}, Foreign
	}
	var mac [nonceMAC]byte
	m.sign(mac[:0], raw[:nonceBody], realm, listener)
	if !hmac.Equal(mac[:], raw[nonceBody:]) {
		return NonceID{}, Foreign
	}
	id := NonceID{binary.BigEndian.Uint64(raw[0:]), binary.BigEndian.Uint64(raw[8:])}
	age := now.Sub(time.UnixMilli(int64(id.Issued)))
	if age > m.life || age < -ClockSkew {
		return id, Old
	}
	return id, Fresh
}

// sign appends the first half of the MAC over body, realm and listener. The
// lengths keep "a"+"bc" and "ab"+"c" apart.
func (m *Minter) sign(dst, body []byte, realm, listener string) {
	h := hmac.New(sha256.New, m.key)
	h.Write(body)
	h.Write([]byte{byte(len(realm) >> 8), byte(len(realm))})
	h.Write([]byte(realm))
	h.Write([]byte(listener))
	var sum [sha256.Size]byte
	copy(dst[:nonceMAC], h.Sum(sum[:0]))
}
