package media

import (
	"fmt"
	"math"
	"testing"
	"time"

	"github.com/sekisho/sekisho/sim/ear"
	"github.com/sekisho/sekisho/wire/rtp/g722"
)

// conference is a room of phones, each with its codec.
func conference(w *world, formats ...string) (c *Call, r *Room, legs []*Leg, phones []*handset) {
	t := w.t
	t.Helper()
	c = w.call("c")
	for i, f := range formats {
		x := newHandset(t)
		l := leg(t, c, string(rune('a'+i)), Policy{})
		if _, err := l.TakeOffer(x.describe(f)); err != nil {
			t.Fatal(err)
		}
		x.read(must(t)(l.Answer()))
		x.h.PT = map[string]uint8{"0": 0, "8": 8, "9": 9}[f]
		legs, phones = append(legs, l), append(phones, x)
	}
	r, err := c.Confer(legs...)
	if err != nil {
		t.Fatal(err)
	}
	return c, r, legs, phones
}

// sayAll has phones say a tone each at once, at the pace of speech, and gives what
// each hears meanwhile, at 8 kHz, or 16 kHz for G.722, but for the first half second.
func sayAll(phones []*handset, hz []float64, seconds float64) [][]int16 {
	frames := int(seconds * 50)
	sounds := make([][]byte, len(phones))
	for i, p := range phones {
		switch p.h.PT {
		case 9:
			sounds[i] = new(g722.Encoder).Encode(nil, ear.Tone(16000, hz[i], -16, seconds))
		case 8:
			sounds[i] = ear.ToA(ear.Tone(8000, hz[i], -16, seconds))
		default:
			sounds[i] = ear.ToMu(ear.Tone(8000, hz[i], -16, seconds))
		}
	}
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for f := range frames {
		for i, p := range phones {
			if hz[i] > 0 {
				p.packet(sounds[i][f*160 : (f+1)*160])
			}
		}
		<-tick.C
	}
	heard := make([][]int16, len(phones))
	for i, p := range phones {
		list := p.hear(frames - 10)
		steady(p.t, list)
		if p.h.PT == 9 {
			var d g722.Decoder
			for _, x := range list {
				heard[i] = append(heard[i], d.Decode(nil, x.payload)...)
			}
		} else {
			heard[i] = voice(list)
		}
		heard[i] = heard[i][len(heard[i])/3:]
	}
	return heard
}

func rateOf(p *handset) int {
	if p.h.PT == 9 {
		return 16000
	}
	return 8000
}

// Three people, three codecs: each hears exactly the two others, as loud as they
// speak, and not itself.
func TestThreeHearEachOther(t *testing.T) {
	w := newWorld(t)
	_, _, _, phones := conference(w, "0", "8", "9")
	hz := []float64{500, 1100, 1700}
	for i, pcm := range sayAll(phones, hz, 2) {
		rate := rateOf(phones[i])
		for j, f := range hz {
			got := ear.Level(pcm, rate, f)
			switch {
			case i == j && got > -50:
				t.Errorf("phone %d hears itself with %.1f dBm0", i, got)
			case i != j && math.Abs(got+16) > 1.5:
				t.Errorf("phone %d hears phone %d with %.1f dBm0", i, j, got)
			}
		}
		// Two tones of -16 dBm0 are -13: what is more is noise.
		if total := ear.Total(pcm); math.Abs(total+13) > 1.5 {
			t.Errorf("phone %d hears %.1f dBm0 in all", i, total)
		}
	}
}

// Who joins is heard and hears; who leaves neither; a room that all have left is
// mixed no more, and two of its legs can be bridged.
func TestComingAndGoing(t *testing.T) {
	w := newWorld(t)
	c, r, legs, phones := conference(w, "0", "0", "0")
	r.Remove(legs[2])
	settle(legs[2])
	heard := sayAll(phones[:2], []float64{500, 1100}, 1)
	if !ear.Hears(heard[0], 8000, 1100) || !ear.Hears(heard[1], 8000, 500) {
		t.Error("two do not hear each other")
	}
	if n := legs[2].Stats().PacketsOut; n > 30 {
		t.Errorf("who has left was sent %d packets", n)
	}
	if err := r.Add(legs[2]); err != nil {
		t.Fatal(err)
	}
	settle(legs[2])
	before := int(legs[2].Stats().PacketsOut)
	phones[2].hear(before)
	sayAll(phones, []float64{500, 1100, 0}, 1)
	legs[1].Close() // hung up: the others go on
	settle(legs[0])
	phones[0].hear(int(legs[0].Stats().PacketsOut))
	if err := c.Bridge(legs[0], legs[2]); err != nil {
		t.Fatal(err)
	}
	settle(legs[0])
	if n := len(legs[0].stream.loop.rooms); n != 0 {
		t.Errorf("%d rooms are mixed", n)
	}
}

