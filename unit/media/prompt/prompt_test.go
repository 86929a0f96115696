package prompt

import (
	"math"
	"testing"

	"github.com/sekisho/sekisho/wire/rtp/g711"
)

// Every sentence is there in both languages, is as long as such a sentence
// takes, and is neither shouted nor whispered.
func TestAnnouncements(t *testing.T) {
	names := Names()
	if len(names) < 6 {
		t.Fatalf("%d announcements", len(names))
	}
	for _, name := range names {
		for _, lang := range []string{Japanese, English} {
			if Sentence(name, lang) == "" {
				t.Errorf("%s has no sentence in %s", name, lang)
			}
			sound, err := Open(name, lang)
			if err != nil {
				t.Error(err)
				continue
			}
			seconds := float64(len(sound)) / 8000
			if seconds < 1 || seconds > SecondsMax {
				t.Errorf("%s %s takes %.1f s", name, lang, seconds)
			}
			if level := speechLevel(sound); math.Abs(level+16) > 2.5 {
				t.Errorf("%s %s has %.1f dBm0, want -16", name, lang, level)
			}
			for i := range 1600 { // begins with silence: nothing is cut off
				if v := g711.DecodeMu(sound[i]); v > 200 || v < -200 {
					t.Errorf("%s %s begins with %d at %d", name, lang, v, i)
					break
				}
			}
		}
	}
}

// Every word is there in the languages that have it, short enough that words make a
// sentence, and as loud as one.
func TestWords(t *testing.T) {
	if n := len(Words()); n != 139 {
		t.Errorf("%d words", n)
	}
	for _, name := range Words() {
		for _, lang := range []string{Japanese, English} {
			sound, err := Open(name, lang)
			if has := Sentence(name, lang) != ""; has != (err == nil) {
				t.Errorf("%s in %s: %v", name, lang, err)
			}
			if err != nil {
				continue
			}
			if seconds := float64(len(sound)) / 8000; seconds < 0.2 || seconds > 3 {
				t.Errorf("%s %s takes %.2f s", name, lang, seconds)
			}
			if level := speechLevel(sound); math.Abs(level+16) > 5 { // half of a "six" is silence
				t.Errorf("%s %s has %.1f dBm0, want -16", name, lang, level)
			}
		}
	}
}

// speechLevel is the level in dBm0 of the parts that are not silence.
func speechLevel(sound []byte) float64 {
	var power float64
	n := 0
	for at := 0; at+160 <= len(sound); at += 160 {
		var p float64
		for _, b := range sound[at : at+160] {
			v := float64(g711.DecodeMu(b)) / 32767
			p += v * v
		}
		if p/160 > 1e-4 { // above about -34 dBm0
			power += p
			n += 160
		}
	}
	return 10*math.Log10(2*power/float64(n)) + g711.DBm0
}

func TestUnknown(t *testing.T) {
	for _, c := range [][2]string{{"nonsense", "ja"}, {"barred", "fr"}, {"../ja/barred", "en"}, {"", ""}} {
		if _, err := Open(c[0], c[1]); err == nil {
			t.Errorf("%v was found", c)
		}
	}
}
