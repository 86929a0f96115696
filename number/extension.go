package number

import (
	"errors"
	"fmt"
	"strings"
)

// ExtensionPlan is what an extension must not collide with.
type ExtensionPlan struct {
	// OutsidePrefix is the unit's outside prefix, "" for none.
	OutsidePrefix string
	// Features are the unit's feature codes.
	Features []string
}

// Why CheckExtension and its like refuse; errors.Is tells them apart.
var (
	ErrExtensionForm      = errors.New("an extension is 2 to 8 digits")
	ErrExtensionEmergency = errors.New("an extension must not shadow an emergency number")
	ErrExtensionZero      = errors.New("an extension must not begin with 0, as outside numbers do")
	ErrExtensionNetwork   = errors.New("an extension must not begin like a network prefix")
	ErrExtensionPrefix    = errors.New("an extension must not begin like the outside prefix")
	ErrExtensionFeature   = errors.New("an extension must not begin like a feature code")
	ErrPrefixForm         = errors.New("an outside prefix is 1 or 2 digits and does not begin with 1")
	ErrFeatureForm        = errors.New("a feature code is 2 to 8 of 0-9 * #, and does not begin as numbers do")
	ErrLineForm           = errors.New("a line can't declare it")
)

// planKeys are the sentences that say the reasons to people.
var planKeys = [...]struct {
	err error
	key string
}{
	{ErrExtensionForm, "number.plan.extension"},
	{ErrExtensionEmergency, "number.plan.extension-emergency"},
	{ErrExtensionZero, "number.plan.extension-zero"},
	{ErrExtensionNetwork, "number.plan.extension-network"},
	{ErrExtensionPrefix, "number.plan.extension-prefix"},
	{ErrExtensionFeature, "number.plan.extension-feature"},
	{ErrPrefixForm, "number.plan.prefix"},
	{ErrFeatureForm, "number.plan.feature"},
	{ErrAreaCode, "number.plan.area-code"},
	{ErrLineForm, "number.plan.line"},
	{ErrBlockForm, "number.plan.block"},
}

// PlanKey returns the text key of the sentence that tells a person why a Check
// refused; it takes the refused digits as its only argument. It is "" for any
// other error.
func PlanKey(err error) string {
	for _, p := range planKeys {
		if errors.Is(err, p.err) {
			return p.key
		}
	}
	return ""
}

// CheckExtension says whether ext can be an extension: no digits that could be
// taken for an emergency number begun or overdialed (110, 118, 119), a network
// prefix (0, 184, 186, 122), the outside prefix or a feature code. Other
// extensions are not its business: two of them may begin alike, numbers are
// dialed en bloc.
func CheckExtension(ext string, plan ExtensionPlan) error {
	if len(ext) < MinExtension || len(ext) > MaxExtension || !allDigits(ext) {
		return fmt.Errorf("extension %.20q: %w", ext, ErrExtensionForm)
	}
	for _, e := range []string{"110", "118", "119"} {
		if overlap(ext, e) {
			return fmt.Errorf("extension %s: %w %s", ext, ErrExtensionEmergency, e)
		}
	}
	if ext[0] == '0' {
		return fmt.Errorf("extension %s: %w", ext, ErrExtensionZero)
	}
	for _, p := range []string{withhold, show, lift} {
		if strings.HasPrefix(ext, p) {
			return fmt.Errorf("extension %s: %w %s", ext, ErrExtensionNetwork, p)
		}
	}
	if p := plan.OutsidePrefix; p != "" && overlap(ext, p) {
		return fmt.Errorf("extension %s: %w %s", ext, ErrExtensionPrefix, p)
	}
	for _, f := range plan.Features {
		if overlap(ext, f) {
			return fmt.Errorf("extension %s: %w %s", ext, ErrExtensionFeature, f)
		}
	}
	return nil
}

// overlap reports whether one of a and b begins with the other.
func overlap(a, b string) bool {
	return strings.HasPrefix(a, b) || strings.HasPrefix(b, a)
}

// CheckOutsidePrefix says whether prefix can be an outside prefix: none, or
// one or two digits that no emergency or service number begins with.
func CheckOutsidePrefix(prefix string) error {
	if prefix == "" {
		return nil
	}
	if len(prefix) > MaxPrefix || !allDigits(prefix) || prefix[0] == '1' ||
		(prefix[0] == '0' && prefix != "0") {
		return fmt.Errorf("outside prefix %.10q: %w", prefix, ErrPrefixForm)
	}
	return nil
}

// CheckFeature says whether code can be a feature code of the unit beside an
// outside prefix: it begins with "*", or with "#" but is no # short number, or
// with a digit that begins neither outside nor emergency numbers.
func CheckFeature(code, outsidePrefix string) error {
	bad := func() error { return fmt.Errorf("feature code %.20q: %w", code, ErrFeatureForm) }
	if len(code) < 2 || len(code) > MaxFeature || checkAlphabet(code) != "" || code[0] == '+' {
		return bad()
	}
	switch {
	case code[0] == '*':
		return nil
	case code[0] == '#':
		if len(code) == 1+lenHash && allDigits(code[1:]) {
			return bad()
		}
		return nil
	case code[0] == '0', code[0] == '1':
		return bad()
	case outsidePrefix != "" && overlap(code, outsidePrefix):
		return bad()
	}
	return nil
}

// CheckLine says whether a line can declare what l does: a real area code,
// carrier codes of 00XY form of which none begins with another or with 0010,
// three-digit services that are neither emergency numbers nor settings at the
// carrier, four-digit # numbers.
func CheckLine(l Line) error {
	bad := func(what, s string) error { return fmt.Errorf("%s %.20q: %w", what, s, ErrLineForm) }
	if l.AreaCode != "" {
		if err := CheckAreaCode(l.AreaCode); err != nil {
			return err
		}
	}
	for i, c := range l.Carriers {
		if len(c) < minCarrierCode || len(c) > maxCarrierCode || !allDigits(c) ||
			!strings.HasPrefix(c, "00") || c == "000" || strings.HasPrefix(c, "0010") {
			return bad("carrier code", c)
		}
		for _, other := range l.Carriers[:i] {
			if overlap(c, other) {
				return bad("carrier code", c)
			}
		}
	}
	for _, s := range l.Services {
		if len(s) != lenShort || !allDigits(s) || s[0] != '1' || isEmergency(s) || isCarrierFeature(s) ||
			s == withhold || s == show || s == lift {
			return bad("service number", s)
		}
	}
	for _, s := range l.HashShort {
		if len(s) != lenHash || !allDigits(s) {
			return bad("# number", s)
		}
	}
	return nil
}

// maxCarrierCode is the longest carrier code: 009130 and its like.
const maxCarrierCode = 6
