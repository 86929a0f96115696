package peer

import (
	"context"
	"errors"
	"testing"
	"time"
)

func TestTranscriptExpectPassesLines(t *testing.T) {
	t.Parallel()
	tr := NewTranscript(nil)
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
	defer cancel()
	go func() {
		for _, s := range []string{"one 1\ntw", "o 2\r", "one 3", "\n"} {
			_, _ = tr.Write([]byte(s))
		}
		tr.Close(errors.New("it has ended"))
	}()
	for _, want := range []string{"1", "3"} {
		m, err := tr.Expect(ctx, `one (\d)`)
		if err != nil || m[1] != want {
			t.Fatalf("got %v, %v, want %s", m, err, want)
		}
	}
	if _, err := tr.Expect(ctx, "two"); err == nil {
		t.Error("a line that was passed was found again")
	}
	if n := tr.Count("two"); n != 1 {
		t.Errorf("counted %d lines with two, want 1", n)
	}
}

func TestStartNamesAMissingProgram(t *testing.T) {
	t.Parallel()
	_, err := Start(t.Context(), Program{Name: "x", Path: "no-such-program-here", LogDir: t.TempDir()})
	if err == nil {
		t.Fatal("a program that does not exist was started")
	}
}

func TestStopEndsTheGroup(t *testing.T) {
	t.Parallel()
	p, err := Start(t.Context(), Program{
		Name: "sh", Path: "sh", Args: []string{"-c", "trap '' TERM; echo ready; while :; do sleep 60; done"},
		LogDir: t.TempDir(),
	})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := p.Expect(t.Context(), "ready"); err != nil {
		t.Fatal(err)
	}
	p.Stop()
	if p.Running() {
		t.Error("still running")
	}
}
