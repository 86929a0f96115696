package storetest

import (
	"testing"
	"time"

	"github.com/sekisho/sekisho/fact"
)

// alerts: what a channel did last follows from facts, what it owes does not.
func alerts(t *testing.T, open Open) {
	s := open(t, nil)
	sent := fact.AlertSent{Alert: "a1", AlertKind: "barred", Channel: "mail", About: "phone/201-1", Tries: 1, At: Day}
	later := Day.Add(time.Hour)
	failed := fact.AlertFailed{Alert: "a2", AlertKind: "barred", Channel: "mail", Why: "refused", At: later}
	owed := fact.AlertMemory{Name: "owed/mail/a2", Doc: `{"id":"a2"}`}
	must(t, s, facts(sent, failed), owed)
	hook := sent
	hook.Channel, hook.AlertKind = "ops", "sign-in"
	must(t, s, facts(hook))
	want := []fact.AlertLast{
		{AlertKind: "barred", Channel: "mail", Sent: Day, Failed: later, Why: "refused"},
		{AlertKind: "sign-in", Channel: "ops", Sent: Day},
	}
	same(t, "alerts", get(t, s.AlertsLast), want)
	same(t, "memory", get(t, s.AlertMemory), []fact.AlertMemory{owed})
	sent.At = Day.Add(2 * time.Hour)
	must(t, s, facts(sent), fact.AlertMemory{Name: owed.Name})
	want[0].Sent = sent.At
	same(t, "alerts after", get(t, s.AlertsLast), want)
	if n := len(get(t, s.AlertMemory)); n != 0 {
		t.Errorf("%d remembered", n)
	}
}
