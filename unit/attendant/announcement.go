package attendant

import "github.com/sekisho/sekisho/unit/call"

// Announcement says a sentence twice and hangs up.
type Announcement struct{ clip string }

var _ Script = Announcement{}

// NewAnnouncement is the script that says a clip of package prompt.
func NewAnnouncement(clip string) Announcement { return Announcement{clip} }

// Begin says it.
func (a Announcement) Begin(h Host) { h.Say(Speech(a.clip, "", "", a.clip)) }

// Said hangs up.
func (a Announcement) Said(h Host, _ bool) { h.HangUp(call.Refusal{}) }

// Key changes nothing: there is nothing to choose.
func (a Announcement) Key(Host, byte) {}

// Back never comes: nobody is called.
func (a Announcement) Back(Host, call.Refusal) {}

// Wake never comes.
func (a Announcement) Wake(Host) {}

// End has nothing to tidy up.
func (a Announcement) End(Host) {}
