package tariff

import (
	_ "embed" // the demo tariff
	"sync"
)

//go:embed demo.csv
var demoFile []byte

var demo = sync.OnceValue(func() *Table {
	t, _, _ := Read(demoFile) // a test reads it; without a table everything would be dear
	return t
})

// Demo is the tariff that a unit counts by until one is imported: invented, at
// realistic magnitude, as each Source says. It has a price for every class and
// every country code, and none for what is assigned to nobody.
func Demo() *Table { return demo() }
