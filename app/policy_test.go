package app_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/sekisho/sekisho/app"
	"github.com/sekisho/sekisho/app/config"
	"github.com/sekisho/sekisho/app/control"
	"github.com/sekisho/sekisho/evidence"
	"github.com/sekisho/sekisho/gate/policy"
)

// owned is a unit with an owner and extension 201.
func owned(t *testing.T) (data string, stop func()) {
	t.Helper()
	data = t.TempDir()
	a, stop := live(t, data)
	ask(t, data, control.Claim, control.ClaimRequest{Code: a.ClaimCode(), Owner: "owner"})
	ask(t, data, control.PhoneAdd, control.PhoneAddRequest{Extension: "201"})
	return data, stop
}

// in is a time from now, as a policy has it.
func in(d time.Duration) string { return policy.FormatTime(time.Now().Add(d).Truncate(time.Second)) }

func opensTo(area, until string) string {
	return fmt.Sprintf("[[opening]]\nextension = \"201\"\narea = %q\nuntil = %q\nreason = \"visit\"\n", area, until)
}

// verdict is what the gate says to a number, by which rule.
func verdict(t *testing.T, data, number string) string {
	t.Helper()
	tr := ask(t, data, control.GateCheck, control.GateCheckRequest{Number: number, From: "201"})
	return tr.Verdict + " by " + tr.Rule
}

func apply(t *testing.T, data, contents string) control.Preview {
	t.Helper()
	return ask(t, data, control.GateApply, control.PolicyRequest{File: "gate.toml", Text: contents, Reason: "test"})
}

// insideOnly bars the extension's outside calls.
const insideOnly = "[[extension]]\nextension = \"201\"\ninternal_only = true\n"

// TestAPolicyAppliesSurvivesAndIsUndone: apply, restart, undo, redo, and the
// evidence verifies.
func TestAPolicyAppliesSurvivesAndIsUndone(t *testing.T) {
	data, stop := owned(t)
	factory := ask(t, data, control.GateExport, control.None{})
	abroad := "01023276123456"
	if got := verdict(t, data, abroad); got != "refuse by international" {
		t.Fatalf("at first: %s", got)
	}
	p := apply(t, data, opensTo("SL", in(time.Hour))+"[[test]]\nfrom = \"201\"\ndial = \"110\"\nexpect = \"pass\"\n")
	if !p.Applied || len(p.Tests) != 1 || !p.Tests[0].Passed || len(p.Changes) != 2 || !p.Changes[0].Loosens {
		t.Errorf("applied: %+v", p)
	}
	opened := verdict(t, data, abroad)
	if opened == "refuse by international" {
		t.Error("the opening is not in force")
	}
	exported := ask(t, data, control.GateExport, control.None{})
	p = apply(t, data, exported.Text+insideOnly)
	if len(p.Changes) != 1 || p.Changes[0].Loosens || !p.Changes[0].Bars {
		t.Errorf("barring: %+v", p.Changes)
	}
	if got := verdict(t, data, "0312345678"); got != "refuse by extension-class" {
		t.Errorf("barred: %s", got)
	}
	stop()
	_, stop = live(t, data)
	if got := verdict(t, data, "0312345678"); got != "refuse by extension-class" {
		t.Errorf("after a restart: %s", got)
	}
	undo := control.PolicyUndoRequest{Reason: "test"}
	if p := ask(t, data, control.GateUndo, undo); !p.Changes[0].Loosens || p.Undoes.Command != "apply" {
		t.Errorf("the undoing of a barring does not say that it opens: %+v", p)
	}
	if now := ask(t, data, control.GateExport, control.None{}); now != exported {
		t.Errorf("undone, but:\n%s\nnot\n%s", now.Text, exported.Text)
	}
	ask(t, data, control.GateUndo, undo) // of the undoing
	if got := verdict(t, data, "0312345678"); got != "refuse by extension-class" {
		t.Errorf("done again: %s", got)
	}
	ask(t, data, control.GateShut, control.GateShutRequest{Extension: "201"})
	if p := ask(t, data, control.GateUndo, undo); len(p.Changes) != 1 || !p.Changes[0].Loosens {
		t.Errorf("the undoing of a shutting: %+v", p.Changes)
	}
	apply(t, data, factory.Text)
	if now := ask(t, data, control.GateExport, control.None{}); now != factory {
		t.Errorf("back to the factory's policy: %s", now.Text)
	}
	if h := ask(t, data, control.GateHistory, control.None{}); len(h) != 7 || h[0].Command != "apply" ||
		h[1].Command != "undo" || h[2].Command != "shut" || !h[1].Loosens || h[2].Loosens || h[2].Shut != 1 {
		t.Errorf("history: %+v", h)
	}
	stop()
	if r, err := app.VerifyEvidence(t.Context(), data, config.Default().Store); err != nil || !r.OK {
		t.Errorf("evidence: %+v %v", r, err)
	}
}

