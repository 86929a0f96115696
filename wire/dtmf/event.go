package dtmf

import (
	"encoding/binary"
	"errors"
	"strings"
)

// Limits.
const (
	// EventBytes is the length of an event payload.
	EventBytes = 4
	// DurationMax is the longest duration of a packet, in timestamp units.
	DurationMax = 0xffff
	// InfoBytesMax is the longest INFO body read.
	InfoBytesMax = 512
)

// keys are the events 0–15 (RFC 4733 §3.2).
const keys = "0123456789*#ABCD"

// ErrEvent: not a telephone-event payload.
var ErrEvent = errors.New("not a telephone-event")

// Event is the payload of one packet (RFC 4733 §2.3).
type Event struct {
	Code     uint8
	End      bool
	Volume   uint8  // dBm0 without its sign, 0–63
	Duration uint16 // timestamp units
}

// Parse reads a payload. Longer payloads, several events in one packet, are
// read as their first (RFC 4733 §2.5.1.3 lets nobody send others in DTMF).
func Parse(p []byte) (Event, error) {
	if len(p) < EventBytes {
		return Event{}, ErrEvent
	}
	return Event{
		Code: p[0], End: p[1]&0x80 != 0, Volume: p[1] & 0x3f,
		Duration: binary.BigEndian.Uint16(p[2:]),
	}, nil
}

// Put writes the payload into p, which must be EventBytes long.
func (e Event) Put(p []byte) {
	p[0], p[1] = e.Code, e.Volume&0x3f
	if e.End {
		p[1] |= 0x80
	}
	binary.BigEndian.PutUint16(p[2:], e.Duration)
}

// Key is the key of an event: 0-9 * # A-D; false for others (hook flash,
// modem tones …).
func (e Event) Key() (byte, bool) {
	if int(e.Code) >= len(keys) {
		return 0, false
	}
	return keys[e.Code], true
}

// Code is the event of a key.
func Code(key byte) (uint8, bool) {
	if key >= 'a' && key <= 'd' {
		key -= 'a' - 'A'
	}
	i := strings.IndexByte(keys, key)
	return uint8(i), i >= 0
}

// Decoder tells the keys of one source. The zero value is ready.
type Decoder struct {
	known bool
	at    uint32 // timestamp of the event going on, or of the last one
	event Event  // its longest state
	told  bool
	past  [pastEvents]uint32 // timestamps of events that ended before it
	n     int
}

// pastEvents is how many events back a late packet is known as such.
const pastEvents = 4

// Pressed is a key that was pressed.
type Pressed struct {
	Key      byte
	Duration uint16 // timestamp units
}

// Take reads the event of a packet with a timestamp. It tells a key when its
// end comes (which is sent three times; RFC 4733 §2.5.1.4), or, where all
// ends were lost, when the next event begins.
func (d *Decoder) Take(timestamp uint32, e Event) (pressed [2]Pressed, n int) {
	switch {
	case d.known && timestamp == d.at:
		if e.Code != d.event.Code {
			return pressed, 0 // two events cannot begin together
		}
		e.Duration = max(e.Duration, d.event.Duration)
		d.event = e
	case d.known && d.old(timestamp):
		return pressed, 0
	default:
		if d.known && !d.told {
			n = d.tell(&pressed, n)
		}
		if d.known {
			d.past[d.n%pastEvents] = d.at
			d.n++
		}
		d.known, d.at, d.event, d.told = true, timestamp, e, false
	}
	if e.End && !d.told {
		n = d.tell(&pressed, n)
	}
	return pressed, n
}

// Flush tells a key that is still going on, for when its source falls silent.
func (d *Decoder) Flush() (p Pressed, ok bool) {
	var pressed [2]Pressed
	if !d.known || d.told {
		return p, false
	}
	ok = d.tell(&pressed, 0) == 1
	return pressed[0], ok
}

func (d *Decoder) tell(pressed *[2]Pressed, n int) int {
	d.told = true
	if key, ok := d.event.Key(); ok {
		pressed[n] = Pressed{Key: key, Duration: d.event.Duration}
		n++
	}
	return n
}

// old tells a late packet of an event that is over.
func (d *Decoder) old(timestamp uint32) bool {
	for i := range min(d.n, pastEvents) {
		if d.past[i] == timestamp {
			return true
		}
	}
	return false
}

// Encoder makes the packets of one key: Next every 20 ms (or another time),
// until it tells the last.
type Encoder struct {
	code       uint8
	step, full int
	sent       int // timestamp units
	ends       int
}

// The volume of keys sent, and how often the end is repeated.
const (
	volume   = 10 // -10 dBm0
	endTimes = 3  // RFC 4733 §2.5.1.4
)

// NewEncoder is for a key that lasts duration timestamp units, in packets of
// step units.
func NewEncoder(key byte, duration, step int) (*Encoder, error) {
	code, ok := Code(key)
	if !ok || step <= 0 || duration < step || duration > DurationMax {
		return nil, ErrEvent
	}
	return &Encoder{code: code, step: step, full: duration}, nil
}

// Next is the next packet's event. first asks for the marker bit; last is
// true with the final packet. All packets of a key carry the timestamp of
// its first.
func (e *Encoder) Next() (event Event, first, last bool) {
	first = e.sent == 0
	e.sent = min(e.sent+e.step, e.full)
	event = Event{Code: e.code, Volume: volume, Duration: uint16(e.sent)}
	if e.sent == e.full {
		event.End = true
		e.ends++
		last = e.ends == endTimes
	}
	return event, first, last
}
