package tariff

import "time"

// Limits of what a table may hold.
const (
	// RatesMax bounds the rates of a table: carriers' lists of all places
	// abroad have some thousands.
	RatesMax = 50_000
	// PriceMax bounds each price of a rate.
	PriceMax Money = 1_000_000 * Yen
	// UnitMin and UnitMax bound the time that is charged as one.
	UnitMin = 100 * time.Millisecond
	UnitMax = time.Hour
	// NameMax and SourceMax bound texts, in bytes of UTF-8.
	NameMax   = 200
	SourceMax = 500
)

// Limits of a file.
const (
	// FileMax bounds a file in bytes, as it is.
	FileMax = 4 << 20
	// FaultsMax bounds the faults that are told of one file.
	FaultsMax = 50
	// cellShown is how much of a wrong cell a fault shows, in letters.
	cellShown = 40
)
