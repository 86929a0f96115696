package unit

import (
	"cmp"
	"errors"
	"strconv"

	"github.com/sekisho/sekisho/fact"
	"github.com/sekisho/sekisho/unit/call"
	"github.com/sekisho/sekisho/unit/media"
	"github.com/sekisho/sekisho/unit/plan"
	"github.com/sekisho/sekisho/wire/sip/session"
)

var (
	errMediaClosed = errors.New("media is closed")
	errNoSlot      = errors.New("too many announcements at once")
)

// openA gives A its media, once: not before somebody is to be heard, so that
// a refused call opens no port.
func (c *liveCall) openA() error {
	a := c.leg(call.A)
	if a.voice != nil || a.gone && c.voice != nil {
		return nil // or somebody else is to be heard
	}
	if a.gone && c.notice == nil {
		return errMediaClosed
	}
	voice, err := c.u.relay.NewCall(c.id)
	if err != nil {
		return err
	}
	c.voice = voice
	if c.notice != nil { // nobody is at that end
		return nil
	}
	cfg := c.u.cfg.Places.PhoneLeg(a.se.From())
	if c.lineIn != "" {
		cfg = c.u.cfg.Places.LineLeg(c.lineIn, a.se.From())
	}
	cfg.Urgent = c.core.Emergency()
	leg, err := voice.AddLeg(strconv.Itoa(int(call.A)), cfg)
	if err != nil {
		return err
	}
	if !a.late {
		if _, err := leg.TakeOffer(a.se.PeerOffer().Bytes); err != nil {
			leg.Close()
			return err
		}
	}
	a.voice = leg
	return nil
}

// firstOffer opens a leg's media and writes its first offer: of what A
// offers, or of what we can do.
func (c *liveCall) firstOffer(l *liveLeg, cfg media.LegConfig, from call.LegID) (session.Body, error) {
	cfg.Urgent = c.core.Emergency()
	leg, err := c.voice.AddLeg(strconv.Itoa(int(l.id)), cfg)
	if err != nil {
		return session.Body{}, err
	}
	l.voice = leg
	var b []byte
	if from == call.None {
		b, err = leg.Offer()
	} else {
		b, err = leg.OfferFrom(c.leg(from).voice)
	}
	return sdp(b), err
}

func (c *liveCall) bridge(a, b *liveLeg) {
	if a.voice == nil || b.voice == nil {
		return
	}
	if err := c.voice.Bridge(a.voice, b.voice); err != nil {
		c.u.log.Warn("legs not bridged", "call", c.id, "error", err)
	}
}

// hears changes what a leg hears beside, or instead of, whom it talks with.
func (c *liveCall) hears(l *liveLeg, op call.Op) {
	if l.voice == nil {
		return
	}
	switch op {
	case call.OpPart:
		c.voice.Unbridge(l.voice)
	case call.OpRingback:
		c.note(l.voice.Play(media.NewTone(media.RingBack)), "ring-back")
	case call.OpMusic:
		c.note(l.voice.Music(), "music")
	default:
		l.voice.Stop()
		if c.core.Talking() {
			c.freeSlot()
		}
	}
}

// announce speaks to A, if a slot is free and its media can be opened.
func (c *liveCall) announce(a *liveLeg, e *call.Effect) {
	if c.target.Kind == plan.Service {
		c.announceServed(a, e)
		return
	}
	c.say(a, e, c.u.lang.String())
}

// say speaks a sentence to A in one language after the other. Where that fails
// the call is told: that the sentence is over, if A was answered for it.
func (c *liveCall) say(a *liveLeg, e *call.Effect, langs ...string) {
	err := c.speak(a, e, langs)
	if err == nil {
		return
	}
	c.u.log.Info("announcement not played", "call", c.id, "prompt", e.Refusal.Prompt, "error", err)
	c.freeSlot()
	in := call.Input{Event: call.PlayFailed, Leg: call.A}
	if c.up && !c.core.Talking() {
		in.Event = call.PlayDone
	}
	c.input(in)
}

func (c *liveCall) speak(a *liveLeg, e *call.Effect, langs []string) error {
	if err := c.takeSlot(); err != nil {
		return err
	}
	src, err := media.NewAnnouncement(c.u.cfg.Prompts, e.Refusal.Prompt, langs...)
	if err != nil {
		return err
	}
	if err := c.openA(); err != nil {
		return err
	}
	if a.voice == nil {
		return errMediaClosed
	}
	if !c.up && !c.core.Talking() {
		if err := c.answerForUnit(a, e.Answered); err != nil {
			return err
		}
		c.up = e.Answered
	}
	return a.voice.Play(src)
}

// takeSlot takes one of the unit's announcements, if the call has none.
func (c *liveCall) takeSlot() error {
	if c.speaking {
		return nil
	}
	if c.u.slots.Add(1) > int32(c.u.cfg.Announcements) || c.u.mute.Load() {
		c.u.slots.Add(-1)
		return errNoSlot
	}
	c.speaking = true
	return nil
}

// answerForUnit answers A's offer with our own media, early or for good.
func (c *liveCall) answerForUnit(a *liveLeg, forGood bool) error {
	b, err := a.voice.Answer()
	if err != nil {
		return err
	}
	if forGood {
		return a.se.Answer(sdp(b))
	}
	return a.se.Ring(183, sdp(b), true)
}

func (c *liveCall) freeSlot() {
	if c.speaking {
		c.speaking = false
		c.u.slots.Add(-1)
	}
}

func (c *liveCall) closeMedia(l *liveLeg) {
	if l.id == call.A {
		c.freeSlot()
	}
	if l.voice != nil {
		c.sound = appendSound(c.sound, l)
		c.listen(l)
		l.voice.Close()
		l.voice = nil
	}
}

// appendSound tells how the voice of a leg went, if it had any.
func appendSound(all []fact.Sound, l *liveLeg) []fact.Sound {
	s := l.voice.Stats()
	if s.PacketsIn == 0 && s.PacketsOut == 0 {
		return all
	}
	name := "caller"
	if l.id != call.A {
		name = cmp.Or(l.line, l.device())
	}
	return append(all, fact.Sound{
		Leg: name, Codec: s.Codec, Encrypted: l.voice.Encrypted(), Received: s.PacketsIn, Sent: s.PacketsOut,
		Lost: s.Lost, Reordered: s.Reordered, Repeated: s.Duplicates, JitterUS: s.JitterMax.Microseconds(),
		PeerLost: s.PeerLost, PeerJitterUS: s.PeerJitter.Microseconds(), RoundTripUS: s.RoundTripMax.Microseconds(),
	})
}

// watch begins to look for silence, on both sides.
func (c *liveCall) watch(legs ...*liveLeg) {
	for _, l := range legs {
		if l.voice != nil {
			l.voice.Watch(c.u.cfg.MediaTimeout)
			if held := l.voice.Held(); held != l.held {
				l.held, l.heldAt = held, c.sh.Now()
			}
		}
	}
}
