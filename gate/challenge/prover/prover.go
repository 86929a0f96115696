package prover

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"math/big"
	"sync"
	"time"

	"github.com/sekisho/sekisho/fact"
	"github.com/sekisho/sekisho/gate/challenge"
)

// The errors of what an administrator does.
var (
	// ErrNone: that person has no PIN.
	ErrNone = errors.New("no PIN is set")
	// ErrFull: the unit has as many PINs as it may.
	ErrFull = errors.New("too many PINs")
)

// FaultError says what is wrong with a PIN that was to be set.
type FaultError struct{ Fault challenge.Fault }

// Error says the fault, not the PIN.
func (e *FaultError) Error() string { return "PIN is not good: " + string(e.Fault) }

// Config wires a Prover.
type Config struct {
	SealKey   []byte // the unit's
	Committer fact.Committer
	Now       func() time.Time // nil: time.Now
	Random    io.Reader        // what PINs are drawn from; nil: the system's
	Log       *slog.Logger     // nil: none
}

// Prover checks PINs.
type Prover struct {
	key       []byte
	committer fact.Committer
	now       func() time.Time
	random    io.Reader
	log       *slog.Logger
	queue     chan job

	mu   sync.Mutex
	book challenge.Book
}

// Try is one PIN that was typed.
type Try struct {
	Call   string
	Leg    int
	Person string // whose PIN it should be
	Device string
	Rule   string // of the gate, that asked
	PIN    []byte // Try's to keep, and to wipe
}

type job struct {
	Try
	done func(why string)
}

// New makes a Prover that knows nobody.
func New(c Config) *Prover {
	p := &Prover{
		key: keyOf(c.SealKey), committer: c.Committer, now: c.Now, random: c.Random, log: c.Log,
		queue: make(chan job, queueMax),
	}
	if p.now == nil {
		p.now = time.Now
	}
	if p.random == nil {
		p.random = rand.Reader
	}
	if p.log == nil {
		p.log = slog.New(slog.DiscardHandler)
	}
	return p
}

// Restore takes in what the last run knew.
func (p *Prover) Restore(pins []fact.PIN) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, one := range pins {
		p.book.Set(one)
	}
}

// Run compares PINs until ctx ends; those that wait then are not answered.
func (p *Prover) Run(ctx context.Context) {
	for {
		select {
		case <-ctx.Done():
			return
		case j := <-p.queue:
			p.check(j)
		}
	}
}

// Ready tells why a person can't be asked now, in one of the fact.Failed words;
// "" if it can.
func (p *Prover) Ready(person string) string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.book.Ready(person, p.now())
}

// Try compares a PIN and calls done once: with "" if it was right and that is
// on disk, or else why not, in one of the fact.Failed words. Where too many
// wait done is called at once, else from another goroutine.
func (p *Prover) Try(t Try, done func(why string)) {
	select {
	case p.queue <- job{t, done}:
	default:
		clear(t.PIN)
		done(fact.FailedTooOften)
	}
}

// check compares one PIN. A wrong one counts before it is on disk, a right one
// only then.
func (p *Prover) check(j job) {
	now := p.now()
	p.mu.Lock()
	kept, why := p.book.Begin(j.Person, now)
	p.mu.Unlock()
	if why != "" {
		clear(j.PIN)
		j.done(why)
		return
	}
	right := p.matches(j.Person, j.PIN, kept.HashSealed)
	clear(j.PIN)
	at := p.now()
	if right {
		f := fact.ChallengePassed{
			Call: j.Call, Leg: j.Leg, Person: j.Person, Device: j.Device, Rule: j.Rule, At: at.UTC(),
		}
		p.write(f, func() {
			p.mu.Lock()
			p.book.Right(j.Person)
			p.mu.Unlock()
			j.done("")
		}, j)
		return
	}
	p.mu.Lock()
	p.book.Wrong(j.Person, at)
	p.mu.Unlock()
	f := fact.ChallengeFailed{
		Call: j.Call, Leg: j.Leg, Person: j.Person, Device: j.Device, Rule: j.Rule, Reason: fact.FailedWrong,
		At: at.UTC(),
	}
	p.write(f, func() { j.done(fact.FailedWrong) }, j)
}

