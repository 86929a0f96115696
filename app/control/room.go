package control

// The operations on conference rooms.
var (
	RoomList   = Op[None, []Room]{"room.list"}
	RoomPIN    = Op[Room, PINGenerated]{"room.pin"}
	RoomShut   = Op[Room, None]{"room.shut"}
	RoomUnlock = Op[RoomUnlockRequest, None]{"room.unlock"}
)

// Room is a conference room.
type Room struct {
	Room string `json:"room"`          // its digit
	PIN  string `json:"pin,omitempty"` // "none", "set", "locked"
}

// RoomUnlockRequest has the PIN of a room be tried again.
type RoomUnlockRequest struct {
	Room   string `json:"room"`
	Reason string `json:"reason"`
}
