package phone

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/md5" // #nosec: RFC 7616 names it, and most desk phones know no other
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"strings"

	"github.com/sekisho/sekisho/fact"
	"github.com/sekisho/sekisho/wire/digest"
)

// KeyBytes is the length of the sealing key and of the nonce key.
const KeyBytes = 32

// ErrSealed says that a sealed secret can't be opened: the key file is not
// the one of this database, or a row was changed.
var ErrSealed = errors.New("sealed secret does not open")

// alphabet has no letters that look like a digit or like each other: people
// type secrets into phones by their keys.
const alphabet = "0123456789abcdefghjkmnpqrstvwxyz"

const (
	secretGroups = 7
	secretGroup  = 4 // characters of 5 bits: 140 bits in all
)

// newSecret makes a secret of 140 random bits, in groups.
func newSecret() (string, error) {
	var raw [secretGroups * secretGroup]byte
	if _, err := rand.Read(raw[:]); err != nil {
		return "", fmt.Errorf("make secret: %w", err)
	}
	var b strings.Builder
	for i, r := range raw {
		if i > 0 && i%secretGroup == 0 {
			b.WriteByte('-')
		}
		b.WriteByte(alphabet[r%32])
	}
	return b.String(), nil
}

// hashes are all that is kept of a secret.
type hashes struct {
	md5    [md5.Size]byte
	sha256 [sha256.Size]byte
}

// hashSecret gives the hashes for a credential.
func hashSecret(user, realm, secret string) (h hashes) {
	copy(h.md5[:], digest.HA1(digest.MD5, user, realm, secret).Bytes())
	copy(h.sha256[:], digest.HA1(digest.SHA256, user, realm, secret).Bytes())
	return h
}

// of gives the hash for an algorithm, none for one that is not spoken.
func (h *hashes) of(a digest.Algorithm) digest.Hash {
	switch a {
	case digest.MD5:
		return digest.HashOf(a, h.md5[:])
	case digest.SHA256:
		return digest.HashOf(a, h.sha256[:])
	default:
		return digest.Hash{}
	}
}

// sealer seals hashes for the database. What is sealed is bound to its phone:
// a row copied to another phone does not open.
type sealer struct{ aead cipher.AEAD }

// newSealer makes a sealer of a key.
func newSealer(key []byte) (sealer, error) {
	if len(key) != KeyBytes {
		return sealer{}, fmt.Errorf("sealing key has %d bytes, not %d", len(key), KeyBytes)
	}
	block, err := aes.NewCipher(key)
	if err != nil {
		return sealer{}, fmt.Errorf("sealing key: %w", err)
	}
	aead, err := cipher.NewGCMWithRandomNonce(block)
	if err != nil {
		return sealer{}, fmt.Errorf("sealing key: %w", err)
	}
	return sealer{aead}, nil
}

// seal gives the sealed hashes, which are sealed as hexadecimal text.
func (s sealer) seal(p fact.Phone, h hashes) fact.Sealed {
	text := hex.AppendEncode(hex.AppendEncode(nil, h.md5[:]), h.sha256[:])
	return s.aead.Seal(nil, nil, text, bound(p))
}

// open gives the hashes back.
func (s sealer) open(p fact.Phone) (h hashes, err error) {
	text, err := s.aead.Open(nil, nil, p.SecretSealed, bound(p))
	var raw [md5.Size + sha256.Size]byte
	if err != nil || len(text) != hex.EncodedLen(len(raw)) {
		return hashes{}, fmt.Errorf("%w: phone %s", ErrSealed, p.Device)
	}
	if _, err := hex.Decode(raw[:], text); err != nil {
		return hashes{}, fmt.Errorf("%w: phone %s", ErrSealed, p.Device)
	}
	copy(h.md5[:], raw[:])
	copy(h.sha256[:], raw[md5.Size:])
	return h, nil
}

// bound is what sealed hashes are bound to.
func bound(p fact.Phone) []byte {
	return []byte("phone\x00" + p.Device + "\x00" + p.User + "\x00" + p.Realm)
}
