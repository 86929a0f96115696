package dialog

import (
	"strings"

	"github.com/sekisho/sekisho/wire/sip"
)

// NewUAC makes the dialog that a response m to our request h creates or
// confirms (RFC 3261 §12.1.2). localTag is the tag of h.From.
func NewUAC(h Head, localTag string, m *sip.Message) (Dialog, error) {
	tag := string(m.To().Tag)
	if tag == "" {
		return Dialog{}, ErrNoTag
	}
	d := Dialog{
		ID:       ID{CallID: h.CallID, LocalTag: localTag, RemoteTag: tag},
		Local:    strings.TrimSuffix(h.From, ";tag="+localTag),
		Remote:   h.To,
		Target:   h.URI,
		LocalSeq: h.CSeq,
		from:     h.From,
	}
	if c := Contact(m); c != "" {
		d.Target = stripForRequestURI(c)
	} else if m.Status() >= 200 {
		return Dialog{}, ErrNoContact
	}
	d.Routes = reversed(recordRoutes(m))
	d.Confirmed = m.Status() >= 200
	return d, nil
}

// Confirm takes the 2xx m to our INVITE: the route set is computed again, the
// target too (RFC 3261 §13.2.2.4).
func (d *Dialog) Confirm(m *sip.Message) {
	d.Routes = reversed(recordRoutes(m))
	d.Refresh(Contact(m))
	d.Confirmed = true
}

// NewUAS makes the dialog that our response to the request m creates (RFC
// 3261 §12.1.1).
func NewUAS(m *sip.Message, localTag string) (Dialog, error) {
	c := Contact(m)
	if c == "" {
		return Dialog{}, ErrNoContact
	}
	d := Dialog{
		ID:     ID{CallID: string(m.CallID()), LocalTag: localTag, RemoteTag: string(m.From().Tag)},
		Local:  withoutTag(m.To()),
		Remote: withoutTag(m.From()),
		Target: stripForRequestURI(c),
		Routes: recordRoutes(m),
		Secure: m.RequestURI().Scheme == sip.SchemeSIPS,
	}
	d.RemoteSeq, d.hasRemoteSeq = m.CSeq().Number, true
	return d, nil
}

// Contact returns the first Contact URI of a message, written anew; "" if
// there is none that can be reached.
func Contact(m *sip.Message) string {
	a := m.Addr(sip.HeaderContact)
	if a == nil || a.Wildcard || !a.URI.IsSIP() {
		return ""
	}
	return a.URI.String()
}

// recordRoutes returns the Record-Route URIs of a message, top to bottom. One
// that can't be written makes the route set empty: half a route is none.
func recordRoutes(m *sip.Message) []string {
	list, err := m.RecordRoutes()
	if err != nil || len(list) == 0 {
		return nil
	}
	routes := make([]string, len(list))
	for i := range list {
		if routes[i] = list[i].URI.String(); routes[i] == "" {
			return nil
		}
	}
	return routes
}

func reversed(routes []string) []string {
	for i, j := 0, len(routes)-1; i < j; i, j = i+1, j-1 {
		routes[i], routes[j] = routes[j], routes[i]
	}
	return routes
}

// withoutTag writes an address anew without its tag, and without other
// parameters: they are not ours to repeat.
func withoutTag(a *sip.NameAddr) string {
	b := sip.NameAddr{Display: a.Display, URI: a.URI}
	return b.String()
}

// FromSuccess makes the dialog that a 2xx to an INVITE of ours confirms from
// the 2xx alone (RFC 3261 §12.1.2): for one that comes when what began the
// call is not kept any more. Its next request has the sequence number behind
// the INVITE's.
func FromSuccess(m *sip.Message) (Dialog, error) {
	from := withoutTag(m.From())
	tag := string(m.From().Tag)
	return NewUAC(Head{
		From: withTag(from, tag), To: withoutTag(m.To()), CallID: string(m.CallID()), CSeq: m.CSeq().Number,
	}, tag, m)
}
