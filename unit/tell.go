package unit

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/sekisho/sekisho/fact"
	"github.com/sekisho/sekisho/gate"
	"github.com/sekisho/sekisho/text"
	"github.com/sekisho/sekisho/unit/attendant"
	"github.com/sekisho/sekisho/unit/call"
	"github.com/sekisho/sekisho/unit/media"
	"github.com/sekisho/sekisho/unit/plan"
	"github.com/sekisho/sekisho/wire/sip/stack"
)

// Notice is what the unit calls somebody for.
type Notice struct {
	// Number is an extension, a group or an outside number without the outside
	// prefix. Emergency numbers are refused.
	Number string
	// Ring is how long it may ring.
	Ring time.Duration
	Lang text.Lang
	// Caller is how phones show it, "" for an alert.
	Caller string
	// Items are what is told, each as names in package prompt, one after the
	// other. The next one is told when the one before is acknowledged.
	Items [][]string
	// Thanks are what is said when an item is acknowledged.
	Thanks []string
}

// NoticeEnd is what came of a Notice.
type NoticeEnd struct {
	Call         string // "" where there was none
	Answered     bool
	Heard        int    // items that were told to their end
	Acknowledged int    // items, from the first
	Why          string // the word with which the call ended, as in fact.CallEnded
	Rule         string // of the gate, where it refused
}

// The errors of Tell.
var (
	// ErrNotTold says that a number is none that the unit may call by itself.
	ErrNotTold = errors.New("no number that the unit may call")
	// ErrNoRoom says that the unit carries no more calls, or stops.
	ErrNoRoom = errors.New("no room for a call")
)

// notice is a Notice on its way. The call's loop writes told, until it closes done
// as the call ends.
type notice struct {
	Notice
	told NoticeEnd
	// script talks with whoever answers, instead of Items; nobody waits for such a call.
	script attendant.Script
	done   chan struct{}
}

// Tell calls a number and tells what it has to say, through the gate where it
// leads outside, and waits until the call is over. When ctx ends the call is
// hung up. The error wraps ErrNotTold or ErrNoRoom, or ctx's.
func (u *Unit) Tell(ctx context.Context, n Notice) (NoticeEnd, error) {
	target := u.plan.Load().Written(n.Number)
	misread := target.Kind == plan.Outside && !target.Destination.Class.Outside()
	nobody := target.Kind == plan.Refuse || target.Kind == plan.Service
	if nobody || misread || target.Emergency() || len(n.Items) == 0 {
		return NoticeEnd{Why: target.Why}, fmt.Errorf("%w: %s", ErrNotTold, target.Destination.Redacted())
	}
	if u.stack == nil || !u.ready.Load() {
		return NoticeEnd{}, ErrNoRoom
	}
	c := &liveCall{u: u, id: newID(time.Now()), target: target}
	c.notice = &notice{Notice: n, done: make(chan struct{})}
	refused := make(chan error, 1) // one answer
	err := onLoop(ctx, u.stack.Shard(0), func(sh *stack.Shard) { refused <- c.beginNotice(sh) })
	if err == nil {
		err = <-refused
	}
	if err != nil {
		return NoticeEnd{}, fmt.Errorf("tell: %w", err)
	}
	select {
	case <-c.notice.done:
		return c.notice.told, nil
	case <-ctx.Done():
		c.post(call.Input{Event: call.Cut, Refusal: call.Refusal{Status: 503, Phrase: phraseStops}})
	}
	<-c.notice.done // it ends as it hears that
	return c.notice.told, fmt.Errorf("tell: %w", ctx.Err())
}

// phraseStops is the phrase with which calls end because the unit does.
const phraseStops = "Unit Stops"

// beginNotice begins a call of the unit's own, on the loop.
func (c *liveCall) beginNotice(sh *stack.Shard) error {
	now := sh.Now()
	c.sh, c.started, c.hops = sh, now, hopsMax
	c.legs = c.roomLegs[:0]
	c.leg(call.A).gone = true
	c.origin = gate.Origin{Kind: gate.OriginAlert, Authenticated: true}
	c.party = partyOf(c.origin)
	c.from, c.name = noticeFrom, clean(cmp.Or(c.notice.Caller, text.Say(c.u.lang, "unit.notice")))
	c.to = clip(c.notice.Number)
	c.direction = fact.Internal
	if c.target.Kind == plan.Outside {
		c.direction = fact.Outgoing
	}
	var room bool
	if c.inbox.seat, room = sh.Seat(false); !room || !c.u.add(c, false) {
		c.inbox.seat.Leave()
		return ErrNoRoom
	}
	c.u.begun.of(c.direction).Add(1)
	config := c.u.cfg.Call
	config.NoAnswer, config.LineNoAnswer = c.notice.Ring, c.notice.Ring
	setup := call.Setup{
		From: call.Self, Route: c.route(c.target, call.Alert, "", ""), Tell: len(c.notice.Items),
	}
	c.attendedBySelf(&setup)
	c.core = call.New(config, setup)
	c.input(call.Input{Event: call.Start})
	return nil
}

const (
	// noticeFrom is the user part of what phones are shown as the caller.
	noticeFrom = "alert"
	// hopsMax is the Max-Forwards of a call of our own (RFC 3261 §8.1.1.6).
	hopsMax = 70
)

// tells does what a call of the unit's own is for.
func (c *liveCall) tells(l *liveLeg, e *call.Effect) {
	switch n := c.notice; e.Op {
	case call.OpTell:
		c.sayNotice(l, n.Items[e.Item])
	case call.OpThank:
		c.sayNotice(l, n.Thanks)
	case call.OpTold:
		n.told.Heard = max(n.told.Heard, e.Item+1)
	default:
		n.told.Acknowledged = e.Item + 1
	}
}

// sayNotice says names in package prompt to a leg.
func (c *liveCall) sayNotice(l *liveLeg, names []string) {
	src, err := media.NewSpeech(c.u.cfg.Prompts, c.notice.Lang.String(), names...)
	if err == nil && l.voice == nil {
		err = errMediaClosed
	}
	if err == nil {
		err = l.voice.Play(src)
	}
	if err != nil {
		c.u.log.Warn("nothing is told", "call", c.id, "error", err)
		c.input(call.Input{Event: call.PlayFailed, Leg: l.id})
	}
}

// noteTold tells how a notice ended. The legs may take a while to be gone.
func (c *liveCall) noteTold(e *call.Effect) {
	if c.notice == nil {
		return
	}
	t := &c.notice.told
	t.Call, t.Answered, t.Why = c.id, !c.answered.IsZero(), c.endWord(e)
	if c.verb != "" && c.verb != gate.VerbPass.String() {
		t.Rule = c.rule
	}
	close(c.notice.done)
}

// CheckNotice says what the gate would say of a call of the unit's own: each
// line's verdict, none for a number within the unit. It makes no call and leaves
// no record.
func (u *Unit) CheckNotice(written string, at time.Time) Trace {
	target := u.plan.Load().Written(written)
	return u.trace(u.cfg.Desk.Check, target, gate.Request{
		Call: "check", Dialed: written, Destination: target.Destination, At: at,
		Origin: gate.Origin{Kind: gate.OriginAlert, Authenticated: true},
	})
}
