package media

import (
	"math"
	"testing"
	"time"

	"github.com/sekisho/sekisho/sim/ear"
	"github.com/sekisho/sekisho/unit/media/music"
	"github.com/sekisho/sekisho/wire/rtp"
	"github.com/sekisho/sekisho/wire/rtp/g711"
	"github.com/sekisho/sekisho/wire/rtp/g722"
)

// noise is how far what was heard lies from what was meant, in dB below it; both
// are as late.
func noise(meant, heard []int16) float64 {
	var signal, rest float64
	for i, v := range heard {
		d := float64(v) - float64(meant[i])
		signal += float64(meant[i]) * float64(meant[i])
		rest += d * d
	}
	return 10 * math.Log10(rest/signal)
}

// TestMelodyIsAsComposed: what was written down is what the notes give, all of it. Another
// processor may round otherwise here and there.
func TestMelodyIsAsComposed(t *testing.T) {
	tune := music.Melody()
	want, got := NewMusic(tune).Tracks(), melody().Tracks()
	for name, track := range want {
		if len(got[name]) != len(track) {
			t.Fatalf("%s: %d bytes, want %d: go generate ./unit/media", name, len(got[name]), len(track))
		}
	}
	narrow := map[string]func(byte) int16{"mu": g711.DecodeMu, "a": g711.DecodeA}
	for name, decode := range narrow {
		var heard []int16
		for _, b := range got[name] {
			heard = append(heard, decode(b))
		}
		if db := noise(tune.Narrow, heard); db > -35 {
			t.Errorf("%s: noise %.1f dB: go generate ./unit/media", name, db)
		}
	}
	least := math.Inf(1)
	for delay := range 40 { // of its filters
		least = min(least, noise(tune.Wide, new(g722.Decoder).Decode(nil, got["g722"])[delay:]))
	}
	if least > -35 {
		t.Errorf("G.722: noise %.1f dB: go generate ./unit/media", least)
	}
}

// Whoever is put on hold hears a short rest and then the melody from its beginning,
// with noise 35 dB below it at the least.
func TestMusic(t *testing.T) {
	tune := music.Melody()
	for _, c := range []struct {
		formats string
		db      float64
	}{{"0", -35}, {"8", -35}, {"9", -35}} {
		w := newWorld(t)
		_, a, x := alone(w, Policy{}, c.formats)
		if err := a.Music(); err != nil {
			t.Fatal(err)
		}
		list := x.hear(60)
		steady(t, list)
		var got float64
		var level []int16
		if c.formats == "9" {
			var d g722.Decoder
			for _, p := range list {
				level = append(level, d.Decode(nil, p.payload)...)
			}
			got = math.Inf(1)
			for delay := range 40 { // of its filters
				got = min(got, noise(tune.Wide, level[delay:]))
			}
		} else {
			level = voice(list)
			got = noise(tune.Narrow, level)
		}
		t.Logf("format %s: %d packets, %.1f dBm0, noise %.1f dB", c.formats, len(list), ear.Total(level), got)
		if len(list) != 60 || got > c.db || math.Abs(ear.Total(level)+16) > 4 {
			t.Errorf("format %s: %d packets, %.1f dBm0, noise %.1f dB", c.formats, len(list), ear.Total(level), got)
		}
		a.Stop()
		if e := w.await("a", Played); !e.Stopped {
			t.Error("not stopped")
		}
	}
}

// short is music that begins again soon.
func short() *Music {
	tone := func(rate int) []int16 { return ear.Tone(rate, 700, -16, 0.25) } // a whole number of periods
	return NewMusic(music.Tune{Narrow: tone(music.NarrowRate), Wide: tone(music.WideRate)})
}

// Music goes round without a gap and without an end, and two listeners, one of them
// encrypted, each hear it from its beginning.
func TestMusicGoesRound(t *testing.T) {
	w := newWorld(t)
	w.cfg.Music = short()
	_, a, b, x, y := encrypted(w, rtp.Suites()[0])
	if err := a.Music(); err != nil {
		t.Fatal(err)
	}
	first := x.hear(10)
	if err := b.Music(); err != nil {
		t.Fatal(err)
	}
	first = append(first, x.hear(30)...)
	second := y.hear(30)
	for _, list := range [][]heard{first, second} {
		steady(t, list)
		pcm := voice(list)
		if missing := ear.Missing(pcm, 8000, 700); missing != 0 || !ear.Hears(pcm, 8000, 700) {
			t.Errorf("%d packets: %.2f of the tone is missing, %.1f dBm0 of %.1f",
				len(list), missing, ear.Level(pcm, 8000, 700), ear.Total(pcm))
		}
		if got := noise(ear.Tone(8000, 700, -16, 1), pcm); got > -35 {
			t.Errorf("noise %.1f dB", got)
		}
	}
	if _, ended := w.find("a", Played); ended {
		t.Error("it ended")
	}
}

// Music goes before the other party, and an announcement before music: what is
// asked for last is heard.
func TestMusicGivesWay(t *testing.T) {
	w := newWorld(t)
	w.cfg.Music = short()
	_, a, b, x, y := connected(w, Policy{}, Policy{}, "0 101", "0 101")
	if err := a.Music(); err != nil {
		t.Fatal(err)
	}
	x.hear(2)
	y.say(ear.Tone(8000, 2000, -16, 0.1))
	until(t, func() bool { return b.Stats().PacketsIn == 5 })
	if got := ear.Level(voice(x.hear(5)), 8000, 2000); got > -50 {
		t.Errorf("over the music, the other party is heard with %.1f dBm0", got)
	}
	if err := a.Play(NewTone(Busy)); err != nil {
		t.Fatal(err)
	}
	w.await("a", Played)
	settle(a)
	var heard []int16
	until(t, func() bool {
		heard = voice(x.hear(10))
		return ear.Hears(heard, 8000, 400)
	})
	a.Stop()
	settle(a)
	x.hear(int(a.Stats().PacketsOut))
	talk(t, x, y)
}

// BenchmarkMusic measures a frame for one listener, with its system call: what 20 ms
// of music cost.
func BenchmarkMusic(b *testing.B) {
	for _, c := range []struct {
		name, suite string
		music       bool
	}{{"coded", "", true}, {"coded-srtp", rtp.Suites()[0], true}, {"tone", "", false}} {
		b.Run(c.name, func(b *testing.B) {
			t := &testing.T{}
			w := &world{t: t, ports: &ports{}, signal: make(chan struct{}, 1)}
			r, err := New(Config{Sockets: w.ports, Engine: string(under)})
			if err != nil {
				b.Fatal(err)
			}
			defer r.Close()
			w.Relay = r
			_, a, _, _ := callWith(w, c.suite)
			if c.music {
				err = a.Music()
			} else {
				err = a.Play(NewTone(DialTone))
			}
			if err != nil {
				b.Fatal(err)
			}
			settle(a)
			b.ReportAllocs()
			b.ResetTimer()
			done := make(chan struct{})
			a.stream.loop.post(func() {
				defer close(done)
				for range b.N {
					a.stream.playFrame(20*time.Millisecond, false)
				}
			})
			<-done
		})
	}
}
