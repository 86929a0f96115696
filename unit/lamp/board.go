package lamp

import (
	"cmp"
	"errors"
	"slices"
	"sort"
	"time"
)

// ErrFull says that there are as many watchers, or entities, as there may be.
var ErrFull = errors.New("too many lamps")

// ID names a watcher.
type ID uint64

// Board is the lamps of one unit.
type Board struct {
	realm    string
	entities map[string]*entity
	watchers map[ID]*watcher
	devices  map[string]*device
	waiting  []*device  // that have somebody to tell, in the order in which they began to wait
	blinking []*watcher // whose lamps the unit has blink
	last     ID
	spare    []*entity // that were dropped, for those to come
}

// entity is one thing that has a lamp. It is there while it is not idle, or
// watched.
type entity struct {
	name     string
	state    State
	watchers []*watcher // in the order in which they came
}

// watcher is one lamp on one phone, or a row of keys there.
type watcher struct {
	Watcher
	id     ID
	quirk  quirk
	entity *entity // nil for a row
	device *device
	row    []place
	realm  string // of a row
	info   string // what a row was told last
	said   view   // what it was told last
	known  bool   // it was told something
	queued bool   // it waits for its turn
	asked  bool   // Due gave it, and its Body was not asked for yet
	again  bool   // its phone has asked for the same since this one was told: it may have forgotten it
	dark   bool   // of a blink
	blink  time.Time
}

// device is one phone, and the pace at which it is told.
type device struct {
	watchers int
	lamps    map[*entity][]*watcher // those that are no rows
	queue    []*watcher
	later    []*watcher // whose turn it is when nobody is in queue
	waits    bool       // it stands among those that wait
	free     time.Time  // from when on it has its whole allowance again
}

// NewBoard makes a board on which everything is idle. realm is the domain of
// the phones' addresses.
func NewBoard(realm string) *Board {
	return &Board{
		realm: realm, entities: make(map[string]*entity), watchers: make(map[ID]*watcher),
		devices: make(map[string]*device),
	}
}

// Set says how it stands with an entity now. An entity too many has no lamp.
func (b *Board) Set(name string, s State, now time.Time) {
	s = s.clean()
	e := b.entities[name]
	if e == nil {
		if s.Phase == Idle {
			return
		}
		if e = b.make(name); e == nil {
			return
		}
	}
	if e.state == s {
		return
	}
	e.state = s
	for _, w := range e.watchers {
		b.look(w, now)
	}
	b.drop(e)
}

// State is how it stands with an entity.
func (b *Board) State(name string) State {
	if e := b.entities[name]; e != nil {
		return e.state
	}
	return State{}
}

func (b *Board) make(name string) *entity {
	if len(b.entities) >= EntitiesMax {
		return nil
	}
	e := &entity{}
	if n := len(b.spare); n > 0 {
		e, b.spare = b.spare[n-1], b.spare[:n-1]
	}
	e.name = name
	b.entities[name] = e
	return e
}

// drop forgets an entity of which there is nothing to know.
func (b *Board) drop(e *entity) {
	if e.state.Phase == Idle && len(e.watchers) == 0 {
		delete(b.entities, e.name)
		if len(b.spare) < SpareMax {
			*e = entity{watchers: e.watchers[:0]}
			b.spare = append(b.spare, e)
		}
	}
}

// Watch adds a watcher, who is told at once: its Body is asked for next.
func (b *Board) Watch(who Watcher, now time.Time) (ID, error) {
	if !b.room(who.Device) {
		return 0, ErrFull
	}
	e := b.entities[who.Entity]
	if e == nil {
		if e = b.make(who.Entity); e == nil {
			return 0, ErrFull
		}
	}
	w := b.add(&watcher{Watcher: who, quirk: quirkOf(who.UserAgent), entity: e})
	for _, o := range w.device.lamps[e] {
		o.again = true
	}
	w.device.lamps[e] = append(w.device.lamps[e], w)
	e.watchers = append(e.watchers, w)
	b.look(w, now)
	return w.id, nil
}

// room tells whether a phone may have one more watcher.
func (b *Board) room(device string) bool {
	d := b.devices[device]
	return len(b.watchers) < WatchersMax && (d == nil || d.watchers < WatchersPerDevice)
}

// add puts a watcher among those of its phone. It is asked for what it is told next. That
// does not count against what the phone may be told at once: it sets that pace itself, and
// one with many keys would else wait for its first news.
func (b *Board) add(w *watcher) *watcher {
	d := b.devices[w.Device]
	if d == nil {
		d = &device{lamps: make(map[*entity][]*watcher)}
		b.devices[w.Device] = d
	}
	b.last++
	w.id, w.device, w.asked = b.last, d, true
	d.watchers++
	b.watchers[w.id] = w
	return w
}

