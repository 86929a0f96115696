package store

import (
	"encoding/json"
	"fmt"
	"strings"

	"github.com/sekisho/sekisho/fact"
)

// callColumns are those of a call record, in the order of scanCall.
const callColumns = "id, direction, origin, extension, device, credential, source, transport, user_agent, " +
	"registration, calling, called, class, number, area, line, verb, rule, answerer, reason, media_role, sound, " +
	"status, started, judged, answered, ended, leaf"

// The columns that the facts about a call fill: texts, then numbers.
const partyText = "origin extension device credential source transport user_agent registration "

var (
	startedUpsert = callUpsert(partyText+"direction calling called line media_role", "started")
	judgedUpsert  = callUpsert(partyText+"direction calling called class number area line verb rule", "started judged")
	answerUpsert  = callUpsert("answerer line", "answered")
	endedUpsert   = callUpsert(endedText, endedNumbers)
	// wholeUpsert is for an end that says who called whom, too.
	wholeUpsert = callUpsert(partyText+"direction calling called "+endedText, "started "+endedNumbers)
)

const (
	endedText    = "line verb rule answerer reason media_role sound"
	endedNumbers = "status answered ended"
)

// callUpsert writes the statement by which a fact adds to a call record: what
// the fact leaves empty stays. Its values are the leaf, the call and those of
// the columns.
func callUpsert(texts, numbers string) string {
	columns := strings.Fields(texts)
	var set []string
	for _, c := range columns {
		set = append(set, c+" = CASE WHEN excluded."+c+" <> '' THEN excluded."+c+" ELSE call."+c+" END")
	}
	for c := range strings.FieldsSeq(numbers) {
		columns = append(columns, c)
		set = append(set, c+" = CASE WHEN excluded."+c+" <> 0 THEN excluded."+c+" ELSE call."+c+" END")
	}
	return "INSERT INTO call (leaf, id, " + strings.Join(columns, ", ") + ") VALUES (?, ?" +
		strings.Repeat(", ?", len(columns)) + ") ON CONFLICT (id) DO UPDATE SET " + strings.Join(set, ", ")
}

// projectCall lets a call's record follow a fact about it.
func projectCall(x executor, f fact.Fact, seq uint64) error {
	switch f := f.(type) {
	case fact.CallStarted:
		return one(x.change(startedUpsert, append(partyValues(seq, f.Call, f.Party),
			string(f.Direction), f.From, f.To, f.Line, f.MediaRole, nanos(f.At))...))
	case fact.CallJudged:
		to := f.Dialed
		if f.Started.IsZero() {
			to = "" // a start came before, and told of the call
		}
		return one(x.change(judgedUpsert, append(partyValues(seq, f.Call, f.Party),
			string(f.Direction), f.From, to, f.Class, f.Number, f.Area, f.Line, f.Verb, f.Rule,
			nanos(f.Started), nanos(f.At))...))
	case fact.CallAnswered:
		answerer := f.Device
		if f.Line != "" {
			answerer = f.Line
		}
		return one(x.change(answerUpsert, seq, f.Call, answerer, f.Line, nanos(f.At)))
	case fact.CallEnded:
		sound, err := soundDocument(f.Sound)
		if err != nil {
			return err
		}
		if f.Party == (fact.Party{}) && f.Direction == "" && f.From == "" && f.To == "" && f.Started.IsZero() {
			return one(x.change(endedUpsert, seq, f.Call,
				f.Line, f.Verb, f.Rule, f.Answerer, f.Reason, f.MediaRole, sound,
				f.Status, nanos(f.Answered), nanos(f.Ended)))
		}
		return one(x.change(wholeUpsert, append(partyValues(seq, f.Call, f.Party),
			string(f.Direction), f.From, f.To, f.Line, f.Verb, f.Rule, f.Answerer, f.Reason, f.MediaRole, sound,
			nanos(f.Started), f.Status, nanos(f.Answered), nanos(f.Ended))...))
	}
	return nil
}

// soundDocument is how a call's voice went as the table keeps it, "" for a call
// without any.
func soundDocument(s []fact.Sound) (string, error) {
	if len(s) == 0 {
		return "", nil
	}
	doc, err := json.Marshal(s)
	if err != nil {
		return "", fmt.Errorf("sound of a call: %w", err)
	}
	return string(doc), nil
}

// callValuesMax is how many values the longest of these statements has.
const callValuesMax = 24

// partyValues are the leaf, the call, and those of partyText, with room for
// more.
func partyValues(seq uint64, call string, p fact.Party) []any {
	return append(make([]any, 0, callValuesMax), seq, call,
		p.Origin, p.Extension, p.Device, p.Credential, p.Source, p.Transport, p.UserAgent, p.Registration)
}

func scanCall(scan func(...any) error) (fact.CallRecord, error) {
	var r fact.CallRecord
	var started, judged, answered, ended int64
	var sound string
	err := scan(
		&r.Call, &r.Direction, &r.Origin, &r.Extension, &r.Device, &r.Credential, &r.Source, &r.Transport,
		&r.UserAgent, &r.Registration, &r.From, &r.To, &r.Class, &r.Number, &r.Area, &r.Line, &r.Verb,
		&r.Rule, &r.Answerer, &r.Reason, &r.MediaRole, &sound,
		&r.Status, &started, &judged, &answered, &ended, &r.Leaf,
	)
	r.Started, r.Judged, r.Answered, r.Ended = instant(started), instant(judged), instant(answered), instant(ended)
	if err == nil && sound != "" {
		err = json.Unmarshal([]byte(sound), &r.Sound)
	}
	return r, err
}
