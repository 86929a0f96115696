package number

import (
	"net/url"
	"regexp"
	"slices"
	"strings"
	"unicode"
)

// careless is the second opinion on dialed numbers. It shares nothing with the
// grammar and is its opposite: an exchange that takes everything, undoes every
// escape, knows the digits of all scripts, drops what it does not know, forgives
// every prefix, and of all ways to read what is left returns the dearest.
type careless struct{}

// verdicts from harmless to dear; the names of allowed ones are those of the
// classes.
var carelessOrder = []string{
	"nothing", "emergency", "service", "hash-short", "freephone", "geographic", "ip-phone", "mobile",
	"short", "odd", "shared", "premium", "carrier", "abroad",
}

// plan is the national plan as anybody would scribble it down.
var carelessPlan = []struct {
	name string
	re   *regexp.Regexp
}{
	{"emergency", regexp.MustCompile(`^11[089]$`)},
	{"service", regexp.MustCompile(`^(10[46]|11[3567]|17[17]|18[89])$`)},
	{"hash-short", regexp.MustCompile(`^(7119|8000|9110|8103|8891|9910)$`)}, // its # long gone
	{"freephone", regexp.MustCompile(`^(0120[0-9]{6}|0800[0-9]{7})$`)},
	{"shared", regexp.MustCompile(`^0(57|18)0`)},
	{"premium", regexp.MustCompile(`^0990`)},
	{"mobile", regexp.MustCompile(`^0[6789]0[1-9][0-9]{7}$`)},
	{"ip-phone", regexp.MustCompile(`^050[1-9][0-9]{7}$`)},
	{"geographic", regexp.MustCompile(`^0[1-9]([1-9][0-9]|[0-9][1-9])[0-9]{6}$`)},
	{"geographic", regexp.MustCompile(`^0[2-9][1-9]0[0-9]{6}$`)},
	{"short", regexp.MustCompile(`^1[0-9]{0,8}$`)},
}

// judge returns the dearest reading of s.
func (careless) judge(s string) string {
	worst := 0
	for range 3 { // escapes within escapes
		u, err := url.PathUnescape(s)
		if err != nil || u == s {
			break
		}
		s = u
	}
	for _, reading := range carelessReadings(s) {
		worst = max(worst, slices.Index(carelessOrder, carelessDial(reading)))
	}
	return carelessOrder[worst]
}

// carelessReadings are all digits of s together, and every run of them.
func carelessReadings(s string) []string {
	plain := true
	for _, r := range s {
		plain = plain && r >= '0' && r <= '9'
	}
	if plain {
		return []string{s}
	}
	var all, run []rune
	var readings []string
	flush := func() {
		if len(run) > 0 && len(run) < len(all) {
			readings = append(readings, string(run))
		}
		run = nil
	}
	for _, r := range s {
		switch d := carelessDigit(r); {
		case d >= 0:
			all, run = append(all, rune('0'+d)), append(run, rune('0'+d))
		case r == '+' || r == '＋':
			flush()
			all, run = append(all, '+'), append(run, '+')
		default:
			flush()
		}
	}
	flush()
	return append(readings, string(all))
}

// carelessDigit is the value of a digit of any script, or -1.
func carelessDigit(r rune) int {
	if r >= '0' && r <= '9' {
		return int(r - '0')
	}
	if r == 'O' || r == 'o' {
		return 0
	}
	if r == 'l' || r == 'I' {
		return 1
	}
	if !unicode.Is(unicode.Nd, r) {
		return -1
	}
	zero := r
	for i := 0; i < 9 && unicode.Is(unicode.Nd, zero-1); i++ {
		zero--
	}
	return int(r - zero)
}

// carelessDial says where digits, perhaps with plus signs, would lead.
func carelessDial(s string) string {
	for {
		t := s
		for _, p := range []string{"184", "186", "122"} {
			t = strings.TrimPrefix(t, p)
		}
		if t == s {
			break
		}
		s = t
	}
	if i := strings.LastIndexByte(s, '+'); i >= 0 {
		rest, home := strings.CutPrefix(s[i+1:], "81")
		if !home {
			return "abroad"
		}
		if strings.HasPrefix(rest, "0") {
			return carelessDial(rest)
		}
		return carelessDial("0" + rest)
	}
	switch {
	case s == "":
		return "nothing"
	case strings.HasPrefix(s, "010"):
		return "abroad"
	case strings.HasPrefix(s, "00"):
		return "carrier"
	}
	for _, p := range carelessPlan {
		if p.re.MatchString(s) {
			return p.name
		}
	}
	return "odd"
}
