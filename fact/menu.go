package fact

import "time"

// MenuSet says what a spoken menu (自動応答) is; without Choices there is none any more.
// What it says is beside the evidence, which has the hash of it.
type MenuSet struct {
	Menu    string       `json:"menu"` // its number, as an extension's
	Choices []MenuChoice `json:"choices,omitempty"`
	// Otherwise is who rings where nothing is chosen, "" for nobody: the caller is hung
	// up on.
	Otherwise string    `json:"otherwise,omitempty"`
	Greeting  string    `json:"greeting,omitempty"` // SHA-256 of what it says, hexadecimal
	By        string    `json:"by"`
	At        time.Time `json:"at"`
}

// MenuChoice is where a key leads.
type MenuChoice struct {
	Key string `json:"key"` // "0" to "9"
	To  string `json:"to"`  // an extension, a group, or another menu
}

// Kind is "menu.set".
func (MenuSet) Kind() string { return "menu.set" }

// RoutingID is one for each menu.
func (f MenuSet) RoutingID() string { return "menu/" + f.Menu }

// Gone tells whether there is no such menu.
func (f MenuSet) Gone() bool { return len(f.Choices) == 0 }

// Links ties the menu to what it was before.
func (f MenuSet) Links() Links { return routingLinks(f.RoutingID(), f.By) }
