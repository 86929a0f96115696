package plan

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/sekisho/sekisho/fact"
	"github.com/sekisho/sekisho/number"
	"github.com/sekisho/sekisho/vectors/dial"
)

// sited is a plan with a branch that has 3xx and a shop that has 40 to 44.
func sited(t testing.TB, change ...func(*Settings)) (*Plan, error) {
	t.Helper()
	s := Settings{
		OutsidePrefix: "0", Extensions: []string{"201", "202"},
		Groups:   []fact.Group{{Number: "500", Members: []string{"201"}}},
		Features: Features(),
		Lines:    []Line{{ID: "hikari", Numbers: []fact.Number{{Number: "0312345678", Ring: []string{"301"}}}}},
		Routing: []fact.Routed{
			fact.SitePaired{Site: "branch", Numbers: []string{"3xx"}},
			fact.SitePaired{Site: "shop", Numbers: []string{"40-44", "6001"}},
		},
	}
	for _, c := range change {
		c(&s)
	}
	return New(s)
}

func TestExtensionsOfOtherSitesAreDialed(t *testing.T) {
	p, err := sited(t)
	if err != nil {
		t.Fatal(err)
	}
	for dialed, site := range map[string]string{"301": "branch", "399": "branch", "42": "shop", "6001": "shop"} {
		got := p.Dialed(dialed)
		if got.Kind != Internal || !slices.Equal(got.Extensions, []string{dialed}) || p.Site(dialed) != site {
			t.Errorf("%s leads to %+v of site %q", dialed, got, p.Site(dialed))
		}
	}
	for _, dialed := range []string{"30", "3000", "45", "6002", "３01", "*301"} {
		if got := p.Dialed(dialed); got.Kind == Internal || p.Site(dialed) != "" {
			t.Errorf("%s leads to %+v", dialed, got)
		}
	}
	if p.Site("201") != "" || p.Site("500") != "" {
		t.Error("extensions of ours are of another site")
	}
	if got := p.Incoming("hikari", "0312345678", nil, time.Now()); !slices.Equal(got.Extensions, []string{"301"}) {
		t.Errorf("a number of a line that rings at the branch leads to %+v", got)
	}
	got := p.Incoming("hikari", "0312345678", []string{"302"}, time.Now())
	if !slices.Equal(got.Extensions, []string{"302", "301"}) {
		t.Errorf("the answer to an emergency call of the branch leads to %+v", got)
	}
}

// TestWhatASiteMayDo: it sees lamps unless that was switched off, and takes calls only if
// that was switched on; what rings there is dialed for as here.
func TestWhatASiteMayDo(t *testing.T) {
	p, err := sited(t, func(s *Settings) {
		far := fact.SitePaired{Site: "far", Numbers: []string{"7xx"}, NoLamps: true, PickUp: true}
		s.Routing = append(s.Routing, far)
	})
	if err != nil {
		t.Fatal(err)
	}
	if s, ok := p.SiteNamed("branch"); !ok || !s.Sees || s.Takes {
		t.Errorf("as shipped: %+v", s)
	}
	if s, ok := p.SiteNamed("far"); !ok || s.Sees || !s.Takes {
		t.Errorf("as it was set: %+v", s)
	}
	if _, ok := p.SiteNamed("other"); ok {
		t.Error("there is a site that nobody has paired")
	}
	for _, dialed := range []string{"**301", "*88301"} {
		got := p.Dialed(dialed)
		if got.Kind != Service || got.Asked.Digits != "301" || !got.Asked.Action.OfCalls() {
			t.Errorf("%s leads to %+v", dialed, got)
		}
	}
	for _, dialed := range []string{"**800", "*37301", "*80301"} {
		if got := p.Dialed(dialed); got.Kind == Service {
			t.Errorf("%s leads to %+v", dialed, got)
		}
	}
}

