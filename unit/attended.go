package unit

import (
	"fmt"
	"time"

	"github.com/sekisho/sekisho/fact"
	"github.com/sekisho/sekisho/unit/attendant"
	"github.com/sekisho/sekisho/unit/call"
	"github.com/sekisho/sekisho/unit/media"
	"github.com/sekisho/sekisho/unit/plan"
	"github.com/sekisho/sekisho/wire/sip/stack"
)

// host is a call whose caller the unit talks with, as the script sees it.
type host struct {
	c      *liveCall
	caller *liveLeg
	script attendant.Script
	tape   *tape            // on which the caller is recorded, nil for none
	next   attendant.Script // that begins when the caller listens
	alarm  *stack.Alarm
	at     time.Time // when the alarm is meant to ring, zero for never
	// gathering is the room that it is in, nil for none; sits tells that it is heard there.
	gathering *gathering
	sits      bool
}

var _ attendant.Host = (*host)(nil)

// answererSelf is who answered a call that the unit did.
const answererSelf = "unit"

// attendedBy makes a route on which a script talks with the caller.
func (c *liveCall) attendedBy(s attendant.Script) call.Route {
	if c.host == nil {
		c.host = &host{c: c}
	}
	c.host.next = s
	return call.Route{Attend: true}
}

// scriptFor is the script behind a feature code, nil where it has none.
func (c *liveCall) scriptFor(asked plan.Asked) attendant.Script {
	var s attendant.Script
	if c.u.cfg.Scripts != nil {
		s = c.u.cfg.Scripts.Script(asked)
	}
	if s == nil && asked.Action == plan.Conference { // a room that is open to the office
		return attendant.NewConference(asked.Digits)
	}
	return s
}

// attended tells the script what its caller did, that what was played is over, or that
// nobody took the caller.
func (c *liveCall) attended(l *liveLeg, e *call.Effect) {
	switch h := c.host; {
	case h == nil || h.script == nil && h.next == nil:
	case e.Op == call.OpAttend && h.next != nil:
		c.beginScript(l)
	case e.Op == call.OpAttend:
		if c.lineIn == "" { // nobody was reached by its key: that is free for others now
			c.freeKey()
		}
		h.script.Back(h, e.Refusal)
	case e.Op == call.OpKey:
		h.script.Key(h, e.Digit)
	default:
		h.script.Said(h, e.Whole)
		h.waits(e.Whole)
	}
}

// beginScript has the next script begin.
func (c *liveCall) beginScript(l *liveLeg) {
	h := c.host
	c.hostOver()
	h.script, h.next, h.caller = h.next, nil, l
	c.up = true
	c.watch(l)
	if l.line != "" && c.answered.IsZero() { // from now on it costs its caller
		c.answered, c.answerer = c.sh.Now(), answererSelf
		if !c.told {
			c.told = true
			said := fact.CallAnswered{Call: c.id, At: c.answered.UTC()}
			c.u.commit(fact.Write{Behind: true, Facts: []fact.Fact{said}})
		}
	}
	c.show()
	if q, ok := c.apart(); ok {
		c.cut(CutOf(q))
		return
	}
	h.script.Begin(h)
}

// hostOver ends the script: the caller is gone, or talks with somebody.
func (c *liveCall) hostOver() {
	h := c.host
	if h == nil || h.script == nil {
		return
	}
	s := h.script
	h.script = nil
	h.Recorded()
	h.At(time.Time{})
	s.End(h)
	h.leaves()
	if v := h.caller.voice; v != nil {
		v.Echo(false)
		v.Stop()
	}
	c.freeSlot()
}

// Now is the loop's time.
func (h *host) Now() time.Time { return h.c.sh.Now() }

// Caller says whom the unit talks with.
func (h *host) Caller() attendant.Caller {
	c, l := h.c, h.caller
	who := attendant.Caller{Call: c.id, Line: l.line, Called: c.to, Lang: c.u.lang.String()}
	who.Extension, who.Device = l.phone()
	who.Number, who.Name = l.party(who.Extension)
	return who
}

// Say plays to the caller.
func (h *host) Say(sounds ...attendant.Sound) {
	c, l := h.c, h.caller
	if h.script == nil { // it is over, and the caller gone
		return
	}
	err := h.play(l, sounds)
	if err != nil {
		c.u.log.Info("the unit can't speak to a caller", "call", c.id, "error", err)
		c.input(call.Input{Event: call.PlayFailed, Leg: l.id})
	}
}