// write makes a fact durable before then is called. Where that fails the PIN
// counts as not checked.
func (p *Prover) write(f fact.Fact, then func(), j job) {
	p.committer.Commit(fact.Write{Facts: []fact.Fact{f}}, func(err error) {
		if err != nil {
			p.log.Error("what came of a PIN is not written", "call", j.Call, "person", j.Person, "err", err)
			j.done(fact.FailedUnproven)
			return
		}
		then()
	})
}

// Set gives a person a PIN; it wipes pin.
func (p *Prover) Set(ctx context.Context, extension string, pin []byte, by string) error {
	defer clear(pin)
	if fault := challenge.Check(pin, extension); fault != "" {
		return &FaultError{fault}
	}
	return p.set(ctx, extension, pin, by, false)
}

// Generate draws a PIN for a person. It is nowhere but in what is returned.
func (p *Prover) Generate(ctx context.Context, extension, by string) (string, error) {
	for range drawsMax {
		pin, err := p.draw()
		if err != nil {
			return "", err
		}
		if challenge.Check(pin, extension) != "" {
			continue
		}
		defer clear(pin)
		return string(pin), p.set(ctx, extension, pin, by, true)
	}
	return "", errors.New("no PIN was drawn that is good")
}

func (p *Prover) draw() ([]byte, error) {
	const ten = 10
	pin := make([]byte, GeneratedDigits)
	for i := range pin {
		n, err := rand.Int(p.random, big.NewInt(ten))
		if err != nil {
			return nil, fmt.Errorf("draw a PIN: %w", err)
		}
		pin[i] = '0' + byte(n.Int64())
	}
	return pin, nil
}

func (p *Prover) set(ctx context.Context, extension string, pin []byte, by string, generated bool) error {
	salt := make([]byte, saltBytes)
	_, _ = rand.Read(salt) // never fails (crypto/rand)
	f := fact.PINSet{PIN: fact.PIN{
		Extension: extension, HashSealed: p.hash(extension, pin, salt), Set: p.now().UTC(), SetBy: by,
	}, Generated: generated}
	p.mu.Lock()
	_, known := p.book.Find(extension)
	full := !known && len(p.book.List()) >= challenge.PeopleMax
	p.mu.Unlock()
	if full {
		return ErrFull
	}
	return p.change(ctx, f, func(b *challenge.Book) { b.Set(f.PIN) })
}

// Remove takes a person's PIN away.
func (p *Prover) Remove(ctx context.Context, extension, by string) error {
	if !p.known(extension) {
		return ErrNone
	}
	f := fact.PINRemoved{Extension: extension, By: by, At: p.now().UTC()}
	return p.change(ctx, f, func(b *challenge.Book) { b.Remove(extension) })
}

// Unlock lets a person try its PIN again.
func (p *Prover) Unlock(ctx context.Context, extension, reason, by string) error {
	if !p.known(extension) {
		return ErrNone
	}
	f := fact.PINUnlocked{Extension: extension, Reason: reason, By: by, At: p.now().UTC()}
	return p.change(ctx, f, func(b *challenge.Book) { b.Unlock(extension) })
}

// List gives the PINs by extension; their hashes are left out.
func (p *Prover) List() []fact.PIN {
	p.mu.Lock()
	defer p.mu.Unlock()
	out := p.book.List()
	for i := range out {
		out[i].HashSealed = nil
	}
	return out
}

func (p *Prover) known(extension string) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	_, ok := p.book.Find(extension)
	return ok
}

// change writes a fact, and lets the book follow once it is on disk, also where
// the one who asked does not wait any more.
func (p *Prover) change(ctx context.Context, f fact.Fact, follow func(*challenge.Book)) error {
	done := make(chan error, 1)
	p.committer.Commit(fact.Write{Facts: []fact.Fact{f}}, func(err error) {
		if err == nil {
			p.mu.Lock()
			follow(&p.book)
			p.mu.Unlock()
		}
		done <- err
	})
	select {
	case err := <-done:
		if err != nil {
			return fmt.Errorf("not written: %w", err)
		}
		return nil
	case <-ctx.Done():
		return fmt.Errorf("not written in time: %w", ctx.Err())
	}
}
