package control

import "time"

// The operations on phones that are free for anybody to log in at.
var (
	DeskList   = Op[None, []Desk]{"desk.list"}
	DeskLogOut = Op[PhoneRequest, None]{"desk.logout"}
)

// Desk is such a phone, with who is there.
type Desk struct {
	Device    string    `json:"device"`
	Name      string    `json:"name,omitempty"`
	Until     string    `json:"until,omitempty"`     // time of day at which everybody is logged out
	Extension string    `json:"extension,omitempty"` // of who is logged in
	Since     time.Time `json:"since,omitzero"`
}
