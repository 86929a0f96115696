package unit

import (
	"github.com/sekisho/sekisho/fact"
	"github.com/sekisho/sekisho/unit/call"
	"github.com/sekisho/sekisho/unit/media"
	"github.com/sekisho/sekisho/unit/plan"
)

// Services does what feature codes ask. app implements it.
type Services interface {
	// Serve does what a phone dialed in a call, and calls done once, from any
	// goroutine, when it is on disk: with what the phone is to hear, a name in
	// package prompt, and whether it was done.
	Serve(asked plan.Asked, by fact.Party, call string, done func(prompt string, ok bool))
}

// PromptFailed is what who dialed a feature code hears that could not be done.
const PromptFailed = "feature-failed"

// serve does what the unit itself has a part in while a call is set up.
func (c *liveCall) serve(l *liveLeg, e *call.Effect) {
	switch e.Op {
	case call.OpOnward:
		c.onward(e)
	case call.OpConfirm:
		c.confirm(l)
	default:
		c.serveAsked()
	}
}

// serveAsked has what A dialed done.
func (c *liveCall) serveAsked() {
	done := func(prompt string, ok bool) {
		said := call.Refusal{Prompt: prompt, Reason: call.ReasonNormal}
		if !ok {
			said.Status, said.Phrase = 480, "Not Done"
		}
		c.post(call.Input{Event: call.Served, Leg: call.A, Refusal: said})
	}
	switch action := c.target.Asked.Action; {
	case action == plan.RecordOn:
		c.confirmRecording(done)
		return
	case action.OfCalls(): // it is done
		done("", true)
		return
	case action == plan.Callback || action == plan.CallbackOff:
		c.bookCallback(action == plan.CallbackOff, done)
		return
	}
	if c.u.cfg.Services == nil {
		done(PromptFailed, false)
		return
	}
	c.u.cfg.Services.Serve(c.target.Asked, c.party, c.id, done)
}

// announceServed says to A what came of what it dialed; with beeps, where there is
// nothing to say or no announcement can be made now.
func (c *liveCall) announceServed(a *liveLeg, e *call.Effect) {
	if e.Refusal.Prompt != "" && c.takeSlot() == nil {
		c.say(a, e, c.u.lang.String())
		return
	}
	err := c.openA()
	if err == nil {
		err = c.answerForUnit(a, true)
	}
	if err != nil {
		c.u.log.Info("what was dialed is not confirmed", "call", c.id, "error", err)
		c.input(call.Input{Event: call.PlayFailed, Leg: call.A})
		return
	}
	c.up = true
	c.note(a.voice.Play(media.NewTone(media.Warning)), "confirmation")
}
