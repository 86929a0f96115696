package sound

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"os"
	"time"
)

// Rate is the sampling rate of narrow-band telephony, in samples per second.
const Rate = 8000

const (
	headerLen = 44
	// fileMax bounds a recording that is read: ten minutes at 48 kHz.
	fileMax = 10 * 60 * 48000 * 2
)

// PCM is sound, as samples.
type PCM struct {
	Rate    int
	Samples []int16
}

// Len is how long the sound is.
func (p PCM) Len() time.Duration {
	if p.Rate == 0 {
		return 0
	}
	return time.Duration(len(p.Samples)) * time.Second / time.Duration(p.Rate)
}

// Tone makes a steady tone of a frequency in Hz and a level in dBFS.
func Tone(hz, levelDB float64, length time.Duration) PCM {
	n := int(length.Seconds() * Rate)
	amplitude := math.Pow(10, levelDB/20) * math.MaxInt16
	s := make([]int16, n)
	for i := range s {
		s[i] = int16(math.Round(amplitude * math.Sin(2*math.Pi*hz*float64(i)/Rate)))
	}
	return PCM{Rate: Rate, Samples: s}
}

// WriteTone writes a steady tone as a WAV file.
func WriteTone(path string, hz, levelDB float64, length time.Duration) error {
	return Write(path, Tone(hz, levelDB, length))
}

// Write writes a WAV file.
func Write(path string, p PCM) error {
	size := len(p.Samples) * 2
	b := make([]byte, 0, headerLen+size)
	b = append(b, "RIFF"...)
	b = binary.LittleEndian.AppendUint32(b, uint32(headerLen-8+size))
	b = append(b, "WAVEfmt "...)
	b = binary.LittleEndian.AppendUint32(b, 16)
	b = binary.LittleEndian.AppendUint16(b, 1) // PCM
	b = binary.LittleEndian.AppendUint16(b, 1) // channel
	b = binary.LittleEndian.AppendUint32(b, uint32(p.Rate))
	b = binary.LittleEndian.AppendUint32(b, uint32(p.Rate*2))
	b = binary.LittleEndian.AppendUint16(b, 2)
	b = binary.LittleEndian.AppendUint16(b, 16)
	b = append(b, "data"...)
	b = binary.LittleEndian.AppendUint32(b, uint32(size))
	for _, s := range p.Samples {
		b = binary.LittleEndian.AppendUint16(b, uint16(s))
	}
	return os.WriteFile(path, b, 0o644)
}

// Read reads a WAV file of 16-bit PCM with one channel. A data chunk whose
// length says nothing, or more than there is (a recording cut short), ends with
// the file.
func Read(path string) (PCM, error) {
	b, err := os.ReadFile(path)
	if err != nil {
		return PCM{}, err
	}
	if len(b) > fileMax || len(b) < 12 || string(b[:4]) != "RIFF" || string(b[8:12]) != "WAVE" {
		return PCM{}, fmt.Errorf("%s: not a WAV file of at most %d bytes", path, fileMax)
	}
	var p PCM
	for at := 12; at+8 <= len(b); {
		size := int(binary.LittleEndian.Uint32(b[at+4:]))
		if size == 0 && string(b[at:at+4]) == "data" {
			size = len(b) - at - 8 // still being recorded
		}
		body := b[at+8 : min(at+8+size, len(b))]
		switch string(b[at : at+4]) {
		case "fmt ":
			if len(body) < 16 || binary.LittleEndian.Uint16(body[2:]) != 1 ||
				binary.LittleEndian.Uint16(body[14:]) != 16 {
				return PCM{}, fmt.Errorf("%s: not one channel of 16 bits", path)
			}
			p.Rate = int(binary.LittleEndian.Uint32(body[4:]))
		case "data":
			for i := 0; i+1 < len(body); i += 2 {
				p.Samples = append(p.Samples, int16(binary.LittleEndian.Uint16(body[i:])))
			}
		}
		at += 8 + size + size%2
	}
	if p.Rate == 0 {
		return PCM{}, errors.New(path + ": no format")
	}
	return p, nil
}
