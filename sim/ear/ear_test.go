package ear

import (
	"bytes"
	"math"
	"testing"
)

func TestLevelOfATone(t *testing.T) {
	for _, c := range []struct{ hz, dBm0 float64 }{{440, -10}, {1000, -16}, {400, 3.17}, {2500, -30}} {
		pcm := FromMu(ToMu(Tone(8000, c.hz, c.dBm0, 1)))
		if got := Level(pcm, 8000, c.hz); math.Abs(got-c.dBm0) > 0.3 {
			t.Errorf("%v Hz at %v dBm0 measured as %.2f", c.hz, c.dBm0, got)
		}
		if got := Total(pcm); math.Abs(got-c.dBm0) > 0.3 {
			t.Errorf("%v Hz at %v dBm0: all of it is %.2f", c.hz, c.dBm0, got)
		}
	}
}

func TestHears(t *testing.T) {
	tone := Tone(8000, 440, -16, 1)
	silence := make([]int16, 8000)
	if !Hears(tone, 8000, 440) || Hears(tone, 8000, 620) || Hears(silence, 8000, 440) || Hears(nil, 8000, 440) {
		t.Error("440 Hz is heard where it isn't, or not where it is")
	}
	noise, x := make([]int16, 8000), uint32(1)
	for i := range noise {
		x = x*1664525 + 1013904223
		noise[i] = int16(x>>16) / 4
	}
	if Hears(noise, 8000, 440) {
		t.Error("noise passes for a tone")
	}
}

func TestMissing(t *testing.T) {
	pcm := Tone(8000, 440, -16, 1)
	if got := Missing(pcm, 8000, 440); got != 0 {
		t.Errorf("of a whole tone %v is missing", got)
	}
	for frame := 10; frame < 20; frame++ {
		clear(pcm[frame*160 : (frame+1)*160])
	}
	if got := Missing(pcm, 8000, 440); math.Abs(got-0.2) > 0.001 {
		t.Errorf("%v is missing, want 0.2", got)
	}
	if Missing(make([]int16, 800), 8000, 440) != 1 {
		t.Error("silence has a tone in it")
	}
}

func TestDelay(t *testing.T) {
	sent := Sweep(8000, 300, 3000, -10, 1)
	heard := append(make([]int16, 1000), FromA(ToA(sent))...)
	d, likeness := Delay(sent, heard, 8000, 0.3)
	if math.Abs(d-0.125) > 0.0002 || likeness < 0.95 {
		t.Errorf("delay %v s, likeness %v", d, likeness)
	}
	at, ok := Begins(append(make([]int16, 4000), Tone(8000, 440, -16, 1)...), 8000, 440)
	if !ok || math.Abs(at-0.5) > 0.016 {
		t.Errorf("begins at %v", at)
	}
}

func TestWAV(t *testing.T) {
	var b bytes.Buffer
	want := Tone(16000, 440, -16, 0.1)
	if err := WriteWAV(&b, want, 16000); err != nil {
		t.Fatal(err)
	}
	whole := b.Bytes()
	got, rate, err := ReadWAV(bytes.NewReader(whole))
	if err != nil || rate != 16000 || len(got) != len(want) || got[100] != want[100] {
		t.Fatalf("%d samples at %d: %v", len(got), rate, err)
	}
	got, _, err = ReadWAV(bytes.NewReader(whole[:len(whole)-100]))
	if err != nil || len(got) != len(want)-50 {
		t.Errorf("cut off: %d samples: %v", len(got), err)
	}
	for n := range 44 {
		if _, _, err := ReadWAV(bytes.NewReader(whole[:n])); err == nil {
			t.Errorf("%d bytes were read as WAV", n)
		}
	}
}
