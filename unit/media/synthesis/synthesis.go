// Package synthesis makes speech of an owner's own text, with the same voices as the
// announcements of package prompt: Open JTalk for Japanese and flite for English, which
// are programs of the machine that it is made on (Debian: open-jtalk,
// open-jtalk-mecab-naist-jdic, flite). No unit runs them: who administers one does, and
// hands the sound over.
//
// Use Say. A name that is not read as it should be is written in kana.
//
// # Limits
//
// A text has at most CharactersMax characters, and is made within TimeMax.
package synthesis

import (
	"bytes"
	"context"
	_ "embed"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/sekisho/sekisho/unit/media/music"
	"github.com/sekisho/sekisho/unit/media/prompt"
)

// Limits of Say.
const (
	CharactersMax = 600
	TimeMax       = time.Minute
)

// Errors of Say.
var (
	// ErrMissing: a program or a dictionary is not installed.
	ErrMissing = errors.New("not installed")
	// ErrText: nothing to say, or too much, or what is no text.
	ErrText = errors.New("nothing to say, too much, or no text")
	// ErrLanguage: a language that nobody speaks here.
	ErrLanguage = errors.New("no voice for that language")
)

// voice is "HTS voice tohoku-f01", neutral (see NOTICE).
//
//go:embed tohoku-f01-neutral.htsvoice
var voice []byte

// dictionary is where Debian keeps that of Open JTalk.
const dictionary = "/var/lib/mecab/dic/open-jtalk/naist-jdic"

// edge is the silence before and after what is said, pause that between two sentences.
const (
	edge  = music.NarrowRate * 3 / 10
	pause = music.NarrowRate * 4 / 10
)

// faint is what counts as silence, of 32767.
const faint = 160

// Packages are those of Debian that speak a language.
func Packages(lang string) string {
	if lang == prompt.English {
		return "flite"
	}
	return "open-jtalk open-jtalk-mecab-naist-jdic"
}

// Say speaks a text in "ja" or "en": samples at 8000 Hz, as loud as the announcements.
func Say(ctx context.Context, lang, said string) ([]int16, error) {
	if lang != prompt.Japanese && lang != prompt.English {
		return nil, fmt.Errorf("%q: %w", lang, ErrLanguage)
	}
	sentences := split(said)
	if len(sentences) == 0 || utf8.RuneCountInString(said) > CharactersMax || !utf8.ValidString(said) {
		return nil, ErrText
	}
	ctx, cancel := context.WithTimeout(ctx, TimeMax)
	defer cancel()
	dir, err := os.MkdirTemp("", "sekisho-say-")
	if err != nil {
		return nil, fmt.Errorf("say: %w", err)
	}
	defer os.RemoveAll(dir)
	m := mouth{dir: dir, lang: lang}
	pcm := make([]int16, edge)
	for i, s := range sentences {
		if i > 0 {
			pcm = append(pcm, make([]int16, pause)...)
		}
		one, err := m.say(ctx, s)
		if err != nil {
			return nil, err
		}
		pcm = append(pcm, one...)
	}
	return append(pcm, make([]int16, edge)...), nil
}

// split is a text in sentences: Open JTalk reads one line, and not a long one.
func split(said string) []string {
	var all []string
	var one strings.Builder
	end := func() {
		if s := strings.TrimSpace(one.String()); strings.ContainsFunc(s, spoken) {
			all = append(all, s)
		}
		one.Reset()
	}
	for _, r := range said {
		switch {
		case r == '\n':
			end()
		case unicode.IsControl(r):
			one.WriteByte(' ')
		default:
			one.WriteRune(r)
			if strings.ContainsRune("。!?！？", r) {
				end()
			}
		}
	}
	end()
	return all
}

func spoken(r rune) bool { return unicode.IsLetter(r) || unicode.IsDigit(r) }

// mouth speaks sentences in a folder of its own.
type mouth struct{ dir, lang string }

func (m mouth) say(ctx context.Context, sentence string) ([]int16, error) {
	in, out := filepath.Join(m.dir, "said.txt"), filepath.Join(m.dir, "said.wav")
	if err := os.WriteFile(in, []byte(sentence+"\n"), 0o600); err != nil {
		return nil, fmt.Errorf("say: %w", err)
	}
	name, args := "flite", []string{"-voice", "slt", "-f", in, "-o", out}
	if m.lang == prompt.Japanese {
		if _, err := os.Stat(dictionary); err != nil {
			return nil, fmt.Errorf("the dictionary of open_jtalk: %w", ErrMissing)
		}
		speaker := filepath.Join(m.dir, "voice")
		if err := os.WriteFile(speaker, voice, 0o600); err != nil {
			return nil, fmt.Errorf("say: %w", err)
		}
		name, args = "open_jtalk", []string{"-x", dictionary, "-m", speaker, "-ow", out, in}
	}
	path, err := exec.LookPath(name)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, ErrMissing)
	}
	var words bytes.Buffer
	c := exec.CommandContext(ctx, path, args...)
	c.Stderr = &words
	if err := c.Run(); err != nil {
		return nil, fmt.Errorf("%s: %w: %.200s", name, err, words.String())
	}
	f, err := os.Open(out)
	if err != nil {
		return nil, fmt.Errorf("%s said nothing: %w", name, err)
	}
	defer f.Close()
	pcm, err := music.Speech(f)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	return trimmed(pcm), nil
}

// trimmed is what is said without the silence around it.
func trimmed(pcm []int16) []int16 {
	heard := func(x int16) bool { return x > faint || x < -faint }
	first := slices.IndexFunc(pcm, heard)
	if first < 0 {
		return nil
	}
	for !heard(pcm[len(pcm)-1]) {
		pcm = pcm[:len(pcm)-1]
	}
	return pcm[first:]
}
