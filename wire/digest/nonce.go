package digest

import (
	"bytes"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"hash"
	"sync"
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
	life time.Duration
	macs sync.Pool // of *mac: making one anew costs more than using it
}

// mac is a keyed hash and room for what goes into it and comes out.
type mac struct {
	hash hash.Hash
	room []byte
}

// NewMinter makes a Minter. key must be 32 secret random bytes; nonces live
// for life.
func NewMinter(key []byte, life time.Duration) *Minter {
	own := bytes.Clone(key)
	return &Minter{life: life, macs: sync.Pool{New: func() any { return &mac{hash: hmac.New(sha256.New, own)} }}}
}

// Mint makes the nonce for a challenge. serial must differ between nonces
// made in the same millisecond; a counter does.
func (m *Minter) Mint(now time.Time, serial uint64, realm, listener string) string {
	var raw [nonceBody + nonceMAC]byte
	binary.BigEndian.PutUint64(raw[0:], uint64(now.UnixMilli()))
	binary.BigEndian.PutUint64(raw[8:], serial)
	proof := m.sign(raw[:nonceBody], realm, listener)
	copy(raw[nonceBody:], proof[:])
	var text [nonceLen]byte
	base64.RawURLEncoding.Encode(text[:], raw[:])
	return string(text[:])
}

// Check recognizes a nonce of its own and says how fresh it is.
func (m *Minter) Check(nonce string, now time.Time, realm, listener string) (NonceID, Freshness) {
	if len(nonce) != nonceLen {
		return NonceID{}, Foreign
	}
	var text [nonceLen]byte
	copy(text[:], nonce)
	var raw [nonceBody + nonceMAC]byte
	if n, err := base64.RawURLEncoding.Strict().Decode(raw[:], text[:]); err != nil || n != len(raw) {
		return NonceID{}, Foreign
	}
	proof := m.sign(raw[:nonceBody], realm, listener)
	if !hmac.Equal(proof[:], raw[nonceBody:]) {
		return NonceID{}, Foreign
	}
	id := NonceID{binary.BigEndian.Uint64(raw[0:]), binary.BigEndian.Uint64(raw[8:])}
	age := now.Sub(time.UnixMilli(int64(id.Issued)))
	if age > m.life || age < -ClockSkew {
		return id, Old
	}
	return id, Fresh
}

// sign gives the first half of the MAC over body, realm and listener. The
// length keeps "a"+"bc" and "ab"+"c" apart.
func (m *Minter) sign(body []byte, realm, listener string) (proof [nonceMAC]byte) {
	k := m.macs.Get().(*mac)
	defer m.macs.Put(k)
	b := append(k.room[:0], body...)
	b = binary.BigEndian.AppendUint16(b, uint16(len(realm)))
	b = append(append(b, realm...), listener...)
	k.hash.Reset()
	k.hash.Write(b)
	k.room = k.hash.Sum(b)
	copy(proof[:], k.room[len(b):])
	return proof
}