// Legs of two calls hear each other; who only listens hears, and is not heard.
func TestARoomOfTwoCalls(t *testing.T) {
	w := newWorld(t)
	c, r, _, phones := conference(w, "0", "8")
	other := w.call("other")
	for i := 0; other.loop != c.loop; i++ {
		other = w.call(fmt.Sprint("other", i))
	}
	for _, mute := range []bool{false, true} {
		x := newHandset(t)
		l := leg(t, other, fmt.Sprint(mute), Policy{})
		if _, err := l.TakeOffer(x.describe("0")); err != nil {
			t.Fatal(err)
		}
		x.read(must(t)(l.Answer()))
		join := r.Add
		if mute {
			join = r.Listen
		}
		if err := join(l); err != nil {
			t.Fatal(err)
		}
		phones = append(phones, x)
	}
	hz := []float64{500, 900, 1300, 1700}
	for i, pcm := range sayAll(phones, hz, 1.5) {
		for j, f := range hz {
			got := ear.Level(pcm, 8000, f)
			if heard := i != j && j != 3; heard && math.Abs(got+16) > 8 || !heard && got > -50 {
				t.Errorf("phone %d hears phone %d with %.1f dBm0", i, j, got)
			}
		}
	}
}

// tones has talkers say tones of levels for some frames, and gives what the last
// talker hears.
func tones(m *mixer, talkers []*talker, hz, dBm0 []float64, frames int) []int16 {
	sounds := make([][]int16, len(talkers))
	for i := range talkers {
		if hz[i] > 0 {
			sounds[i] = ear.Tone(16000, hz[i], dBm0[i], float64(frames)/50)
		}
	}
	var out []int16
	var frame [mixFrame]int16
	for f := range frames {
		for i, v := range talkers {
			if clear(v.frame[:]); sounds[i] != nil {
				copy(v.frame[:], sounds[i][f*mixFrame:])
			}
		}
		m.blend(talkers)
		m.hears(talkers[len(talkers)-1], frame[:])
		out = append(out, frame[:]...)
	}
	return out
}

// Of many who speak, the loudest are heard, all as loud as they speak.
func TestTheLoudestAreHeard(t *testing.T) {
	talkers := make([]*talker, 7)
	for i := range talkers {
		talkers[i] = new(talker)
	}
	hz := []float64{400, 700, 1000, 1300, 1600, 1900, 0}
	dBm0 := []float64{-20, -30, -22, -21, -34, -23, 0}
	out := tones(new(mixer), talkers, hz, dBm0, 50)[3200:]
	for i, loud := range []bool{true, false, true, true, false, true} {
		got := ear.Level(out, 16000, hz[i])
		if loud && math.Abs(got-dBm0[i]) > 0.5 || !loud && got > -60 {
			t.Errorf("%v Hz of %v dBm0 is heard with %.1f", hz[i], dBm0[i], got)
		}
	}
}

// Voices that are too loud together are made softer, not cut off: what the limiter
// adds to them lies far below.
func TestTooLoudTogether(t *testing.T) {
	talkers := []*talker{{}, {}, {}, {}}
	out := tones(new(mixer), talkers, []float64{500, 900, 1500, 0}, []float64{-2, -2, -2, 0}, 100)[16000:]
	peak := 0
	for _, v := range out {
		peak = max(peak, int(max(v, -v)))
	}
	if peak > ceiling+8 { // rounding
		t.Errorf("peak %d", peak)
	}
	level := ear.Level(out, 16000, 500)
	if got := ear.Level(out, 16000, 1900); level < -9 || got > level-40 { // 900 + 1500 - 500
		t.Errorf("%.1f dBm0 of 500 Hz, %.1f of what a cut makes", level, got)
	}
}

// Nobody speaks: a line is not dead, and nothing is to be heard.
func TestComfort(t *testing.T) {
	out := tones(new(mixer), []*talker{{}, {}}, []float64{0, 0}, []float64{0, 0}, 20)
	if got := ear.Total(out); got > -60 || got < -80 {
		t.Errorf("%.1f dBm0", got)
	}
}

// played is a tone that neither packets nor skips happen to fit.
const played = 855.0

