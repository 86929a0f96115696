package dial

// dice is a small repeatable source of choices (SplitMix64). It is not for
// secrets.
type dice uint64

func (d *dice) next() uint64 {
	*d += 0x9e3779b97f4a7c15
	z := uint64(*d)
	z = (z ^ z>>30) * 0xbf58476d1ce4e5b9
	z = (z ^ z>>27) * 0x94d049bb133111eb
	return z ^ z>>31
}

// below returns a number in [0, n).
func (d *dice) below(n int) int { return int(d.next() >> 33 % uint64(n)) }

// chance is true once in n.
func (d *dice) chance(n int) bool { return d.below(n) == 0 }

// of returns one of choices.
func (d *dice) of(choices []string) string { return choices[d.below(len(choices))] }

// digits appends n random digits to b.
func (d *dice) digits(b []byte, n int) []byte {
	for range n {
		b = append(b, byte('0'+d.below(10)))
	}
	return b
}
