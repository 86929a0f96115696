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
	RangeUnknown Range = iota
	RangeUnallocated
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

// Destination is what a dialed string means, and the only thing from which
// bytes for a carrier are made. Two destinations that reach the same
// subscriber are equal (==) but for Presentation.
type Destination struct {
	Class        Class
	Digits       string // canonical: E.164 digits without "+" for numbers, else the short number or extension as such
	Area         string // numbering-plan area: "JP", "SL", "JM" …; "001" for codes without a country; "" for short numbers
	Range        Range
	Presentation Presentation
	Carrier      string // 00XY carrier code, if any
	Why          string // for NotUnderstood: the reason as a stable word, e.g. "symbol", "length"
}
