package archive

import (
	"errors"
	"sync/atomic"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/sekisho/sekisho/fact"
)

// slow is a disk that takes what it is given when it is let to.
type slow struct {
	file
	gate chan struct{}
	err  error
}

func (s *slow) WriteAt(b []byte, at int64) (int, error) {
	<-s.gate
	if s.err != nil {
		return 0, s.err
	}
	return s.file.WriteAt(b, at)
}

// Whom the disk keeps waiting loses some of the recording, which is counted, and nothing
// of the call: Take never waits, and takes no more memory than is set.
func TestSlowDiskKeepsNobodyWaiting(t *testing.T) {
	var gate chan struct{}
	onDisk(t, Config{}, func(a *Archive) {
		gate = make(chan struct{})
		create := a.create
		a.create = func(name string) (file, error) {
			f, err := create(name)
			return &slow{file: f, gate: gate}, err
		}
	}, func(w *world) {
		r := w.begin()
		began := time.Now()
		if n := say(r, 40); n != 40*50 || time.Since(began) != 40*time.Second {
			t.Errorf("%d frames were taken in %v", n, time.Since(began))
		}
		r.mu.Lock()
		if len(r.waits) > ReelWaits || cap(r.waits) > 2*ReelWaits {
			t.Errorf("%d bytes wait", len(r.waits))
		}
		r.mu.Unlock()
		close(gate)
		time.Sleep(2 * time.Second)
		say(r, 2)
		r.Over()
		got := w.only()
		s := w.a.State()
		if s.Lost.Milliseconds() != int64(got.LostMS) || s.Kept != 1 || s.Making != 0 || s.Bytes != got.Bytes {
			t.Errorf("state: %+v", s)
		}
		if got.LostMS < 20_000 || got.LostMS > 26_000 || got.Seconds < 42-got.LostMS/1000-1 ||
			got.Seconds > 43-got.LostMS/1000 {
			t.Errorf("on record: %+v", got)
		}
	})
}

// A disk that takes nothing, or is nearly full, ends recordings and begins none.
func TestFullDiskEndsRecordings(t *testing.T) {
	var free atomic.Int64
	var broken atomic.Bool
	free.Store(DiskLeast)
	onDisk(t, Config{}, func(a *Archive) {
		create := a.create
		a.free = func() (int64, error) { return free.Load(), nil }
		a.create = func(name string) (file, error) {
			f, err := create(name)
			if broken.Load() {
				gate := make(chan struct{})
				close(gate)
				f = &slow{file: f, gate: gate, err: syscall.ENOSPC}
			}
			return f, err
		}
	}, func(w *world) {
		r := w.begin()
		say(r, 3)
		free.Add(-1)
		if n := say(r, 5); n == 5*50 {
			t.Error("it goes on on a full disk")
		}
		r.Over()
		if got := w.only(); got.Why != fact.RecordingFull || got.Seconds < 3 || got.SHA256 == "" {
			t.Errorf("on record: %+v", got)
		}
		if _, err := w.a.Begin(fact.Recording{}); !errors.Is(err, ErrFull) || !w.a.State().Full {
			t.Errorf("begun on a full disk: %v", err)
		}
		free.Add(1)
		time.Sleep(2 * time.Second)
		if err := w.a.Delete(t.Context(), r.id, "user:root"); err != nil {
			t.Fatal(err)
		}
		broken.Store(true)
		r = w.begin()
		if n := say(r, 5); n == 5*50 {
			t.Error("it goes on on a disk that takes nothing")
		}
		r.Over()
		synctest.Wait()
		if rows, names := w.b.rows(), entries(t, w.dir); len(rows) != 0 || len(names) != 0 || w.a.making() {
			t.Errorf("left: %+v, %q", rows, names)
		}
	})
}

// All recordings together are no larger than set, and no more are made at once than may be.
func TestRecordingsHaveALimit(t *testing.T) {
	inBubble(t, Config{BytesMax: 4 * bytesPerSecond}, func(w *world) {
		r := w.begin()
		if n := say(r, 10); n == 10*50 {
			t.Error("it goes on beyond the limit")
		}
		r.Over()
		if got := w.only(); got.Why != fact.RecordingFull || got.Bytes > 6*bytesPerSecond {
			t.Errorf("on record: %+v", got)
		}
		if _, err := w.a.Begin(fact.Recording{}); !errors.Is(err, ErrFull) {
			t.Errorf("begun beyond the limit: %v", err)
		}
	})
	inBubble(t, Config{}, func(w *world) {
		var reels []*Reel
		for range ReelsMax {
			reels = append(reels, w.begin())
		}
		if _, err := w.a.Begin(fact.Recording{}); !errors.Is(err, ErrFull) {
			t.Errorf("begun beyond the limit: %v", err)
		}
		for _, r := range reels {
			r.Over()
		}
		time.Sleep(2 * time.Second)
		if w.a.making() {
			t.Error("reels are left")
		}
	})
	inBubble(t, Config{}, func(w *world) {
		r := w.begin()
		r.mu.Lock()
		r.taken = int64(RecordingMax/time.Second)*bytesPerSecond - 320
		r.mu.Unlock()
		if n := say(r, 1); n != 0 {
			t.Error("it goes on for longer than it may")
		}
		r.Over()
		if got := w.only(); got.Why != fact.RecordingLong {
			t.Errorf("on record: %+v", got)
		}
	})
}
