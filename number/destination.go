package number

// Class says what kind of thing was dialed. The zero Class is NotUnderstood:
// what does not parse is refused.
type Class uint8

// The classes. Order is stable: classes are stored in evidence by name.
const (
	NotUnderstood  Class = iota
	Emergency            // 110, 118, 119
	Extension            // an internal number of this unit
	Feature              // a feature code of this unit
	Geographic           // 0AB-J
	Mobile               // 060/070/080/090
	IPPhone              // 050
	Freephone            // 0120, 0800
	Service              // 1XY services: 104, 117, 171, 177, 188, 189 …
	HashShort            // #7119, #8000, #9110 …
	Navi                 // 0570, shared cost, caller pays
	Premium              // 0990
	Telegong             // 0180
	Pager                // 020 M2M, pager
	CarrierFeature       // 142, 144, 147, 148 …: would change the carrier's line
	CarrierSelect        // 00XY and 122
	International        // a country: Area names it
	GlobalCode           // +800, +808, +979, +883 and other codes without a country
	Satellite            // +870, +881, +882
)

// Range says what a subscriber number's range is sold as, from the numbering
// metadata; the dearest reading wins where ranges overlap.
type Range uint8

// The ranges.
const (
	RangeUnknown     Range = iota // short numbers and internal ones
	RangeUnallocated              // nobody is known to own it: the usual home of fraud
	RangeFixed
	RangeMobile
	RangeTollFree
	RangePremium
	RangeShared
	RangeVoIP
	RangePersonal
	RangePager
	RangeUAN
)

// Presentation is the caller's wish about showing the number: 184 withholds,
// 186 shows.
type Presentation uint8

// The presentations.
const (
	PresentationDefault Presentation = iota
	PresentationWithhold
	PresentationShow
)

// Areas that are no country.
const (
	AreaJapan = "JP"
	// AreaWorld is the area of codes that belong to no country, as in the
	// numbering metadata (UN M.49).
	AreaWorld = "001"
	// AreaUnknown is the area of an international number that belongs to no
	// known numbering-plan area: an unassigned country code, or a part of a
	// shared code that no country owns. It can't be opened.
	AreaUnknown = "ZZ"
)

// Destination is what a dialed string means, and the only thing from which
// bytes for a carrier are made. Two destinations that reach the same
// subscriber by the same carrier are equal (==) but for Presentation.
type Destination struct {
	Class Class `json:"class"`
	// Digits is canonical: E.164 digits without "+" for numbers, else the
	// short number (a # short number without its #), the extension or the
	// feature code as such. Empty when not understood.
	Digits string `json:"digits,omitempty"`
	// Area is the numbering-plan area, ISO 3166 alpha-2: "JP", "SL", "JM" …;
	// AreaWorld, AreaUnknown; "" for short and internal numbers.
	Area         string       `json:"area,omitempty"`
	Range        Range        `json:"range,omitempty"`
	Presentation Presentation `json:"presentation,omitempty"`
	// Carrier is the carrier code in front, 00XY, one of those that the line
	// declares; "" for none. A 122 before it is the line's matter (Line.Lift).
	Carrier string `json:"carrier,omitempty"`
	// Why is the reason for NotUnderstood, one of the Why words.
	Why string `json:"why,omitempty"`
}

// The Why words: stable, stored in evidence.
const (
	WhyEmpty        = "empty"          // nothing was dialed
	WhySymbol       = "symbol"         // a byte that is no digit, where none may stand
	WhyLength       = "length"         // too few or too many digits for what it begins as
	WhyPrefix       = "outside-prefix" // not internal, and not begun with the outside prefix
	WhyPresentation = "presentation"   // 184 or 186 where it can't stand
	WhyHome         = "home-country"   // Japan's own country code dialed as abroad, or in front of a trunk zero
	WhyCountry      = "country"        // 010 or + without a country code behind it
	WhyUnassigned   = "unassigned"     // no range of the Japanese plan
	WhyAreaCode     = "area-code"      // a local number on a line that has no area code
	WhyShort        = "short-number"   // a 1XY number that nobody declared
	WhyCarrier      = "carrier"        // behind a carrier code, what can't be dialed through one
	WhyParameter    = "parameter"      // a URI parameter that would change where the call goes
	WhyContext      = "phone-context"  // a context that is not ours
	WhyScheme       = "scheme"         // not a tel URI
)

// misunderstood is the Destination of everything that is refused unread.
func misunderstood(why string) Destination {
	return Destination{Class: NotUnderstood, Why: why}
}

// Same reports whether d and e reach the same subscriber by the same carrier,
// whatever number the caller shows.
func (d Destination) Same(e Destination) bool {
	e.Presentation = d.Presentation
	return d == e
}
