package archive

import (
	"cmp"
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"maps"
	"os"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/sekisho/sekisho/fact"
)

// Config is what an archive is made of.
type Config struct {
	Dir       string // made where it is not there
	Committer fact.Committer
	Days      int   // that a recording is kept; 0: until somebody deletes it
	BytesMax  int64 // of all recordings
	Log       *slog.Logger
}

// The errors of an archive.
var (
	ErrNone    = errors.New("no such recording")
	ErrRunning = errors.New("the call is still being recorded")
	ErrChanged = errors.New("the file is not what was recorded")
	ErrFull    = errors.New("no room for recordings")
)

// file is what an archive writes to.
type file interface {
	io.WriterAt
	io.ReaderAt
	Truncate(size int64) error
	Sync() error
	Close() error
}

// Archive is the recordings of a unit.
type Archive struct {
	cfg    Config
	log    *slog.Logger
	root   *os.Root
	wake   chan struct{}
	create func(name string) (file, error)
	free   func() (bytes int64, err error) // on the disk

	low  atomic.Bool  // the disk is nearly full
	lost atomic.Int64 // bytes that it was too slow for

	mu     sync.Mutex
	kept   map[string]fact.Recording // by ID
	reels  map[string]*Reel          // that are being made
	opened map[string]*opened        // by ticket
	bytes  int64                     // of all files
	closed bool
}

// Open takes the archive in dir, of which rows is what the evidence says, and puts in
// order what a process left that died.
func Open(ctx context.Context, cfg Config, rows []fact.Recording) (*Archive, error) {
	if err := os.MkdirAll(cfg.Dir, 0o700); err != nil {
		return nil, fmt.Errorf("recordings: %w", err)
	}
	root, err := os.OpenRoot(cfg.Dir)
	if err != nil {
		return nil, fmt.Errorf("recordings: %w", err)
	}
	a := &Archive{
		cfg: cfg, log: cfg.Log, root: root, wake: make(chan struct{}, 1),
		kept: make(map[string]fact.Recording), reels: make(map[string]*Reel), opened: make(map[string]*opened),
	}
	a.create = func(name string) (file, error) {
		return root.OpenFile(name, os.O_CREATE|os.O_EXCL|os.O_RDWR, 0o600)
	}
	a.free = func() (int64, error) {
		var s syscall.Statfs_t
		if err := syscall.Statfs(cfg.Dir, &s); err != nil {
			return 0, err
		}
		return int64(s.Bavail) * s.Bsize, nil
	}
	a.measure()
	for _, r := range rows {
		a.kept[r.ID] = r
		a.bytes += r.Bytes
	}
	if err := a.tidy(ctx); err != nil {
		return nil, errors.Join(err, root.Close())
	}
	return a, nil
}

// measure looks how much the disk has left.
func (a *Archive) measure() {
	free, err := a.free()
	if low := err != nil || free < DiskLeast; low != a.low.Swap(low) {
		a.log.Warn("room on the disk for recordings of calls", "room", !low, "free", free, "error", err)
	}
}

// State is an archive at a glance.
type State struct {
	Making int   // calls that are recorded now
	Kept   int   // recordings
	Bytes  int64 // of their files
	Full   bool  // no more are made: BytesMax is reached, or the disk is nearly full
	// Lost is how much was left out since the start because the disk was too slow.
	Lost time.Duration
}

// State is the archive now.
func (a *Archive) State() State {
	a.mu.Lock()
	defer a.mu.Unlock()
	return State{
		Making: len(a.reels), Kept: len(a.kept) - len(a.reels), Bytes: a.bytes, Full: a.full(),
		Lost: time.Duration(a.lost.Load()) * time.Second / bytesPerSecond,
	}
}

// Close lets go of the directory. Run must have ended.
func (a *Archive) Close() error {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.closed = true
	for _, o := range a.opened {
		_ = o.file.Close()
	}
	clear(a.opened)
	return a.root.Close()
}

// part is how the names of files end whose beginning is not on record yet.
const part = ".part"

