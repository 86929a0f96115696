package phone

import (
	"net/netip"
	"sort"
	"time"

	"github.com/sekisho/sekisho/fact"
	"github.com/sekisho/sekisho/wire/sip"
	"github.com/sekisho/sekisho/wire/sip/edge"
)

// Contact is where one phone is reached now.
type Contact struct {
	fact.Binding
	// Target is where a request goes on the network. It is never looked up
	// from a name: a contact can't lead the unit elsewhere.
	Target edge.Target
	// RequestURI is the Request-URI, Routes the Route values above it.
	RequestURI string
	Routes     []string
}

// Lookup gives the contacts of an extension's phones, preferred ones first. It
// is a copy.
func (r *Registry) Lookup(extension string, now time.Time) []Contact {
	r.mu.RLock()
	phones := r.byExt[extension]
	r.mu.RUnlock()
	var out []Contact
	for _, p := range phones {
		out = append(out, p.contactsAt(now)...)
	}
	sort.SliceStable(out, func(i, j int) bool { return out[i].Q > out[j].Q })
	return out
}

// LookupDevice gives the contacts of one phone.
func (r *Registry) LookupDevice(device string, now time.Time) []Contact {
	p := r.device(device)
	if p == nil {
		return nil
	}
	return p.contactsAt(now)
}

// contactsAt gives a phone's contacts.
func (p *phone) contactsAt(now time.Time) []Contact {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.row.Disabled {
		return nil
	}
	var out []Contact
	for _, b := range p.bindings {
		if b.Expires.After(now) {
			out = append(out, Contact{
				Binding: b.Binding, Target: targetOf(b.Binding), RequestURI: b.Contact, Routes: b.Path,
			})
		}
	}
	return out
}

// targetOf says where a contact's requests go: to where its REGISTER came
// from, which is right behind NAT, through a proxy and on a connection. Only a
// UDP phone in the office itself, whose contact names its own address, is sent
// to the port it asks for: some listen elsewhere than they speak from. Over
// the Internet a contact with the right address and another port is what a
// NAT makes of it.
func targetOf(b fact.Binding) edge.Target {
	t := edge.Target{Transport: b.Transport, Addr: b.Source}
	if b.Transport != "udp" || len(b.Path) > 0 || !near(b.Source.Addr().Unmap()) {
		return t
	}
	uri, err := sip.ParseURI([]byte(b.Contact))
	if err != nil {
		return t
	}
	if a, ok := sip.HostAddr(uri.Host); ok && a.Unmap() == b.Source.Addr().Unmap() && uri.Port != 0 {
		t.Addr = netip.AddrPortFrom(b.Source.Addr(), uri.Port)
	}
	return t
}

// near reports whether an address is of the office: there is no NAT between.
func near(a netip.Addr) bool { return a.IsPrivate() || a.IsLoopback() || a.IsLinkLocalUnicast() }

// Registration gives the evidence pointer of the binding a device speaks
// from, "" when it is not registered, and the User-Agent it registered with.
func (r *Registry) Registration(device string, from edge.Source, now time.Time) (pointer, userAgent string) {
	for _, c := range r.LookupDevice(device, now) {
		if c.Source.Addr().Unmap() != from.Remote.Addr().Unmap() {
			continue
		}
		if pointer == "" || c.Source == from.Remote {
			pointer, userAgent = c.Pointer(), c.UserAgent
		}
	}
	return pointer, userAgent
}

// Name is what people call an extension: the name of its first phone that has
// one, "" for none.
func (r *Registry) Name(extension string) string {
	r.mu.RLock()
	defer r.mu.RUnlock()
	for _, p := range r.byExt[extension] {
		p.mu.Lock()
		name := p.row.Name
		p.mu.Unlock()
		if name != "" {
			return name
		}
	}
	return ""
}

// Extensions lists the extensions that have a phone, in order.
func (r *Registry) Extensions() []string {
	r.mu.RLock()
	defer r.mu.RUnlock()
	out := make([]string, 0, len(r.byExt))
	for e := range r.byExt {
		out = append(out, e)
	}
	sort.Strings(out)
	return out
}
