package control

import (
	"time"

	"github.com/sekisho/sekisho/text"
)

// The operations on tariffs. All amounts are yen as decimal text, exactly.
var (
	TariffCheck  = Op[TariffFile, TariffPreview]{"tariff.check"}
	TariffImport = Op[TariffFile, Tariff]{"tariff.import"}
	TariffRemove = Op[TariffRequest, None]{"tariff.remove"}
	TariffShow   = Op[TariffShowRequest, TariffRates]{"tariff.show"}
	TariffPrice  = Op[TariffPriceRequest, TariffPriced]{"tariff.price"}
)

// TariffFile is a file of prices for one line, or for all lines without a
// tariff of their own.
type TariffFile struct {
	Line string `json:"line,omitempty"`
	Name string `json:"name"`
	Data []byte `json:"data"`
	// Before is the mark that the preview gave: an import is refused where
	// another one came in between.
	Before string `json:"before,omitempty"`
	Reason string `json:"reason,omitempty"` // needed to import
}

// TariffRequest names the tariff of a line, "" for that of all others.
type TariffRequest struct {
	Line   string `json:"line,omitempty"`
	Reason string `json:"reason"`
}

// TariffPreview is what an import would do.
type TariffPreview struct {
	Line     string        `json:"line,omitempty"`
	Encoding string        `json:"encoding,omitempty"`
	Rows     int           `json:"rows"`
	Mark     string        `json:"mark,omitempty"`   // of the rates
	Before   string        `json:"before,omitempty"` // of those in whose place they would be, "" for none imported
	Faults   []TariffFault `json:"faults,omitempty"` // nothing can be imported
	Demo     bool          `json:"demo"`             // the invented prices would go
	// Changes are against what calls are billed by now, the first so many; where
	// that is the demo tariff, against nothing.
	Changes []TariffChange `json:"changes"`
	Added   int            `json:"added"`
	Removed int            `json:"removed"`
	Priced  int            `json:"priced"`  // have another price
	Renamed int            `json:"renamed"` // have other words alone
	// Cheaper counts the prefixes on which calls would count as less than now:
	// budgets reach farther with them. 0 where the invented prices go.
	Cheaper int `json:"cheaper"`
	// Missing says what would have no price now and count as the dearest.
	Missing TariffMissing `json:"missing"`
}

// TariffMissing is classes within Japan, and country codes.
type TariffMissing struct {
	Classes []string `json:"classes"`
	Codes   []string `json:"codes"`
}

// TariffFault is one thing that is wrong in a file.
type TariffFault struct {
	Line   int          `json:"line,omitempty"`   // of the file, from 1
	Column string       `json:"column,omitempty"` // as the file names it
	Cell   string       `json:"cell,omitempty"`
	Why    text.Message `json:"why"`
}

// TariffRate is the price of one prefix from a time on.
type TariffRate struct {
	Prefix  string    `json:"prefix"`
	NameJA  string    `json:"name_ja,omitempty"`
	NameEN  string    `json:"name_en,omitempty"`
	Yen     string    `json:"yen"`
	Unit    string    `json:"unit_seconds"`
	Connect string    `json:"connect_yen"`
	Minimum string    `json:"minimum_yen"`
	From    time.Time `json:"valid_from,omitzero"`
	Source  string    `json:"source,omitempty"`
}

// TariffChange is one rate that changes; nil is none.
type TariffChange struct {
	Before *TariffRate `json:"before,omitempty"`
	After  *TariffRate `json:"after,omitempty"`
}

// Tariff says which prices are in force.
type Tariff struct {
	Line      string    `json:"line,omitempty"` // whose own it is
	Demo      bool      `json:"demo"`           // invented: none was imported
	Broken    bool      `json:"broken"`         // what is kept is not what was imported: every call is dear
	File      string    `json:"file,omitempty"`
	SHA256    string    `json:"sha256,omitempty"` // of the file, hex
	Mark      string    `json:"mark,omitempty"`   // of the rates
	Rows      int       `json:"rows"`
	Created   time.Time `json:"created,omitzero"`
	CreatedBy string    `json:"created_by,omitempty"`
}

// TariffShowRequest asks for the rates whose prefixes begin alike.
type TariffShowRequest struct {
	Line   string `json:"line,omitempty"`
	Prefix string `json:"prefix,omitempty"`
}

// TariffRates is a tariff with the rates asked for.
type TariffRates struct {
	Tariff Tariff       `json:"tariff"`
	Rates  []TariffRate `json:"rates"`
}

// TariffPriceRequest asks what a call costs. Without a line it is the one that
// would carry it.
type TariffPriceRequest struct {
	Number  string `json:"number"`
	Line    string `json:"line,omitempty"`
	Minutes int    `json:"minutes"`
}

// TariffPriced is how a number is understood, and what a call to it costs.
type TariffPriced struct {
	Dialed    string      `json:"dialed"`
	Class     string      `json:"class"`
	Digits    string      `json:"digits,omitempty"`
	Area      string      `json:"area,omitempty"`
	Range     string      `json:"range,omitempty"`
	Why       string      `json:"why,omitempty"`  // not understood: there is no call, and no price
	Line      string      `json:"line,omitempty"` // that would carry it
	Tariff    Tariff      `json:"tariff"`
	Rate      *TariffRate `json:"rate,omitempty"`
	Known     bool        `json:"known"` // false: the dearest rate counts
	PerMinute string      `json:"per_minute_yen,omitempty"`
	Minutes   int         `json:"minutes"`
	Cost      string      `json:"cost_yen,omitempty"` // of a call of so many minutes
}
