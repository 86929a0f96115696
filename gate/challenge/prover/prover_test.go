package prover

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/sekisho/sekisho/fact"
	"github.com/sekisho/sekisho/gate/challenge"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// books keeps what is written; done is called from another goroutine.
type books struct {
	mu    sync.Mutex
	facts []fact.Fact
	fail  error
	wait  sync.WaitGroup
}

func (b *books) Commit(w fact.Write, done func(error)) {
	b.mu.Lock()
	defer b.mu.Unlock()
	err := b.fail
	if err == nil {
		b.facts = append(b.facts, w.Facts...)
	}
	b.wait.Go(func() { done(err) })
}

func (b *books) breaks(err error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.fail = err
}

func (b *books) kinds() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	var out []string
	for _, f := range b.facts {
		out = append(out, f.Kind())
	}
	return strings.Join(out, ", ")
}

const (
	mine = "490172"
	hers = "835061"
)

// run gives a Prover that runs, with the PINs of two people.
func run(t *testing.T) (*Prover, *books) {
	t.Helper()
	b := &books{}
	p := New(Config{SealKey: make([]byte, 32), Committer: b})
	start(t, p, b)
	for extension, pin := range map[string]string{"201": mine, "202": hers} {
		if err := p.Set(t.Context(), extension, []byte(pin), "owner"); err != nil {
			t.Fatal(err)
		}
	}
	return p, b
}

func start(t *testing.T, p *Prover, b *books) {
	ctx, stop := context.WithCancel(context.Background())
	var runs sync.WaitGroup
	runs.Go(func() { p.Run(ctx) })
	t.Cleanup(func() {
		stop()
		runs.Wait()
		b.wait.Wait()
	})
}

// try tries a PIN and gives what came of it.
func try(t *testing.T, p *Prover, person, pin string) string {
	t.Helper()
	typed := []byte(pin)
	came := make(chan string, 1)
	p.Try(Try{Call: "c", Person: person, Device: person + "-1", Rule: "hours", PIN: typed}, func(why string) {
		came <- why
	})
	why := <-came
	if !bytes.Equal(typed, make([]byte, len(typed))) {
		t.Errorf("the PIN is still in memory: %q", typed)
	}
	return why
}

