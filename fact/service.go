package fact

import (
	"strings"
	"time"
)

// What an extension can have set; stable words.
const (
	ServiceDoNotDisturb = "do-not-disturb" // it does not ring
	ServiceOneCall      = "one-call"       // it does not ring while it is in a call
	ServicePage         = "page"           // it may have other phones answer by themselves
	ServiceMulticast    = "multicast"      // of a group, or ScopeUnit: it is spoken to by multicast
	ServicePause        = "pause"          // no queue rings it
	// ServiceRecord has calls of an extension, of a number of ours, or with ScopeUnit all
	// outside calls, be recorded.
	ServiceRecord = "record"
	// ServiceCallerID says what outside calls of an extension, or with ScopeUnit of all that
	// have nothing of their own, show of who calls: one of the CallerID words.
	ServiceCallerID    = "caller-id"
	ForwardAlways      = "always"
	ForwardBusy        = "busy"
	ForwardUnanswered  = "unanswered"
	ForwardUnreachable = "unreachable"
)

// What outside calls show, where nobody dials 184 or 186 in front.
const (
	CallerIDWithhold = "withhold" // as behind 184
	CallerIDShow     = "show"     // as behind 186
	CallerIDContract = "contract" // as the contract of the line has it
)

// ServiceSet says what an extension does with calls that it gets.
type ServiceSet struct {
	Extension string `json:"extension"`
	Service   string `json:"service"`
	On        bool   `json:"on"`
	// To is, of a Forward, an extension, a group, or "+" and an outside number; of
	// ServiceMulticast an address with its port, and of ServiceCallerID one of its words.
	To      string    `json:"to,omitempty"`
	Seconds int       `json:"seconds,omitempty"` // that it rings before ForwardUnanswered, 0 for as long as usual
	By      string    `json:"by"`                // a person, or "phone/201-1" by a feature code
	Call    string    `json:"call,omitempty"`    // in which the code was dialed
	At      time.Time `json:"at"`
}

// Kind is "service.set".
func (ServiceSet) Kind() string { return "service.set" }

// RoutingID is one for each extension and service.
func (f ServiceSet) RoutingID() string { return "service/" + f.Extension + "/" + f.Service }

// Gone tells whether it is off.
func (f ServiceSet) Gone() bool { return !f.On }

// Phone is the phone that set it by a feature code, "" for a person.
func (f ServiceSet) Phone() string {
	device, _ := strings.CutPrefix(f.By, "phone/")
	if device == f.By {
		return ""
	}
	return device
}

// Links ties the setting to the one before.
func (f ServiceSet) Links() Links { return routingLinks(f.RoutingID(), f.By) }
