package app

import (
	"context"
	"log/slog"
	"sync"
	"time"
)

// Limits of the operator's log: whatever comes from outside, and however much
// of it, the log of a minute can be read by a person.
const (
	logLinesPerKind = 10          // lines of one kind in logWindow
	logLinesMax     = 200         // and of all kinds
	logKindsMax     = 256         // kinds told apart; the rest count as one
	logWindow       = time.Minute //
)

// boundedLog is a slog.Handler that lets only so many lines of one kind
// through. A kind is a level and a message, which are constants of the code.
// What is left out is counted and told, in the kind's next line or in a line
// of its own, once there is something to write again.
type boundedLog struct {
	next  slog.Handler
	state *logState
}

// logState is shared by a log and all that With made of it.
type logState struct {
	mu    sync.Mutex
	since time.Time // of the window
	lines int       // in the window
	kinds map[logKind]*logCount
	rest  logCount // of kinds beyond logKindsMax
	owing int      // kinds that have something to tell
}

type logKind struct {
	level   slog.Level
	message string
}

type logCount struct {
	lines, missed int
}

var _ slog.Handler = (*boundedLog)(nil)

func bound(next slog.Handler) *boundedLog {
	return &boundedLog{next: next, state: &logState{kinds: make(map[logKind]*logCount)}}
}

// Enabled is as in slog.Handler.
func (b *boundedLog) Enabled(ctx context.Context, level slog.Level) bool {
	return b.next.Enabled(ctx, level)
}

// WithAttrs is as in slog.Handler.
func (b *boundedLog) WithAttrs(attrs []slog.Attr) slog.Handler {
	return &boundedLog{next: b.next.WithAttrs(attrs), state: b.state}
}

// WithGroup is as in slog.Handler.
func (b *boundedLog) WithGroup(name string) slog.Handler {
	return &boundedLog{next: b.next.WithGroup(name), state: b.state}
}

// Handle is as in slog.Handler.
func (b *boundedLog) Handle(ctx context.Context, r slog.Record) error {
	more, owed, ok := b.state.take(logKind{r.Level, r.Message}, r.Time)
	for _, o := range owed {
		line := slog.NewRecord(r.Time, o.kind.level, o.kind.message, 0)
		line.AddAttrs(slog.Int("more", o.missed))
		if err := b.next.Handle(ctx, line); err != nil {
			return err
		}
	}
	if !ok {
		return nil
	}
	if more > 0 {
		r = r.Clone()
		r.AddAttrs(slog.Int("more", more))
	}
	return b.next.Handle(ctx, r)
}

// logOwed is what was left out of a kind.
type logOwed struct {
	kind   logKind
	missed int
}

// take reports whether a line of a kind may be written, how many of its kind
// were not before it, and what other kinds owe since the last window.
func (s *logState) take(k logKind, now time.Time) (more int, owed []logOwed, ok bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if age := now.Sub(s.since); age < 0 || age >= logWindow {
		owed = s.turn(k)
		s.since = now
		s.lines = len(owed)
	}
	c := s.count(k)
	if c.lines >= logLinesPerKind || s.lines >= logLinesMax {
		if c.missed == 0 {
			s.owing++
		}
		c.missed++
		return 0, owed, false
	}
	c.lines++
	s.lines++
	if more, c.missed = c.missed, 0; more > 0 {
		s.owing--
	}
	return more, owed, true
}

// turn begins a window: kinds that were left out tell how often, at most half
// a window's lines, but for the kind that speaks next and tells it itself.
func (s *logState) turn(speaks logKind) (owed []logOwed) {
	for k, c := range s.kinds {
		c.lines = 0
		if c.missed == 0 || k == speaks || len(owed) >= logLinesMax/2 {
			continue
		}
		owed = append(owed, logOwed{k, c.missed})
		c.missed = 0
		s.owing--
	}
	if s.rest.missed > 0 {
		owed = append(owed, logOwed{logKind{slog.LevelWarn, "lines of further kinds left out"}, s.rest.missed})
		s.owing--
	}
	s.rest = logCount{}
	if s.owing == 0 { // nothing is lost by forgetting the kinds
		clear(s.kinds)
	}
	return owed
}

func (s *logState) count(k logKind) *logCount {
	if c := s.kinds[k]; c != nil {
		return c
	}
	if len(s.kinds) >= logKindsMax {
		return &s.rest
	}
	c := &logCount{}
	s.kinds[k] = c
	return c
}
