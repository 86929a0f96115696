package archive

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/sekisho/sekisho/fact"
	"github.com/sekisho/sekisho/sim/ear"
)

// books keep what is committed.
type books struct {
	mu    sync.Mutex
	facts []fact.Fact
	fails bool
}

func (b *books) Commit(w fact.Write, done func(error)) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.fails {
		go done(errors.New("no disk"))
		return
	}
	b.facts = append(b.facts, w.Facts...)
	go done(nil)
}

func (b *books) fail(on bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.fails = on
}

func (b *books) rows() (rows []fact.Recording) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, f := range b.facts {
		at := func(id string) int {
			return slices.IndexFunc(rows, func(r fact.Recording) bool { return r.ID == id })
		}
		switch f := f.(type) {
		case fact.RecordingBegun:
			rows = append(rows, f.Recording)
		case fact.RecordingEnded:
			rows[at(f.ID)].End(f)
		case fact.RecordingRead:
			rows[at(f.ID)].Read(f)
		case fact.RecordingDeleted:
			rows = slices.Delete(rows, at(f.ID), at(f.ID)+1)
		}
	}
	return rows
}

// world is an archive in a bubble: time is virtual.
type world struct {
	t    *testing.T
	dir  string
	b    *books
	a    *Archive
	disk func(*Archive)
	stop func()
}

func inBubble(t *testing.T, cfg Config, run func(w *world)) {
	t.Helper()
	onDisk(t, cfg, func(*Archive) {}, run)
}

// onDisk is inBubble with another disk.
func onDisk(t *testing.T, cfg Config, disk func(*Archive), run func(w *world)) {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "recordings")
	synctest.Test(t, func(t *testing.T) {
		w := &world{t: t, dir: dir, b: &books{}, disk: disk}
		w.open(cfg)
		defer func() { w.stop() }()
		run(w)
	})
}

func (w *world) open(cfg Config) {
	w.t.Helper()
	cfg.Dir, cfg.Committer, cfg.Log = w.dir, w.b, slog.New(slog.DiscardHandler)
	if cfg.BytesMax == 0 {
		cfg.BytesMax = 1 << 30
	}
	a, err := Open(w.t.Context(), cfg, w.b.rows())
	if err != nil {
		w.t.Fatal(err)
	}
	w.disk(a)
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() { defer close(done); a.Run(ctx) }()
	w.a, w.stop = a, func() { cancel(); <-done; _ = a.Close() }
}

func (w *world) begin() *Reel {
	w.t.Helper()
	r, err := w.a.Begin(fact.Recording{
		Call: "c1", From: "0312345678", To: "201", By: "phone/201-1", Began: time.Now().UTC(),
	})
	if err != nil {
		w.t.Fatal(err)
	}
	return r
}

// say has two sides say a tone each for so long.
func say(r *Reel, seconds int) (taken int) {
	left, right := ear.ToMu(ear.Tone(8000, 500, -16, 1)), ear.ToMu(ear.Tone(8000, 1100, -16, 1))
	for range seconds {
		for i := 0; i < 8000; i += 160 {
			var both []byte
			for k := range 160 {
				both = append(both, left[i+k], right[i+k])
			}
			if !r.Take(both) {
				return taken
			}
			taken++
			time.Sleep(20 * time.Millisecond)
		}
	}
	return taken
}

func (w *world) only() fact.Recording {
	w.t.Helper()
	synctest.Wait()
	rows, kept := w.b.rows(), w.a.List()
	if len(rows) != 1 || len(kept) != 1 || rows[0] != kept[0] {
		w.t.Fatalf("on record %+v, kept %+v", rows, kept)
	}
	return rows[0]
}

// sides reads a file as a player does that knows nothing of us.
func sides(t *testing.T, b []byte) (left, right []int16) {
	t.Helper()
	if len(b) <= headerBytes {
		return nil, nil
	}
	pcm, rate, err := ear.ReadWAV(bytes.NewReader(b))
	if err != nil || rate != 8000 {
		t.Fatalf("%d bytes are no WAV: %v, %d Hz", len(b), err, rate)
	}
	other := slices.Clone(b) // the second channel
	copy(other[headerBytes:], b[headerBytes+1:])
	right, _, _ = ear.ReadWAV(bytes.NewReader(other))
	return pcm, right
}

func (w *world) fetch(ticket string) (all []byte) {
	w.t.Helper()
	for {
		b, err := w.a.Piece(ticket, "user:root", int64(len(all)))
		if err != nil {
			w.t.Fatal(err)
		}
		if b == nil {
			return all
		}
		all = append(all, b...)
	}
}

