package text

import (
	"regexp"
	"sort"
	"testing"
)

var verbPattern = regexp.MustCompile(`%(\[\d+\])?[-+#0 ]*[\d.*]*[a-zA-Z]`)

// verbs lists the arguments a sentence takes, by position, so that two
// languages may say them in another order.
func verbs(s string) []string {
	var out []string
	for i, v := range verbPattern.FindAllStringSubmatch(s, -1) {
		at := v[1]
		if at == "" {
			at = "[" + string(rune('1'+i)) + "]"
		}
		out = append(out, at+v[0][len(v[0])-1:])
	}
	sort.Strings(out)
	return out
}

func TestEverySentenceIsInBothLanguagesWithTheSameArguments(t *testing.T) {
	seen := map[Key]bool{}
	for _, c := range catalogs {
		for k, s := range c {
			if seen[k] {
				t.Errorf("%s: stands in two catalogs; keep one", k)
			}
			seen[k] = true
			if s.JA == "" || s.EN == "" {
				t.Errorf("%s: a language is missing", k)
			}
			ja, en := verbs(s.JA), verbs(s.EN)
			if len(ja) != len(en) {
				t.Errorf("%s: ja takes %v, en takes %v", k, ja, en)
				continue
			}
			for i := range ja {
				if ja[i] != en[i] {
					t.Errorf("%s: ja takes %v, en takes %v", k, ja, en)
				}
			}
		}
	}
	if len(seen) == 0 {
		t.Fatal("no sentences: the test looked at nothing")
	}
}

func TestParseLang(t *testing.T) {
	for in, want := range map[string]struct {
		l  Lang
		ok bool
	}{
		"ja_JP.UTF-8": {JA, true}, "ja": {JA, true}, "ja-JP": {JA, true},
		"en_US.UTF-8": {EN, true}, "C": {EN, true}, "": {EN, true}, "C.UTF-8": {EN, true},
		"fr_FR": {EN, false},
	} {
		if l, ok := ParseLang(in); l != want.l || ok != want.ok {
			t.Errorf("ParseLang(%q) = %v, %v; want %v, %v", in, l, ok, want.l, want.ok)
		}
	}
}

func TestSayUnknownKeyShowsTheKey(t *testing.T) {
	if got := Say(JA, "no.such"); got != "no.such" {
		t.Errorf("got %q", got)
	}
}
