package number

import (
	"errors"
	"sync"
	"testing"

	"pgregory.net/rapid"
)

// drawProfile draws any line.
func drawProfile(t *rapid.T) Profile {
	p := Profile{
		Form:       rapid.SampledFrom([]Form{FormNational, FormE164, FormLocal}).Draw(t, "form"),
		Abroad:     rapid.SampledFrom([]Abroad{AbroadNone, AbroadIDD, AbroadPlus}).Draw(t, "abroad"),
		Presenting: rapid.SampledFrom([]Presenting{PresentInHeader, PresentByPrefix}).Draw(t, "presenting"),
		SubAddress: rapid.SampledFrom([]SubAddress{SubAddressNone, SubAddressStar}).Draw(t, "sub-address"),
		Alphabet:   rapid.SampledFrom([]string{"", "0123456789", "0123456789*#", "0123456789*#+"}).Draw(t, "alphabet"),
		Emergency:  rapid.Bool().Draw(t, "emergency"),
		Services:   rapid.Bool().Draw(t, "services"),
		HashShort:  rapid.Bool().Draw(t, "hash"),
	}
	p.Line.AreaCode = rapid.SampledFrom([]string{"", "03", "098", "0466", "04992"}).Draw(t, "area code")
	p.Line.Carriers = rapid.SampledFrom([][]string{nil, {"0033"}, {"001", "009130"}}).Draw(t, "carriers")
	p.Line.Lift = rapid.Bool().Draw(t, "lift")
	return p
}

// dialable draws strings that often mean something.
var dialable = rapid.OneOf(
	rapid.StringMatching(`(\+|0|184|186|122|0033|001|009130){0,3}(0[1-9]|81|010|[2-9])?[0-9]{0,12}`),
	rapid.StringMatching(`(184|186)?(0(3|98|466|120|570|990|180)|[05-9]0[1-9]|020|0800)[0-9]{6,10}`),
	rapid.StringMatching(`(0|9)?(184|186)?1[0-9]{2,3}|#[0-9]{4}|[*#][0-9]{2}#?`),
	rapid.StringN(0, 12, 70),
)

// TestRenderReread: what a line is sent reads as what was judged, or nothing is
// sent, for a reason that has a name.
func TestRenderReread(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p := drawProfile(t)
		d := Parse(dialable.Draw(t, "dialed"), &Context{Line: p.Line})
		user, err := Render(d, p)
		if err != nil {
			if errors.Is(err, ErrUnfaithful) {
				t.Fatalf("%s has no faithful form: %v", d, err)
			}
			return
		}
		if err := checkReread(d, user, &p); err != nil {
			t.Fatal(err)
		}
	})
}

// TestPrefixChangesNothing: behind its outside prefix a number means what it
// means without one.
func TestPrefixChangesNothing(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p := drawProfile(t)
		dialed := dialable.Draw(t, "dialed")
		plain := Parse(dialed, &Context{Line: p.Line})
		if dialed == "" || dialed[0] == '+' || plain.Class == Emergency {
			return
		}
		for _, prefix := range []string{"0", "9", "81"} {
			d := Parse(prefix+dialed, &Context{OutsidePrefix: prefix, Line: p.Line})
			if d != plain && len(prefix+dialed) <= MaxDialed {
				t.Fatalf("%q is %s, behind %s it is %s", dialed, plain, prefix, d)
			}
		}
	})
}

// TestParseTogether asks the metadata from many goroutines at once, for the race
// detector.
func TestParseTogether(t *testing.T) {
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			for _, a := range InternationalAreas() {
				if d := Parse("+"+a.CallingCode+"12345678", nil); !d.Class.Abroad() {
					t.Errorf("%s: %s", a.Code, d)
				}
			}
		})
	}
	wg.Wait()
}

func FuzzParse(f *testing.F) {
	for _, s := range []string{
		"0312345678", "#01023276123456", "18401023276123456", "1220033010232", "+81312345678", "110",
		"0184110", "#7119",
		"03１２", "%23010", "\u200b010", "tel:+81-3-1234-5678;phone-context=+81", "0312345678;isub=1",
	} {
		f.Add(s, "0", "03")
	}
	var judge careless
	f.Fuzz(func(t *testing.T, dialed, prefix, area string) {
		p := Profile{Abroad: AbroadIDD, Presenting: PresentByPrefix, Emergency: true, Services: true, HashShort: true}
		p.Line.AreaCode = area
		if _, err := checkDialed(dialed, &p, judge); err != nil {
			t.Error(err)
		}
		ctx := &Context{OutsidePrefix: prefix, Domain: area, Line: p.Line}
		for _, d := range []Destination{
			Parse(dialed, ctx), FromTel(dialed, ctx), FromTel("tel:"+dialed, ctx), FromSIPUser(dialed, nil, ctx),
		} {
			user, err := Render(d, p)
			if errors.Is(err, ErrUnfaithful) || err == nil && checkReread(d, user, &p) != nil {
				t.Errorf("%q is %s, sent as %q: %v", dialed, d, user, err)
			}
		}
		if d, err := Reread([]byte(dialed), p); (err == nil) == (d.Class == NotUnderstood) {
			t.Errorf("Reread(%q) = %s, %v", dialed, d, err)
		}
	})
}

func BenchmarkParseDomestic(b *testing.B) {
	ctx := office("")
	b.ReportAllocs()
	for b.Loop() {
		Parse("0312345678", ctx)
	}
}

func BenchmarkParseAbroad(b *testing.B) {
	for _, s := range []string{"01023276123456", "+18765551234", "+442079460958"} {
		b.Run(s, func(b *testing.B) {
			for b.Loop() {
				Parse(s, nil)
			}
		})
	}
}

func BenchmarkRender(b *testing.B) {
	d := Parse("0312345678", nil)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := Render(d, Profile{}); err != nil {
			b.Fatal(err)
		}
	}
}
