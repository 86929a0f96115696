package g711

import "testing"

// A byte decoded and encoded again is the same byte (µ-law has two zeros).
func TestRoundTrip(t *testing.T) {
	for i := range 256 {
		b := byte(i)
		if got := EncodeMu(DecodeMu(b)); got != b && b != 0x7f {
			t.Errorf("mu %#02x -> %d -> %#02x", b, DecodeMu(b), got)
		}
		if got := EncodeA(DecodeA(b)); got != b {
			t.Errorf("a %#02x -> %d -> %#02x", b, DecodeA(b), got)
		}
	}
}

// Values of G.711 table 1a and 2a (positive), scaled to 16 bits.
func TestKnownValues(t *testing.T) {
	for _, c := range []struct {
		mu     byte
		sample int16
	}{{0x80, 32124}, {0x00, -32124}, {0xff, 0}, {0x8f, 16764}, {0xf0, 120}} {
		if got := DecodeMu(c.mu); got != c.sample {
			t.Errorf("mu %#02x = %d, want %d", c.mu, got, c.sample)
		}
	}
	for _, c := range []struct {
		a      byte
		sample int16
	}{{0xaa, 32256}, {0x2a, -32256}, {0xd5, 8}, {0x55, -8}} {
		if got := DecodeA(c.a); got != c.sample {
			t.Errorf("a %#02x = %d, want %d", c.a, got, c.sample)
		}
	}
}

// The error of a sample is at most half of its segment's step.
func TestErrorIsSmall(t *testing.T) {
	for s := -32768; s <= 32767; s += 7 {
		limit := max(abs(s)/16, 16)
		if limit > 644 {
			limit = 1028 // clipping
		}
		if d := abs(int(DecodeMu(EncodeMu(int16(s)))) - s); d > limit {
			t.Fatalf("mu of %d is off by %d", s, d)
		}
		if d := abs(int(DecodeA(EncodeA(int16(s)))) - s); d > limit {
			t.Fatalf("a of %d is off by %d", s, d)
		}
	}
}

func TestCrossing(t *testing.T) {
	for i := range 256 {
		p := []byte{byte(i)}
		MuToA(p)
		want := int(DecodeMu(byte(i)))
		if d := abs(int(DecodeA(p[0])) - want); d > max(abs(want)/16, 16) {
			t.Errorf("mu %#02x becomes %d, want %d", i, DecodeA(p[0]), want)
		}
		p[0] = byte(i)
		AToMu(p)
		want = int(DecodeA(byte(i)))
		if d := abs(int(DecodeMu(p[0])) - want); d > max(abs(want)/16, 16) {
			t.Errorf("a %#02x becomes %d, want %d", i, DecodeMu(p[0]), want)
		}
	}
}

func abs(v int) int { return max(v, -v) }
