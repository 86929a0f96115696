package call

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/sekisho/sekisho/number"
)

// Op says what is to be done.
type Op uint8

// The effects. A driver carries them out in the order given.
const (
	_              Op = iota
	OpStarted         // record: the call began
	OpSeize           // take a channel of Line for Leg; Emergency may pre-empt. Answer: Seized or SeizeFailed
	OpAsk             // ask the gate whether Leg may go out on Line. Answer: Verdict
	OpChallenge       // speak Refusal.Prompt to A about its PIN, Answered first. Answer: PlayDone or PlayFailed
	OpProve           // check the PIN that A typed: Keys, which are the driver's to wipe. Answer: Proved or NotProved
	OpUnproven        // record: A did not prove itself, because of Why
	OpWarn            // have Leg hear that the call ends soon
	OpSecret          // keep from the other side what A types
	OpOpen            // do so no more
	OpGoOn            // have Leg go on from A's own budget. Answer: WentOn or NotWentOn
	OpInvite          // send Leg's INVITE, with an offer made From a leg, or of our own for None
	OpRing            // answer A's INVITE with a provisional Status; with the answer made From a leg unless None
	OpAnswer          // answer Leg's INVITE 200, with the description made From a leg, or our own for None
	OpRefuse          // answer Leg's INVITE with Refusal
	OpCancel          // cancel Leg's INVITE, with Reason
	OpBye             // hang Leg up, with Reason
	OpDigit           // give Leg the DTMF Digit
	OpBridge          // join the media of Leg and From
	OpPart            // have Leg and whom it is joined with hear each other no more
	OpRingback        // play ring-back to Leg
	OpMusic           // play music to Leg
	OpToneOff         // stop what is played to Leg
	OpAnnounce        // play Refusal.Prompt to A, as early media or Answered. Answer: PlayDone or PlayFailed
	OpTell            // say Item to Leg, instead of what is said. Answer: PlayDone or PlayFailed
	OpThank           // say to Leg that an item is acknowledged, as OpTell does
	OpTold            // record: Item was told to Leg whole
	OpAcknowledged    // record: Leg acknowledged Item
	OpCloseMedia      // close Leg's media: it will not be heard again
	OpKeepDialog      // make the state of Leg's dialog durable
	OpAnswered        // record: Leg answered, the call is up
	OpWaits           // record: Leg waits; From has left it alone, None where it waits once more
	OpJoined          // record: Leg talks in a call that was up before
	OpReferred        // tell Leg, which hands its peer over, how that goes: Status, the last from 200
	OpOnward          // say where the caller goes on to, because of Why; Refusal is what it came to. Answer: Onward
	OpConfirm         // ask Leg to take the call with the key 1
	OpServe           // do what A dialed. Answer: Served
	OpAttend          // talk with Leg; Refusal says why nobody answered whom it waited for
	OpKey             // Leg, which the unit talks with, pressed Digit
	OpSaid            // what Leg was played is over: Whole, or it could not be played
	OpPage            // Leg speaks to those who will listen
	OpListen          // Leg hears who speaks, and is not heard
	OpRelease         // Leg is gone: release its channel, media, stored dialog and everything else
	OpDrop            // Leg did not end in time: forget its session
	OpEnded           // record: the call is over; Refusal and Leg say how and by whom
	OpDone            // the call has no legs left: forget it
)

var opNames = [...]string{
	"?", "started", "seize", "ask", "challenge", "prove", "unproven",
	"warn", "secret", "open", "go-on", "invite", "ring", "answer", "refuse",
	"cancel", "bye", "digit", "bridge", "part", "ringback", "music", "tone-off",
	"announce", "tell", "thank", "told", "acknowledged", "close-media", "keep-dialog", "answered",
	"waits", "joined", "referred", "onward", "confirm", "serve", "attend", "key", "said",
	"page", "listen",
	"release", "drop", "ended", "done",
}

func (o Op) String() string {
	if int(o) < len(opNames) {
		return opNames[o]
	}
	return opNames[0]
}

// Effect is one thing to do. Which fields count is said with each Op.
type Effect struct {
	Op          Op
	Leg         LegID
	From        LegID // whose description is to be used, or who left; None for none
	Status      int
	Contact     Contact // OpInvite of a phone
	Back        bool    // so: its phone is given back whom it left
	Line        string  // OpSeize, OpAsk, OpInvite of a line
	Destination number.Destination
	Via         Via    // OpAsk
	By          string // OpAsk: the extension behind it
	Emergency   bool
	Answered    bool // OpAnnounce, OpChallenge: answer A first
	Keys        []byte
	Item        int // OpTell, OpTold, OpAcknowledged: which of Setup.Tell, from 0
	Why         string
	Refusal     Refusal
	Reason      Reason
	Digit       byte
	Whole       bool // OpSaid
}

func legName(l LegID) string {
	switch {
	case l == None:
		return "-"
	case l == A:
		return "A"
	}
	return fmt.Sprintf("B%d", int(l))
}

// String gives the effect in the words of the scripts in testdata.
func (e Effect) String() string {
	var b strings.Builder
	b.WriteString(e.Op.String())
	if e.Op != OpStarted && e.Op != OpDone {
		b.WriteString(" " + legName(e.Leg))
	}
	switch e.Op {
	case OpInvite, OpRing, OpAnswer, OpBridge, OpWaits:
		b.WriteString(" from=" + legName(e.From))
	}
	word := func(name, value string) {
		if value != "" {
			b.WriteString(" " + name + "=" + value)
		}
	}
	if e.Status != 0 {
		word("status", fmt.Sprint(e.Status))
	}
	word("contact", e.Contact.Key)
	word("line", e.Line)
	if e.Op == OpAsk {
		word("via", e.Via.String())
		word("by", e.By)
	}
	if e.Emergency {
		b.WriteString(" emergency")
	}
	if e.Answered {
		b.WriteString(" answered")
	}
	if e.Keys != nil { // what was typed is not to be seen
		word("keys", fmt.Sprint(len(e.Keys)))
	}
	if e.Op == OpChallenge {
		word("say", e.Refusal.Prompt)
	}
	word("why", e.Why)
	word("refusal", e.Refusal.String())
	word("reason", e.Reason.String())
	switch e.Op {
	case OpTell, OpTold, OpAcknowledged:
		word("item", fmt.Sprint(e.Item))
	}
	if e.Digit != 0 {
		word("digit", string(rune(e.Digit)))
	}
	if e.Whole {
		b.WriteString(" whole")
	}
	return b.String()
}

// String gives the refusal as status, phrase and prompt.
func (r Refusal) String() string {
	if r.Status == 0 {
		return ""
	}
	s := fmt.Sprintf("%d", r.Status)
	if r.Phrase != "" {
		s += fmt.Sprintf("(%s)", r.Phrase)
	}
	if r.Prompt != "" {
		s += "/" + r.Prompt
	}
	if r.Reason.Protocol != "" {
		s += "[" + r.Reason.String() + "]"
	}
	return s
}

// String gives the value of a Reason header field (RFC 3326 §2), "" for none.
func (r Reason) String() string {
	if r.Protocol == "" {
		return ""
	}
	b := make([]byte, 0, reasonUsual)
	b = strconv.AppendInt(append(append(b, r.Protocol...), ";cause="...), int64(r.Cause), 10)
	if r.Text != "" {
		b = strconv.AppendQuote(append(b, ";text="...), r.Text)
	}
	return string(b)
}

// reasonUsual is how many bytes a Reason has at most, as a rule.
const reasonUsual = 96
