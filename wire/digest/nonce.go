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
	Foreign Freshness = iota // not made with this key for this realm, listener and place
	Old                      // ours, but past its life
	Fresh
)

const (
	nonceBody = 16
	nonceMAC  = 16
	// NonceLen is the length of a Minter's nonces: unpadded base64.
	NonceLen = (nonceBody+nonceMAC)*4/3 + 1
)

// Minter makes nonces that carry their own proof, so that a challenge leaves
// no state behind (RFC 7616 §5.4). It is of one realm and one listener, and
// safe for concurrent use.
//
// A nonce is good at the place that it was made for, an IPv4 address or the
// /64 of an IPv6 one; the port may change, as it does behind NAT. So whoever
// shows one has heard a challenge there. A place that is not valid is one, too:
// that of no address.
type Minter struct {
	life time.Duration
	key  [sha256.Size]byte
}

// NewMinter makes the Minter of a realm and a listener. key must be 32 secret
// random bytes; nonces live for life.
func NewMinter(key []byte, life time.Duration, realm, listener string) *Minter {
	m := &Minter{life: life}
	mac := hmac.New(sha256.New, key)
	// The length keeps "a"+"bc" and "ab"+"c" apart.
	mac.Write(binary.BigEndian.AppendUint16(nil, uint16(len(realm))))
	mac.Write([]byte(realm + listener))
	mac.Sum(m.key[:0])
	return m
}

// nonceText is how a nonce is written: each has one spelling.
var nonceText = base64.RawURLEncoding.Strict()

// Append writes the nonce for a challenge, NonceLen characters. serial must
// differ between nonces made in the same millisecond; a counter does.
func (m *Minter) Append(dst []byte, now time.Time, serial uint64, place netip.Addr) []byte {
	var raw [nonceBody + nonceMAC]byte
	binary.BigEndian.PutUint64(raw[0:], uint64(now.UnixMilli()))
	binary.BigEndian.PutUint64(raw[8:], serial)
	proof := m.sign(raw[:nonceBody], place)
	copy(raw[nonceBody:], proof[:])
	return nonceText.AppendEncode(dst, raw[:])
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
	var raw [nonceBody + nonceMAC]byte
	if n, err := nonceText.Decode(raw[:], text[:]); err != nil || n != len(raw) {
		return NonceID{}, Foreign
	}
	proof := m.sign(raw[:nonceBody], place)
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

// sign gives the proof of a body and a place: half of the hash of key, body and
// place. Half of a hash does not let anybody go on from it to a longer text's,
// which is what HMAC prevents at four times the work; and with an IPv4 address
// all of it fits into one block.
func (m *Minter) sign(body []byte, place netip.Addr) (proof [nonceMAC]byte) {
	var room [sha256.Size + nonceBody + placeMax]byte
	block := append(append(room[:0], m.key[:]...), body...)
	switch place = place.Unmap(); {
	case place.Is4():
		a := place.As4()
		block = append(block, a[:]...)
	case place.Is6():
		a := place.As16()
		block = append(block, a[:placeMax]...)
	}
	sum := sha256.Sum256(block)
	copy(proof[:], sum[:])
	return proof
}

// placeMax is what counts of an IPv6 address: the /64 that one customer gets.
const placeMax = 8
