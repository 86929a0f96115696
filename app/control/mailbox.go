package control

import "time"

// The operations on mailboxes (留守番電話).
var (
	MailboxList   = Op[None, []Mailbox]{"mailbox.list"}
	MailboxGreet  = Op[GreetingRequest, None]{"mailbox.greeting"}
	MailboxKeep   = Op[RetentionRequest, None]{"mailbox.keep"}
	MailboxMail   = Op[MailRequest, None]{"mailbox.mail"}
	MailboxPIN    = Op[MailboxRequest, PINGenerated]{"mailbox.pin"}
	MailboxShut   = Op[MailboxRequest, None]{"mailbox.shut"}
	MailboxUnlock = Op[PINUnlockRequest, None]{"mailbox.unlock"}
	MessageList   = Op[MailboxRequest, []Message]{"message.list"}
	MessageSound  = Op[MessageRequest, Sound]{"message.sound"}
	MessageDelete = Op[MessageRequest, None]{"message.delete"}
)

// Mailbox is the mailbox of an extension.
type Mailbox struct {
	Extension string    `json:"extension"`
	New       int       `json:"new"`     // messages that nobody has heard
	Heard     int       `json:"heard"`   // those that somebody has
	Seconds   int       `json:"seconds"` // of all
	Last      time.Time `json:"last,omitzero"`
	Greeting  int       `json:"greeting,omitempty"` // seconds of its own, 0 for what all say
	Days      int       `json:"days,omitempty"`     // after which messages are deleted, 0 for never
	PIN       string    `json:"pin"`                // "none", "set" or "locked"
	Mail      string    `json:"mail,omitempty"`     // where mails about messages go
}

// MailboxRequest names a mailbox by its extension.
type MailboxRequest struct {
	Extension string `json:"extension"`
}

// GreetingRequest sets what a mailbox says: µ-law at 8 kHz, none for what all say.
type GreetingRequest struct {
	Extension string `json:"extension"`
	Mu        []byte `json:"mu,omitempty"`
}

// RetentionRequest sets after how many days messages are deleted: of an extension, or ""
// of all that have nothing of their own; 0 takes that back.
type RetentionRequest struct {
	Extension string `json:"extension,omitempty"`
	Days      int    `json:"days"`
}

// MailRequest has mails about the messages of a mailbox sent to an address, or none any
// more where that is "".
type MailRequest struct {
	Extension string `json:"extension"`
	Address   string `json:"address,omitempty"`
	Attach    bool   `json:"attach,omitempty"` // the sound goes with them
	Delete    bool   `json:"delete,omitempty"` // a message is deleted once its mail is taken
}

// Message is what a caller left.
type Message struct {
	ID      string    `json:"id"`
	From    string    `json:"from,omitempty"`
	Seconds int       `json:"seconds"`
	Left    time.Time `json:"left"`
	Heard   time.Time `json:"heard,omitzero"`
	Call    string    `json:"call"`
	Mail    string    `json:"mail,omitempty"` // "due", "taken", "given-up"; "" where nobody wanted one
}

// MessageRequest names a message.
type MessageRequest struct {
	ID string `json:"id"`
}

// Sound is µ-law at 8 kHz.
type Sound struct {
	Mu []byte `json:"mu"`
}
