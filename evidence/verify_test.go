package evidence_test

import (
	"context"
	"database/sql"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/sekisho/sekisho/evidence"
	"github.com/sekisho/sekisho/evidence/chain"
	"github.com/sekisho/sekisho/evidence/recorder"
	"github.com/sekisho/sekisho/fact"
	"github.com/sekisho/sekisho/store"
	"github.com/sekisho/sekisho/text"
)

// testContext is that of the whole test process.
var testContext = context.Background()

func TestMain(m *testing.M) {
	if dir := os.Getenv(childFolder); dir != "" {
		fmt.Fprintln(os.Stderr, writeUntilKilled(dir))
		os.Exit(1)
	}
	goleak.VerifyTestMain(m)
}

var day = time.Date(2015, 3, 11, 1, 2, 3, 4, time.UTC)

// history is what the unit of these tests lived through: 13 leaves.
func history() []fact.Write {
	binding := fact.Binding{Extension: "201", Device: "201-1", Contact: "sip:201-1@192.0.2.7", CallID: "r1"}
	who := fact.Party{
		Origin: "dialed", Extension: "201", Device: "201-1", Source: "192.0.2.7:5060",
		Registration: binding.Pointer(),
	}
	phone := fact.Phone{
		Extension: "201", Device: "201-1", Name: "受付", SecretSealed: fact.Sealed("sealed"),
		CreatedBy: "owner", Created: day,
	}
	started := fact.CallStarted{
		Call: "c1", Direction: fact.Outgoing, Party: who, From: "201", To: "0312345678", At: day,
	}
	abroad := started
	abroad.Call, abroad.To = "c2", "01023276123456"
	verdict := fact.CallJudged{
		Call: "c1", Party: who, Line: "hikari", Number: "81312345678", Verb: "pass", At: day,
	}
	refusal := verdict
	refusal.Call, refusal.Number, refusal.Verb, refusal.Rule = "c2", "23276123456", "refuse", "international"
	var writes []fact.Write
	for _, f := range []fact.Fact{
		fact.UnitStarted{Version: "test", Boot: 1, At: day},
		fact.UnitClaimed{By: "owner", At: day},
		fact.PhoneAdded{Phone: phone},
		fact.LineAdded{Line: fact.Line{ID: "hikari", SecretSealed: fact.Sealed("line"), Created: day}},
		fact.GroupSet{Group: fact.Group{Number: "300", Members: []string{"201"}}, At: day},
		fact.OpeningAdded{Opening: fact.Opening{ID: "o1", Extension: "201", Area: "US", Expires: day}},
		fact.PhoneRegistered{Pointer: binding.Pointer(), Device: "201-1", At: day},
		started, verdict,
		fact.CallAnswered{Call: "c1", Line: "hikari", At: day},
		fact.CallEnded{Call: "c1", Ended: day.Add(time.Minute), Reason: "hung up", Status: 200},
		abroad, refusal,
	} {
		writes = append(writes, fact.Write{Facts: []fact.Fact{f}})
	}
	return writes
}

