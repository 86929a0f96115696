package fact

import "time"

// MailSet says that messages of a mailbox are sent to somebody by mail; without Address
// none are any more.
type MailSet struct {
	Extension string `json:"extension"`
	Address   string `json:"address,omitempty" private:"yes"`
	// Attach says that the mail has the sound.
	Attach bool `json:"attach,omitempty"`
	// Delete says that a message is deleted once a server has taken it with its sound.
	Delete bool      `json:"delete,omitempty"`
	By     string    `json:"by"`
	At     time.Time `json:"at"`
}

// Kind is "mail.set".
func (MailSet) Kind() string { return "mail.set" }

// RoutingID is one for each mailbox.
func (f MailSet) RoutingID() string { return "mail/" + f.Extension }

// Gone tells whether no mail is sent any more.
func (f MailSet) Gone() bool { return f.Address == "" }

// Links ties it to what was set before.
func (f MailSet) Links() Links { return routingLinks(f.RoutingID(), f.By) }

// What becomes of the mail about a message.
const (
	MailDue     = "due"
	MailTaken   = "taken" // by the server
	MailGivenUp = "given-up"
)

// MailSent says that a mail server has taken the mail about a message.
type MailSent struct {
	ID        string    `json:"id"` // of the message
	Extension string    `json:"extension"`
	Sound     bool      `json:"sound,omitempty"` // it has the sound
	Tries     int       `json:"tries"`           // since the unit was started
	At        time.Time `json:"at"`
}

// Kind is "mail.sent".
func (MailSent) Kind() string { return "mail.sent" }

// Links ties it to the message.
func (f MailSent) Links() Links { return messageLinks(f.ID, actorMail) }

// MailFailed says that the mail about a message was not taken for the first time, or that
// it is not tried any more.
type MailFailed struct {
	ID        string    `json:"id"` // of the message
	Extension string    `json:"extension"`
	Why       string    `json:"why"` // "refused", "status 550", "off" …
	Tries     int       `json:"tries"`
	GivenUp   bool      `json:"given_up,omitempty"`
	At        time.Time `json:"at"`
}

// Kind is "mail.failed".
func (MailFailed) Kind() string { return "mail.failed" }

// Links ties it to the message.
func (f MailFailed) Links() Links { return messageLinks(f.ID, actorMail) }

// MailOff is why no mail was sent that nobody wants any more.
const MailOff = "off"

// actorMail sends the mails about messages.
const actorMail = "unit:mail"
