package plan

import (
	"slices"
	"strings"

	"github.com/sekisho/sekisho/fact"
	"github.com/sekisho/sekisho/number"
	"github.com/sekisho/sekisho/text"
)

// Site is another site of the shared numbering plan (拠点).
type Site struct {
	Name   string
	Blocks []number.Block // its extensions
	Sees   bool           // it may watch the lamps of our extensions
	Takes  bool           // it may take calls that ring at them
	public string         // the number that is called while it is away, "" for none
}

// SiteName tells whether a text can name a site: it stands in budgets, facts and
// commands.
func SiteName(s string) bool {
	for i := range len(s) {
		if c := s[i]; (c < '0' || c > '9') && (c < 'a' || c > 'z') && c != '-' {
			return false
		}
	}
	return s != "" && len(s) <= siteNameMax
}

// addSite takes another site with its extensions.
func (p *Plan) addSite(f fact.SitePaired) error {
	switch {
	case !SiteName(f.Site):
		return text.Wrong(nil, "plan.site.name", f.Site, siteNameMax)
	case len(p.sites) == SitesMax:
		return text.Wrong(nil, "plan.sites", SitesMax)
	case len(f.Numbers) == 0 || len(f.Numbers) > BlocksMax:
		return text.Wrong(nil, "plan.site.blocks", f.Site, BlocksMax)
	}
	own := number.ExtensionPlan{OutsidePrefix: p.context.OutsidePrefix, Features: p.features.codes()}
	s := Site{Name: f.Site, Sees: !f.NoLamps, Takes: f.PickUp, public: f.Public}
	for _, n := range f.Numbers {
		b, err := number.ParseBlock(n)
		if err == nil {
			err = number.CheckBlock(b, own)
		}
		if err != nil {
			return text.Wrong(err, text.Key(number.PlanKey(err)), n)
		}
		s.Blocks = append(s.Blocks, b)
	}
	p.sites = append(p.sites, s)
	return nil
}

// checkSites finds extensions that two sites have. No number is dialed at random
// here or there: what clashes is refused when it is set.
func (p *Plan) checkSites() (faults []error) {
	for i, s := range p.sites {
		for _, b := range s.Blocks {
			if own := p.within(b); own != "" {
				faults = append(faults, text.Wrong(nil, "plan.site.taken", b, s.Name, own))
			}
			for _, o := range p.sites[:i] {
				if slices.ContainsFunc(o.Blocks, b.Overlaps) {
					faults = append(faults, text.Wrong(nil, "plan.site.clash", b, s.Name, o.Name))
				}
			}
		}
	}
	return faults
}

// within is the least number of ours that is in a block, "" for none.
func (p *Plan) within(b number.Block) (least string) {
	note := func(n string) {
		if b.Holds(n) && (least == "" || n < least) {
			least = n
		}
	}
	for ext := range p.extensions {
		note(ext)
	}
	for group := range p.groups {
		note(group)
	}
	for menu := range p.menus {
		note(menu)
	}
	return least
}

// Site is the other site that an extension is of, "" for none.
func (p *Plan) Site(extension string) string {
	for _, s := range p.sites {
		if s.Holds(extension) {
			return s.Name
		}
	}
	return ""
}

// SitePublic says how a site is called outside while it is away: at an ordinary number
// within Japan, and none other; ok is false where it is not.
func (p *Plan) SitePublic(site string) (t Target, ok bool) {
	for _, s := range p.sites {
		if s.Name == site && s.public != "" {
			t = p.Written(s.public)
		}
	}
	return t, t.ordinary()
}

// ordinary tells whether a target is an ordinary number within Japan: what nobody dialed,
// but the unit calls for somebody, costs no more than a call there.
func (t Target) ordinary() bool {
	switch t.Destination.Class {
	case number.Geographic, number.Mobile, number.IPPhone, number.Freephone:
		return t.Kind == Outside
	}
	return false
}

// Sites are the other sites.
func (p *Plan) Sites() []Site { return p.sites }

// SiteNamed is the site of a name; ok is false where there is none.
func (p *Plan) SiteNamed(name string) (s Site, ok bool) {
	i := slices.IndexFunc(p.sites, func(s Site) bool { return s.Name == name })
	if i < 0 {
		return Site{}, false
	}
	return p.sites[i], true
}

// Holds tells whether an extension is one of the site's.
func (s Site) Holds(extension string) bool {
	return slices.ContainsFunc(s.Blocks, func(b number.Block) bool { return b.Holds(extension) })
}

// siteKey begins the names of keys that show whether another site is in touch.
const siteKey = "site-"

// SiteKey is the name of the key that shows whether a site is in touch.
func SiteKey(site string) string { return siteKey + site }

// SiteOfKey is the site that a key of a name shows; ok is false for other keys, and for
// sites that there are not.
func (p *Plan) SiteOfKey(name string) (site string, ok bool) {
	site, ok = strings.CutPrefix(name, siteKey)
	return site, ok && slices.ContainsFunc(p.sites, func(s Site) bool { return s.Name == site })
}

// FromSite says where a call leads that comes from another site, to an extension, a
// group or a menu of ours, to an extension of yet another site, or outside. The codes
// of features are for who is here.
func (p *Plan) FromSite(written string) Target {
	t := p.Written(written)
	if t.Kind == Service && t.Asked.Action != Menu {
		return Target{Kind: Refuse, Destination: t.Destination, Status: 404, Why: WhyNowhere}
	}
	return t
}
