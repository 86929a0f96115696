package fraud

import (
	"flag"
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/sekisho/sekisho/number"
)

var update = flag.Bool("update", false, "look for blocks anew and write world/blocks.toml (some seconds)")

// The search for blocks.
const (
	blocksMax  = 24   // of a kind in a country
	blocksRare = 6    // of the kinds that no office calls
	blockTries = 4000 // in a country
)

// parts says where the numbers of countries with a shared code begin.
var parts = map[string][]string{
	"US": {"1212", "1305", "1415", "1503", "1713"}, "CA": {"1416", "1604", "1514"}, "JM": {"1876"},
	"DO": {"1809", "1829"}, "KZ": {"7701", "7702", "7717", "7727"}, "RU": {"7495", "7903", "7812"},
	"GB": {"4420", "44161", "4477", "4478", "4490", "4498"}, "IT": {"3906", "3902", "3933", "3934", "39899"},
}

// kindOf says what kind a block is, if all of it is.
func kindOf(area, block string) (kind string, ok bool) {
	for i, tail := range []string{"000", "137", "512", "999"} {
		d := number.Parse("+"+block+tail, &number.Context{})
		k := ""
		switch {
		case d.Class == number.Satellite && d.Range != number.RangePremium:
			k = rangeSatellite
		case d.Class != number.International:
		case d.Range == number.RangeMobile:
			k = rangeMobile
		case d.Range == number.RangeFixed:
			k = rangeFixed
		case d.Range == number.RangePremium || d.Range == number.RangeShared:
			k = rangePremium
		case d.Range == number.RangeUnallocated:
			k = rangeUnallocated
		}
		if k == "" || d.Area != area || i > 0 && k != kind {
			return "", false
		}
		kind = k
	}
	return kind, true
}

func findBlocks(area string) map[string][]string {
	found, _ := number.AreaOf(area)
	begin := parts[area]
	if begin == nil {
		begin = []string{found.CallingCode}
	}
	out := map[string][]string{}
	for i := range uint64(blockTries) {
		z := scatter(i + uint64(area[0])<<40 + uint64(area[1])<<50)
		block := begin[z%uint64(len(begin))]
		whole := len(found.CallingCode) + 7 + int(z>>8%5) - blockTail
		for j := 0; len(block) < whole; j++ {
			block += fmt.Sprint(scatter(z+uint64(j)) % 10)
		}
		kind, ok := kindOf(area, block)
		most := blocksMax
		if kind == rangePremium || kind == rangeUnallocated {
			most = blocksRare
		}
		if ok && len(out[kind]) < most && !slices.Contains(out[kind], block) {
			out[kind] = append(out[kind], block)
		}
	}
	return out
}

func writeBlocks(t *testing.T, areas []string) {
	t.Helper()
	var b strings.Builder
	b.WriteString("# Blocks of a thousand numbers by country and kind of range, found by trying:\n")
	b.WriteString("# go test ./sim/fraud -run TestBlocks -update\n")
	line := func(kind string, blocks []string) {
		fmt.Fprintf(&b, "%s = [", kind)
		for i, block := range blocks {
			if i%8 == 0 {
				b.WriteString("\n   ")
			}
			fmt.Fprintf(&b, " %q,", block)
		}
		b.WriteString("\n]\n")
	}
	for _, area := range areas {
		fmt.Fprintf(&b, "\n[%s]\n", area)
		blocks := findBlocks(area)
		for _, kind := range slices.Sorted(maps.Keys(blocks)) {
			line(kind, blocks[kind])
		}
	}
	b.WriteString("\n[\"" + world + "\"]\n")
	var sat []string
	for i := range uint64(400) {
		block := fmt.Sprintf("%d%d", []int{870, 881, 882}[i%3], 10_000+scatter(i)%9_900_000)
		if kind, ok := kindOf(world, block); ok && kind == rangeSatellite && len(sat) < blocksMax {
			sat = append(sat, block)
		}
	}
	line(rangeSatellite, sat)
	if err := os.WriteFile("world/blocks.toml", []byte(b.String()), 0o600); err != nil {
		t.Fatal(err)
	}
}

// TestBlocks: every block is of the country and kind it stands under, as the
// numbering metadata has it, and no country is without ordinary numbers.
func TestBlocks(t *testing.T) {
	list, err := readTariff()
	if err != nil {
		t.Fatal(err)
	}
	if *update {
		writeBlocks(t, list.areas)
		t.Skip("written; run again")
	}
	a, err := readAtlas()
	if err != nil {
		t.Fatal(err)
	}
	for _, area := range append(slices.Clone(list.areas), world) {
		if len(a[area][rangeMobile])+len(a[area][rangeFixed])+len(a[area][rangeSatellite]) == 0 {
			t.Errorf("%s has no ordinary numbers", area)
		}
		for kind, blocks := range a[area] {
			if got, ok := kindOf(area, blocks[0]); !ok || got != kind {
				t.Errorf("%s: block %s is %q, stands under %q", area, blocks[0], got, kind)
			}
		}
	}
}
