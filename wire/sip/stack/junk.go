package stack

import (
	"log/slog"
	"net/netip"
	"sync"
	"time"
)

// sampler lets a few lines a minute into the log, and counts the others.
type sampler struct {
	mu     sync.Mutex
	minute time.Time
	lines  int
	missed uint64
}

// take reports whether a line may be written at now, and how many were not
// since the last.
func (s *sampler) take(now time.Time) (missed uint64, ok bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if now.Sub(s.minute) >= time.Minute {
		s.minute, s.lines = now, 0
	}
	if s.lines >= junkLinesPerMin {
		s.missed++
		return 0, false
	}
	s.lines++
	missed, s.missed = s.missed, 0
	return missed, true
}

// junk notes something that came from outside and is of no use. Its bytes are
// never logged.
func (st *Stack) junk(now time.Time, what string, from netip.AddrPort) {
	if st.cfg.Log == nil {
		return
	}
	if missed, ok := st.sampler.take(now); ok {
		st.cfg.Log.Info("sip: dropped", slog.String("why", what),
			slog.String("from", from.String()), slog.Uint64("more", missed))
	}
}
