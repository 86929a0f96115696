package app

import (
	"github.com/sekisho/sekisho/unit"
	"github.com/sekisho/sekisho/unit/attendant"
	"github.com/sekisho/sekisho/unit/plan"
)

// scripts are what the unit says to callers that it talks with itself.
type scripts struct{ a *App }

var _ unit.Scripts = scripts{}

// Script is the one behind a feature code, or what a number rings.
func (s scripts) Script(asked plan.Asked) attendant.Script {
	switch asked.Action {
	case plan.EchoTest:
		return attendant.NewEcho()
	case plan.DeskIn:
		return attendant.NewLogIn(desks(s), asked.Digits)
	case plan.SayTime:
		return attendant.NewClock(tokyo)
	case plan.MailboxListen:
		return attendant.NewListen(s.a.boxes, s.a.greets)
	case plan.MailboxEnter:
		return attendant.NewEnter(boxDoor(s), s.a.boxes)
	case plan.Conference:
		if s.a.hasPIN(asked.Digits) {
			return attendant.NewAdmit(roomDoor(s), asked.Digits)
		}
	case plan.ConferenceEnter:
		return attendant.NewAdmit(roomDoor(s), asked.Digits)
	case plan.MailboxLeave:
		return attendant.NewLeave(s.a.boxes, s.a.greets, asked.Digits)
	case plan.Announce:
		return attendant.NewAnnouncement(asked.Digits)
	case plan.Menu:
		return s.a.menuScript(asked.Digits)
	}
	return nil
}
