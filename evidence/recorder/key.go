package recorder

import (
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/sekisho/sekisho/evidence/chain"
)

// ReadKey reads the unit's signing key from its file.
func ReadKey(path string) (*chain.Signer, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("evidence key: %w", err)
	}
	defer func() { _ = f.Close() }()
	secret, err := io.ReadAll(io.LimitReader(f, keyBytesMax))
	if err != nil {
		return nil, fmt.Errorf("evidence key %s: %w", path, err)
	}
	return chain.NewSigner(string(secret))
}

// OpenKey reads the unit's signing key, or founds it (mode 0600) where there
// is none; founded tells. The key says which unit it is for (Signer.Unit):
// where there is one already, its word counts, not the ID given here. A unit
// that has leaves already and finds no key has lost it: that is for the caller
// to notice.
func OpenKey(path, unit string) (s *chain.Signer, founded bool, err error) {
	s, err = ReadKey(path)
	if !errors.Is(err, fs.ErrNotExist) {
		return s, false, err
	}
	secret, _, err := chain.NewKey(rand.Reader, unit)
	if err != nil {
		return nil, false, err
	}
	if err := replace(path, []byte(secret+"\n")); err != nil {
		return nil, false, fmt.Errorf("evidence key: %w", err)
	}
	s, err = ReadKey(path)
	return s, true, err
}

// FileAnchor keeps the latest checkpoint in a file.
func FileAnchor(path string) func(note []byte) error {
	return func(note []byte) error { return replace(path, note) }
}

// ErrRolledBack says that the log is older than the checkpoint kept beside it:
// somebody put an earlier state of the database back, and what was removed
// since (openings, phones) is there again.
var ErrRolledBack = errors.New("evidence log is older than its anchored checkpoint")

// CheckAnchor compares the log, before anything is added to it, with the
// checkpoint that FileAnchor keeps. No anchor is no error.
func CheckAnchor(path string, s *chain.Signer, head chain.Head) error {
	f, err := os.Open(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("anchored checkpoint: %w", err)
	}
	defer func() { _ = f.Close() }()
	note, err := io.ReadAll(io.LimitReader(f, noteBytesMax))
	if err != nil {
		return fmt.Errorf("anchored checkpoint: %w", err)
	}
	v, err := chain.NewVerifier(s.Public())
	if err != nil {
		return err
	}
	c, err := v.Open(note)
	switch {
	case err != nil:
		return fmt.Errorf("anchored checkpoint: %w", err)
	case c.Size > head.Size || (c.Size == head.Size && c.Root != head.Root):
		return fmt.Errorf("%w: %d leaves, %d were signed", ErrRolledBack, head.Size, c.Size)
	}
	return nil
}

// replace writes a file so that after a crash it has either content, whole.
func replace(path string, content []byte) (err error) {
	dir := filepath.Dir(path)
	f, err := os.CreateTemp(dir, filepath.Base(path)+".*") // mode 0600
	if err != nil {
		return fmt.Errorf("replace %s: %w", path, err)
	}
	defer func() {
		if err != nil {
			err = errors.Join(fmt.Errorf("replace %s: %w", path, err), os.Remove(f.Name()))
		}
	}()
	_, err = f.Write(content)
	if err = errors.Join(err, f.Sync(), f.Close()); err != nil {
		return err
	}
	if err = os.Rename(f.Name(), path); err != nil {
		return err
	}
	d, err := os.Open(dir)
	if err != nil {
		return nil //nolint:nilerr // the rename is done; only its syncing is not possible
	}
	defer func() { _ = d.Close() }()
	_ = d.Sync()
	return nil
}
