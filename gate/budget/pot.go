package budget

import "github.com/sekisho/sekisho/number"

// Pot is a kind of calls that has budgets of its own, so that what is stolen
// abroad does not keep an office from calling home.
type Pot string

// The pots.
const (
	Abroad  Pot = "abroad"  // international, satellites, codes of no country
	Premium Pot = "premium" // 0990, 0570, 0180, 020
	Mobile  Pot = "mobile"
	Home    Pot = "home" // all other calls within Japan
)

// Pots lists them.
func Pots() []Pot { return []Pot{Abroad, Premium, Mobile, Home} }

// PotOf is the pot of a destination, "" for one that no budget counts:
// emergency calls, and what never leaves for a carrier.
func PotOf(d number.Destination) Pot {
	switch d.Class {
	case number.NotUnderstood, number.Emergency, number.Extension, number.Feature:
		return ""
	case number.Mobile:
		return Mobile
	case number.Premium, number.Navi, number.Telegong, number.Pager:
		return Premium
	case number.International, number.GlobalCode, number.Satellite, number.CarrierSelect:
		return Abroad
	}
	return Home
}

// Ordinary tells the pots of ordinary calls within Japan.
func (p Pot) Ordinary() bool { return p == Home || p == Mobile }
