package tempo

// fade gives what is left of a value after some seconds of a half-life:
// halves by shifts, and a straight line between them.
func fade(value, seconds, halfLife int64) int64 {
	if seconds <= 0 {
		return value
	}
	halves := seconds / halfLife
	if halves > 62 {
		return 0
	}
	value >>= uint(halves)
	return value - value*(seconds%halfLife)/(2*halfLife)
}

// hash is 64-bit FNV-1a: names are kept as numbers of one size.
func hash(s string) uint64 {
	h := uint64(14695981039346656037)
	for i := range len(s) {
		h = (h ^ uint64(s[i])) * 1099511628211
	}
	return h
}

// digits reads an E.164 number, at most 15 digits; others give 0.
func digits(s string) uint64 {
	if len(s) > 15 {
		return 0
	}
	n := uint64(0)
	for i := range len(s) {
		c := s[i] - '0'
		if c > 9 {
			return 0
		}
		n = n*10 + uint64(c)
	}
	return n
}

// block is the thousand of numbers that n is one of: what fraud keeps longer
// than a number.
func block(n uint64) uint64 { return n / 1000 }
