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
	why         string // key and arguments
}{
	{"leaf changed", func(t testing.TB, b *book) {
		b.replace(t, 5, `"boot":1`, `"boot":2`)
	}, 5, 5, "evidence.leaf.hash"},
	{"leaf changed with its hash", func(t testing.TB, b *book) {
		b.replace(t, 4, `"boot":1`, `"boot":2`)
		b.hashes[FirstHash(4)] = LeafHash(b.records[4].Leaf)
	}, 4, 5, "evidence.tree.leaf"},
	{"leaf changed with all hashes", func(t testing.TB, b *book) {
		b.replace(t, 12, `"boot":1`, `"boot":2`)
		b.rehash()
	}, 10, 15, "evidence.checkpoint.root 16 10"},
	{"subtree hash changed", func(_ testing.TB, b *book) {
		b.hashes[FirstHash(3)+2][0] ^= 1
	}, 3, 3, "evidence.tree.table"},
	{"leaf hash changed", func(_ testing.TB, b *book) { b.hashes[FirstHash(6)][0] ^= 1 }, 6, 6, "evidence.leaf.hash"},
	{"leaf dropped", func(_ testing.TB, b *book) {
		b.records = append(b.records[:7], b.records[8:]...)
	}, 7, 7, "evidence.leaf.missing 8"},
	{"leaf dropped, the rest moved up", func(_ testing.TB, b *book) {
		b.records = append(b.records[:7], b.records[8:]...)
		for i := range b.records {
			b.records[i].Seq = uint64(i)
		}
		b.rehash()
	}, 7, 7, "evidence.leaf.place 8"},
	{"leaf inserted", func(_ testing.TB, b *book) {
		b.records = append(b.records[:8], b.records[7:]...)
		for i := range b.records {
			b.records[i].Seq = uint64(i)
		}
	}, 8, 8, "evidence.leaf.place 7"},
	{"two leaves exchanged", func(_ testing.TB, b *book) {
		b.records[2], b.records[9] = b.records[9], b.records[2]
		b.records[2].Seq, b.records[9].Seq = 2, 9
	}, 2, 2, "evidence.leaf.place 9"},
	{"body changed", func(_ testing.TB, b *book) {
		b.records[1].Body = bytes.Replace(b.records[1].Body, []byte(`"boot":1`), []byte(`"boot":9`), 1)
	}, 1, 1, "evidence.leaf.body"},
	{"personal field changed", func(_ testing.TB, b *book) {
		b.records[3].Private = bytes.Replace(b.records[3].Private, []byte("033"), []byte("044"), 1)
	}, 3, 3, "evidence.leaf.field to"},
	{"personal field added", func(_ testing.TB, b *book) {
		b.records[1].Private = []byte(`{"by":{"s":"AA==","v":"me"}}`)
	}, 1, 1, "evidence.leaf.field by"},
	{"kind changed", func(_ testing.TB, b *book) {
		b.records[1].Kind = "unit.stopped"
	}, 1, 1, "evidence.leaf.kind unit.started unit.stopped"},
	{"subject changed", func(_ testing.TB, b *book) {
		b.records[0].Subject = "call/x"
	}, 0, 0, "evidence.leaf.subject call/0 call/x"},
	{"cut below a checkpoint", func(_ testing.TB, b *book) {
		b.records = b.records[:13]
		b.rehash()
	}, 13, 15, "evidence.leaf.signed-away 16"},
	{"cut after the last checkpoint, hashes left", func(_ testing.TB, b *book) {
		b.records = b.records[:18]
	}, 18, 18, "evidence.leaf.hash-left 34"},
	{"hashes cut", func(_ testing.TB, b *book) {
		b.hashes = b.hashes[:FirstHash(11)]
	}, 11, 11, "evidence.leaf.hash-none 19"},
	{"last leaf added without hashes", func(_ testing.TB, b *book) {
		r := b.records[19]
		r.Seq = 20
		r.Leaf = bytes.Replace(r.Leaf, []byte(`"seq":19`), []byte(`"seq":20`), 1)
		b.records = append(b.records, r)
	}, 20, 20, "evidence.leaf.hash-none 38"},
	{"spaces added to a leaf", func(_ testing.TB, b *book) {
		b.records[1].Leaf = append([]byte(" "), b.records[1].Leaf...)
		b.rehash()
	}, 1, 1, "evidence.leaf.form"},
	{"leaf of another unit", func(t testing.TB, b *book) {
		b.replace(t, 17, `"unit":"u1"`, `"unit":"u2"`)
		b.rehash()
	}, 17, 17, "evidence.leaf.unit"},
	{"cause to come", func(t testing.TB, b *book) {
		b.replace(t, 17, `"cause":[]`, `"cause":[18]`)
		b.rehash()
	}, 17, 17, "evidence.leaf.cause"},
}

func TestVerifyNamesTheFirstBadLeaf(t *testing.T) {
	for _, c := range tamperings {
		b := write(t, 20, 4, 10, 16)
		c.tamper(t, b)
		got := b.verify(t).Bad
		if got == nil {
			t.Errorf("%s: not found", c.name)
			continue
		}
		said := []string{string(got.Why.Key)}
		for _, a := range got.Why.Args {
			said = append(said, a.Plain)
		}
		why := strings.Join(said, " ")
		if got.Index != c.index || got.Last != c.last || why != c.why {
			t.Errorf("%s: leaf %d–%d, %s; want %d–%d, %s", c.name, got.Index, got.Last, why, c.index, c.last, c.why)
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
		for before := range tree.Append(nil, nil) {
			at, n := HashPlace(FirstHash(leaf) + uint64(before))
			if at != leaf || n != before {
				t.Errorf("hash %d of leaf %d is said to be hash %d of leaf %d", before, leaf, n, at)
			}
		}
	}
}
