package phone

import (
	"time"

	"github.com/sekisho/sekisho/fact"
	"github.com/sekisho/sekisho/wire/sip/edge"
)

// binding is one contact, and how much of it is on disk.
type binding struct {
	fact.Binding
	// written is the expiry that the store knows; a refresh moves Expires on
	// and is written behind, by Tick.
	written time.Time
	changed bool // something beside the expiry has changed since
}

// grant does what a REGISTER wishes for one contact, and puts what it means
// into w. The caller holds the lock.
func (p *phone) grant(c wish, req request, from edge.Source, now time.Time, w *fact.Write) {
	if c.life == 0 {
		for i := p.find(c); i >= 0; i = p.find(c) {
			p.takeAway(i, "asked", now, w)
		}
		return
	}
	fresh := fact.Binding{
		Extension: p.row.Extension, Device: p.row.Device, Contact: c.contact, Path: req.path,
		CallID: req.callID, CSeq: req.cseq, Instance: c.instance, Source: from.Remote,
		Transport: from.Transport, Listener: from.Listener, UserAgent: req.agent, Q: c.q,
		Expires: now.Add(c.life).UTC(), Created: now.UTC(),
	}
	if i := p.refreshed(c, req); i >= 0 {
		p.bindings[i].refresh(fresh)
		return
	}
	// The same phone with a new port, or a reboot: one binding, a new one. A
	// contact and its instance may mean two old ones.
	for i := p.find(c); i >= 0; i = p.find(c) {
		p.takeAway(i, "replaced", now, w)
	}
	for len(p.bindings) >= ContactsMax {
		p.takeAway(p.soonest(), "replaced", now, w)
	}
	p.bindings = append(p.bindings, binding{Binding: fresh, written: fresh.Expires})
	w.Facts = append(w.Facts, fact.PhoneRegistered{
		Pointer: fresh.Pointer(), Extension: fresh.Extension, Device: fresh.Device, User: p.row.User,
		Contact: fresh.Contact, Source: fresh.Source.String(), Transport: fresh.Transport,
		Listener: fresh.Listener, UserAgent: fresh.UserAgent, Expires: fresh.Expires, At: now.UTC(),
	})
	w.Rows = append(w.Rows, fresh)
}

// refreshed gives the index of the binding that a wish only refreshes: it is
// for the same contact, by the same registration, of the same instance; -1
// where something is new but the time.
func (p *phone) refreshed(c wish, req request) int {
	for i, b := range p.bindings {
		if b.Contact == c.contact && b.CallID == req.callID && b.Instance == c.instance {
			return i
		}
	}
	return -1
}

// refresh moves a binding on.
func (b *binding) refresh(fresh fact.Binding) {
	created := b.Created
	b.changed = b.changed || b.Source != fresh.Source || b.Transport != fresh.Transport ||
		b.Listener != fresh.Listener || b.Q != fresh.Q || len(b.Path) != len(fresh.Path)
	b.Binding = fresh
	b.Created = created
}

// find gives the index of the binding that a contact means: the same
// instance, or the same URI; -1 for none.
func (p *phone) find(c wish) int {
	for i, b := range p.bindings {
		if c.instance != "" && b.Instance == c.instance {
			return i
		}
	}
	for i, b := range p.bindings {
		if b.Contact == c.contact {
			return i
		}
	}
	return -1
}

// soonest gives the binding that would run out first.
func (p *phone) soonest() int {
	first := 0
	for i, b := range p.bindings {
		if b.Expires.Before(p.bindings[first].Expires) {
			first = i
		}
	}
	return first
}

// takeAway removes a binding.
func (p *phone) takeAway(i int, why string, now time.Time, w *fact.Write) {
	b := p.bindings[i].Binding
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
	kept := p.bindings[:0:0]
	for _, b := range p.bindings {
		if b.Expires.After(now) {
			kept = append(kept, b)
			continue
		}
		w.Facts = append(w.Facts, fact.PhoneExpired{
			Pointer: b.Pointer(), Extension: b.Extension, Device: b.Device, Contact: b.Contact, At: now.UTC(),
		})
		w.Rows = append(w.Rows, fact.BindingGone{Device: b.Device, Contact: b.Contact})
	}
	p.bindings = kept
}
