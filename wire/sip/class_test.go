package sip

import "testing"

// TestNextControl compares the eight-byte search with the plain one, for every byte at every place.
func TestNextControl(t *testing.T) {
	const length = 20
	for c := range 256 {
		for at := range length {
			b := make([]byte, length)
			for i := range b {
				b[i] = byte(0x20 + (c+i*37)%0x5f) // printable neighbors
			}
			b[at] = byte(c)
			for from := range length {
				want := length
				if from <= at && (c < 0x20 || c == 0x7f) {
					want = at
				}
				if got := nextControl(b, from); got != want {
					t.Fatalf("%#x at %d, from %d: %d", c, at, from, got)
				}
			}
		}
	}
	for c := 0x80; c < 0x100; c++ { // eight alike: borrows must not reach a neighbor
		b := []byte{byte(c), byte(c), byte(c), byte(c), byte(c), byte(c), byte(c), 0x1f}
		if got := nextControl(b, 0); got != len(b)-1 {
			t.Fatalf("%#x: %d", c, got)
		}
	}
}

// TestSumEscaped: equal names have equal sums.
func TestSumEscaped(t *testing.T) {
	for _, c := range [][2]string{{"lr", "%6C%72"}, {"LR", "lr"}, {"%4cr", "Lr"}, {"%6", "%6"}, {"", ""}} {
		a, b := []byte(c[0]), []byte(c[1])
		if !equalEscaped(a, b) || sumEscaped(a) != sumEscaped(b) {
			t.Errorf("%q", c)
		}
	}
	for _, c := range [][2]string{{"lr", "l"}, {"l", "lr"}, {"lr", "%6c"}, {"a", "b"}} {
		if equalEscaped([]byte(c[0]), []byte(c[1])) {
			t.Errorf("%q", c)
		}
	}
}
