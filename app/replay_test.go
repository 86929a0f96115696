package app_test

import (
	"errors"
	"fmt"
	"path/filepath"
	"strconv"
	"testing"
	"time"

	"github.com/sekisho/sekisho/app/control"
	"github.com/sekisho/sekisho/evidence"
	"github.com/sekisho/sekisho/fact"
	"github.com/sekisho/sekisho/number"
	"github.com/sekisho/sekisho/store"
	"github.com/sekisho/sekisho/store/storetest"
)

// judged is a call of extension 201 that began some days ago, as the gate of
// then judged it.
func judged(days int, dialed, line, verb, rule string) fact.Fact {
	d := number.Parse(dialed, nil)
	at := time.Now().UTC().AddDate(0, 0, -days)
	return fact.CallJudged{
		Call: dialed + "/" + strconv.Itoa(days), First: true, Direction: fact.Outgoing,
		Party: fact.Party{Origin: "dialed", Extension: "201", Device: "201-1"}, Started: at, At: at,
		Authenticated: true, Line: line, Dialed: dialed, Class: d.Class.String(), Number: d.Digits, Area: d.Area,
		Range: d.Range.String(), Verb: verb, Rule: rule,
	}
}

// recorded writes facts into the store of a unit that does not run.
func recorded(t *testing.T, data string, facts ...fact.Fact) {
	t.Helper()
	s, err := store.Open(t.Context(), store.Config{Path: filepath.Join(data, evidence.StoreFile)})
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(storetest.Write(t, s, facts), s.Close()); err != nil {
		t.Fatal(err)
	}
}

// TestReplayOfTheUnitsOwnCalls judges calls of a real store again: what the
// change turns round is told apart from what turned round before.
func TestReplayOfTheUnitsOwnCalls(t *testing.T) {
	data, stop := owned(t)
	ask(t, data, control.LineAdd, control.LineAddRequest{
		ID: "main", Profile: "generic-registration", Registrar: "127.0.7.2:5060", User: "u", Secret: "a-long-secret",
		Numbers: []control.LineNumber{{Number: "0312345678", Ring: []string{"201"}}}, Transport: "udp",
	})
	stop()
	recorded(t, data,
		judged(40, "0312340001", "main", "pass", "ordinary"), // before the days that are looked at
		judged(20, "0312340002", "main", "pass", "ordinary"),
		judged(19, "09012340003", "main", "pass", "ordinary"),
		judged(18, "01023276123456", "main", "pass", "ordinary"),        // an opening that has ended
		judged(17, "01023276123457", "main", "refuse", "international"), // stays so
		judged(16, "0101212555012", "main", "refuse", "not-understood"), // no number, then and now
		judged(15, "01012125550123", "main", "refuse", "international"), // would pass
		judged(14, "0312340002", "gone", "pass", "ordinary"),            // over a line that is no more
		judged(0, "119", "main", "pass", "emergency"),
	)
	live(t, data)
	contents := fmt.Sprintf("[[extension]]\nextension = \"201\"\nclasses = [\"geographic\", \"international\"]\n"+
		"[[opening]]\nextension = \"201\"\narea = \"US\"\nuntil = %q\nreason = \"visit\"\n",
		in(24*time.Hour))
	p := ask(t, data, control.GatePreview, control.PolicyRequest{File: "gate.toml", Text: contents})
	r := p.Replay
	if r == nil || len(p.Findings) > 0 {
		t.Fatalf("%+v", p)
	}
	if r.Calls != 8 || r.WouldRefuse != 1 || r.WouldPass != 1 || r.Already != 2 || r.Unread != 0 || r.More {
		t.Errorf("%+v", r)
	}
	if len(r.Examples) != 2 || r.Examples[0].Number != "010121xxxxxxxx" || r.Examples[0].Now != "pass" ||
		r.Examples[1].Number != "090123xxxxx" || r.Examples[1].NowRule != "extension-class" {
		t.Errorf("%+v", r.Examples)
	}
	whole := ask(t, data, control.GatePreview, control.PolicyRequest{Text: contents, Numbers: true})
	if whole.Replay.Examples[1].Number != "09012340003" {
		t.Errorf("asked for whole numbers: %+v", whole.Replay.Examples)
	}
}
