package cli

import (
	"strings"
	"testing"
)

// TestTableHarmless: what others chose moves no cursor and begins no line.
func TestTableHarmless(t *testing.T) {
	var b strings.Builder
	rows := [][]string{{"to", "from"}, {"0312345670\r\n2026-11-22 forged", "\x1b[2J山田\u202e\u009b1A"}}
	if err := writeTable(&b, rows); err != nil {
		t.Fatal(err)
	}
	want := "to                            from\n0312345670··2026-11-22 forged  ·[2J山田··1A\n"
	if got := b.String(); strings.Count(got, "\n") != 2 || strings.ContainsAny(got, "\r\x1b\u202e\u009b") {
		t.Errorf("%q, want something like %q", got, want)
	}
}
