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
	// Take gets the next 20 ms as µ-law at 8 kHz, which are the sink's until it returns.
	// With false it wants no more.
	Take(mu []byte) bool
	// Over says that nothing comes any more, once.
	Over()
}

// Recording has a sink hear what the peers of one or several legs say, mixed. What the
// unit plays to them is not in it, nor what is kept from the bridged leg (Leg.Secret).
type Recording struct {
	loop *loop
	sink Sink

	// Owned by the loop.
	taps  []*tap
	turn  turner
	due   time.Time
	ended bool
}

// tap is where a recording hears a leg's peer.
type tap struct {
	rec    *Recording
	stream *stream
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
	r := &Recording{loop: loop, sink: sink, turn: turner{frame: &loop.frame}}
	streams := make([]*stream, 0, len(legs))
	for _, l := range legs {
		streams = append(streams, l.stream)
	}
	loop.post(func() { r.begin(streams) })
	return r, nil
}

// Stop ends the recording.
func (r *Recording) Stop() {
	r.loop.post(func() { r.ended = true })
}

func (r *Recording) begin(streams []*stream) {
	r.due = r.loop.now
	for _, s := range streams {
		if s.gone {
			continue
		}
		t := &tap{rec: r, stream: s, turn: turner{frame: &r.loop.frame}}
		r.taps, s.taps = append(r.taps, t), append(s.taps, t)
	}
	r.loop.recordings = append(r.loop.recordings, r)
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
	for !r.ended && len(r.taps) > 0 {
		if r.due.After(now) {
			return true
		}
		r.due = r.due.Add(mixTime)
		r.ended = !r.sink.Take(r.mixed())
	}
	for _, t := range r.taps {
		t.stream.taps = slices.DeleteFunc(t.stream.taps, func(o *tap) bool { return o == t })
	}
	r.taps = nil
	r.sink.Over()
	return false
}

// mixed is the next frame, which lies in the loop's.
func (r *Recording) mixed() []byte {
	var sum [mixFrame]int
	var pcm [mixFrame]int16
	for _, t := range r.taps {
		t.in.read(pcm[:])
		for i, v := range pcm {
			sum[i] += int(v)
		}
	}
	for i, v := range sum {
		pcm[i] = saturate(v)
	}
	return r.turn.encodeWide(r.turn.frame.packet[:0], pcm[:], speechMu)[:recordFrame]
}

// recordDue gives sinks what is due, and forgets recordings that are over.
func (l *loop) recordDue() {
	l.recordings = slices.DeleteFunc(l.recordings, func(r *Recording) bool { return !r.record(l.now) })
}
