package app

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"syscall"

	"github.com/sekisho/sekisho/fact"
	"github.com/sekisho/sekisho/text"
)

// A unit whose disk takes nothing when it starts (full, read-only) still has
// to reach 110, 118 and 119 (invariant G6). It runs on a copy of its data in
// memory that takes no write either: the desk closes what is not emergency, as
// it does when the disk fails in mid-life, and nothing is opened, claimed or
// added. Started again with a disk that takes writes it is as before.

// errStranded is what every write of a stranded unit gets.
var errStranded = text.Wrong(nil, "system.stranded")

// memoryDir is where a stranded unit's copy goes first (tmpfs).
const memoryDir = "/dev/shm"

// strandedName begins the names of such copies.
const strandedName = "sekisho-stranded-"

// refuge copies a data directory that takes no writes, for a stranded unit. ok
// is false where there is no such file to run on, or the directory does take
// writes and so something else is wrong.
func refuge(data, file string) (dir string, ok bool) {
	if _, err := os.Stat(filepath.Join(data, file)); err != nil || takesWrites(data) {
		return "", false
	}
	for _, parent := range []string{memoryDir, os.TempDir()} {
		sweep(parent)
		dir, err := os.MkdirTemp(parent, strandedName)
		if err != nil {
			continue
		}
		if copyData(data, dir) == nil {
			return dir, true
		}
		_ = os.RemoveAll(dir) // the next place may do
	}
	return "", false
}

// sweep removes copies that a killed stranded unit left behind: there are keys
// in them. A copy whose lock is held is in use; what is not a folder of our
// own, for us alone, is not looked into.
func sweep(parent string) {
	left, err := filepath.Glob(filepath.Join(parent, strandedName+"*"))
	if err != nil {
		return // the pattern is ours
	}
	for _, dir := range left {
		info, err := os.Lstat(dir)
		if err != nil || !info.IsDir() || info.Mode().Perm() != 0o700 {
			continue
		}
		if st, ok := info.Sys().(*syscall.Stat_t); !ok || int(st.Uid) != os.Geteuid() {
			continue
		}
		lock, err := lockData(filepath.Join(dir, lockFile))
		if err != nil {
			continue
		}
		_ = os.RemoveAll(dir) // tried again at the next such start
		_ = lock.Close()
	}
}

// takesWrites tries whether a directory takes as much as a start writes.
func takesWrites(data string) bool {
	f, err := os.CreateTemp(data, ".probe-*")
	if err != nil {
		return false
	}
	defer os.Remove(f.Name())
	defer f.Close()
	if _, err := f.Write(make([]byte, startBytes)); err != nil {
		return false
	}
	return f.Sync() == nil
}

// copyData copies the files of a data directory; there are no folders in it.
func copyData(from, to string) error {
	entries, err := os.ReadDir(from)
	if err != nil {
		return fmt.Errorf("copy: %w", err)
	}
	for _, e := range entries {
		if !e.Type().IsRegular() {
			continue
		}
		b, err := os.ReadFile(filepath.Join(from, e.Name()))
		if err != nil {
			return fmt.Errorf("copy: %w", err)
		}
		if err := os.WriteFile(filepath.Join(to, e.Name()), b, 0o600); err != nil {
			return fmt.Errorf("copy: %w", err)
		}
	}
	return nil
}

// Stranded tells where a unit runs whose data directory took no writes when
// it started, "" for a unit that is well.
func (a *App) Stranded() string { return a.stranded }

// fault makes every write of a unit on a copy fail once it is open.
func (a *App) fault(string) error {
	if a.adrift.Load() {
		return a.cut
	}
	return nil
}

// note writes what the unit itself has to say of its start and end. One on a
// copy can't, and goes on.
func (a *App) note(ctx context.Context, w fact.Write) error {
	err := a.commit(ctx, w)
	if err != nil && a.cut != nil {
		a.log.Warn("not written: the unit runs on a copy", "err", err)
		return nil
	}
	return err
}