// live writes the history into a fresh data folder, as a unit does.
func live(t *testing.T, writes []fact.Write) (dir string) {
	t.Helper()
	dir = t.TempDir()
	s, err := store.Open(t.Context(), store.Config{Path: filepath.Join(dir, evidence.StoreFile)})
	if err != nil {
		t.Fatal(err)
	}
	signer, founded, err := recorder.OpenKey(filepath.Join(dir, evidence.KeyFile), "u1")
	if err != nil || !founded {
		t.Fatal(err, founded)
	}
	r, err := recorder.New(recorder.Config{
		Log: s, Unit: "u1", Boot: s.Boot(), Signer: signer,
		Anchor: recorder.FileAnchor(filepath.Join(dir, evidence.AnchorFile)),
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, w := range writes {
		done := make(chan error, 1)
		r.Commit(w, func(err error) { done <- err })
		if err := <-done; err != nil {
			t.Fatal(err)
		}
	}
	if err := r.Close(); err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	return dir
}

func tamper(t *testing.T, dir string, statements ...string) {
	t.Helper()
	db, err := sql.Open("sqlite", filepath.Join(dir, evidence.StoreFile))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = db.Close() }()
	db.SetMaxOpenConns(1)
	for _, s := range statements {
		r, err := db.ExecContext(t.Context(), s)
		if err != nil {
			t.Fatalf("%s: %v", s, err)
		}
		if n, err := r.RowsAffected(); n == 0 || err != nil {
			t.Fatalf("%s: changed nothing (%v)", s, err)
		}
	}
}

func verify(t *testing.T, dir string) evidence.Report {
	t.Helper()
	r, err := evidence.VerifyDir(t.Context(), dir)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func TestVerifyGood(t *testing.T) {
	dir := live(t, history())
	for range 2 { // verifying changes nothing
		r := verify(t, dir)
		if !r.OK || r.Leaves != 13 || r.Checkpoint != 13 || r.Unit != "u1" || r.BadIndex != nil {
			t.Errorf("%+v", r)
		}
		if want := "ok: 13 leaves, root " + r.Root + ", checkpoint 13"; r.String() != want {
			t.Errorf("%q, want %q", r.String(), want)
		}
	}
}

// tamperings change a stored history, each in one way.
var tamperings = []struct {
	name       string
	statements []string
	index      uint64
	where      string
}{
	{"leaf changed", []string{
		`UPDATE leaf SET leaf = replace(leaf, '"boot":1', '"boot":7') WHERE seq = 8`,
	}, 8, "log"},
	{"leaf dropped", []string{`DELETE FROM leaf WHERE seq = 4`}, 4, "log"},
	{"last leaf dropped", []string{`DELETE FROM leaf WHERE seq = 12`}, 12, "log"},
	{"first leaf dropped", []string{`DELETE FROM leaf WHERE seq = 0`}, 0, "log"},
	{"all leaves dropped", []string{`DELETE FROM leaf`}, 0, "log"},
	{"leaf inserted", []string{
		`INSERT INTO leaf SELECT 13, kind, subject, leaf, body, private, hashes FROM leaf WHERE seq = 12`,
	}, 13, "log"},
	{"leaves exchanged", []string{
		`UPDATE leaf SET seq = 99 WHERE seq = 3`, `UPDATE leaf SET seq = 3 WHERE seq = 9`,
		`UPDATE leaf SET seq = 9 WHERE seq = 99`,
	}, 3, "log"},
	{"body changed", []string{`UPDATE leaf SET body = replace(body, '"pass"', '"cut!"') WHERE seq = 8`}, 8, "log"},
	{"number changed", []string{
		`UPDATE leaf SET private = replace(private, '0312345678', '0399999999') WHERE seq = 7`,
	}, 7, "log"},
	{"kind changed", []string{`UPDATE leaf SET kind = 'call.ended' WHERE seq = 9`}, 9, "log"},
	{"subject changed", []string{`UPDATE leaf SET subject = 'call/c9' WHERE seq = 9`}, 9, "log"},
	{"hash changed", []string{`UPDATE leaf SET hashes = zeroblob(32) WHERE seq = 0`}, 0, "log"},
	{"subtree hash changed", []string{
		`UPDATE leaf SET hashes = CAST(substr(hashes, 1, 32) || zeroblob(32) AS BLOB) WHERE seq = 1`,
	}, 1, "log"},
	{"hash dropped", []string{`UPDATE leaf SET hashes = substr(hashes, 1, 32) WHERE seq = 1`}, 1, "log"},
	{"hash added", []string{
		`UPDATE leaf SET hashes = CAST(hashes || zeroblob(32) AS BLOB) WHERE seq = 2`,
	}, 3, "log"},
	{"hash cut short", []string{`UPDATE leaf SET hashes = x'00' WHERE seq = 0`}, 0, "log"},
	{"tail cut with its hashes", []string{
		`DELETE FROM leaf WHERE seq >= 11`,
		`DELETE FROM checkpoint WHERE size > 11`, `DELETE FROM call WHERE id = 'c2'`,
	}, 11, "log"}, // found by the checkpoint outside the database
	{"checkpoint changed", []string{
		`UPDATE checkpoint SET note = replace(note, 'unit/u1', 'unit/u2')`,
	}, 13, "checkpoint"},
	{"call changed", []string{`UPDATE call SET called = '0399999999' WHERE id = 'c1'`}, 7, "call"},
	{"verdict changed", []string{`UPDATE call SET verb = 'pass' WHERE id = 'c2'`}, 11, "call"},
	{"time changed", []string{`UPDATE call SET ended = ended + 1 WHERE id = 'c1'`}, 7, "call"},
	{"call dropped", []string{`DELETE FROM call WHERE id = 'c1'`}, 7, "call"},
	{"call invented", []string{`INSERT INTO call SELECT 9, 'c3', ` +
		`direction, origin, extension, device, credential, source, transport, user_agent, registration, ` +
		`calling, called, class, number, area, line, verb, rule, answerer, reason, media_role, ` +
		`status, started, judged, answered, ended, sound, held, cost, ` +
		`opinion, signs, mark, queue, agent, waited FROM call WHERE id = 'c1'`}, 9, "call"},
	{"phone invented", []string{`INSERT INTO phone VALUES ('999', '999', '{}', x'', 12)`}, 12, "phone"},
	{"phone changed", []string{`UPDATE phone SET doc = replace(doc, '受付', '社長')`}, 2, "phone"},
	{"secret exchanged", []string{`UPDATE phone SET secret = x'00'`}, 2, "phone"},
	{"secret exchanged with its mark", []string{
		`UPDATE phone SET secret = x'', doc = json_set(doc, '$.secret_mark', '')`,
	}, 2, "phone"},
	{"line changed", []string{`UPDATE line SET doc = replace(doc, '"channels":0', '"channels":9')`}, 3, "line"},
	{"line's secret exchanged", []string{`UPDATE line SET secret = x'00'`}, 3, "line"},
	{"group changed", []string{`UPDATE ring_group SET doc = replace(doc, '201', '202')`}, 4, "ring_group"},
	{"opening prolonged", []string{`UPDATE opening SET doc = replace(doc, '2015', '2035')`}, 5, "opening"},
	{"opening invented", []string{`INSERT INTO opening SELECT 'o2', doc, leaf FROM opening`}, 5, "opening"},
	{"claim taken away", []string{`DELETE FROM claim`}, 1, "claim"},
	{"claim changed", []string{`UPDATE claim SET by = 'me'`}, 1, "claim"},
}

// TestTampering changes each table in every way and wants the first bad leaf.
func TestTampering(t *testing.T) {
	for _, c := range tamperings {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			dir := live(t, history())
			tamper(t, dir, c.statements...)
			r := verify(t, dir)
			if r.OK || r.BadIndex == nil || *r.BadIndex != c.index || r.Where != c.where || r.Why.IsZero() {
				t.Errorf("%s; want leaf %d in %s", r, c.index, c.where)
			}
			if !r.OK && !strings.HasPrefix(r.String(), fmt.Sprintf("bad: leaf %d", c.index)) {
				t.Errorf("said: %s", r)
			}
		})
	}
}

