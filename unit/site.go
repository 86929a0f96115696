package unit

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/sekisho/sekisho/fact"
	"github.com/sekisho/sekisho/gate"
	"github.com/sekisho/sekisho/number"
	"github.com/sekisho/sekisho/text"
	"github.com/sekisho/sekisho/unit/call"
	"github.com/sekisho/sekisho/unit/phone"
	"github.com/sekisho/sekisho/unit/plan"
	"github.com/sekisho/sekisho/unit/site"
	"github.com/sekisho/sekisho/wire/sip"
	"github.com/sekisho/sekisho/wire/sip/edge"
	"github.com/sekisho/sekisho/wire/sip/session"
	"github.com/sekisho/sekisho/wire/sip/stack"
)

// Another site 拠点 is another unit, whose extensions are dialed like ours. A call to
// one is an inside call: its leg is a phone's, that of the site. What is different:
//
//   - Who is at the other end may be somebody outside, who has come to that site on a
//     line, or with whom it has joined the call since. The sites tell each other
//     (partyHeader, PartyType); a leg whose site has not said that it is somebody of
//     an office counts as a line's where two lines must not talk alone.
//   - A call carries the sites that it has come through (pathHeader): one that comes
//     back is a loop.
//   - A site is no phone: it hands nobody over, redirects nothing and takes no leg's
//     place. It does that with its own calls, by itself.
const (
	pathHeader  = "Sekisho-Path"
	partyHeader = "Sekisho-Party"
	takeHeader  = "Sekisho-Take" // the call is to take what rings there
	// PartyType is what of an INFO in which one site tells the other who talks with it
	// now.
	PartyType = "application/vnd.sekisho.party"

	partyInside  = "inside"
	partyOutside = "outside"
)

// siteScheme begins the names of sites where phones are named by their devices.
const siteScheme = "site/"

// SiteOf is the site that a device stands for, "" for a phone.
func SiteOf(device string) string {
	name, ok := strings.CutPrefix(device, siteScheme)
	if !ok {
		return ""
	}
	return name
}

// onSite is the site that a leg is on, "" for none.
func (l *liveLeg) onSite() string {
	if l.contact != nil {
		return SiteOf(l.contact.Device)
	}
	if l.came != nil {
		return l.came.Site
	}
	if l.id == call.A && l.line == "" && l.c.notice == nil {
		return l.c.origin.Site
	}
	return ""
}

// outside tells whether whoever is at the end of a leg is nobody of an office.
func (l *liveLeg) outside() bool { return l.line != "" || l.onSite() != "" && !l.insider }

// fromSite says who calls from another site, and where the call goes.
func (c *liveCall) fromSite(m *sip.Message) call.Route {
	a, now := c.leg(call.A), c.sh.Now()
	name := a.se.Identity().Site
	a.insider = insider(m)
	c.path = strings.Fields(clip(string(m.Named(pathHeader))))
	c.origin = c.u.originOf(a.se, now)
	c.showSite(name, m.From(), a.insider)
	c.party = partyOf(c.origin)
	c.direction = fact.Internal
	c.home = c.origin.SiteExtension // whom the police call back
	c.target, c.to = c.u.plan.Load().FromSite(string(m.RequestURI().User)), dialedText(m.RequestURI())
	for _, extension := range c.target.Direct {
		if !a.insider && c.u.cfg.Lines.SiteCallsBack(name, extension, now) {
			c.callback, c.name = true, c.u.ofSite(name, text.Say(c.u.lang, "unit.callback", extension))
		}
	}
	c.u.heardSite(c.sh, name)
	switch r := c.circles(); {
	case m.Has(sip.HeaderReplaces):
		return call.Route{Refuse: call.Refusal{Status: 403}}
	case r.Status != 0:
		c.u.log.Warn("a call has gone through too many sites", "call", c.id, "site", name)
		return call.Route{Refuse: r}
	case len(m.Named(takeHeader)) > 0 && !c.target.Emergency():
		return c.takenAfar(string(m.RequestURI().User))
	case c.target.Kind == plan.Outside:
		c.direction = fact.Outgoing
	}
	via := call.Dialed
	if !a.insider {
		via = call.LineToLine
	}
	return c.route(c.target, via, "", c.origin.Device)
}

