package session

import (
	"github.com/sekisho/sekisho/wire/sip"
	"github.com/sekisho/sekisho/wire/sip/dialog"
)

// Header is one header field that goes into a message, by name and value.
type Header struct{ Name, Value string }

// Body is a message body with its content type; the zero Body is none.
// Session descriptions are opaque here.
type Body struct {
	Type  string // "application/sdp"
	Bytes []byte
}

// Empty reports whether there is no body.
func (b Body) Empty() bool { return len(b.Bytes) == 0 }

// EventKind says what happened.
type EventKind uint8

// The kinds of events for the session's owner.
const (
	// Progress (UAC): a provisional response above 100. Body is the early
	// answer, if there is one; with NeedAnswer it is an offer, and the owner
	// owes AnswerOffer.
	Progress EventKind = iota + 1
	// Answered (UAC): a 2xx. Body is the answer (also when it came earlier, in
	// a reliable provisional response); with NeedAnswer it is an offer, and
	// the owner owes AnswerOffer, which goes out in the ACK. With
	// Config.HoldACK, and without NeedAnswer, the owner owes Acknowledge.
	Answered
	// Failed (UAC): the INVITE ended without a 2xx: Status is the final
	// response, 408 for none, 503 for no way to send, 487 after Cancel.
	// Message is the response, nil if there is none. Nothing follows.
	Failed
	// Cancelled (UAS): the caller gave up, and has its 487. Nothing follows.
	Cancelled
	// Confirmed (UAS): the ACK for our 2xx came. Body is the answer to the
	// offer in our 2xx, if we made one there.
	Confirmed
	// Offered: the peer makes an offer inside the session; with NeedAnswer
	// and an empty Body it asks for ours. AnswerOffer or RefuseOffer is owed.
	Offered
	// OfferAnswered: the answer to our offer (Offer, or a reliable Ring that
	// made one).
	OfferAnswered
	// OfferRefused: our offer was refused with Status; what was agreed before
	// stays.
	OfferRefused
	// Info: an INFO request, already answered (RFC 6086).
	Info
	// Ended: the session is over: a BYE, an expiry, a dead dialog (Status).
	// Nothing follows.
	Ended
	// Referred: the peer asks that its place be taken by whom Refer-To in Message
	// names (RFC 3515). AnswerRefer is owed before the call returns.
	Referred
	// Trying (UAC): the first provisional response of any kind came, 100 too:
	// somebody is there. A Progress follows if it was more than a 100.
	Trying
)

// String returns the name of the kind.
func (k EventKind) String() string {
	names := [...]string{
		"none", "progress", "answered", "failed", "cancelled", "confirmed",
		"offered", "offer-answered", "offer-refused", "info", "ended", "referred", "trying",
	}
	if int(k) < len(names) {
		return names[k]
	}
	return "unknown"
}

// Event tells the owner what happened to its session. It owns its bytes but
// for Message, which is good only until the call returns.
type Event struct {
	Kind       EventKind
	Status     int
	Phrase     string
	Body       Body
	NeedAnswer bool   // AnswerOffer or RefuseOffer is owed
	Reliable   bool   // of Progress: came with 100rel
	Fork       int    // of Progress and Answered: which early dialog, from 0
	Reason     string // value of the Reason header, if there is one (RFC 3326)
	Message    *sip.Message
}

// Op is what an effect does.
type Op uint8

// The operations, carried out by the driver in the order of Effects.
const (
	// OpRequest sends a request in a new client transaction; its responses
	// come back with Req.
	OpRequest Op = iota + 1
	// OpCancel sends a CANCEL for the INVITE of Req (RFC 3261 §9.1).
	OpCancel
	// OpAbandon forgets the client transaction of Req.
	OpAbandon
	// OpACK sends the ACK for a 2xx, directly, without a transaction.
	OpACK
	// OpRespond gives the server transaction Tx its response.
	OpRespond
	// OpRepeat sends the last response of Tx again.
	OpRepeat
	// OpEvent tells the owner.
	OpEvent
	// OpDone says that the session is over and nothing will come of it any
	// more, but for ACK and BYE to late forked answers.
	OpDone
)

// Effect is one thing to do.
type Effect struct {
	Op      Op
	Req     uint32 // of OpRequest, OpCancel, OpAbandon
	Tx      uint64 // of OpRespond, OpRepeat
	Head    dialog.Head
	Status  int
	Phrase  string
	ToTag   string // of OpRespond: the tag to answer with, "" for none
	Contact bool   // the message carries our Contact
	Headers []Header
	Body    Body
	Event   Event
}