// TestWhatAPolicyIsRefusedFor: nothing of a policy that is refused comes into
// force.
func TestWhatAPolicyIsRefusedFor(t *testing.T) {
	data, _ := owned(t)
	before := ask(t, data, control.GateExport, control.None{})
	apply(t, data, before.Text) // the same again, with its text on record
	far := in((policy.OpeningDays + 1) * 24 * time.Hour)
	for name, c := range map[string]struct {
		r    control.PolicyRequest
		want string
		exit int
	}{
		"no reason to apply": {control.PolicyRequest{Text: insideOnly}, "reason", control.ExitUsage},
		"an opening without a reason": {control.PolicyRequest{
			Text: strings.ReplaceAll(opensTo("SL", in(time.Hour)), "visit", ""), Reason: "test",
		}, "opening[0].reason: the reason is missing", control.ExitUsage},
		"an opening without an end": {
			control.PolicyRequest{Text: opensTo("SL", ""), Reason: "test"},
			":4: opening[0].until: the expiry is missing", control.ExitUsage,
		},
		"an opening for ever": {
			control.PolicyRequest{Text: opensTo("SL", far), Reason: "test"},
			"is too far away; an opening lasts at most 366 days", control.ExitUsage,
		},
		"an opening that has ended": {
			control.PolicyRequest{Text: opensTo("SL", in(-time.Hour)), Reason: "test"}, "has passed", control.ExitUsage,
		},
		"an opening for nobody": {
			control.PolicyRequest{
				Text: strings.ReplaceAll(opensTo("SL", in(time.Hour)), `"201"`, `"299"`), Reason: "test",
			},
			"there is no extension 299", control.ExitUsage,
		},
		"a test that fails": {control.PolicyRequest{
			Text: "[[test]]\nfrom = \"201\"\ndial = \"01023276123456\"\nexpect = \"pass\"\n", Reason: "test",
		}, "1 of the policy's 1 tests fail", control.ExitFailed},
		"a key that is unknown": {
			control.PolicyRequest{Text: "[gate]\nopen = true\n", Reason: "test"},
			"this key is unknown", control.ExitUsage,
		},
		"another policy than was looked at": {
			control.PolicyRequest{Text: insideOnly, Reason: "test", Base: "0"},
			"another change came into force", control.ExitConflict,
		},
	} {
		_, err := control.Call(t.Context(), app.Dial(data), control.GateApply, c.r)
		if p := control.AsProblem(err); err == nil || p.Exit != c.exit || !strings.Contains(p.Error(), c.want) {
			t.Errorf("%s: %v", name, err)
		}
		if now := ask(t, data, control.GateExport, control.None{}); now != before {
			t.Fatalf("%s: in force: %s", name, now.Text)
		}
	}
	open := control.GateOpenRequest{Area: "SL", Extension: "201", Until: time.Now().Add(time.Hour)}
	if got := exitOf(t, data, control.GateOpen, open); got != control.ExitUsage {
		t.Errorf("a country was opened without a reason: exit %d", got)
	}
}

// TestWhatExpiredStaysSo: an undoing opens nothing whose time is over.
func TestWhatExpiredStaysSo(t *testing.T) {
	data, _ := owned(t)
	ends := time.Now().Add(5 * time.Second) // a busy machine takes its time to apply it
	apply(t, data, opensTo("SL", policy.FormatTime(ends.Truncate(time.Second)))+opensTo("US", in(time.Hour)))
	apply(t, data, "")
	time.Sleep(time.Until(ends))
	ask(t, data, control.GateUndo, control.PolicyUndoRequest{Reason: "test"})
	if o := ask(t, data, control.GateList, control.None{}); len(o) != 1 || o[0].Area != "US" {
		t.Errorf("open again: %+v", o)
	}
}

// TestAPolicyOfAnOldDatabaseOpensNothing is invariant G4 for a policy as text:
// put back, it still bars, and opens nothing.
func TestAPolicyOfAnOldDatabaseOpensNothing(t *testing.T) {
	data, stop := owned(t)
	apply(t, data, "[gate]\ndomestic_when_degraded = true\n"+insideOnly+opensTo("SL", in(time.Hour)))
	stop()
	db := filepath.Join(data, evidence.StoreFile)
	old, err := os.ReadFile(db)
	if err != nil {
		t.Fatal(err)
	}
	_, stop = live(t, data)
	apply(t, data, "")
	stop()
	if err := os.WriteFile(db, old, 0o600); err != nil {
		t.Fatal(err)
	}
	live(t, data)
	want := policy.Format(policy.Document{
		Extensions: []policy.Extension{{Extension: "201", InternalOnly: true}},
	}.Normal())
	if p := ask(t, data, control.GateExport, control.None{}); p.Text != want {
		t.Errorf("in force after the rollback:\n%s", p.Text)
	}
}
