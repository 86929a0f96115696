package stack

import (
	"github.com/sekisho/sekisho/wire/sip"
	"github.com/sekisho/sekisho/wire/sip/edge"
	"github.com/sekisho/sekisho/wire/sip/session"
)

// PhoneCall is an INVITE to one contact of a phone.
type PhoneCall struct {
	// Place is where the phone stands: transport, address and listener of its
	// registration. The INVITE goes there.
	Place edge.Source
	// Device is who is called. What comes inside the call from another
	// address must prove to be of this device; "": of any.
	Device  string
	URI     string   // Request-URI: the contact as registered
	Routes  []string // Path of the registration, as URIs
	From    string   // name-addr of the caller, without tag
	To      string   // name-addr of the phone, without tag
	Body    session.Body
	Headers []session.Header
	Owner   Owner
	Config  *session.Config // nil: Config.Session of the stack
	// MaxForwards of the INVITE, 1 to 70; 0 means 70. A B2BUA passes on what
	// it got, less one (RFC 7332).
	MaxForwards int
}

// LineCall is an INVITE to a line, but for its Request-URI and To, which are
// written from the pass's destination.
type LineCall struct {
	Call    string // the call that the pass is for
	From    string // name-addr, without tag
	Routes  []string
	Body    session.Body
	Headers []session.Header
	Owner   Owner
	// MaxForwards is as in PhoneCall.
	MaxForwards int
}

// Outgoing is a request outside a session: REGISTER, OPTIONS, NOTIFY and so
// on. INVITE, ACK and CANCEL can't be sent this way.
type Outgoing struct {
	Method  sip.Method
	URI     string
	Routes  []string
	From    string // name-addr, without tag
	To      string
	CallID  string // "": a fresh one
	FromTag string // "": a fresh one
	ToTag   string // for a request in a dialog that no session holds
	CSeq    uint32 // 0: 1
	Contact string // whole Contact value; "": none
	Headers []session.Header
	Body    session.Body
	// Challenges gives 401 and 407 to done instead of answering them with the
	// line's credentials.
	Challenges bool
}

// Result is how a request outside a session ended.
type Result struct {
	// Status is that of the final response, 408 if none came, 503 if there
	// was no way to send.
	Status int
	// Message is the final response, nil if there is none. It is good until
	// the call returns.
	Message *sip.Message
	// From is where the response came from.
	From edge.Source
}

// Done hears how a request ended, on the shard's loop.
type Done func(sh *Shard, r Result)
