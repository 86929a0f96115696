package prompt

import (
	"fmt"
	"sync"
)

// Book is what a unit says: the owner's own recordings, and the announcements of this
// package where there is none. The zero Book, and a nil one, has no recordings. It may be
// used by several goroutines.
type Book struct{ own sync.Map } // []byte by place

// place is an announcement in a language.
type place struct{ name, lang string }

// Open is the sound of an announcement: µ-law, 8000 bytes a second. It must not be
// changed.
func (b *Book) Open(name, lang string) ([]byte, error) {
	if own := b.Own(name, lang); own != nil {
		return own, nil
	}
	return Open(name, lang)
}

// Own is the owner's recording of an announcement, nil if there is none.
func (b *Book) Own(name, lang string) []byte {
	if b == nil {
		return nil
	}
	own, _ := b.own.Load(place{name, lang})
	mu, _ := own.([]byte)
	return mu
}

// Replace has an announcement be a recording from now on, µ-law at 8000 Hz; nil has it be
// the one of this package again. It fails with ErrUnknown where there is no such
// announcement, so that at most one recording is held for each.
func (b *Book) Replace(name, lang string, mu []byte) error {
	if _, err := Open(name, lang); err != nil {
		return fmt.Errorf("replace: %w", err)
	}
	if mu == nil {
		b.own.Delete(place{name, lang})
		return nil
	}
	b.own.Store(place{name, lang}, mu)
	return nil
}
