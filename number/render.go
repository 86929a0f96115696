package number

import (
	"errors"
	"fmt"
	"slices"
	"strings"
)

// Form is how a line wants the numbers of Japan.
type Form uint8

// The forms.
const (
	FormNational Form = iota // 0312345678
	FormE164                 // +81312345678
	FormLocal                // 12345678 within the line's own area, else national
)

// Abroad is how a line wants numbers abroad.
type Abroad uint8

// The forms of numbers abroad.
const (
	AbroadNone Abroad = iota // the line carries no international calls
	AbroadIDD                // 010232…
	AbroadPlus               // +232…
)

// Presenting is how a line is told to withhold or show the caller's number.
type Presenting uint8

// The ways.
const (
	// PresentInHeader: the digits don't say; who sends the INVITE puts the
	// destination's Presentation into its headers (Privacy, From).
	PresentInHeader Presenting = iota
	// PresentByPrefix: 184 or 186 goes in front of the digits.
	PresentByPrefix
)

// SubAddress is what a line makes of "*" behind a number.
type SubAddress uint8

// The sub-address rules.
const (
	SubAddressNone SubAddress = iota // "*" means nothing
	SubAddressStar                   // number*sub-address: it dials the number
)

// Profile is how one line reads and wants numbers. The zero Profile carries
// national numbers of Japan only, and no emergency calls.
type Profile struct {
	Form       Form
	Abroad     Abroad
	Presenting Presenting
	SubAddress SubAddress
	// Alphabet is every byte the line accepts, before escaping; "" means
	// digits, "#" and "+".
	Alphabet string
	// Emergency, Services and HashShort say that the line carries 110/118/119,
	// 1XY services and # numbers.
	Emergency bool
	Services  bool
	HashShort bool
	// Line is what the line declares; Context.Line of the calls over it.
	Line Line
}

// defaultAlphabet is what carriers accept that don't say more.
const defaultAlphabet = "0123456789#+"

// Why Render and Reread refuse.
var (
	// ErrNotForLine: the destination is nothing that a carrier is ever sent.
	ErrNotForLine = errors.New("not a destination for a line")
	// ErrUndeclared: the line does not carry this kind of destination.
	ErrUndeclared = errors.New("line does not carry it")
	// ErrPresentation: the line can't be told to withhold or show the number
	// in this form.
	ErrPresentation = errors.New("line can't be told about number presentation")
	// ErrAlphabet: the line does not accept one of the bytes.
	ErrAlphabet = errors.New("line does not accept a byte")
	// ErrUnfaithful: the line would read the bytes as another destination.
	ErrUnfaithful = errors.New("line would read another destination")
	// ErrUnread: the line would understand nothing.
	ErrUnread = errors.New("line would not understand")
)

// Render returns the user part to put into a Request-URI for the line, already
// escaped (RFC 3261 §19.1.2: only "#" needs it, as %23), to be copied as it
// is. It is made from d alone, and read back before it is returned: what the
// line would not read as d is an error, so that no bytes exist for a number
// that was not judged.
func Render(d Destination, p Profile) ([]byte, error) {
	body, err := renderBody(d, &p)
	if err != nil {
		return nil, fmt.Errorf("render %s: %w", d.Redacted(), err)
	}
	dialed := body
	if p.Presenting == PresentByPrefix && d.Presentation != PresentationDefault {
		if strings.HasPrefix(body, "+") || strings.HasPrefix(body, "#") {
			return nil, fmt.Errorf("render %s: %w", d.Redacted(), ErrPresentation)
		}
		dialed = presentationPrefix(d.Presentation) + body
	}
	if !accepts(p.Alphabet, dialed) {
		return nil, fmt.Errorf("render %s: %w", d.Redacted(), ErrAlphabet)
	}
	want := d
	if p.Presenting == PresentInHeader {
		want.Presentation = PresentationDefault
	}
	if read := parseAtCarrier(dialed, &p); read != want {
		return nil, fmt.Errorf("render %s: %w: %s", d.Redacted(), ErrUnfaithful, read.Redacted())
	}
	return []byte(strings.ReplaceAll(dialed, "#", "%23")), nil
}

func presentationPrefix(p Presentation) string {
	if p == PresentationWithhold {
		return withhold
	}
	return show
}

