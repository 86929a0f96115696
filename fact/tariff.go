package fact

import "time"

// Tariff is what a line's carrier charges, as it was imported.
type Tariff struct {
	Line      string    `json:"line,omitempty"` // "" for all lines without one of their own
	File      string    `json:"file"`           // the name of the file
	SHA256    string    `json:"sha256"`         // of the file as it was, hex
	Rows      int       `json:"rows"`           // rates
	Rates     Bulk      `json:"rates_mark"`     // what the table writes as CSV
	Created   time.Time `json:"created"`
	CreatedBy string    `json:"created_by"`
}

// TariffImported says that calls are billed by this tariff from now on.
type TariffImported struct {
	Tariff
	Before string `json:"before,omitempty"` // the mark of the rates in whose place it is
	Reason string `json:"reason,omitempty"`
	// Cheaper counts the prefixes on which calls count as less than before: with
	// them every budget reaches farther.
	Cheaper int `json:"cheaper,omitempty"`
}

// Kind is "tariff.imported".
func (TariffImported) Kind() string { return "tariff.imported" }

// Links ties the tariff to the one before it.
func (f TariffImported) Links() Links { return tariffLinks(f.Line, f.CreatedBy) }

// TariffRemoved says that a line has no tariff of its own any more or, without
// a line, that the unit has none but the demo tariff.
type TariffRemoved struct {
	Line   string    `json:"line,omitempty"`
	Before string    `json:"before"` // the mark of its rates
	By     string    `json:"by"`
	At     time.Time `json:"at"`
	Reason string    `json:"reason,omitempty"`
	// Cheaper is as in TariffImported.
	Cheaper int `json:"cheaper,omitempty"`
}

// Kind is "tariff.removed".
func (TariffRemoved) Kind() string { return "tariff.removed" }

// Links ties the removal to the tariff.
func (f TariffRemoved) Links() Links { return tariffLinks(f.Line, f.By) }

func tariffLinks(line, actor string) Links {
	subject := "tariff"
	if line != "" {
		subject += "/" + line
	}
	return Links{Subject: subject, Actor: actor, Causes: []string{subject}}
}
