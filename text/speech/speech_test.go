package speech_test

import (
	"os"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/sekisho/sekisho/text"
	"github.com/sekisho/sekisho/text/speech"
	"github.com/sekisho/sekisho/unit/media/prompt"
)

// say gives the words of what there is to be said.
func say(t *testing.T, lang text.Lang, what, of string) []string {
	t.Helper()
	if what == "digits" {
		return speech.Digits(of)
	}
	layout := map[string]string{"clock": "15:04", "date": time.DateOnly}[what]
	if layout != "" {
		at, err := time.Parse(layout, of)
		if err != nil {
			t.Fatal(err)
		}
		if what == "date" {
			return speech.Date(lang, at)
		}
		return speech.Clock(lang, at)
	}
	n, err := strconv.ParseInt(of, 10, 64)
	if err != nil {
		t.Fatal(err)
	}
	counters := map[string]speech.Counter{
		"items": speech.Items, "people": speech.People, "yen": speech.Yen, "place": speech.Place,
	}
	if c, ok := counters[what]; ok {
		return speech.Count(lang, n, c)
	}
	return speech.Number(lang, n)
}

// kana reads what words.tsv writes otherwise, since it sounds better so.
var kana = strings.NewReplacer(
	"番目", "ばんめ", "午前", "ごぜん", "午後", "ごご", "ジ", "じ", "フン", "ふん", "ゼロ", "ぜろ",
	"日曜日", "にちようび", "月曜日", "げつようび", "火曜日", "かようび", "水曜日", "すいようび", "木曜日", "もくようび",
	"金曜日", "きんようび", "土曜日", "どようび",
)

// read gives what words say, and fails where one has no sound.
func read(t *testing.T, lang text.Lang, names []string, between, rest string) string {
	t.Helper()
	var b strings.Builder
	for i, name := range names {
		if name == "" {
			b.WriteString(rest)
			continue
		}
		if _, err := prompt.Open(name, lang.String()); err != nil {
			t.Errorf("%v: %v", names, err)
		}
		if i > 0 {
			b.WriteString(between)
		}
		b.WriteString(prompt.Sentence(name, lang.String()))
	}
	return b.String()
}

// TestJapanese: a table of readings, each of words that have a sound.
func TestJapanese(t *testing.T) {
	table, err := os.ReadFile("testdata/japanese.tsv")
	if err != nil {
		t.Fatal(err)
	}
	seen := 0
	for line := range strings.Lines(string(table)) {
		f := strings.Split(strings.TrimSpace(line), "\t")
		seen++
		if got := kana.Replace(read(t, text.JA, say(t, text.JA, f[0], f[1]), "", "、")); got != f[2] {
			t.Errorf("%s %s: %s, want %s", f[0], f[1], got, f[2])
		}
	}
	if seen < 300 {
		t.Errorf("%d readings", seen)
	}
}

// TestEnglish: the same in English.
func TestEnglish(t *testing.T) {
	for _, c := range []struct{ what, of, want string }{
		{"number", "0", "zero"},
		{"number", "13", "thirteen"},
		{"number", "20", "twenty"},
		{"number", "105", "one hundred five"},
		{"number", "1980", "one thousand nine hundred eighty"},
		{"number", "12345678", "twelve million three hundred forty five thousand six hundred seventy eight"},
		{"items", "3", "three"},
		{"people", "1", "one person"},
		{"people", "2", "two people"},
		{"yen", "4", "four yen"},
		{"place", "2", "number two"},
		{"clock", "00:00", "twelve A M"},
		{"clock", "14:06", "two oh six P M"},
		{"clock", "13:09", "one oh nine P M"},
		{"clock", "13:10", "one ten P M"},
		{"clock", "09:40", "nine forty A M"},
		{"clock", "12:15", "twelve fifteen P M"},
		{"date", "2026-12-01", "Tuesday December first"},
		{"date", "2027-01-22", "Friday January twenty second"},
		{"digits", "12-3", "one two, three"},
	} {
		if got := read(t, text.EN, say(t, text.EN, c.what, c.of), " ", ","); got != c.want {
			t.Errorf("%s %s: %s, want %s", c.what, c.of, got, c.want)
		}
	}
}

// TestEveryWordHasASound: whatever there is to be said, in both languages.
func TestEveryWordHasASound(t *testing.T) {
	day := time.Date(2024, 1, 1, 0, 0, 0, 0, time.UTC)
	for _, lang := range []text.Lang{text.EN, text.JA} {
		for i := range 366 {
			read(t, lang, speech.Date(lang, day.AddDate(0, 0, i)), "", "")
		}
		for i := range 24 * 60 {
			read(t, lang, speech.Clock(lang, day.Add(time.Duration(i)*time.Minute)), "", "")
		}
		for n := int64(0); n < 2*speech.Max; n = n*9/8 + 1 {
			for c := speech.Items; c <= speech.Place; c++ {
				read(t, lang, speech.Count(lang, n, c), "", "")
			}
		}
	}
}
