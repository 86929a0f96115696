package peer

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"regexp"
	"strings"
	"sync"
)

// Transcript is everything a program printed, line by line, and a place to
// wait for a line. It copies what it gets to an optional log.
type Transcript struct {
	mu      sync.Mutex
	log     io.Writer
	partial []byte
	lines   []string
	cursor  int           // first line that Expect has not passed
	changed chan struct{} // closed and replaced at each change
	closed  error         // why no more lines will come
}

// NewTranscript returns an empty transcript that copies to log, which may be nil.
func NewTranscript(log io.Writer) *Transcript {
	return &Transcript{log: log, changed: make(chan struct{})}
}

var _ io.Writer = (*Transcript)(nil)

// Write takes output of the program. It never fails.
func (t *Transcript) Write(b []byte) (int, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.log != nil {
		_, _ = t.log.Write(b) // the log is an artifact; the test goes on without it
	}
	t.partial = append(t.partial, b...)
	for {
		i := bytes.IndexAny(t.partial, "\r\n")
		if i < 0 {
			break
		}
		if i > 0 && len(t.lines) < transcriptLines {
			t.lines = append(t.lines, string(t.partial[:i]))
		}
		t.partial = t.partial[i+1:]
	}
	t.wake()
	return len(b), nil
}

// Close says that no more lines will come, and why.
func (t *Transcript) Close(why error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if len(t.partial) > 0 {
		t.lines = append(t.lines, string(t.partial))
		t.partial = nil
	}
	if t.closed == nil {
		t.closed = why
	}
	t.wake()
}

func (t *Transcript) wake() {
	close(t.changed)
	t.changed = make(chan struct{})
}

// Expect waits for the next line that matches and returns its submatches.
// Lines up to and including it are passed: the next Expect looks after it. An
// unfinished last line (a prompt) counts once it is whole.
func (t *Transcript) Expect(ctx context.Context, pattern string) ([]string, error) {
	re, err := regexp.Compile(pattern)
	if err != nil {
		return nil, err
	}
	next := -1
	for {
		t.mu.Lock()
		if next < 0 {
			next = t.cursor
		}
		for ; next < len(t.lines); next++ {
			if m := re.FindStringSubmatch(t.lines[next]); m != nil {
				t.cursor = next + 1
				t.mu.Unlock()
				return m, nil
			}
		}
		closed, changed := t.closed, t.changed
		t.mu.Unlock()
		if closed != nil {
			return nil, fmt.Errorf("waiting for %q: %w; last lines:\n%s", pattern, closed, t.Tail(15))
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return nil, fmt.Errorf("waiting for %q: %w; last lines:\n%s", pattern, ctx.Err(), t.Tail(15))
		}
	}
}

// Count returns how many lines match, of all that came so far.
func (t *Transcript) Count(pattern string) int {
	re := regexp.MustCompile(pattern)
	t.mu.Lock()
	defer t.mu.Unlock()
	n := 0
	for _, line := range t.lines {
		if re.MatchString(line) {
			n++
		}
	}
	return n
}

// Tail returns the last n lines.
func (t *Transcript) Tail(n int) string {
	t.mu.Lock()
	defer t.mu.Unlock()
	return strings.Join(t.lines[max(0, len(t.lines)-n):], "\n")
}
