package unit

import (
	"cmp"
	"crypto/rand"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"

	"github.com/sekisho/sekisho/fact"
	"github.com/sekisho/sekisho/gate"
	"github.com/sekisho/sekisho/number"
	"github.com/sekisho/sekisho/text"
	"github.com/sekisho/sekisho/unit/call"
	"github.com/sekisho/sekisho/unit/phone"
	"github.com/sekisho/sekisho/unit/plan"
	"github.com/sekisho/sekisho/wire/sip"
	"github.com/sekisho/sekisho/wire/sip/session"
	"github.com/sekisho/sekisho/wire/sip/stack"
)

// Invite takes a new call from the stack.
func (u *Unit) Invite(sh *stack.Shard, se *stack.Session) {
	if u.ready.Load() {
		u.admit(sh, se)
		return
	}
	w := &waiter{}
	se.Owner = w
	u.mu.Lock()
	defer u.mu.Unlock()
	most := WaitingMax
	if se.Urgent() {
		most += WaitingUrgent
	}
	seat, ok := sh.Seat(se.Urgent())
	if !ok || len(u.waiting) >= most {
		seat.Leave()
		u.note(se.Refuse(503, "Unit Starts", session.Header{Name: "Retry-After", Value: "1"}), "refuse")
		return
	}
	se.Keep()
	u.waiting = append(u.waiting, func() {
		seat.Post(func(sh *stack.Shard) {
			seat.Leave()
			if !w.gone {
				u.admit(sh, se)
			}
		})
	})
}

// waiter owns a session that came before the unit was ready.
type waiter struct{ gone bool }

// SessionEvent notes that the caller gave up.
func (w *waiter) SessionEvent(_ *stack.Shard, _ *stack.Session, ev session.Event) {
	if ev.Kind == session.Cancelled || ev.Kind == session.Ended {
		w.gone = true
	}
}

// note logs what a session of no call would not do.
func (u *Unit) note(err error, what string) {
	if err != nil {
		u.log.Debug("session did not", "what", what, "error", err)
	}
}

// admit makes a call of an INVITE and starts it.
func (u *Unit) admit(sh *stack.Shard, se *stack.Session) {
	m := se.Message()
	ours := se.Line() == "" && se.Identity().Site == ""
	if ours && m.Has(sip.HeaderReplaces) && !u.dialed(m.RequestURI()).Emergency() {
		if _, afar := u.namedAfar(m); !afar {
			if status, phrase := u.takeNamed(sh, se); status != 0 {
				u.note(se.Refuse(status, phrase), "refuse")
			}
			return
		}
	}
	c := &liveCall{u: u, sh: sh, id: newID(sh.Now()), started: sh.Now()}
	c.legs = c.roomLegs[:0]
	a := c.leg(call.A)
	a.se, se.Owner = se, a
	body := m.Body()
	if len(body) > 0 && !m.IsContentType(sdpType) {
		c.note(se.Refuse(415, "Unsupported Media Type", session.Header{Name: "Accept", Value: sdpType}), "refuse")
		return
	}
	if c.hops = int16(min(m.MaxForwards(), maxForwards) - 1); c.hops == 0 {
		c.note(se.Refuse(483, "Too Many Hops"), "refuse")
		return
	}
	a.late = len(body) == 0
	setup := call.Setup{Offer: !a.late}
	if se.Line() != "" {
		setup.From, setup.Line = call.Line, se.Line()
		setup.Route = c.fromLine(m)
	} else if se.Identity().Site != "" {
		setup.Route = c.fromSite(m)
	} else {
		setup.Route = c.fromPhone(m)
	}
	if se.Owner != a {
		return // it came into another call
	}
	var room bool
	c.inbox.seat, room = sh.Seat(setup.Route.Emergency)
	if !room || !u.add(c, setup.Route.Emergency) {
		c.inbox.seat.Leave()
		c.freeKey()
		c.release(a)
		c.note(se.Refuse(503, "Too Many Calls", session.Header{Name: "Retry-After", Value: "5"}), "refuse")
		return
	}
	setup.Route = c.spare(setup.Route) // now that whoever cuts calls would find it
	u.begun.of(c.direction).Add(1)
	c.core = call.New(u.cfg.Call, setup)
	c.input(call.Input{Event: call.Start})
}

// legsUsual is how many legs a call has as a rule.
const legsUsual = 2

// newID makes a call's ID: unit-wide, and not to be guessed. It begins with the
// milliseconds since 1970, so that the records of calls that come one after
// the other stand side by side on disk; 80 bits are random.
func newID(now time.Time) string {
	var b [16]byte
	ms := uint64(now.UnixMilli())
	binary.BigEndian.PutUint16(b[:], uint16(ms>>32))
	binary.BigEndian.PutUint32(b[2:], uint32(ms))
	_, _ = rand.Read(b[6:]) // never fails: crypto/rand
	var text [2 * len(b)]byte
	hex.Encode(text[:], b[:])
	return string(text[:])
}

