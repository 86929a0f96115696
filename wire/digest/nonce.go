package digest

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"net/netip"
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
	Foreign   Freshness = iota // not made with this key for this realm and listener
	Old                        // ours, but past its life
	Elsewhere                  // as good as a fresh one, but made for another place
	Fresh
)

const (
	nonceBody  = 16
	nonceMAC   = 16 // of the body
	noncePlace = 8  // MAC of body and place
	nonceBytes = nonceBody + nonceMAC + noncePlace
	// NonceLen is the length of a Minter's nonces: unpadded base64.
	NonceLen = (nonceBytes*4 + 2) / 3
)

// Minter makes nonces that carry their own proof, so that a challenge leaves
// no state behind (RFC 7616 §5.4). It is of one realm and one listener, and
// safe for concurrent use.
//
// A nonce is Fresh at the place that it was made for, an IPv4 address or the
// /64 of an IPv6 one; the port may change, as it does behind NAT. So whoever
// shows one has heard a challenge there. A place that is not valid is one, too:
// that of no address.
type Minter struct {
	life       time.Duration
	key, place macKey
}

type macKey [sha256.Size]byte

// NewMinter makes the Minter of a realm and a listener. key must be 32 secret
// random bytes; nonces live for life.
func NewMinter(key []byte, life time.Duration, realm, listener string) *Minter {
	m := &Minter{life: life}
	mac := hmac.New(sha256.New, key)
	// The length keeps "a"+"bc" and "ab"+"c" apart.
	mac.Write(binary.BigEndian.AppendUint16(nil, uint16(len(realm))))
	mac.Write([]byte(realm + listener))
	mac.Sum(m.key[:0])
	mac = hmac.New(sha256.New, m.key[:])
	mac.Write([]byte("place"))
	mac.Sum(m.place[:0])
	return m
}

// nonceText is how a nonce is written: each has one spelling.
var nonceText = base64.RawURLEncoding.Strict()

// Append writes the nonce for a challenge, NonceLen characters. serial must
// differ between nonces made in the same millisecond; a counter does.
func (m *Minter) Append(dst []byte, now time.Time, serial uint64, place netip.Addr) []byte {
	var raw [nonceBytes]byte
	binary.BigEndian.PutUint64(raw[0:], uint64(now.UnixMilli()))
	binary.BigEndian.PutUint64(raw[8:], serial)
	body, proof, at := parts(&raw)
	m.key.sign(proof, body, netip.Addr{})
	m.place.sign(at, body, place)
	return nonceText.AppendEncode(dst, raw[:])
}

// parts are a nonce's body, its proof, and the proof of its place.
func parts(raw *[nonceBytes]byte) (body, proof, at []byte) {
	return raw[:nonceBody], raw[nonceBody:][:nonceMAC], raw[nonceBody+nonceMAC:]
}

// Mint gives the nonce that Append writes.
func (m *Minter) Mint(now time.Time, serial uint64, place netip.Addr) string {
	var text [NonceLen]byte
	return string(m.Append(text[:0], now, serial, place))
}

// Check recognizes a nonce of its own, shown at a place, and says how fresh it
// is.
func (m *Minter) Check(nonce string, now time.Time, place netip.Addr) (NonceID, Freshness) {
	if len(nonce) != NonceLen {
		return NonceID{}, Foreign
	}
	var text [NonceLen]byte
	copy(text[:], nonce)
	var raw [nonceBytes]byte
	if n, err := nonceText.Decode(raw[:], text[:]); err != nil || n != len(raw) {
		return NonceID{}, Foreign
	}
	body, proof, at := parts(&raw)
	if !m.key.signed(proof, body, netip.Addr{}) {
		return NonceID{}, Foreign
	}
	id := NonceID{binary.BigEndian.Uint64(raw[0:]), binary.BigEndian.Uint64(raw[8:])}
	age := now.Sub(time.UnixMilli(int64(id.Issued)))
	if age > m.life || age < -ClockSkew {
		return id, Old
	}
	if !m.place.signed(at, body, place) {
		return id, Elsewhere
	}
	return id, Fresh
}

// sign writes the proof of a body and a place: the beginning, half at most, of
// the hash of key, body and place. Half of a hash does not let anybody go on from
// it to a longer text's, which is what HMAC prevents at four times the work; and
// with an IPv4 address all of it fits into one block.
func (k *macKey) sign(proof, body []byte, place netip.Addr) {
	var room [sha256.Size + nonceBody + placeMax]byte
	block := append(append(room[:0], k[:]...), body...)
	switch place = place.Unmap(); {
	case place.Is4():
		a := place.As4()
		block = append(block, a[:]...)
	case place.Is6():
		a := place.As16()
		block = append(block, a[:placeMax]...)
	}
	sum := sha256.Sum256(block)
	copy(proof, sum[:sha256.Size/2])
}

// signed reports whether a proof is that of a body and a place.
func (k *macKey) signed(proof, body []byte, place netip.Addr) bool {
	var want [nonceMAC]byte
	k.sign(want[:len(proof)], body, place)
	return hmac.Equal(want[:len(proof)], proof)
}

// placeMax is what counts of an IPv6 address: the /64 that one customer gets.
const placeMax = 8