// Unwatch takes a watcher away.
func (b *Board) Unwatch(id ID) {
	w := b.watchers[id]
	if w == nil {
		return
	}
	delete(b.watchers, id)
	is := func(o *watcher) bool { return o == w }
	w.device.queue = slices.DeleteFunc(w.device.queue, is)
	w.device.later = slices.DeleteFunc(w.device.later, is)
	b.blinking = slices.DeleteFunc(b.blinking, is)
	b.leave(w)
	if e := w.entity; e != nil {
		if w.device.lamps[e] = slices.DeleteFunc(w.device.lamps[e], is); len(w.device.lamps[e]) == 0 {
			delete(w.device.lamps, e)
		}
		e.watchers = slices.DeleteFunc(e.watchers, is)
		b.drop(e)
	}
	if w.device.watchers--; w.device.watchers == 0 {
		delete(b.devices, w.Device)
	}
}

// look has a watcher be told, if there is news for it, and its lamp blink or
// not.
func (b *Board) look(w *watcher, now time.Time) {
	blinks := w.quirk.cantBlink && w.entity != nil && w.entity.state.Phase == Held
	switch at := slices.Index(b.blinking, w); {
	case blinks && at < 0:
		w.dark, w.blink = false, now.Add(BlinkEvery)
		b.blinking = append(b.blinking, w)
	case !blinks && at >= 0:
		b.blinking = slices.Delete(b.blinking, at, at+1)
	}
	b.queue(w)
}

// queue has a watcher wait for its turn, if there is news for it. One that a phone has
// most likely forgotten, because it started anew, must not keep those waiting that it has
// asked for since: that took them a second.
func (b *Board) queue(w *watcher) {
	if w.queued || w.asked || !w.news() {
		return
	}
	w.queued = true
	d := w.device
	if w.again {
		d.later = append(d.later, w)
	} else {
		d.queue = append(d.queue, w)
	}
	if !d.waits {
		d.waits = true
		b.waiting = append(b.waiting, d)
	}
}

// news reports whether a watcher would be told something else than before.
func (w *watcher) news() bool {
	switch {
	case !w.known:
		return true
	case w.entity == nil:
		return w.appearances() != w.info
	}
	return w.sees(&w.entity.state, w.dark) != w.said
}

// Due gives the watchers that are to be told now: the Body of each is asked
// for when its message goes out, which may be later.
func (b *Board) Due(now time.Time) (due []ID) {
	for _, w := range b.blinking {
		if !w.blink.After(now) {
			w.dark, w.blink = !w.dark, now.Add(BlinkEvery)
			b.queue(w)
		}
	}
	left := b.waiting[:0]
	for _, d := range b.waiting {
		for d.has() && !d.turn().After(now) {
			w := d.next()
			if w.queued = false; w.news() {
				w.asked = true
				d.spend(now)
				due = append(due, w.id)
			}
		}
		if d.waits = d.has(); d.waits {
			left = append(left, d)
		}
	}
	clear(b.waiting[len(left):])
	b.waiting = left
	return due
}

// has reports whether somebody is to be told there.
func (d *device) has() bool { return len(d.queue)+len(d.later) > 0 }

// next is who is told next; there must be somebody.
func (d *device) next() (w *watcher) {
	from := &d.queue
	if len(d.queue) == 0 {
		from = &d.later
	}
	w, *from = (*from)[0], (*from)[1:]
	return w
}

// turn is from when on the phone may be told something more.
func (d *device) turn() time.Time { return d.free.Add(-(TellAtOnce - 1) * TellEvery) }

func (d *device) spend(now time.Time) {
	if d.free.Before(now) {
		d.free = now
	}
	d.free = d.free.Add(TellEvery)
}

// Deadline is when Due is to be asked again, if nothing happens before; zero
// means never.
func (b *Board) Deadline() (at time.Time) {
	sooner := func(t time.Time) {
		if at.IsZero() || t.Before(at) {
			at = t
		}
	}
	for _, d := range b.waiting {
		if d.has() {
			sooner(d.turn())
		}
	}
	for _, w := range b.blinking {
		sooner(w.blink)
	}
	return at
}

// Body gives what a watcher is told now, and takes it as told. version is
// higher than that of all bodies before it; nil for one that is gone, and for a row.
func (b *Board) Body(id ID, version uint32) []byte {
	w := b.watchers[id]
	if w == nil || w.entity == nil {
		return nil
	}
	w.asked, w.known, w.again = false, true, false
	w.said = w.sees(&w.entity.state, w.dark)
	return w.said.fit(b.realm, cmp.Or(w.Name, w.entity.name), version)
}

// Entry is an entity with who watches it.
type Entry struct {
	Entity   string
	State    State
	Watchers []Watcher
}

// List gives what is not idle, or watched, in order.
func (b *Board) List() []Entry {
	out := make([]Entry, 0, len(b.entities))
	for _, e := range b.entities {
		entry := Entry{Entity: e.name, State: e.state}
		for _, w := range e.watchers {
			entry.Watchers = append(entry.Watchers, w.Watcher)
		}
		out = append(out, entry)
	}
	sort.Slice(out, func(i, j int) bool { return out[i].Entity < out[j].Entity })
	return out
}
