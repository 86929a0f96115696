package attendant

import "github.com/sekisho/sekisho/unit/call"

// Echo lets a caller hear itself, after a beep: what it says comes back, so it hears
// whether its phone's voice arrives, and how late. Any key ends it.
type Echo struct{}

var _ Script = Echo{}

// NewEcho is the script of an echo test.
func NewEcho() Echo { return Echo{} }

// Begin beeps.
func (Echo) Begin(h Host) {
	h.At(h.Now().Add(EchoMax))
	h.Say(Sound{Tone: Beep})
}

// Said begins to echo.
func (Echo) Said(h Host, _ bool) { h.Echo(true) }

// Key hangs up.
func (Echo) Key(h Host, _ byte) { h.HangUp(call.Refusal{}) }

// Wake hangs up, since it went on for too long.
func (Echo) Wake(h Host) { h.HangUp(call.Refusal{}) }

// Back never comes: nobody is called.
func (Echo) Back(Host, call.Refusal) {}

// End has nothing to tidy up.
func (Echo) End(Host) {}
