package attendant

import "github.com/sekisho/sekisho/unit/call"

// Conference has its callers hear each other in a room (会議). Who is the first is told
// so. Keys mean nothing.
type Conference struct{ room string }

var _ Script = Conference{}

// NewConference is the script of who comes into a room.
func NewConference(room string) Conference { return Conference{room: room} }

// Begin has the caller come in.
func (c Conference) Begin(h Host) {
	switch others, ok := h.Join(c.room); {
	case !ok:
		h.HangUp(call.Refusal{Status: 486, Phrase: "Room Is Full"})
	case others == 0:
		h.Say(Speech("conference-first"))
	}
}

// Key does nothing.
func (Conference) Key(Host, byte) {}

// Said does nothing: the room is heard again.
func (Conference) Said(Host, bool) {}

// Wake hangs up on a caller from outside who has waited too long for the office.
func (Conference) Wake(h Host) { h.HangUp(call.Refusal{Status: 480, Phrase: "Nobody Came"}) }

// Back never comes: nobody is called.
func (Conference) Back(Host, call.Refusal) {}

// End has nothing to tidy up: the caller has left the room.
func (Conference) End(Host) {}
