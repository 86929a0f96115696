package carrier

import (
	"sync"
	"time"
)

// rate is a price by started units. The figures are a practice tariff; only
// Sierra Leone's is the one that the press named in 2015.
type rate struct {
	milliYen int64
	unit     time.Duration
}

// dearest is what a country without a price of its own costs.
const dearest = "232"

// rates are prices abroad by country code.
var rates = map[string]rate{
	"232": {175_000, time.Minute}, "1": {9_000, time.Minute}, "44": {20_000, time.Minute},
	"82": {30_000, time.Minute}, "86": {30_000, time.Minute}, "33": {20_000, time.Minute},
	"49": {20_000, time.Minute}, "39": {20_000, time.Minute}, "65": {30_000, time.Minute},
	"61": {20_000, time.Minute}, "63": {35_000, time.Minute}, "66": {45_000, time.Minute},
	"84": {85_000, time.Minute}, "91": {80_000, time.Minute}, "55": {30_000, time.Minute},
	"7": {110_000, time.Minute}, "224": {180_000, time.Minute}, "237": {170_000, time.Minute},
	"245": {185_000, time.Minute}, "252": {185_000, time.Minute}, "371": {160_000, time.Minute},
	"881": {300_000, 6 * time.Second}, "882": {300_000, 6 * time.Second}, "870": {300_000, 6 * time.Second},
}

var homeRates = map[Class]rate{
	Domestic: {8_000, 3 * time.Minute}, Mobile: {16_000, time.Minute}, Premium: {10_000, 20 * time.Second},
	Service: {8_000, 3 * time.Minute},
}

// Price is what a call of that length costs: per started unit, nothing when
// it was not answered (zero length with answered false is the caller's case).
func (r Reading) Price(talk time.Duration) (milliYen int64) {
	p, ok := homeRates[r.Class]
	if r.Class == International {
		p, ok = rates[r.Country]
	}
	if !ok || p.unit == 0 {
		return 0
	}
	units := int64((talk + p.unit - 1) / p.unit)
	return max(units, 1) * p.milliYen
}

// Entry is one call in the books.
type Entry struct {
	Line     string // account or address of the line
	CallID   string
	User     string // the user part of the Request-URI, byte for byte
	Caller   string // who calls, as presented
	Withheld bool   // the caller asked not to be shown
	Reading  Reading
	Start    time.Time
	Answer   time.Time
	End      time.Time
	Status   int   // final status
	MilliYen int64 // billed, once ended
}

// Books is the carrier's record of every INVITE that it accepted as a line's.
type Books struct {
	mu      sync.Mutex
	entries []*Entry
}

// Entries copies the books in the order of arrival.
func (b *Books) Entries() []Entry {
	b.mu.Lock()
	defer b.mu.Unlock()
	out := make([]Entry, len(b.entries))
	for i, e := range b.entries {
		out[i] = *e
	}
	return out
}

// Since copies the entries from an index on.
func (b *Books) Since(n int) []Entry {
	all := b.Entries()
	return all[min(n, len(all)):]
}

func (b *Books) open(e Entry) *Entry {
	b.mu.Lock()
	defer b.mu.Unlock()
	p := &e
	b.entries = append(b.entries, p)
	return p
}

func (b *Books) change(e *Entry, f func(*Entry)) {
	b.mu.Lock()
	defer b.mu.Unlock()
	f(e)
}
