package fraud

import (
	"net/netip"
	"time"
)

// Kind says what an Event tells.
type Kind uint8

// The kinds.
const (
	Attempt    Kind = iota + 1 // somebody wants an outside call: answer it
	Answered                   // the callee picked up: the carrier begins to bill
	Ended                      // the call is over: hung up, cut, busy or never answered
	Lapsed                     // nobody answered the challenge
	Kept                       // the caller answered a prompt while it talked
	Registered                 // the phone registered from a new address
	Forwarded                  // the extension's calls are sent on to a number outside
	Fetched                    // somebody fetched the phone's set-up from Source
	Reviewed                   // a manager looked at the extension after a refusal
)

// Path is the way in which a call came to be.
type Path string

// The paths.
const (
	Dialed     Path = "dialed"
	Redirect   Path = "redirect"
	Transfer   Path = "transfer"
	Forward    Path = "forward"
	LineToLine Path = "line-to-line"
)

// Event is what can be seen from inside the office's main unit. It never tells
// whose call it is; only a manager who looked says so, the day after.
type Event struct {
	Kind      Kind
	At        time.Time
	Call      uint64 // names the call, from the first attempt to the end
	Extension string
	Path      Path
	Source    netip.Addr
	Dialed    string // as it was dialed
	// Number is the E.164 number, without "+", that the call reaches if it is
	// put through; "" for short numbers. Area is its country (ISO 3166; "JP";
	// "001" for codes of no country). A subject of good faith may use them in
	// place of a parser of its own.
	Number string
	Area   string
	// Proved says that the challenge to this attempt was answered.
	Proved bool
	// Talk is how long the callee was on the line, of Ended; 0 where nobody
	// picked up.
	Talk time.Duration
	// Intruder is what the manager found, of Reviewed.
	Intruder bool
}

// Abroad tells whether the number is outside Japan.
func (e *Event) Abroad() bool { return e.Area != "" && e.Area != home }

// Emergency tells whether the police, the coast guard or the fire brigade is
// called.
func (e *Event) Emergency() bool {
	return e.Dialed == "110" || e.Dialed == "118" || e.Dialed == "119"
}

const home = "JP"
