package app

import (
	"bytes"
	"context"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/sekisho/sekisho/app/config"
)

// say logs a line at a time of its own.
func say(t *testing.T, l *slog.Logger, at time.Time, level slog.Level, message string) {
	t.Helper()
	if err := l.Handler().Handle(context.Background(), slog.NewRecord(at, level, message, 0)); err != nil {
		t.Fatal(err)
	}
}

func logTo(b *bytes.Buffer) *slog.Logger { return NewLog(config.Log{Level: "info", Format: "text"}, b) }

func TestAFloodOfOneKindLeavesAFewLines(t *testing.T) {
	var out bytes.Buffer
	l := logTo(&out)
	at := time.Date(2026, 11, 28, 3, 0, 0, 0, time.UTC)
	for range 100_000 {
		say(t, l.With("part", "sip"), at, slog.LevelInfo, "dropped")
		at = at.Add(time.Millisecond / 2)
	}
	say(t, l, at, slog.LevelWarn, "the disk is full")
	lines := strings.Split(strings.TrimSpace(out.String()), "\n")
	if len(lines) != logLinesPerKind+1 {
		t.Fatalf("%d lines:\n%s", len(lines), out.String())
	}
	if !strings.Contains(out.String(), "the disk is full") {
		t.Error("a flood of one kind hid another")
	}
	out.Reset()
	say(t, l, at.Add(logWindow), slog.LevelInfo, "dropped")
	if want := fmt.Sprintf("more=%d", 100_000-logLinesPerKind); !strings.Contains(out.String(), want) {
		t.Errorf("no %q in %s", want, out.String())
	}
}

func TestWhatWasLeftOutIsToldByOthersToo(t *testing.T) {
	var out bytes.Buffer
	l := logTo(&out)
	at := time.Date(2026, 11, 28, 3, 0, 0, 0, time.UTC)
	for range logLinesPerKind + 5 {
		say(t, l, at, slog.LevelInfo, "dropped")
	}
	out.Reset()
	say(t, l, at.Add(logWindow), slog.LevelInfo, "line is up")
	if got := out.String(); !strings.Contains(got, "msg=dropped more=5") || !strings.Contains(got, "line is up") {
		t.Errorf("got %s", got)
	}
	out.Reset()
	say(t, l, at.Add(2*logWindow), slog.LevelInfo, "dropped")
	if got := out.String(); strings.Contains(got, "more=") {
		t.Errorf("told twice: %s", got)
	}
}

// TestEndlessKindsAreBoundedToo is about a message that is no constant, which
// would be a mistake of ours: it must still not fill the disk or the memory.
func TestEndlessKindsAreBoundedToo(t *testing.T) {
	var out bytes.Buffer
	l := logTo(&out)
	at := time.Date(2026, 11, 28, 3, 0, 0, 0, time.UTC)
	for minute := range 3 {
		for i := range 10_000 {
			say(t, l, at.Add(time.Duration(minute)*logWindow), slog.LevelError, fmt.Sprintf("mistake %d", i))
		}
		if minute > 0 && !strings.Contains(out.String(), "further kinds left out") {
			t.Error("nobody is told of the further kinds")
		}
		if n := len(l.Handler().(*boundedLog).state.kinds); n > logKindsMax {
			t.Fatalf("%d kinds are kept", n)
		}
	}
	if n := strings.Count(out.String(), "\n"); n > 3*(logLinesMax+1) || n < logLinesMax {
		t.Errorf("%d lines in three minutes", n)
	}
}

func TestALineBelowTheLevelCostsNoPlace(t *testing.T) {
	var out bytes.Buffer
	l := logTo(&out)
	for range 1000 {
		l.Debug("chatter")
	}
	l.Info("chatter")
	if n := strings.Count(out.String(), "\n"); n != 1 {
		t.Errorf("%d lines: %s", n, out.String())
	}
}
