package tempo

import (
	"encoding/binary"
	"errors"
	"hash/crc32"
	"reflect"
	"strconv"
	"strings"
	"testing"
	"time"
)

// appended writes a part of a state.
func appended(out []byte, part any) []byte {
	out, err := binary.Append(out, binary.BigEndian, part)
	if err != nil {
		panic(err)
	}
	return out
}

// exported is the state of a Watch.
func exported(w *Watch, now time.Time) []byte {
	state, err := w.Export(now)
	if err != nil {
		panic(err)
	}
	return state
}

// sealed makes a state of its parts, with the sum that belongs to them.
func sealed(parts ...any) []byte {
	out := []byte(stateMark)
	for _, part := range parts {
		if s, ok := part.(string); ok {
			out = append(out, s...)
			continue
		}
		out = appended(out, part)
	}
	return binary.BigEndian.AppendUint32(out, crc32.ChecksumIEEE(out))
}

// TestAStateIsWholeOrNone: what only looks like a state, with a sum that is
// right, is refused, and the Watch is as it was.
func TestAStateIsWholeOrNone(t *testing.T) {
	now := tuesday.Unix()
	lame, elsewhere, nowhere := record{Last: -2}, record{Last: -1, Here: placesMax}, record{Last: -1, Here: -1}
	for name, state := range map[string][]byte{
		"no time":                sealed("1234567"),
		"no office":              sealed(now, "x"),
		"a time to come":         sealed(now+2*day, &office{}),
		"a negative count":       sealed(now, &office{Rings: -1}),
		"a name without its end": sealed(now, &office{}, "\x04201"),
		"a name alone":           sealed(now, &office{}, "\x03201"),
		"a part of its record":   sealed(now, &office{}, "\x03201", [9]int64{}),
		"half of its calls":      sealed(now, &office{}, "\x03201", &record{}, [callsMax / 2]call{}),
		"a rest":                 sealed(now, &office{}, "\x03201", &record{Last: -1}, "\x03"),
		"an index of no call":    sealed(now, &office{}, "\x03201", &lame),
		"an index of no place":   sealed(now, &office{}, "\x03201", &elsewhere),
		"a negative place":       sealed(now, &office{}, "\x03201", &nowhere),
		"another version":        []byte(strings.Replace(string(sealed(now, &office{})), "\x00\x01", "\x00\x02", 1)),
		"too much":               sealed(now, &office{}, strings.Repeat("x", StateMax)),
	} {
		p := play(t)
		p.talk("201", london, time.Minute)
		before := exported(p.w, p.now)
		if err := p.w.Import(p.now, state); !errors.Is(err, ErrState) {
			t.Errorf("%s: %v", name, err)
		}
		if !reflect.DeepEqual(exported(p.w, p.now), before) {
			t.Errorf("%s: it remembers something else", name)
		}
	}
}

// TestStatesUpToTheLimits are taken: a day ahead, the last place there is, no
// extension at all, and as many as are remembered.
func TestStatesUpToTheLimits(t *testing.T) {
	p := play(t)
	if err := p.w.Import(p.now, exported(New(nil), p.now)); err != nil || len(p.w.Extensions()) != 0 {
		t.Errorf("of nobody: %v, %v", err, p.w.Extensions())
	}
	last := record{Last: -1, Here: placesMax - 1}
	if err := p.w.Import(p.now, sealed(p.now.Unix()+day, &office{}, "\x03201", &last)); err != nil {
		t.Errorf("a day ahead: %v", err)
	}
	w := New(nil)
	for i := range subjectsMax {
		w.subject(strconv.Itoa(i))
	}
	many := exported(w, tuesday)
	if err := w.Import(tuesday, many); err != nil || !reflect.DeepEqual(exported(w, tuesday), many) {
		t.Errorf("of everybody: %v", err)
	}
	more := string(many[:len(many)-4]) + "\x03new" + string(appended(nil, &record{Last: -1}))
	more = string(binary.BigEndian.AppendUint32([]byte(more), crc32.ChecksumIEEE([]byte(more))))
	if err := w.Import(tuesday, []byte(more)); !errors.Is(err, ErrState) {
		t.Errorf("of one too many: %v", err)
	}
}

// TestAStateKeepsTheOrder in which extensions were heard of: the one silent for
// longest is forgotten first, also after a restart.
func TestAStateKeepsTheOrder(t *testing.T) {
	p := play(t)
	for _, ext := range []string{"203", "201", "202", "203"} {
		p.talk(ext, "0312345678", time.Minute)
	}
	if err := p.w.Import(p.now, exported(p.w, p.now)); err != nil {
		t.Fatal(err)
	}
	var order []string
	for i, at := 0, p.w.oldest(); i < len(p.w.seats); i++ {
		order = append(order, p.w.seats[at].name)
		at = p.w.seats[at].newer
	}
	if want := []string{"201", "202", "203"}; !reflect.DeepEqual(order, want) {
		t.Errorf("%v, want %v", order, want)
	}
}

// TestAnExportForgetsNumbers after a day, and nothing that is younger.
func TestAnExportForgetsNumbers(t *testing.T) {
	p := play(t)
	p.talk("201", freetown, time.Minute) // began at ten
	p.now = tuesday.Add(time.Hour)
	p.talk("201", london, time.Minute)
	for after, want := range map[time.Duration]int{day * time.Second: 2, day*time.Second + time.Second: 1} {
		w := New(tokyo)
		if err := w.Import(p.now, exported(p.w.Copy(), tuesday.Add(after))); err != nil {
			t.Fatal(err)
		}
		kept := 0
		for _, c := range w.subject("201").calls {
			if c.Number != 0 {
				kept++
			}
		}
		if kept != want {
			t.Errorf("after %s: %d numbers, want %d", after, kept, want)
		}
	}
	if s := p.w.subject("201"); s.calls[0].Number == 0 {
		t.Error("the Watch itself forgot")
	}
}

// TestHangingUp: what was up counts until then, at least nothing and at most a
// day, and what was only asked for failed.
func TestHangingUp(t *testing.T) {
	const now = int64(10 * day)
	for name, c := range map[string]struct{ was, is call }{
		"up":           {call{State: up, Answered: now - 60}, call{State: talked, Answered: now - 60, Talk: 60}},
		"up for days":  {call{State: up, Answered: 1}, call{State: talked, Answered: 1, Talk: day}},
		"up from then": {call{State: up, Answered: now + 5}, call{State: talked, Answered: now + 5}},
		"asked":        {call{ID: 1, State: asked}, call{ID: 1, State: failed}},
		"over":         {call{State: talked, Answered: 5, Talk: 3}, call{State: talked, Answered: 5, Talk: 3}},
		"barred":       {call{ID: 1, State: barred}, call{ID: 1, State: barred}},
	} {
		s := subject{calls: &[callsMax]call{c.was}}
		s.hangUp(now)
		if s.calls[0] != c.is {
			t.Errorf("%s: %+v, want %+v", name, s.calls[0], c.is)
		}
	}
}
