package chain

import (
	"bytes"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// tamperings change a log of 20 leaves with checkpoints at 4, 10 and 16.
var tamperings = []struct {
	name        string
	tamper      func(t testing.TB, b *book)
	index, last uint64
	why         string
}{
	{"leaf changed", func(t testing.TB, b *book) {
		b.replace(t, 5, `"boot":1`, `"boot":2`)
	}, 5, 5, "leaf and its hash"},
	{"leaf changed with its hash", func(t testing.TB, b *book) {
		b.replace(t, 4, `"boot":1`, `"boot":2`)
		b.hashes[FirstHash(4)] = LeafHash(b.records[4].Leaf)
	}, 4, 5, "not with the hashes above"},
	{"leaf changed with all hashes", func(t testing.TB, b *book) {
		b.replace(t, 12, `"boot":1`, `"boot":2`)
		b.rehash()
	}, 10, 15, "checkpoint at 16 leaves disagrees"},
	{"subtree hash changed", func(_ testing.TB, b *book) {
		b.hashes[FirstHash(3)+2][0] ^= 1
	}, 3, 3, "a hash of the hash table"},
	{"leaf hash changed", func(_ testing.TB, b *book) { b.hashes[FirstHash(6)][0] ^= 1 }, 6, 6, "leaf and its hash"},
	{"leaf dropped", func(_ testing.TB, b *book) {
		b.records = append(b.records[:7], b.records[8:]...)
	}, 7, 7, "missing"},
	{"leaf dropped, the rest moved up", func(_ testing.TB, b *book) {
		b.records = append(b.records[:7], b.records[8:]...)
		for i := range b.records {
			b.records[i].Seq = uint64(i)
		}
		b.rehash()
	}, 7, 7, "says it is leaf 8"},
	{"leaf inserted", func(_ testing.TB, b *book) {
		b.records = append(b.records[:8], b.records[7:]...)
		for i := range b.records {
			b.records[i].Seq = uint64(i)
		}
	}, 8, 8, "says it is leaf 7"},
	{"two leaves exchanged", func(_ testing.TB, b *book) {
		b.records[2], b.records[9] = b.records[9], b.records[2]
		b.records[2].Seq, b.records[9].Seq = 2, 9
	}, 2, 2, "says it is leaf 9"},
	{"body changed", func(_ testing.TB, b *book) {
		b.records[1].Body = bytes.Replace(b.records[1].Body, []byte(`"boot":1`), []byte(`"boot":9`), 1)
	}, 1, 1, "body is not the one"},
	{"personal field changed", func(_ testing.TB, b *book) {
		b.records[3].Private = bytes.Replace(b.records[3].Private, []byte("033"), []byte("044"), 1)
	}, 3, 3, `personal field "to"`},
	{"personal field added", func(_ testing.TB, b *book) {
		b.records[1].Private = []byte(`{"by":{"s":"AA==","v":"me"}}`)
	}, 1, 1, `personal field "by"`},
	{"kind changed", func(_ testing.TB, b *book) {
		b.records[1].Kind = "unit.stopped"
	}, 1, 1, "its row says unit.stopped"},
	{"subject changed", func(_ testing.TB, b *book) { b.records[0].Subject = "call/x" }, 0, 0, "is about"},
	{"cut below a checkpoint", func(_ testing.TB, b *book) {
		b.records = b.records[:13]
		b.rehash()
	}, 13, 15, "checkpoint was signed at 16"},
	{"cut after the last checkpoint, hashes left", func(_ testing.TB, b *book) {
		b.records = b.records[:18]
	}, 18, 18, "hash table goes on"},
	{"hashes cut", func(_ testing.TB, b *book) {
		b.hashes = b.hashes[:FirstHash(11)]
	}, 11, 11, "is missing"},
	{"last leaf added without hashes", func(_ testing.TB, b *book) {
		r := b.records[19]
		r.Seq = 20
		r.Leaf = bytes.Replace(r.Leaf, []byte(`"seq":19`), []byte(`"seq":20`), 1)
		b.records = append(b.records, r)
	}, 20, 20, "is missing"},
	{"spaces added to a leaf", func(_ testing.TB, b *book) {
		b.records[1].Leaf = append([]byte(" "), b.records[1].Leaf...)
		b.rehash()
	}, 1, 1, "canonical"},
	{"leaf of another unit", func(t testing.TB, b *book) {
		b.replace(t, 17, `"unit":"u1"`, `"unit":"u2"`)
		b.rehash()
	}, 17, 17, "another unit"},
	{"cause to come", func(t testing.TB, b *book) {
		b.replace(t, 17, `"cause":[]`, `"cause":[18]`)
		b.rehash()
	}, 17, 17, "later leaf"},
}

func TestVerifyNamesTheFirstBadLeaf(t *testing.T) {
	for _, c := range tamperings {
		b := write(t, 20, 4, 10, 16)
		c.tamper(t, b)
		switch got := b.verify(t).Bad; {
		case got == nil:
			t.Errorf("%s: not found", c.name)
		case got.Index != c.index || got.Last != c.last || !strings.Contains(got.Why, c.why):
			t.Errorf("%s: leaf %d–%d, %s; want %d–%d, …%s…",
				c.name, got.Index, got.Last, got.Why, c.index, c.last, c.why)
		}
	}
}

// TestAnyByteCounts flips one bit anywhere in what is stored.
func TestAnyByteCounts(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var tb testing.TB = whole{t: t}
		n := rapid.IntRange(1, 20).Draw(t, "leaves")
		b := write(tb, n, uint64(n))
		i := rapid.IntRange(0, n-1).Draw(t, "leaf")
		r := &b.records[i]
		parts := [][]byte{r.Leaf, r.Body, r.Private, []byte(r.Kind), []byte(r.Subject)}
		part := rapid.IntRange(0, len(parts)-1).Draw(t, "part")
		bytes := bytes.Clone(parts[part])
		if len(bytes) == 0 {
			return
		}
		at := rapid.IntRange(0, len(bytes)-1).Draw(t, "byte")
		bytes[at] ^= 1 << rapid.IntRange(0, 7).Draw(t, "bit")
		switch part {
		case 0:
			r.Leaf = bytes
		case 1:
			r.Body = bytes
		case 2:
			r.Private = bytes
		case 3:
			r.Kind = string(bytes)
		case 4:
			r.Subject = string(bytes)
		}
		if got := b.verify(tb).Bad; got == nil || got.Index != uint64(i) {
			t.Fatalf("leaf %d, part %d, byte %d: %+v", i, part, at, got)
		}
	})
}

// whole lets rapid's T stand in for testing.TB.
type whole struct {
	testing.TB
	t *rapid.T
}

// Helper does nothing.
func (whole) Helper() {}

// Fatal fails the draw.
func (w whole) Fatal(args ...any) { w.t.Fatal(args...) }

// Fatalf fails the draw.
func (w whole) Fatalf(format string, args ...any) { w.t.Fatalf(format, args...) }

// TestHashPlace finds every stored hash with the leaf that adds it.
func TestHashPlace(t *testing.T) {
	var tree Tree
	for leaf := range uint64(70) {
		for before := range tree.Append(nil) {
			at, n := HashPlace(FirstHash(leaf) + uint64(before))
			if at != leaf || n != before {
				t.Errorf("hash %d of leaf %d is said to be hash %d of leaf %d", before, leaf, n, at)
			}
		}
	}
}
