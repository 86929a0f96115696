package unit

import (
	"fmt"
	"testing"

	"github.com/sekisho/sekisho/gate"
)

// TestOnePhonesShare: a phone holds so many calls and no more, another phone
// and an emergency call are let in beside it, and what ends makes room.
func TestOnePhonesShare(t *testing.T) {
	u := &Unit{cfg: Config{CallsMax: CallsMax}, calls: map[string]*liveCall{}, held: map[string]int{}}
	n := 0
	from := func(device string) *liveCall {
		n++
		return &liveCall{id: fmt.Sprint(n), origin: gate.Origin{Device: device}}
	}
	var held []*liveCall
	for i := range CallsPerDevice + 1 {
		c := from("thief")
		if got, want := u.add(c, false), i < CallsPerDevice; got != want {
			t.Fatalf("call %d let in: %v", i, got)
		} else if got {
			held = append(held, c)
		}
	}
	help := from("thief")
	if !u.add(help, true) || !u.add(from("other"), false) || !u.add(from(""), false) {
		t.Error("others are kept out, or an emergency call")
	}
	u.remove(help)
	if u.add(from("thief"), false) {
		t.Error("the emergency call's end made room for another")
	}
	u.remove(held[0])
	if !u.add(from("thief"), false) {
		t.Error("a call's end made no room")
	}
	for id := range u.calls {
		u.remove(u.calls[id])
	}
	if len(u.held) != 0 {
		t.Errorf("kept: %v", u.held)
	}
}
