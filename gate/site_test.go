package gate

import "github.com/sekisho/sekisho/number"

// ofSite has the request be of a phone of another site.
func ofSite(site string) func(*Settings, *Request) {
	return func(_ *Settings, q *Request) {
		q.Origin = Origin{Kind: OriginSite, Site: site, SiteExtension: "301", Authenticated: true}
	}
}

// siteFixtures are of calls of another site.
var siteFixtures = []fixture{
	{"emergency of another site", func(_ *Settings, q *Request) {
		ofSite("branch")(nil, q)
		q.Destination.Class = number.Emergency
	}, "emergency", VerbPass, 0, ""},
	{"another site", ofSite("branch"), "site", VerbRefuse, 603, promptBarred},
	{"another site that may", func(s *Settings, q *Request) {
		s.Sites = map[string]bool{"branch": true}
		ofSite("branch")(s, q)
	}, "ordinary", VerbPass, 0, ""},
	{"yet another site", func(s *Settings, q *Request) {
		s.Sites = map[string]bool{"branch": true}
		ofSite("other")(s, q)
	}, "site", VerbRefuse, 603, promptBarred},
	{"another site without a name", ofSite(""), "origin", VerbRefuse, 403, ""},
	{"another site in the name of an extension of ours", func(s *Settings, q *Request) {
		s.Sites = map[string]bool{"branch": true}
		ofSite("branch")(s, q)
		q.Origin.Extension = "201"
	}, "origin", VerbRefuse, 403, ""},
	{"another site, abroad, where 201 may", func(s *Settings, q *Request) {
		s.Sites = map[string]bool{"branch": true}
		abroad("SL", number.RangeMobile)(s, q)
		ofSite("branch")(s, q)
		q.Origin.SiteExtension = "201"
	}, "international", VerbRefuse, 603, promptInternational},
	{"site set apart", func(s *Settings, q *Request) {
		s.Sites = map[string]bool{"branch": true}
		ofSite("branch")(s, q)
		apart("site", "branch")(s, q)
	}, "quarantine", VerbRefuse, 603, promptBarred},
}