// tidy ends recordings in which a process died, and removes what never was on record. A
// file that was, and that the evidence does not know, is left: the database may be an
// older one.
func (a *Archive) tidy(ctx context.Context) error {
	known := make(map[string]bool)
	for _, r := range a.List() {
		known[r.File], known[r.File+part] = true, true
		if !r.Ended.IsZero() {
			continue
		}
		if err := a.mend(ctx, r); err != nil {
			a.log.Error("a recording in which the process died is not put in order", "recording", r.ID, "error", err)
		}
	}
	entries, err := os.ReadDir(a.cfg.Dir)
	if err != nil {
		return fmt.Errorf("recordings: %w", err)
	}
	for _, e := range entries {
		switch name := e.Name(); {
		case known[name]:
		case strings.HasSuffix(name, part):
			if err := a.root.Remove(name); err != nil {
				return fmt.Errorf("recordings: %w", err)
			}
		default:
			a.log.Error("the evidence does not know a recording: it is left where it is", "directory", a.cfg.Dir)
		}
	}
	return nil
}

// mend ends a recording that nobody ended.
func (a *Archive) mend(ctx context.Context, r fact.Recording) error {
	if err := a.root.Rename(r.File+part, r.File); err != nil && !errors.Is(err, os.ErrNotExist) {
		return err
	}
	f, err := a.root.OpenFile(r.File, os.O_RDWR, 0)
	if errors.Is(err, os.ErrNotExist) {
		return a.gone(ctx, r.ID, byUnit)
	}
	if err != nil {
		return err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return err
	}
	sound := max(0, info.Size()-headerBytes) / channels * channels
	end, err := finish(f, sound)
	if err != nil {
		return err
	}
	end.ID, end.Why = r.ID, fact.RecordingInterrupted
	return a.end(ctx, end)
}

// byUnit is who deletes what was kept as long as set.
const byUnit = "unit"

// List gives the recordings, the oldest first.
func (a *Archive) List() []fact.Recording {
	a.mu.Lock()
	defer a.mu.Unlock()
	return slices.SortedFunc(maps.Values(a.kept), func(x, y fact.Recording) int {
		return cmp.Or(strings.Compare(x.ID, y.ID))
	})
}

// commit writes a fact and waits until it is on disk.
func (a *Archive) commit(ctx context.Context, f fact.Fact) error {
	done := make(chan error, 1)
	a.cfg.Committer.Commit(fact.Write{Facts: []fact.Fact{f}}, func(err error) { done <- err })
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), commitTimeMax)
	defer cancel()
	select {
	case err := <-done:
		return err
	case <-ctx.Done():
		return fmt.Errorf("not written in time: %w", ctx.Err())
	}
}

// Delete removes a recording.
func (a *Archive) Delete(ctx context.Context, id, by string) error {
	a.mu.Lock()
	r, ok := a.kept[id]
	a.mu.Unlock()
	switch {
	case !ok:
		return ErrNone
	case r.Ended.IsZero():
		return ErrRunning
	}
	if err := a.root.Remove(r.File); err != nil && !errors.Is(err, os.ErrNotExist) {
		return fmt.Errorf("remove recording: %w", err)
	}
	return a.gone(ctx, id, by)
}

// gone writes that a recording has no file any more.
func (a *Archive) gone(ctx context.Context, id, by string) error {
	if err := a.commit(ctx, fact.RecordingDeleted{ID: id, By: by, At: time.Now().UTC()}); err != nil {
		return err
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	a.bytes -= a.kept[id].Bytes
	delete(a.kept, id)
	return nil
}

// expire deletes what was kept as long as set.
func (a *Archive) expire(ctx context.Context, now time.Time) {
	if a.cfg.Days <= 0 {
		return
	}
	for _, r := range a.List() {
		if r.Ended.IsZero() || now.Before(r.Ended.AddDate(0, 0, a.cfg.Days)) {
			continue
		}
		if err := a.Delete(ctx, r.ID, byUnit); err != nil {
			a.log.Error("a recording is kept longer than set", "recording", r.ID, "error", err)
		}
	}
}

// random is a word that nobody guesses.
func random(bytes int) string {
	b := make([]byte, bytes)
	_, _ = rand.Read(b) // never fails (crypto/rand)
	return hex.EncodeToString(b)
}
