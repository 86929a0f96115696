package gate

import (
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/sekisho/sekisho/fact"
	"github.com/sekisho/sekisho/number"
)

// mostly draws true more often than not, so that a fair share passes. Where
// there is a choice, rapid draws what comes first more often.
func mostly(t *rapid.T, name string) bool {
	return rapid.SampledFrom([]bool{true, true, true, true, true, true, true, false}).Draw(t, name)
}

func drawClasses(t *rapid.T, name string) ClassSet {
	if mostly(t, name+" by default") {
		return 0
	}
	return ClassSet(rapid.Uint32().Draw(t, name))
}

func drawPolicy(t *rapid.T) *Policy {
	s := Settings{
		Claimed:              mostly(t, "claimed"),
		DomesticWhenDegraded: rapid.Bool().Draw(t, "domestic"),
		Classes:              drawClasses(t, "classes"),
		Countries:            rapid.SampledFrom([][]string{nil, {"SL", "US"}, {"US"}}).Draw(t, "countries"),
		Extensions: map[string]ExtensionRule{"201": {
			InternalOnly: !mostly(t, "not internal only"), Classes: drawClasses(t, "extension"),
		}},
		Lines: map[string]LineRule{},
		Sites: rapid.SampledFrom([]map[string]bool{nil, {"branch": true}}).Draw(t, "sites"),
	}
	if mostly(t, "line") {
		s.Lines["hikari"] = LineRule{
			Classes:  drawClasses(t, "line classes"),
			Carriers: rapid.SliceOf(rapid.SampledFrom([]string{"0033", "122"})).Draw(t, "carriers"),
		}
	}
	for range rapid.SampledFrom([]int{2, 1, 0}).Draw(t, "openings") {
		s.Openings = append(s.Openings, fact.Opening{
			ID: "o", Extension: rapid.SampledFrom([]string{"201", "202"}).Draw(t, "for"),
			Area:    rapid.SampledFrom([]string{"SL", "US"}).Draw(t, "area"),
			Expires: noon.Add(time.Duration(rapid.IntRange(-20, 60).Draw(t, "expires")) * time.Hour),
		})
	}
	if !mostly(t, "no hours") {
		s.Hours = []Hours{{
			From: rapid.IntRange(0, 1439).Draw(t, "from"), To: rapid.IntRange(0, 1440).Draw(t, "to"),
			Ask: rapid.Bool().Draw(t, "ask"),
		}}
	}
	if !mostly(t, "nothing set apart") {
		s.Quarantines = []fact.Quarantine{{
			ID: "q", Kind: "unit", Until: noon.Add(time.Duration(rapid.IntRange(0, 60).Draw(t, "until")) * time.Hour),
		}}
	}
	p, err := NewPolicy(s)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func drawClass(t *rapid.T) number.Class {
	if rapid.Bool().Draw(t, "abroad") {
		return number.International
	}
	return (number.Geographic + number.Class(rapid.IntRange(0, 20).Draw(t, "class"))) % (number.Satellite + 3)
}

func drawRequest(t *rapid.T) Request {
	return Request{
		Call: "c", Line: rapid.SampledFrom([]string{"hikari", "hikari", "hikari", ""}).Draw(t, "line"),
		At: noon.Add(time.Duration(rapid.IntRange(0, 48).Draw(t, "at")) * time.Hour),
		Origin: Origin{
			Kind: rapid.SampledFrom([]OriginKind{
				OriginDialed, OriginDialed, OriginDialed, "", OriginRedirect,
				OriginTransfer, OriginForward, OriginLineTest, OriginLineToLine, OriginAlert, OriginSite,
			}).Draw(t, "kind"),
			Site:          rapid.SampledFrom([]string{"", "branch", "other"}).Draw(t, "site"),
			Extension:     rapid.SampledFrom([]string{"201", "202", "201", ""}).Draw(t, "extension"),
			Authenticated: mostly(t, "authenticated"),
		},
		Destination: number.Destination{
			Class:   drawClass(t),
			Digits:  rapid.SampledFrom([]string{"81312345678", "81312345678", ""}).Draw(t, "digits"),
			Area:    rapid.SampledFrom([]string{"SL", "US", "JP", "001", ""}).Draw(t, "area"),
			Range:   (number.RangeFixed + number.Range(rapid.IntRange(0, 12).Draw(t, "range"))) % 13,
			Carrier: rapid.SampledFrom([]string{"", "", "", "0033", "122"}).Draw(t, "carrier"),
		},
	}
}

// drawChanges puts up to three fixtures together, and what comes before them.
func drawChanges(t *rapid.T, first ...func(*Settings, *Request)) (*Policy, Request) {
	s, r := settings(), ordinary()
	for _, change := range first {
		change(&s, &r)
	}
	if rapid.Bool().Draw(t, "to an open country") {
		abroad("SL", number.RangeMobile)(&s, &r)
	}
	for range rapid.IntRange(0, 3).Draw(t, "changes") {
		fixtures[rapid.IntRange(0, len(fixtures)-1).Draw(t, "fixture")].change(&s, &r)
	}
	p, err := NewPolicy(s)
	if err != nil {
		t.Fatal(err)
	}
	return p, r
}

// TestG5EmergencyAlwaysPasses: whatever the policy and the rest of the
// request, an emergency call of an extension passes, and by no other rule.
func TestG5EmergencyAlwaysPasses(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p, r := drawPolicy(t), drawRequest(t)
		r.Destination.Class = number.Emergency
		r.Origin.Extension = rapid.StringN(1, 8, 16).Draw(t, "any extension")
		if v := Judge(p, r); v.Verb != VerbPass || v.Rule != "emergency" || !p.WhenDegraded(&r) {
			t.Fatalf("%v by %s", v.Verb, v.Rule)
		}
	})
}

