package book

import (
	"strings"

	"golang.org/x/text/width"
)

// Key is a number as it is compared: digits alone, 0 in place of +81, and + before
// what is of another country; "" for what is no number. 03-1234-5678, (03)1234 5678,
// +81 3 1234 5678 and what full-width digits say are the same.
func Key(written string) string {
	var b strings.Builder
	for i, r := range width.Fold.String(strings.TrimSpace(written)) {
		switch {
		case r >= '0' && r <= '9', r == '+' && i == 0:
			b.WriteRune(r)
		case strings.ContainsRune(" -().・‐‑–−ー\u00a0\u3000", r):
		default:
			return ""
		}
		if b.Len() > DigitsMax {
			return ""
		}
	}
	key := b.String()
	if national, ok := strings.CutPrefix(key, "+81"); ok {
		return "0" + strings.TrimPrefix(national, "0")
	}
	if key == "+" {
		return ""
	}
	return key
}

// Anonymous tells whether a caller does not show its number.
func Anonymous(caller string) bool { return caller == "" || caller == "anonymous" }
