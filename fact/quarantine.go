package fact

import "time"

// Quarantine is something set apart: no outside call of it goes out, comes in
// or stays up until a person releases it or its time is over. Emergency and
// internal calls go on.
type Quarantine struct {
	ID string `json:"id"`
	// Kind is what Value names: "phone" (its device), "credential" (a digest
	// username), "extension", "line", "site", "destination" (numbers called) or "unit".
	Kind      string    `json:"kind"`
	Value     string    `json:"value,omitempty"`
	Reason    string    `json:"reason"` // a person's words, or a text key of the unit's own
	Until     time.Time `json:"until,omitzero"`
	Created   time.Time `json:"created"`
	CreatedBy string    `json:"created_by"`
}

// QuarantineSet says that something was set apart.
type QuarantineSet struct {
	Quarantine
}

// Kind is "quarantine.set".
func (QuarantineSet) Kind() string { return "quarantine.set" }

// Links ties the quarantine to whoever set it.
func (f QuarantineSet) Links() Links {
	return Links{Subject: quarantineSubject(f.ID), Actor: f.CreatedBy}
}

// QuarantineReleased says that a person ended a quarantine.
type QuarantineReleased struct {
	ID     string    `json:"id"`
	Reason string    `json:"reason"`
	By     string    `json:"by"`
	At     time.Time `json:"at"`
}

// Kind is "quarantine.released".
func (QuarantineReleased) Kind() string { return "quarantine.released" }

// Links ties the release to the quarantine.
func (f QuarantineReleased) Links() Links { return quarantineLinks(f.ID, f.By) }

// QuarantineExpired says that a quarantine's time is over.
type QuarantineExpired struct {
	ID string    `json:"id"`
	At time.Time `json:"at"`
}

// Kind is "quarantine.expired".
func (QuarantineExpired) Kind() string { return "quarantine.expired" }

// Links ties the expiry to the quarantine.
func (f QuarantineExpired) Links() Links { return quarantineLinks(f.ID, "") }

func quarantineSubject(id string) string { return "quarantine/" + id }

func quarantineLinks(id, actor string) Links {
	subject := quarantineSubject(id)
	return Links{Subject: subject, Actor: actor, Causes: []string{subject}}
}

// CallCut says that the unit ended a call that was up, or on its way, because
// it was told to.
type CallCut struct {
	Call string `json:"call"`
	// Rule is "quarantine" where what the call is of was set apart, "cut" where
	// it was only ended.
	Rule       string    `json:"rule"`
	Quarantine string    `json:"quarantine,omitempty"` // its ID
	Reason     string    `json:"reason"`
	By         string    `json:"by"`
	At         time.Time `json:"at"`
}

// Kind is "call.cut".
func (CallCut) Kind() string { return "call.cut" }

// Links ties the cut to its call and to the quarantine behind it.
func (f CallCut) Links() Links {
	l := Links{Subject: "call/" + f.Call, Actor: f.By, Causes: []string{"call/" + f.Call}}
	if f.Quarantine != "" {
		l.Causes = append(l.Causes, quarantineSubject(f.Quarantine))
	}
	return l
}