// TestTamperingWithWhatIsSetApart: whoever lets something out of its quarantine
// in the database alone is found.
func TestTamperingWithWhatIsSetApart(t *testing.T) {
	apart := fact.QuarantineSet{Quarantine: fact.Quarantine{
		ID: "q1", Kind: "destination", Value: "abroad", Reason: "fraud", Created: day, CreatedBy: "owner",
	}}
	writes := append(history(), fact.Write{Facts: []fact.Fact{apart}})
	if r := verify(t, live(t, writes)); !r.OK {
		t.Fatalf("untouched: %s", r)
	}
	for _, statement := range []string{
		`DELETE FROM quarantine`,
		`UPDATE quarantine SET doc = replace(doc, 'abroad', 'SL')`,
		`UPDATE quarantine SET doc = json_set(doc, '$.until', '2015-03-11T01:02:04Z')`,
		`INSERT INTO quarantine SELECT 'q2', doc, leaf FROM quarantine`,
	} {
		dir := live(t, writes)
		tamper(t, dir, statement)
		if r := verify(t, dir); r.OK || r.BadIndex == nil || *r.BadIndex != 13 || r.Where != "quarantine" {
			t.Errorf("%s: %s", statement, r)
		}
	}
}

// TestTamperingWithPINs: whoever unlocks a PIN, puts another hash in its place
// or gives it to another person in the database alone is found.
func TestTamperingWithPINs(t *testing.T) {
	pin := fact.PIN{Extension: "201", HashSealed: fact.Sealed("hash"), Set: day, SetBy: "owner"}
	wrong := fact.ChallengeFailed{Call: "c1", Person: "201", Rule: "hours", Reason: fact.FailedWrong, At: day}
	writes := append(history(), fact.Write{Facts: []fact.Fact{fact.PINSet{PIN: pin}, wrong}})
	if r := verify(t, live(t, writes)); !r.OK {
		t.Fatalf("untouched: %s", r)
	}
	for _, statement := range []string{
		`DELETE FROM pin`,
		`UPDATE pin SET doc = json_remove(doc, '$.wrong')`,
		`UPDATE pin SET secret = 'other hash'`,
		`UPDATE pin SET extension = '202'`,
	} {
		dir := live(t, writes)
		tamper(t, dir, statement)
		if r := verify(t, dir); r.OK || r.BadIndex == nil || *r.BadIndex != 14 || r.Where != "pin" {
			t.Errorf("%s: %s", statement, r)
		}
	}
}

