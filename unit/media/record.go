package media

import (
	"fmt"
	"slices"
	"time"

	"github.com/sekisho/sekisho/wire/rtp"
)

// Sink takes what is said. It is called on a loop: it must neither block nor call back
// into media.
type Sink interface {
	// Take gets the next 20 ms as µ-law at 8 kHz, which are the sink's until it returns;
	// of two sides a byte of each in turn. With false it wants no more.
	Take(mu []byte) bool
	// Over says that nothing comes any more, once.
	Over()
}

// Recording has a sink hear what the peers of one or several legs say, mixed or as two
// sides. What the unit plays to them is not in it, nor what is kept from the bridged leg
// (Leg.Secret).
type Recording struct {
	loop *loop
	sink Sink

	// Owned by the loop.
	taps  []*tap
	turns []turner // of each side, one where all are mixed
	both  []byte   // room for a frame of two sides
	due   time.Time
	ended bool
}

// tap is where a recording hears a leg's peer.
type tap struct {
	rec    *Recording
	stream *stream
	side   int
	in     playout
	turn   turner
}

// recordFrame is how many samples a sink is given at once.
const recordFrame = mixFrame / 2

// Record begins a recording of legs, which are of one loop. It goes on whoever they are
// bridged to, until it is stopped, the sink wants no more, or all legs are gone.
func Record(sink Sink, legs ...*Leg) (*Recording, error) {
	if len(legs) == 0 || len(legs) > RecordedMax {
		return nil, fmt.Errorf("record %d legs: %w", len(legs), ErrLimit)
	}
	loop := legs[0].call.loop
	loop.calls.Lock()
	defer loop.calls.Unlock()
	for _, l := range legs {
		switch {
		case l.call.loop != loop:
			return nil, fmt.Errorf("record leg %s of another loop: %w", l.id, ErrState)
		case l.closed:
			return nil, ErrClosed
		}
	}
	r := newRecording(loop, sink, 1)
	streams := make([]*stream, 0, len(legs))
	for _, l := range legs {
		streams = append(streams, l.stream)
	}
	loop.post(func() { r.begin(streams) })
	return r, nil
}

// RecordSides begins a recording of two sides, which is silent until it is told whom to
// hear (Hear). It goes on until it is stopped, or the sink wants no more.
func (c *Call) RecordSides(sink Sink) *Recording {
	r := newRecording(c.loop, sink, sides)
	c.loop.post(func() { r.begin(nil) })
	return r
}

// sides are how many a recording can have apart.
const sides = 2

func newRecording(l *loop, sink Sink, sides int) *Recording {
	r := &Recording{loop: l, sink: sink, turns: make([]turner, sides)}
	for i := range r.turns {
		r.turns[i].frame = &l.frame
	}
	if sides > 1 {
		r.both = make([]byte, 0, sides*recordFrame)
	}
	return r
}

// Hear has a recording of two sides hear the peers of these legs from now on, those of each
// side mixed; of a side without legs it has silence.
func (r *Recording) Hear(left, right []*Leg) error {
	if len(r.turns) != sides || len(left)+len(right) > RecordedMax {
		return fmt.Errorf("record %d legs: %w", len(left)+len(right), ErrLimit)
	}
	side := make(map[*stream]int, len(left)+len(right))
	for i, legs := range [sides][]*Leg{left, right} {
		for _, l := range legs {
			if l.call.loop != r.loop {
				return fmt.Errorf("record leg %s of another loop: %w", l.id, ErrState)
			}
			side[l.stream] = i
		}
	}
	r.loop.post(func() {
		for _, t := range slices.Clone(r.taps) {
			if i, ok := side[t.stream]; ok && i == t.side {
				delete(side, t.stream) // it is heard already
				continue
			}
			r.taps = slices.DeleteFunc(r.taps, func(o *tap) bool { return o == t })
			t.leave()
		}
		for s, i := range side {
			if !r.ended {
				r.hear(s, i)
			}
		}
	})
	return nil
}

// Stop ends the recording.
func (r *Recording) Stop() {
	r.loop.post(func() { r.ended = true })
}

func (r *Recording) begin(streams []*stream) {
	r.due = r.loop.now
	for _, s := range streams {
		r.hear(s, 0)
	}
	r.loop.recordings = append(r.loop.recordings, r)
}

func (r *Recording) hear(s *stream, side int) {
	if s.gone {
		return
	}
	t := &tap{rec: r, stream: s, side: side, turn: turner{frame: &r.loop.frame}}
	r.taps, s.taps = append(r.taps, t), append(s.taps, t)
}

// leave has a stream not be heard by its recording any more.
func (t *tap) leave() {
	t.stream.taps = slices.DeleteFunc(t.stream.taps, func(o *tap) bool { return o == t })
}

// tapped gives whoever records the peer what it says.
func (s *stream) tapped(payload []byte, h rtp.Header, from speech) {
	if s.secret.typed || len(payload) > playoutSamples/4 || from == speechNone {
		return
	}
	for _, t := range s.taps {
		t.in.take(h.Timestamp, t.turn.widen(payload, from))
	}
}

// untap ends that a stream is recorded.
func (s *stream) untap() {
	for _, t := range s.taps {
		t.rec.taps = slices.DeleteFunc(t.rec.taps, func(o *tap) bool { return o == t })
	}
	s.taps = nil
}

// record gives the sink what is due; false when it is over.
func (r *Recording) record(now time.Time) bool {
	if now.Sub(r.due) > time.Second {
		r.due = now // the machine stood still
	}
	for !r.ended && (len(r.taps) > 0 || len(r.turns) == sides) {
		if r.due.After(now) {
			return true
		}
		r.due = r.due.Add(mixTime)
		r.ended = !r.sink.Take(r.mixed())
	}
	r.ended = true
	for _, t := range r.taps {
		t.leave()
	}
	r.taps = nil
	r.sink.Over()
	return false
}

// mixed is the next frame, which lies in the loop's or, of two sides, in the recording's.
func (r *Recording) mixed() []byte {
	if len(r.turns) == 1 {
		return r.side(0)
	}
	r.both = r.both[:sides*recordFrame]
	for side := range r.turns {
		for i, b := range r.side(side) {
			r.both[sides*i+side] = b
		}
	}
	return r.both
}

// side is what one side says next.
func (r *Recording) side(side int) []byte {
	var sum [mixFrame]int
	var pcm [mixFrame]int16
	for _, t := range r.taps {
		if t.side != side {
			continue
		}
		t.in.read(pcm[:])
		for i, v := range pcm {
			sum[i] += int(v)
		}
	}
	for i, v := range sum {
		pcm[i] = saturate(v)
	}
	turn := &r.turns[side]
	return turn.encodeWide(turn.frame.packet[:0], pcm[:], speechMu)[:recordFrame]
}

// recordDue gives sinks what is due, and forgets recordings that are over.
func (l *loop) recordDue() {
	l.recordings = slices.DeleteFunc(l.recordings, func(r *Recording) bool { return !r.record(l.now) })
}
