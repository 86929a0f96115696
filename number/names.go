package number

import (
	"encoding"
	"fmt"
	"strings"
)

// classNames are stored in evidence: never change one.
var classNames = [...]string{
	NotUnderstood:  "not-understood",
	Emergency:      "emergency",
	Extension:      "extension",
	Feature:        "feature",
	Geographic:     "geographic",
	Mobile:         "mobile",
	IPPhone:        "ip-phone",
	Freephone:      "freephone",
	Service:        "service",
	HashShort:      "hash-short",
	Navi:           "navi",
	Premium:        "premium",
	Telegong:       "telegong",
	Pager:          "pager",
	CarrierFeature: "carrier-feature",
	CarrierSelect:  "carrier-select",
	International:  "international",
	GlobalCode:     "global-code",
	Satellite:      "satellite",
}

// rangeNames are stored in evidence: never change one.
var rangeNames = [...]string{
	RangeUnknown:     "unknown",
	RangeUnallocated: "unallocated",
	RangeFixed:       "fixed",
	RangeMobile:      "mobile",
	RangeTollFree:    "toll-free",
	RangePremium:     "premium",
	RangeShared:      "shared-cost",
	RangeVoIP:        "voip",
	RangePersonal:    "personal",
	RangePager:       "pager",
	RangeUAN:         "uan",
}

// presentationNames are stored in evidence: never change one.
var presentationNames = [...]string{
	PresentationDefault:  "default",
	PresentationWithhold: "withhold",
	PresentationShow:     "show",
}

var (
	_ encoding.TextMarshaler   = Class(0)
	_ encoding.TextUnmarshaler = (*Class)(nil)
	_ encoding.TextMarshaler   = Range(0)
	_ encoding.TextUnmarshaler = (*Range)(nil)
	_ encoding.TextMarshaler   = Presentation(0)
	_ encoding.TextUnmarshaler = (*Presentation)(nil)
	_ fmt.Stringer             = Destination{}
)

// Classes returns every class in its stable order.
func Classes() []Class {
	all := make([]Class, len(classNames))
	for i := range all {
		all[i] = Class(i)
	}
	return all
}

// String returns the stable name, e.g. "ip-phone".
func (c Class) String() string { return nameOf(classNames[:], int(c), "class") }

// MarshalText writes the stable name.
func (c Class) MarshalText() ([]byte, error) { return textOf(classNames[:], int(c), "class") }

// UnmarshalText reads a stable name.
func (c *Class) UnmarshalText(b []byte) error {
	i, err := indexOf(classNames[:], string(b), "class")
	*c = Class(i)
	return err
}

// ParseClass returns the class of a stable name.
func ParseClass(name string) (Class, error) {
	var c Class
	err := c.UnmarshalText([]byte(name))
	return c, err
}

// String returns the stable name, e.g. "premium".
func (r Range) String() string { return nameOf(rangeNames[:], int(r), "range") }

// MarshalText writes the stable name.
func (r Range) MarshalText() ([]byte, error) { return textOf(rangeNames[:], int(r), "range") }

// UnmarshalText reads a stable name.
func (r *Range) UnmarshalText(b []byte) error {
	i, err := indexOf(rangeNames[:], string(b), "range")
	*r = Range(i)
	return err
}

// String returns the stable name, e.g. "withhold".
func (p Presentation) String() string {
	return nameOf(presentationNames[:], int(p), "presentation")
}

// MarshalText writes the stable name.
func (p Presentation) MarshalText() ([]byte, error) {
	return textOf(presentationNames[:], int(p), "presentation")
}

// UnmarshalText reads a stable name.
func (p *Presentation) UnmarshalText(b []byte) error {
	i, err := indexOf(presentationNames[:], string(b), "presentation")
	*p = Presentation(i)
	return err
}

func nameOf(names []string, i int, what string) string {
	if i < len(names) {
		return names[i]
	}
	return fmt.Sprintf("%s(%d)", what, i)
}

func textOf(names []string, i int, what string) ([]byte, error) {
	if i >= len(names) {
		return nil, fmt.Errorf("no number %s %d", what, i)
	}
	return []byte(names[i]), nil
}

// indexOf returns 0, the closed value, with the error.
func indexOf(names []string, name, what string) (int, error) {
	for i, n := range names {
		if n == name {
			return i, nil
		}
	}
	return 0, fmt.Errorf("no number %s is named %.40q", what, name)
}

// String is d for traces and records: the class, then the whole number.
// Operator logs use Redacted.
func (d Destination) String() string { return d.text(d.number()) }

// Redacted is d for operator logs: short and internal numbers as they are, of
// a subscriber's number the first digits and the length only.
func (d Destination) Redacted() string {
	n := d.number()
	if strings.HasPrefix(n, "+") {
		shown := min(len(n), redactedShown)
		n = n[:shown] + strings.Repeat("x", len(n)-shown)
	} else if d.Class == CarrierSelect || d.Class == CarrierFeature {
		n = n[:min(len(n), redactedShown)] + "…"
	}
	return d.text(n)
}

// redactedShown is how much of a number a log shows: "+", the country code
// and the first digits behind it.
const redactedShown = 5

func (d Destination) text(n string) string {
	if d.Class == NotUnderstood {
		return "not-understood (" + d.Why + ")"
	}
	s := d.Class.String() + " " + n
	if d.Area != "" && d.Area != AreaJapan {
		s += " " + d.Area
	}
	if d.Carrier != "" {
		s += " via " + d.Carrier
	}
	if d.Presentation != PresentationDefault {
		s += " " + d.Presentation.String()
	}
	return s
}

// number is Digits as people write it.
func (d Destination) number() string {
	switch {
	case d.Class == HashShort:
		return "#" + d.Digits
	case d.Area != "":
		return "+" + d.Digits
	default:
		return d.Digits
	}
}

// National is the number as people in Japan write it: 0312345678 for
// +81312345678, 010232… for a number abroad, short and internal numbers as
// they are; "" when not understood. For display and call records, never for a
// carrier: that is Render.
func (d Destination) National() string {
	switch {
	case d.Area == AreaJapan:
		return "0" + strings.TrimPrefix(d.Digits, homeCode)
	case d.Area != "":
		return idd + d.Digits
	default:
		return d.number()
	}
}

// Outside reports whether the class is something that only a carrier can
// reach: everything understood but extensions and feature codes.
func (c Class) Outside() bool {
	return c != NotUnderstood && c != Extension && c != Feature
}

// Abroad reports whether the class leaves Japan.
func (c Class) Abroad() bool {
	return c == International || c == GlobalCode || c == Satellite
}
