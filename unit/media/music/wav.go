package music

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math"
	"slices"

	"github.com/sekisho/sekisho/wire/rtp/g711"
)

// Errors of a recording.
var (
	// ErrWAV: not a WAV file, or a broken one.
	ErrWAV = errors.New("not a WAV file")
	// ErrFormat: a WAV file of other samples than Read takes.
	ErrFormat = errors.New("not PCM of 16 or 24 bits")
	// ErrRate: a rate that Read does not take.
	ErrRate = errors.New("sample rate not supported")
	// ErrLength: too short or too long.
	ErrLength = errors.New("length not supported")
	// ErrSilent: nothing is to be heard in it.
	ErrSilent = errors.New("silent")
)

// Rates are the sample rates that Read takes.
func Rates() []int { return []int{8000, 11025, 16000, 22050, 24000, 32000, 44100, 48000} }

// fadeSeconds is how long a recording takes to come and to go, so that neither
// clicks.
const fadeSeconds = 0.02

// The formats of WAVE.
const (
	formatPCM        = 1
	formatExtensible = 0xfffe
)

// form is what a fmt chunk says.
type form struct{ format, channels, rate, bits int }

// Read reads a recording: a WAV file of 16 or 24 bits, of one channel or of several,
// which become one. It is made as loud as the melody.
func Read(r io.Reader) (Tune, error) {
	pcm, rate, err := read(r, secondsMin)
	if err != nil {
		return Tune{}, err
	}
	return newTune(pcm, rate)
}

// Speech reads a recording as Read does, for what is said once: at NarrowRate, without a
// rest before it, and it may be as short as a word.
func Speech(r io.Reader) ([]int16, error) {
	pcm, rate, err := read(r, wordSeconds)
	if err != nil {
		return nil, err
	}
	narrow := resample(pcm, rate, NarrowRate)
	gain, err := level(narrow)
	if err != nil {
		return nil, err
	}
	return scaled(narrow, min(gain, headroom(narrow)), 0), nil
}

// read gives the samples of a recording of at least so many seconds.
func read(r io.Reader, least float64) (pcm []float64, rate int, err error) {
	b, err := io.ReadAll(io.LimitReader(r, BytesMax+1))
	if err != nil {
		return nil, 0, fmt.Errorf("recording: %w", err)
	}
	if len(b) > BytesMax {
		return nil, 0, fmt.Errorf("recording of more than %d bytes: %w", BytesMax, ErrLength)
	}
	f, data, err := chunks(b)
	if err != nil {
		return nil, 0, err
	}
	if err := f.check(len(data), least); err != nil {
		return nil, 0, err
	}
	pcm = f.samples(data)
	fadeIn(pcm, int(fadeSeconds*float64(f.rate)))
	fadeOut(pcm, int(fadeSeconds*float64(f.rate)))
	return pcm, f.rate, nil
}

// chunks finds the two chunks that matter. A data chunk that says more than there
// is (a recorder that was killed) goes as far as it goes.
func chunks(b []byte) (f form, data []byte, err error) {
	if len(b) < 12 || string(b[:4]) != "RIFF" || string(b[8:12]) != "WAVE" {
		return f, nil, ErrWAV
	}
	for b = b[12:]; len(b) >= 8; {
		id, size := string(b[:4]), int(binary.LittleEndian.Uint32(b[4:]))
		b = b[8:]
		body := b[:min(size, len(b))]
		switch id {
		case "fmt ":
			if f, err = formOf(body); err != nil {
				return f, nil, err
			}
		case "data":
			if f.rate == 0 {
				return f, nil, fmt.Errorf("samples before their format: %w", ErrWAV)
			}
			return f, body, nil
		}
		b = b[min(size+size&1, len(b)):]
	}
	return f, nil, fmt.Errorf("no samples: %w", ErrWAV)
}

