package number

import (
	"errors"
	"testing"
)

func TestRender(t *testing.T) {
	national := Profile{
		Abroad: AbroadIDD, Presenting: PresentByPrefix, Emergency: true, Services: true, HashShort: true,
	}
	plus := Profile{Form: FormE164, Abroad: AbroadPlus, Emergency: true}
	local := Profile{Form: FormLocal, Line: Line{AreaCode: "03"}}
	carrier := Profile{Abroad: AbroadIDD, Line: Line{Carriers: []string{"0033"}}}
	lifted := Profile{Line: Line{Carriers: []string{"0033"}, Lift: true}}
	prefixPlus := Profile{Form: FormE164, Abroad: AbroadPlus, Presenting: PresentByPrefix}
	digitsOnly := Profile{Form: FormE164, HashShort: true, Alphabet: "0123456789"}
	for _, c := range []struct {
		dialed string
		p      Profile
		want   string
		err    error
	}{
		{"0312345678", national, "0312345678", nil},
		{"+81312345678", national, "0312345678", nil},
		{"1840312345678", national, "1840312345678", nil},
		{"1840312345678", plus, "+81312345678", nil},
		{"1840312345678", prefixPlus, "", ErrPresentation},
		{"0312345678", plus, "+81312345678", nil},
		{"0323456789", local, "23456789", nil},
		{"0312345678", local, "0312345678", nil}, // would read as a short number
		{"0612345678", local, "0612345678", nil},
		{"09012345678", local, "09012345678", nil},
		{"01023276123456", national, "01023276123456", nil},
		{"+23276123456", national, "01023276123456", nil},
		{"18601023276123456", national, "18601023276123456", nil},
		{"01023276123456", plus, "+23276123456", nil},
		{"01023276123456", local, "", ErrUndeclared},
		{"0033010232761234", carrier, "0033010232761234", nil},
		{"12200330312345678", lifted, "12200330312345678", nil},
		{"00330312345678", lifted, "12200330312345678", nil},
		{"12200330312345678", carrier, "", ErrNotForLine}, // 122 is not declared
		{"00330312345678", national, "", ErrNotForLine},   // not declared: no number at all
		{"110", national, "110", nil},
		{"0110", plus, "110", nil},
		{"184118", national, "184118", nil},
		{"184118", plus, "118", nil},
		{"119", local, "", ErrUndeclared},
		{"117", national, "117", nil},
		{"117", plus, "", ErrUndeclared},
		{"#7119", national, "%237119", nil},
		{"#7119", plus, "", ErrUndeclared},
		{"#7119", digitsOnly, "", ErrAlphabet},
		{"0312345678", digitsOnly, "", ErrAlphabet},
		{"142", national, "", ErrNotForLine},
		{"0061010232", national, "", ErrNotForLine},
		{"*0312345678", national, "", ErrNotForLine},
	} {
		got, err := Render(Parse(c.dialed, &Context{Line: c.p.Line}), c.p)
		if string(got) != c.want || !errors.Is(err, c.err) {
			t.Errorf("%s: Render = %q, %v, want %q, %v", c.dialed, got, err, c.want, c.err)
		}
	}
}

// TestRenderRefusesForged: a Destination that no parser made yields no bytes.
func TestRenderRefusesForged(t *testing.T) {
	p := Profile{Abroad: AbroadIDD, Presenting: PresentByPrefix, Emergency: true, Services: true, HashShort: true}
	good := Parse("0312345678", nil)
	if _, err := Render(good, p); err != nil {
		t.Fatal(err)
	}
	for _, forge := range []func(*Destination){
		func(d *Destination) { d.Digits = "23276123456" },
		func(d *Destination) { d.Digits = "81010232" },
		func(d *Destination) { d.Digits = "81312345678;isub=1" },
		func(d *Destination) { d.Digits = "81312345678#" },
		func(d *Destination) { d.Digits = "" },
		func(d *Destination) { d.Class = Mobile },
		func(d *Destination) { d.Class = Emergency },
		func(d *Destination) { d.Class, d.Digits = Emergency, "010232" },
		func(d *Destination) { d.Class, d.Digits = Service, "1421" },
		func(d *Destination) { d.Class, d.Digits = HashShort, "010" },
		func(d *Destination) { d.Class = International },
		func(d *Destination) { d.Class = Extension },
		func(d *Destination) { d.Class = 200 },
		func(d *Destination) { d.Carrier = "0033" },
		func(d *Destination) { d.Carrier = "010232" },
		func(d *Destination) { d.Area = "US" },
		func(d *Destination) { d.Range = RangePremium },
		func(d *Destination) { d.Presentation = 9 },
		func(d *Destination) { d.Why = "x" },
	} {
		d := good
		forge(&d)
		if b, err := Render(d, p); err == nil || b != nil {
			t.Errorf("Render(%+v) = %q, %v, want an error", d, b, err)
		}
	}
}

func TestReread(t *testing.T) {
	star := Profile{SubAddress: SubAddressStar, Abroad: AbroadIDD, Emergency: true, Line: Line{AreaCode: "03"}}
	for _, c := range []struct {
		user string
		p    Profile
		want string
	}{
		{"0312345678*99", star, "geographic 81312345678"},
		{"0312345678%2A99", star, "geographic 81312345678"},
		{"0312345678*99", Profile{}, "? symbol"},
		{"23456789", star, "geographic 81323456789"},
		{"23456789", Profile{}, "? area-code"},
		{"%30312345678", star, "geographic 81312345678"},
		{"%2530312345678", star, "? symbol"},
		{"%237119", star, "hash-short 7119"},
		{"0312345678%2a1", star, "geographic 81312345678"},
		{"110", star, "emergency 110"},
		{"0110", star, "? unassigned"},
		{"184110", star, "emergency 110 withhold"},
		{"*110", star, "? symbol"},
	} {
		got, err := Reread([]byte(c.user), c.p)
		if read(got) != c.want || (err != nil) != (got.Class == NotUnderstood) {
			t.Errorf("Reread(%q) = %s, %v, want %s", c.user, read(got), err, c.want)
		}
	}
	for _, user := range []string{"%", "031%2", "%zz", "%4"} {
		if d, err := Reread([]byte(user), star); !errors.Is(err, ErrUnread) || d != (Destination{}) {
			t.Errorf("Reread(%q) = %v, %v, want ErrUnread", user, d, err)
		}
	}
}
