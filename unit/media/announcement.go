package media

import (
	"fmt"

	"github.com/sekisho/sekisho/unit/media/prompt"
	"github.com/sekisho/sekisho/wire/rtp/g711"
)

// sound plays µ-law samples.
type sound struct{ left []byte }

var _ Source = (*sound)(nil)

// Read gives the next samples.
func (s *sound) Read(pcm []int16) int {
	n := min(len(pcm), len(s.left))
	for i, b := range s.left[:n] {
		pcm[i] = g711.DecodeMu(b)
	}
	s.left = s.left[n:]
	return n
}

// NewAnnouncement is a spoken sentence by its name in package prompt, in "ja"
// or "en".
func NewAnnouncement(name, lang string) (Source, error) {
	mu, err := prompt.Open(name, lang)
	if err != nil {
		return nil, fmt.Errorf("announcement: %w", err)
	}
	return &sound{left: mu}, nil
}
