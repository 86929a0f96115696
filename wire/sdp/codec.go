package sdp

import (
	"strconv"
	"strings"
)

// TelephoneEvent is the encoding name of DTMF as events (RFC 4733).
const TelephoneEvent = "telephone-event"

// Codec is one RTP payload format of a stream.
type Codec struct {
	PT       uint8  // payload type, 0–127
	Name     string // encoding name as written
	Rate     int    // clock rate, Hz
	Channels int    // 1 unless given
	Fmtp     string // a=fmtp value without the payload type, "" if none
}

// Same tells whether two codecs are the same format, whatever their payload
// types and parameters.
func (c Codec) Same(d Codec) bool {
	return c.Rate == d.Rate && c.Channels == d.Channels && strings.EqualFold(c.Name, d.Name)
}

// Is tells whether the codec has an encoding name.
func (c Codec) Is(name string) bool { return strings.EqualFold(c.Name, name) }

// Event tells whether the codec is telephone-event.
func (c Codec) Event() bool { return c.Is(TelephoneEvent) }

// static are the payload types that need no a=rtpmap (RFC 3551 §6), as far as
// telephones still use them, the best known first. G722 says 8000 Hz for
// historical reasons (§4.5.2).
var static = [...]Codec{
	{PT: 0, Name: "PCMU", Rate: 8000, Channels: 1},
	{PT: 8, Name: "PCMA", Rate: 8000, Channels: 1},
	{PT: 9, Name: "G722", Rate: 8000, Channels: 1},
	{PT: 18, Name: "G729", Rate: 8000, Channels: 1},
	{PT: 3, Name: "GSM", Rate: 8000, Channels: 1},
	{PT: 4, Name: "G723", Rate: 8000, Channels: 1},
	{PT: 15, Name: "G728", Rate: 8000, Channels: 1},
	{PT: 13, Name: "CN", Rate: 8000, Channels: 1},
}

// Static is the codec of a static payload type.
func Static(pt uint8) (Codec, bool) {
	for i := range static {
		if static[i].PT == pt {
			return static[i], true
		}
	}
	return Codec{}, false
}

// Named is the codec of a static payload type by encoding name. Comfort noise
// is none.
func Named(name string) (Codec, bool) {
	for i := range static {
		if c := static[i]; c.Is(name) && c.PT != 13 {
			return c, true
		}
	}
	return Codec{}, false
}

// Find gives the first of codecs that is the same format as c.
func Find(codecs []Codec, c Codec) (Codec, bool) {
	for _, d := range codecs {
		if d.Same(c) {
			return d, true
		}
	}
	return Codec{}, false
}

// rtpmap reads "<pt> <name>/<rate>[/<channels>]" (RFC 8866 §6.6).
func rtpmap(value string) (Codec, error) {
	first, rest, ok := strings.Cut(value, " ")
	if !ok {
		return Codec{}, errAttribute
	}
	pt, err := strconv.ParseUint(first, 10, 7)
	if err != nil {
		return Codec{}, errAttribute
	}
	name, rest, ok := strings.Cut(strings.TrimSpace(rest), "/")
	if !ok || name == "" || len(name) > nameBytesMax || !token(name) {
		return Codec{}, errAttribute
	}
	rate, channels, more := strings.Cut(rest, "/")
	c := Codec{PT: uint8(pt), Name: name, Channels: 1}
	hz, err := strconv.ParseUint(rate, 10, 20)
	if err != nil || hz == 0 {
		return Codec{}, errAttribute
	}
	c.Rate = int(hz)
	if more {
		n, err := strconv.ParseUint(channels, 10, 4)
		if err != nil || n == 0 {
			return Codec{}, errAttribute
		}
		c.Channels = int(n)
	}
	return c, nil
}
