package store

import (
	"strings"

	"github.com/sekisho/sekisho/fact"
)

// The columns of the call table, in the order of callValues and callTargets.
var (
	callText = []string{
		"direction", "origin", "extension", "device", "credential", "source", "transport",
		"user_agent", "registration", "calling", "called", "class", "number", "area", "line", "verb",
		"rule", "answerer", "reason", "media_role",
	}
	callNumbers = []string{"status", "started", "judged", "answered", "ended"}
	callColumns = "id, " + strings.Join(callText, ", ") + ", " + strings.Join(callNumbers, ", ") + ", leaf"
	callUpsert  = makeCallUpsert()
)

// makeCallUpsert writes the statement by which a fact adds to a call record:
// what the fact leaves empty stays.
func makeCallUpsert() string {
	var set []string
	for _, c := range callText {
		set = append(set, c+" = CASE WHEN excluded."+c+" <> '' THEN excluded."+c+" ELSE call."+c+" END")
	}
	for _, c := range callNumbers {
		set = append(set, c+" = CASE WHEN excluded."+c+" <> 0 THEN excluded."+c+" ELSE call."+c+" END")
	}
	marks := strings.Repeat("?, ", len(callText)+len(callNumbers)+1) + "?"
	return "INSERT INTO call (" + callColumns + ") VALUES (" + marks + ") ON CONFLICT (id) DO UPDATE SET " +
		strings.Join(set, ", ")
}

func callValues(r fact.CallRecord) []any {
	return []any{
		r.Call, string(r.Direction), r.Origin, r.Extension, r.Device, r.Credential, r.Source, r.Transport,
		r.UserAgent, r.Registration, r.From, r.To, r.Class, r.Number, r.Area, r.Line, r.Verb,
		r.Rule, r.Answerer, r.Reason, r.MediaRole,
		r.Status, nanos(r.Started), nanos(r.Judged), nanos(r.Answered), nanos(r.Ended), r.Leaf,
	}
}

func scanCall(scan func(...any) error) (fact.CallRecord, error) {
	var r fact.CallRecord
	var started, judged, answered, ended int64
	err := scan(
		&r.Call, &r.Direction, &r.Origin, &r.Extension, &r.Device, &r.Credential, &r.Source, &r.Transport,
		&r.UserAgent, &r.Registration, &r.From, &r.To, &r.Class, &r.Number, &r.Area, &r.Line, &r.Verb,
		&r.Rule, &r.Answerer, &r.Reason, &r.MediaRole,
		&r.Status, &started, &judged, &answered, &ended, &r.Leaf,
	)
	r.Started, r.Judged, r.Answered, r.Ended = instant(started), instant(judged), instant(answered), instant(ended)
	return r, err
}
