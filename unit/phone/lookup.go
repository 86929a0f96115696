package phone

import (
	"net/netip"
	"slices"
	"sort"
	"time"

	"github.com/sekisho/sekisho/fact"
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

// Lookup gives the contacts of an extension's phones, and of those at which it is logged
// in, preferred ones first. It is a copy.
func (r *Registry) Lookup(extension string, now time.Time) []Contact {
	r.mu.RLock()
	phones := r.byExt[extension]
	r.mu.RUnlock()
	var out []Contact
	for _, p := range phones {
		out = p.appendContacts(out, now)
	}
	own := len(out)
	for _, p := range r.guests(extension) {
		out = p.appendContacts(out, now)
	}
	for i := range out[own:] {
		out[own+i].Extension = extension
	}
	slices.SortStableFunc(out, func(a, b Contact) int { return int(b.Q) - int(a.Q) })
	return out
}

// LookupDevice gives the contacts of one phone.
func (r *Registry) LookupDevice(device string, now time.Time) []Contact {
	p := r.device(device)
	if p == nil {
		return nil
	}
	return p.appendContacts(nil, now)
}

// appendContacts adds a phone's contacts.
func (p *phone) appendContacts(out []Contact, now time.Time) []Contact {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.row.Disabled {
		return out
	}
	for i := range p.bindings {
		if b := &p.bindings[i]; b.live(now) {
			out = append(out, Contact{
				Binding: p.told(b), Target: b.target(), RequestURI: b.contact, Routes: b.path,
			})
		}
	}
	return out
}

// Registration gives the evidence pointer of the binding a device speaks
// from, "" when it is not registered, and the User-Agent it registered with.
func (r *Registry) Registration(device string, from edge.Source, now time.Time) (pointer, userAgent string) {
	p := r.device(device)
	if p == nil {
		return "", ""
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if b := p.speaking(from.Remote, now); b != nil && !p.row.Disabled {
		return p.told(b).Pointer(), b.agent.Value()
	}
	return "", ""
}

// speaking gives the binding that a request from an address belongs to: the
// last one of its port, or else the first one of its host; nil for none. The
// caller holds the lock.
func (p *phone) speaking(from netip.AddrPort, now time.Time) (found *binding) {
	for i := range p.bindings {
		b := &p.bindings[i]
		if !b.live(now) || b.source.Addr().Unmap() != from.Addr().Unmap() {
			continue
		}
		if found == nil || b.source == from {
			found = b
		}
	}
	return found
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
