package store

import (
	"bytes"
	"encoding/json"
	"fmt"
	"time"

	"github.com/sekisho/sekisho/fact"
)

// executor changes the state: the writer, or a replay of the leaves.
type executor interface {
	change(query string, args ...any) (int64, error)
}

// callEnded is the kind of the last leaf about a call.
var callEnded = fact.CallEnded{}.Kind()

// project lets the state follow a fact. Everything it writes is determined by
// the facts alone, in their order: verification plays them again.
func project(x executor, f fact.Fact, seq uint64) error {
	switch f := f.(type) {
	case fact.UnitClaimed:
		return one(x.change(`INSERT INTO claim (id, by, at, leaf) VALUES (1, ?, ?, ?)`,
			f.By, nanos(f.At), seq))
	case fact.PhoneAdded:
		return document(f.Phone, func(doc string) (int64, error) {
			return x.change(`INSERT INTO phone (device, extension, doc, secret, leaf) VALUES (?, ?, ?, ?, ?)`,
				f.Device, f.Extension, doc, secret(f.SecretSealed), seq)
		})
	case fact.SecretRenewed:
		return one(x.change(`UPDATE phone SET secret = ?, leaf = ?,
			doc = json_set(doc, '$.secret_mark', ?, '$.user', ?) WHERE device = ?`,
			secret(f.SecretSealed), seq, f.SecretSealed.Mark(), f.User, f.Device))
	case fact.PhoneDisabled:
		if _, err := x.change(`DELETE FROM binding WHERE device = ?`, f.Device); err != nil {
			return err
		}
		return one(x.change(`UPDATE phone SET leaf = ?, doc = json_set(doc, '$.disabled', json('true'))
			WHERE device = ?`, seq, f.Device))
	case fact.PhoneEnabled:
		return one(x.change(`UPDATE phone SET leaf = ?, doc = json_remove(doc, '$.disabled') WHERE device = ?`,
			seq, f.Device))
	case fact.PhoneRemoved:
		if _, err := x.change(`DELETE FROM binding WHERE device = ?`, f.Device); err != nil {
			return err
		}
		return one(x.change(`DELETE FROM phone WHERE device = ?`, f.Device))
	case fact.LineAdded:
		return document(f.Line, func(doc string) (int64, error) {
			return x.change(`INSERT INTO line (id, doc, secret, leaf) VALUES (?, ?, ?, ?)`,
				f.ID, doc, secret(f.SecretSealed), seq)
		})
	case fact.LineRemoved:
		return one(x.change(`DELETE FROM line WHERE id = ?`, f.Line))
	case fact.GroupSet:
		return projectGroup(x, f, seq)
	case fact.OpeningAdded:
		return document(f.Opening, func(doc string) (int64, error) {
			return x.change(`INSERT INTO opening (id, doc, leaf) VALUES (?, ?, ?)`, f.ID, doc, seq)
		})
	case fact.OpeningRemoved:
		return one(x.change(`DELETE FROM opening WHERE id = ?`, f.ID))
	case fact.OpeningExpired:
		return one(x.change(`DELETE FROM opening WHERE id = ?`, f.ID))
	case fact.CallStarted, fact.CallJudged, fact.CallAnswered, fact.CallEnded:
		return projectCall(x, f, seq)
	}
	return nil
}

func projectGroup(x executor, f fact.GroupSet, seq uint64) error {
	if len(f.Members) == 0 {
		return one(x.change(`DELETE FROM ring_group WHERE number = ?`, f.Number))
	}
	return document(f.Group, func(doc string) (int64, error) {
		return x.change(`INSERT OR REPLACE INTO ring_group (number, doc, leaf) VALUES (?, ?, ?)`,
			f.Number, doc, seq)
	})
}

// one holds a statement to changing one row: a fact about something that is
// not there (or there twice) does not go into the log.
func one(n int64, err error) error {
	switch {
	case err != nil:
		return err
	case n != 1:
		return fmt.Errorf("%w: %d rows", errNotThere, n)
	}
	return nil
}

// document inserts v as JSON. It writes what a later reading and writing would
// give again: bytes that are no UTF-8 take two rounds until they do.
func document[T any](v T, insert func(doc string) (int64, error)) error {
	doc, err := json.Marshal(v)
	if err != nil {
		return err
	}
	if bytes.Contains(doc, []byte(`\ufffd`)) {
		var again T
		if err := json.Unmarshal(doc, &again); err != nil {
			return err
		}
		if doc, err = json.Marshal(again); err != nil {
			return err
		}
	}
	return one(insert(string(doc)))
}

func secret(s fact.Sealed) []byte {
	if s == nil {
		return []byte{}
	}
	return s
}

// nanos writes a time; the zero time is 0.
func nanos(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.UnixNano()
}

// instant reads it back.
func instant(n int64) time.Time {
	if n == 0 {
		return time.Time{}
	}
	return time.Unix(0, n).UTC()
}
