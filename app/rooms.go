package app

import (
	"context"
	"errors"
	"strconv"

	"github.com/sekisho/sekisho/app/control"
	"github.com/sekisho/sekisho/gate/challenge"
	"github.com/sekisho/sekisho/gate/challenge/prover"
	"github.com/sekisho/sekisho/unit/attendant"
	"github.com/sekisho/sekisho/unit/plan"
)

// ruleRoom is what asks for a PIN in the facts about it.
const ruleRoom = "conference"

// roomDoor lets into conference rooms whoever has their PIN.
type roomDoor struct{ a *App }

var _ attendant.Doorkeeper = roomDoor{}

// Prove compares a PIN with that of a room. One caller types a few wrong ones in a while,
// so that it can't lock the room for all.
func (d roomDoor) Prove(room string, pin []byte, who attendant.Caller, done func(error)) {
	a, person := d.a, plan.RoomName(room)
	caller := "phone/" + who.Device
	if who.Device == "" || who.Line != "" {
		caller = "line/" + who.Line + "/" + who.Number
	}
	a.opens(a.roomPINs, person, ruleRoom, pin, who, done, func(t prover.Try, done func(why string)) {
		a.roomTries.try(a.roomPINs, caller, t, done)
	})
}

// hasPIN tells whether a room has a PIN.
func (a *App) hasPIN(room string) bool { return a.roomStates()[room] != "" }

// roomStates says which rooms have a PIN.
func (a *App) roomStates() map[string]string {
	out := make(map[string]string)
	for _, p := range a.roomPINs.List() {
		room, _ := plan.RoomOf(p.Extension)
		if out[room] = pinSet; challenge.Locked(p) {
			out[room] = pinLocked
		}
	}
	return out
}

func (a *App) roomOperations(m *control.Mux) {
	control.Handle(m, control.RoomList, a.roomList)
	control.Handle(m, control.RoomPIN, a.roomPIN)
	control.Handle(m, control.RoomShut, a.roomShut)
	control.Handle(m, control.RoomUnlock, a.roomUnlock)
}

func (a *App) roomList(context.Context, control.Caller, control.None) ([]control.Room, error) {
	states := a.roomStates()
	var out []control.Room
	for i := range plan.Rooms {
		one := control.Room{Room: strconv.Itoa(i + 1), PIN: pinNone}
		if s := states[one.Room]; s != "" {
			one.PIN = s
		}
		out = append(out, one)
	}
	return out, nil
}

// noRoom says that there is no such room.
func noRoom(room string) error {
	return control.NewProblem(control.ExitNotFound, "cli.conference.none", "", room, strconv.Itoa(plan.Rooms))
}

// roomPIN draws a PIN for a room: from now on nobody comes in without.
func (a *App) roomPIN(ctx context.Context, by control.Caller, r control.Room) (control.PINGenerated, error) {
	if !plan.IsRoom(r.Room) {
		return control.PINGenerated{}, noRoom(r.Room)
	}
	digits, err := a.roomPINs.Generate(ctx, plan.RoomName(r.Room), by.Actor())
	if err != nil {
		return control.PINGenerated{}, pinProblem(err, r.Room)
	}
	return control.PINGenerated{Extension: r.Room, Digits: digits}, nil
}

// roomShut takes the PIN of a room away: it is open to the office, and to nobody else.
func (a *App) roomShut(ctx context.Context, by control.Caller, r control.Room) (control.None, error) {
	return control.None{}, roomProblem(a.roomPINs.Remove(ctx, plan.RoomName(r.Room), by.Actor()), r.Room)
}

func (a *App) roomUnlock(ctx context.Context, by control.Caller, r control.RoomUnlockRequest) (control.None, error) {
	reason, err := reasonOf(r.Reason)
	if err != nil {
		return control.None{}, err
	}
	return control.None{}, roomProblem(a.roomPINs.Unlock(ctx, plan.RoomName(r.Room), reason, by.Actor()), r.Room)
}

func roomProblem(err error, room string) error {
	switch {
	case !plan.IsRoom(room):
		return noRoom(room)
	case errors.Is(err, prover.ErrNone):
		return control.NewProblem(control.ExitNotFound, "cli.conference.nopin", "cli.conference.nopin.do", room)
	}
	return err
}

// checkRoom says whether callers from outside can be led into what a number is to ring, or
// a key of a menu: a room without a PIN lets none of them in.
func (a *App) checkRoom(ring string) error {
	room, is := plan.RoomOf(ring)
	if !is || a.hasPIN(room) {
		return nil
	}
	return control.NewProblem(control.ExitConflict, "cli.conference.nopin", "cli.conference.nopin.do", room)
}
