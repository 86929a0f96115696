package archive

import "encoding/binary"

// The sound of a recording: µ-law at 8 kHz of two sides, a byte of each in turn.
const (
	channels       = 2
	bytesPerSecond = channels * 8000
	headerBytes    = 58
	formatMu       = 7 // WAVE_FORMAT_MULAW
)

// header is a WAV's, of so much sound.
func header(sound int64) []byte {
	le := binary.LittleEndian
	h := make([]byte, 0, headerBytes)
	h = le.AppendUint32(append(h, "RIFF"...), uint32(headerBytes-8+sound))
	h = le.AppendUint32(append(h, "WAVEfmt "...), 18)
	h = le.AppendUint16(h, formatMu)
	h = le.AppendUint16(h, channels)
	h = le.AppendUint32(h, bytesPerSecond/channels)
	h = le.AppendUint32(h, bytesPerSecond)
	h = le.AppendUint16(h, channels) // bytes of a sample of all sides
	h = le.AppendUint16(h, 8)        // bits of one
	h = le.AppendUint16(h, 0)        // nothing follows
	h = le.AppendUint32(append(h, "fact"...), 4)
	h = le.AppendUint32(h, uint32(sound/channels))
	return le.AppendUint32(append(h, "data"...), uint32(sound))
}
