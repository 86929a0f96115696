package media

import (
	"bytes"
	"fmt"

	"github.com/sekisho/sekisho/unit/media/prompt"
	"github.com/sekisho/sekisho/wire/rtp/g711"
)

// sound plays µ-law samples, one sentence after the other.
type sound struct {
	left []byte
	rest [][]byte
}

var _ Source = (*sound)(nil)

// Read gives the next samples.
func (s *sound) Read(pcm []int16) int {
	n := 0
	for n < len(pcm) {
		if len(s.left) == 0 {
			if len(s.rest) == 0 {
				break
			}
			s.left, s.rest = s.rest[0], s.rest[1:]
		}
		few := min(len(pcm)-n, len(s.left))
		for i, b := range s.left[:few] {
			pcm[n+i] = g711.DecodeMu(b)
		}
		s.left, n = s.left[few:], n+few
	}
	return n
}

// NewSpeech is sentences and words of a book by their names in package prompt, one after
// the other in one language; "" is a rest.
func NewSpeech(book *prompt.Book, lang string, names ...string) (Source, error) {
	s := new(sound)
	for _, name := range names {
		if name == "" {
			s.rest = append(s.rest, bytes.Repeat([]byte{g711.EncodeMu(0)}, restBytes))
			continue
		}
		mu, err := book.Open(name, lang)
		if err != nil {
			return nil, fmt.Errorf("speech: %w", err)
		}
		s.rest = append(s.rest, mu)
	}
	return s, nil
}

// restBytes is how long a rest between words is, at 8000 bytes a second.
const restBytes = 2400

// NewAnnouncement is a spoken sentence of a book by its name in package prompt, in "ja",
// "en", or in one after the other.
func NewAnnouncement(book *prompt.Book, name string, langs ...string) (Source, error) {
	s := new(sound)
	for _, lang := range langs {
		mu, err := book.Open(name, lang)
		if err != nil {
			return nil, fmt.Errorf("announcement: %w", err)
		}
		s.rest = append(s.rest, mu)
	}
	return s, nil
}

// NewRecorded is sound that was recorded: µ-law at 8 kHz.
func NewRecorded(mu []byte) Source { return &sound{rest: [][]byte{mu}} }

// inTurn plays one source after the other.
type inTurn []Source

// InTurn is sources one after the other.
func InTurn(sources ...Source) Source {
	s := inTurn(sources)
	return &s
}

// Read gives the next samples.
func (s *inTurn) Read(pcm []int16) int {
	n := 0
	for n < len(pcm) && len(*s) > 0 {
		got := (*s)[0].Read(pcm[n:])
		if n += got; n < len(pcm) {
			*s = (*s)[1:]
		}
	}
	return n
}
