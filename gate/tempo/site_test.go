package tempo

import (
	"net/netip"
	"slices"
	"testing"
	"time"
)

// ofSite makes an event that of another site.
func ofSite(e *Event, site string) *Event {
	e.Extension, e.Credential, e.Site = "", "site/"+site, site
	return e
}

// TestASiteIsWatched as one subject, whatever extension it says that it is; not by
// where it is, nor by how many of its people telephone at once.
func TestASiteIsWatched(t *testing.T) {
	p := play(t)
	for _, ext := range []string{"201", "202", "203"} { // the office stands somewhere
		p.talk(ext, "0312345678", time.Minute)
	}
	p.open["GB"] = true
	p.from = netip.MustParseAddr("203.0.113.9")
	for _, number := range []string{"010442071234567", "010442072234567", "010442073234567", "010442074234567"} {
		p.calls++
		e := ofSite(p.event("", number), "osaka")
		if o := p.w.Attempt(p.now, e); o.Level != Quiet {
			t.Errorf("calls at once from elsewhere are %s: %+v", o.Level, o.Signs())
		}
		p.wait(time.Second).note(Answered, e)
	}
	here := network(p.from)
	if slices.ContainsFunc(p.w.unit.Networks[:], func(n shared) bool { return n.Network == here }) {
		t.Error("the site's network is one of the office")
	}
	worst := Quiet
	for i := range 6 {
		p.calls++
		e := ofSite(p.event("", sl("7612"+string(rune('0'+i))+"00")), "nagoya")
		e.Dialed = sl("761200" + string(rune('0'+i)))
		if preview, o := p.w.Preview(p.now, e), p.w.Attempt(p.now, e); o.Level != preview.Level {
			t.Errorf("%d: %s, foreseen as %s", i, o.Level, preview.Level)
		} else {
			worst = max(worst, o.Level)
		}
		p.wait(time.Second).note(Refused, e)
	}
	if worst < Challenge {
		t.Errorf("who dials wildly is at worst %s", worst)
	}
	if got := p.w.Sites(); !slices.Equal(got, []string{"nagoya", "osaka"}) {
		t.Errorf("sites: %q", got)
	}
	if got := p.w.Extensions(); len(got) != 3 {
		t.Errorf("extensions: %q", got)
	}
	if k, ok := p.w.KnownSite(p.now, "osaka"); !ok || k.Calls != 4 || k.Networks != 0 {
		t.Errorf("known: %+v %v", k, ok)
	}
	if _, ok := p.w.Known(p.now, "osaka"); ok {
		t.Error("a site is known as an extension")
	}
}
