package store

import (
	"encoding/json"
	"fmt"
	"strings"
	"sync"

	"github.com/sekisho/sekisho/fact"
	"github.com/sekisho/sekisho/gate/budget"
)

// callColumns are those of a call record, in the order of scanCall.
const callColumns = "id, direction, origin, extension, device, credential, source, transport, user_agent, " +
	"registration, calling, called, class, number, area, line, verb, rule, answerer, reason, media_role, sound, " +
	"status, started, judged, answered, ended, held, cost, opinion, signs, mark, " +
	"queue, agent, waited, leaf"

// The columns that the facts about a call fill: texts, then numbers.
const partyText = "origin extension device credential source transport user_agent registration "

var (
	startedUpsert = callUpsert(partyText+"direction calling called line media_role mark", "started", "")
	judgedUpsert  = callUpsert(partyText+"direction calling called class number area line verb rule opinion signs",
		"started judged", "held")
	answerUpsert = callUpsert("answerer line", "answered", "")
	endedUpsert  = callUpsert(endedText, endedNumbers, "held")
	// wholeUpsert is for an end that says who called whom, too.
	wholeUpsert  = callUpsert(wholeText, wholeNumbers, "held")
	wholeColumns = strings.Fields(wholeText + " " + wholeNumbers + " held")
)

const (
	endedText    = "line verb rule answerer reason media_role sound queue agent"
	endedNumbers = "status answered ended cost waited"
	wholeText    = partyText + "direction calling called " + endedText
	wholeNumbers = "started " + endedNumbers
)

// shapes are the statements that insert an end which says who called whom, by what it says:
// half of the columns stay as they are made, and to hand those over is dearer than to find
// the statement.
type shapes struct {
	mu   sync.Mutex
	made map[uint64]string // by the columns, a bit each
}

var wholeInserts = shapes{made: make(map[uint64]string)}

// of gives the statement for some columns, of those of list.
func (s *shapes) of(columns uint64, list []string) (query string, ok bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if query, ok = s.made[columns]; ok || len(s.made) >= shapesMax {
		return query, ok
	}
	names := []string{"leaf", "id"}
	for i, name := range list {
		if columns>>i&1 != 0 {
			names = append(names, name)
		}
	}
	query = "INSERT INTO call (" + strings.Join(names, ", ") + ") VALUES (?" +
		strings.Repeat(", ?", len(names)-1) + ") ON CONFLICT (id) DO NOTHING"
	s.made[columns] = query
	return query, true
}

// insertWhole inserts a record of the values of wholeUpsert, where its call has none yet, and
// tells whether it did.
func insertWhole(x executor, values []any) (bool, error) {
	var columns uint64
	said := append(make([]any, 0, callValuesMax), values[:2]...)
	for i, v := range values[2:] {
		if v != "" && v != 0 && v != int64(0) {
			columns |= 1 << i
			said = append(said, v)
		}
	}
	query, ok := wholeInserts.of(columns, wholeColumns)
	if !ok {
		return false, nil
	}
	n, err := x.change(query, said...)
	return n == 1, err
}

// callUpsert writes the statement by which a fact adds to a call record: what
// the fact leaves empty stays, but what is whole is as it says. Its values are
// the leaf, the call and those of the columns.
func callUpsert(texts, numbers, whole string) string {
	columns := strings.Fields(texts)
	var set []string
	for _, c := range columns {
		set = append(set, c+" = CASE WHEN excluded."+c+" <> '' THEN excluded."+c+" ELSE call."+c+" END")
	}
	for c := range strings.FieldsSeq(numbers) {
		columns = append(columns, c)
		set = append(set, c+" = CASE WHEN excluded."+c+" <> 0 THEN excluded."+c+" ELSE call."+c+" END")
	}
	for c := range strings.FieldsSeq(whole) {
		columns = append(columns, c)
		set = append(set, c+" = excluded."+c)
	}
	return "INSERT INTO call (leaf, id, " + strings.Join(columns, ", ") + ") VALUES (?, ?" +
		strings.Repeat(", ?", len(columns)) + ") ON CONFLICT (id) DO UPDATE SET " + strings.Join(set, ", ")
}

