package gate

import (
	"github.com/sekisho/sekisho/fact"
	"github.com/sekisho/sekisho/gate/budget"
	"github.com/sekisho/sekisho/number"
)

// alerts has the unit itself call, to the number that its configuration names.
func alerts() func(*Settings, *Request) {
	return func(s *Settings, q *Request) {
		s.AlertNumbers = []string{q.Destination.Digits}
		q.Origin = Origin{Kind: OriginAlert, Authenticated: true}
	}
}

// alertFixtures are those of calls that the unit itself makes.
var alertFixtures = []fixture{
	{"alert", alerts(), "ordinary", VerbPass, 0, ""},
	{"alert to another number", func(s *Settings, q *Request) {
		alerts()(s, q)
		q.Destination.Digits = "81312345679"
	}, "alert-call", VerbRefuse, 403, ""},
	{"alert abroad, to where it is open", func(s *Settings, q *Request) {
		abroad("SL", number.RangeMobile)(s, q)
		alerts()(s, q)
	}, "alert-call", VerbRefuse, 403, ""},
	{"alert to a dear number", func(s *Settings, q *Request) {
		q.Destination.Class = number.Navi
		s.Classes = Classes(number.Navi)
		alerts()(s, q)
	}, "alert-call", VerbRefuse, 403, ""},
	{"alert of a phone that says so", func(s *Settings, q *Request) {
		alerts()(s, q)
		q.Origin.Authenticated = false
	}, "origin", VerbRefuse, 403, ""},
	{"alert, abroad set apart", func(s *Settings, q *Request) {
		alerts()(s, q)
		apart("destination", "abroad")(s, q)
	}, "ordinary", VerbPass, 0, ""},
	{"alert, its number set apart", func(s *Settings, q *Request) {
		alerts()(s, q)
		apart("destination", "+8131")(s, q)
	}, "quarantine", VerbRefuse, 603, promptBarred},
	{"alert at night", func(s *Settings, q *Request) {
		alerts()(s, q)
		s.Hours = []Hours{{Name: "always"}}
	}, "ordinary", VerbPass, 0, ""},
	{"alert, and the office has no money left", func(s *Settings, q *Request) {
		alerts()(s, q)
		s.Budget = plan(budget.Settings{Shut: map[string]string{"unit/home": fact.WindowDay}})
	}, "ordinary", VerbPass, 0, ""},
	{"alert, and its budget is used up", func(s *Settings, q *Request) {
		alerts()(s, q)
		s.Budget = plan(budget.Settings{Shut: map[string]string{"alert/home": fact.WindowDay}})
	}, "budget", VerbRefuse, 603, promptBarred},
	{"alert to an emergency number", func(s *Settings, q *Request) {
		q.Destination = number.Destination{Class: number.Emergency, Digits: "110"}
		alerts()(s, q)
	}, "emergency", VerbRefuse, 403, ""},
}
