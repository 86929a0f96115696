package unit

import (
	"github.com/sekisho/sekisho/gate"
	"github.com/sekisho/sekisho/unit/call"
	"github.com/sekisho/sekisho/unit/plan"
	"github.com/sekisho/sekisho/wire/sip"
	"github.com/sekisho/sekisho/wire/sip/stack"
)

// A phone takes what rings at another site by a call to there, which says that it is for
// that (takeHeader). The unit there judges it as it judges its own phones', and where it
// lets it, joins who called. Who that is it does not say: the phone here is shown the site.

// takesAfar makes a route to the site of an extension, to take what rings there. Nobody
// outside stands for a site that is away.
func (c *liveCall) takesAfar(extension string) call.Route {
	contacts := c.contactsOf([]string{extension}, "")
	if len(contacts) == 0 {
		return call.Route{Refuse: call.Refusal{Status: 503, Phrase: phraseAway}}
	}
	return call.Route{Contacts: contacts}
}

// takesAfar tells whether a leg is a call to a site to take what rings there: whoever is at
// its end then, it is not the extension that was called.
func (l *liveLeg) takesAfar() bool {
	t := &l.c.target
	return l.contact != nil && l.onSite() != "" && t.Kind == plan.Service && t.Asked.Action.OfCalls()
}

// takenAfar has somebody of the site that calls take what rings at an extension or a group
// of ours, where the site may.
func (c *liveCall) takenAfar(named string) call.Route {
	a, p := c.leg(call.A), c.u.plan.Load()
	s, ok := p.SiteNamed(a.se.Identity().Site)
	if !ok || !s.Takes || !a.insider {
		return call.Route{Refuse: call.Refusal{Status: 403, Phrase: "Pickup Barred"}}
	}
	if !p.Extension(named) && !p.Group(named) {
		return nothingThere
	}
	at := c.pickable(named)
	to := c.u.first(c.sh, func(d *liveCall) bool { return d.rings(at) && !d.paidHere() })
	if to == nil {
		return nothingThere
	}
	if status, phrase := to.enter(a.se, call.None); status != 0 {
		return call.Route{Refuse: call.Refusal{Status: status, Phrase: phrase}}
	}
	return call.Route{}
}

// paidHere tells whether whoever waits for an answer was called outside from here, and is
// paid for by whoever did: nobody has let a site talk on that.
func (c *liveCall) paidHere() bool {
	l := c.leg(c.core.Sides()[0])
	return l.line != "" && l.id != call.A
}

// insider tells whether a site says that somebody of an office is at its end.
func insider(m *sip.Message) bool { return string(m.Named(partyHeader)) == partyInside }

// originAfar is who calls in a session of another site: of its people the one that it
// names, if that is a number of its own.
func (u *Unit) originAfar(se *stack.Session) gate.Origin {
	id, from, m := se.Identity(), se.From(), se.Message()
	o := gate.Origin{
		Kind: gate.OriginSite, Site: id.Site, Device: id.Device, Credential: id.Device,
		Source: from.Remote, Transport: from.Transport, Authenticated: true,
	}
	if n := string(m.From().URI.User); insider(m) && u.plan.Load().Site(n) == id.Site {
		o.SiteExtension = n
	}
	return o
}
