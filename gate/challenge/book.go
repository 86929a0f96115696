package challenge

import (
	"slices"
	"strings"
	"time"

	"github.com/sekisho/sekisho/fact"
)

// Book is who has a PIN and how they have fared. The zero Book has nobody.
type Book struct {
	people map[string]*person
	wrong  pace // of all people
}

type person struct {
	pin   fact.PIN
	tries pace
}

// Locked tells whether a PIN is locked: too many wrong ones in a row.
func Locked(p fact.PIN) bool { return p.Wrong >= WrongMax }

// Set gives a person a PIN instead of any before; false where the unit has too
// many.
func (b *Book) Set(p fact.PIN) bool {
	if b.people == nil {
		b.people = make(map[string]*person)
	}
	old := b.people[p.Extension]
	if old == nil {
		if len(b.people) >= PeopleMax {
			return false
		}
		old = new(person)
		b.people[p.Extension] = old
	}
	old.pin = p // how often it was tried goes on counting
	return true
}

// Find gives a person's PIN as it stands.
func (b *Book) Find(extension string) (fact.PIN, bool) {
	if p := b.people[extension]; p != nil {
		return p.pin, true
	}
	return fact.PIN{}, false
}

// Remove takes a person's PIN away.
func (b *Book) Remove(extension string) { delete(b.people, extension) }

// List gives all PINs by extension.
func (b *Book) List() []fact.PIN {
	out := make([]fact.PIN, 0, len(b.people))
	for _, p := range b.people {
		out = append(out, p.pin)
	}
	slices.SortFunc(out, func(x, y fact.PIN) int { return strings.Compare(x.Extension, y.Extension) })
	return out
}

// Ready tells why a person can't be asked for its PIN now, in one of the
// fact.Failed words; "" if it can.
func (b *Book) Ready(extension string, now time.Time) string {
	p := b.people[extension]
	switch {
	case p == nil:
		return fact.FailedNoPIN
	case Locked(p.pin):
		return fact.FailedLocked
	case p.tries.full(now, triesMax) || b.wrong.full(now, wrongMax):
		return fact.FailedTooOften
	}
	return ""
}

// Begin counts a try, and gives what the PIN is to be compared with; why is as
// Ready's, and then there is nothing to compare.
func (b *Book) Begin(extension string, now time.Time) (p fact.PIN, why string) {
	if why := b.Ready(extension, now); why != "" {
		return fact.PIN{}, why
	}
	who := b.people[extension]
	who.tries.note(now)
	return who.pin, ""
}

// Wrong counts a wrong PIN.
func (b *Book) Wrong(extension string, now time.Time) {
	b.wrong.note(now)
	if p := b.people[extension]; p != nil {
		p.pin.Wrong++
	}
}

// Right forgets wrong ones: the PIN was typed as it is, or unlocked.
func (b *Book) Right(extension string) {
	if p := b.people[extension]; p != nil {
		p.pin.Wrong = 0
	}
}

// Unlock is Right for a PIN that an administrator unlocks: the tries before
// count no longer.
func (b *Book) Unlock(extension string) {
	b.Right(extension)
	if p := b.people[extension]; p != nil {
		p.tries = pace{}
	}
}

// pace remembers when something happened lately.
type pace struct{ at []time.Time }

// full tells whether it happened so often within triesIn. A clock that was set
// back makes nothing younger than it is.
func (p *pace) full(now time.Time, most int) bool {
	p.at = slices.DeleteFunc(p.at, func(t time.Time) bool { return now.Sub(t) >= triesIn || t.After(now) })
	return len(p.at) >= most
}

func (p *pace) note(now time.Time) { p.at = append(p.at, now) }
