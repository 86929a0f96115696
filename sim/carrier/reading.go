package carrier

import "strings"

// Class is the carrier's own idea of what was dialed.
type Class string

// The classes of the carrier's number plan.
const (
	Emergency     Class = "emergency"
	Service       Class = "service" // 1XY
	Domestic      Class = "domestic"
	Mobile        Class = "mobile"
	Freephone     Class = "freephone"
	Premium       Class = "premium"
	International Class = "international"
	Nothing       Class = "nothing" // no such number
)

// Reading is a dialed number as the exchange takes it.
type Reading struct {
	Class   Class
	Digits  string // what is dialed on: country code first for international
	Country string // country code prefix of the tariff, e.g. "232"
}

// Read reads a dialed user part as an exchange does that is glad to help: it
// undoes escapes, drops what it does not know, strips every prefix it has
// ever heard of, and dials what remains. The worst reading wins, because that
// is the one that is billed.
func Read(user []byte) Reading {
	plus, d := digitsOf(string(user))
	for range 8 { // prefixes can be stacked
		switch {
		case !plus && hasPrefix(d, "184", "186") && len(d) > 5:
			d = d[3:]
		case !plus && strings.HasPrefix(d, "122") && len(d) > 5:
			d = d[3:]
		case !plus && strings.HasPrefix(d, "010"):
			return abroad(d[3:])
		case plus && strings.HasPrefix(d, "81"):
			plus, d = false, "0"+strings.TrimPrefix(d[2:], "0")
			if strings.HasPrefix(d, "010") { // +81 010 …: international hidden in Japan
				return abroad(d[3:])
			}
		case plus:
			return abroad(d)
		case strings.HasPrefix(d, "00"):
			return behindCarrierCode(d)
		case strings.HasPrefix(d, "011") && len(d) > 11:
			return abroad(d[3:])
		case hasPrefix(d, "0110", "0118", "0119") && len(d) == 4, hasPrefix(d, "9110", "9119") && len(d) == 4:
			d = d[1:]
		case hasPrefix(d, "9010") && len(d) > 11, hasPrefix(d, "81") && len(d) > 10:
			return afterSeizure(d)
		default:
			return home(d)
		}
	}
	return Reading{Class: Nothing, Digits: d}
}

// behindCarrierCode reads 00XY: whatever follows an international code, or
// 00 itself, is taken for abroad.
func behindCarrierCode(d string) Reading {
	if i := strings.Index(d, "010"); i >= 0 && len(d) > i+6 {
		return abroad(d[i+3:])
	}
	for _, code := range []string{"0033", "0041", "0061", "0038", "0039", "0077", "0088", "001"} {
		if strings.HasPrefix(d, code) && len(d) > len(code)+6 {
			return abroad(d[len(code):])
		}
	}
	return abroad(strings.TrimLeft(d, "0"))
}

func afterSeizure(d string) Reading {
	if strings.HasPrefix(d, "81") {
		return home("0" + d[2:])
	}
	return abroad(d[4:])
}

// digitsOf keeps digits of any script, and whether a plus led them.
func digitsOf(s string) (plus bool, digits string) {
	var b strings.Builder
	for _, r := range unescape(s) {
		switch {
		case r >= '0' && r <= '9':
			b.WriteRune(r)
		case r >= '０' && r <= '９':
			b.WriteRune('0' + r - '０')
		case r >= '٠' && r <= '٩':
			b.WriteRune('0' + r - '٠')
		case (r == '+' || r == '＋') && b.Len() == 0:
			plus = true
		}
	}
	return plus, b.String()
}

// unescape undoes %HH once, leaving what is no escape.
func unescape(s string) string {
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		if s[i] == '%' && i+2 < len(s) {
			if h, ok := hexByte(s[i+1], s[i+2]); ok {
				b.WriteByte(h)
				i += 2
				continue
			}
		}
		b.WriteByte(s[i])
	}
	return b.String()
}

func hexByte(a, b byte) (byte, bool) {
	x, y := nibble(a), nibble(b)
	return byte(x<<4 | y), x >= 0 && y >= 0
}

func nibble(c byte) int {
	if c >= 'A' && c <= 'F' {
		c += 'a' - 'A'
	}
	return strings.IndexByte("0123456789abcdef", c)
}

func abroad(d string) Reading {
	d = strings.TrimLeft(d, "0")
	for n := 3; n >= 1; n-- {
		if len(d) > n {
			if _, ok := rates[d[:n]]; ok {
				return Reading{Class: International, Digits: d, Country: d[:n]}
			}
		}
	}
	return Reading{Class: International, Digits: d, Country: dearest}
}

func home(d string) Reading {
	r := Reading{Digits: d}
	switch {
	case d == "110" || d == "118" || d == "119":
		r.Class = Emergency
	case len(d) == 3 && d[0] == '1':
		r.Class = Service
	case strings.HasPrefix(d, "0120") || strings.HasPrefix(d, "0800"):
		r.Class = Freephone
	case hasPrefix(d, "0990", "0570", "0180"):
		r.Class = Premium
	case hasPrefix(d, "070", "080", "090", "060", "050") && len(d) == 11:
		r.Class = Mobile
	case len(d) == 10 && d[0] == '0':
		r.Class = Domestic
	case len(d) >= 6 && len(d) <= 8 && d[0] >= '2':
		r.Class = Domestic
	default:
		r.Class = Nothing
	}
	return r
}

func hasPrefix(s string, prefixes ...string) bool {
	for _, p := range prefixes {
		if strings.HasPrefix(s, p) {
			return true
		}
	}
	return false
}
