package unit

import (
	"slices"
	"time"

	"github.com/sekisho/sekisho/fact"
	"github.com/sekisho/sekisho/gate"
	"github.com/sekisho/sekisho/unit/attendant"
	"github.com/sekisho/sekisho/unit/call"
	"github.com/sekisho/sekisho/unit/media"
)

// gathering is those who hear each other in a room (会議・三者通話), each of them in a
// call of its own, which has its own money and its own end. The loop of shard 0 owns it.
// Whoever is on a line hears somebody only as long as a phone of the office is there:
// two lines with nobody of the office would be line to line.
type gathering struct {
	name string
	room *media.Room // nil while nobody was heard yet
	in   []*host
}

// Join has the caller come into a room, and tells how many were there; ok is false where
// it is full.
func (h *host) Join(name string) (others int, ok bool) {
	u := h.c.u
	g := u.gatherings[name]
	if g == nil {
		g = &gathering{name: name}
	}
	others = len(g.in)
	if h.c.sh.ID() != 0 || others >= GatheringMax {
		return others, false
	}
	u.gatherings[name] = g
	g.in = append(g.in, h)
	h.gathering = g
	g.settle()
	g.beep(h)
	return others, true
}

// leaves has the caller be in no room any more.
func (h *host) leaves() {
	g := h.gathering
	if g == nil {
		return
	}
	h.gathering, h.sits = nil, false
	g.in = slices.DeleteFunc(g.in, func(o *host) bool { return o == h })
	if v := h.caller.voice; v != nil && g.room != nil {
		g.room.Remove(v)
	}
	if len(g.in) == 0 {
		delete(h.c.u.gatherings, g.name)
		return
	}
	g.settle()
	g.beep(h)
}

// inside tells whether the caller is at a phone of the office.
func (h *host) inside() bool { return !h.caller.outside() }

// settle says who hears whom, after somebody came or went.
func (g *gathering) settle() {
	inside := slices.ContainsFunc(g.in, (*host).inside)
	for _, h := range slices.Clone(g.in) {
		switch q, apart := h.c.apart(); {
		case h.gathering != g: // it has left meanwhile
		case apart:
			h.c.cut(CutOf(q))
		case inside && !h.sits:
			g.seat(h)
		case !inside && h.sits:
			h.HangUp(call.Refusal{Phrase: "Nobody Of The Office Is Left"})
		case !inside:
			h.At(h.Now().Add(GatheringWait))
			h.Say(attendant.Sound{Music: true})
		}
	}
	g.records()
}

// records has the recordings of all follow who is heard.
func (g *gathering) records() {
	for _, h := range g.in {
		h.c.records()
	}
}

// waits has a caller that waits for the office hear music after something else.
func (h *host) waits(whole bool) {
	if whole && h.gathering != nil && !h.sits {
		h.Say(attendant.Sound{Music: true})
	}
}

// seat has a caller be heard, and hear the others.
func (g *gathering) seat(h *host) {
	v := h.caller.voice
	if v == nil {
		return
	}
	var err error
	if g.room == nil {
		g.room, err = h.c.voice.Confer(v)
	} else {
		err = g.room.Add(v)
	}
	if err != nil {
		h.c.u.log.Warn("a caller is not heard in a room", "call", h.c.id, "error", err)
		return
	}
	h.sits = true
	h.At(time.Time{})
	h.Hush()
}

// beep tells all but one that it came or went.
func (g *gathering) beep(but *host) {
	for _, h := range g.in {
		if v := h.caller.voice; h != but && h.sits && v != nil {
			h.c.note(v.Play(media.NewTone(media.Beep)), "beep")
		}
	}
}

// meets tells whether a call's caller is a phone that fits, in a room with somebody who
// is on a line.
func (c *liveCall) meets(fits func(*gate.Request) bool) bool {
	h := c.host
	if h == nil || h.gathering == nil || !h.inside() {
		return false
	}
	i := slices.IndexFunc(h.gathering.in, func(o *host) bool { return !o.inside() })
	if i < 0 {
		return false
	}
	extension, device := h.caller.phone()
	r := c.calledRequest(extension, device)
	r.Line = h.gathering.in[i].caller.line
	return fits(&r)
}

// threeWay has those with whom a phone talks, or whom it holds, come into one room with
// it.
func (c *liveCall) threeWay() call.Route {
	var legs []*liveLeg
	c.u.first(c.sh, func(d *liveCall) bool {
		for _, l := range d.legs {
			if d.core.MayMove(l.id) && l.line == "" && l.origin().Device == c.origin.Device {
				legs = append(legs, l)
			}
		}
		return false
	})
	if len(legs) < 2 {
		return nothingThere
	}
	room := "three/" + c.id
	for _, l := range legs {
		d := l.c
		d.sentBy(l)
		d.moved(l, fact.CallMoved{How: fact.MovedOver, To: c.to})
		d.input(call.Input{Event: call.Refer, Leg: l.id, Route: d.attendedBy(attendant.NewConference(room))})
	}
	return c.attendedBy(attendant.NewConference(room))
}
