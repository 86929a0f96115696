package fact

import "time"

// Message is what a caller left in a mailbox.
type Message struct {
	ID        string    `json:"id"`
	Extension string    `json:"extension"` // whose mailbox it is
	Call      string    `json:"call"`      // in which it was left
	From      string    `json:"from,omitempty" private:"yes"`
	Seconds   int       `json:"seconds"`
	Sound     Bulk      `json:"sound_mark"` // µ-law at 8 kHz
	Left      time.Time `json:"left"`
	Heard     time.Time `json:"heard,omitzero"` // first
	Mail      string    `json:"mail,omitempty"` // MailDue …; "" where nobody wants one
}

// MessageLeft says that a message is in a mailbox.
type MessageLeft struct{ Message }

// Kind is "message.left".
func (MessageLeft) Kind() string { return "message.left" }

// Links ties the message to its call.
func (f MessageLeft) Links() Links {
	return Links{Subject: "message/" + f.ID, Causes: []string{"call/" + f.Call}}
}

// MessageHeard says that somebody heard a message for the first time.
type MessageHeard struct {
	ID   string    `json:"id"`
	By   string    `json:"by"` // "phone/201-1"; "line/main" with the PIN from outside
	Call string    `json:"call,omitempty"`
	At   time.Time `json:"at"`
}

// Kind is "message.heard".
func (MessageHeard) Kind() string { return "message.heard" }

// Links ties it to the message.
func (f MessageHeard) Links() Links { return messageLinks(f.ID, f.By) }

// MessageExported says that somebody took a copy of a message's sound.
type MessageExported struct {
	ID string    `json:"id"`
	By string    `json:"by"`
	At time.Time `json:"at"`
}

// Kind is "message.exported".
func (MessageExported) Kind() string { return "message.exported" }

// Links ties it to the message.
func (f MessageExported) Links() Links { return messageLinks(f.ID, f.By) }

// MessageDeleted says that a message is gone, with its sound.
type MessageDeleted struct {
	ID   string    `json:"id"`
	By   string    `json:"by"`
	Call string    `json:"call,omitempty"`
	At   time.Time `json:"at"`
}

// Kind is "message.deleted".
func (MessageDeleted) Kind() string { return "message.deleted" }

// Links ties it to the message.
func (f MessageDeleted) Links() Links { return messageLinks(f.ID, f.By) }

func messageLinks(id, by string) Links {
	subject := "message/" + id
	return Links{Subject: subject, Actor: by, Causes: []string{subject}}
}
