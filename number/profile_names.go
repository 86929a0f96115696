package number

import "encoding"

// The names of profile settings are written in the profile files of lines.
var (
	formNames       = [...]string{FormNational: "national", FormE164: "e164", FormLocal: "local"}
	abroadNames     = [...]string{AbroadNone: "none", AbroadIDD: "010", AbroadPlus: "plus"}
	presentingNames = [...]string{PresentInHeader: "header", PresentByPrefix: "prefix"}
	subAddressNames = [...]string{SubAddressNone: "none", SubAddressStar: "star"}
)

var (
	_ encoding.TextMarshaler   = Form(0)
	_ encoding.TextUnmarshaler = (*Form)(nil)
	_ encoding.TextMarshaler   = Abroad(0)
	_ encoding.TextUnmarshaler = (*Abroad)(nil)
	_ encoding.TextMarshaler   = Presenting(0)
	_ encoding.TextUnmarshaler = (*Presenting)(nil)
	_ encoding.TextMarshaler   = SubAddress(0)
	_ encoding.TextUnmarshaler = (*SubAddress)(nil)
)

// MarshalText writes the name: national, e164 or local.
func (f Form) MarshalText() ([]byte, error) { return textOf(formNames[:], int(f), "form") }

// UnmarshalText reads a name.
func (f *Form) UnmarshalText(b []byte) error {
	i, err := indexOf(formNames[:], string(b), "form")
	*f = Form(i)
	return err
}

// MarshalText writes the name: none, 010 or plus.
func (a Abroad) MarshalText() ([]byte, error) { return textOf(abroadNames[:], int(a), "form abroad") }

// UnmarshalText reads a name.
func (a *Abroad) UnmarshalText(b []byte) error {
	i, err := indexOf(abroadNames[:], string(b), "form abroad")
	*a = Abroad(i)
	return err
}

// MarshalText writes the name: header or prefix.
func (p Presenting) MarshalText() ([]byte, error) {
	return textOf(presentingNames[:], int(p), "presenting")
}

// UnmarshalText reads a name.
func (p *Presenting) UnmarshalText(b []byte) error {
	i, err := indexOf(presentingNames[:], string(b), "presenting")
	*p = Presenting(i)
	return err
}

// MarshalText writes the name: none or star.
func (s SubAddress) MarshalText() ([]byte, error) {
	return textOf(subAddressNames[:], int(s), "sub-address rule")
}

// UnmarshalText reads a name.
func (s *SubAddress) UnmarshalText(b []byte) error {
	i, err := indexOf(subAddressNames[:], string(b), "sub-address rule")
	*s = SubAddress(i)
	return err
}
