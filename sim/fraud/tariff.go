package fraud

import (
	"embed"
	"fmt"
	"maps"
	"slices"
	"sync"
	"time"

	"github.com/BurntSushi/toml"
)

//go:embed world/tariff.toml
var tariffFile embed.FS

// Rate is a price: so much for each unit that has begun, nothing where nobody
// picked up.
type Rate struct {
	MilliYen int64
	Unit     time.Duration
}

// Price is what a call costs on which somebody talked for so long; talk is
// above 0.
func (r Rate) Price(talk time.Duration) (milliYen int64) {
	if r.Unit <= 0 {
		return 0
	}
	return max(1, int64((talk+r.Unit-1)/r.Unit)) * r.MilliYen
}

// tariff is the practice carrier's price list.
type tariff struct {
	areas []string // sorted
	yen   []int64  // a minute, of the area in the same place
	codes []string // of no country
	world []int64  // for six seconds
	home  map[string]Rate
}

// readTariff reads the embedded list once.
var readTariff = sync.OnceValues(func() (*tariff, error) {
	var file struct {
		Minute map[string]int64 `toml:"minute"`
		Six    map[string]int64 `toml:"six_seconds"`
		Home   map[string]struct {
			Yen  int64 `toml:"yen"`
			Unit int64 `toml:"unit_s"`
		} `toml:"home"`
	}
	if _, err := toml.DecodeFS(tariffFile, "world/tariff.toml", &file); err != nil {
		return nil, fmt.Errorf("tariff: %w", err)
	}
	t := &tariff{home: map[string]Rate{}}
	for _, a := range slices.Sorted(maps.Keys(file.Minute)) {
		t.areas, t.yen = append(t.areas, a), append(t.yen, file.Minute[a])
	}
	for _, c := range slices.Sorted(maps.Keys(file.Six)) {
		t.codes, t.world = append(t.codes, c), append(t.world, file.Six[c])
	}
	for k, r := range file.Home {
		t.home[k] = Rate{r.Yen * 1000, time.Duration(r.Unit) * time.Second}
	}
	return t, nil
})

// Tier groups countries by their price.
type Tier string

// The tiers: to 30 yen a minute, to 100, above; and of those above, from 170.
const (
	Cheap   Tier = "cheap"
	Middle  Tier = "middle"
	Dear    Tier = "dear"
	Dearest Tier = "dearest"
)

const dearestYen = 170

func tierOf(yen int64) Tier {
	switch {
	case yen <= 30:
		return Cheap
	case yen <= 100:
		return Middle
	}
	return Dear
}

// Prices is a world's price list, as the carrier published it: what an
// installer would have entered.
type Prices struct {
	minute map[string]int64 // yen by area
	list   *tariff
}

// newPrices deals the prices out; permuted, to other countries.
func newPrices(t *tariff, seed uint64, permute bool) *Prices {
	p := &Prices{minute: make(map[string]int64, len(t.areas)), list: t}
	yen := slices.Clone(t.yen)
	if permute {
		newRand(seed, purposePrices).Shuffle(len(yen), func(i, j int) { yen[i], yen[j] = yen[j], yen[i] })
	}
	for i, a := range t.areas {
		p.minute[a] = yen[i]
	}
	return p
}

// Abroad is the price of calls to a country, or of the code of no country
// that the number begins with. Countries that are not on the list cost as much
// as the dearest.
func (p *Prices) Abroad(area, number string) Rate {
	for i, c := range p.list.codes {
		if area == world && len(number) > len(c) && number[:len(c)] == c {
			return Rate{p.list.world[i] * 1000, 6 * time.Second}
		}
	}
	yen, ok := p.minute[area]
	if !ok {
		yen = slices.Max(p.list.yen)
	}
	return Rate{yen * 1000, time.Minute}
}

// Areas lists the countries on the list.
func (p *Prices) Areas() []string { return slices.Clone(p.list.areas) }

// Home is the price of a class of numbers in Japan: geographic, mobile, phone
// (050), navi, premium, service, free.
func (p *Prices) Home(class string) Rate { return p.list.home[class] }

// tier lists the countries of a tier, in the order of their codes.
func (p *Prices) tier(t Tier) []string {
	var out []string
	for _, a := range p.list.areas {
		yen := p.minute[a]
		if t == "" || tierOf(yen) == t || t == Dearest && yen >= dearestYen {
			out = append(out, a)
		}
	}
	return out
}

const world = "001"