// showSite says who calls from another site, of what that says of it. Its own people have
// numbers that were paired for it, and who has come to it from outside has one of an
// ordinary subscriber: whatever else it shows could be one of us, and counts for nothing.
// The site's name comes first, so that no name that it gives hides it.
func (c *liveCall) showSite(site string, from *sip.NameAddr, insider bool) {
	number, p := string(from.URI.User), c.u.plan.Load()
	c.from, c.name = "", site
	switch t := p.Written(number); {
	case c.origin.SiteExtension != "":
		c.from = number
	case !insider && t.Kind == plan.Outside && subscribers.Has(t.Destination.Class):
		c.from = t.Destination.National()
	default:
		if number != "" && number != anonymous {
			c.u.log.Info("a site shows a caller's number that is not its to show", "call", c.id, "site", site)
		}
		return
	}
	c.name = c.u.ofSite(site, string(from.AppendDisplay(nil)))
}

// subscribers are the classes of numbers that people call from.
var subscribers = gate.Classes(
	number.Geographic, number.Mobile, number.IPPhone, number.Freephone, number.International,
)

// ofSite is the name of somebody at another site, as phones show it.
func (u *Unit) ofSite(site, name string) string {
	if name = clean(name); name == "" {
		return site
	}
	return clean(text.Say(u.lang, "unit.site", site, name))
}

// circles refuses a call that has come through this unit before, or through too many.
func (c *liveCall) circles() call.Refusal {
	switch {
	case slices.Contains(c.path, c.u.cfg.SiteMark):
		return call.Refusal{Status: 482, Phrase: "Loop Detected"}
	case len(c.path) >= SitesMost:
		return call.Refusal{Status: 483, Phrase: "Too Many Sites"}
	}
	return call.Refusal{}
}

// siteContacts are the way to an extension of another site; none while that is away.
func (c *liveCall) siteContacts(name, extension, but string) []call.Contact {
	if c.u.cfg.Sites == nil {
		return nil
	}
	at, device, ok := c.u.cfg.Sites.Place(name)
	if !ok || device == but {
		return nil
	}
	host := name + ".site.invalid" // only its number means anything there
	b := phone.Contact{
		Binding:    fact.Binding{Extension: extension, Device: device, Transport: at.Transport, Listener: at.Listener},
		RequestURI: "sip:" + extension + "@" + host, Target: edge.Target{Transport: at.Transport, Addr: at.Remote},
	}
	return []call.Contact{{Extension: extension, Key: strconv.Itoa(c.known(b))}}
}

// inTouch leaves extensions of sites out that are away.
func (c *liveCall) inTouch(extensions []string) []string {
	p := c.u.plan.Load()
	return slices.DeleteFunc(extensions, func(extension string) bool {
		name := p.Site(extension)
		return name != "" && len(c.siteContacts(name, extension, "")) == 0
	})
}

// sitesAway makes of a route that leads nowhere because a site is away one to the number
// outside that stands for it, as the call of whoever dialed here, or a refusal that says
// so. Who has not dialed from a phone of ours would have nobody who pays for it.
func (c *liveCall) sitesAway(t plan.Target, via call.Via, r call.Route) call.Route {
	p := c.u.plan.Load()
	if len(r.Contacts) > 0 || r.Refuse.Status != 0 || len(t.Extensions) != 1 || p.Site(t.Extensions[0]) == "" {
		return r
	}
	out, ok := p.SitePublic(p.Site(t.Extensions[0]))
	if ok && via == call.Dialed && c.origin.Kind == gate.OriginDialed && c.origin.Extension != "" {
		c.target, c.direction = out, fact.Outgoing
		return c.route(out, via, c.origin.Extension, c.origin.Device)
	}
	r.Refuse = call.Refusal{Status: 503, Phrase: phraseAway}
	return r
}

