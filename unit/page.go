package unit

import (
	"net/netip"

	"github.com/sekisho/sekisho/unit/call"
	"github.com/sekisho/sekisho/unit/media"
	"github.com/sekisho/sekisho/unit/plan"
)

// aloud has other phones answer by themselves, if whoever dials may: one, or all of a
// zone. Who talks already, or wants no calls, is left alone.
func (c *liveCall) aloud(asked plan.Asked, by, but string) call.Route {
	p := c.u.plan.Load()
	if !p.Services(by).Page {
		return call.Route{Refuse: call.Refusal{Status: 403, Phrase: "No Right To Page"}}
	}
	if asked.Action == plan.Intercom {
		c.target = p.Dialed(asked.Digits)
		r := call.Route{Contacts: c.willing([]string{asked.Digits}, but)}
		if len(r.Contacts) == 0 {
			r.Refuse = call.Refusal{Status: 486}
		}
		return r
	}
	zone, cast := p.Zone(asked.Digits)
	if cast.IsValid() {
		c.cast = &cast
		return call.Route{Page: true}
	}
	r := call.Route{Page: true, Contacts: c.willing(zone, but)}
	if len(r.Contacts) == 0 {
		return call.Route{Refuse: call.Refusal{Status: 480}}
	}
	return r
}

// willing are the contacts, to be asked to answer by themselves, of those extensions
// whose phones are free.
func (c *liveCall) willing(extensions []string, but string) (out []call.Contact) {
	p := c.u.plan.Load()
	for _, ext := range extensions {
		if !p.Services(ext).DoNotDisturb && !c.u.engaged(ext, c) {
			out = append(out, c.contactsOf([]string{ext}, but)...)
		}
	}
	for i := range out {
		out[i].Auto = true
	}
	return out
}

// page has a leg speak to many, or hear who does.
func (c *liveCall) page(l *liveLeg, op call.Op) {
	err := errMediaClosed
	switch {
	case l.voice == nil || op == call.OpListen && c.spoken == nil:
	case op == call.OpListen:
		err = c.spoken.Listen(l.voice)
	default:
		var cast netip.AddrPort
		if c.cast != nil {
			cast = *c.cast
		}
		err = c.speakTo(l, cast)
	}
	if err != nil {
		c.u.log.Warn("a page is not heard", "call", c.id, "leg", int(l.id), "error", err)
	}
}

// castLeg names the media of a zone that listens by multicast.
const castLeg = "cast"

// speakTo begins a page: after a beep, which says that one is heard now.
func (c *liveCall) speakTo(l *liveLeg, cast netip.AddrPort) (err error) {
	if c.spoken, err = c.voice.Confer(l.voice); err != nil {
		return err
	}
	if cast.IsValid() {
		zone, err := c.voice.AddLeg(castLeg, c.u.cfg.Places.PhoneLeg(l.se.From()))
		if err != nil {
			return err
		}
		if err := zone.Cast(cast); err != nil {
			return err
		}
		if err := c.spoken.Listen(zone); err != nil {
			return err
		}
	}
	return l.voice.Play(media.NewTone(media.Beep))
}
