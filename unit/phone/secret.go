package phone

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/rand"
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
type hashes struct{ md5, sha256 string }

// hashSecret gives the hashes for a credential.
func hashSecret(user, realm, secret string) hashes {
	return hashes{digest.HA1(digest.MD5, user, realm, secret), digest.HA1(digest.SHA256, user, realm, secret)}
}

// of gives the hash for an algorithm, "" for one that is not spoken.
func (h hashes) of(a digest.Algorithm) string {
	switch a {
	case digest.MD5:
		return h.md5
	case digest.SHA256:
		return h.sha256
	default:
		return ""
	}
}

const (
	md5Text    = 32
	sha256Text = 64
)

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

// seal gives the sealed hashes.
func (s sealer) seal(p fact.Phone, h hashes) fact.Sealed {
	return s.aead.Seal(nil, nil, []byte(h.md5+h.sha256), bound(p))
}

// open gives the hashes back.
func (s sealer) open(p fact.Phone) (hashes, error) {
	b, err := s.aead.Open(nil, nil, p.SecretSealed, bound(p))
	if err != nil || len(b) != md5Text+sha256Text {
		return hashes{}, fmt.Errorf("%w: phone %s", ErrSealed, p.Device)
	}
	return hashes{string(b[:md5Text]), string(b[md5Text:])}, nil
}

// bound is what sealed hashes are bound to.
func bound(p fact.Phone) []byte {
	return []byte("phone\x00" + p.Device + "\x00" + p.User + "\x00" + p.Realm)
}
