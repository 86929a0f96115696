package line

import (
	"crypto/aes"
	"crypto/cipher"
	"errors"
	"fmt"

	"github.com/sekisho/sekisho/fact"
	"github.com/sekisho/sekisho/text"
)

// KeyBytes is the length of the sealing key.
const KeyBytes = 32

// passwordMax is the longest password of a line.
const passwordMax = 256

// ErrSealed says that a sealed password can't be opened: the key file is not
// the one of this database, or a row was changed.
var ErrSealed = errors.New("sealed password does not open")

// sealer seals passwords for the database. What is sealed is bound to its
// line: copied to another one, with another registrar, it does not open.
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

// bound is what a sealed password is bound to: it is never sent to another
// carrier than it was meant for.
func bound(row fact.Line) []byte {
	return []byte("line\x00" + row.ID + "\x00" + row.User + "\x00" + row.Registrar)
}

// seal gives the sealed password.
func (s sealer) seal(row fact.Line, password string) (fact.Sealed, error) {
	if len(password) > passwordMax {
		return nil, text.Wrong(ErrSetting, "line.fault.password", passwordMax)
	}
	return s.aead.Seal(nil, nil, []byte(password), bound(row)), nil
}

// open gives the password back; a line without one has an empty one.
func (s sealer) open(row fact.Line) (string, error) {
	if len(row.SecretSealed) == 0 {
		return "", nil
	}
	b, err := s.aead.Open(nil, nil, row.SecretSealed, bound(row))
	if err != nil {
		return "", fmt.Errorf("%w: line %s", ErrSealed, row.ID)
	}
	return string(b), nil
}
