package fraud

import (
	_ "embed" // the blocks
	"fmt"
	"strconv"
	"sync"
)

// The kinds of ranges abroad.
const (
	rangeMobile      = "mobile"
	rangeFixed       = "fixed"
	rangePremium     = "premium"
	rangeUnallocated = "unallocated"
	rangeSatellite   = "satellite"
)

// blockTail is the digits of a number behind its block of a thousand.
const blockTail = 3

// atlas is where numbers come from: blocks by country and kind. The ranges are
// real, so that whoever judges a call by its range finds one; the numbers in
// them are made up.
type atlas map[string]map[string][]string

//go:embed world/blocks.toml
var blocksFile []byte

// readAtlas reads the embedded blocks once.
var readAtlas = sync.OnceValues(func() (atlas, error) {
	a := atlas{}
	if err := strict(blocksFile, &a); err != nil {
		return nil, fmt.Errorf("blocks: %w", err)
	}
	return a, nil
})

// number gives the n-th number of a block of the kind; where the country has
// no such range, of another one.
func (a atlas) number(area, kind string, block, n uint64) string {
	list := a[area][kind]
	for _, k := range []string{rangeMobile, rangeFixed, rangeSatellite} {
		if len(list) == 0 {
			list = a[area][k]
		}
	}
	if len(list) == 0 {
		return ""
	}
	tail := strconv.FormatUint(n%1000, 10)
	for len(tail) < blockTail {
		tail = "0" + tail
	}
	return list[block%uint64(len(list))] + tail
}

// homeNumber makes an ordinary number of Japan, as it is dialed, with the
// price class that it has.
func homeNumber(role string, z uint64) (dialed, class string) {
	digits := func(n int) string {
		s := strconv.FormatUint(z%1_000_000_000_000, 10)
		for len(s) < n {
			s = "0" + s
		}
		return s[len(s)-n:]
	}
	pick := func(of ...string) string { return of[scatter(z)%uint64(len(of))] }
	switch role {
	case "mobile":
		return pick("0901", "0903", "0905", "0802", "0804", "0703") + digits(7), "mobile"
	case "freephone":
		return "0120" + digits(6), "free"
	case "phone":
		return "0503" + digits(7), "phone"
	case "navi":
		return "0570" + digits(6), "navi"
	case "premium":
		return "0990" + digits(6), "premium"
	case "service":
		return pick("117", "104", "177"), "service"
	case "emergency":
		return pick("110", "119", "118"), "free"
	}
	prefix := pick("033", "035", "066", "0452", "0523", "0925")
	return prefix + digits(10-len(prefix)), "geographic"
}
