package fact

import "time"

// PIN is the personal number by which a person, an extension, proves itself on
// a keypad, and how the keypad was used since. What is kept is no PIN but a slow
// hash, made with a key that lives outside the database.
type PIN struct {
	Extension  string    `json:"extension"`
	HashSealed Sealed    `json:"secret_mark"`
	Set        time.Time `json:"set"`
	SetBy      string    `json:"set_by"`
	// Wrong is how many PINs in a row were not the right one.
	Wrong int `json:"wrong,omitempty"`
}

// MailboxPerson and an extension are whose PIN it is by which the mailbox of that
// extension is heard from elsewhere.
const MailboxPerson = "mailbox-"

// RoomPerson and the digit of a conference room are whose PIN it is by which one comes in.
const RoomPerson = "room-"

// PINSet says that a person has a PIN from now on, instead of any before.
type PINSet struct {
	PIN
	Generated bool `json:"generated,omitempty"` // the unit drew it
}

// Kind is "pin.set".
func (PINSet) Kind() string { return "pin.set" }

// Links ties the PIN to whoever set it.
func (f PINSet) Links() Links { return Links{Subject: pinSubject(f.Extension), Actor: f.SetBy} }

// PINRemoved says that a person has no PIN any more.
type PINRemoved struct {
	Extension string    `json:"extension"`
	By        string    `json:"by"`
	At        time.Time `json:"at"`
}

// Kind is "pin.removed".
func (PINRemoved) Kind() string { return "pin.removed" }

// Links ties the removal to the PIN.
func (f PINRemoved) Links() Links { return pinLinks(f.Extension, f.By) }

// PINUnlocked says that an administrator lets a PIN be typed again that was
// locked because of wrong ones.
type PINUnlocked struct {
	Extension string    `json:"extension"`
	Reason    string    `json:"reason"`
	By        string    `json:"by"`
	At        time.Time `json:"at"`
}

// Kind is "pin.unlocked".
func (PINUnlocked) Kind() string { return "pin.unlocked" }

// Links ties the unlocking to the PIN.
func (f PINUnlocked) Links() Links { return pinLinks(f.Extension, f.By) }

func pinSubject(extension string) string { return "pin/" + extension }

func pinLinks(extension, actor string, more ...string) Links {
	subject := pinSubject(extension)
	return Links{Subject: subject, Actor: actor, Causes: append([]string{subject}, more...)}
}

// ChallengePassed says that a person typed the right PIN. What was typed stands
// in no fact.
type ChallengePassed struct {
	Call   string    `json:"call"`
	Leg    int       `json:"leg"` // on whose keypad
	Person string    `json:"person"`
	Device string    `json:"device,omitempty"`
	Rule   string    `json:"rule"` // of the gate, that asked
	At     time.Time `json:"at"`
}

// Kind is "challenge.passed".
func (ChallengePassed) Kind() string { return "challenge.passed" }

// Links ties it to the PIN and to the call.
func (f ChallengePassed) Links() Links {
	return pinLinks(f.Person, challenger(f.Device), "call/"+f.Call)
}

// The reasons of a ChallengeFailed; stable words.
const (
	FailedWrong    = "wrong-pin"   // a PIN that was not the right one: it counts
	FailedNoPIN    = "no-pin"      // the person has none: nobody was asked
	FailedLocked   = "locked"      // too many wrong ones in a row: nobody was asked
	FailedTooOften = "too-often"   // too many tries in a short time
	FailedNoAnswer = "no-answer"   // nothing was typed for too long
	FailedHungUp   = "hung-up"     // the caller gave up
	FailedUnheard  = "unheard"     // the phone could not be spoken to
	FailedUnproven = "not-checked" // the unit could not check the PIN, or write that down
)

// ChallengeFailed says that a person did not prove itself: a wrong PIN, each
// one by itself, or the end of the asking.
type ChallengeFailed struct {
	Call   string    `json:"call"`
	Leg    int       `json:"leg"`
	Person string    `json:"person"`
	Device string    `json:"device,omitempty"`
	Rule   string    `json:"rule"`
	Reason string    `json:"reason"` // one of the Failed words
	At     time.Time `json:"at"`
}

// Kind is "challenge.failed".
func (ChallengeFailed) Kind() string { return "challenge.failed" }

// Links ties it to the PIN and to the call.
func (f ChallengeFailed) Links() Links {
	return pinLinks(f.Person, challenger(f.Device), "call/"+f.Call)
}

func challenger(device string) string {
	if device == "" {
		return ""
	}
	return "phone/" + device
}
