package number

import (
	"cmp"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"testing"

	"github.com/nyaruka/phonenumbers"
)

// TestGeographicIsTheMetadatas compares the table of area codes with the
// metadata, so that an update of the one is noticed at the other.
func TestGeographicIsTheMetadatas(t *testing.T) {
	for i := 100; i < 1000; i++ {
		abc := strconv.Itoa(i)
		n := phoneNumber(homeCode, abc+"234567")
		want := phonenumbers.IsValidNumber(n) && phonenumbers.GetNumberType(n) == phonenumbers.FIXED_LINE
		if got := geographic.has(abc); got != want {
			t.Errorf("0%s: %v, want %v", abc, got, want)
		}
	}
}

func TestInternationalAreas(t *testing.T) {
	var codes []string
	for _, a := range InternationalAreas() {
		codes = append(codes, a.Code)
		if a.NameJA == "" || a.NameEN == "" {
			t.Errorf("%s lacks a name", a.Code)
		}
		if cc := phonenumbers.GetCountryCodeForRegion(a.Code); a.Code != "AQ" && strconv.Itoa(cc) != a.CallingCode {
			t.Errorf("%s: country code %s, want %d", a.Code, a.CallingCode, cc)
		}
		n := phonenumbers.GetExampleNumber(a.Code)
		if n == nil {
			continue
		}
		e164 := phonenumbers.Format(n, phonenumbers.E164)
		want := cmp.Or(elsewhere[a.Code], a.Code)
		if d := Parse(e164, nil); d.Class != International || d.Area != want || d.Range == RangeUnallocated {
			t.Errorf("%s of %s is %s %s", e164, a.Code, d, d.Range)
		}
	}
	if !slices.IsSorted(codes) {
		t.Error("areas are not in order")
	}
	for region := range phonenumbers.GetSupportedRegions() {
		if _, found := AreaOf(region); found == (region == AreaJapan) {
			t.Errorf("area %s: found %v", region, found)
		}
	}
	for word, want := range map[string]string{
		"SL": "[SL]", "sl": "[SL]", "232": "[SL]", "+232": "[SL]", "シエラレオネ": "[SL]", "sierra leone": "[SL]",
		"7": "[KZ RU]", "+47": "[NO SJ]", "JP": "[]", "日本": "[]", "": "[]", "ZZ": "[]", "001": "[]",
		"北マケドニア": "[MK]",
	} {
		codes := []string{}
		for _, a := range FindAreas(word) {
			codes = append(codes, a.Code)
		}
		if got := fmt.Sprint(codes); got != want {
			t.Errorf("FindAreas(%q) = %s, want %s", word, got, want)
		}
	}
}

// elsewhere are areas whose example number another area owns too, or alone:
// St. Martin shares the ranges of St. Barthélemy, and the metadata's example
// for Norfolk Island is in Antarctica.
var elsewhere = map[string]string{"MF": "BL", "NF": "AQ"}

// TestCountryCodesArePrefixFree is what countryCode relies on.
func TestCountryCodesArePrefixFree(t *testing.T) {
	for code := 1; code < 1000; code++ {
		if !callingCodes()[code] {
			continue
		}
		for shorter := code / 10; shorter > 0; shorter /= 10 {
			if callingCodes()[shorter] {
				t.Errorf("country code %d begins with %d", code, shorter)
			}
		}
	}
}

func TestNames(t *testing.T) {
	seen := map[string]bool{}
	for _, c := range Classes() {
		b, err := json.Marshal(c)
		if err != nil || seen[string(b)] || len(b) < 4 {
			t.Errorf("class %d is written %s, %v", c, b, err)
		}
		seen[string(b)] = true
		if inside := c == NotUnderstood || c == Extension || c == Feature; c.Outside() == inside {
			t.Errorf("%s is outside: %v", c, !inside)
		}
		if back, err := ParseClass(c.String()); err != nil || back != c {
			t.Errorf("ParseClass(%q) = %v, %v", c, back, err)
		}
	}
	if c, err := ParseClass("Geographic"); err == nil || c != NotUnderstood {
		t.Errorf("ParseClass of a wrong name = %v, %v", c, err)
	}
	if _, err := json.Marshal(Class(99)); err == nil {
		t.Error("a class without a name is written")
	}
	d := Parse("18401023276123456", nil)
	b, err := json.Marshal(d)
	want := `{"class":"international","digits":"23276123456","area":"SL","range":"mobile","presentation":"withhold"}`
	if err != nil || string(b) != want {
		t.Errorf("JSON is %s, %v, want %s", b, err, want)
	}
	var back Destination
	if err := json.Unmarshal(b, &back); err != nil || back != d {
		t.Errorf("read back: %+v, %v", back, err)
	}
}

func TestWords(t *testing.T) {
	for _, c := range []struct{ dialed, long, redacted, national string }{
		{"0312345678", "geographic +81312345678", "geographic +8131xxxxxxx", "0312345678"},
		{
			"18401023276123456", "international +23276123456 SL withhold", "international +2327xxxxxxx SL withhold",
			"01023276123456",
		},
		{"110", "emergency 110", "emergency 110", "110"},
		{"201", "extension 201", "extension 201", "201"},
		{"#7119", "hash-short #7119", "hash-short #7119", "#7119"},
		{"0061010232761234", "carrier-select 0061010232761234", "carrier-select 00610…", "0061010232761234"},
		{"00330312345678", "geographic +81312345678 via 0033", "geographic +8131xxxxxxx via 0033", "0312345678"},
		{"*010232761234", "not-understood (symbol)", "not-understood (symbol)", ""},
	} {
		d := Parse(c.dialed, office(""))
		if d.String() != c.long || d.Redacted() != c.redacted || d.National() != c.national {
			t.Errorf("%s is %q, %q, %q", c.dialed, d.String(), d.Redacted(), d.National())
		}
	}
}

// TestProfileNames: the names that profile files of lines use.
func TestProfileNames(t *testing.T) {
	type settings struct {
		Form       Form
		Abroad     Abroad
		Presenting Presenting
		SubAddress SubAddress
	}
	const text = `{"Form":"local","Abroad":"plus","Presenting":"prefix","SubAddress":"star"}`
	var s settings
	if err := json.Unmarshal([]byte(text), &s); err != nil ||
		s != (settings{FormLocal, AbroadPlus, PresentByPrefix, SubAddressStar}) {
		t.Errorf("%+v, %v", s, err)
	}
	if b, err := json.Marshal(s); err != nil || string(b) != text {
		t.Errorf("%s, %v", b, err)
	}
	if err := json.Unmarshal([]byte(`{"Abroad":"010"}`), &s); err != nil || s.Abroad != AbroadIDD {
		t.Errorf("%+v, %v", s, err)
	}
	if err := json.Unmarshal([]byte(`{"Form":"any"}`), &s); err == nil {
		t.Error("a wrong form is read")
	}
}
