package dial_test

import (
	"strings"
	"testing"

	"github.com/sekisho/sekisho/vectors/dial"
)

func TestGenerateIsRepeatable(t *testing.T) {
	var first []dial.Case
	for c := range dial.Generate(7) {
		if first = append(first, c); len(first) == 2000 {
			break
		}
	}
	i, domestic, same := 0, 0, 0
	for c := range dial.Generate(7) {
		if c != first[i] {
			t.Fatalf("case %d: %+v, then %+v", i, first[i], c)
		}
		if c.WantDomestic {
			domestic++
		}
		if i++; i == len(first) {
			break
		}
	}
	if domestic != len(first)/2 {
		t.Errorf("%d of %d are domestic, want half", domestic, len(first))
	}
	i = 0
	for c := range dial.Generate(8) {
		if c == first[i] {
			same++
		}
		if i++; i == len(first) {
			break
		}
	}
	if same > len(first)/10 {
		t.Errorf("another seed gives %d of %d cases again", same, len(first))
	}
}

func TestWave2(t *testing.T) {
	const target = "01023276123456"
	all := dial.Wave2(target)
	if len(all) < 1000 {
		t.Fatalf("%d spellings, want 1000 or more", len(all))
	}
	seen := map[string]bool{}
	for _, s := range all {
		if seen[s] || s == target {
			t.Errorf("%q comes twice or is the target", s)
		}
		seen[s] = true
		if strings.ContainsAny(s, "\x00\r\n") {
			t.Errorf("%q has a control byte", s)
		}
	}
	for _, want := range []string{"#" + target, "*" + target, "184" + target, "0033" + target} {
		if !seen[want] {
			t.Errorf("%q is missing", want)
		}
	}
	t.Logf("%d spellings", len(all))
}

func TestURIUser(t *testing.T) {
	for in, want := range map[string]string{
		"#010": "%23010", "*010": "*010", "%23010": "%2523010", "0 1": "0%201", "+81": "+81", "０": "%EF%BC%90",
		"0;isub=1": "0;isub=1", "a@b": "a%40b",
	} {
		if got := dial.URIUser(in); got != want {
			t.Errorf("URIUser(%q) = %q, want %q", in, got, want)
		}
	}
}