const phraseAway = "Site Unreachable"

// placeOf is where a contact is reached, as its connection has it.
func (c *liveCall) placeOf(b *phone.Contact) (edge.Source, error) {
	place := edge.Source{Remote: b.Target.Addr, Transport: b.Target.Transport, Listener: b.Listener}
	name := SiteOf(b.Device)
	if name == "" {
		return place, nil
	}
	at, _, ok := c.u.cfg.Sites.Place(name)
	if !ok {
		return edge.Source{}, errNoContact
	}
	return c.sh.Reach(at)
}

// siteHeaders are what an INVITE to another site carries about who calls.
func (c *liveCall) siteHeaders(l *liveLeg) []session.Header {
	if l.onSite() == "" {
		return nil
	}
	headers := c.pathHeaders(l)
	if l.takesAfar() && c.answered.IsZero() {
		headers = append(headers, session.Header{Name: takeHeader, Value: c.target.Asked.Digits})
	}
	return headers
}

// pathHeaders are the sites that the call has come through, and who calls. Whoever was
// answered and is sent on by a person goes no circle by itself: it may go back to where
// it came from.
func (c *liveCall) pathHeaders(l *liveLeg) []session.Header {
	path := []string{c.u.cfg.SiteMark}
	if c.answered.IsZero() {
		path = append(slices.Clone(c.path), path...)
	}
	l.told = kindOf(c.leg(c.core.Sides()[0]))
	return []session.Header{{Name: pathHeader, Value: strings.Join(path, " ")}, {Name: partyHeader, Value: l.told}}
}

// overSite is how the numbers of calls are written that go out on another site's lines:
// as people write them down, which is how they are read there.
var overSite = number.Profile{
	Abroad: number.AbroadIDD, Presenting: number.PresentByPrefix, Emergency: true, Services: true, HashShort: true,
}

// inviteOverSite sends the INVITE of a leg that goes out on another site's lines. The
// gate here has passed it, and that one there judges it anew. As on any line the pass is
// used up, and names the number.
func (c *liveCall) inviteOverSite(l *liveLeg, e *call.Effect, name string) (*stack.Session, error) {
	d, err := l.pass.Use(c.id, e.Line, c.sh.Now())
	if err != nil {
		return nil, fmt.Errorf("site %s: %w", name, err)
	}
	user, err := number.Render(d, overSite)
	if err != nil {
		return nil, fmt.Errorf("site %s: %w", name, err)
	}
	at, device, ok := c.u.cfg.Sites.Place(name)
	if !ok {
		return nil, errNoContact
	}
	if at, err = c.sh.Reach(at); err != nil {
		return nil, err
	}
	sent := *e
	l.sent = &sent
	body, err := c.firstOffer(l, c.u.cfg.Places.PhoneLeg(at), e.From)
	if err != nil {
		return nil, err
	}
	if e.Emergency { // that site sends on who calls back
		c.u.cfg.Lines.EmergencyCalled(e.Line, c.home, c.origin.Site != "", c.sh.Now())
	}
	uri := "sip:" + string(user) + "@" + name + ".site.invalid"
	return c.sh.Invite(stack.PhoneCall{
		Place: at, Device: device, URI: uri, From: c.callerOf(l), To: "<" + uri + ">", Body: body,
		Headers: c.pathHeaders(l), Owner: l, MaxForwards: int(c.hops),
	})
}

// kindOf is what another site is told of who is at the end of a leg.
func kindOf(l *liveLeg) string {
	if l.outside() {
		return partyOutside
	}
	return partyInside
}

