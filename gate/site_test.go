package gate

// ofSite has the request be of a phone of another site.
func ofSite(site string) func(*Settings, *Request) {
	return func(_ *Settings, q *Request) {
		q.Origin = Origin{Kind: OriginSite, Site: site, SiteExtension: "301", Authenticated: true}
	}
}
