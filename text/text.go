package text

import (
	"fmt"
	"strings"
)

// Lang is a language people read here.
type Lang uint8

// The languages. English is the zero value.
const (
	EN Lang = iota
	JA
)

// String gives the BCP 47 tag.
func (l Lang) String() string {
	if l == JA {
		return "ja"
	}
	return "en"
}

// ParseLang reads "ja", "en", or a locale such as "ja_JP.UTF-8". What is not
// Japanese is English; ok tells whether the language was one of ours.
func ParseLang(s string) (l Lang, ok bool) {
	tag, _, _ := strings.Cut(strings.ToLower(s), ".")
	tag, _, _ = strings.Cut(strings.ReplaceAll(tag, "-", "_"), "_")
	switch tag {
	case "ja":
		return JA, true
	case "en", "c", "posix", "":
		return EN, true
	}
	return EN, false
}

// In gives the sentence in a language, its arguments not filled in.
func (s Sentence) In(l Lang) string {
	if l == JA {
		return s.JA
	}
	return s.EN
}

// Key names a sentence, as part.subject: "gate.international".
type Key string

// Sentence is one sentence in every language, with fmt verbs for its
// arguments. Use explicit indexes (%[1]s) where the order differs.
type Sentence struct {
	JA string
	EN string
}

// Say renders a sentence. A key without a sentence renders as the key itself:
// a person sees something, and the catalog test finds it.
func Say(l Lang, k Key, args ...any) string {
	s, ok := Lookup(k)
	if !ok {
		return string(k)
	}
	f := s.In(l)
	if len(args) == 0 {
		return f
	}
	return fmt.Sprintf(f, args...)
}

// Known tells whether there is a sentence of the key.
func (k Key) Known() bool {
	_, ok := Lookup(k)
	return ok
}

// Lookup finds the sentence of a key.
func Lookup(k Key) (Sentence, bool) {
	for _, c := range catalogs {
		if s, ok := c[k]; ok {
			return s, true
		}
	}
	return Sentence{}, false
}
