package call

import "time"

// legState is how far a leg has come.
type legState uint8

const (
	legResting    legState = iota // waits a moment before it tries again
	legSeizing                    // waits for a channel
	legAsking                     // waits for the gate
	legProving                    // waits for A to prove itself
	legInviting                   // INVITE sent (A: received), nothing back
	legRinging                    // a provisional response came (A: went)
	legConfirming                 // answered; asked whether it takes the call
	legUp                         // answered
	legCanceling                  // CANCEL sent, the final response is awaited
	legClosing                    // BYE sent, its answer is awaited
	legGone                       // over and released
)

// leg is one side of the call.
type leg struct {
	id      LegID
	kind    Kind
	state   legState
	contact Contact
	line    string
	branch  int       // index of the branch this line attempt belongs to
	until   time.Time // when this state is over at the latest; zero for never
	answer  time.Time // a line that gives no response may be left at until; else, until would be this
	early   bool      // gave (A: got) a description before the answer
	closed  bool      // media closed
	holding bool      // it wants to hear nothing
	music   bool      // it hears music
}

// live says that the leg may still answer.
func (l *leg) live() bool { return l.state < legUp }

// branch is one outside destination with the lines it is tried on.
type branch struct {
	route Route
	next  int // index of the line to try next
	round int
}

func (b *branch) more() bool {
	return b.next < len(b.route.Lines) || (b.route.Emergency && b.round+1 < MaxEmergencyRounds)
}
