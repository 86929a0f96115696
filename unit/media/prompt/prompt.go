// Package prompt holds the announcements that a unit speaks, in Japanese and
// English, as µ-law at 8000 Hz.
//
// Use Book.Open first: it is what a unit says, with the owner's own recordings in
// place of what is here. The sentences stand in sentences.tsv, and words that others
// are put together of in words.tsv; make.sh makes the sound of them (Open JTalk
// and flite), at -16 dBm0 while speaking. Names here are those that verdicts
// carry (gate.Verdict.Prompt), and those of what the unit tells its owner.
//
// # Limits
//
// A sentence is at most SecondsMax long.
package prompt

import (
	"embed"
	"errors"
	"fmt"
	"slices"
	"strings"
)

//go:generate sh make.sh

//go:embed sentences.tsv
var sentences string

//go:embed words.tsv
var words string

//go:embed ja en
var sounds embed.FS

// SecondsMax is how long an announcement is at most, LongMax how long those that
// keep nobody waiting may be: the owner's own of them.
const (
	SecondsMax = 10
	LongMax    = 60
)

// long are the announcements after which the call ends or the caller speaks: nothing
// else waits for their end.
var long = []string{"closed", "holiday", "mailbox-leave", "caller-blocked"}

// Longest is how long an owner's own recording of an announcement may be, in seconds.
func Longest(name string) int {
	if slices.Contains(long, name) {
		return LongMax
	}
	return SecondsMax
}

// The languages.
const (
	Japanese = "ja"
	English  = "en"
)

// ErrUnknown: no such announcement, or not in that language.
var ErrUnknown = errors.New("no such announcement")

// Open is the sound of an announcement: µ-law, 8000 bytes a second. It must
// not be changed.
func Open(name, lang string) ([]byte, error) {
	if !slices.Contains([]string{Japanese, English}, lang) || strings.ContainsAny(name, "/.") {
		return nil, fmt.Errorf("%s in %q: %w", name, lang, ErrUnknown)
	}
	sound, err := sounds.ReadFile(lang + "/" + name + ".ulaw")
	if err != nil {
		return nil, fmt.Errorf("%s in %q: %w", name, lang, ErrUnknown)
	}
	return sound, nil
}

// Names lists the sentences.
func Names() []string { return namesIn(sentences) }

// Words lists the words that others are put together of: "digit-0" to
// "digit-9", "word-extension" and their like; package speech makes numbers and
// times of them. Not every language has each.
func Words() []string { return namesIn(words) }

func namesIn(table string) []string {
	var names []string
	for line := range strings.Lines(table) {
		name, _, _ := strings.Cut(line, "\t")
		names = append(names, name)
	}
	return names
}

// none stands in words.tsv where a language has no such word.
const none = "-"

// Sentence is what an announcement or a word says, "" if there is none.
func Sentence(name, lang string) string {
	for line := range strings.Lines(sentences + words) {
		f := strings.Split(strings.TrimSpace(line), "\t")
		if len(f) == 3 && f[0] == name {
			says := f[1]
			if lang == English {
				says = f[2]
			}
			return strings.TrimPrefix(says, none)
		}
	}
	return ""
}