// fromPhone says who calls from a phone, and where the call goes.
func (c *liveCall) fromPhone(m *sip.Message) call.Route {
	a := c.leg(call.A)
	id := a.se.Identity()
	c.origin, c.home = c.u.originOf(a.se, c.sh.Now()), cmp.Or(id.Home, id.Extension)
	c.party = partyOf(c.origin)
	c.from, c.name = id.Extension, c.u.cfg.Phones.Name(id.Extension)
	c.target, c.to = c.u.meant(m.RequestURI(), id.Extension)
	c.target = c.u.barForward(c.target, id.Extension, id.Device, c.sh.Now())
	if extension, afar := c.u.namedAfar(m); afar && !c.target.Emergency() {
		c.target = plan.Target{
			Kind: plan.Service, Asked: plan.Asked{Action: plan.PickUpFrom, Digits: extension}, Why: plan.WhyFeature,
		}
	}
	c.direction = fact.Internal
	if c.target.Kind == plan.Outside {
		c.direction = fact.Outgoing
	}
	if !id.Authenticated && !c.target.Emergency() {
		// Whom the doorman let in for an emergency reaches nothing else.
		return call.Route{Refuse: call.Refusal{Status: 403}}
	}
	if index, _ := appearanceOf(m); index > 0 && id.Authenticated {
		if r, ok := c.onKey(index, m); ok {
			return r
		}
	}
	if id.Authenticated {
		c.u.noteDialed(id.Extension, c.to, c.target)
	}
	if c.target.Asked.Action.OfCalls() {
		return c.ofCalls(c.target.Asked, a.se)
	}
	return c.route(c.target, call.Dialed, id.Extension, id.Device)
}

// dialed is where a URI that a phone calls leads.
func (u *Unit) dialed(uri *sip.URI) plan.Target {
	p := u.plan.Load()
	if t, ok := p.Key(string(uri.User)); ok && uri.IsSIP() {
		return t
	}
	return p.Resolve(func(ctx *number.Context) number.Destination { return readURI(uri, ctx) })
}

// originOf is who calls in a session of a phone.
func (u *Unit) originOf(se *stack.Session, now time.Time) gate.Origin {
	id, from := se.Identity(), se.From()
	if id.Site != "" {
		return u.originAfar(se)
	}
	pointer, agent := u.cfg.Phones.Registration(id.Device, from, now)
	if said := string(se.Message().Value(sip.HeaderUserAgent)); said != "" {
		agent = said
	}
	return gate.Origin{
		Kind: gate.OriginDialed, Extension: id.Extension, Device: id.Device, Credential: id.Credential,
		Source: from.Remote, Transport: from.Transport, UserAgent: agent,
		Registration: pointer, Authenticated: id.Authenticated,
	}
}

// fromLine says who calls from outside, and which phones ring.
func (c *liveCall) fromLine(m *sip.Message) call.Route {
	a := c.leg(call.A)
	line, from, now := a.se.Line(), a.se.From(), c.sh.Now()
	a.line, c.lineIn, c.direction = line, line, fact.Incoming
	c.origin = gate.Origin{
		Kind: gate.OriginLineToLine, Source: from.Remote, Transport: from.Transport, Authenticated: true,
	}
	c.party = partyOf(c.origin)
	c.party.Origin = ""
	lines := c.u.cfg.Lines
	in, err := lines.Incoming(line, m)
	c.to, c.from, c.name = clip(in.Called), clip(in.Caller), clean(in.Name)
	if err != nil {
		c.u.log.Info("incoming call not understood", "call", c.id, "line", line, "error", err)
		return call.Route{Refuse: call.Refusal{Status: 404}}
	}
	c.mark = in.Mark
	if c.mark != "" {
		c.name = clean(text.Say(c.u.lang, text.Key("unit.mark."+c.mark), c.name))
	}
	back, may := lines.Callbacks(line, now)
	if c.callback = may; !c.callback {
		if why := c.turnedAway(in.Called); why.Status != 0 {
			return call.Route{Refuse: why}
		}
	}
	// The call-back after an emergency call has its right to the channel.
	victim, err := lines.Acquire(line, a.key(), c.callback)
	if err != nil {
		return call.Route{Refuse: call.Refusal{Status: 486, Phrase: "All Channels In Use"}}
	}
	a.channel = true
	c.comesOnKey(line, in.Called)
	if victim != "" {
		if !c.u.preempt(callOf(victim), func() {}) {
			c.u.endSeizures(c.sh, func(s *seizure) bool { return s.call == callOf(victim) })
		}
	}
	switch {
	case len(back) > 0: // reception sees who called from where
		c.name = clean(text.Say(c.u.lang, "unit.callback", strings.Join(back, ", ")))
	case c.callback:
		c.name = clean(text.Say(c.u.lang, "unit.callback.unknown"))
	}
	c.target = c.u.plan.Load().Incoming(line, in.Called, c.inTouch(back), now)
	return c.route(c.target, call.LineToLine, "", "")
}

