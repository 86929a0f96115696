package app

import (
	"context"
	"fmt"
	"net"
	"net/netip"
	"slices"
	"strings"
	"time"

	"github.com/sekisho/sekisho/app/control"
	"github.com/sekisho/sekisho/fact"
	"github.com/sekisho/sekisho/number"
	"github.com/sekisho/sekisho/plane"
	"github.com/sekisho/sekisho/text"
	"github.com/sekisho/sekisho/unit"
	"github.com/sekisho/sekisho/unit/plan"
	"github.com/sekisho/sekisho/unit/site"
	"github.com/sekisho/sekisho/wire/sip"
	"github.com/sekisho/sekisho/wire/sip/edge"
)

// siteKeyFile holds what the unit proves itself by to other sites.
const siteKeyFile = "site.pem"

// openSites loads the unit's own key; nobody is trusted before the settings are loaded.
func (a *App) openSites(context.Context) error {
	var err error
	if a.siteKey, err = plane.OpenSiteKey(a.path(siteKeyFile), time.Now()); err != nil {
		return err
	}
	a.sites = site.New(site.Config{Resolver: plane.NewResolver(), Committer: a.recorder, Log: a.log})
	return nil
}

// trusted are the sites that are paired. The caller holds a.mu, or is alone.
func (s settings) trusted() (all []fact.SitePaired) {
	for _, f := range s.routing {
		if p, ok := f.(fact.SitePaired); ok {
			all = append(all, p)
		}
	}
	return all
}

// mayCallOutside are the sites that may do so over our lines.
func (s settings) mayCallOutside() map[string]bool {
	all := make(map[string]bool)
	for _, p := range s.trusted() {
		if p.Outside {
			all[p.Site] = true
		}
	}
	return all
}

// refreshSites has those be trusted that are paired, and ends what is left of others.
func (a *App) refreshSites() {
	gone := a.sites.Set(a.state.trusted(), time.Now())
	if a.stack == nil {
		return
	}
	for _, key := range gone {
		a.stack.ClosePeer(key)
	}
	a.unit.SitesChanged()
	select {
	case a.sitesChanged <- struct{}{}:
	default:
	}
}

// findSites keeps the addresses of the sites' names fresh.
func (a *App) findSites(ctx context.Context) {
	for {
		next := a.sites.Find(ctx, time.Now())
		a.unit.SitesChanged()
		timer := time.NewTimer(time.Until(next))
		select {
		case <-ctx.Done():
			timer.Stop()
			return
		case <-a.sitesChanged:
			timer.Stop()
		case <-timer.C:
		}
	}
}

// siteProfile is the profile of lines that call over another site's lines.
const siteProfile = "site"

// tendSiteLines says of lines that call over another site's whether that is up.
func (a *App) tendSiteLines() {
	up := make(map[string]bool)
	for _, s := range a.sites.List() {
		up[s.Site] = s.Up
	}
	a.lines.SiteUp(func(name string) bool { return up[name] }, time.Now())
}

// siteParted hears that a connection with a site has ended.
func (a *App) siteParted(key string) {
	a.sites.Parted(key, time.Now())
	a.unit.SitesChanged()
}

// dial opens the stack's connections: to a site only where that proves its key.
func (a *App) dial(
	ctx context.Context, listener, transport string, local, remote netip.AddrPort, serverName string,
) (net.Conn, error) {
	if listener != site.Listener {
		return plane.Dialer{}.Dial(ctx, listener, transport, local, remote, serverName)
	}
	var d plane.Dialer
	if from := local.Addr(); from.IsValid() && !from.IsUnspecified() {
		d.Local = from
	}
	c, err := d.DialSite(ctx, remote, a.siteKey, serverName)
	if err != nil {
		a.log.Info("site not reached", "part", "site", "address", remote.String(), "err", err)
	}
	return c, err
}

// frontDoor tells sites and phones apart by where they come in.
type frontDoor struct{ a *App }

// Authenticate judges a request by the key of its connection, or as a phone's.
func (d frontDoor) Authenticate(m *sip.Message, from edge.Source, now time.Time) edge.Verdict {
	if from.Listener == site.Listener {
		return d.a.sites.Authenticate(m, from, now)
	}
	return d.a.phones.Authenticate(m, from, now)
}

