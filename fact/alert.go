package fact

import "time"

// AlertSent says that a channel's server took an alert, or that a person was told.
type AlertSent struct {
	Alert     string `json:"alert"`      // its ID, the same on every channel
	AlertKind string `json:"alert_kind"` // "barred", "abroad" …; "test" for one that was asked for
	Notice    string `json:"notice"`     // "begun", "again", "over"
	About     string `json:"about"`      // subject in the evidence, e.g. "phone/201-1"
	Channel   string `json:"channel"`    // its name in the configuration
	Tries     int    `json:"tries"`
	// Of a call to a person: Call is its ID, Acknowledged "yes", or "no" for who
	// heard it and did not say so.
	Call         string    `json:"call,omitempty"`
	Acknowledged string    `json:"acknowledged,omitempty"`
	Raised       time.Time `json:"raised"`
	At           time.Time `json:"at"`
}

// Kind is "alert.sent".
func (AlertSent) Kind() string { return "alert.sent" }

// Links ties the alert to what it is about, and to the call in which it was told.
func (f AlertSent) Links() Links {
	l := alertLinks(f.Alert, f.About)
	if f.Call != "" {
		l.Causes = append(l.Causes, "call/"+f.Call)
	}
	return l
}

// AlertFailed says that an alert could not be delivered: at the first failure,
// and when no more is tried.
type AlertFailed struct {
	Alert     string    `json:"alert"`
	AlertKind string    `json:"alert_kind"`
	Notice    string    `json:"notice"`
	About     string    `json:"about"`
	Channel   string    `json:"channel"`
	Tries     int       `json:"tries"`
	Why       string    `json:"why"` // a stable word or the server's status, never its sentence
	GivenUp   bool      `json:"given_up,omitempty"`
	Raised    time.Time `json:"raised"`
	At        time.Time `json:"at"`
}

// Kind is "alert.failed".
func (AlertFailed) Kind() string { return "alert.failed" }

// Links ties the failure to what the alert is about.
func (f AlertFailed) Links() Links { return alertLinks(f.Alert, f.About) }

func alertLinks(alert, about string) Links {
	l := Links{Subject: "alert/" + alert, Actor: "alert"}
	if about != "" {
		l.Causes = []string{about}
	}
	return l
}

// AlertMemory is a Row of what alerts must not forget over a restart: one that
// a channel still owes, an episode that goes on. An empty Doc takes it away.
type AlertMemory struct {
	Name string // "owed/mail/3f2a…", "episode/barred/phone/201-1"
	Doc  string // JSON of the part alert
}

// Row names the table of alerts' memory.
func (AlertMemory) Row() string { return "alert_memory" }

// AlertLast is when a channel last carried an alert of a kind, and when it
// last failed to, as the facts say.
type AlertLast struct {
	AlertKind string    `json:"alert_kind"`
	Channel   string    `json:"channel"`
	Sent      time.Time `json:"sent,omitzero"`
	Failed    time.Time `json:"failed,omitzero"`
	Why       string    `json:"why,omitempty"` // of the last failure
}