// projectCall lets a call's record follow a fact about it.
func projectCall(x executor, f fact.Fact, seq uint64, cost int64) error {
	switch f := f.(type) {
	case fact.CallStarted:
		return one(x.change(startedUpsert, append(partyValues(seq, f.Call, f.Party),
			string(f.Direction), f.From, f.To, f.Line, f.MediaRole, f.Mark, nanos(f.At))...))
	case fact.CallJudged:
		to := f.Dialed
		if f.Started.IsZero() {
			to = "" // a start came before, and told of the call
		}
		held, err := x.holding(f.Call)
		if err != nil {
			return err
		}
		signs, err := listed(f.Signs)
		if err != nil {
			return err
		}
		return one(x.change(judgedUpsert, append(partyValues(seq, f.Call, f.Party),
			string(f.Direction), f.From, to, f.Class, f.Number, f.Area, f.Line, f.Verb, f.Rule,
			f.Opinion, signs, nanos(f.Started), nanos(f.At), held)...))
	case fact.CallRenewed:
		held, err := x.holding(f.Call)
		if err != nil {
			return err
		}
		return one(x.change(`UPDATE call SET held = ? WHERE id = ?`, held, f.Call))
	case fact.CallAnswered:
		answerer := f.Device
		if f.Line != "" {
			answerer = f.Line
		}
		return one(x.change(answerUpsert, seq, f.Call, answerer, f.Line, nanos(f.At)))
	case fact.CallEnded:
		sound, err := listed(f.Sound)
		if err != nil {
			return err
		}
		record, err := projectEnd(x, f, seq, sound, cost)
		if err != nil {
			return err
		}
		return projectHistory(x, f, record)
	}
	return nil
}

// projectEnd lets a call's record follow its end, and gives the leaf that the record stands
// under; 0 where that is yet to be looked up.
func projectEnd(x executor, f fact.CallEnded, seq uint64, sound string, cost int64) (record uint64, err error) {
	if f.Party == (fact.Party{}) && f.Direction == "" && f.From == "" && f.To == "" && f.Started.IsZero() {
		return 0, one(x.change(endedUpsert, seq, f.Call,
			f.Line, f.Verb, f.Rule, f.Answerer, f.Reason, f.MediaRole, sound, f.Queue, f.Agent,
			f.Status, nanos(f.Answered), nanos(f.Ended), cost, f.WaitedMS, noneHeld))
	}
	values := append(partyValues(seq, f.Call, f.Party),
		string(f.Direction), f.From, f.To, f.Line, f.Verb, f.Rule, f.Answerer, f.Reason, f.MediaRole, sound,
		f.Queue, f.Agent,
		nanos(f.Started), f.Status, nanos(f.Answered), nanos(f.Ended), cost, f.WaitedMS, noneHeld)
	if inserted, err := insertWhole(x, values); err != nil || inserted {
		return seq, err
	}
	return 0, one(x.change(wholeUpsert, values...))
}

// listed is a list of a call as the table keeps it, "" for an empty one.
func listed[T fact.Sound | fact.Sign](list []T) (string, error) {
	if len(list) == 0 {
		return "", nil
	}
	doc, err := json.Marshal(list)
	if err != nil {
		return "", fmt.Errorf("list of a call: %w", err)
	}
	return string(doc), nil
}

// callValuesMax is how many values the longest of these statements has.
const callValuesMax = 29

// noneHeld is what an ended call holds.
const noneHeld = ""

// partyValues are the leaf, the call, and those of partyText, with room for
// more.
func partyValues(seq uint64, call string, p fact.Party) []any {
	return append(make([]any, 0, callValuesMax), seq, call,
		p.Origin, p.Extension, p.Device, p.Credential, p.Source, p.Transport, p.UserAgent, p.Registration)
}

func scanCall(scan func(...any) error) (fact.CallRecord, error) {
	var r fact.CallRecord
	var started, judged, answered, ended int64
	var sound, held, signs string
	err := scan(
		&r.Call, &r.Direction, &r.Origin, &r.Extension, &r.Device, &r.Credential, &r.Source, &r.Transport,
		&r.UserAgent, &r.Registration, &r.From, &r.To, &r.Class, &r.Number, &r.Area, &r.Line, &r.Verb,
		&r.Rule, &r.Answerer, &r.Reason, &r.MediaRole, &sound,
		&r.Status, &started, &judged, &answered, &ended, &held, &r.Cost, &r.Opinion, &signs, &r.Mark,
		&r.Queue, &r.Agent, &r.WaitedMS, &r.Leaf,
	)
	r.Started, r.Judged, r.Answered, r.Ended = instant(started), instant(judged), instant(answered), instant(ended)
	if err == nil && sound != "" {
		err = json.Unmarshal([]byte(sound), &r.Sound)
	}
	if err == nil && signs != "" {
		err = json.Unmarshal([]byte(signs), &r.Signs)
	}
	if err == nil && held != "" {
		var legs []budget.Leg
		err = json.Unmarshal([]byte(held), &legs)
		for i := range legs {
			r.Held = append(r.Held, legs[i].Leg)
		}
	}
	return r, err
}
