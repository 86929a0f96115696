package chain

import (
	"crypto/ed25519"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
	"unicode"

	"golang.org/x/mod/sumdb/note"

	"github.com/sekisho/sekisho/text"
)

// Checkpoint is a signed statement about the log at one size (C2SP
// tlog-checkpoint). As a fact.Row it is stored under its size.
type Checkpoint struct {
	Head
	Note []byte // the signed note as text
}

// Row names the table of checkpoints.
func (Checkpoint) Row() string { return "checkpoint" }

// Origin is the first line of a unit's checkpoints and the name of its key.
func Origin(unit string) string { return "unit/" + unit }

// NewKey makes a unit's Ed25519 key: the secret half to keep outside the
// database, the public half to verify with. Both are text of one line. The
// unit's ID becomes the key's name: no spaces and no plus signs.
func NewKey(rand io.Reader, unit string) (secret, public string, err error) {
	if unit == "" || strings.ContainsFunc(unit, func(r rune) bool { return r == '+' || unicode.IsSpace(r) }) {
		return "", "", fmt.Errorf("unit ID %q: it needs characters, but neither spaces nor plus signs", unit)
	}
	secret, public, err = note.GenerateKey(rand, Origin(unit))
	if err != nil {
		return "", "", fmt.Errorf("evidence key: %w", err)
	}
	return secret, public, nil
}

// Signer signs checkpoints.
type Signer struct {
	key    note.Signer
	public string
}

// NewSigner reads the secret half of a key.
func NewSigner(secret string) (*Signer, error) {
	secret = strings.TrimSpace(secret)
	key, err := note.NewSigner(secret)
	if err != nil {
		return nil, fmt.Errorf("evidence key: %w", err)
	}
	public, err := publicOf(secret)
	if err != nil {
		return nil, err
	}
	return &Signer{key: key, public: public}, nil
}

// publicOf derives the public half of a secret that note.NewSigner took.
func publicOf(secret string) (string, error) {
	parts := strings.SplitN(secret, "+", 5) // PRIVATE+KEY+name+hash+key
	raw, err := base64.StdEncoding.DecodeString(parts[len(parts)-1])
	if err != nil || len(parts) != 5 || len(raw) != 1+ed25519.SeedSize {
		return "", errors.New("evidence key: malformed")
	}
	half, ok := ed25519.NewKeyFromSeed(raw[1:]).Public().(ed25519.PublicKey)
	if !ok {
		return "", errors.New("evidence key: no Ed25519 key")
	}
	public, err := note.NewEd25519VerifierKey(parts[2], half)
	if err != nil {
		return "", fmt.Errorf("evidence key: %w", err)
	}
	return public, nil
}

// Public is the public half, for NewVerifier.
func (s *Signer) Public() string { return s.public }

// Unit is the unit that the key was made for.
func (s *Signer) Unit() string { return strings.TrimPrefix(s.key.Name(), Origin("")) }

// Sign makes a checkpoint of the head.
func (s *Signer) Sign(h Head) (Checkpoint, error) {
	text := s.key.Name() + "\n" + strconv.FormatUint(h.Size, 10) + "\n" + h.Root.String() + "\n"
	signed, err := note.Sign(&note.Note{Text: text}, s.key)
	if err != nil {
		return Checkpoint{}, fmt.Errorf("sign checkpoint: %w", err)
	}
	return Checkpoint{Head: h, Note: signed}, nil
}

// Verifier checks the signatures of checkpoints.
type Verifier struct{ key note.Verifier }

// NewVerifier reads the public half of a key.
func NewVerifier(public string) (*Verifier, error) {
	key, err := note.NewVerifier(strings.TrimSpace(public))
	if err != nil {
		return nil, fmt.Errorf("evidence public key: %w", err)
	}
	return &Verifier{key: key}, nil
}

var errCheckpoint = errors.New("not a checkpoint")

// Open checks a checkpoint's signature and reads it. Its error is a text.Fault.
func (v *Verifier) Open(signed []byte) (Checkpoint, error) {
	if len(signed) > checkpointsMax {
		return Checkpoint{}, text.Wrong(errCheckpoint, "evidence.checkpoint.forged")
	}
	n, err := note.Open(signed, note.VerifierList(v.key))
	if err != nil {
		return Checkpoint{}, text.Wrong(fmt.Errorf("%w: %w", errCheckpoint, err), "evidence.checkpoint.forged")
	}
	lines := strings.Split(n.Text, "\n")
	if len(lines) < 4 || lines[0] != v.key.Name() {
		return Checkpoint{}, text.Wrong(errCheckpoint, "evidence.checkpoint.form")
	}
	size, err := strconv.ParseUint(lines[1], 10, 63)
	if err != nil || strconv.FormatUint(size, 10) != lines[1] {
		return Checkpoint{}, text.Wrong(errCheckpoint, "evidence.checkpoint.form")
	}
	root, err := base64.StdEncoding.DecodeString(lines[2])
	if err != nil || len(root) != len(Hash{}) {
		return Checkpoint{}, text.Wrong(errCheckpoint, "evidence.checkpoint.form")
	}
	return Checkpoint{Head: Head{Size: size, Root: Hash(root)}, Note: signed}, nil
}
