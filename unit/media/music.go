package media

import (
	"sync"

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

// melody is the music of a unit that has no recording.
var melody = sync.OnceValue(func() *Music { return NewMusic(music.Melody()) })

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
