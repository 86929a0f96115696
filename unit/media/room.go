package media

import (
	"fmt"
	"time"

	"github.com/sekisho/sekisho/wire/rtp"
)

// Room has several legs, of one call or of many on one loop, hear each other (会議): each
// one all the others, the loudest of them, and not itself.
type Room struct {
	loop *loop

	// Owned by the loop.
	seats   []*seat
	talkers []*talker
	mixer   mixer
	due     time.Time
}

// seat is a leg in a room.
type seat struct {
	talker
	room   *Room
	stream *stream
	mute   bool // nobody hears it
	in     playout
	turn   turner
}

// Confer makes a room of legs of the call. Legs of others of its loop can join. Each is
// taken from whom it was bridged to, and leaves when it is bridged again.
func (c *Call) Confer(legs ...*Leg) (*Room, error) {
	r := &Room{loop: c.loop}
	for _, l := range legs {
		if err := r.Add(l); err != nil {
			return nil, err
		}
	}
	return r, nil
}

// Add has a leg join.
func (r *Room) Add(l *Leg) error { return r.join(l, false) }

// Listen has a leg join that hears the others, and that nobody hears.
func (r *Room) Listen(l *Leg) error { return r.join(l, true) }

func (r *Room) join(l *Leg, mute bool) error {
	l.call.mu.Lock()
	defer l.call.mu.Unlock()
	switch {
	case l.call.loop != r.loop:
		return fmt.Errorf("leg %s of another loop: %w", l.id, ErrState)
	case l.closed:
		return ErrClosed
	case l.now != nil && !speaks(l.now.formats):
		return fmt.Errorf("leg %s: %w", l.id, ErrNoCodec)
	}
	s := l.stream
	s.loop.post(func() {
		if !s.gone {
			r.seat(s, mute)
		}
	})
	return nil
}

// Remove has a leg leave, and hear nobody.
func (r *Room) Remove(l *Leg) {
	s := l.stream
	s.loop.post(func() {
		if s.seat != nil && s.seat.room == r { // else it is bridged elsewhere already
			s.unbridge()
		}
	})
}

// seat gives a stream its place.
func (r *Room) seat(s *stream, mute bool) {
	s.unbridge()
	l := s.loop
	if len(r.seats) == 0 {
		r.due = l.now
		l.rooms = append(l.rooms, r)
	}
	s.seat = &seat{room: r, stream: s, mute: mute, turn: turner{frame: &l.frame}}
	r.seats, r.talkers = append(r.seats, s.seat), append(r.talkers, &s.seat.talker)
	s.reroute()
}

// leave takes a stream's place from it. A room that nobody is in is not mixed.
func (s *stream) leave() {
	if s.seat == nil {
		return
	}
	r, l := s.seat.room, s.loop
	for i := range r.seats {
		if r.seats[i] == s.seat {
			r.seats = append(r.seats[:i], r.seats[i+1:]...)
			r.talkers = append(r.talkers[:i], r.talkers[i+1:]...)
			break
		}
	}
	s.seat = nil
	if len(r.seats) > 0 {
		return
	}
	for i := range l.rooms {
		if l.rooms[i] == r {
			l.rooms = append(l.rooms[:i], l.rooms[i+1:]...)
			break
		}
	}
}

// take puts what a leg's peer says into its place in time. Comfort noise is silence, and
// so is what comes from who wants to hear nothing: the music of a phone that holds.
func (s *seat) take(payload []byte, ts uint32, from speech) {
	if !s.mute && s.stream.path.send && len(payload) <= playoutSamples/4 && from != speechNone {
		s.in.take(ts, s.turn.widen(payload, from))
	}
}

// mixTime is how long a frame lasts.
const mixTime = 20 * time.Millisecond

// mix sends each party what it hears, if it is time.
func (r *Room) mix(now time.Time) {
	if now.Sub(r.due) > time.Second {
		r.due = now // the machine stood still: no burst afterwards
	}
	for !r.due.After(now) {
		r.due = r.due.Add(mixTime)
		for _, s := range r.seats {
			s.in.read(s.frame[:])
		}
		r.mixer.blend(r.talkers)
		for _, s := range r.seats {
			r.mixer.hears(&s.talker, s.turn.frame.wide[:mixFrame])
			s.stream.hearRoom()
		}
	}
}

// hearRoom sends what the party hears, which lies in the loop's frame; nothing while
// something is played to it.
func (s *stream) hearRoom() {
	if !s.free || s.path.voice < 0 {
		return
	}
	f := &s.path.formats[s.path.voice]
	p := s.seat.turn.encodeWide(s.loop.plain[:rtp.HeaderBytes], s.loop.frame.wide[:mixFrame], f.speech)
	s.utter(p, mixFrame/2, f)
}
