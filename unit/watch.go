package unit

import (
	"net/netip"
	"time"

	"github.com/sekisho/sekisho/fact"
	"github.com/sekisho/sekisho/gate/tempo"
	"github.com/sekisho/sekisho/number"
	"github.com/sekisho/sekisho/unit/call"
	"github.com/sekisho/sekisho/unit/phone"
	"github.com/sekisho/sekisho/wire/sip"
	"github.com/sekisho/sekisho/wire/sip/stack"
)

// noteAnswer tells the desk, once, that a line's callee picked up.
func (l *liveLeg) noteAnswer() {
	if l.line == "" || l.asked == nil || !l.picked.IsZero() {
		return
	}
	l.picked = l.c.sh.Now()
	l.note(tempo.Answered, 0)
}

// noteEnds tells the desk what became of everything that the gate let out or had
// a PIN asked for, and of a call that came in and was not taken. The leg that was answered comes
// first: the same number may have been tried on other lines.
func (c *liveCall) noteEnds() {
	for _, l := range c.legs {
		if !l.picked.IsZero() {
			until := l.stopped
			if until.IsZero() {
				until = c.sh.Now()
			}
			l.note(tempo.Ended, until.Sub(l.picked))
		}
	}
	for _, l := range c.legs {
		switch {
		case l.passed && l.picked.IsZero():
			l.note(tempo.Ended, 0)
		case !l.passed && l.asked != nil && c.prompted && c.proof.Person == "":
			l.note(tempo.Lapsed, 0)
		}
	}
	if c.lineIn != "" && c.answered.IsZero() && c.from != "" {
		c.u.cfg.Desk.Note(&tempo.Event{
			Kind: tempo.Missed, Destination: number.Parse(c.from, &number.Context{}),
			Ring: c.sh.Now().Sub(c.started),
		})
	}
}

// note tells the desk of a leg on a line.
func (l *liveLeg) note(kind tempo.Kind, talk time.Duration) {
	if l.asked.Emergency {
		return
	}
	r := l.c.requestOf(l.asked)
	e := r.Event()
	e.Kind, e.Talk = kind, talk
	e.Silent = l.asked.Via == call.Dialed && l.c.unheard && talk >= silentLeast
	l.c.u.cfg.Desk.Note(&e)
}

// listen notes whether voice came from the phone that called, and from where its
// registration says that it stands: an intruder who only signs in with its
// credential is elsewhere.
func (c *liveCall) listen(l *liveLeg) {
	if l.id != call.A || c.direction != fact.Outgoing {
		return
	}
	s := l.voice.Stats()
	c.unheard = s.PacketsIn == 0 && s.ReportsIn == 0 || s.Remote.IsValid() && !c.standsAt(s.Remote.Addr())
}

// standsAt tells whether an address is of a network in which the phone that
// calls is registered, or calls from while it is registered nowhere.
func (c *liveCall) standsAt(a netip.Addr) bool {
	if c.origin.Site != "" {
		return true // its unit may send voice from anywhere
	}
	registered := false
	for _, b := range c.u.cfg.Phones.Lookup(c.origin.Extension, c.sh.Now()) {
		if b.Device != c.origin.Device {
			continue
		}
		if len(b.Path) > 0 || near(a, b.Source.Addr()) {
			return true // behind a proxy its own address is not known
		}
		registered = true
	}
	return !registered && near(a, c.origin.Source.Addr())
}

// Networks are told apart by so many bits.
const (
	bits4 = 24
	bits6 = 48
)

// near tells addresses of one network. Those of two families can't be compared.
func near(a, b netip.Addr) bool {
	a, b = a.Unmap(), b.Unmap()
	if a.BitLen() != b.BitLen() {
		return true
	}
	bits := bits4
	if a.Is6() {
		bits = bits6
	}
	p, err := b.Prefix(bits)
	return err == nil && p.Contains(a)
}

// noteRegistered tells the desk of a phone that is registered from elsewhere
// than before, or from another number of places.
func (u *Unit) noteRegistered(r *stack.Request, a *phone.Answer) {
	if !a.Moved {
		return
	}
	id := r.Identity()
	u.cfg.Desk.Note(&tempo.Event{
		Kind: tempo.Registered, Extension: id.Extension, Credential: id.Credential, Source: r.From().Remote.Addr(),
		UserAgent: string(r.Message.Value(sip.HeaderUserAgent)), Contacts: a.Places,
	})
}
