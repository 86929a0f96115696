package number

import "strings"

// The lengths of numbers with their leading zero.
const (
	lenNational = 10 // 0AB-J and 0AB0
	lenMobile   = 11 // 0A0 and 0800
	lenM2M      = 14 // 0200
	lenShort    = 3  // 1XY
	lenHash     = 4  // # numbers, without the #
)

// parseNational reads a number that begins with one 0: the trunk prefix and
// the national significant number, never 00 and never 010.
func parseNational(s string) Destination {
	if len(s) < 4 || s[1] == '0' {
		return misunderstood(WhyLength)
	}
	class, rng, length := nationalRange(s)
	switch {
	case class == NotUnderstood:
		return misunderstood(WhyUnassigned)
	case len(s) != length:
		return misunderstood(WhyLength)
	}
	return Destination{Class: class, Digits: homeCode + s[1:], Area: AreaJapan, Range: rng}
}

// nationalRange says what s begins as, and how long it then has to be.
func nationalRange(s string) (Class, Range, int) {
	switch s[:4] {
	case "0120":
		return Freephone, RangeTollFree, lenNational
	case "0800":
		return Freephone, RangeTollFree, lenMobile
	case "0570":
		return Navi, RangeShared, lenNational
	case "0990":
		return Premium, RangePremium, lenNational
	case "0180":
		return Telegong, RangePremium, lenNational
	case "0200":
		return Pager, RangePager, lenM2M
	}
	if s[2] != '0' { // 0AB…
		if !geographic.has(s[1:4]) {
			return NotUnderstood, RangeUnknown, 0
		}
		return Geographic, RangeFixed, lenNational
	}
	if s[3] == '0' { // 0A00
		return NotUnderstood, RangeUnknown, 0
	}
	switch s[1] { // 0A0C, C from 1
	case '2':
		return Pager, RangePager, lenMobile
	case '5':
		return IPPhone, RangeVoIP, lenMobile
	case '6', '7', '8', '9':
		return Mobile, RangeMobile, lenMobile
	}
	return NotUnderstood, RangeUnknown, 0
}

// parseLocal reads a number without area code, as dialed on line.
func parseLocal(s string, line *Line) Destination {
	if CheckAreaCode(line.AreaCode) != nil {
		return misunderstood(WhyAreaCode)
	}
	if len(line.AreaCode)+len(s) != lenNational {
		return misunderstood(WhyLength)
	}
	if d := parseNational(line.AreaCode + s); d.Class == Geographic {
		return d
	}
	return misunderstood(WhyUnassigned)
}

// services are the 1XY numbers that only connect to somebody: directory
// assistance, faults, orders, telegrams, time, disaster messages, weather,
// consumer and child-protection hot lines.
const services = "104 113 115 116 117 171 177 188 189"

// hashShort are the # short numbers in use throughout Japan: medical advice,
// children at night, police, sexual violence (two), road emergencies.
const hashShort = "7119 8000 9110 8103 8891 9910"

// parseShort reads a number that begins with 1.
func parseShort(s string, line *Line) Destination {
	switch {
	case strings.HasPrefix(s, withhold), strings.HasPrefix(s, show):
		return misunderstood(WhyPresentation)
	case len(s) == lenShort && (line.service(s) || strings.Contains(services, s)):
		return Destination{Class: Service, Digits: s}
	case isCarrierFeature(s):
		return Destination{Class: CarrierFeature, Digits: s}
	}
	return misunderstood(WhyShort)
}

// isCarrierFeature knows the numbers that set something at the carrier, with
// the digits dialed behind them (1420…, 1442): caller-number settings 13X,
// forwarding and call control 14X, number change and screening 15X, 16X.
func isCarrierFeature(s string) bool {
	return len(s) >= lenShort && s[0] == '1' && s[1] >= '3' && s[1] <= '6'
}

// parseHash reads what stands behind #.
func parseHash(s string, line *Line) Destination {
	if len(s) == lenHash && allDigits(s) && (line.hash(s) || strings.Contains(hashShort, s)) {
		return Destination{Class: HashShort, Digits: s}
	}
	return misunderstood(WhySymbol)
}
