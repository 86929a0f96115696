package dial

import "strings"

// Wave2 spells target, a number that is barred, in more than a thousand
// distinct ways: symbols, prefixes and both in front of it, as the callers of
// late March 2015 did, then separators, escapes and other scripts inside. The
// order is fixed and begins with the plainest. target itself is not among them.
// NUL and line ends are left out: those, a parser may refuse before any rule
// is asked.
func Wave2(target string) []string {
	w := &wave{target: target, seen: map[string]bool{target: true}}
	front := printable(symbols)
	for _, s := range front {
		w.add(s + target)
	}
	for _, p := range append(append(append([]string{}, seizures...), carriers...), pluses...) {
		w.add(p + target)
	}
	for _, s := range front {
		for _, p := range append(append([]string{}, seizures...), carriers...) {
			w.add(s + p + target)
		}
	}
	for _, s := range front[:dialable] {
		for _, t := range front {
			w.add(s + t + target)
		}
	}
	for _, s := range printable(append(append([]string{}, separators...), invisible...)) {
		for at := 1; at <= len(target); at++ {
			w.add(target[:at] + s + target[at:])
		}
	}
	for at := range len(target) {
		w.add(target[:at] + string(escape(nil, target[at])) + target[at+1:])
	}
	for _, zero := range rows {
		w.add(strings.Map(func(r rune) rune {
			if r >= '0' && r <= '9' {
				return zero + r - '0'
			}
			return r
		}, target))
	}
	return w.spelled
}

// dialable is how many of symbols stand on keypads or in usual spellings: the
// first ones.
const dialable = 13

// wave collects distinct spellings.
type wave struct {
	target  string
	seen    map[string]bool
	spelled []string
}

func (w *wave) add(s string) {
	if !w.seen[s] {
		w.seen[s] = true
		w.spelled = append(w.spelled, s)
	}
}

// printable drops parts with control bytes, broken UTF-8 and the escape of NUL.
func printable(parts []string) []string {
	var kept []string
	for _, p := range parts {
		bad := strings.ContainsFunc(p, func(r rune) bool { return r < ' ' || r == 0x7f || r == '\ufffd' })
		if !bad && !strings.Contains(p, "%00") {
			kept = append(kept, p)
		}
	}
	return kept
}

// URIUser escapes a dial string for the user part of a SIP URI (RFC 3261
// §25.1: unreserved and user-unreserved stay). Unescaped once it is the dial
// string again.
func URIUser(dialed string) string {
	const plain = "-_.!~*'()&=+$,;?/"
	var b []byte
	for i := range len(dialed) {
		c := dialed[i]
		switch {
		case c >= '0' && c <= '9', c >= 'a' && c <= 'z', c >= 'A' && c <= 'Z', strings.IndexByte(plain, c) >= 0:
			b = append(b, c)
		default:
			b = escape(b, c)
		}
	}
	return string(b)
}