// route makes a route of a target: contacts that are registered now, or lines
// in the order in which they are to be tried. but is the device that calls.
func (c *liveCall) route(t plan.Target, via call.Via, by, but string) call.Route {
	switch t.Kind {
	case plan.Internal:
		return c.ringing(t, via, but)
	case plan.Outside:
		lines := c.u.cfg.Lines.Order(t.Lines, t.Emergency(), c.sh.Now())
		if t.Emergency() {
			lines = c.freeFirst(lines)
		}
		if len(lines) == 0 {
			lines = []string{""} // the gate is asked, and the refusal recorded, all the same
		}
		if t.LineToLine {
			via = call.LineToLine
		}
		return call.Route{
			Lines: lines, Destination: c.presenting(t.Destination, via, by), Via: via, By: by,
			// From outside nobody reaches an emergency service: no channel is taken for that.
			Emergency: t.Emergency() && (via != call.LineToLine || by != ""),
		}
	case plan.Service:
		if via != call.Dialed && via != call.Transferred && via != call.LineToLine {
			// Where a phone has its calls go is no wish of its user.
			return call.Route{Refuse: call.Refusal{Status: 404}}
		}
		if s := c.scriptFor(t.Asked); s != nil {
			return c.attendedBy(s)
		}
		if via != call.Dialed {
			return call.Route{Refuse: call.Refusal{Status: 404}}
		}
		if t.Asked.Action == plan.Intercom || t.Asked.Action == plan.Page {
			return c.aloud(t.Asked, by, but)
		}
		return call.Route{Serve: true}
	}
	return call.Route{Refuse: call.Refusal{Status: t.Status}}
}

// freeFirst puts lines that have a channel free before those on which a call
// would have to end. Lines that are down stay last.
func (c *liveCall) freeFirst(lines []string) []string {
	full := make(map[string]bool)
	for _, l := range c.u.cfg.Lines.List(c.sh.Now()) {
		full[l.ID] = !l.Up || l.InUse >= l.Channels
	}
	out := slices.Clone(lines)
	slices.SortStableFunc(out, func(a, b string) int {
		switch {
		case full[a] == full[b]:
			return 0
		case full[a]:
			return 1
		}
		return -1
	})
	return out
}

// contactsOf gives the contacts of extensions, but for those of one device.
func (c *liveCall) contactsOf(extensions []string, but string) []call.Contact {
	var out []call.Contact
	p := c.u.plan.Load()
	for _, ext := range extensions {
		if name := p.Site(ext); name != "" {
			out = append(out, c.siteContacts(name, ext, but)...)
			continue
		}
		for _, b := range c.u.cfg.Phones.Lookup(ext, c.sh.Now()) {
			if b.Device == but {
				continue
			}
			out = append(out, call.Contact{Extension: ext, Key: strconv.Itoa(c.known(b))})
		}
	}
	return out
}

// known gives a contact its place among those of the call; the same one keeps
// its place.
func (c *liveCall) known(b phone.Contact) int {
	for i := range c.contacts {
		if k := &c.contacts[i]; k.Device == b.Device && k.RequestURI == b.RequestURI {
			return i
		}
	}
	c.contacts = append(c.contacts, b)
	return len(c.contacts) - 1
}

// redirected makes a route of a phone's 3xx: to its first contact that names a
// number. The phone that redirects stands behind what follows.
func (c *liveCall) redirected(l *liveLeg, m *sip.Message) (call.Route, bool) {
	contacts, err := m.Contacts()
	if err != nil || len(contacts) == 0 {
		return call.Route{}, false
	}
	contacts = contacts[:min(len(contacts), ContactsMax)]
	best := slices.MaxFunc(contacts, func(x, y sip.NameAddr) int { return x.Q() - y.Q() })
	if best.Wildcard {
		return call.Route{}, false
	}
	t := c.u.dialed(&best.URI)
	if t.Kind == plan.Outside && !t.Emergency() && l.loggedOut() {
		return call.Route{Refuse: call.Refusal{Status: 403}}, true
	}
	by := c.sentBy(l)
	return c.spare(c.route(t, call.Redirected, by.Extension, by.Device)), true
}