func (h *host) play(l *liveLeg, sounds []attendant.Sound) error {
	if l.voice == nil {
		return errMediaClosed
	}
	if len(sounds) == 1 && sounds[0].Music {
		h.c.freeSlot() // it may take long
		return l.voice.Music()
	}
	if err := h.c.takeSlot(); err != nil {
		return err
	}
	all := make([]media.Source, 0, len(sounds))
	for _, s := range sounds {
		src, err := h.source(s)
		if err != nil {
			return err
		}
		all = append(all, src)
	}
	return l.voice.Play(media.InTurn(all...))
}

// tones are the media's names of a script's.
var tones = map[attendant.Tone]media.Tone{
	attendant.DialTone: media.DialTone, attendant.RingBack: media.RingBack, attendant.Busy: media.Busy,
	attendant.Beep: media.Beep, attendant.Beeps: media.Warning,
}

func (h *host) source(s attendant.Sound) (media.Source, error) {
	switch tone, ok := tones[s.Tone]; {
	case ok:
		return media.NewTone(tone), nil
	case s.Mu != nil:
		return media.NewRecorded(s.Mu), nil
	case s.Lang != "":
		return media.NewSpeech(h.c.u.cfg.Prompts, s.Lang, s.Clips...)
	}
	src, err := media.NewSpeech(h.c.u.cfg.Prompts, h.c.u.lang.String(), s.Clips...)
	if err != nil {
		return nil, fmt.Errorf("say: %w", err)
	}
	return src, nil
}

// Hush ends what is played to the caller.
func (h *host) Hush() {
	if v := h.caller.voice; v != nil {
		v.Stop()
	}
}

// Echo has the caller hear itself.
func (h *host) Echo(on bool) {
	if v := h.caller.voice; v != nil {
		v.Echo(on)
	}
}

// Connect has the caller wait for what it would reach had it dialed that.
func (h *host) Connect(dialed string, hear call.Hear) {
	p := h.c.u.plan.Load()
	t, answered := p.Answered(dialed)
	if !answered {
		t = p.Dialed(dialed)
	}
	if k := h.c.key; k != nil && h.caller.line == "" {
		t = p.OverKey(*k, dialed)
	}
	h.c.input(call.Input{Event: call.Connect, Route: h.c.putThrough(h.caller, t, dialed), Hear: hear})
}

// putThrough makes a route for a caller that the unit talks with: as if its phone had
// dialed it, or as line to line where it is on a line.
func (c *liveCall) putThrough(l *liveLeg, t plan.Target, dialed string) call.Route {
	if t.Kind == plan.Service {
		anything := l.line == "" && l.onSite() == ""
		if s := c.scriptFor(t.Asked); s != nil && (anything || t.Asked.Action.Chosen()) {
			return c.attendedBy(s)
		}
		return call.Route{Refuse: call.Refusal{Status: 404}}
	}
	via, by := call.Dialed, c.origin
	switch {
	case l.line != "" || l.onSite() != "":
		via, by.Extension, by.Device = call.LineToLine, "", ""
	case l.id != call.A:
		via, by = call.Transferred, c.sentBy(l)
		c.leftTo(l)
	default:
		c.target, c.to = t, clip(dialed)
		if t.Kind == plan.Outside {
			c.direction = fact.Outgoing
		}
		c.show()
	}
	return c.spare(c.route(t, via, by.Extension, by.Device))
}

// Withdraw ends the caller's waiting.
func (h *host) Withdraw() { h.c.input(call.Input{Event: call.Withdraw}) }

// HangUp hangs up on the caller.
func (h *host) HangUp(r call.Refusal) { h.c.input(call.Input{Event: call.Finish, Refusal: r}) }

// At has the script woken.
func (h *host) At(t time.Time) {
	h.at = t
	switch {
	case t.IsZero():
		h.alarm.Stop()
	case h.alarm == nil:
		h.alarm = h.c.sh.At(t, func(sh *stack.Shard) { h.wake(sh.Now()) })
	default:
		h.alarm.Again(t)
	}
}

func (h *host) wake(now time.Time) {
	if h.script == nil || h.at.IsZero() || now.Before(h.at) {
		return
	}
	h.at = time.Time{}
	h.script.Wake(h)
}
