package number

import (
	"errors"
	"fmt"
	"strconv"
	"testing"

	"pgregory.net/rapid"
)

func TestBlocksAreRead(t *testing.T) {
	for text, want := range map[string]Block{
		"3xx": {"300", "399"}, "30X": {"300", "309"}, "301": {"301", "301"}, "300-349": {"300", "349"},
		"2000-2999": {"2000", "2999"}, "4xxxxxxx": {"40000000", "49999999"},
	} {
		if b, err := ParseBlock(text); err != nil || b != want {
			t.Errorf("%s: %v, %v", text, b, err)
		}
	}
	for _, text := range []string{
		"", "x", "xx", "3", "3x3", "349-300", "30-399", "300-", "-300", "300-399-", "3é", "4xxxxxxxx", "+30", "３００",
	} {
		if b, err := ParseBlock(text); !errors.Is(err, ErrBlockForm) || b != (Block{}) {
			t.Errorf("%q is read as %v, %v", text, b, err)
		}
	}
}

// TestBlocksAreWrittenShort: as people write them, where that is possible.
func TestBlocksAreWrittenShort(t *testing.T) {
	for want, b := range map[string]Block{
		"3xx": {"300", "399"}, "30x": {"300", "309"}, "301": {"301", "301"}, "300-349": {"300", "349"},
		"000-999": {"000", "999"},
	} {
		if got := b.String(); got != want {
			t.Errorf("%v is written %s, want %s", b, got, want)
		}
	}
	for _, b := range []Block{{}, {"3x", "39"}, {"399", "300"}} {
		if err := CheckBlock(b, ExtensionPlan{}); !errors.Is(err, ErrBlockForm) {
			t.Errorf("%v: %v", b, err)
		}
	}
}

// TestBlocksThatCollide: with what of it, and why.
func TestBlocksThatCollide(t *testing.T) {
	plan := ExtensionPlan{OutsidePrefix: "9", Features: []string{"45"}}
	for text, want := range map[string]error{
		"18x": ErrExtensionNetwork, "11x": ErrExtensionEmergency, "0xx": ErrExtensionZero, "9xx": ErrExtensionPrefix,
		"45x": ErrExtensionFeature, "3xx": nil,
	} {
		b, err := ParseBlock(text)
		if err != nil {
			t.Fatal(err)
		}
		if err := CheckBlock(b, plan); !errors.Is(err, want) {
			t.Errorf("%s: %v, want %v", text, err, want)
		}
	}
}

func TestBlocksWrittenAreReadAgain(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		b := drawBlock(t, "block")
		if again, err := ParseBlock(b.String()); err != nil || again != b {
			t.Fatalf("%v is written %s and read as %v, %v", b, b, again, err)
		}
	})
}

// drawBlock draws a block of two to four digits.
func drawBlock(t *rapid.T, name string) Block {
	long := rapid.IntRange(2, 4).Draw(t, name+" length")
	most := map[int]int{2: 99, 3: 999, 4: 9999}[long]
	from := rapid.IntRange(0, most).Draw(t, name+" from")
	to := rapid.IntRange(from, min(most, from+200)).Draw(t, name+" to")
	return Block{fmt.Sprintf("%0*d", long, from), fmt.Sprintf("%0*d", long, to)}
}

// TestABlockIsWhatItsExtensionsAre: a block passes exactly where each of its
// extensions would, and two overlap exactly where they share one.
func TestABlockIsWhatItsExtensionsAre(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		b, c := drawBlock(t, "block"), drawBlock(t, "other")
		plan := ExtensionPlan{
			OutsidePrefix: rapid.SampledFrom([]string{"", "0", "9", "83"}).Draw(t, "prefix"),
			Features:      rapid.SampledFrom([][]string{nil, {"777"}, {"45", "*21"}}).Draw(t, "features"),
		}
		var want error
		shared := false
		from, _ := strconv.Atoi(b.First)
		to, _ := strconv.Atoi(b.Last)
		for n := from; n <= to; n++ {
			ext := fmt.Sprintf("%0*d", len(b.First), n)
			if !b.Holds(ext) {
				t.Fatalf("%s does not hold %s", b, ext)
			}
			if err := CheckExtension(ext, plan); err != nil && want == nil {
				want = err
			}
			shared = shared || c.Holds(ext)
		}
		if err := CheckBlock(b, plan); (err == nil) != (want == nil) {
			t.Fatalf("%s: %v, though of its extensions: %v", b, err, want)
		}
		if b.Overlaps(c) != shared || c.Overlaps(b) != shared {
			t.Fatalf("%s and %s overlap: %v, though they share one: %v", b, c, b.Overlaps(c), shared)
		}
	})
}