// TestWhatPassesIsMeantTo restates the gate's promise without its rules.
func TestWhatPassesIsMeantTo(t *testing.T) {
	passed, abroad := 0, 0
	look := func(t *rapid.T) {
		p, r := drawChanges(t)
		if rapid.Bool().Draw(t, "anything") {
			p, r = drawPolicy(t), drawRequest(t)
		}
		v := Judge(p, r)
		if v.Verb != VerbPass || r.Destination.Class == number.Emergency {
			return
		}
		passed++
		if q, apart := p.Apart(&r); apart {
			t.Fatalf("passed though %+v", q)
		}
		switch d := r.Destination; {
		case !p.Claimed():
			t.Fatal("an unclaimed unit passed it")
		case !r.Origin.Authenticated || r.Origin.Kind == OriginLineToLine || r.Origin.Kind == "":
			t.Fatalf("passed for origin %+v", r.Origin)
		case r.Origin.Kind == OriginAlert &&
			(d.Class.Abroad() || !slices.Contains(p.s.AlertNumbers, d.Digits)):
			t.Fatalf("the unit itself called %+v", d)
		case r.Origin.Kind == OriginSite && (!p.s.Sites[r.Origin.Site] || d.Class.Abroad() || r.Origin.Extension != ""):
			t.Fatalf("another site called %+v as %+v", d, r.Origin)
		case d.Digits == "" || r.Line == "":
			t.Fatal("passed without digits or line")
		case d.Class == number.International:
			abroad++
			if v.Opening == "" || d.Area == "" || d.Range == number.RangePremium || d.Range == number.RangeUnallocated {
				t.Fatalf("passed abroad: %+v", d)
			}
			if p.WhenDegraded(&r) {
				t.Fatal("abroad passes while nothing can be written")
			}
		case d.Class == number.Satellite || d.Class == number.GlobalCode || d.Class == number.CarrierFeature ||
			d.Class == number.NotUnderstood || d.Class == number.Extension || d.Class == number.Feature ||
			d.Class > number.Satellite:
			t.Fatalf("passed class %v", d.Class)
		case !p.s.Classes.Has(d.Class):
			t.Fatalf("class %v is not on the unit's list", d.Class)
		}
	}
	const roundsMax = 100 // -short makes a round so small that often nothing passes in it
	for round := 0; round == 0 || round < roundsMax && (passed < 5 || abroad == 0); round++ {
		rapid.Check(t, look)
	}
	if passed < 5 || abroad == 0 {
		t.Errorf("%d passed, %d of them abroad: the property looked at too little", passed, abroad)
	}
}

func BenchmarkJudge(b *testing.B) {
	p, err := NewPolicy(settings())
	if err != nil {
		b.Fatal(err)
	}
	r := ordinary()
	b.ReportAllocs()
	for b.Loop() {
		if Judge(p, r).Verb != VerbPass {
			b.Fatal("refused")
		}
	}
}
