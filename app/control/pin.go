package control

import "time"

// The operations on personal PINs.
var (
	PINSet      = Op[PINSetRequest, None]{"pin.set"}
	PINGenerate = Op[PINRequest, PINGenerated]{"pin.generate"}
	PINRemove   = Op[PINRequest, None]{"pin.remove"}
	PINUnlock   = Op[PINUnlockRequest, None]{"pin.unlock"}
	PINList     = Op[None, []PIN]{"pin.list"}
)

// PINSetRequest gives a person, an extension, a PIN.
type PINSetRequest struct {
	Extension string `json:"extension"`
	Digits    []byte `json:"digits"` // wiped once they are hashed
}

// PINRequest names a person by extension.
type PINRequest struct {
	Extension string `json:"extension"`
}

// PINGenerated is a PIN that the unit drew. It is shown this once and never
// again.
type PINGenerated struct {
	Extension string `json:"extension"`
	Digits    string `json:"digits"`
}

// PINUnlockRequest lets a person try its PIN again.
type PINUnlockRequest struct {
	Extension string `json:"extension"`
	Reason    string `json:"reason"`
}

// PIN is one extension and whether it has a PIN.
type PIN struct {
	Extension string    `json:"extension"`
	State     string    `json:"state"`           // "set", "locked", "none"
	Wrong     int       `json:"wrong,omitempty"` // wrong ones in a row
	Set       time.Time `json:"set,omitzero"`
	SetBy     string    `json:"set_by,omitempty"`
}

// PINCount is how many of the extensions have a PIN.
type PINCount struct {
	Extensions int `json:"extensions"`
	Set        int `json:"set"`
	Locked     int `json:"locked"` // of those that are set
}
