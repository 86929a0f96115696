package lamp

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"
)

// seats is a row of so many keys.
func seats(n int) (row []Seat) {
	for i := range n {
		row = append(row, Seat{i + 1, fmt.Sprint("key", i+1)})
	}
	return row
}

func watchRow(t *testing.T, b *Board, device string, row []Seat) ID {
	t.Helper()
	id, err := b.WatchRow(Watcher{Entity: device[:3], Device: device, Extension: device[:3]}, row, morning)
	if err != nil {
		t.Fatal(err)
	}
	return id
}

// TestWhoSeesWhatInARow: each state, as the phone that has it and a third one are told.
func TestWhoSeesWhatInARow(t *testing.T) {
	party := `;appearance-uri="\"田中\" <sip:0312345678@unit>"`
	for _, c := range []struct {
		state        State
		mine, others string
	}{
		{State{}, "", ""},
		{State{Phase: Seized}, "seized" + party, "seized"},
		{State{Phase: Seized, Dialing: true}, "progressing" + party, "progressing"},
		{State{Phase: Ringing}, "alerting" + party, "alerting" + party},
		{State{Phase: Talking}, "active" + party, "active"},
		{State{Phase: Held}, "held" + party, "held" + party},
		{State{Phase: Held, Private: true}, "held-private" + party, "held-private"},
	} {
		b := NewBoard("unit")
		mine, others := watchRow(t, b, "202-1", seats(2)), watchRow(t, b, "203-1", seats(2))
		c.state.Device, c.state.Extension, c.state.Number, c.state.Name = "202-1", "202", "0312345678", `田"中\`
		b.Set("key2", c.state, morning)
		for id, want := range map[ID]string{mine: c.mine, others: c.others} {
			if want != "" {
				want = "<sip:unit>;appearance-index=2;appearance-state=" + want + ", "
			}
			want += "<sip:unit>;appearance-index=*;appearance-state=idle"
			if got := b.Info(id); got != want {
				t.Errorf("%s: watcher %d sees\n%s, not\n%s", c.state.Phase, id, got, want)
			}
		}
	}
}

// TestRowIsTold: of its own keys, once, and no more when it is gone or they are others.
func TestRowIsTold(t *testing.T) {
	b := NewBoard("unit")
	id := watchRow(t, b, "202-1", seats(2))
	if b.Body(id, 1) != nil {
		t.Error("a row has a body")
	}
	lamp := watch(t, b, "key1", "203-1", "")
	b.Body(lamp, 1)
	now := morning.Add(time.Minute)
	told := func(want ...ID) {
		t.Helper()
		if got := b.Due(now); fmt.Sprint(got) != fmt.Sprint(want) {
			t.Errorf("told %v, not %v", got, want)
		}
		b.Info(id)
		b.Body(lamp, 2)
	}
	b.Info(id)
	told()
	if b.Info(lamp) != "" {
		t.Error("a lamp has a row")
	}
	b.Set("key1", State{Phase: Ringing}, now)
	told(id, lamp)
	b.Set("key1", State{Phase: Ringing, Outgoing: true}, now) // which a row does not see
	told(lamp)
	b.Set("key3", State{Phase: Ringing}, now)
	told()
	b.Row(id, seats(3), now)
	told(id)
	b.Row(id, seats(1), now)
	told(id)
	b.Set("key3", State{}, now)
	b.Unwatch(id)
	b.Unwatch(lamp)
	b.Set("key1", State{}, now)
	if left := b.List(); len(left) != 0 || len(b.devices) != 0 {
		t.Errorf("left %+v, %d phones", left, len(b.devices))
	}
}

// TestLongRow has no room for the other parties.
func TestLongRow(t *testing.T) {
	b := NewBoard("unit.example.jp")
	id := watchRow(t, b, "202-1", seats(12))
	for i := range 12 {
		b.Set(fmt.Sprint("key", i+1), State{Phase: Ringing, Number: "0312345678", Name: "山田太郎"}, morning)
	}
	got := b.Info(id)
	if strings.Contains(got, "appearance-uri") || strings.Count(got, "alerting") != 12 {
		t.Error(got)
	}
	for range WatchersPerDevice {
		if _, err := b.WatchRow(Watcher{Device: "202-1"}, seats(1), morning); err != nil && !errors.Is(err, ErrFull) {
			t.Fatal(err)
		}
	}
	if _, err := b.WatchRow(Watcher{Device: "202-1"}, seats(1), morning); !errors.Is(err, ErrFull) {
		t.Errorf("one too many: %v", err)
	}
}
