package dial

import "strings"

// Parts of the tricks.
var (
	symbols = []string{
		"*", "#", "+", "-", ".", ",", "(", ")", "~", "!", "&", "/", " ", "%20", "%23", "%2A", "%2a", "%2B",
		"%00", "\x00", "\t", "\"", "'", "<", ">", "=", "?", "$", "@", ":", "_", "^", "|", "\\", "`", "{", "}",
		"[", "]", "%", "%25", "%2523", "＊", "＃", "＋", "－", "　", "★", "☎", "A", "p", "w", "x", "T", ";",
		"\r\n", "\x7f", "\xff", "**", "##", "*#", "#*", "*31#", "#31#", "*67", "*#*",
	}
	separators = []string{
		"-", ".", " ", "(", ")", "/", "_", ",", "%20", "%2D", "\u00a0", "\u2010", "\u2013", "－", "・", "\t", "'",
	}
	invisible = []string{
		"\u200b", "\u200c", "\u200d", "\u2060", "\ufeff", "\u00ad", "\u0301", "\u20e3", "\ufe0f", "\u202e", "\x00",
	}
	// carriers are 00XY codes and their like.
	carriers = []string{
		"001", "0033", "0036", "0038", "0039", "0041", "0061", "0063", "0077", "0088", "009130", "005345",
	}
	seizures = []string{
		"0", "9", "00", "000", "0000", "09", "90", "184", "186", "184184", "186184", "0184", "1840", "9184",
		"122", "1220033", "184122", "110", "118", "119", "01", "011", "1", "81", "0081", "01081", "+81", "+",
		"104", "0120", "03",
	}
	pluses = []string{"+", "++", "+++", "00+", "0+", "+0", "+00", "+010", "010+", "+81+", "＋", "%2B", "+81010", "+810"}
	pauses = []string{
		",", ",,", ",,,,", "p", "pp", "w", "P", "W", ";", "*", "#", "**", "x", "X", ";ext=", ";postd=p", "T",
	}
	suffix = []string{
		"#", "*", "0", "00", "1", "123", "*99", "*010", "#010", "@", "@example.invalid", "%40x", ";", ",", "\x00",
		" ", "&", "?", "%00", "\n",
	}
	parameters = []string{
		";phone-context=+232", ";phone-context=+81", ";phone-context=example.invalid", ";isub=010232", ";postd=pp010",
		";ext=010", ";rn=+23276", ";npdi", ";npdi;rn=23276", ";tgrp=abroad;trunk-context=x",
		";cic=+8133", ";user=phone",
		";x=y@z", ";enumdi", ";phone-context=+81;phone-context=+232", ";m-x=1", ";isub=",
	}
	// zeros of digit rows in other scripts.
	rows = []rune{'０', '٠', '۰', '०', '০', '𝟎', '𝟘', '𝟬', '𝟶', '߀', '๐', '០'}
)

// trick rewrites a dial string.
type trick struct {
	name string
	play func(d *dice, s string) string
}

// tricks are the productions of the evasion grammar.
var tricks = append(digitTricks[:len(digitTricks):len(digitTricks)], symbolTricks...)

// digitTricks leave digits, and a plus: only the grammar can refuse them.
var digitTricks = []trick{
	{"plain", func(_ *dice, s string) string { return s }},
	{"line-seizure", func(d *dice, s string) string { return d.of(seizures) + s }},
	{"carrier", func(d *dice, s string) string { return d.of(carriers) + s }},
	{"plus", func(d *dice, s string) string { return d.of(pluses) + s }},
	{"plus-for-prefix", func(d *dice, s string) string { return d.of(pluses) + strings.TrimPrefix(s, "010") }},
	{"overdialed", func(d *dice, s string) string { return national(d) + s }},
	{"cut", func(d *dice, s string) string { return s[:d.below(len(s)+1)] }},
	{"doubled", func(_ *dice, s string) string { return s + s }},
	{"shifted", func(d *dice, s string) string { return s[min(d.below(3), len(s)):] }},
	{"other-digit", func(d *dice, s string) string {
		if s == "" {
			return s
		}
		at := d.below(len(s))
		return s[:at] + string(d.digits(nil, d.below(3))) + s[at+1:]
	}},
}

