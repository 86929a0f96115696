package number

import (
	"strings"
	"testing"
)

func TestFromTel(t *testing.T) {
	for uri, want := range map[string]string{
		"tel:+81-3-1234-5678": "geographic 81312345678", "TEL:0312345678": "geographic 81312345678",
		"tel:03.1234(56)78": "geographic 81312345678", "tel:+81(0)3-1234-5678": "? home-country",
		"tel:110": "emergency 110", "tel:110;phone-context=+81": "emergency 110",
		"tel:0110;phone-context=+81": "? unassigned", "tel:118;phone-context=office.example": "emergency 118",
		"tel:201": "extension 201", "tel:201;phone-context=office.example": "extension 201",
		"tel:201;phone-context=OFFICE.example": "extension 201", "tel:201;phone-context=+81": "? length",
		"tel:201;phone-context=other.example": "? phone-context", "tel:201;phone-context=": "? phone-context",
		"tel:0312345678;phone-context=+81":     "geographic 81312345678",
		"tel:0312345678;phone-context=+232":    "? phone-context",
		"tel:76123456;phone-context=+232":      "? phone-context",
		"tel:+81312345678;phone-context=+81":   "? phone-context",
		"tel:01023276123456;phone-context=+81": "? phone-context",
		"tel:01023276123456":                   "international 23276123456 SL mobile",
		"tel:+232-76-123456":                   "international 23276123456 SL mobile",
		"tel:312345678;phone-context=+81":      "? length",
		"tel:0312345678;isub=1":                "? parameter", "tel:0312345678;postd=p010": "? parameter",
		"tel:0312345678;ext=1": "? parameter", "tel:0312345678;ISUB=1": "? parameter",
		"tel:0312345678;rn=+23276": "? parameter", "tel:0312345678;npdi": "? parameter",
		"tel:0312345678;cic=+810033": "? parameter", "tel:0312345678;tgrp=x;trunk-context=y": "? parameter",
		"tel:0312345678;unknown=1": "? parameter", "tel:0312345678;": "? parameter",
		"tel:0312345678;=1":     "? parameter",
		"tel:0312345678;enumdi": "geographic 81312345678", "tel:0312345678;enumdi=1": "? parameter",
		"tel:0312345678;phone-context=+81;phone-context=+81": "? phone-context",
		"tel:%30312345678": "? symbol", "tel:03 1234 5678": "? symbol", "tel:": "? empty", "tel:-": "? empty",
		"sip:0312345678": "? scheme", "": "? scheme", "tel": "? scheme", "tel:*01023276123456": "? symbol",
		"tel:0312345678" + strings.Repeat("-", MaxTel): "? length",
	} {
		if got := read(FromTel(uri, office(""))); got != want {
			t.Errorf("FromTel(%q) = %s, want %s", uri, got, want)
		}
	}
}

func TestFromSIPUser(t *testing.T) {
	for _, c := range []struct {
		user, want string
		uri        []Param
	}{
		{"0312345678", "geographic 81312345678", []Param{{"user", "phone"}, {"transport", "tcp"}, {"lr", ""}}},
		{"+81312345678", "geographic 81312345678", []Param{{"User", "Phone"}}},
		{"0312345678", "? parameter", []Param{{"user", "other"}}},
		{"0312345678", "? parameter", []Param{{"isub", "1"}}},
		{"0312345678", "? parameter", []Param{{"rn", "+232"}}},
		{"0312345678", "? phone-context", []Param{{"phone-context", "+232"}}},
		{"0312345678;phone-context=+81", "? phone-context", []Param{{"phone-context", "+81"}}},
		{"0312345678;phone-context=+81", "geographic 81312345678", nil},
		{"0312345678;isub=010232", "? parameter", nil},
		{"0312345678;user=phone", "geographic 81312345678", nil},
		{"0312345678;x=y@z", "? parameter", nil},
		{"0312345678;;", "? parameter", nil},
		{"03-1234-5678", "? symbol", []Param{{"user", "phone"}}},
		{"110", "emergency 110", []Param{{"user", "phone"}}},
		{"#01023276123456", "? symbol", nil},
		{"", "? empty", nil},
		{"0312345678" + strings.Repeat(";enumdi", MaxTel), "? length", nil},
	} {
		if got := FromSIPUser(c.user, c.uri, nil); got.Class == Emergency != (c.want == "emergency 110") {
			t.Errorf("FromSIPUser(%.40q, %v) without context = %s", c.user, c.uri, got)
		}
		if got := read(FromSIPUser(c.user, c.uri, office(""))); got != c.want {
			t.Errorf("FromSIPUser(%.40q, %v) = %s, want %s", c.user, c.uri, got, c.want)
		}
	}
}
