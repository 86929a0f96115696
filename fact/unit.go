package fact

import "time"

// UnitClaimed says that the owner finished set-up with the one-time code.
type UnitClaimed struct {
	By string    `json:"by"`
	At time.Time `json:"at"`
}

// Kind is "unit.claimed".
func (UnitClaimed) Kind() string { return "unit.claimed" }

// Links ties the claim to the owner.
func (f UnitClaimed) Links() Links { return Links{Subject: "unit", Actor: f.By} }

// UnitStarted says that the unit's process began.
type UnitStarted struct {
	Version string    `json:"version"`
	Boot    uint64    `json:"boot"` // how many times the store was opened
	At      time.Time `json:"at"`
}

// Kind is "unit.started".
func (UnitStarted) Kind() string { return "unit.started" }

// Links ties the start to the unit.
func (UnitStarted) Links() Links { return Links{Subject: "unit/process"} }

// UnitStopped says that the unit was told to stop, and did.
type UnitStopped struct {
	Why string    `json:"why"`
	At  time.Time `json:"at"`
}

// Kind is "unit.stopped".
func (UnitStopped) Kind() string { return "unit.stopped" }

// Links ties the stop to the start.
func (UnitStopped) Links() Links {
	return Links{Subject: "unit/process", Causes: []string{"unit/process"}}
}

// ConfigChanged says that the configuration in force is another one than at
// the last start or reload.
type ConfigChanged struct {
	File   string    `json:"file"`
	SHA256 string    `json:"sha256"` // of the configuration in force, as JSON, hex
	Policy string    `json:"policy"` // version of the gate's policy that follows from it
	By     string    `json:"by"`
	At     time.Time `json:"at"`
}

// Kind is "config.changed".
func (ConfigChanged) Kind() string { return "config.changed" }

// Links ties the change to whoever made it.
func (f ConfigChanged) Links() Links {
	return Links{Subject: "config", Actor: f.By, Causes: []string{"config"}}
}

// ControlUsed says that a command came over the local control socket.
type ControlUsed struct {
	Command string    `json:"command"` // e.g. "phone add 201", without secrets
	By      string    `json:"by"`      // user of the other process
	Refused string    `json:"refused,omitempty"`
	At      time.Time `json:"at"`
}

// Kind is "control.used".
func (ControlUsed) Kind() string { return "control.used" }

// Links ties the command to its user.
func (f ControlUsed) Links() Links { return Links{Subject: "control", Actor: f.By} }

// GroupSet says that a ring group has these members from now on; without
// members it is gone.
type GroupSet struct {
	Group
	By string    `json:"by"`
	At time.Time `json:"at"`
}

// Kind is "group.set".
func (GroupSet) Kind() string { return "group.set" }

// Links ties the group to whoever set it.
func (f GroupSet) Links() Links { return Links{Subject: "group/" + f.Number, Actor: f.By} }

// OpeningAdded says that one country was opened for one extension.
type OpeningAdded struct {
	Opening
}

// Kind is "opening.added".
func (OpeningAdded) Kind() string { return "opening.added" }

// Links ties the opening to whoever made it.
func (f OpeningAdded) Links() Links {
	return Links{Subject: "opening/" + f.ID, Actor: f.CreatedBy}
}

// OpeningRemoved says that an opening was closed again.
type OpeningRemoved struct {
	ID string    `json:"id"`
	By string    `json:"by"`
	At time.Time `json:"at"`
}

// Kind is "opening.removed".
func (OpeningRemoved) Kind() string { return "opening.removed" }

// Links ties the closing to the opening.
func (f OpeningRemoved) Links() Links { return openingLinks(f.ID, f.By) }

// OpeningExpired says that an opening ran out.
type OpeningExpired struct {
	ID string    `json:"id"`
	At time.Time `json:"at"`
}

// Kind is "opening.expired".
func (OpeningExpired) Kind() string { return "opening.expired" }

// Links ties the expiry to the opening.
func (f OpeningExpired) Links() Links { return openingLinks(f.ID, "") }

func openingLinks(id, actor string) Links {
	subject := "opening/" + id
	return Links{Subject: subject, Actor: actor, Causes: []string{subject}}
}
