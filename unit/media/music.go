package media

import (
	_ "embed" // the melody

	"github.com/sekisho/sekisho/unit/media/music"
	"github.com/sekisho/sekisho/wire/rtp/g711"
	"github.com/sekisho/sekisho/wire/rtp/g722"
)

// Music is what a peer on hold hears, in every codec that the unit speaks: it is
// coded once, whoever hears it. It is never changed.
type Music struct {
	tracks [speeches][]byte // of one length: 8000 bytes a second in each
}

// NewMusic codes a tune. In the rest with which it begins a decoder of G.722 forgets
// what it heard before.
func NewMusic(t music.Tune) *Music {
	m := new(Music)
	for _, v := range t.Narrow {
		m.tracks[speechMu] = append(m.tracks[speechMu], g711.EncodeMu(v))
		m.tracks[speechA] = append(m.tracks[speechA], g711.EncodeA(v))
	}
	m.tracks[speechG722] = new(g722.Encoder).Encode(make([]byte, 0, len(t.Wide)/2), t.Wide)
	return m
}

// Tracks are its tracks, by the name of the codec.
func (m *Music) Tracks() map[string][]byte {
	return map[string][]byte{
		"mu": m.tracks[speechMu], "a": m.tracks[speechA], "g722": m.tracks[speechG722],
	}
}

// The melody as it was written down: to compose and code it takes a small machine a
// second, in which it could already be called.
//
//go:generate go run ./music/record
var (
	//go:embed melody/mu
	melodyMu []byte
	//go:embed melody/a
	melodyA []byte
	//go:embed melody/g722
	melodyG722 []byte
)

// melody is the music of a unit that has no recording.
func melody() *Music {
	m := new(Music)
	m.tracks[speechMu], m.tracks[speechA], m.tracks[speechG722] = melodyMu, melodyA, melodyG722
	return m
}

// listening is one leg that hears music.
type listening struct {
	music *Music
	at    int
}

var _ player = (*listening)(nil)

// next gives the next frame of the track. It never ends.
func (l *listening) next(dst []byte, want int, to speech) ([]byte, int) {
	track, length := l.music.tracks[to], len(l.music.tracks[speechMu])
	for left := want; left > 0; {
		few := min(left, length-l.at)
		if track != nil {
			dst = append(dst, track[l.at:l.at+few]...)
		}
		left, l.at = left-few, (l.at+few)%length
	}
	return dst, want
}

// Music plays the relay's music to the peer (保留音), from its beginning and without
// end, as Play does with what it plays; what ends that ends this.
func (l *Leg) Music() error { return l.hear(&listening{music: l.call.relay.cfg.Music}) }
