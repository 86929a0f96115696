package number

import "strings"

// The prefixes of the Japanese dialing plan.
const (
	homeCode = "81"  // country code
	idd      = "010" // international
	withhold = "184" // caller number is not shown
	show     = "186" // caller number is shown
	lift     = "122" // lifts a fixed carrier selection
)

// Parse says what dialed means. Every byte is accounted for: digits, one "+"
// in front, and * and # only as the unit's feature codes and the declared #
// numbers; anything else, separators and look-alike digits of other scripts
// included, is NotUnderstood. dialed is the user part after unescaping exactly
// once (RFC 3261 §19.1.2); what is still escaped then is a symbol. A nil ctx
// is the zero Context.
//
// In order: emergency numbers, the unit's own numbers, then behind the outside
// prefix the Japanese dialing plan. Numbers of Japan never use the metadata
// and cost less than a microsecond; numbers abroad look up their area and
// range.
func Parse(dialed string, ctx *Context) Destination {
	if ctx == nil {
		ctx = &Context{}
	}
	if why := checkAlphabet(dialed); why != "" {
		return misunderstood(why)
	}
	if d, ok := parseEmergency(dialed, ctx.OutsidePrefix); ok {
		return d
	}
	if d, ok := parseInternal(dialed, ctx); ok {
		return d
	}
	if dialed[0] == '+' {
		return parsePlus(dialed[1:])
	}
	outside, ok := strings.CutPrefix(dialed, ctx.OutsidePrefix)
	if !ok {
		return misunderstood(WhyPrefix)
	}
	return parseOutside(outside, &ctx.Line)
}

// checkAlphabet returns the reason why a string can't be anything, or "".
func checkAlphabet(dialed string) string {
	if dialed == "" {
		return WhyEmpty
	}
	if len(dialed) > MaxDialed {
		return WhyLength
	}
	for i := range len(dialed) {
		switch c := dialed[i]; {
		case c >= '0' && c <= '9', c == '*', c == '#', c == '+' && i == 0:
		default:
			return WhySymbol
		}
	}
	return ""
}

func allDigits(s string) bool {
	for i := range len(s) {
		if s[i] < '0' || s[i] > '9' {
			return false
		}
	}
	return s != ""
}

// parseEmergency knows [outside prefix | 0] [184 | 186] (110 | 118 | 119) and
// nothing longer. The 0 is what people who are used to 0 for an outside line
// dial, whether this unit wants one or not; no other number is that short.
func parseEmergency(dialed, prefix string) (Destination, bool) {
	rest := dialed
	if cut, ok := strings.CutPrefix(rest, prefix); ok && prefix != "" {
		rest = cut
	} else {
		rest = strings.TrimPrefix(rest, "0")
	}
	rest, wish := cutPresentation(rest)
	if !isEmergency(rest) {
		return Destination{}, false
	}
	return Destination{Class: Emergency, Digits: rest, Presentation: wish}, true
}

func isEmergency(s string) bool { return s == "110" || s == "118" || s == "119" }

// cutPresentation takes one 184 or 186 off the front.
func cutPresentation(s string) (string, Presentation) {
	if rest, ok := strings.CutPrefix(s, withhold); ok {
		return rest, PresentationWithhold
	}
	if rest, ok := strings.CutPrefix(s, show); ok {
		return rest, PresentationShow
	}
	return s, PresentationDefault
}

func parseInternal(dialed string, ctx *Context) (Destination, bool) {
	if dialed[0] == '+' {
		return Destination{}, false
	}
	if ctx.Extension != nil && allDigits(dialed) && ctx.Extension(dialed) {
		return Destination{Class: Extension, Digits: dialed}, true
	}
	if ctx.Feature != nil && ctx.Feature(dialed) {
		return Destination{Class: Feature, Digits: dialed}, true
	}
	return Destination{}, false
}

// parsePlus reads what stands behind "+".
func parsePlus(digits string) Destination {
	if !allDigits(digits) {
		if digits == "" {
			return misunderstood(WhyLength)
		}
		return misunderstood(WhySymbol)
	}
	national, home := strings.CutPrefix(digits, homeCode)
	switch {
	case !home:
		return parseAbroad(digits)
	case national == "":
		return misunderstood(WhyLength)
	case national[0] == '0':
		// +81 0…: a trunk zero, or 010 hidden behind the country code.
		return misunderstood(WhyHome)
	default:
		return parseNational("0" + national)
	}
}

// parseOutside reads an outside number, the outside prefix gone.
func parseOutside(dialed string, line *Line) Destination {
	rest, wish := cutPresentation(dialed)
	d := parseBehindPresentation(rest, line, wish != PresentationDefault)
	if d.Class != NotUnderstood {
		d.Presentation = wish
	}
	return d
}

func parseBehindPresentation(s string, line *Line, wished bool) Destination {
	switch {
	case s == "":
		return misunderstood(WhyLength)
	case s[0] == '#' && !wished:
		return parseHash(s[1:], line)
	case !allDigits(s):
		return misunderstood(WhySymbol)
	case strings.HasPrefix(s, lift):
		return parseCarrier(s, s[len(lift):], line, line.Lift)
	case strings.HasPrefix(s, "00"):
		return parseCarrier(s, s, line, true)
	case strings.HasPrefix(s, idd):
		return parseIDD(s[len(idd):])
	case s[0] == '0':
		return parseNational(s)
	case s[0] == '1':
		return parseShort(s, line)
	default:
		return parseLocal(s, line)
	}
}

// parseIDD reads what stands behind 010.
func parseIDD(digits string) Destination {
	if strings.HasPrefix(digits, homeCode) {
		return misunderstood(WhyHome)
	}
	return parseAbroad(digits)
}

// parseCarrier reads a carrier selection: whole is all of it, rest begins with
// the carrier code. What the line does not declare stays CarrierSelect, which
// no line can be sent.
func parseCarrier(whole, rest string, line *Line, declared bool) Destination {
	code, known := line.carrier(rest)
	if !declared || !known || !strings.HasPrefix(code, "00") {
		return Destination{Class: CarrierSelect, Digits: whole}
	}
	inner := rest[len(code):]
	var d Destination
	switch {
	case strings.HasPrefix(inner, "00"):
		return misunderstood(WhyCarrier)
	case strings.HasPrefix(inner, idd):
		d = parseIDD(inner[len(idd):])
	case inner[0] == '0':
		d = parseNational(inner)
	default:
		return misunderstood(WhyCarrier)
	}
	switch d.Class {
	case Geographic, Mobile, International:
		d.Carrier = code
		return d
	case NotUnderstood:
		return d
	default:
		return misunderstood(WhyCarrier)
	}
}