// siteMark is by what calls show that they have come through this unit.
func (a *App) siteMark() string { return a.siteKey.Fingerprint()[:siteMarkChars] }

// siteMarkChars of a fingerprint tell the sites of an office apart.
const siteMarkChars = 16

func (a *App) ownSite() control.SiteOwn {
	own := control.SiteOwn{Code: site.Code(a.siteKey.Fingerprint()), Until: a.siteKey.Until()}
	for _, l := range a.voice {
		if l.Name == site.Listener {
			own.Listen = l.Addr.String()
		}
	}
	return own
}

func (a *App) siteCode(context.Context, control.Caller, control.None) (control.SiteOwn, error) {
	return a.ownSite(), nil
}

// siteRenew makes another key: no site knows the unit any more until the new code is
// typed there.
func (a *App) siteRenew(ctx context.Context, by control.Caller, _ control.None) (control.SiteOwn, error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	next, err := a.siteKey.Draw(time.Now())
	if err != nil {
		return control.SiteOwn{}, err
	}
	f := fact.SiteKeyRenewed{
		Key: next.Fingerprint(), Old: a.siteKey.Fingerprint(), By: by.Actor(), At: now(),
	}
	wait := a.beginThen(fact.Write{Facts: []fact.Fact{f}}, func(err error) error { return a.renew(next, err) })
	if err := wait(ctx); err != nil {
		return control.SiteOwn{}, err
	}
	return a.ownSite(), nil
}

// renew has a key be used that is on record, or dropped that is not, however late that is
// known. One that is on record and can't be used is taken back there.
func (a *App) renew(next *plane.NextKey, err error) error {
	if err != nil {
		next.Drop()
		return err
	}
	if err := next.Use(); err != nil {
		a.log.Error("the new site key is on record and not in use; the old one stays", "err", err)
		stays := fact.SiteKeyRenewed{Key: a.siteKey.Fingerprint(), Old: next.Fingerprint(), By: "unit", At: now()}
		a.recorder.Commit(fact.Write{Facts: []fact.Fact{stays}}, func(err error) {
			if err != nil {
				a.log.Error("that the old site key stays is not on record", "err", err)
			}
		})
		return err
	}
	select {
	case a.siteRenewed <- struct{}{}:
	default:
	}
	return nil
}

// partSites ends what stands with other sites when it was proved by a key that is not the
// unit's any more.
func (a *App) partSites(ctx context.Context) {
	for {
		select {
		case <-ctx.Done():
			return
		case <-a.siteRenewed:
		}
		for _, s := range a.sites.List() {
			a.stack.ClosePeer(s.Key)
		}
	}
}

func (a *App) sitePair(ctx context.Context, by control.Caller, r control.SitePairRequest) (control.None, error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	key, err := site.ParseCode(r.Code)
	if err != nil {
		return control.None{}, control.NewProblem(control.ExitUsage, "cli.site.code.bad", "cli.site.code.bad.do")
	}
	if key == a.siteKey.Fingerprint() {
		return control.None{}, control.NewProblem(control.ExitUsage, "cli.site.self", "cli.site.code.bad.do")
	}
	f := fact.SitePaired{
		Site: r.Site, Key: key, Address: r.Address, Numbers: r.Numbers, Public: r.Public, By: by.Actor(), At: now(),
	}
	if _, _, ok := site.SplitAddress(r.Address); r.Address != "" && !ok {
		return control.None{}, control.NewProblem(control.ExitUsage, "cli.site.address", "", r.Address)
	}
	other := false
	for _, p := range a.state.trusted() {
		switch {
		case p.Site == f.Site:
			other = p.Key != f.Key
			f.Outside, f.PickUp, f.NoLamps = p.Outside && !other, p.PickUp && !other, p.NoLamps
		case p.Key == f.Key:
			return control.None{}, control.NewProblem(control.ExitConflict, "cli.site.twice", "", p.Site)
		}
	}
	if err := a.setSite(ctx, f); err != nil {
		return control.None{}, err
	}
	if other { // who has the old key may be somebody else
		a.unit.EndCalls(unit.SiteDevice(f.Site))
	}
	return control.None{}, nil
}

