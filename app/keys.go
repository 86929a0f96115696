package app

import (
	"crypto/rand"
	"encoding/base32"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"

	"github.com/sekisho/sekisho/app/control"
)

// The files of a data directory that app itself keeps.
const (
	sealKeyFile = "seal.key"     // opens the secrets in the database; mode 0600
	controlFile = "control.sock" // the control socket
	lockFile    = "lock"         // held by the unit that runs here
	spareFile   = "spare.db"     // what a unit on PostgreSQL starts on without its server
	adriftFile  = "adrift.db"    // the copy of it that it then runs on
	keyBytes    = 32
)

// openData makes the data directory, readable by its owner only.
func openData(dir string) error {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return control.NewProblem(control.ExitFailed, "cli.data.unusable", "cli.data.unusable.do", err)
	}
	probe, err := os.CreateTemp(dir, ".probe-*")
	if err != nil {
		return control.NewProblem(control.ExitFailed, "cli.data.unusable", "cli.data.unusable.do", err)
	}
	defer os.Remove(probe.Name())
	return probe.Close()
}

// lockData takes the data directory for this process until the file is closed
// (flock(2)).
func lockData(path string) (*os.File, error) {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, control.NewProblem(control.ExitFailed, "cli.data.unusable", "cli.data.unusable.do", err)
	}
	if err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
		dir := filepath.Dir(path)
		inUse := control.NewProblem(control.ExitConflict, "cli.data.inuse", "cli.data.inuse.do", dir)
		return nil, errors.Join(inUse, f.Close())
	}
	return f, nil
}

// sealKey reads the key that seals secrets in the database, or makes one for
// a new unit. A database without its key is not opened: its phones could not
// sign in, and nobody would know why.
func sealKey(dir string, founded bool) ([]byte, error) {
	path := filepath.Join(dir, sealKeyFile)
	b, err := os.ReadFile(path)
	switch {
	case err == nil && len(b) == keyBytes:
		return b, nil
	case err == nil:
		return nil, fmt.Errorf("%s: a key has %d bytes, not %d", path, keyBytes, len(b))
	case !errors.Is(err, fs.ErrNotExist):
		return nil, fmt.Errorf("seal key: %w", err)
	case !founded:
		return nil, fmt.Errorf("%s is missing: put it back, without it no phone can sign in", path)
	}
	b = random(keyBytes)
	if err := os.WriteFile(path, b, 0o600); err != nil {
		return nil, fmt.Errorf("seal key: %w", err)
	}
	return b, nil
}

func random(n int) []byte {
	b := make([]byte, n)
	if _, err := rand.Read(b); err != nil {
		panic("crypto/rand: " + err.Error()) // never fails since Go 1.24
	}
	return b
}

// word is random letters that can be read out: groups of four, without
// look-alikes.
func word(n int) string {
	const letters = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"
	s := base32.NewEncoding(letters).WithPadding(base32.NoPadding).EncodeToString(random(n))
	var groups []string
	for len(s) > 4 {
		groups, s = append(groups, s[:4]), s[4:]
	}
	return strings.Join(append(groups, s), "-")
}
