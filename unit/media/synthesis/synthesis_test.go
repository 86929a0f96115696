package synthesis

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/sekisho/sekisho/unit/media/prompt"
)

func TestSplit(t *testing.T) {
	for said, want := range map[string][]string{
		"お電話ありがとうございます。営業は1を、":    {"お電話ありがとうございます。", "営業は1を、"},
		"Hello.\nPress 1!  Or 2?": {"Hello.", "Press 1!", "Or 2?"},
		"a\tb\x00c":               {"a b c"},
		" 。… \n!":                 nil,
		"":                        nil,
	} {
		if got := split(said); !slices.Equal(got, want) {
			t.Errorf("%q: %q, want %q", said, got, want)
		}
	}
}

func TestWhatIsNotSaid(t *testing.T) {
	for name, c := range map[string]struct {
		lang, said string
		want       error
	}{
		"nothing":            {prompt.Japanese, "。", ErrText},
		"too much":           {prompt.English, strings.Repeat("word ", CharactersMax), ErrText},
		"no text":            {prompt.English, "caf\xe9", ErrText},
		"no such language":   {"fr", "bonjour", ErrLanguage},
		"an option, no file": {"-o/etc/passwd", "x", ErrLanguage},
	} {
		if _, err := Say(t.Context(), c.lang, c.said); !errors.Is(err, c.want) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// TestMissingPrograms: where they are not installed it says so.
func TestMissingPrograms(t *testing.T) {
	t.Setenv("PATH", t.TempDir())
	for _, lang := range []string{prompt.Japanese, prompt.English} {
		if _, err := Say(t.Context(), lang, "1"); !errors.Is(err, ErrMissing) || Packages(lang) == "" {
			t.Errorf("%s: %v", lang, err)
		}
	}
}

// TestSay: the programs of this machine say what the announcements of package prompt
// say, in the same time and as loud.
func TestSay(t *testing.T) {
	for _, lang := range []string{prompt.Japanese, prompt.English} {
		for _, name := range []string{"closed", "mailbox-leave"} {
			pcm, err := Say(t.Context(), lang, prompt.Sentence(name, lang))
			if errors.Is(err, ErrMissing) {
				t.Fatalf("%s: %v; ./test install installs %s", lang, err, Packages(lang))
			}
			if err != nil {
				t.Fatal(err)
			}
			made, err := prompt.Open(name, lang)
			if err != nil {
				t.Fatal(err)
			}
			if r := float64(len(pcm)) / float64(len(made)); r < 0.8 || r > 1.25 {
				t.Errorf("%s in %s: %d samples, %d of the announcement", name, lang, len(pcm), len(made))
			}
		}
	}
	ctx, cancel := context.WithTimeout(t.Context(), time.Nanosecond)
	defer cancel()
	if _, err := Say(ctx, prompt.English, "one"); err == nil {
		t.Error("nobody waits for it any more, and it is said")
	}
}
