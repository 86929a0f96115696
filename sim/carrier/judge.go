package carrier

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"

	"github.com/sekisho/sekisho/wire/sdp"
	"github.com/sekisho/sekisho/wire/sip"
)

// fault is a rule that a message broke, and the answer owed.
type fault struct {
	rule   Rule
	status int
	what   string
}

// check is one demand; nil when it is met.
type check func(a *Account, m *sip.Message, from netip.AddrPort) *fault

func broken(rule Rule, status int, format string, args ...any) *fault {
	return &fault{rule, status, fmt.Sprintf(format, args...)}
}

// judge asks the checks in order, notes what is broken first and gives the
// status owed, 0 when all is well.
func (c *Carrier) judge(a *Account, m *sip.Message, from netip.AddrPort, checks ...check) int {
	for _, ask := range checks {
		if f := ask(a, m, from); f != nil {
			c.note(Violation{Line: a.User, Rule: f.rule, What: f.what, Message: string(m.Bytes())})
			return f.status
		}
	}
	return 0
}

// hop looks at what every request has: where it comes from and its Via.
func hop(a *Account, m *sip.Message, from netip.AddrPort) *fault {
	switch n := &a.Manners; {
	case n.SourcePort != 0 && from.Port() != n.SourcePort:
		return broken(RuleSourcePort, 403, "sent from port %d", from.Port())
	case n.NoRPort && m.TopVia().RPort:
		return broken(RuleRPort, 403, "%s", m.TopVia().Raw)
	}
	return nil
}

// plainContact looks at our Contact.
func plainContact(a *Account, m *sip.Message, _ netip.AddrPort) *fault {
	if !a.Manners.PlainContact || !m.Has(sip.HeaderContact) {
		return nil
	}
	if k := m.Addr(sip.HeaderContact); k == nil || len(k.URI.Params) > 0 {
		return broken(RuleContact, 403, "Contact is %s", m.Value(sip.HeaderContact))
	}
	return nil
}

// name is how the account stands in addresses.
func (a *Account) name() string {
	if a.Extension != "" {
		return a.Extension
	}
	return a.User
}

func (a *Account) host(u *sip.URI) bool {
	return a.Manners.Domain == "" || strings.EqualFold(string(u.Host), a.Manners.Domain)
}

// registering looks at whom a REGISTER is for.
func registering(a *Account, m *sip.Message, _ netip.AddrPort) *fault {
	if a.Manners.Domain == "" {
		return nil
	}
	for _, u := range []*sip.URI{&m.To().URI, &m.From().URI} {
		if string(u.User) != a.name() || !a.host(u) {
			return broken(RuleAccount, 403, "registers %s, not %s at %s", u, a.name(), a.Manners.Domain)
		}
	}
	if u := m.RequestURI(); u.HasUser || !a.host(u) {
		return broken(RuleRequestURI, 404, "registers at %s", u)
	}
	return nil
}

// calling looks at who calls.
func calling(a *Account, m *sip.Message, _ netip.AddrPort) *fault {
	n := &a.Manners
	if n.Domain == "" {
		return nil
	}
	u := &m.From().URI
	anonymous := strings.EqualFold(string(u.User), "anonymous") && n.Withholding == WithholdByHeader
	switch {
	case anonymous && m.Privacy("id"):
	case !a.host(u):
		return broken(RuleAccount, 403, "From is at %s", u.Host)
	case n.FromAccount && string(u.User) != a.name():
		return broken(RuleAccount, 403, "From is %s, not the account %s", u.User, a.name())
	case !n.FromAccount && !slices.Contains(a.Numbers, string(u.User)):
		return broken(RuleAccount, 403, "From is %s, no number of the line", u.User)
	}
	for _, id := range []struct {
		header sip.HeaderID
		wish   Wish
		rule   Rule
	}{
		{sip.HeaderPAssertedIdentity, n.Asserted, RuleAsserted},
		{sip.HeaderPPreferredIdentity, n.Preferred, RulePreferred},
	} {
		k := m.Addr(id.header)
		switch {
		case id.wish == Unwanted && m.Has(id.header):
			return broken(id.rule, 403, "%v is there: %s", id.header, m.Value(id.header))
		case id.wish == Wanted && (k == nil || !slices.Contains(a.Numbers, string(k.URI.User))):
			return broken(id.rule, 403, "%v names no number of the line: %q", id.header, m.Value(id.header))
		}
	}
	return nil
}

