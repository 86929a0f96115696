package dtmf

import (
	"fmt"
	"strings"
	"testing"
	"time"
)

// press gives the packets of a key at a timestamp.
func press(t *testing.T, key byte, timestamp uint32) (list []struct {
	ts uint32
	e  Event
},
) {
	t.Helper()
	enc, err := NewEncoder(key, 800, 160)
	if err != nil {
		t.Fatal(err)
	}
	for last, first := false, true; !last; {
		var e Event
		var marker bool
		e, marker, last = enc.Next()
		if marker != first {
			t.Errorf("marker %v with duration %d", marker, e.Duration)
		}
		first = false
		list = append(list, struct {
			ts uint32
			e  Event
		}{timestamp, e})
	}
	return list
}

func TestEveryKey(t *testing.T) {
	var d Decoder
	var told strings.Builder
	for i := range len(keys) {
		list := press(t, keys[i], uint32(i)*2000)
		if len(list) != 7 || !list[6].e.End || !list[4].e.End || list[3].e.End || list[6].e.Duration != 800 {
			t.Errorf("%c: %+v", keys[i], list)
		}
		for _, p := range list {
			var b [EventBytes]byte
			p.e.Put(b[:])
			e, err := Parse(b[:])
			if err != nil || e != p.e {
				t.Errorf("%+v became %+v: %v", p.e, e, err)
			}
			pressed, n := d.Take(p.ts, e)
			for _, k := range pressed[:n] {
				told.WriteString(string(k.Key))
				if k.Duration != 800 {
					t.Errorf("%c lasts %d", k.Key, k.Duration)
				}
			}
		}
	}
	if told.String() != keys {
		t.Errorf("told %q", told.String())
	}
}

// Whatever is lost, doubled or late, every key of which anything came is told
// once.
func TestLossAndDisorder(t *testing.T) {
	one, two := press(t, '1', 1000), press(t, '1', 5000)
	all := append(one, two...)
	for _, c := range []struct {
		name  string
		order []int
		want  int // before Flush
	}{
		{"all of both", []int{0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13}, 2},
		{"only ends", []int{6, 13}, 2},
		{"doubled", []int{0, 0, 4, 4, 4, 7, 7, 13, 13}, 2},
		{"no end of the first", []int{0, 1, 2, 7, 11}, 2},
		{"a late packet of the first", []int{0, 4, 7, 3, 5, 11, 6, 12}, 2},
		{"an end, then what came before it", []int{4, 1, 2, 11, 8}, 2},
		{"no end at all", []int{7, 8}, 0},
	} {
		var d Decoder
		n := 0
		for _, i := range c.order {
			_, m := d.Take(all[i].ts, all[i].e)
			n += m
		}
		if n != c.want {
			t.Errorf("%s: told %d times, want %d", c.name, n, c.want)
		}
		_, more := d.Flush()
		if _, twice := d.Flush(); more != (c.want == 0) || twice {
			t.Errorf("%s: flushed %v, %v", c.name, more, twice)
		}
	}
}

func TestOtherEventsAreNoKeys(t *testing.T) {
	var d Decoder
	if _, n := d.Take(1, Event{Code: 16, End: true}); n != 0 { // hook flash
		t.Error("hook flash is a key")
	}
	if _, err := Parse([]byte{1, 2, 3}); err == nil {
		t.Error("three bytes are an event")
	}
	for _, c := range []struct {
		key            byte
		duration, step int
	}{{'x', 800, 160}, {'1', 100, 160}, {'1', 800, 0}, {'1', 70000, 160}} {
		if _, err := NewEncoder(c.key, c.duration, c.step); err == nil {
			t.Errorf("%+v was taken", c)
		}
	}
}

func TestInfo(t *testing.T) {
	for _, c := range []struct {
		kind, body string
		key        byte
		ms         int
	}{
		{"application/dtmf-relay", "Signal=5\r\nDuration=160\r\n", '5', 160},
		{"Application/DTMF-Relay; x=y", "signal = #\nduration = 250", '#', 250},
		{"application/dtmf-relay", "Signal=10\r\n", '*', 160},
		{"application/dtmf-relay", "Signal=d\r\nDuration=99999999\r\n", 'D', 10000},
		{"application/dtmf", "7", '7', 160},
		{"application/dtmf", " 11 \r\n", '#', 160},
		{"application/dtmf-relay", "Signal=\r\n", 0, 0},
		{"application/dtmf-relay", "Signal=55\r\n", 0, 0},
		{"application/dtmf-relay", "Signal=5\r\nDuration=-1\r\n", 0, 0},
		{"application/dtmf-relay", "Duration=160\r\n", 0, 0},
		{"application/dtmf-relay", "", 0, 0},
		{"application/dtmf", "16", 0, 0},
		{"text/plain", "5", 0, 0},
		{"application/dtmf", string(make([]byte, InfoBytesMax+1)), 0, 0},
	} {
		key, d, err := ParseInfo(c.kind, []byte(c.body))
		if key != c.key || d != time.Duration(c.ms)*time.Millisecond || (err == nil) != (c.key != 0) {
			t.Errorf("%s %q: %q %v %v", c.kind, c.body, key, d, err)
		}
	}
	if got := string(AppendInfo(nil, '5', 160*time.Millisecond)); got != "Signal=5\r\nDuration=160\r\n" {
		t.Errorf("%q", got)
	}
}

func FuzzInfo(f *testing.F) {
	f.Add("application/dtmf-relay", []byte("Signal=5\r\nDuration=160\r\n"))
	f.Add("application/dtmf", []byte("11"))
	f.Fuzz(func(t *testing.T, kind string, body []byte) {
		key, d, err := ParseInfo(kind, body)
		if err != nil {
			return
		}
		again, e, err := ParseInfo(TypeRelay, AppendInfo(nil, key, d))
		if err != nil || again != key || e != d {
			t.Fatalf("%c %v became %c %v: %v", key, d, again, e, err)
		}
	})
}

func FuzzDecoder(f *testing.F) {
	f.Add([]byte{1, 0, 0, 1, 1, 0x80, 0, 9, 2, 2, 0, 1})
	f.Fuzz(func(t *testing.T, b []byte) {
		var d Decoder
		told, fed := 0, 0
		for ; len(b) >= 5; b = b[5:] {
			e, err := Parse(b[1:])
			if err != nil {
				t.Fatal(err)
			}
			_, n := d.Take(uint32(b[0]), e)
			told, fed = told+n, fed+1
		}
		if _, ok := d.Flush(); ok {
			told++
		}
		if told > fed {
			t.Fatalf("%d keys of %d packets", told, fed)
		}
	})
}

func ExampleDecoder() {
	var d Decoder
	for _, e := range []Event{{Code: 5, Duration: 160}, {Code: 5, Duration: 320, End: true}} {
		if pressed, n := d.Take(1000, e); n > 0 {
			fmt.Printf("%c\n", pressed[0].Key)
		}
	}
	// Output: 5
}
