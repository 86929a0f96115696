package lamp

import (
	"strconv"
	"strings"
	"time"
	"unicode/utf8"
)

// A row is the outside-line keys as phones show them that know of shared call appearances
// (SCA): one watcher for all of them, who is told how each stands that is not idle, in a
// Call-Info header field. It sees what a lamp of each key would.

// Seat is a place of a row: the number of a key there, and its entity.
type Seat struct {
	Index  int
	Entity string
}

type place struct {
	index  int
	entity *entity
}

// WatchRow adds a watcher of a row, who is told at once: its Info is asked for next.
// who.Entity is whom the row is for.
func (b *Board) WatchRow(who Watcher, row []Seat, now time.Time) (ID, error) {
	if !b.room(who.Device) {
		return 0, ErrFull
	}
	w := b.add(&watcher{Watcher: who, realm: b.realm})
	b.Row(w.id, row, now)
	return w.id, nil
}

// Row says which keys are in a row now, in order. One too many has no lamp.
func (b *Board) Row(id ID, row []Seat, now time.Time) {
	w := b.watchers[id]
	if w == nil || w.entity != nil {
		return
	}
	old := w.row
	w.row = nil
	for _, s := range row {
		e := b.entities[s.Entity]
		if e == nil {
			e = b.make(s.Entity)
		}
		if e != nil {
			e.watchers = append(e.watchers, w)
			w.row = append(w.row, place{s.Index, e})
		}
	}
	b.forsake(w, old)
	b.look(w, now)
}

// leave takes a watcher away from its row.
func (b *Board) leave(w *watcher) {
	old := w.row
	w.row = nil
	b.forsake(w, old)
}

// forsake takes a watcher away from places, once from each.
func (b *Board) forsake(w *watcher, places []place) {
	for _, p := range places {
		for i, o := range p.entity.watchers {
			if o == w {
				p.entity.watchers = append(p.entity.watchers[:i], p.entity.watchers[i+1:]...)
				break
			}
		}
		b.drop(p.entity)
	}
}

// Info gives the Call-Info of a row now, and takes it as told; "" for one that is gone.
func (b *Board) Info(id ID) string {
	w := b.watchers[id]
	if w == nil || w.entity != nil {
		return ""
	}
	w.asked, w.known = false, true
	w.info = w.appearances()
	return w.info
}

// appearances is what a row tells: with the other parties, as far as the watcher sees
// them and there is room.
func (w *watcher) appearances() string {
	if s := w.writeRow(true); len(s) <= InfoMax {
		return s
	}
	return w.writeRow(false)
}

func (w *watcher) writeRow(parties bool) string {
	var b []byte
	for _, p := range w.row {
		s := &p.entity.state
		if s.Phase == Idle {
			continue
		}
		b = Appearance(b, w.realm, strconv.Itoa(p.index), s.Word())
		if v := w.sees(s, false); parties && (v.number != "" || v.name != "") {
			b = append(b, `;appearance-uri="`...)
			b = append(v.party(b, w.realm), '"')
		}
		b = append(b, ", "...)
	}
	return string(Appearance(b, w.realm, "*", "idle"))
}

// Appearance writes how it stands with a key of a row, as an element of Call-Info.
func Appearance(b []byte, realm, index, word string) []byte {
	b = append(append(append(b, "<sip:"...), realm...), ">;appearance-index="...)
	return append(append(append(b, index...), ";appearance-state="...), word...)
}

// Word is the state's word for a row.
func (s *State) Word() string {
	switch {
	case s.Phase == Idle, s.Phase >= Unknown:
		return "idle"
	case s.Phase == Seized && s.Dialing:
		return "progressing"
	case s.Phase == Seized:
		return "seized"
	case s.Phase == Ringing:
		return "alerting"
	case s.Phase == Held && s.Private:
		return "held-private"
	case s.Phase == Held:
		return "held"
	}
	return "active"
}

// party writes the other party for a quoted string.
func (v *view) party(b []byte, realm string) []byte {
	if v.name != "" {
		b = append(b, `\"`...)
		for _, r := range v.name {
			if !strings.ContainsRune(`"\`, r) && r >= ' ' && r != '\x7f' && r != utf8.RuneError {
				b = utf8.AppendRune(b, r)
			}
		}
		b = append(b, `\" `...)
	}
	number := v.number
	if number == "" {
		number = "anonymous"
	}
	return append(appendURI(append(b, '<'), number, realm), '>')
}
