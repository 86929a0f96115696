package ear

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
)

// WAVBytesMax is the longest recording read.
const WAVBytesMax = 64 << 20

// ErrWAV: not a recording that is understood.
var ErrWAV = errors.New("not a WAV of 16-bit, µ-law or A-law samples")

// The formats of WAV that phones write.
const (
	wavPCM = 1
	wavA   = 6
	wavMu  = 7
)

// ReadWAV reads a recording; of several channels the first. A data chunk that
// says more than there is (a recorder that was killed) is read as far as it
// goes.
func ReadWAV(r io.Reader) (pcm []int16, rate int, err error) {
	b, err := io.ReadAll(io.LimitReader(r, WAVBytesMax))
	if err != nil {
		return nil, 0, fmt.Errorf("wav: %w", err)
	}
	if len(b) < 12 || string(b[:4]) != "RIFF" || string(b[8:12]) != "WAVE" {
		return nil, 0, ErrWAV
	}
	var format, channels, bits int
	for b = b[12:]; len(b) >= 8; {
		id, size := string(b[:4]), int(binary.LittleEndian.Uint32(b[4:]))
		b = b[8:]
		body := b[:min(size, len(b))]
		switch id {
		case "fmt ":
			if len(body) < 16 {
				return nil, 0, ErrWAV
			}
			format = int(binary.LittleEndian.Uint16(body))
			channels = int(binary.LittleEndian.Uint16(body[2:]))
			rate = int(binary.LittleEndian.Uint32(body[4:]))
			bits = int(binary.LittleEndian.Uint16(body[14:]))
		case "data":
			pcm, err = samples(body, format, channels, bits)
			return pcm, rate, err
		}
		b = b[min(size+size&1, len(b)):]
	}
	return nil, 0, ErrWAV
}

func samples(body []byte, format, channels, bits int) ([]int16, error) {
	if channels < 1 || channels > 8 {
		return nil, ErrWAV
	}
	var pcm []int16
	switch {
	case format == wavPCM && bits == 16:
		for ; len(body) >= 2*channels; body = body[2*channels:] {
			pcm = append(pcm, int16(binary.LittleEndian.Uint16(body)))
		}
	case (format == wavMu || format == wavA) && bits == 8:
		one := FromMu
		if format == wavA {
			one = FromA
		}
		for ; len(body) >= channels; body = body[channels:] {
			pcm = append(pcm, one(body[:1])...)
		}
	default:
		return nil, ErrWAV
	}
	return pcm, nil
}

// WriteWAV writes a recording of one channel.
func WriteWAV(w io.Writer, pcm []int16, rate int) error {
	b := []byte("RIFF")
	b = binary.LittleEndian.AppendUint32(b, uint32(36+2*len(pcm)))
	b = append(b, "WAVEfmt "...)
	b = binary.LittleEndian.AppendUint32(b, 16)
	for _, v := range []uint16{wavPCM, 1} {
		b = binary.LittleEndian.AppendUint16(b, v)
	}
	b = binary.LittleEndian.AppendUint32(b, uint32(rate))
	b = binary.LittleEndian.AppendUint32(b, uint32(2*rate))
	b = binary.LittleEndian.AppendUint16(b, 2)
	b = binary.LittleEndian.AppendUint16(b, 16)
	b = append(b, "data"...)
	b = binary.LittleEndian.AppendUint32(b, uint32(2*len(pcm)))
	for _, v := range pcm {
		b = binary.LittleEndian.AppendUint16(b, uint16(v))
	}
	if _, err := w.Write(b); err != nil {
		return fmt.Errorf("wav: %w", err)
	}
	return nil
}
