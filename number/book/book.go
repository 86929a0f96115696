package book

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
	"golang.org/x/text/width"
)

// Errors of entries.
var (
	ErrName   = errors.New("a name has 1 to 120 bytes and no control characters")
	ErrNumber = errors.New("not a telephone number")
	ErrFull   = errors.New("too many entries")
)

// Entry is one number with the name of whose it is.
type Entry struct {
	Name   string `json:"name"`
	Kana   string `json:"kana,omitempty"` // how the name is read
	Number string `json:"number"`         // as it was written
}

// Check tells what is wrong with an entry.
func (e Entry) Check() error {
	if !named(e.Name) || strings.TrimSpace(e.Name) == "" {
		return fmt.Errorf("%q: %w", e.Name, ErrName)
	}
	if !named(e.Kana) {
		return fmt.Errorf("%q: %w", e.Kana, ErrName)
	}
	if Key(e.Number) == "" {
		return fmt.Errorf("%q: %w", e.Number, ErrNumber)
	}
	return nil
}

func named(s string) bool {
	return len(s) <= NameBytesMax && utf8.ValidString(s) && !strings.ContainsFunc(s, unicode.IsControl)
}

// Book is a telephone book. It is never changed.
type Book struct {
	entries []Entry // in the order of their readings
	names   map[string]string
}

// New makes a book. Of two entries with one number the later one stands.
func New(entries []Entry) (*Book, error) {
	b := &Book{names: make(map[string]string, len(entries))}
	last := make(map[string]int, len(entries))
	for i, e := range entries {
		if err := e.Check(); err != nil {
			return nil, err
		}
		last[Key(e.Number)] = i
	}
	if len(last) > EntriesMax {
		return nil, fmt.Errorf("%d: %w", len(last), ErrFull)
	}
	for i, e := range entries {
		if key := Key(e.Number); last[key] == i {
			b.names[key] = e.Name
			b.entries = append(b.entries, e)
		}
	}
	keys := make(map[Entry]string, len(b.entries))
	for _, e := range b.entries {
		keys[e] = reading(e)
	}
	slices.SortStableFunc(b.entries, func(x, y Entry) int {
		return cmp.Or(
			cmp.Compare(plainKana(keys[x]), plainKana(keys[y])), cmp.Compare(keys[x], keys[y]),
			cmp.Compare(x.Name, y.Name), cmp.Compare(Key(x.Number), Key(y.Number)),
		)
	})
	return b, nil
}

// Entries are all entries in the order of the kana, others before them.
func (b *Book) Entries() []Entry { return slices.Clone(b.entries) }

// Name is whose a number is, "" for nobody's.
func (b *Book) Name(number string) string { return b.names[Key(number)] }

// Find lists the entries of which a part of the name, the reading or the number is
// given. ｱﾍﾞ, アベ and あべ are one.
func (b *Book) Find(part string) []Entry {
	digits, word := Key(part), Fold(part)
	var out []Entry
	for _, e := range b.entries {
		if digits != "" && strings.Contains(Key(e.Number), digits) ||
			strings.Contains(Fold(e.Name), word) || strings.Contains(Fold(e.Kana), word) {
			out = append(out, e)
		}
	}
	return out
}

// Fold makes of a text what it is looked for by: one width, small letters, plain
// hiragana.
func Fold(s string) string { return plainKana(folded(s)) }

// reading is what an entry is sorted by.
func reading(e Entry) string { return folded(cmp.Or(e.Kana, e.Name)) }

// folded is text of one width, in small letters and hiragana.
func folded(s string) string {
	return strings.Map(func(r rune) rune {
		if r >= 'ァ' && r <= 'ヶ' {
			return r - 'ァ' + 'ぁ'
		}
		return unicode.ToLower(r)
	}, norm.NFC.String(width.Fold.String(s)))
}

// plainKana leaves out what kana are sorted by only where all else is the same: the
// marks of voiced ones, that small ones are small, and how long they are.
func plainKana(folded string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r == '\u3099' || r == '\u309a' || r == 'ー' || unicode.IsSpace(r):
			return -1
		case strings.ContainsRune("ぁぃぅぇぉっゃゅょゎ", r):
			return r + 1
		}
		return r
	}, norm.NFD.String(folded))
}
