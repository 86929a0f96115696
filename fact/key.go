package fact

import "time"

// KeySet says what an outside-line key (外線キー) is for: a channel of a line that
// everybody sees; without a Line there is no such key any more.
type KeySet struct {
	Key  string `json:"key"` // "key1"
	Line string `json:"line,omitempty"`
	// Numbers are those whose calls it takes; none: all that the line has.
	Numbers []string  `json:"numbers,omitempty"`
	Label   string    `json:"label,omitempty"`
	By      string    `json:"by"`
	At      time.Time `json:"at"`
}

// Kind is "key.set".
func (KeySet) Kind() string { return "key.set" }

// RoutingID is one for each key.
func (f KeySet) RoutingID() string { return "key/" + f.Key }

// Gone tells whether there is no such key.
func (f KeySet) Gone() bool { return f.Line == "" }

// Links ties the key to what it was before, and to its line.
func (f KeySet) Links() Links {
	l := routingLinks(f.RoutingID(), f.By)
	if f.Line != "" {
		l.Causes = append(l.Causes, "line/"+f.Line)
	}
	return l
}