// answerHeaders are what the answer to a leg says of who has answered.
func (l *liveLeg) answerHeaders(from call.LegID) []session.Header {
	if l.onSite() == "" {
		return nil
	}
	l.told = partyInside // the unit itself
	if from != call.None {
		l.told = kindOf(l.c.leg(from))
	}
	return []session.Header{{Name: partyHeader, Value: l.told}}
}

// tellParties has the sites of two legs that are joined know with whom they talk now,
// if that is another kind than they were told.
func (c *liveCall) tellParties(a, b *liveLeg) {
	a.tellParty(b)
	b.tellParty(a)
}

func (l *liveLeg) tellParty(other *liveLeg) {
	now := kindOf(other)
	if l.onSite() == "" || l.se == nil || l.gone || now == l.told {
		return
	}
	// Before the dialog is confirmed there is no INFO: it is told then.
	if err := l.se.Info(session.Body{Type: PartyType, Bytes: []byte(now)}); err == nil {
		l.told = now
	}
}

// siteConfirmed tells a site what could not be told before it had confirmed its call.
func (l *liveLeg) siteConfirmed() {
	if l.onSite() != "" && l.c.core.Talking() {
		l.tellParty(l.c.peerOf(l))
	}
}

// partyTold takes what a leg's site says of who is at the other end now. Where that is
// somebody outside, who would talk with nobody but somebody else outside to whom the call
// went out from here, it ends: no phone of an office is left in it.
func (l *liveLeg) partyTold(party string) {
	c := l.c
	if l.insider = party == partyInside; c.host != nil && c.host.gathering != nil {
		c.host.gathering.settle()
	}
	if !c.core.Talking() || c.core.Ending() {
		return
	}
	sides := c.core.Sides()
	if !slices.Contains(sides[:], l.id) {
		return
	}
	peer := c.peerOf(l)
	if l.outside() && peer.line != "" && peer.asked != nil && peer.asked.Via != call.Forwarded {
		c.u.log.Warn("two lines are not joined by way of another site", "call", c.id, "site", l.onSite())
		c.input(call.Input{Event: call.Cut, Refusal: call.Refusal{Status: 603, Phrase: "Line To Line Barred"}})
		return
	}
	peer.tellParty(l)
}

// tendSites asks the sites that are due whether they are there, and comes back when
// more are.
func (u *Unit) tendSites(sh *stack.Shard) {
	u.mu.Lock()
	closing := u.closing
	u.mu.Unlock()
	if closing || u.cfg.Sites == nil {
		return
	}
	now := sh.Now()
	tasks, next := u.cfg.Sites.Due(now)
	for _, t := range tasks {
		u.askSite(sh, t)
	}
	if u.tendingSites != nil {
		u.tendingSites.Stop()
	}
	u.tendingSites = sh.At(later(next, now), u.tendSites)
	u.lamps.sites(sh)
}

// askSite sends one question and gives its outcome.
func (u *Unit) askSite(sh *stack.Shard, t site.Task) {
	unit := address("", "unit", u.cfg.Realm)
	o := stack.Outgoing{Method: sip.OPTIONS, URI: t.URI, From: unit, To: "<" + t.URI + ">"}
	err := sh.Send(t.Place, o, func(sh *stack.Shard, r stack.Result) {
		u.cfg.Sites.Result(t, r.Status, sh.Now())
		u.tendSites(sh)
	})
	if err != nil {
		u.cfg.Sites.Result(t, 503, sh.Now())
	}
}

// SitesChanged has the sites looked at at once, from any goroutine.
func (u *Unit) SitesChanged() {
	if u.ready.Load() && !u.stack.Shard(0).Post(u.tendSites) {
		u.log.Warn("the sites are asked late: the loop takes nothing")
	}
}

// SiteDevice is what a site is called where phones are named by their devices: for
// EndCalls.
func SiteDevice(name string) string { return siteScheme + name }
