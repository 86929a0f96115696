package sound

import (
	"math"
	"path/filepath"
	"testing"
	"time"

	"github.com/sekisho/sekisho/sim/ear"
)

func TestHear(t *testing.T) {
	t.Parallel()
	tone := Tone(440, -12, 2*time.Second)
	other := Tone(1000, -12, 2*time.Second)
	silence := PCM{Rate: Rate, Samples: make([]int16, Rate)}
	hole := PCM{Rate: Rate, Samples: append(append(append([]int16{}, tone.Samples...), silence.Samples...),
		tone.Samples...)}
	both := PCM{Rate: Rate, Samples: make([]int16, len(tone.Samples))}
	for i := range both.Samples {
		both.Samples[i] = tone.Samples[i] + other.Samples[i]
	}
	tests := []struct {
		name           string
		pcm            PCM
		level          float64
		present, holes time.Duration
	}{
		{"the tone itself", tone, -12, 2 * time.Second, 0},
		{"after µ-law", PCM{Rate, ear.FromMu(ear.ToMu(tone.Samples))}, -12, 2 * time.Second, 0},
		{"another tone", other, math.Inf(-1), 0, 0},
		{"silence", silence, math.Inf(-1), 0, 0},
		{"nothing", PCM{}, math.Inf(-1), 0, 0},
		{"both tones at once", both, math.Inf(-1), 0, 0},
		{"a hole of one second", hole, -12, 4 * time.Second, time.Second},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			h := Hear(tt.pcm, 440)
			wrongLevel := math.Abs(h.LevelDB-tt.level) > 0.5 && h.LevelDB != tt.level
			if wrongLevel || h.Present != tt.present || h.Holes != tt.holes {
				t.Errorf("heard %v, want %.1f dB for %v with holes of %v", h, tt.level, tt.present, tt.holes)
			}
		})
	}
}

func TestWAVRoundTrip(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "tone.wav")
	if err := WriteTone(path, 697, -20, time.Second); err != nil {
		t.Fatal(err)
	}
	p, err := Read(path)
	if err != nil {
		t.Fatal(err)
	}
	if h := Hear(p, 697); p.Rate != Rate || math.Abs(h.LevelDB+20) > 0.2 || h.Present != time.Second {
		t.Errorf("rate %d, heard %v", p.Rate, h)
	}
}
