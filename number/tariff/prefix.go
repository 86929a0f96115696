package tariff

import (
	"fmt"
	"strings"

	"github.com/sekisho/sekisho/number"
)

// room is what a prefix must agree with as a whole: the carrier code and the
// class. All classes abroad are one room, that of number.International.
type room struct {
	carrier string
	class   number.Class
}

// key is a prefix as it is looked up.
type key struct {
	room
	digits string // what Destination.Digits begins with
}

// The country code of Japan, and the longest carrier code in digits.
const (
	home       = "81"
	carrierMax = 6
)

// readPrefix reads a prefix of the forms in the package comment.
func readPrefix(s string) (key, error) {
	rest := s
	var k key
	if strings.HasPrefix(s, "00") {
		code, behind, _ := strings.Cut(s, "/") // nothing behind it is no prefix
		if !allDigits(code) || len(code) > carrierMax {
			return key{}, fmt.Errorf("%.40q: %w", s, ErrPrefix)
		}
		k.carrier, rest = code, behind
	}
	if allDigits(rest) {
		return readAbroad(s, rest, k)
	}
	name, begin, cut := strings.Cut(rest, "/")
	class, err := number.ParseClass(name)
	if err != nil || !priced(class, k.carrier) {
		return key{}, fmt.Errorf("%.40q: %w", s, ErrPrefix)
	}
	k.class = class
	if !cut {
		return k, nil
	}
	if k.digits = canonical(class, begin); k.digits == "" {
		return key{}, fmt.Errorf("%.40q: %w", s, ErrPrefix)
	}
	return k, nil
}

// readAbroad reads E.164 digits.
func readAbroad(s, digits string, k key) (key, error) {
	switch {
	case strings.HasPrefix(digits, home):
		return key{}, fmt.Errorf("%.40q: %w", s, ErrJapan)
	case digits[0] == '0' || len(digits) > number.MaxE164:
		return key{}, fmt.Errorf("%.40q: %w", s, ErrPrefix)
	}
	k.class, k.digits = number.International, digits
	return k, nil
}

// priced tells the classes that a carrier charges for by their name: those
// within Japan, and through a carrier code the ones that can be dialed so.
func priced(c number.Class, carrier string) bool {
	if carrier != "" {
		return c == number.Geographic || c == number.Mobile
	}
	return c.Outside() && !c.Abroad() && c != number.CarrierSelect
}

// Classes returns the classes that a table can price by their name: all that
// reach somebody within Japan, in their stable order.
func Classes() []number.Class {
	var out []number.Class
	for _, c := range number.Classes() {
		if priced(c, "") {
			out = append(out, c)
		}
	}
	return out
}

// canonical turns the beginning of a number as it is written in Japan into
// that of Destination.Digits, "" if no number of the class begins so.
func canonical(c number.Class, begin string) string {
	switch c {
	case number.HashShort:
		digits, ok := strings.CutPrefix(begin, "#")
		if !ok {
			return ""
		}
		begin = digits
	case number.Emergency, number.Service, number.CarrierFeature:
	default:
		national, ok := strings.CutPrefix(begin, "0")
		if !ok || !allDigits(national) || national[0] == '0' {
			return ""
		}
		begin = home + national
	}
	if !allDigits(begin) || len(begin) > number.MaxE164 {
		return ""
	}
	return begin
}

// roomOf is where the rates for a destination stand.
func roomOf(d number.Destination) room {
	if d.Class.Abroad() {
		return room{d.Carrier, number.International}
	}
	return room{d.Carrier, d.Class}
}