// TestRewrittenLog: somebody who knows how rewrites a leaf and every hash; the
// signatures find it.
func TestRewrittenLog(t *testing.T) {
	dir := live(t, history())
	tamper(t, dir, `UPDATE leaf SET leaf = replace(leaf, '"boot":1', '"boot":7') WHERE seq = 8`)
	r, err := store.OpenReader(t.Context(), store.Config{Path: filepath.Join(dir, evidence.StoreFile)})
	if err != nil {
		t.Fatal(err)
	}
	var tree chain.Tree
	var statements []string
	for rec, err := range r.Leaves(t.Context(), 0) {
		if err != nil {
			t.Fatal(err)
		}
		var hashes []byte
		for _, h := range tree.Append(nil, rec.Leaf) {
			hashes = append(hashes, h[:]...)
		}
		statements = append(statements, fmt.Sprintf("UPDATE leaf SET hashes = x'%x' WHERE seq = %d", hashes, rec.Seq))
	}
	if err := r.Close(); err != nil {
		t.Fatal(err)
	}
	tamper(t, dir, statements...)
	report := verify(t, dir)
	if report.OK || report.BadIndex == nil || *report.BadIndex > 8 || *report.BadLast < 8 ||
		!strings.Contains(report.Why.Say(text.EN), "checkpoint") {
		t.Errorf("%s", report)
	}
}

func TestOtherKeyIsNotOurs(t *testing.T) {
	dir := live(t, history())
	key := filepath.Join(dir, evidence.KeyFile)
	if err := os.Remove(key); err != nil {
		t.Fatal(err)
	}
	if _, err := evidence.VerifyDir(t.Context(), dir); err == nil {
		t.Error("verified without a key")
	}
	if _, _, err := recorder.OpenKey(key, "u1"); err != nil {
		t.Fatal(err)
	}
	if r := verify(t, dir); r.OK || r.Where != "checkpoint" {
		t.Errorf("with another key: %s", r)
	}
}

// TestErasedNumbersVerify: personal fields and their salts may go, from the
// leaf and from the books alike; what happened stays proven.
func TestErasedNumbersVerify(t *testing.T) {
	dir := live(t, history())
	tamper(t, dir, `UPDATE leaf SET private = NULL WHERE seq = 7`,
		`UPDATE call SET calling = '', called = '' WHERE id = 'c1'`)
	if r := verify(t, dir); !r.OK || r.Erased != 2 {
		t.Errorf("%s, %d erased", r, r.Erased)
	}
}

// TestVerifyBesideARunningUnit reads while the writer writes.
func TestVerifyBesideARunningUnit(t *testing.T) {
	dir := live(t, history())
	s, err := store.Open(t.Context(), store.Config{Path: filepath.Join(dir, evidence.StoreFile)})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = s.Close() }()
	d := chain.Drafter{Unit: "u1", Boot: s.Boot()}
	stop, stopped := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(stopped)
		for i := 0; ; i++ {
			select {
			case <-stop:
				return
			default:
			}
			draft, err := d.Draft(fact.ControlUsed{Command: fmt.Sprint(i)}, day)
			if err != nil {
				t.Error(err)
				return
			}
			done := make(chan error, 1)
			s.Append(chain.Entry{Drafts: []chain.Draft{draft}}, func(err error) { done <- err })
			if err := <-done; err != nil {
				t.Error(err)
				return
			}
		}
	}()
	for range 5 {
		if r := verify(t, dir); !r.OK {
			t.Errorf("%s", r)
		}
	}
	close(stop)
	<-stopped
}
