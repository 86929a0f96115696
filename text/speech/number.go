package speech

import (
	"slices"
	"strconv"

	"github.com/sekisho/sekisho/text"
)

// Digits says a number digit by digit, with a rest at each hyphen or space.
func Digits(s string) (said []string) {
	for _, c := range s {
		switch {
		case c >= '0' && c <= '9':
			said = append(said, digit(int64(c-'0')))
		case (c == '-' || c == ' ') && len(said) > 0:
			said = append(said, "")
		}
	}
	return said
}

// Number says a number.
func Number(lang text.Lang, n int64) []string {
	switch {
	case n < 0 || n >= Max:
		return Digits(strconv.FormatInt(n, 10))
	case n == 0:
		return []string{digit(0)}
	case lang == text.EN:
		return english(n)
	}
	return japanese(n)
}

func digit(n int64) string { return numbered("digit-", n) }

// whole names a word that is a number by itself: "num-300".
func whole(n int64) string { return numbered("num-", n) }

func numbered(stem string, n int64) string { return stem + strconv.FormatInt(n, 10) }

// japanese counts by ten thousands: 億, 万.
func japanese(n int64) (said []string) {
	for _, unit := range []struct {
		size int64
		word string
	}{{100_000_000, "num-oku"}, {10_000, "num-man"}} {
		if many := n / unit.size; many > 0 {
			said = append(thousands(said, many, true), unit.word)
			n %= unit.size
		}
	}
	return thousands(said, n, false)
}

// thousands says a number below ten thousand; one thousand of 万 or 億 is いっせん.
func thousands(said []string, n int64, unit bool) []string {
	if n >= 1000 && n < 2000 && unit {
		said, n = append(said, "num-1000-whole"), n%1000
	}
	for _, size := range []int64{1000, 100, 10} {
		if n >= size {
			said, n = append(said, whole(n/size*size)), n%size
		}
	}
	if n > 0 {
		said = append(said, digit(n))
	}
	return said
}

func english(n int64) (said []string) {
	for _, unit := range []struct {
		size int64
		word string
	}{{1_000_000, "num-million"}, {1000, "num-thousand"}, {100, "num-hundred"}} {
		if many := n / unit.size; many > 0 {
			said = append(append(said, english(many)...), unit.word)
			n %= unit.size
		}
	}
	if n >= 20 {
		said, n = append(said, whole(n/10*10)), n%10
	}
	switch {
	case n >= 10:
		said = append(said, whole(n))
	case n > 0:
		said = append(said, digit(n))
	}
	return said
}

// Counter is what is counted.
type Counter uint8

// The counters.
const (
	Items  Counter = iota // 件; in English the number alone
	People                // 人
	Yen                   // 円
	Place                 // 番目: whose turn it is; in English "number two"
)

// Count says how many there are of something, or which it is.
func Count(lang text.Lang, n int64, c Counter) []string {
	said := Number(lang, n)
	if lang == text.EN {
		return counted(said, n, c)
	}
	switch {
	case c == People && (n == 1 || n == 2):
		return []string{numbered("nin-", n)}
	case c == People:
		return join(said, "nin", "nin-", 4)
	case c == Yen:
		return join(said, "yen", "yen-", 4)
	case c == Place:
		return append(said, "banme")
	}
	return join(said, "ken", "ken-", 1, 6, 8, 10, 100, 300, 600, 800)
}

// counted puts the English word to a number.
func counted(said []string, n int64, c Counter) []string {
	switch {
	case c == People && n == 1:
		return []string{"nin-1"}
	case c == People:
		return append(said, "nin")
	case c == Yen:
		return append(said, "yen")
	case c == Place:
		return append([]string{"banme"}, said...)
	}
	return said
}

// join puts a Japanese counter to a number. With those numbers it has grown together
// to words of its own, which begin with stem: いっけん, にじゅっけん, さんびゃっけん.
func join(said []string, counter, stem string, grown ...int64) []string {
	last := len(said) - 1
	for _, size := range []int64{1, 10, 100} {
		for n := range int64(10) {
			if name := whole(n * size); said[last] != name && (size > 1 || said[last] != digit(n)) {
				continue
			}
			switch {
			case slices.Contains(grown, n*size):
				return append(said[:last], numbered(stem, n*size))
			case size > 1 && slices.Contains(grown, size):
				return append(said[:last], digit(n), numbered(stem, size))
			}
		}
	}
	return append(said, counter)
}