// loggedOut tells whether a phone that was called for somebody, or talks as that, is not
// theirs any more: it may do nothing in their name.
func (l *liveLeg) loggedOut() bool {
	by := l.origin()
	return l.c.u.cfg.Phones.Seated(by.Device) != by.Extension
}

// sentBy notes that a leg's phone stands behind what follows: it sends the call on.
func (c *liveCall) sentBy(l *liveLeg) gate.Origin {
	o := l.origin()
	if c.sent == nil {
		c.sent = make(map[string]gate.Origin)
	}
	c.sent[o.Extension] = o
	return o
}

// origin is who stands behind a leg of a phone.
func (l *liveLeg) origin() gate.Origin {
	switch b := l.contact; {
	case b != nil && SiteOf(b.Device) != "":
		o := gate.Origin{
			Kind: gate.OriginSite, Site: SiteOf(b.Device), SiteExtension: b.Extension, Device: b.Device,
			Credential: b.Device, Authenticated: true,
		}
		if l.takesAfar() { // it is not the extension that was called
			o.SiteExtension = ""
		}
		return o
	case b != nil:
		return gate.Origin{
			Kind: gate.OriginRedirect, Extension: b.Extension, Device: b.Device, Credential: b.Device,
			Source: b.Source, Transport: b.Transport, UserAgent: b.UserAgent,
			Registration: b.Pointer(), Authenticated: true,
		}
	case l.came != nil:
		return *l.came
	}
	return l.c.origin
}

// readURI reads a dialed URI with number's front doors; what has no number is
// not understood.
func readURI(uri *sip.URI, ctx *number.Context) number.Destination {
	switch {
	case uri.Scheme == sip.SchemeTel:
		return number.FromTel(uri.String(), ctx)
	case uri.IsSIP() && uri.HasUser && !uri.UserHasControl:
		var params []number.Param
		for p := range uri.Params.All() {
			params = append(params, number.Param{Name: string(p.Name), Value: string(p.Value)})
		}
		return number.FromSIPUser(string(uri.User), params, ctx)
	}
	return number.Parse("", ctx)
}

// dialedText is what was dialed, for the record.
func dialedText(uri *sip.URI) string {
	if uri.HasUser {
		return clip(string(uri.User))
	}
	return clip(uri.String())
}

// clip bounds what others chose, and writes control characters as URIs do:
// whoever reads the record on a screen must not have lines forged for him.
func clip(s string) string {
	if len(s) > DialedMax {
		s = s[:DialedMax]
	}
	s = strings.ToValidUTF8(s, "?")
	if !strings.ContainsFunc(s, unicode.IsControl) {
		return s
	}
	var b strings.Builder
	for _, r := range s {
		if unicode.IsControl(r) {
			fmt.Fprintf(&b, "%%%02X", r)
			continue
		}
		b.WriteRune(r)
	}
	return b.String()
}

func partyOf(o gate.Origin) fact.Party {
	p := fact.Party{
		Origin: string(o.Kind), Extension: o.Extension, Device: o.Device, Credential: o.Credential,
		Transport: o.Transport, UserAgent: clip(o.UserAgent), Registration: o.Registration,
		Site: o.Site, SiteExtension: o.SiteExtension,
	}
	if o.Source.IsValid() {
		p.Source = o.Source.String()
	}
	return p
}

// Request answers what comes outside of calls.
func (u *Unit) Request(sh *stack.Shard, r *stack.Request) {
	var err error
	switch m := r.Message.Method(); {
	case m == sip.OPTIONS && r.Identity().Site != "":
		u.heardSite(sh, r.Identity().Site)
		err = r.Respond(200, "", allowHeader)
	case m == sip.REGISTER && r.Line() == "":
		a := u.cfg.Phones.Register(r.Message, r.From(), r.Identity(), sh.Now())
		u.noteRegistered(r, &a)
		err = r.Respond(a.Status, a.Phrase, a.Headers...)
		for _, place := range a.Left {
			r.Inherit(place) // its calls follow
		}
		if a.Moved {
			u.summaries.arrived(r.Identity().Extension)
		}
	case m == sip.OPTIONS:
		err = r.Respond(200, "", allowFor(r.Line()), session.Header{Name: "Accept", Value: sdpType})
	case m == sip.SUBSCRIBE:
		err = u.lamps.subscribe(sh, r)
	case m == sip.PUBLISH:
		err = r.Respond(489, "")
	case m == sip.NOTIFY && r.Identity().Site != "":
		err = u.lamps.far.notified(sh, r)
	case m == sip.NOTIFY:
		err = r.Respond(481, "Subscription Does Not Exist")
	default:
		err = r.Respond(405, "", allowFor(r.Line()))
	}
	if err != nil {
		u.log.Debug("request not answered", "method", r.Message.Method().String(), "error", err)
	}
}
