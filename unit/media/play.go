package media

import (
	"time"

	"github.com/sekisho/sekisho/wire/dtmf"
	"github.com/sekisho/sekisho/wire/rtp"
)

// Source is sound at 8000 Hz. A Source belongs to the leg it was given to.
type Source interface {
	// Read fills pcm with the next samples and returns how many there were;
	// fewer than asked is the end.
	Read(pcm []int16) int
}

// player speaks for the unit on one leg.
type player interface {
	// next appends the next samples, as many as are wanted, to a packet in a codec,
	// and returns how many there were; fewer is the end. In no codec it only goes
	// on by as much.
	next(dst []byte, want int, to speech) ([]byte, int)
}

// speaker plays a Source.
type speaker struct {
	source Source
	turn   turner
}

var _ player = (*speaker)(nil)

func (p *speaker) next(dst []byte, want int, to speech) ([]byte, int) {
	pcm := p.turn.frame.narrow[:want]
	n := p.source.Read(pcm)
	clear(pcm[n:])
	if n == 0 {
		return dst, 0
	}
	return p.turn.encode(dst, pcm, to), n
}

// keypad sends digits on one leg.
type keypad struct {
	waiting []byte
	now     *dtmf.Encoder // nil between calls of SendDigits
	ts      uint32        // of the digit going on
	ended   bool          // the next packet begins a digit
	pause   int           // packets of silence still to come after a digit
}

// speaking tells whether the unit speaks, so that nothing else is sent.
func (s *stream) speaking() bool { return s.player != nil || s.keys.now != nil }

// play begins to play, instead of what is played now.
func (s *stream) play(p player) {
	s.stopPlaying()
	if s.gone {
		return
	}
	s.player = p
	s.setFree()
	s.beginPlaying()
}

func (s *stream) stopPlaying() {
	if s.player == nil {
		return
	}
	s.player = nil
	s.setFree()
	s.tell(Event{Kind: Played, Stopped: true})
}

// dial sends more digits.
func (s *stream) dial(digits string) {
	s.keys.waiting = append(s.keys.waiting, digits...)
	s.beginPlaying()
}

// beginPlaying puts the stream among those that have something due, once
// there is a path to play on.
func (s *stream) beginPlaying() {
	if s.inPlaying || s.gone || s.path == nil || s.player == nil && len(s.keys.waiting) == 0 {
		return
	}
	s.inPlaying, s.due = true, s.loop.now
	s.loop.playing = append(s.loop.playing, s)
}

// playDue sends what is due; false when nothing is left to play.
func (s *stream) playDue() bool {
	defer s.setFree()
	for !s.gone && (s.player != nil || s.keys.now != nil || len(s.keys.waiting) > 0) {
		if s.due.After(s.loop.now) {
			return true
		}
		if s.loop.now.Sub(s.due) > time.Second {
			s.due = s.loop.now // the machine stood still: no burst afterwards
		}
		step := s.path.ptime
		dialing := s.keys.now != nil || len(s.keys.waiting) > 0
		if dialing {
			step = digitStep
			s.dialDue()
		}
		if s.player != nil {
			s.playFrame(step, dialing)
		}
		s.due = s.due.Add(step)
	}
	return false
}

// playFrame sends a frame, unless something else speaks.
func (s *stream) playFrame(step time.Duration, mute bool) {
	want, to := int(step*sampleRate/time.Second), speechNone
	if !mute && s.path.send && s.path.voice >= 0 {
		to = s.path.formats[s.path.voice].speech
	}
	p, n := s.player.next(s.loop.plain[:rtp.HeaderBytes], want, to)
	if n > 0 && to != speechNone {
		s.utter(p, want, &s.path.formats[s.path.voice])
	}
	if n < want {
		s.player = nil
		s.tell(Event{Kind: Played})
	}
}

// utter sends a packet of the unit's own speech, of so many samples at 8 kHz.
func (s *stream) utter(p []byte, samples int, f *format) {
	seq, ts, fresh := s.out.speak(uint32(samples), f.Rate, s.loop.now)
	rtp.Header{PT: f.tx, Marker: fresh, Seq: seq, Timestamp: ts, SSRC: s.out.ssrc}.Put(p)
	s.send(p)
}

// dialDue sends the next packet of a digit, or waits between two.
func (s *stream) dialDue() {
	if s.path.digits < 0 || !s.path.send {
		s.keys = keypad{} // they agreed to no digits meanwhile
		s.tell(Event{Kind: DigitsSent, Stopped: true})
		return
	}
	f := &s.path.formats[s.path.digits]
	step := int(digitStep * time.Duration(f.Rate) / time.Second)
	if s.keys.pause > 0 {
		if s.keys.pause--; s.keys.pause == 0 && len(s.keys.waiting) == 0 {
			s.keys.now = nil
			s.tell(Event{Kind: DigitsSent})
		}
		return
	}
	if s.keys.now == nil || s.keys.ended {
		e, err := dtmf.NewEncoder(s.keys.waiting[0], int(digitLasts*time.Duration(f.Rate)/time.Second), step)
		s.keys.waiting = s.keys.waiting[1:]
		if err != nil {
			return // SendDigits has looked at them
		}
		s.keys.now, s.keys.ended = e, false
	}
	event, first, last := s.keys.now.Next()
	seq, ts, _ := s.out.speak(uint32(step), f.Rate, s.loop.now)
	if first {
		s.keys.ts = ts // all its packets have the first one's
	}
	p := s.loop.plain[:rtp.HeaderBytes+dtmf.EventBytes]
	rtp.Header{PT: f.tx, Marker: first, Seq: seq, Timestamp: s.keys.ts, SSRC: s.out.ssrc}.Put(p)
	event.Put(p[rtp.HeaderBytes:])
	s.send(p)
	if last {
		s.keys.ended, s.keys.pause = true, int(digitGap/digitStep)
	}
}
