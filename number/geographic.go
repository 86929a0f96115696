package number

import (
	"errors"
	"fmt"
)

// prefixSet is a set of three-digit prefixes.
type prefixSet [1000]bool

// has reports whether abc, three digits, is in the set.
func (s *prefixSet) has(abc string) bool {
	return s[100*int(abc[0]-'0')+10*int(abc[1]-'0')+int(abc[2]-'0')]
}

// geographic are the ABC of 0ABC-… that belong to area codes. They are those
// of the numbering metadata's fixed-line pattern for Japan; a test compares.
var geographic = newPrefixSet([][2]int{
	{112, 113},
	{115, 118},
	{123, 126},
	{133, 139},
	{142, 146},
	{152, 158},
	{162, 167},
	{172, 179},
	{182, 188},
	{191, 199},
	{220, 299},
	{310, 399},
	{420, 460},
	{462, 468},
	{470, 489},
	{492, 495},
	{499, 499},
	{520, 559},
	{561, 569},
	{572, 578},
	{580, 599},
	{610, 699},
	{720, 729},
	{734, 740},
	{742, 799},
	{820, 829},
	{832, 839},
	{845, 849},
	{851, 880},
	{883, 899},
	{920, 959},
	{961, 969},
	{971, 989},
	{991, 999},
})

// newPrefixSet makes a set of ranges, both ends included.
func newPrefixSet(ranges [][2]int) *prefixSet {
	s := &prefixSet{}
	for _, r := range ranges {
		for i := r[0]; i <= r[1]; i++ {
			s[i] = true
		}
	}
	return s
}

// Lengths of an area code with its zero: 03 to 04992.
const (
	minAreaCode = 2
	maxAreaCode = 5
)

// ErrAreaCode is why CheckAreaCode refuses.
var ErrAreaCode = errors.New("not an area code")

// CheckAreaCode says whether code can be a line's own area code: a zero and
// one to four digits that geographic numbers begin with, e.g. "03", "098".
func CheckAreaCode(code string) error {
	if len(code) < minAreaCode || len(code) > maxAreaCode || !allDigits(code) || code[0] != '0' {
		return fmt.Errorf("%.10q: %w", code, ErrAreaCode)
	}
	if len(code) == minAreaCode && code != "03" && code != "04" && code != "06" {
		return fmt.Errorf("%.10q: %w", code, ErrAreaCode)
	}
	// A code shorter than ABC stands for all that begin with it.
	low, width := 0, 1
	for i := 1; i <= 3; i++ {
		low *= 10
		if i < len(code) {
			low += int(code[i] - '0')
		} else {
			width *= 10
		}
	}
	for i := range width {
		if geographic[low+i] {
			return nil
		}
	}
	return fmt.Errorf("%.10q: %w", code, ErrAreaCode)
}
