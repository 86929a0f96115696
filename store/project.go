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
	// text reads the one text that a query finds.
	text(query string, args ...any) (string, error)
	// holding is what a call holds after the facts under way, as its record
	// keeps it.
	holding(call string) (string, error)
}

// callEnded is the kind of the last leaf about a call.
var callEnded = fact.CallEnded{}.Kind()

// project lets the state follow a fact. Everything it writes is determined by
// the facts alone, in their order: verification plays them again.
// cost is what the call of a fact.CallEnded cost.
func project(x executor, f fact.Fact, seq uint64, cost int64) error {
	switch f := f.(type) {
	case fact.UnitClaimed:
		return one(x.change(`INSERT INTO claim (id, by, at, leaf) VALUES (1, ?, ?, ?)`, f.By, nanos(f.At), seq))
	case fact.AlertSent, fact.AlertFailed:
		return projectAlert(x, f, seq)
	case fact.PhoneAdded:
		return document(f.Phone, func(doc string) (int64, error) {
			return x.change(`INSERT INTO phone (device, extension, doc, secret, leaf) VALUES (?, ?, ?, ?, ?)`,
				f.Device, f.Extension, doc, secret(f.SecretSealed), seq)
		})
	case fact.SecretRenewed:
		if err := one(x.change(`UPDATE phone SET secret = ? WHERE device = ?`,
			secret(f.SecretSealed), f.Device)); err != nil {
			return err
		}
		return changePhone(x, f.Device, seq, func(p *fact.Phone) { p.User, p.SecretSealed = f.User, f.SecretSealed })
	case fact.PhoneDisabled:
		if _, err := x.change(`DELETE FROM binding WHERE device = ?`, f.Device); err != nil {
			return err
		}
		return changePhone(x, f.Device, seq, func(p *fact.Phone) { p.Disabled = true })
	case fact.PhoneEnabled:
		return changePhone(x, f.Device, seq, func(p *fact.Phone) { p.Disabled = false })
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
		if _, err := x.change(`DELETE FROM tariff WHERE line = ?`, f.Line); err != nil {
			return err
		}
		return one(x.change(`DELETE FROM line WHERE id = ?`, f.Line))
	case fact.GroupSet:
		return projectGroup(x, f, seq)
	case fact.OpeningAdded:
		return document(f.Opening, func(doc string) (int64, error) {
			return x.change(`INSERT INTO opening (id, doc, leaf) VALUES (?, ?, ?)`, f.ID, doc, seq)
		})
	case fact.PolicyApplied:
		return document(f, func(doc string) (int64, error) {
			return x.change(`INSERT INTO policy (id, doc, leaf) VALUES (?, ?, ?)`, f.ID, doc, seq)
		})
	case fact.OpeningRemoved:
		return one(x.change(`DELETE FROM opening WHERE id = ?`, f.ID))
	case fact.OpeningExpired:
		return one(x.change(`DELETE FROM opening WHERE id = ?`, f.ID))
	case fact.TariffImported, fact.TariffRemoved:
		return projectTariff(x, f, seq)
	case fact.QuarantineSet, fact.QuarantineReleased, fact.QuarantineExpired:
		return projectQuarantine(x, f, seq)
	case fact.PINSet, fact.PINRemoved, fact.PINUnlocked, fact.ChallengePassed, fact.ChallengeFailed:
		return projectPIN(x, f, seq)
	case fact.MessageLeft, fact.MessageHeard, fact.MessageDeleted, fact.GreetingSet, fact.MailSent, fact.MailFailed:
		return projectMessage(x, f, seq)
	case fact.RecordingBegun, fact.RecordingEnded, fact.RecordingRead, fact.RecordingDeleted:
		return projectRecording(x, f, seq)
	case fact.Routed:
		return projectRouting(x, f, seq)
	case fact.CallStarted, fact.CallJudged, fact.CallRenewed, fact.CallAnswered, fact.CallEnded:
		return projectCall(x, f, seq, cost)
	}
	return nil
}

func projectQuarantine(x executor, f fact.Fact, seq uint64) error {
	var id string
	switch f := f.(type) {
	case fact.QuarantineSet:
		return document(f.Quarantine, func(doc string) (int64, error) {
			return x.change(`INSERT INTO quarantine (id, doc, leaf) VALUES (?, ?, ?)`, f.ID, doc, seq)
		})
	case fact.QuarantineReleased:
		id = f.ID
	case fact.QuarantineExpired:
		id = f.ID
	}
	return one(x.change(`DELETE FROM quarantine WHERE id = ?`, id))
}

func projectGroup(x executor, f fact.GroupSet, seq uint64) error {
	if len(f.Members) == 0 {
		return one(x.change(`DELETE FROM ring_group WHERE number = ?`, f.Number))
	}
	return document(f.Group, func(doc string) (int64, error) {
		return x.change(`INSERT INTO ring_group (number, doc, leaf) VALUES (?, ?, ?)
			ON CONFLICT (number) DO UPDATE SET doc = excluded.doc, leaf = excluded.leaf`, f.Number, doc, seq)
	})
}

// changePhone changes the document of a phone.
func changePhone(x executor, device string, seq uint64, change func(*fact.Phone)) error {
	return changeDocument(x, `SELECT doc FROM phone WHERE device = ?`,
		`UPDATE phone SET doc = ?, leaf = ? WHERE device = ?`, device, seq, change)
}

// changeDocument changes the document that a query finds by a key, and puts it
// back.
func changeDocument[T any](x executor, find, put, key string, seq uint64, change func(*T)) error {
	doc, err := x.text(find, key)
	if err != nil {
		return err
	}
	var v T
	if err := json.Unmarshal([]byte(doc), &v); err != nil {
		return err
	}
	change(&v)
	return document(v, func(doc string) (int64, error) { return x.change(put, doc, seq, key) })
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
