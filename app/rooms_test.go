package app_test

import (
	"testing"

	"github.com/sekisho/sekisho/app/control"
	"github.com/sekisho/sekisho/fact"
	"github.com/sekisho/sekisho/sim/office"
)

// roomWithPIN draws a PIN for the room 1, which no number rings before.
func (w *world) roomWithPIN() (digits string) {
	w.Helper()
	rings := func(ring string) error {
		_, err := control.Call(w.ctx(), w.client, control.ModeRings, control.ModeRingsRequest{
			Scope: fact.ScopeUnit, Mode: "night1", Ring: []string{ring},
		})
		return err
	}
	if rings("room-1") == nil || rings("room-9") == nil {
		w.Error("a number rings a room without a PIN, or none")
	}
	_, err := control.Call(w.ctx(), w.client, control.MenuSet, control.MenuSetRequest{
		Menu: "700", Choices: []fact.MenuChoice{{Key: "1", To: "room-1"}},
	})
	if err == nil {
		w.Error("a menu leads to a room without a PIN")
	}
	if _, err := control.Call(w.ctx(), w.client, control.RoomPIN, control.Room{Room: "9"}); err == nil {
		w.Error("there is a room 9")
	}
	drawn, err := control.Call(w.ctx(), w.client, control.RoomPIN, control.Room{Room: "1"})
	w.must(err)
	w.must(rings("room-1"))
	return drawn.Digits
}

// TestRoomPIN: a caller types a few wrong PINs at a room and then none any more, while
// others come in; several callers lock it, on record and over a restart, until somebody
// unlocks it. Callers from outside are led into no room without a PIN.
func TestRoomPIN(t *testing.T) {
	w, _, p := modes(t)
	q := w.phone("204", func(office.Ring) int { return 486 })
	drawn := w.roomWithPIN()
	outcomes := func() int {
		return len(of[fact.ChallengeFailed](w.facts())) + len(of[fact.ChallengePassed](w.facts()))
	}
	enters := func(who string, p *office.Phone, pin string) {
		t.Helper()
		before := outcomes()
		call := w.talksTo(p, "*301")
		w.mouthOf(who, call).press(pin + "#")
		w.until("the PIN is on record", func() bool { return outcomes() > before })
		w.must(call.Hangup(w.ctx()))
	}
	last := func() fact.ChallengeFailed {
		failed := of[fact.ChallengeFailed](w.facts())
		return failed[len(failed)-1]
	}
	state := func() string {
		all, err := control.Call(w.ctx(), w.client, control.RoomList, control.None{})
		w.must(err)
		return all[0].PIN + " " + all[1].PIN
	}
	for range 3 {
		enters("203", p, "11111111")
	}
	if f := last(); f.Reason != fact.FailedWrong || f.Person != "room-1" || f.Device != "203-1" {
		t.Errorf("on record: %+v", f)
	}
	if enters("203", p, drawn); last().Reason != fact.FailedTooOften {
		t.Errorf("after three wrong ones: %+v", last())
	}
	if enters("204", q, drawn); len(of[fact.ChallengePassed](w.facts())) != 1 {
		t.Errorf("another one does not come in: %+v", last())
	}
	if s := state(); s != "set none" {
		t.Errorf("the rooms are %s", s)
	}
	w.stop()
	w.start()
	w.until("203 is registered", func() bool { return w.registered("203") })
	w.until("204 is registered", func() bool { return w.registered("204") })
	for range 3 { // in a row: two more lock it
		enters("203", p, "11111111")
	}
	for range 2 {
		enters("204", q, "11111111")
	}
	w.until("the lock is on record", func() bool { return last().Reason == fact.FailedLocked })
	if s := state(); s != "locked none" {
		t.Errorf("the rooms are %s", s)
	}
	_, err := control.Call(w.ctx(), w.client, control.RoomUnlock, control.RoomUnlockRequest{Room: "1", Reason: "x"})
	w.must(err)
	if enters("204", q, drawn); len(of[fact.ChallengePassed](w.facts())) != 2 {
		t.Errorf("unlocked it stays shut: %+v", last())
	}
	_, err = control.Call(w.ctx(), w.client, control.RoomShut, control.Room{Room: "1"})
	w.must(err)
	if s := state(); s != "none none" {
		t.Errorf("the rooms are %s", s)
	}
}
