package attendant

import (
	"time"

	"github.com/sekisho/sekisho/unit/call"
)

// Script is what the unit says to one caller, and does with what that does. Begin
// comes first, and nothing after End.
type Script interface {
	Begin(h Host) // the caller listens
	Listener
	Waiter
	End(h Host) // the caller is gone, or talks with somebody
}

// Listener hears what the caller does.
type Listener interface {
	Key(h Host, key byte) // it pressed a key: 0 to 9, *, #, A to D
	// Said tells that what Say began is over; not whole where it could not be played:
	// the same would not be played the next time, either.
	Said(h Host, whole bool)
}

// Waiter waits for others, or for a time.
type Waiter interface {
	Back(h Host, r call.Refusal) // nobody took the caller for whom Connect was; or Withdraw is done
	Wake(h Host)                 // the time of Host.At has come
}

// Caller is who the unit talks with.
type Caller struct {
	Call      string // the call's ID
	Extension string // of a phone, "" for a line
	Device    string // so
	Line      string // on which it calls, "" for a phone
	Number    string // as it is shown, "" for none
	Name      string // so
	Called    string // what it called first
	Lang      string // the unit's language
}

// Host is the call of a caller, as its script sees it.
type Host interface {
	Now() time.Time
	Caller() Caller
	Voice
	Switch
	// At has Script.Wake called then; the zero time never. There is one such time.
	At(t time.Time)
}

// Voice is what the caller hears.
type Voice interface {
	// Say plays sounds, one after the other, instead of what is played now. Script.Said
	// tells the end, unless something else is played by then or the caller is put
	// through.
	Say(sounds ...Sound)
	// Hush ends what is played.
	Hush()
	// Echo has the caller hear itself, or no more.
	Echo(on bool)
	Ear
}

// Ear keeps what the caller says, and waits for what is done with it.
type Ear interface {
	// Record keeps what the caller says, until that is so long, or the caller is quiet
	// for so long, or gone, or until Recorded. Then it is given, in µ-law at 8 kHz and
	// without the quiet at its end; before Script.End where the caller is gone.
	Record(most, quiet time.Duration, then func(mu []byte))
	// Recorded ends the recording.
	Recorded()
	// Await has work begun that is done elsewhere: its done is called once, from any
	// goroutine. Then the script is told, unless its caller is gone by then.
	Await(begin func(done func(error)), then func(error))
}

// Switch says where the caller goes.
type Switch interface {
	// Connect has the caller wait for what it would reach had it dialed that. While it
	// waits the script still hears its keys. Where nobody takes it, Back says why.
	Connect(dialed string, hear call.Hear)
	// Withdraw ends the waiting.
	Withdraw()
	// Join has the caller hear whoever is in a room, and be heard there; others is how
	// many were there. ok is false where the room is full.
	Join(room string) (others int, ok bool)
	// HangUp hangs up, with how it is told to the caller's side and on record.
	HangUp(r call.Refusal)
}

// Sound is one thing to play: one of the fields.
type Sound struct {
	Clips []string // spoken: of package prompt, one after the other; "" is a rest
	Lang  string   // of Clips, "" for the unit's
	Tone  Tone
	Music bool   // that of the unit; it does not end
	Mu    []byte // µ-law at 8 kHz
}

// Tone is a tone of the unit.
type Tone uint8

// The tones. DialTone, RingBack and Busy do not end.
const (
	_ Tone = iota
	DialTone
	RingBack
	Busy
	Beep  // one, 0.4 s
	Beeps // three, which confirm or warn
)

// Speech is what is spoken in the unit's language.
func Speech(clips ...string) Sound { return Sound{Clips: clips} }