// playOut has packets of that tone come when they come, in frames of 20 ms, and gives
// what is played of it, and how late it is at the end.
func playOut(seconds int, arrives func(packet int) time.Duration) (pcm []int16, late time.Duration) {
	tone := ear.Tone(16000, played, -16, float64(seconds+1))
	p, sent := new(playout), 0
	var frame [mixFrame]int16
	packets := len(tone) / mixFrame
	for now := time.Duration(0); now < time.Duration(seconds)*time.Second; now += 20 * time.Millisecond {
		for ; sent < packets && arrives(sent) <= now; sent++ {
			if arrives(sent) >= 0 {
				p.take(uint32(1<<32-4000+sent*160), tone[sent*mixFrame:(sent+1)*mixFrame])
			}
		}
		p.read(frame[:])
		pcm = append(pcm, frame[:]...)
	}
	return pcm, time.Duration(p.received-p.next) * time.Second / 16000
}

// jump is the greatest step in what is played, once it plays, in those that the tone
// has itself.
func jump(pcm []int16) float64 {
	most := 0
	for i := 9600; i+1 < len(pcm); i++ {
		most = max(most, int(max(pcm[i], pcm[i+1]))-int(min(pcm[i], pcm[i+1])))
	}
	return float64(most) / (2 * math.Pi * played / 16000 * amplitude(-16))
}

// What comes evenly is played without a gap, 60 ms later at most; so is what comes
// unevenly, once that was learned; a delay that is not needed any more goes away, and
// so does one that a clock makes; neither that nor a lost packet clicks.
func TestPlayout(t *testing.T) {
	even := func(i int) time.Duration { return time.Duration(i) * 20 * time.Millisecond }
	shaken := func(i int) time.Duration { return even(i) + time.Duration(i*7%4)*25*time.Millisecond }
	clock := func(thousandths int) func(int) time.Duration {
		return func(i int) time.Duration { return even(i) * time.Duration(thousandths) / 1000 }
	}
	for _, c := range []struct {
		name    string
		seconds int
		from    int // judged from this second on
		arrives func(int) time.Duration
		missing float64
		late    time.Duration
		jump    float64
	}{
		{"evenly", 4, 1, even, 0, 60 * time.Millisecond, 1.1},
		{"unevenly", 8, 4, shaken, 0, 160 * time.Millisecond, 1.1},
		{"calm again", 40, 30, func(i int) time.Duration {
			if i < 200 {
				return shaken(i)
			}
			return even(i)
		}, 0, 60 * time.Millisecond, 1.1},
		{"a fast clock", 120, 1, clock(999), 0, 60 * time.Millisecond, 1.1},
		{"a slow clock", 120, 1, clock(1001), 0.01, 60 * time.Millisecond, 1.1},
		{"a lost packet", 2, 0, func(i int) time.Duration {
			if i == 52 {
				return -1
			}
			return even(i)
		}, 0.05, 60 * time.Millisecond, 1.1},
	} {
		pcm, late := playOut(c.seconds, c.arrives)
		pcm = pcm[c.from*16000:]
		missing, step := ear.Missing(pcm, 16000, played), jump(pcm)
		t.Logf("%s: %.3f missing, %v late, a step of %.2f", c.name, missing, late, step)
		if missing > c.missing || late > c.late || step > c.jump {
			t.Errorf("%s: %.3f missing, %v late, a step of %.2f", c.name, missing, late, step)
		}
	}
}

// BenchmarkRoom measures what 20 ms of a conference cost for each party, with the
// system calls.
func BenchmarkRoom(b *testing.B) {
	for _, c := range []struct {
		name, format string
		parties      int
	}{{"3-g711", "0", 3}, {"8-g711", "0", 8}, {"32-g711", "0", 32}, {"8-g722", "9", 8}} {
		b.Run(c.name, func(b *testing.B) {
			t := &testing.T{}
			w := &world{t: t, ports: &ports{}, signal: make(chan struct{}, 1)}
			r, err := New(Config{Sockets: w.ports, Engine: string(under)})
			if err != nil {
				b.Fatal(err)
			}
			defer r.Close()
			w.Relay = r
			formats := make([]string, c.parties)
			for i := range formats {
				formats[i] = c.format
			}
			_, room, legs, _ := conference(w, formats...)
			settle(legs[0])
			payload := make([]byte, 160)
			for i := range payload {
				payload[i] = byte(i * 37)
			}
			done := make(chan struct{})
			b.ReportAllocs()
			b.ResetTimer()
			legs[0].stream.loop.post(func() {
				defer close(done)
				at := room.due
				for n := range b.N {
					for _, s := range room.seats {
						f := &s.stream.path.formats[s.stream.path.voice]
						s.take(payload, uint32(n*160), f.speech)
					}
					at = at.Add(mixTime)
					room.due = at
					room.mix(at)
				}
				room.due = time.Now()
			})
			<-done
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*c.parties), "ns/party")
		})
	}
}