func formOf(body []byte) (form, error) {
	if len(body) < 16 {
		return form{}, ErrWAV
	}
	f := form{
		format:   int(binary.LittleEndian.Uint16(body)),
		channels: int(binary.LittleEndian.Uint16(body[2:])),
		rate:     int(binary.LittleEndian.Uint32(body[4:])),
		bits:     int(binary.LittleEndian.Uint16(body[14:])),
	}
	if f.format == formatExtensible && len(body) >= 26 {
		f.format = int(binary.LittleEndian.Uint16(body[24:])) // a GUID begins with it
	}
	return f, nil
}

// check tells what is wrong with so many bytes of samples, of which there must be so many
// seconds.
func (f form) check(bytes int, least float64) error {
	switch {
	case f.format != formatPCM || f.bits != 16 && f.bits != 24:
		return fmt.Errorf("format %d of %d bits: %w", f.format, f.bits, ErrFormat)
	case f.channels < 1 || f.channels > channelsMax:
		return fmt.Errorf("%d channels: %w", f.channels, ErrFormat)
	case !slices.Contains(Rates(), f.rate):
		return fmt.Errorf("%d Hz: %w", f.rate, ErrRate)
	}
	if n := bytes / (f.channels * f.bits / 8); n < int(least*float64(f.rate)) || n > SecondsMax*f.rate {
		return fmt.Errorf("%d seconds: %w", n/f.rate, ErrLength)
	}
	return nil
}

// samples mixes the channels into one; full scale is 1.
func (f form) samples(data []byte) []float64 {
	width := f.bits / 8
	size := width * f.channels
	pcm := make([]float64, len(data)/size)
	for i := range pcm {
		sum := 0
		for c := range f.channels {
			b := data[i*size+c*width:]
			if width == 3 {
				sum += int(int8(b[2]))<<16 | int(b[1])<<8 | int(b[0])
			} else {
				sum += int(int16(binary.LittleEndian.Uint16(b))) << 8
			}
		}
		pcm[i] = float64(sum) / float64(f.channels<<23)
	}
	return pcm
}

// fadeIn lets the first n samples come.
func fadeIn(pcm []float64, n int) {
	for i := range n {
		pcm[i] *= slope(i, n)
	}
}

// fadeOut lets the last n samples go.
func fadeOut(pcm []float64, n int) {
	for i := range n {
		pcm[len(pcm)-1-i] *= slope(i, n)
	}
}

// slope goes from 0 to 1 in n steps.
func slope(i, n int) float64 { return (1 - math.Cos(math.Pi*float64(i)/float64(n))) / 2 }

// WriteMu writes µ-law at 8 kHz as a WAV file that every player plays.
func WriteMu(w io.Writer, mu []byte) error {
	const rate = 8000
	pcm := make([]int16, len(mu))
	for i, b := range mu {
		pcm[i] = g711.DecodeMu(b)
	}
	return Write(w, pcm, rate)
}

// Write writes a WAV file of 16 bits and one channel.
func Write(w io.Writer, pcm []int16, rate int) error {
	const header, bytes, bits = 36, 2, 16
	b := binary.LittleEndian.AppendUint32([]byte("RIFF"), uint32(header+bytes*len(pcm)))
	b = binary.LittleEndian.AppendUint32(append(b, "WAVEfmt "...), bits)
	b = binary.LittleEndian.AppendUint16(b, formatPCM)
	b = binary.LittleEndian.AppendUint16(b, 1)
	b = binary.LittleEndian.AppendUint32(b, uint32(rate))
	b = binary.LittleEndian.AppendUint32(b, uint32(bytes*rate))
	b = binary.LittleEndian.AppendUint16(b, bytes)
	b = binary.LittleEndian.AppendUint16(b, bits)
	b = binary.LittleEndian.AppendUint32(append(b, "data"...), uint32(bytes*len(pcm)))
	for _, v := range pcm {
		b = binary.LittleEndian.AppendUint16(b, uint16(v))
	}
	if _, err := w.Write(b); err != nil {
		return fmt.Errorf("recording: %w", err)
	}
	return nil
}
