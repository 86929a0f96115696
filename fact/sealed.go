package fact

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
)

const sealedMark = "sha256:"

// Sealed is a secret sealed with a key that lives outside the database. It
// never appears in JSON, and so in no leaf: what is written instead is its
// mark, which lets evidence notice a secret that was exchanged.
type Sealed []byte

// Mark is "sha256:" and the hex digest of the sealed bytes; "" when empty.
func (s Sealed) Mark() string {
	switch {
	case len(s) == 0:
		return ""
	case bytes.HasPrefix(s, []byte(sealedMark)):
		return string(s)
	}
	sum := sha256.Sum256(s)
	return sealedMark + hex.EncodeToString(sum[:])
}

// MarshalJSON writes the mark.
func (s Sealed) MarshalJSON() ([]byte, error) { return json.Marshal(s.Mark()) }

// UnmarshalJSON reads a mark; the secret itself is gone, and Mark gives the
// same answer as before.
func (s *Sealed) UnmarshalJSON(data []byte) error {
	var mark string
	if err := json.Unmarshal(data, &mark); err != nil {
		return fmt.Errorf("sealed mark: %w", err)
	}
	*s = Sealed(mark)
	return nil
}

// String keeps sealed bytes out of logs and error texts.
func (s Sealed) String() string { return s.Mark() }
