package phone

import (
	"net/netip"
	"slices"
	"time"
	"unique"

	"github.com/sekisho/sekisho/fact"
	"github.com/sekisho/sekisho/wire/sip"
	"github.com/sekisho/sekisho/wire/sip/edge"
)

// binding is one contact, and how much of it is on disk: a fact.Binding
// without what its phone knows, in as little room as there may be many
// thousands for.
type binding struct {
	contact   string
	callID    string
	instance  string
	path      []string
	agent     unique.Handle[string]
	transport unique.Handle[string]
	listener  unique.Handle[string]
	source    netip.AddrPort
	expires   int64 // Unix nanoseconds, as all times here
	created   int64
	// written is the expiry that the store knows; a refresh moves expires on
	// and is written behind, by Tick.
	written int64
	cseq    uint32
	q       uint16
	port    uint16 // where it listens if not where it speaks from, else 0
	changed bool   // something beside the expiry has changed since
}

// keep makes a binding of the form that others know.
func keep(b fact.Binding) binding {
	k := binding{
		contact: b.Contact, callID: b.CallID, instance: b.Instance, path: b.Path,
		agent: unique.Make(b.UserAgent), transport: unique.Make(b.Transport), listener: unique.Make(b.Listener),
		source: b.Source, expires: b.Expires.UnixNano(), created: b.Created.UnixNano(),
		written: b.Expires.UnixNano(), cseq: b.CSeq, q: b.Q,
	}
	k.port = k.listens()
	return k
}

// told gives a phone's binding in the form that others know.
func (p *phone) told(b *binding) fact.Binding {
	return fact.Binding{
		Extension: p.row.Extension, Device: p.row.Device, Contact: b.contact, Path: b.path,
		CallID: b.callID, CSeq: b.cseq, Instance: b.instance, Source: b.source,
		Transport: b.transport.Value(), Listener: b.listener.Value(), UserAgent: b.agent.Value(), Q: b.q,
		Expires: time.Unix(0, b.expires).UTC(), Created: time.Unix(0, b.created).UTC(),
	}
}

// live reports whether a binding has not run out.
func (b *binding) live(now time.Time) bool { return b.expires > now.UnixNano() }

// unwritten reports whether the store knows too little of a binding.
func (b *binding) unwritten() bool {
	return b.changed || time.Duration(b.expires-b.written).Abs() > RefreshLag
}

// listens gives the port of a phone that listens elsewhere than it speaks
// from, 0 for where it speaks from. Requests go to where the REGISTER came
// from, which is right behind NAT, through a proxy and on a connection; only a
// UDP phone in the office itself, whose contact names its own address, is sent
// to the port it asks for. Over the Internet a contact with the right address
// and another port is what a NAT makes of it.
func (b *binding) listens() uint16 {
	at := b.source.Addr().Unmap()
	if b.transport.Value() != "udp" || len(b.path) > 0 || !near(at) {
		return 0
	}
	uri, err := sip.ParseURI([]byte(b.contact))
	if err != nil || uri.Port == b.source.Port() {
		return 0
	}
	if a, ok := sip.HostAddr(uri.Host); ok && a.Unmap() == at {
		return uri.Port
	}
	return 0
}

// near reports whether an address is of the office: there is no NAT between.
func near(a netip.Addr) bool { return a.IsPrivate() || a.IsLoopback() || a.IsLinkLocalUnicast() }

// target says where a contact's requests go.
func (b *binding) target() edge.Target {
	t := edge.Target{Transport: b.transport.Value(), Addr: b.source}
	if b.port != 0 {
		t.Addr = netip.AddrPortFrom(b.source.Addr(), b.port)
	}
	return t
}

// grant does what a REGISTER wishes for one contact, and puts what it means
// into w. The caller holds the lock.
func (p *phone) grant(c *wish, req *request, now time.Time, w *fact.Write) {
	if c.life == 0 {
		for i := p.find(c); i >= 0; i = p.find(c) {
			p.takeAway(i, "asked", now, w)
		}
		return
	}
	if i := p.refreshed(c, req); i >= 0 {
		req.leaves(&p.bindings[i])
		req.fresh = req.fresh || p.bindings[i].source.Addr() != req.from.Remote.Addr()
		p.bindings[i].refresh(c, req, now)
		return
	}
	// The same phone with a new port, or a reboot: one binding, a new one. A
	// contact and its instance may mean two old ones.
	for i := p.find(c); i >= 0; i = p.find(c) {
		req.leaves(&p.bindings[i])
		p.takeAway(i, "replaced", now, w)
	}
	for i := range p.bindings {
		// A phone keeps its Call-ID while it runs (RFC 3261 §10.2), also one that
		// names no instance and another contact after each connection.
		if p.bindings[i].callID == string(req.callID) {
			req.leaves(&p.bindings[i])
		}
	}
	for len(p.bindings) >= ContactsMax {
		p.takeAway(p.soonest(), "replaced", now, w)
	}
	fresh := fact.Binding{
		Extension: p.row.Extension, Device: p.row.Device, Contact: string(c.contact), Path: req.path,
		CallID: string(req.callID), CSeq: req.cseq, Instance: string(c.instance), Source: req.from.Remote,
		Transport: req.from.Transport, Listener: req.from.Listener, UserAgent: string(req.agent), Q: c.q,
		Expires: now.Add(c.life).UTC(), Created: now.UTC(),
	}
	p.bindings = append(p.bindings, keep(fresh))
	w.Facts = append(w.Facts, fact.PhoneRegistered{
		Pointer: fresh.Pointer(), Extension: fresh.Extension, Device: fresh.Device, User: p.row.User,
		Contact: fresh.Contact, Source: fresh.Source.String(), Transport: fresh.Transport,
		Listener: fresh.Listener, UserAgent: fresh.UserAgent, Expires: fresh.Expires, At: now.UTC(),
	})
	w.Rows = append(w.Rows, fresh)
}