// symbolTricks bring in anything else.
var symbolTricks = []trick{
	{"symbol-in-front", func(d *dice, s string) string { return d.of(symbols) + s }},
	{"symbols-in-front", func(d *dice, s string) string { return d.of(symbols) + d.of(symbols) + s }},
	{"symbol-inside", func(d *dice, s string) string { return insert(d, s, d.of(symbols)) }},
	{"separator", func(d *dice, s string) string { return insert(d, s, d.of(separators)) }},
	{"separators", func(d *dice, s string) string {
		return insert(d, insert(d, insert(d, s, d.of(separators)), d.of(separators)), d.of(separators))
	}},
	{"invisible", func(d *dice, s string) string { return insert(d, s, d.of(invisible)) }},
	{"escaped-digit", func(d *dice, s string) string { return escapeDigits(d, s, false) }},
	{"escaped-digits", func(d *dice, s string) string { return escapeDigits(d, s, true) }},
	{"other-script", func(d *dice, s string) string { return otherScript(d, s, true) }},
	{"one-digit-of-other-script", func(d *dice, s string) string { return otherScript(d, s, false) }},
	{"look-alike", func(_ *dice, s string) string {
		return strings.NewReplacer("0", "O", "1", "l").Replace(s)
	}},
	{"behind-domestic", func(d *dice, s string) string { return national(d) + d.of(pauses) + s }},
	{"behind-emergency", func(d *dice, s string) string {
		return d.of([]string{"110", "118", "119", "0110"}) + d.of(pauses) + s
	}},
	{"suffix", func(d *dice, s string) string { return s + d.of(suffix) }},
	{"parameter", func(d *dice, s string) string { return s + d.of(parameters) }},
	{"parameter-of-domestic", func(d *dice, s string) string {
		return national(d) + d.of([]string{";isub=", ";postd=", ";rn=", ";ext=", ";phone-context=+", ";x="}) + s
	}},
	{"scheme", func(d *dice, s string) string {
		return d.of([]string{"tel:", "TEL:", "sip:", "sips:", "Tel:+", "urn:"}) + s
	}},
	{"quoted", func(_ *dice, s string) string { return "\"" + s + "\"" }},
	{"at", func(d *dice, s string) string { return s + d.of([]string{"@", "%40", "@carrier.invalid", ":pw"}) }},
	{"noise", noise},
}

func insert(d *dice, s, part string) string {
	at := d.below(len(s) + 1)
	return s[:at] + part + s[at:]
}

const hexDigits = "0123456789ABCDEF"

func escape(b []byte, c byte) []byte { return append(b, '%', hexDigits[c>>4], hexDigits[c&15]) }

// escapeDigits escapes one byte, or all.
func escapeDigits(d *dice, s string, all bool) string {
	var b []byte
	at := d.below(len(s) + 1)
	for i := range len(s) {
		if all || i == at {
			b = escape(b, s[i])
		} else {
			b = append(b, s[i])
		}
	}
	return string(b)
}

// otherScript writes one digit, or all, in another script.
func otherScript(d *dice, s string, all bool) string {
	zero := rows[d.below(len(rows))]
	at := d.below(len(s) + 1)
	var b strings.Builder
	for i := range len(s) {
		if c := s[i]; (all || i == at) && c >= '0' && c <= '9' {
			b.WriteRune(zero + rune(c-'0'))
		} else {
			b.WriteByte(c)
		}
	}
	return b.String()
}

// noise changes, removes or adds a few bytes.
func noise(d *dice, s string) string {
	b := []byte(s)
	for range 1 + d.below(3) {
		at := d.below(len(b) + 1)
		switch d.below(3) {
		case 0:
			b = append(b[:at:at], append([]byte{byte(d.below(256))}, b[at:]...)...)
		case 1:
			if at < len(b) {
				b[at] = byte(d.below(256))
			}
		case 2:
			if at < len(b) {
				b = append(b[:at], b[at+1:]...)
			}
		}
	}
	return string(b)
}