// What is said is in a file that others can't read and whose name says nothing; its hash
// is on record, and so is who is given it and who deletes it.
func TestRecordingIsKeptAndGiven(t *testing.T) {
	inBubble(t, Config{}, func(w *world) {
		r := w.begin()
		say(r, 3)
		r.Pause(true, "phone/201-1", time.Now())
		if _, _, err := w.a.Give(t.Context(), r.id, "user:root"); !errors.Is(err, ErrRunning) {
			t.Errorf("given while it runs: %v", err)
		}
		if err := w.a.Delete(t.Context(), r.id, "user:root"); !errors.Is(err, ErrRunning) {
			t.Errorf("deleted while it runs: %v", err)
		}
		r.Over()
		got := w.only()
		if got.Seconds != 3 || got.Why != fact.RecordingOver || got.Bytes != headerBytes+3*bytesPerSecond ||
			got.LostMS != 0 {
			t.Errorf("on record: %+v", got)
		}
		info, err := os.Stat(filepath.Join(w.dir, got.File))
		if err != nil || info.Mode() != 0o600 || len(got.File) != 32 || strings.Contains(got.File, got.ID[:8]) {
			t.Errorf("file %s: %v %v", got.File, info.Mode(), err)
		}
		if info, _ := os.Stat(w.dir); info.Mode().Perm() != 0o700 {
			t.Errorf("directory: %v", info.Mode())
		}
		given, ticket, err := w.a.Give(t.Context(), got.ID, "user:root")
		if err != nil || given.Reads != 1 || given.ReadBy != "user:root" {
			t.Fatalf("given %+v: %v", given, err)
		}
		if _, err := w.a.Piece(ticket, "user:other", 0); err == nil {
			t.Error("another one is given it with the ticket")
		}
		b := w.fetch(ticket)
		if sum := sha256.Sum256(b); hex.EncodeToString(sum[:]) != got.SHA256 {
			t.Error("the hash on record is another one")
		}
		left, right := sides(t, b)
		for side, pcm := range [][]int16{left, right} {
			want, other := 500.0, 1100.0
			if side == 1 {
				want, other = other, want
			}
			if l := ear.Level(pcm, 8000, want); l < -17 || l > -15 || ear.Level(pcm, 8000, other) > -50 {
				t.Errorf("side %d: %.1f dBm0 of its own, %.1f of the other", side, l, ear.Level(pcm, 8000, other))
			}
		}
		if _, err := w.a.Piece(ticket, "user:root", 0); !errors.Is(err, ErrNone) {
			t.Errorf("the ticket is good for more: %v", err)
		}
		if err := w.a.Delete(t.Context(), got.ID, "user:root"); err != nil {
			t.Fatal(err)
		}
		synctest.Wait()
		w.a.mu.Lock()
		if names := entries(t, w.dir); len(names) != 0 || len(w.b.rows()) != 0 || w.a.bytes != 0 {
			t.Errorf("%q, %d rows, %d bytes are left", names, len(w.b.rows()), w.a.bytes)
		}
		w.a.mu.Unlock()
		if _, _, err := w.a.Give(t.Context(), got.ID, "user:root"); !errors.Is(err, ErrNone) {
			t.Errorf("given what is deleted: %v", err)
		}
	})
}

// A file that was changed, or is away, is not given, and that somebody wanted it is on record.
func TestChangedRecordingIsNoticed(t *testing.T) {
	inBubble(t, Config{}, func(w *world) {
		r := w.begin()
		say(r, 1)
		r.Over()
		got := w.only()
		path := filepath.Join(w.dir, got.File)
		b, _ := os.ReadFile(path)
		b[4000] ^= 1
		if err := os.WriteFile(path, b, 0o600); err != nil {
			t.Fatal(err)
		}
		for n := 1; n <= 2; n++ {
			given, ticket, err := w.a.Give(t.Context(), got.ID, "user:root")
			if !errors.Is(err, ErrChanged) || ticket != "" || given.Reads != n {
				t.Errorf("given %+v: %v", given, err)
			}
			read, _ := w.b.facts[len(w.b.facts)-1].(fact.RecordingRead)
			if !read.Changed || read.By != "user:root" {
				t.Errorf("on record: %+v", read)
			}
			_ = os.Remove(path)
		}
		w.b.fail(true)
		_ = os.WriteFile(path, b, 0o600)
		if _, ticket, err := w.a.Give(t.Context(), got.ID, "user:root"); err == nil || ticket != "" {
			t.Error("given without a record")
		}
	})
}

// A recording is deleted when it was kept as long as set, and not before.
func TestRecordingsAreKeptForDays(t *testing.T) {
	inBubble(t, Config{Days: 90}, func(w *world) {
		r := w.begin()
		say(r, 1)
		r.Over()
		w.only()
		time.Sleep(45 * 24 * time.Hour)
		later := w.begin()
		say(later, 1)
		later.Over()
		time.Sleep(45*24*time.Hour - 2*time.Hour)
		synctest.Wait()
		if n := len(w.b.rows()); n != 2 {
			t.Fatalf("%d recordings after 90 days but an hour", n)
		}
		time.Sleep(4 * time.Hour)
		if got := w.only(); got.ID != later.id {
			t.Errorf("kept: %+v", got)
		}
		if d, ok := w.b.facts[len(w.b.facts)-1].(fact.RecordingDeleted); !ok || d.By != byUnit || d.ID != r.id {
			t.Errorf("on record: %+v", d)
		}
		if files, _ := os.ReadDir(w.dir); len(files) != 1 {
			t.Errorf("%d files", len(files))
		}
	})
}

