package call

import (
	"time"

	"github.com/sekisho/sekisho/number"
)

// LegID names a leg within its call. Legs are numbered in the order in which
// they came to be and never reused.
type LegID int

// A is the originator's leg. None is no leg.
const (
	A    LegID = 0
	None LegID = -1
)

// Kind says what a leg leads to.
type Kind uint8

// The kinds of legs. Self is of A alone: the unit itself calls, to tell somebody
// something.
const (
	Phone Kind = iota
	Line
	Self
)

func (k Kind) String() string { return [...]string{"phone", "line", "self"}[k] }

// Config is how calls behave in this unit. A zero duration takes its default.
type Config struct {
	NoAnswer     time.Duration // phones ring so long
	LineNoAnswer time.Duration // a line may take so long to answer
	// A line that gives no response at all for so long is left for the next;
	// UrgentSilence is for emergency calls.
	Silence, UrgentSilence time.Duration
	MaxLength              time.Duration // no call lasts longer; emergency calls are not bounded
	LeftWait               time.Duration // whoever a phone held that is lost waits so long
	Announce               AnnounceMode
	AnnounceMax            time.Duration // no announcement lasts longer
}

// AnnounceMode says how a refusal is spoken.
type AnnounceMode uint8

// The modes: not at all, as early media (183) before the refusal, or in an
// answered call that is then ended.
const (
	AnnounceOff AnnounceMode = iota
	AnnounceEarly
	AnnounceAnswered
)

// Setup is what is known when a call comes in.
type Setup struct {
	From  Kind
	Line  string // the line it came in on, for From == Line
	Offer bool   // A's INVITE carried a description; false is a late offer
	Route Route
	// For From == Self: how many things it has to say, at least 1; or that the unit
	// talks with whoever answers.
	Tell   int
	Attend bool
}

// Contact is one registered contact of a phone to ring.
type Contact struct {
	Extension string // whose phone it is: a decline silences all of an extension
	Key       string // the driver's name for the contact
	// After is when it begins to ring, where nobody has answered by then or all
	// others have failed; For is how long it rings, 0 for as long as the route says.
	After, For time.Duration
	// Auto has its phone asked to answer by itself.
	Auto bool
}

// Route is where a call goes: contacts that ring at once, or lines that are
// tried in order, or a refusal, or the unit itself, which does what was dialed or
// talks with the caller, or the caller speaks to all. Exactly one of the six.
type Route struct {
	Contacts    []Contact
	Lines       []string
	Destination number.Destination // for Lines
	Emergency   bool               // for Lines
	Via         Via                // for Lines: how it came to be
	By          string             // for Lines: the extension behind it, "" for a line's
	Refuse      Refusal
	Serve       bool // the unit does it itself
	Attend      bool // the unit talks with the caller
	Page        bool // the caller speaks to all of Contacts that answer, if any do
	// Ring is how long Contacts ring, 0 for as long as usual. Onward has it asked
	// where the caller goes on to whom nobody answers. Confirm has whoever answers
	// on Lines take the call with the key 1.
	Ring            time.Duration
	Onward, Confirm bool
}

// Via says by which path an outside attempt came to be.
type Via uint8

// The paths: dialed by a phone, a phone's redirection, a line's number that leads
// to an outside number, the unit's own wish to tell its owner something, or a
// phone that hands over whom it talks with.
const (
	Dialed Via = iota
	Redirected
	LineToLine
	Alert
	Transferred
	Forwarded
)

func (v Via) String() string {
	return [...]string{"dialed", "redirect", "line-to-line", "alert", "transfer", "forward"}[v]
}

// Refusal is how a call is turned down. The zero Refusal is none.
type Refusal struct {
	Status int
	Phrase string
	Prompt string // announcement to speak first, "" for none
	Reason Reason
}

// Reason is what a Reason header field says (RFC 3326). The zero Reason is
// none.
type Reason struct {
	Protocol string // "SIP" or "Q.850"
	Cause    int
	Text     string
}

// Event says what happened.
type Event uint8

// The events. Those with a leg name it in Input.Leg.
const (
	_            Event = iota
	Start              // begin; once, first
	Seized             // a channel of the line is ours
	SeizeFailed        // no channel of the line is free, or it is down
	Verdict            // the gate answered: Passed, or Refusal, with Ask where a PIN would let it by
	Proved             // the PIN was right
	NotProved          // it was not; Again where another may be typed, else Refusal.Prompt says why not
	Short              // a line's leg ends soon, or talks for long; with Ask A may keep the call with its PIN
	WentOn             // the leg goes on from A's own budget
	NotWentOn          // that has no money for it
	Trying             // the line gave its first response of any kind, 100 too
	Progress           // a 18x came: Status; Media when it brought a description
	Answered           // a 2xx came; Media when it brought a description
	Failed             // the leg's INVITE failed: Status, Reason
	RedirectedTo       // the phone answered 3xx and the driver resolved it: Route
	Cancel             // A gave up: Reason
	Bye                // the leg hung up: Reason
	Closed             // the leg's session is over and all its requests are answered; or it died
	Held               // the leg wants to hear nothing for now
	Resumed            // it does again
	BadMedia           // the leg's description could not be taken
	Refer              // the leg hands its peer over: Route; Back rings where it comes to nothing
	Park               // the leg leaves, its peer waits; Back rings after Wait
	Take               // a leg comes in Leg's place, or for whom none has answered: Kind, Media, Up
	Gone               // the leg goes on in another call
	Digit              // DTMF: Digit
	MediaTimeout       // nothing has come from the leg for too long
	PlayDone           // the announcement is over
	PlayFailed         // the announcement could not be played; A was not answered for it
	Onward             // where the caller goes on to: Route
	Served             // what A dialed was done, or not: Refusal.Prompt says so
	Connect            // whom the unit talks with goes on to Route, and hears Hear meanwhile
	Withdraw           // nobody is called any more whom it waits for
	Finish             // the unit has said all there is to say: Refusal says why
	Cut                // the call must end: Refusal says why
	Timer              // Deadline has come
)

var eventNames = [...]string{
	"?", "start", "seized", "seize-failed", "verdict", "proved", "not-proved", "short",
	"went-on", "not-went-on", "trying", "progress", "answered",
	"failed", "redirected", "cancel", "bye", "closed", "held", "resumed", "bad-media",
	"refer", "park", "take", "gone",
	"digit", "media-timeout", "play-done", "play-failed", "onward", "served",
	"connect", "withdraw", "finish", "cut", "timer",
}

func (e Event) String() string {
	if int(e) < len(eventNames) {
		return eventNames[e]
	}
	return eventNames[0]
}

// Input is one thing that happened to the call.
type Input struct {
	Event    Event
	Leg      LegID
	Status   int
	Media    bool // a description came with it
	Passed   bool // Verdict: the gate passed it
	Ask      bool // Verdict, Short: it would with the PIN of who calls
	Again    bool // NotProved
	NextLine bool // Verdict: the refusal is the line's alone; another may pass
	Up       bool // Take: the leg was answered, in another call
	Kind     Kind // Take
	Refusal  Refusal
	Reason   Reason
	Route    Route
	Back     []Contact // who rings where the peer is given back, none: nobody
	Wait     time.Duration
	Digit    byte
	Hear     Hear // Connect
}
