package sound

import (
	"fmt"
	"os"
	"time"

	"github.com/sekisho/sekisho/sim/ear"
)

// Rate is the sampling rate of narrow-band telephony, in samples per second.
const Rate = 8000

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

// Tone makes a steady tone of a frequency in Hz and a level in dBm0.
func Tone(hz, dBm0 float64, length time.Duration) PCM {
	return PCM{Rate: Rate, Samples: ear.Tone(Rate, hz, dBm0, length.Seconds())}
}

// WriteTone writes a steady tone as a WAV file.
func WriteTone(path string, hz, dBm0 float64, length time.Duration) error {
	f, err := os.Create(path)
	if err != nil {
		return err
	}
	if err := ear.WriteWAV(f, Tone(hz, dBm0, length).Samples, Rate); err != nil {
		f.Close()
		return err
	}
	return f.Close()
}

// Read reads a WAV file.
func Read(path string) (PCM, error) {
	f, err := os.Open(path)
	if err != nil {
		return PCM{}, err
	}
	defer f.Close()
	samples, rate, err := ear.ReadWAV(f)
	if err != nil {
		return PCM{}, fmt.Errorf("%s: %w", path, err)
	}
	return PCM{Rate: rate, Samples: samples}, nil
}
