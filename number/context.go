package number

import "slices"

// Context is what a dialed string's meaning depends on: the unit's own
// numbering and the line the call would go out on. Parse reads it and keeps
// nothing of it. The zero Context has no extensions, no outside prefix and a
// line that declares nothing.
type Context struct {
	// OutsidePrefix is what is dialed before an outside number, "" for none,
	// else digits as CheckOutsidePrefix wants them, e.g. "0". Emergency
	// numbers and numbers that begin with "+" need none.
	OutsidePrefix string
	// Extension reports whether digits are an extension of this unit; nil for
	// none. It is asked with digits only, after emergency numbers are out.
	Extension func(digits string) bool
	// Feature reports whether code is a feature code of this unit; nil for
	// none. It is asked with digits, * and # only.
	Feature func(code string) bool
	// Domain is the unit's own realm: a tel URI's phone-context may name it.
	Domain string
	// Line is the line the call would go out on.
	Line Line
}

// Line is what a line declares about numbers. The zero Line declares nothing.
type Line struct {
	// AreaCode is the line's own area code with its zero, e.g. "03", "098";
	// without it a number without area code is not understood.
	AreaCode string
	// Carriers are the carrier codes (00XY) that may be dialed through the
	// line, e.g. "0033". None may begin with another.
	Carriers []string
	// Lift says that the line is tied to one carrier unless 122 stands in front
	// of another's code: it may be dialed there, and is always sent.
	Lift bool
	// Services are 1XY services beside the known ones, e.g. "106".
	Services []string
	// HashShort are # short numbers beside the known ones, without the #.
	HashShort []string
}

// carrier returns the declared carrier code that digits begin with.
func (l *Line) carrier(digits string) (string, bool) {
	for _, c := range l.Carriers {
		if len(c) >= minCarrierCode && len(digits) > len(c) && digits[:len(c)] == c {
			return c, true
		}
	}
	return "", false
}

func (l *Line) service(digits string) bool { return slices.Contains(l.Services, digits) }

func (l *Line) hash(digits string) bool { return slices.Contains(l.HashShort, digits) }

// minCarrierCode is the shortest carrier code: 001.
const minCarrierCode = 3
