package evidence_test

import (
	"path/filepath"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/sekisho/sekisho/evidence"
	"github.com/sekisho/sekisho/evidence/recorder"
	"github.com/sekisho/sekisho/fact"
	"github.com/sekisho/sekisho/store"
)

// anyText draws what the other side may send: any bytes.
func anyText(t *rapid.T, name string) string {
	if rapid.Bool().Draw(t, name+" is text") {
		return rapid.String().Draw(t, name)
	}
	return string(rapid.SliceOfN(rapid.Byte(), 0, 12).Draw(t, name))
}

func anyTime(t *rapid.T, name string) time.Time {
	if rapid.Bool().Draw(t, "no "+name) {
		return time.Time{}
	}
	at := time.Unix(rapid.Int64Range(-1e9, 4e9).Draw(t, name), rapid.Int64Range(0, 999_999_999).Draw(t, "ns"))
	return at.In(time.FixedZone("", rapid.IntRange(-12, 14).Draw(t, "zone")*3600))
}

func anyParty(t *rapid.T) fact.Party {
	return fact.Party{
		Origin: "dialed", Device: anyText(t, "device"), UserAgent: anyText(t, "user agent"),
		Registration: anyText(t, "registration"),
	}
}

// anyFact draws a fact about few things, so that they meet.
func anyFact(t *rapid.T) fact.Fact {
	name := rapid.SampledFrom([]string{"a", "b", "\xff", "電話"}).Draw(t, "name")
	at := anyTime(t, "at")
	sealed := fact.Sealed(rapid.SliceOfN(rapid.Byte(), 0, 4).Draw(t, "secret"))
	switch rapid.IntRange(0, 19).Draw(t, "kind") {
	case 0:
		return fact.PhoneAdded{Phone: fact.Phone{
			Device: name, Extension: anyText(t, "extension"), Name: anyText(t, "label"),
			SecretSealed: sealed, Created: at,
		}}
	case 16:
		return fact.PhoneDisabled{Device: name, At: at}
	case 17:
		return fact.TariffImported{Tariff: fact.Tariff{
			Line: rapid.SampledFrom([]string{"", name}).Draw(t, "tariff of"), File: anyText(t, "file"),
			Rates: fact.Bulk(sealed), Created: at,
		}}
	case 18:
		return fact.TariffRemoved{Line: name, At: at}
	case 15:
		return fact.PhoneEnabled{Device: name, At: at}
	case 1:
		return fact.PhoneRemoved{Device: name, At: at}
	case 2:
		return fact.SecretRenewed{Device: name, User: anyText(t, "user"), SecretSealed: sealed}
	case 3:
		return fact.LineAdded{Line: fact.Line{
			ID: name, SecretSealed: sealed, Numbers: []fact.Number{{Number: anyText(t, "did")}}, Sources: []string{},
		}}
	case 4:
		return fact.LineRemoved{Line: name}
	case 5:
		members := rapid.SliceOfN(rapid.Just(name), 0, 3).Draw(t, "members")
		return fact.GroupSet{Group: fact.Group{Number: name, Name: anyText(t, "label"), Members: members}}
	case 6:
		return fact.OpeningAdded{Opening: fact.Opening{ID: name, Reason: anyText(t, "reason"), Expires: at}}
	case 7:
		return fact.OpeningExpired{ID: name, At: at}
	case 8:
		return fact.CallStarted{Call: name, Party: anyParty(t), From: anyText(t, "from"), To: anyText(t, "to"), At: at}
	case 9:
		return fact.CallJudged{Call: name, Party: anyParty(t), Dialed: anyText(t, "dialed"), Verb: "pass", At: at}
	case 10:
		return fact.CallAnswered{Call: name, Line: anyText(t, "line"), At: at}
	case 11:
		return fact.CallEnded{Call: name, Party: anyParty(t), Reason: anyText(t, "reason"), Ended: at}
	case 12:
		return fact.CallJudged{
			Call: name, Party: anyParty(t), From: anyText(t, "from"), Dialed: anyText(t, "dialed"), Started: at,
			Verb: "pass",
		}
	case 13:
		return fact.CallEnded{
			Call: name, First: rapid.Bool().Draw(t, "first"), Party: anyParty(t),
			Answerer: anyText(t, "answerer"), Ended: at,
		}
	case 14:
		return fact.UnitClaimed{By: anyText(t, "by"), At: at}
	default:
		return fact.ControlUsed{Command: anyText(t, "command"), By: anyText(t, "by"), At: at}
	}
}

// TestVerifyNeverAlarmsFalsely: whatever happens, in whatever order, with
// whatever bytes from outside, and with writes that fail in between, what the
// unit wrote itself verifies.
func TestVerifyNeverAlarmsFalsely(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		dir := t.TempDir()
		s, err := store.Open(t.Context(), store.Config{Path: filepath.Join(dir, evidence.StoreFile)})
		if err != nil {
			rt.Fatal(err)
		}
		signer, _, err := recorder.OpenKey(filepath.Join(dir, evidence.KeyFile), "u1")
		if err != nil {
			rt.Fatal(err)
		}
		r, err := recorder.New(recorder.Config{Log: s, Signer: signer})
		if err != nil {
			rt.Fatal(err)
		}
		written := uint64(0)
		for range rapid.IntRange(1, 40).Draw(rt, "writes") {
			w := fact.Write{Facts: []fact.Fact{anyFact(rt)}}
			if rapid.Bool().Draw(rt, "two") {
				w.Facts = append(w.Facts, anyFact(rt))
			}
			done := make(chan error, 1)
			r.Commit(w, func(err error) { done <- err })
			if <-done == nil {
				written += uint64(len(w.Facts))
			}
		}
		if err := r.Close(); err != nil {
			rt.Fatal(err)
		}
		if err := s.Close(); err != nil {
			rt.Fatal(err)
		}
		report, err := evidence.VerifyDir(t.Context(), dir)
		if err != nil || !report.OK || report.Leaves != written {
			rt.Fatalf("%s (%v), %d leaves written", report, err, written)
		}
	})
}
