package control

import (
	"time"

	"github.com/sekisho/sekisho/fact"
)

// The operations on spoken menus (自動応答).
var (
	MenuList = Op[None, []Menu]{"menu.list"}
	MenuSet  = Op[MenuSetRequest, None]{"menu.set"}
)

// Menu is a spoken menu.
type Menu struct {
	Menu      string            `json:"menu"` // its number
	Choices   []fact.MenuChoice `json:"choices"`
	Otherwise string            `json:"otherwise,omitempty"`
	Seconds   int               `json:"seconds"` // how long it speaks
	By        string            `json:"by"`
	At        time.Time         `json:"at"`
}

// MenuSetRequest sets a menu; without choices there is no such menu any more.
type MenuSetRequest struct {
	Menu      string            `json:"menu"`
	Choices   []fact.MenuChoice `json:"choices,omitempty"`
	Otherwise string            `json:"otherwise,omitempty"`
	// Greeting is what it says, µ-law at 8 kHz; none: what it said before.
	Greeting []byte `json:"greeting,omitempty"`
}