// A process that dies leaves a file that can be played; the next one puts on record what
// it is. Files that never were on record, and facts without a file, are put in order;
// a file that was and is not known is left.
func TestDeadProcessLeavesAPlayableFile(t *testing.T) {
	inBubble(t, Config{}, func(w *world) {
		r, none := w.begin(), w.begin()
		say(r, 5)
		synctest.Wait()
		dead := t.TempDir() // what the disk has now, as after kill -9
		for _, e := range entries(t, w.dir) {
			b, _ := os.ReadFile(filepath.Join(w.dir, e))
			left, right := sides(t, b)
			low := ear.Level(left, 8000, 500) < -17 || ear.Level(right, 8000, 1100) < -17
			if e == r.name && (len(left) < 3*8000 || low) {
				t.Errorf("%d samples can be played after 5 s", len(left))
			}
			if e == r.name {
				b = append(b, 1, 2, 3) // half a piece
				_ = os.WriteFile(filepath.Join(dead, e+part), b, 0o600)
			}
		}
		for _, name := range []string{"stranger", "unknown.part"} {
			_ = os.WriteFile(filepath.Join(dead, name), []byte("x"), 0o600)
		}
		before := w.b
		w.b = &books{facts: slices.Clone(before.facts)}
		w.stop()
		w.dir = dead
		w.open(Config{})
		got := w.only()
		if got.ID != r.id || got.Why != fact.RecordingInterrupted || got.Seconds < 4 || none.id == got.ID {
			t.Errorf("on record: %+v", got)
		}
		names := entries(t, dead)
		slices.Sort(names)
		if !slices.Equal(names, []string{r.name, "stranger"}) {
			t.Errorf("files: %q", names)
		}
		_, ticket, err := w.a.Give(t.Context(), got.ID, "user:root")
		if err != nil {
			t.Fatal(err)
		}
		if left, _ := sides(t, w.fetch(ticket)); len(left) != int(got.Bytes-headerBytes)/2 {
			t.Errorf("%d samples of %d bytes", len(left), got.Bytes)
		}
	})
}

func entries(t *testing.T, dir string) (names []string) {
	t.Helper()
	all, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range all {
		names = append(names, e.Name())
	}
	return names
}

// What can't be put on record is not kept; what a unit that stops records is ended.
func TestRecordingsNeedARecord(t *testing.T) {
	inBubble(t, Config{}, func(w *world) {
		r := w.begin()
		say(r, 2)
		w.stop()
		if got := w.b.rows(); len(got) != 1 || got[0].Why != fact.RecordingOver || got[0].Seconds != 2 {
			t.Errorf("on record: %+v", got)
		}
		w.open(Config{})
		w.b.fail(true)
		r = w.begin()
		time.Sleep(time.Second)
		if n := say(r, 1); n != 0 || len(w.a.List()) != 1 || len(entries(t, w.dir)) != 1 {
			t.Errorf("%d frames were taken, %d recordings kept", n, len(w.a.List()))
		}
		r.Over()
		w.b.fail(false)
	})
}

// Tickets that nobody uses lapse, and not many are good at once.
func TestTicketsLapse(t *testing.T) {
	inBubble(t, Config{}, func(w *world) {
		r := w.begin()
		say(r, 1)
		r.Over()
		id := w.only().ID
		var ticket string
		for range OpenMax {
			_, one, err := w.a.Give(t.Context(), id, "user:root")
			if err != nil {
				t.Fatal(err)
			}
			ticket = one
		}
		if _, _, err := w.a.Give(t.Context(), id, "user:root"); !errors.Is(err, ErrFull) {
			t.Errorf("given once more: %v", err)
		}
		time.Sleep(OpenTime + time.Second)
		if _, _, err := w.a.Give(t.Context(), id, "user:root"); err != nil {
			t.Error(err)
		}
		if _, err := w.a.Piece(ticket, "user:root", 0); !errors.Is(err, ErrNone) {
			t.Errorf("an old ticket is good: %v", err)
		}
	})
}

// The header is a WAV's as players know it.
func TestHeader(t *testing.T) {
	h := header(32_000)
	number := func(at int) uint32 { return binary.LittleEndian.Uint32(h[at:]) }
	if len(h) != headerBytes || number(4) != 32_050 || number(54) != 32_000 {
		t.Errorf("% x", h)
	}
}