// leaves notes that the phone of a binding stands elsewhere from now on.
func (req *request) leaves(b *binding) {
	old := edge.Source{Remote: b.source, Transport: b.transport.Value(), Listener: b.listener.Value()}
	if old.Remote != req.from.Remote || old.Transport != req.from.Transport {
		req.left = append(req.left, old)
	}
}

// refreshed gives the index of the binding that a wish only refreshes: it is
// for the same contact, by the same registration, of the same instance; -1
// where something is new but the time.
func (p *phone) refreshed(c *wish, req *request) int {
	for i := range p.bindings {
		b := &p.bindings[i]
		if b.contact == string(c.contact) && b.callID == string(req.callID) && b.instance == string(c.instance) {
			return i
		}
	}
	return -1
}

// refresh moves a binding on. As a rule only its expiry and CSeq change.
func (b *binding) refresh(c *wish, req *request, now time.Time) {
	b.expires, b.cseq = now.Add(c.life).UnixNano(), req.cseq
	if b.agent.Value() != string(req.agent) {
		b.agent = unique.Make(string(req.agent))
	}
	if b.source == req.from.Remote && b.transport.Value() == req.from.Transport &&
		b.listener.Value() == req.from.Listener && b.q == c.q && len(b.path) == len(req.path) {
		b.path = req.path
		return
	}
	b.source, b.q, b.path = req.from.Remote, c.q, req.path
	b.transport, b.listener = unique.Make(req.from.Transport), unique.Make(req.from.Listener)
	b.port, b.changed = b.listens(), true
}

// standing counts the addresses from which a phone is registered. The caller
// holds its lock.
func (p *phone) standing(now time.Time) (n int) {
	for i := range p.bindings {
		from := p.bindings[i].source.Addr()
		before := func(b binding) bool { return b.live(now) && b.source.Addr() == from }
		if p.bindings[i].live(now) && !slices.ContainsFunc(p.bindings[:i], before) {
			n++
		}
	}
	return n
}

// find gives the index of the binding that a contact means: the same
// instance, or the same URI; -1 for none.
func (p *phone) find(c *wish) int {
	for i := range p.bindings {
		if len(c.instance) > 0 && p.bindings[i].instance == string(c.instance) {
			return i
		}
	}
	for i := range p.bindings {
		if p.bindings[i].contact == string(c.contact) {
			return i
		}
	}
	return -1
}

// soonest gives the binding that would run out first.
func (p *phone) soonest() int {
	first := 0
	for i := range p.bindings {
		if p.bindings[i].expires < p.bindings[first].expires {
			first = i
		}
	}
	return first
}

// takeAway removes a binding.
func (p *phone) takeAway(i int, why string, now time.Time, w *fact.Write) {
	b := p.told(&p.bindings[i])
	p.bindings = append(p.bindings[:i:i], p.bindings[i+1:]...)
	w.Facts = append(w.Facts, goneFact(b, why, now))
	w.Rows = append(w.Rows, fact.BindingGone{Device: b.Device, Contact: b.Contact})
}

// goneFact tells that a binding was taken away.
func goneFact(b fact.Binding, why string, now time.Time) fact.Fact {
	return fact.PhoneUnregistered{
		Pointer: b.Pointer(), Extension: b.Extension, Device: b.Device, Contact: b.Contact,
		Why: why, At: now.UTC(),
	}
}

// dropExpired removes what has run out.
func (p *phone) dropExpired(now time.Time, w *fact.Write) {
	for i := 0; i < len(p.bindings); {
		if p.bindings[i].live(now) {
			i++
			continue
		}
		b := p.told(&p.bindings[i])
		p.bindings = append(p.bindings[:i:i], p.bindings[i+1:]...)
		w.Facts = append(w.Facts, fact.PhoneExpired{
			Pointer: b.Pointer(), Extension: b.Extension, Device: b.Device, Contact: b.Contact, At: now.UTC(),
		})
		w.Rows = append(w.Rows, fact.BindingGone{Device: b.Device, Contact: b.Contact})
	}
}
