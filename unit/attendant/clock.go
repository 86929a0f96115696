package attendant

import (
	"time"

	"github.com/sekisho/sekisho/text"
	"github.com/sekisho/sekisho/text/speech"
	"github.com/sekisho/sekisho/unit/call"
)

// Clock says which day it is, what time, and the extension of the phone that asks, and
// hangs up.
type Clock struct{ zone *time.Location }

var _ Script = Clock{}

// NewClock is the script that says the time of a zone.
func NewClock(zone *time.Location) Clock { return Clock{zone} }

// Begin says it.
func (c Clock) Begin(h Host) {
	who, at := h.Caller(), h.Now().In(c.zone)
	lang, _ := text.ParseLang(who.Lang)
	said := append([]string{"word-now"}, speech.Date(lang, at)...)
	said = append(append(said, ""), speech.Clock(lang, at)...)
	if who.Extension != "" {
		said = append(append(said, "", "word-your-number"), speech.Digits(who.Extension)...)
	}
	h.Say(Speech(said...))
}

// Said hangs up.
func (Clock) Said(h Host, _ bool) { h.HangUp(call.Refusal{}) }

// Key hangs up: who presses one has heard enough.
func (Clock) Key(h Host, _ byte) { h.HangUp(call.Refusal{}) }

// Back never comes: nobody is called.
func (Clock) Back(Host, call.Refusal) {}

// Wake never comes.
func (Clock) Wake(Host) {}

// End has nothing to tidy up.
func (Clock) End(Host) {}
