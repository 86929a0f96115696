package stack

import (
	"encoding/binary"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// TestLingerIndex: whatever comes and goes in whatever order, with parts that
// crowd at both ends of the table, what is in is found and nothing else is.
func TestLingerIndex(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		x := newLingerIndex()
		in := map[lingerSlot]bool{}
		part := rapid.OneOf(rapid.Uint32Range(1, 9), rapid.Uint32Range(1<<partBits-1-9<<20, 1<<partBits-1))
		for range rapid.IntRange(1, 400).Draw(t, "steps") {
			s := lingerSlot{part.Draw(t, "part"), rapid.Uint32Range(0, 20).Draw(t, "number")}
			if in[s] || rapid.IntRange(0, 2).Draw(t, "take") == 0 {
				x.remove(s)
				delete(in, s)
			} else {
				x.put(s)
				in[s] = true
			}
			for s := range in {
				i := x.first(s.part)
				for x.slots[i] != s {
					if x.slots[i].part == 0 {
						t.Fatalf("%v is not found", s)
					}
					i = x.after(i)
				}
			}
			if x.used != len(in) || 2*x.used > len(x.slots) {
				t.Fatalf("%d used of %d, want %d", x.used, len(x.slots), len(in))
			}
		}
	})
}

// BenchmarkLingering is what a registration costs in a rush: one look for what
// is not there, and one more settled transaction for which the oldest go.
func BenchmarkLingering(b *testing.B) {
	l, h, now := newLingering(lingerMin), newHasher(), time.Unix(1_000_000, 0)
	response := make([]byte, 400)
	var id [8]byte
	b.ReportAllocs()
	for n := 0; b.Loop(); n++ {
		now = now.Add(lingerMin / 130_000)
		binary.BigEndian.PutUint64(id[:], uint64(n))
		key := h.of(id[:])
		if l.has(key, now) || l.has(txKey{key.b, key.a}, now) ||
			!l.add(settled{key: key, until: now.Add(32 * time.Second)}, response, now) {
			b.Fatal(n)
		}
	}
}