// dialing looks at the number that is dialed and how the caller's is withheld.
func dialing(a *Account, m *sip.Message, _ netip.AddrPort) *fault {
	n, u := &a.Manners, m.RequestURI()
	if !a.host(u) {
		return broken(RuleRequestURI, 404, "calls at %s", u.Host)
	}
	if n.Domain != "" && string(m.To().URI.User) != string(u.User) {
		return broken(RuleRequestURI, 404, "To is %s, the Request-URI %s", m.To().URI.User, u.User)
	}
	if n.Alphabet != "" && strings.Trim(string(u.User), n.Alphabet) != "" {
		return broken(RuleDigits, 404, "dials %q", u.User)
	}
	prefix := strings.HasPrefix(string(u.User), "184") || strings.HasPrefix(string(u.User), "186")
	switch {
	case n.Withholding == WithholdByPrefix && m.Has(sip.HeaderPrivacy):
		return broken(RuleWithholding, 403, "Privacy: %s", m.Value(sip.HeaderPrivacy))
	case n.Withholding == WithholdByHeader && prefix:
		return broken(RuleWithholding, 403, "dials %s", u.User)
	}
	return nil
}

// routed looks at the route that REGISTER's answer gave.
func (c *Carrier) routed(a *Account, m *sip.Message, _ netip.AddrPort) *fault {
	if !a.Manners.Routes {
		return nil
	}
	list, err := m.Routes()
	if err != nil {
		return broken(RuleRoute, 403, "%v", err)
	}
	var got []string
	for i := range list {
		got = append(got, list[i].URI.String())
	}
	if want := c.routes(); !slices.Equal(got, want) {
		return broken(RuleRoute, 403, "Route is %q, not %q", got, want)
	}
	return nil
}

// timed looks for the session timer.
func timed(a *Account, m *sip.Message, _ netip.AddrPort) *fault {
	if a.Manners.NeedTimer && !m.Lists(sip.HeaderSupported, "timer") {
		return broken(RuleTimer, 421, "Supported: %s", m.Value(sip.HeaderSupported))
	}
	return nil
}

// described looks at an offer.
func described(a *Account, m *sip.Message, _ netip.AddrPort) *fault {
	n := &a.Manners
	if len(m.Body()) == 0 || len(n.Codecs) == 0 {
		return nil
	}
	s, err := sdp.Parse(m.Body())
	if err != nil {
		return broken(RuleDescription, 488, "%v", err)
	}
	for i := range s.Media {
		d := &s.Media[i]
		for _, k := range d.Codecs {
			if k.Event() && n.Events || slices.ContainsFunc(n.Codecs, k.Is) {
				continue
			}
			return broken(RuleDescription, 488, "%s is offered", k.Name)
		}
		if len(d.Formats) != len(d.Codecs) || d.Proto != "RTP/AVP" {
			return broken(RuleDescription, 488, "%s %v is offered", d.Proto, d.Formats)
		}
		if d.Port < n.MediaPort {
			return broken(RuleMediaPort, 403, "RTP at port %d", d.Port)
		}
	}
	return nil
}

// formats counts what an offer has to say.
func formats(offer []byte) (n int) {
	s, err := sdp.Parse(offer)
	if err != nil {
		return 0
	}
	for i := range s.Media {
		n += len(s.Media[i].Formats)
	}
	return n
}

// inside looks at requests within a call: the route that we recorded.
func (c *Carrier) inside(a *Account, m *sip.Message, _ netip.AddrPort) *fault {
	if !a.Manners.Routes {
		return nil
	}
	list, err := m.Routes()
	if err != nil || len(list) != 1 || list[0].URI.String() != c.recorded() {
		return broken(RuleRecordRoute, 403, "Route is %q", m.Value(sip.HeaderRoute))
	}
	return nil
}

// routes are what a REGISTER's answer gives as Path and Service-Route, in the
// order in which calls go along them.
func (c *Carrier) routes() []string {
	at := c.local.String()
	return []string{"sip:path@" + at + ";lr", "sip:orig@" + at + ";lr"}
}

// recorded is our Record-Route.
func (c *Carrier) recorded() string { return "sip:" + c.local.String() + ";lr" }
