package fact

import "time"

// ServiceDesk has the phones of an extension be free for anybody to log in at
// (フリーアドレス). Its ServiceSet.To is a time of day at which everybody is logged out
// there, "20:00", or "".
const ServiceDesk = "desk"

// Why somebody is logged out.
const (
	DeskByCode    = "code"
	DeskElsewhere = "elsewhere" // who was there has logged in at another phone
	DeskReplaced  = "replaced"  // somebody else has logged in there
	DeskTime      = "time"      // of day
	DeskByPerson  = "person"    // somebody said so by command
	DeskGone      = "gone"      // the phone, or the extension, is not there any more, or not for this
)

// DeskUsed says who is logged in at a phone.
type DeskUsed struct {
	Device    string    `json:"device"`
	Extension string    `json:"extension,omitempty"` // of who is logged in, "" for nobody
	Was       string    `json:"was,omitempty"`       // who was, where nobody is
	Why       string    `json:"why"`                 // one of the Desk words
	By        string    `json:"by"`                  // a person, "phone/801-1" by a code, or "unit"
	Call      string    `json:"call,omitempty"`      // in which the code was dialed
	At        time.Time `json:"at"`
}

// Kind is "desk.used".
func (DeskUsed) Kind() string { return "desk.used" }

// RoutingID is one for each phone.
func (f DeskUsed) RoutingID() string { return "desk/" + f.Device }

// Gone tells whether nobody is logged in.
func (f DeskUsed) Gone() bool { return f.Extension == "" }

// Links ties it to who was there before.
func (f DeskUsed) Links() Links { return routingLinks(f.RoutingID(), f.By) }
