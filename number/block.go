package number

import (
	"errors"
	"fmt"
	"strings"
)

// Block is a range of extensions of one length: those from First to Last. The zero
// Block holds none.
type Block struct{ First, Last string }

// ErrBlockForm says that a text is no block.
var ErrBlockForm = errors.New("a block of extensions is like 3xx, 300-349 or 301")

// ParseBlock reads a block as people write it: "3xx" for 300 to 399, "300-349", or
// one extension.
func ParseBlock(text string) (Block, error) {
	text = strings.ToLower(text)
	first, last, span := strings.Cut(text, "-")
	if !span {
		open := strings.TrimRight(text, "x")
		wild := len(text) - len(open)
		first, last = open+strings.Repeat("0", wild), open+strings.Repeat("9", wild)
		if open == "" {
			first, last = "", ""
		}
	}
	b := Block{First: first, Last: last}
	if len(first) != len(last) || len(first) < MinExtension || len(first) > MaxExtension ||
		!allDigits(first) || !allDigits(last) || first > last {
		return Block{}, fmt.Errorf("%.20q: %w", text, ErrBlockForm)
	}
	return b, nil
}

// String writes a block so that ParseBlock reads it.
func (b Block) String() string {
	open := len(b.First)
	for open > 0 && b.First[open-1] == '0' && b.Last[open-1] == '9' {
		open--
	}
	switch {
	case b.First == b.Last:
		return b.First
	case open > 0 && b.First[:open] == b.Last[:open]:
		return b.First[:open] + strings.Repeat("x", len(b.First)-open)
	}
	return b.First + "-" + b.Last
}

// Holds tells whether digits are an extension of the block.
func (b Block) Holds(digits string) bool {
	return len(digits) == len(b.First) && allDigits(digits) && b.First <= digits && digits <= b.Last
}

// Overlaps tells whether an extension can be of both blocks.
func (b Block) Overlaps(c Block) bool {
	return len(b.First) == len(c.First) && b.First <= c.Last && c.First <= b.Last
}

// collides tells whether some extension of the block begins like a number, or the
// number like it.
func (b Block) collides(number string) bool {
	n := min(len(number), len(b.First))
	return n > 0 && b.First[:n] <= number[:n] && number[:n] <= b.Last[:n]
}

// CheckBlock is CheckExtension for each extension of a block.
func CheckBlock(b Block, plan ExtensionPlan) error {
	if _, err := ParseBlock(b.String()); err != nil {
		return err
	}
	for _, e := range []string{"110", "118", "119"} {
		if b.collides(e) {
			return fmt.Errorf("extensions %s: %w %s", b, ErrExtensionEmergency, e)
		}
	}
	if b.First[0] == '0' {
		return fmt.Errorf("extensions %s: %w", b, ErrExtensionZero)
	}
	for _, p := range []string{withhold, show, lift} {
		if len(p) <= len(b.First) && b.collides(p) {
			return fmt.Errorf("extensions %s: %w %s", b, ErrExtensionNetwork, p)
		}
	}
	if p := plan.OutsidePrefix; p != "" && b.collides(p) {
		return fmt.Errorf("extensions %s: %w %s", b, ErrExtensionPrefix, p)
	}
	for _, f := range plan.Features {
		if b.collides(f) {
			return fmt.Errorf("extensions %s: %w %s", b, ErrExtensionFeature, f)
		}
	}
	return nil
}
