package fact

import "time"

// RetentionSet says after how many days messages in mailboxes are deleted; without Days
// those of an extension are kept as the unit's are, and the unit's until somebody deletes
// them.
type RetentionSet struct {
	Scope string    `json:"scope"` // ScopeUnit, or an extension
	Days  int       `json:"days,omitempty"`
	By    string    `json:"by"`
	At    time.Time `json:"at"`
}

// Kind is "retention.set".
func (RetentionSet) Kind() string { return "retention.set" }

// RoutingID is one for each scope.
func (f RetentionSet) RoutingID() string { return "retention/" + f.Scope }

// Gone tells whether nothing is set any more.
func (f RetentionSet) Gone() bool { return f.Days == 0 }

// Links ties it to what was set before.
func (f RetentionSet) Links() Links { return routingLinks(f.RoutingID(), f.By) }
