package tempo

import (
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"time"
)

// ErrState says that bytes are no state that Export wrote.
var ErrState = errors.New("not a state of a watch")

// stateMark begins every state; the last byte is its version.
const stateMark = "tempo\x00\x00\x01"

// Export writes what a Watch remembers. Calls older than a day it leaves out,
// so that no number is kept longer than that by it.
func (w *Watch) Export(now time.Time) ([]byte, error) {
	w.turn(now)
	out, errTime := binary.Append([]byte(stateMark), binary.BigEndian, w.now)
	out, errUnit := binary.Append(out, binary.BigEndian, &w.unit)
	err := errors.Join(errTime, errUnit)
	at := w.oldest()
	for range w.seats {
		seat := &w.seats[at]
		out = append(out, byte(len(seat.name)))
		out = append(out, seat.name...)
		var errSubject error
		out, errSubject = seat.of.export(out, w.now-keptFor)
		err = errors.Join(err, errSubject)
		at = seat.newer
	}
	return binary.BigEndian.AppendUint32(out, crc32.ChecksumIEEE(out)), err
}

// oldest is the seat heard of the longest ago.
func (w *Watch) oldest() int {
	if w.head < 0 {
		return 0
	}
	return w.seats[w.head].newer
}

// export appends a subject without the calls before a time: the record, and the
// calls where there is room for any.
func (s *subject) export(out []byte, before int64) ([]byte, error) {
	out, errRecord := binary.Append(out, binary.BigEndian, &s.record)
	if s.calls == nil {
		return out, errRecord
	}
	calls := *s.calls
	for i := range calls {
		if c := &calls[i]; c.At < before {
			*c = call{}
		}
	}
	out, errCalls := binary.Append(out, binary.BigEndian, &calls)
	return out, errors.Join(errRecord, errCalls)
}

// read takes in what export wrote, and gives what follows it.
func (s *subject) read(from []byte) ([]byte, error) {
	n, err := binary.Decode(from, binary.BigEndian, &s.record)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrState, err)
	}
	if !s.sound() {
		return nil, ErrState
	}
	from = from[n:]
	if s.Last < 0 {
		return from, nil
	}
	s.calls = new([callsMax]call)
	if n, err = binary.Decode(from, binary.BigEndian, s.calls); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrState, err)
	}
	return from[n:], nil
}

// Import makes the Watch remember what Export wrote, and nothing else. What was
// up then is over: who reads it back has hung it up. A state of more than a day
// ahead was written by a wrong clock, and would make time stand still. Where it
// gives ErrState the Watch is as it was.
func (w *Watch) Import(now time.Time, state []byte) error {
	sum := len(state) - 4
	if len(state) > StateMax || sum < len(stateMark) || string(state[:len(stateMark)]) != stateMark ||
		crc32.ChecksumIEEE(state[:sum]) != binary.BigEndian.Uint32(state[sum:]) {
		return ErrState
	}
	fresh := New(w.zone)
	rest := state[len(stateMark):sum]
	for _, into := range []any{&fresh.now, &fresh.unit} {
		n, err := binary.Decode(rest, binary.BigEndian, into)
		if err != nil {
			return fmt.Errorf("%w: %w", ErrState, err)
		}
		rest = rest[n:]
	}
	if fresh.unit.Rings < 0 || fresh.now > now.Unix()+day {
		return ErrState
	}
	for len(rest) > 0 {
		end := 1 + int(rest[0])
		if end > len(rest) || len(fresh.seats) == subjectsMax {
			return ErrState
		}
		s := fresh.subject(string(rest[1:end]))
		var err error
		if rest, err = s.read(rest[end:]); err != nil {
			return err
		}
		s.hangUp(fresh.now)
	}
	*w = *fresh
	return nil
}

// sound tells whether indexes point into their tables.
func (s *subject) sound() bool {
	return s.Last >= -1 && s.Here >= 0 && s.Here < placesMax
}

// hangUp ends what was up or asked for at a time.
func (s *subject) hangUp(now int64) {
	if s.calls == nil {
		return
	}
	for i := range s.calls {
		switch c := &s.calls[i]; c.State {
		case up:
			c.State, c.Talk = talked, min(max(0, now-c.Answered), talkMost)
		case asked:
			c.State = failed
		}
	}
}