func TestNumbersOfSitesDoNotClash(t *testing.T) {
	site := func(name string, blocks ...string) func(*Settings) {
		return func(s *Settings) {
			s.Routing = append(s.Routing, fact.SitePaired{Site: name, Numbers: blocks})
		}
	}
	for name, c := range map[string]struct {
		change func(*Settings)
		want   string
	}{
		"an extension": {site("x", "2xx"), "2xx can't be of site x: 201 is a number here"},
		"a group":      {site("x", "480-520"), "480-520 can't be of site x: 500 is a number here"},
		"another site": {
			site("x", "350-360"), "350-360 can't be of site x: it overlaps with what site branch has",
		},
		"an emergency": {site("x", "1xx"), "1xx"},
		"the outside":  {site("x", "0xx"), "0xx"},
		"no range":     {site("x", "7x7"), "7x7 is no range of extensions"},
		"nothing":      {site("x"), "site x: give 1 to 16 ranges of extensions"},
		"too much":     {site("x", make([]string, BlocksMax+1)...), "give 1 to 16 ranges"},
		"no name":      {site("X y", "7xx"), "use small letters"},
		"a menu": {func(s *Settings) {
			s.Routing = append(s.Routing, fact.MenuSet{Menu: "355"})
		}, "355 is a number here"},
		"an extension more": {func(s *Settings) { s.Extensions = append(s.Extensions, "301") }, "301 is a number here"},
	} {
		if _, err := sited(t, c.change); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, want %q", name, err, c.want)
		}
	}
	if _, err := sited(t, site("x", "7xx")); err != nil {
		t.Errorf("what clashes with nothing: %v", err)
	}
	_, err := sited(t, func(s *Settings) {
		for i := range SitesMax {
			s.Routing = append(s.Routing, fact.SitePaired{
				Site: "s" + strings.Repeat("x", i%20), Numbers: []string{"7000000"},
			})
		}
	})
	if err == nil || !strings.Contains(err.Error(), "at most 32 other sites") {
		t.Errorf("more sites than there may be: %v", err)
	}
}

// TestSitesReachNoFeature: whatever another site asks for leads to extensions, groups
// and menus, or outside, where the gate judges it; never to what the unit does for
// people here.
func TestSitesReachNoFeature(t *testing.T) {
	p, err := sited(t, func(s *Settings) {
		s.Routing = append(s.Routing, fact.MenuSet{Menu: "700", Choices: nil})
	})
	if err != nil {
		t.Fatal(err)
	}
	if got := p.FromSite("700"); got.Kind != Service || got.Asked.Action != Menu {
		t.Errorf("a menu: %+v", got)
	}
	look := func(asked string) {
		switch got := p.FromSite(asked); {
		case got.Kind == Service && got.Asked.Action != Menu:
			t.Fatalf("%q leads to the feature %v", asked, got.Asked)
		case got.Kind == Internal && got.Destination.Class != number.Extension:
			t.Fatalf("%q leads to %+v", asked, got)
		}
	}
	for _, code := range p.features.codes() {
		for _, with := range []string{"", "1", "201", "090", "0312345678"} {
			look(code + with)
		}
	}
	looked := 0
	for c := range dial.Generate(1) {
		look(c.Dialed)
		if looked++; looked == 50_000 {
			break
		}
	}
}

// TestSitePublic: while a site is away an ordinary number within Japan is called for it.
func TestSitePublic(t *testing.T) {
	for written, want := range map[string]bool{
		"0612345678": true, "09012345678": true, "0120123456": true,
		"": false, "201": false, "119": false, "0990123456": false, "010442071234567": false, "x": false,
	} {
		s := office()
		s.Routing = append(s.Routing, fact.SitePaired{Site: "osaka", Numbers: []string{"7xx"}, Public: written})
		if _, ok := mustNew(t, s).SitePublic("osaka"); ok != want {
			t.Errorf("%q: %v", written, ok)
		}
		if _, ok := mustNew(t, s).SitePublic("nagoya"); ok {
			t.Error("a site that there is not is called")
		}
	}
}