// TestPINs: a PIN is that of one person and of nobody else.
func TestPINs(t *testing.T) {
	p, b := run(t)
	for _, c := range []struct{ person, pin, want string }{
		{"201", mine, ""},
		{"201", hers, fact.FailedWrong},
		{"201", mine + "0", fact.FailedWrong},
		{"201", mine[1:], fact.FailedWrong},
		{"202", hers, ""},
		{"202", mine, fact.FailedWrong},
		{"203", mine, fact.FailedNoPIN},
	} {
		if why := try(t, p, c.person, c.pin); why != c.want {
			t.Errorf("%s types %s: %q, want %q", c.person, c.pin, why, c.want)
		}
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, f := range b.facts {
		doc, err := json.Marshal(f)
		if err != nil || bytes.Contains(doc, []byte(mine)) || bytes.Contains(doc, []byte(hers)) {
			t.Errorf("%s shows a PIN, or %v: %s", f.Kind(), err, doc)
		}
	}
	f, ok := b.facts[2].(fact.ChallengePassed)
	if !ok || f.Person != "201" || f.Device != "201-1" || f.Rule != "hours" || f.Call != "c" {
		t.Errorf("recorded %+v", b.facts[2])
	}
}

// TestHashes: two hashes of one PIN are different, one of another person or
// under another key is of no use, and what is no hash matches nothing.
func TestHashes(t *testing.T) {
	p, other := New(Config{SealKey: []byte("one")}), New(Config{SealKey: []byte("another")})
	salt := make([]byte, saltBytes)
	kept := p.hash("201", []byte(mine), salt)
	if !p.matches("201", []byte(mine), kept) {
		t.Fatal("the PIN does not match its own hash")
	}
	if p.matches("202", []byte(mine), kept) || other.matches("201", []byte(mine), kept) {
		t.Error("it matches for another person, or under another key")
	}
	salt[0]++
	if bytes.Equal(p.hash("201", []byte(mine), salt), kept) {
		t.Error("another salt makes the same hash")
	}
	for _, bad := range [][]byte{nil, kept[:len(kept)-1], append([]byte{first + 1}, kept[1:]...)} {
		if p.matches("201", []byte(mine), bad) {
			t.Errorf("matches %d bytes", len(bad))
		}
	}
}

// TestLockSurvives: wrong PINs of two runs add up, and the lock is there after
// a restart.
func TestLockSurvives(t *testing.T) {
	p, b := run(t)
	for range challenge.WrongMax - 1 {
		try(t, p, "201", hers)
	}
	again := New(Config{SealKey: make([]byte, 32), Committer: b})
	start(t, again, b)
	p.mu.Lock()
	again.Restore(p.book.List())
	p.mu.Unlock()
	if why := try(t, again, "201", hers); why != fact.FailedWrong {
		t.Errorf("the last wrong one: %q", why)
	}
	if why := try(t, again, "201", mine); why != fact.FailedLocked || again.Ready("201") != fact.FailedLocked {
		t.Errorf("the right one, locked: %q", why)
	}
	if err := again.Unlock(t.Context(), "201", "asked her", "owner"); err != nil {
		t.Fatal(err)
	}
	if why := try(t, again, "201", mine); why != "" {
		t.Errorf("unlocked: %q", why)
	}
}

// TestNotWritten: what can't be written did not happen, but for wrong PINs,
// which count all the same.
func TestNotWritten(t *testing.T) {
	p, b := run(t)
	b.breaks(fact.ErrNotWritable)
	if why := try(t, p, "201", mine); why != fact.FailedUnproven {
		t.Errorf("the right PIN: %q", why)
	}
	for range challenge.WrongMax {
		if why := try(t, p, "201", hers); why != fact.FailedUnproven {
			t.Errorf("a wrong PIN: %q", why)
		}
	}
	for what, err := range map[string]error{
		"set":      p.Set(t.Context(), "203", []byte(mine), "owner"),
		"removed":  p.Remove(t.Context(), "202", "owner"),
		"unlocked": p.Unlock(t.Context(), "201", "r", "owner"),
	} {
		if !errors.Is(err, fact.ErrNotWritable) {
			t.Errorf("%s: %v", what, err)
		}
	}
	b.breaks(nil)
	if why := try(t, p, "201", mine); why != fact.FailedLocked {
		t.Errorf("after that many wrong ones: %q", why)
	}
	if len(p.List()) != 2 || try(t, p, "202", hers) != "" {
		t.Errorf("people: %+v", p.List())
	}
}

func TestSetAndRemove(t *testing.T) {
	p, b := run(t)
	for pin, want := range map[string]challenge.Fault{"123456": challenge.FaultTrivial, "1": challenge.FaultShort} {
		var bad *FaultError
		if err := p.Set(t.Context(), "201", []byte(pin), "owner"); !errors.As(err, &bad) || bad.Fault != want ||
			strings.Contains(err.Error(), pin) {
			t.Errorf("%s: %v", pin, err)
		}
	}
	drawn, err := p.Generate(t.Context(), "201", "owner")
	if err != nil || len(drawn) != GeneratedDigits || challenge.Check([]byte(drawn), "201") != "" {
		t.Fatalf("drawn %q: %v", drawn, err)
	}
	if why := try(t, p, "201", mine); why != fact.FailedWrong {
		t.Errorf("the PIN before: %q", why)
	}
	if why := try(t, p, "201", drawn); why != "" {
		t.Errorf("the PIN drawn: %q", why)
	}
	for _, one := range p.List() {
		if one.HashSealed != nil || one.SetBy != "owner" {
			t.Errorf("listed: %+v", one)
		}
	}
	if err := p.Remove(t.Context(), "201", "owner"); err != nil {
		t.Fatal(err)
	}
	if why := try(t, p, "201", drawn); why != fact.FailedNoPIN {
		t.Errorf("removed: %q", why)
	}
	for what, err := range map[string]error{
		"remove": p.Remove(t.Context(), "201", "owner"), "unlock": p.Unlock(t.Context(), "201", "r", "owner"),
	} {
		if !errors.Is(err, ErrNone) {
			t.Errorf("%s: %v", what, err)
		}
	}
	want := "pin.set, pin.set, pin.set, challenge.failed, challenge.passed, pin.removed"
	if got := b.kinds(); got != want {
		t.Errorf("recorded %s", got)
	}
}

// TestQueue: when too many wait the next one is told at once, and nobody hashes
// on the caller's goroutine.
func TestQueue(t *testing.T) {
	p := New(Config{Committer: &books{}}) // does not run
	for range queueMax {
		p.Try(Try{Person: "201"}, func(string) { t.Error("compared without Run") })
	}
	why := ""
	p.Try(Try{Person: "201", PIN: []byte(mine)}, func(w string) { why = w })
	if why != fact.FailedTooOften {
		t.Errorf("one too many: %q", why)
	}
}

// TestLogHoldsNoPIN: not even when something goes wrong.
func TestLogHoldsNoPIN(t *testing.T) {
	var log bytes.Buffer
	b := &books{}
	p := New(Config{Committer: b, Log: slog.New(slog.NewTextHandler(&log, nil))})
	start(t, p, b)
	if err := p.Set(t.Context(), "201", []byte(mine), "owner"); err != nil {
		t.Fatal(err)
	}
	b.breaks(fact.ErrNotWritable)
	try(t, p, "201", mine)
	if s := log.String(); !strings.Contains(s, "not written") || strings.Contains(s, mine) {
		t.Errorf("logged: %s", s)
	}
}

// zeros gives nothing but noughts, and an end after so many bytes.
type zeros struct{ left int }

func (z *zeros) Read(b []byte) (int, error) {
	if z.left < len(b) {
		return 0, io.ErrUnexpectedEOF
	}
	z.left -= len(b)
	clear(b)
	return len(b), nil
}

// TestNoChanceNoPIN: where nothing can be drawn, or nothing that is good, no PIN
// is set, and the one before stays.
func TestNoChanceNoPIN(t *testing.T) {
	p, b := run(t)
	endless := &zeros{left: 1 << 20}
	for random, want := range map[io.Reader]string{
		&zeros{left: GeneratedDigits - 1}: "draw a PIN: unexpected EOF", endless: "no PIN was drawn that is good",
	} {
		p.random = random
		if pin, err := p.Generate(t.Context(), "201", "owner"); err == nil || err.Error() != want || pin != "" {
			t.Errorf("drawn %q: %v, want %s", pin, err, want)
		}
	}
	if drawn := 1<<20 - endless.left; drawn != drawsMax*GeneratedDigits {
		t.Errorf("%d digits were drawn, want %d", drawn, drawsMax*GeneratedDigits)
	}
	if why := try(t, p, "201", mine); why != "" || b.kinds() != "pin.set, pin.set, challenge.passed" {
		t.Errorf("the PIN before: %q; recorded %s", why, b.kinds())
	}
}

// TestFull: who has a PIN may have another one, and nobody else.
func TestFull(t *testing.T) {
	p, b := run(t)
	people := make([]fact.PIN, challenge.PeopleMax-2)
	for i := range people {
		people[i].Extension = strconv.Itoa(10_000 + i)
	}
	p.Restore(people)
	if err := p.Set(t.Context(), "203", []byte(mine), "owner"); !errors.Is(err, ErrFull) {
		t.Errorf("one too many: %v", err)
	}
	if err := p.Set(t.Context(), "201", []byte(hers), "owner"); err != nil {
		t.Errorf("another one: %v", err)
	}
	if err := p.Remove(t.Context(), "202", "owner"); err != nil {
		t.Fatal(err)
	}
	if err := p.Set(t.Context(), "203", []byte(mine), "owner"); err != nil {
		t.Errorf("the last one: %v", err)
	}
	if want := "pin.set, pin.set, pin.set, pin.removed, pin.set"; b.kinds() != want {
		t.Errorf("recorded %s", b.kinds())
	}
}

// late answers when told to.
type late struct{ done func(error) }

func (l *late) Commit(_ fact.Write, done func(error)) { l.done = done }

// TestWhoDoesNotWait is told that it is not written; what is written after all
// counts.
func TestWhoDoesNotWait(t *testing.T) {
	disk := &late{}
	p := New(Config{Committer: disk})
	ctx, stop := context.WithCancel(t.Context())
	stop()
	if err := p.Set(ctx, "201", []byte(mine), "owner"); !errors.Is(err, context.Canceled) || len(p.List()) != 0 {
		t.Errorf("set: %v, listed %+v", err, p.List())
	}
	disk.done(nil)
	if len(p.List()) != 1 || p.Ready("201") != "" {
		t.Errorf("written: %+v, %q", p.List(), p.Ready("201"))
	}
}

// TestHashIsSlow: a stolen database is not searched in an afternoon.
func TestHashIsSlow(t *testing.T) {
	p := New(Config{})
	began := time.Now()
	p.hash("201", []byte(mine), make([]byte, saltBytes))
	if d := time.Since(began); d < time.Millisecond {
		t.Errorf("a hash takes %v", d)
	}
}
