package attendant

import "github.com/sekisho/sekisho/unit/call"

// Callback puts whoever answers through to whom it wanted to reach, at once.
type Callback struct{ to string }

var _ Script = Callback{}

// NewCallback makes a script for whom was busy before, as it is dialed.
func NewCallback(to string) Callback { return Callback{to: to} }

// Begin rings there.
func (s Callback) Begin(h Host) { h.Connect(s.to, call.HearRinging) }

// Back says that it is busy once more.
func (Callback) Back(h Host, _ call.Refusal) { h.Say(Speech("busy")) }

// Said hangs up.
func (Callback) Said(h Host, _ bool) { h.HangUp(call.Refusal{}) }

// Key means nothing.
func (Callback) Key(Host, byte) {}

// Wake never comes.
func (Callback) Wake(Host) {}

// End has nothing to tidy up.
func (Callback) End(Host) {}