// setSite puts a pairing in force. What clashes with the numbering plan is refused.
func (a *App) setSite(ctx context.Context, f fact.SitePaired) error {
	s := a.planSettings()
	was := func(o fact.Routed) bool { return o.RoutingID() == f.RoutingID() }
	s.Routing = slices.DeleteFunc(slices.Clone(s.Routing), was)
	s.Routing = append(s.Routing, f)
	p, err := plan.New(s)
	if err != nil {
		return control.NewProblem(control.ExitUsage, "cli.site.bad", "cli.site.bad.do", err)
	}
	if _, ok := p.SitePublic(f.Site); f.Public != "" && !ok {
		return control.NewProblem(control.ExitUsage, "cli.site.public.bad", "cli.site.public.bad.do", f.Public)
	}
	return a.setRouting(ctx, f)
}

// siteMay is the operation that says whether a site may do one thing here.
func (a *App) siteMay(
	set func(f *fact.SitePaired, on bool),
) func(context.Context, control.Caller, control.SiteMayRequest) (control.None, error) {
	return func(ctx context.Context, by control.Caller, r control.SiteMayRequest) (control.None, error) {
		a.mu.Lock()
		defer a.mu.Unlock()
		f, err := a.paired(r.Site)
		if err != nil {
			return control.None{}, err
		}
		set(&f, r.On)
		f.By, f.At = by.Actor(), now()
		return control.None{}, a.setSite(ctx, f)
	}
}

func (a *App) paired(name string) (fact.SitePaired, error) {
	for _, p := range a.state.trusted() {
		if p.Site == name {
			return p, nil
		}
	}
	return fact.SitePaired{}, control.NewProblem(control.ExitNotFound, "cli.site.none", "cli.site.none.do", name)
}

func (a *App) siteUnpair(ctx context.Context, by control.Caller, r control.SiteRequest) (control.None, error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if _, err := a.paired(r.Site); err != nil {
		return control.None{}, err
	}
	if err := a.setRouting(ctx, fact.SiteUnpaired{Site: r.Site, By: by.Actor(), At: now()}); err != nil {
		return control.None{}, err
	}
	a.unit.EndCalls(unit.SiteDevice(r.Site))
	return control.None{}, nil
}

func (a *App) siteList(context.Context, control.Caller, control.None) ([]control.Site, error) {
	out := []control.Site{}
	for _, s := range a.sites.List() {
		row := control.Site{
			Site: s.Site, Address: s.Address, Code: site.Code(s.Key), Public: s.Public, Outside: s.Outside,
			Lamps: !s.NoLamps, PickUp: s.PickUp, Up: s.Up, Since: s.Since, By: s.By, At: s.At,
		}
		for _, n := range s.Numbers {
			if b, err := number.ParseBlock(n); err == nil {
				n = b.String()
			}
			row.Numbers = append(row.Numbers, n)
		}
		if !s.Up {
			row.Reason = new(text.Of(text.Key("site.why." + s.Why)))
			if s.Why == site.WhyUnanswered {
				row.Reason = new(text.Of("site.why.unanswered", s.Status))
			}
		}
		out = append(out, row)
	}
	return out, nil
}

// ofOtherSite says that a number can't be given to anything here, "" where it can.
func (a *App) ofOtherSite(number string) error {
	if name := a.unit.Plan().Site(strings.TrimSpace(number)); name != "" {
		return control.NewProblem(control.ExitConflict, "cli.site.itsnumber", "", number, name)
	}
	return nil
}

// siteListener declares where other sites connect to us.
func (a *App) siteListener() (plane.Listener, bool, error) {
	addr := a.options.Config.Voice.SiteAddr
	if addr == "" {
		return plane.Listener{}, false, nil
	}
	at, err := netip.ParseAddrPort(addr)
	if err != nil {
		return plane.Listener{}, false, fmt.Errorf("site_addr: %w", err)
	}
	return plane.Listener{Name: site.Listener, Plane: plane.Voice, Transport: plane.TLS, Addr: at}, true, nil
}
