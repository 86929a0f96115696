package recorder

import (
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"sync"
	"sync/atomic"
	"time"

	"github.com/sekisho/sekisho/evidence/chain"
	"github.com/sekisho/sekisho/fact"
)

// Log is where leaves are kept; *store.Store is one.
type Log interface {
	// Append writes an entry; done(nil) comes after it is synced to disk.
	Append(e chain.Entry, done func(error))
	// Head is the log as last committed.
	Head() chain.Head
	// Degraded is nil while the log takes writes, else why it does not.
	Degraded() error
}

// Config wires a recorder.
type Config struct {
	Log    Log
	Unit   string // not needed: leaves carry the unit that Signer was made for
	Boot   uint64 // the log's boot counter
	Signer *chain.Signer
	// Anchor keeps the latest checkpoint outside the database; nil for none.
	Anchor func(note []byte) error
	// Report is told when a checkpoint can't be made or kept; nil for nobody.
	Report func(error)
	// Observe is told of facts once they are on disk, in their order, on the
	// log's goroutine: it must not block. nil for nobody.
	Observe func([]fact.Fact)
	Now     func() time.Time // nil: time.Now
	Salt    io.Reader        // nil: crypto/rand
}

// Recorder implements fact.Committer.
type Recorder struct {
	c       Config
	drafter chain.Drafter
	urgent  chan struct{} // a security fact was written
	dirty   chan struct{} // any fact was written
	quit    chan struct{}
	stopped chan struct{}
	once    sync.Once
	signed  atomic.Uint64 // size of the last checkpoint stored
}

var _ fact.Committer = (*Recorder)(nil)

// New starts a recorder. The error says what its Config lacks.
func New(c Config) (*Recorder, error) {
	if c.Log == nil || c.Signer == nil {
		return nil, errors.New("recorder needs a log and a signer")
	}
	if c.Now == nil {
		c.Now = time.Now
	}
	if c.Salt == nil {
		c.Salt = rand.Reader
	}
	if c.Anchor == nil {
		c.Anchor = func([]byte) error { return nil }
	}
	if c.Observe == nil {
		c.Observe = func([]fact.Fact) {}
	}
	if c.Report == nil {
		c.Report = func(error) {}
	}
	r := &Recorder{
		c:       c,
		drafter: chain.Drafter{Unit: c.Signer.Unit(), Boot: c.Boot, Salt: c.Salt},
		urgent:  make(chan struct{}, wakeSize),
		dirty:   make(chan struct{}, wakeSize),
		quit:    make(chan struct{}),
		stopped: make(chan struct{}),
	}
	go r.run()
	return r, nil
}

// Commit implements fact.Committer. A fact that can't be written down at all
// (too large) is the caller's error: done gets it at once.
func (r *Recorder) Commit(w fact.Write, done func(error)) {
	wall := r.c.Now()
	e := chain.Entry{Rows: w.Rows, Behind: w.Behind}
	urgent := false
	for _, f := range w.Facts {
		d, err := r.drafter.Draft(f, wall)
		if err != nil {
			done(fmt.Errorf("record: %w", err))
			return
		}
		e.Drafts = append(e.Drafts, d)
		urgent = urgent || concernsSecurity(f)
	}
	r.c.Log.Append(e, func(err error) {
		if err == nil {
			r.c.Observe(w.Facts)
		}
		switch {
		case err != nil || len(w.Facts) == 0:
		case urgent:
			wake(r.urgent)
		default:
			wake(r.dirty)
		}
		done(err)
	})
}

func wake(c chan struct{}) {
	select {
	case c <- struct{}{}:
	default:
	}
}

// Degraded is nil while evidence can be written, else why it can't.
func (r *Recorder) Degraded() error { return r.c.Log.Degraded() }

// Signed is the size of the log at the last checkpoint stored.
func (r *Recorder) Signed() uint64 { return r.signed.Load() }

// Close signs a last checkpoint and ends the recorder; the log stays open.
func (r *Recorder) Close() error {
	r.once.Do(func() { close(r.quit) })
	<-r.stopped
	return r.checkpoint()
}

// run waits for facts and signs. It ends with Close.
func (r *Recorder) run() {
	defer close(r.stopped)
	timer := time.NewTimer(0)
	timer.Stop()
	defer timer.Stop()
	var due, last time.Time // due is zero while nothing waits
	plan := func(at time.Time) {
		if due.IsZero() || at.Before(due) {
			due = at
			timer.Reset(time.Until(at))
		}
	}
	for {
		select {
		case <-r.quit:
			return
		case <-r.urgent:
			at := time.Now()
			if next := last.Add(checkpointApart); next.After(at) {
				at = next
			}
			plan(at)
		case <-r.dirty:
			plan(time.Now().Add(checkpointWithin))
		case <-timer.C:
			due, last = time.Time{}, time.Now()
			if err := r.checkpoint(); err != nil {
				r.c.Report(err)
				plan(last.Add(checkpointApart))
			}
		}
	}
}

// checkpoint signs the log as it is, stores the checkpoint and anchors it.
func (r *Recorder) checkpoint() error {
	head := r.c.Log.Head()
	if head.Size == 0 || head.Size == r.signed.Load() {
		return nil
	}
	c, err := r.c.Signer.Sign(head)
	if err != nil {
		return err
	}
	stored := make(chan error, wakeSize)
	r.c.Log.Append(chain.Entry{Rows: []fact.Row{c}}, func(err error) { stored <- err })
	if err := <-stored; err != nil {
		return fmt.Errorf("store checkpoint at %d leaves: %w", head.Size, err)
	}
	r.signed.Store(head.Size)
	if err := r.c.Anchor(c.Note); err != nil {
		return fmt.Errorf("anchor checkpoint at %d leaves: %w", head.Size, err)
	}
	return nil
}

// concernsSecurity tells the facts after which a checkpoint is due at once.
func concernsSecurity(f fact.Fact) bool {
	switch f := f.(type) {
	case fact.CallJudged:
		return f.Verb != "pass"
	case fact.CallStarted, fact.CallAnswered, fact.CallEnded, fact.PhoneExpired, fact.PhoneUnregistered,
		fact.LineUp, fact.LineDown, fact.LineRegistered, fact.LineFailed, fact.SiteUp, fact.SiteDown,
		fact.AlertSent, fact.AlertFailed:
		return false
	}
	return true
}
