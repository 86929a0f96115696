package media

import (
	"math"
	"slices"
	"testing"
	"time"

	"github.com/sekisho/sekisho/sim/ear"
)

// tape is a sink that keeps what it is given.
type tape struct {
	most int // frames
	mu   []byte
	over chan []byte // what was said, once it is over
}

func newTape(most int) *tape { return &tape{most: most, over: make(chan []byte, 2)} }

func (t *tape) Take(mu []byte) bool {
	t.mu = append(t.mu, mu...)
	return len(t.mu) < t.most*len(mu)
}

func (t *tape) Over() { t.over <- t.mu }

// heard waits until the recording is over.
func (t *tape) heard(test *testing.T) []int16 {
	test.Helper()
	select {
	case mu := <-t.over:
		return ear.FromMu(mu)
	case <-time.After(5 * time.Second):
		test.Fatal("the recording is not over")
		return nil
	}
}

func record(t *testing.T, s Sink, legs ...*Leg) *Recording {
	t.Helper()
	r, err := Record(s, legs...)
	if err != nil {
		t.Fatal(err)
	}
	settle(legs[0])
	return r
}

// A recording of a leg has what its peer says and nobody else, in each codec; one of
// several has all of them, as loud as they speak.
func TestRecordsWhatIsSaid(t *testing.T) {
	w := newWorld(t)
	_, _, legs, phones := conference(w, "0", "8", "9")
	hz := []float64{500, 1100, 1700}
	tapes := make([]*tape, len(legs))
	var recordings []*Recording
	for i, l := range legs {
		tapes[i] = newTape(500)
		recordings = append(recordings, record(t, tapes[i], l))
	}
	all := newTape(500)
	recordings = append(recordings, record(t, all, legs...))
	sayAll(phones, hz, 2)
	for _, r := range recordings {
		r.Stop()
		r.Stop()
	}
	for i, x := range tapes {
		pcm := loud(x.heard(t))
		if len(pcm) < 8000 {
			t.Fatalf("recording %d has %d samples", i, len(pcm))
		}
		for j, f := range hz {
			got := ear.Level(pcm, 8000, f)
			switch {
			case i != j && got > -50:
				t.Errorf("recording %d has phone %d, with %.1f dBm0", i, j, got)
			case i == j && math.Abs(got+16) > 1.5:
				t.Errorf("recording %d has its phone with %.1f dBm0", i, got)
			}
		}
	}
	pcm := loud(all.heard(t))
	for j, f := range hz {
		if got := ear.Level(pcm, 8000, f); math.Abs(got+16) > 1.5 {
			t.Errorf("the recording of all has phone %d with %.1f dBm0", j, got)
		}
	}
	settle(legs[0])
	left := make(chan int, 1)
	stream := legs[0].stream
	stream.loop.post(func() { left <- len(stream.taps) + len(stream.loop.recordings) }) // the loop owns them
	if n := <-left; n > 0 {
		t.Errorf("%d recordings and places where they hear are left", n)
	}
}

// loud is the middle of what was recorded: of 2 s the beginning and the end are left out.
func loud(pcm []int16) []int16 {
	if len(pcm) < 12_000 {
		return nil
	}
	return pcm[4000:12_000]
}

// A recording is as long as the time it took, with silence where nothing was said; it
// ends when its sink wants no more, or when whom it hears is gone, and it says so once.
func TestRecordingEnds(t *testing.T) {
	w := newWorld(t)
	c, _, legs, _ := conference(w, "0", "0")
	short, long := newTape(10), newTape(5000)
	began := time.Now()
	record(t, short, legs[0])
	record(t, long, legs[1])
	if pcm := short.heard(t); len(pcm) != 10*recordFrame || ear.Total(pcm) > -50 {
		t.Errorf("%d samples of %.1f dBm0, want %d of silence", len(pcm), ear.Total(pcm), 10*recordFrame)
	}
	if took := time.Since(began); took < 150*time.Millisecond {
		t.Errorf("200 ms took %v", took)
	}
	c.Close()
	if pcm := long.heard(t); len(pcm) == 0 || len(pcm) > 200*recordFrame {
		t.Errorf("%d samples until the call ended", len(pcm))
	}
	select {
	case <-short.over:
		t.Error("told twice that it is over")
	case <-long.over:
		t.Error("told twice that it is over")
	case <-time.After(50 * time.Millisecond):
	}
	if _, err := Record(newTape(1), legs[0]); err == nil {
		t.Error("a leg that is gone is recorded")
	}
	if _, err := Record(newTape(1)); err == nil {
		t.Error("nobody is recorded")
	}
}

// What a peer types for the unit alone may sound in its voice: that is in no recording.
func TestRecordsNoSecret(t *testing.T) {
	w := newWorld(t)
	_, _, legs, phones := conference(w, "0", "0")
	legs[0].Secret(true)
	x := newTape(5000)
	r := record(t, x, legs[0])
	sayAll(phones, []float64{697, 0}, 2)
	r.Stop()
	if got := ear.Level(x.heard(t), 8000, 697); got > -60 {
		t.Errorf("a secret is in the recording with %.1f dBm0", got)
	}
}

// loudest is how loud a tone is in the eighth of a second in which it is loudest: where the
// machine is busy there are gaps, which are nobody's fault.
func loudest(pcm []int16, hz float64) float64 {
	const window = 1000
	best := math.Inf(-1)
	for at := 0; at+window <= len(pcm); at += window / 5 {
		best = max(best, ear.Level(pcm[at:at+window], 8000, hz))
	}
	return best
}

// A recording of two sides has each in its own channel, and silence where it is to hear
// nobody; it goes on when its legs are gone, until it is stopped.
func TestRecordsTwoSides(t *testing.T) {
	w := newWorld(t)
	c, _, legs, phones := conference(w, "0", "8", "9")
	hz := []float64{500, 1100, 1700}
	x := newTape(5000)
	r := c.RecordSides(x)
	settle(legs[0])
	began, at := time.Now(), []time.Duration(nil)
	hear := func(left, right []*Leg) {
		t.Helper()
		if err := r.Hear(left, right); err != nil {
			t.Fatal(err)
		}
		settle(legs[0])
		at = append(at, time.Since(began))
		sayAll(phones, hz, 1)
	}
	hear(legs[:1], legs[1:2])
	hear(nil, nil)
	hear(legs[2:], legs[:2])
	took := time.Since(began)
	c.Close()
	time.Sleep(100 * time.Millisecond) // and it is recorded that nobody says anything
	r.Stop()
	both := x.heard(t)
	if got := time.Duration(len(both)/16) * time.Millisecond; got < took-200*time.Millisecond {
		t.Fatalf("%v of two sides in %v", got, took)
	}
	var sides [2][]int16
	for i, v := range both {
		sides[i%2] = append(sides[i%2], v)
	}
	for phase, want := range [][2][]int{{{0}, {1}}, {}, {{2}, {0, 1}}} {
		for side, whom := range want {
			pcm := sides[side][int(at[phase].Milliseconds()+350)*8:][:4000]
			for j, f := range hz {
				got := loudest(pcm, f)
				who := slices.Contains(whom, j)
				if who && math.Abs(got+16) > 1.5 || !who && got > -50 {
					t.Errorf("phase %d, side %d: phone %d with %.1f dBm0", phase, side, j, got)
				}
			}
		}
	}
	_, _, others, _ := conference(w, "0")
	if one := record(t, newTape(1), others[0]); one.Hear(nil, others) == nil {
		t.Error("a recording that is mixed has two sides")
	}
}