// renderBody is the number without presentation prefix and escapes.
func renderBody(d Destination, p *Profile) (string, error) {
	switch d.Class {
	case Emergency:
		return d.Digits, declared(p.Emergency)
	case Service:
		return d.Digits, declared(p.Services)
	case HashShort:
		return "#" + d.Digits, declared(p.HashShort)
	case Geographic, Mobile, IPPhone, Freephone, Navi, Premium, Telegong, Pager:
		return renderHome(d, p)
	case International, GlobalCode, Satellite:
		return renderAbroad(d, p)
	}
	return "", ErrNotForLine
}

func declared(ok bool) error {
	if !ok {
		return ErrUndeclared
	}
	return nil
}

func renderHome(d Destination, p *Profile) (string, error) {
	rest, ok := strings.CutPrefix(d.Digits, homeCode)
	if !ok {
		return "", ErrNotForLine
	}
	national := "0" + rest
	switch {
	case d.Carrier != "":
		return p.carrierPrefix(d) + national, nil
	case p.Form == FormE164:
		return "+" + d.Digits, nil
	case p.Form == FormLocal && d.Class == Geographic && p.Line.AreaCode != "":
		local, ok := strings.CutPrefix(national, p.Line.AreaCode)
		if ok && local != "" && local[0] >= '2' {
			return local, nil
		}
	}
	return national, nil
}

func renderAbroad(d Destination, p *Profile) (string, error) {
	switch {
	case p.Abroad == AbroadNone:
		return "", ErrUndeclared
	case d.Carrier != "":
		return p.carrierPrefix(d) + idd + d.Digits, nil
	case p.Abroad == AbroadPlus:
		return "+" + d.Digits, nil
	}
	return idd + d.Digits, nil
}

// carrierPrefix is the carrier code as the line wants it.
func (p *Profile) carrierPrefix(d Destination) string {
	if p.Line.Lift {
		return lift + d.Carrier
	}
	return d.Carrier
}

func accepts(alphabet, s string) bool {
	if alphabet == "" {
		alphabet = defaultAlphabet
	}
	for i := range len(s) {
		if strings.IndexByte(alphabet, s[i]) < 0 {
			return false
		}
	}
	return true
}

// Reread returns what the line would take the user part of a Request-URI for:
// escapes undone once, a sub-address dropped where the line drops it. The
// destination of rendered bytes is the one they were rendered from, but for
// the Presentation of lines that are told in headers. What the line would not
// understand is ErrUnread.
func Reread(user []byte, p Profile) (Destination, error) {
	dialed, err := unescape(user)
	if err != nil {
		return Destination{}, err
	}
	if p.SubAddress == SubAddressStar {
		if i := strings.IndexByte(dialed, '*'); i > 0 {
			dialed = dialed[:i]
		}
	}
	d := parseAtCarrier(dialed, &p)
	if d.Class == NotUnderstood {
		return d, fmt.Errorf("%w: %s", ErrUnread, d.Why)
	}
	return d, nil
}

// parseAtCarrier is Parse behind the line: no extensions, no outside prefix,
// no forgiven zero in front of an emergency number.
func parseAtCarrier(dialed string, p *Profile) Destination {
	if why := checkAlphabet(dialed); why != "" {
		return misunderstood(why)
	}
	if rest, wish := cutPresentation(dialed); isEmergency(rest) {
		return Destination{Class: Emergency, Digits: rest, Presentation: wish}
	}
	if dialed[0] == '+' {
		return parsePlus(dialed[1:])
	}
	return parseOutside(dialed, &p.Line)
}

// unescape undoes %XX once.
func unescape(user []byte) (string, error) {
	if !slices.Contains(user, '%') {
		return string(user), nil
	}
	out := make([]byte, 0, len(user))
	for i := 0; i < len(user); i++ {
		if user[i] != '%' {
			out = append(out, user[i])
			continue
		}
		if i+2 >= len(user) {
			return "", fmt.Errorf("%w: cut escape", ErrUnread)
		}
		hi, lo := unhex(user[i+1]), unhex(user[i+2])
		if hi < 0 || lo < 0 {
			return "", fmt.Errorf("%w: wrong escape", ErrUnread)
		}
		out = append(out, byte(hi<<4|lo))
		i += 2
	}
	return string(out), nil
}

// unhex returns the value of a hexadecimal digit, or -1.
func unhex(c byte) int {
	switch {
	case c >= '0' && c <= '9':
		return int(c - '0')
	case c >= 'a' && c <= 'f':
		return int(c-'a') + 10
	case c >= 'A' && c <= 'F':
		return int(c-'A') + 10
	}
	return -1
}
