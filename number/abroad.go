package number

import (
	"strconv"
	"strings"
	"sync"

	"github.com/nyaruka/phonenumbers"
)

// codeVatican is assigned to the Vatican, which is reached by 39 06 698; the
// metadata lacks it.
const codeVatican = "379"

// splits are parts of shared codes that the metadata gives to the larger
// neighbor, by E.164 prefix.
var splits = [...]struct{ prefix, area string }{
	{"6721", "AQ"},    // Australian external territories, not Norfolk Island
	{"2125288", "EH"}, // Western Sahara, not Morocco
	{"2125289", "EH"},
	{"447924", "IM"}, // Isle of Man's mobiles, not Great Britain's
}

// maxCountryCode is the longest country code in digits.
const maxCountryCode = 3

// parseAbroad reads an international number, digits only, country code first
// and not Japan's.
func parseAbroad(digits string) Destination {
	switch {
	case digits == "":
		return misunderstood(WhyLength)
	case digits[0] == '0':
		return misunderstood(WhyCountry)
	case len(digits) > MaxE164:
		return misunderstood(WhyLength)
	}
	d := Destination{Class: International, Digits: digits, Area: AreaUnknown, Range: RangeUnallocated}
	code := countryCode(digits)
	if code == "" {
		return d
	}
	d.Class = abroadClass(code)
	d.Area, d.Range = areaAndRange(code, digits)
	return d
}

// abroadClass tells countries from codes that belong to none.
func abroadClass(code string) Class {
	switch code {
	case "870", "881", "882":
		return Satellite
	case "800", "808", "878", "883", "888", "979":
		return GlobalCode
	}
	return International
}

// callingCodes is the metadata's set of country codes, read once: it is
// built from maps that are dear to ask.
var callingCodes = sync.OnceValue(func() *prefixSet {
	s := &prefixSet{}
	for code := range phonenumbers.GetSupportedCallingCodes() {
		if code > 0 && code < len(s) {
			s[code] = true
		}
	}
	s[379] = true // codeVatican
	return s
})

// countryCode returns the country code that digits begin with, or "". Country
// codes are prefix-free, so the shortest match is the only one.
func countryCode(digits string) string {
	known := callingCodes()
	value := 0
	for i := range min(len(digits), maxCountryCode) {
		value = 10*value + int(digits[i]-'0')
		if known[value] {
			return digits[:i+1]
		}
	}
	return ""
}

// areaAndRange asks the metadata about a number that begins with the
// country code. The number is handed over digit for digit, not
// parsed: the library's parser would strip trunk prefixes and carrier codes,
// and judge another number than the one that is sent.
func areaAndRange(code, digits string) (string, Range) {
	national := digits[len(code):]
	world := abroadClass(code) != International
	if national == "" || code == codeVatican {
		return areaOfCode(code, world), RangeUnallocated
	}
	n := phoneNumber(code, national)
	area := phonenumbers.GetRegionCodeForNumber(n)
	if area == "" || area == "ZZ" {
		// A shared country code, and no area of it owns the number.
		return areaOfCode(code, world), RangeUnallocated
	}
	for _, s := range splits {
		if strings.HasPrefix(digits, s.prefix) {
			area = s.area
		}
	}
	return area, rangeOf(phonenumbers.GetNumberType(n))
}

// areaOfCode is the area of a number that no area's ranges contain: that of
// its country code, if the code has one area only.
func areaOfCode(code string, world bool) string {
	if world {
		return AreaWorld
	}
	if code == codeVatican {
		return "VA"
	}
	value, err := strconv.Atoi(code)
	if err != nil {
		return AreaUnknown
	}
	if areas := phonenumbers.GetRegionCodesForCountryCode(value); len(areas) == 1 {
		return areas[0]
	}
	return AreaUnknown
}

// phoneNumber is the library's form of a number, its leading zeros kept.
// national has at most MaxE164 digits, so it fits; of zeros alone it makes one too
// many, which is no number either.
func phoneNumber(code, national string) *phonenumbers.PhoneNumber {
	country, _ := strconv.ParseInt(code, 10, 32)
	value, _ := strconv.ParseUint(national, 10, 64)
	n := &phonenumbers.PhoneNumber{CountryCode: new(int32(country)), NationalNumber: &value}
	zeros := len(national) - len(strings.TrimLeft(national, "0"))
	if zeros > 0 {
		n.ItalianLeadingZero = new(true)
		n.NumberOfLeadingZeros = new(int32(zeros))
	}
	return n
}

// rangeOf maps the library's type; where a range may be fixed or mobile, the
// dearer counts.
func rangeOf(t phonenumbers.PhoneNumberType) Range {
	switch t {
	case phonenumbers.FIXED_LINE:
		return RangeFixed
	case phonenumbers.MOBILE, phonenumbers.FIXED_LINE_OR_MOBILE:
		return RangeMobile
	case phonenumbers.TOLL_FREE:
		return RangeTollFree
	case phonenumbers.PREMIUM_RATE:
		return RangePremium
	case phonenumbers.SHARED_COST:
		return RangeShared
	case phonenumbers.VOIP:
		return RangeVoIP
	case phonenumbers.PERSONAL_NUMBER:
		return RangePersonal
	case phonenumbers.PAGER:
		return RangePager
	case phonenumbers.UAN, phonenumbers.VOICEMAIL:
		return RangeUAN
	}
	return RangeUnallocated
}
