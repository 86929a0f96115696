package storetest

import (
	"testing"
	"time"

	"github.com/sekisho/sekisho/fact"
)

// routingFollows: what was set last about incoming calls counts, over a restart
// too, each thing by itself, until it is taken away.
func routingFollows(t *testing.T, open Open) {
	s := open(t, nil)
	week := fact.HoursSet{
		Scope: fact.ScopeUnit, Otherwise: "night1", By: "owner", At: Day,
		Hours: []fact.Hours{{Days: []string{"mon", "closed"}, From: "09:00", To: "18:00", Mode: "day"}},
	}
	night := fact.ModeSwitched{Scope: fact.ScopeUnit, Mode: "night1", Until: Day.Add(time.Hour), By: "owner", At: Day}
	mine := fact.ModeSwitched{Scope: "0312345678", Mode: "day", By: "phone/201-1", Call: "c1", At: Day}
	rings := fact.RingsSet{Scope: "0312345678", Mode: "night1", Ring: []string{"201", "300"}, By: "owner", At: Day}
	name := fact.DayMarked{Date: "2026-12-28", As: fact.DayClosed, Name: "創立\xff記念日", By: "owner", At: Day}
	must(t, s, facts(week, night, mine, rings, name))
	quiet := fact.ServiceSet{Extension: "201", Service: fact.ServiceDoNotDisturb, On: true, By: "owner", At: Day}
	must(t, s, facts(quiet))
	quiet.On = false
	must(t, s, facts(quiet))
	place := fact.SpeedSet{Place: "12", To: "202", By: "owner", At: Day}
	own := fact.SpeedSet{Extension: "201", Place: "12", To: "+81312345678", By: "phone/201-1", Call: "c1", At: Day}
	must(t, s, facts(place, own))
	place.To = ""
	must(t, s, facts(place))
	wake := fact.WakeUpSet{Extension: "201", Clock: "06:30", Next: Day.Add(time.Hour), By: "owner", At: Day}
	daily := wake
	daily.Daily = true
	must(t, s, facts(wake, daily))
	wake.Clock, wake.Next = "", time.Time{}
	must(t, s, facts(wake))
	kept := name
	kept.Name = "創立�記念日" // as it can be written
	all := []fact.Routed{kept, week, mine, night, rings, own, daily}
	same(t, "set", get(t, s.Routing), all)
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	s = open(t, nil)
	same(t, "after a restart", get(t, s.Routing), all)
	night.Mode = "night2"
	must(t, s, facts(night, fact.ModeSwitched{Scope: "0312345678", By: "owner", At: Day}))
	own.To = ""
	daily.Clock = ""
	must(t, s, facts(own, daily))
	same(t, "switched", get(t, s.Routing), []fact.Routed{kept, week, night, rings})
	must(t, s, facts(
		fact.HoursSet{Scope: fact.ScopeUnit, By: "owner", At: Day},
		fact.RingsSet{Scope: "0312345678", Mode: "night1", By: "owner", At: Day},
		fact.DayMarked{Date: "2026-12-28", By: "owner", At: Day},
	))
	same(t, "taken away", get(t, s.Routing), []fact.Routed{night})
	if err := Write(t, s, facts(fact.DayMarked{Date: "2026-12-28", By: "owner", At: Day})); err == nil {
		t.Error("a mark was taken away that is not there")
	}
}
