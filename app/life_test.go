package app_test

import (
	"context"
	"errors"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/sekisho/sekisho/app"
	"github.com/sekisho/sekisho/app/config"
	"github.com/sekisho/sekisho/app/control"
	"github.com/sekisho/sekisho/evidence"
)

// lifeConfig is a unit on ports of its own.
func lifeConfig() config.Config {
	c := config.Default()
	c.Voice.Listen = []config.Listen{
		{Name: "udp", Transport: "udp", Addr: "127.0.7.1:0", Digest: []string{"SHA-256", "MD5"}},
		{Name: "tls", Transport: "tls", Addr: "127.0.7.1:0", Digest: []string{"SHA-256"}},
	}
	c.Voice.LineAddr = "127.0.7.1:0"
	return c
}

// live starts a unit on a data directory; the function stops it.
func live(t *testing.T, data string) (*app.App, func()) {
	t.Helper()
	return liveWith(t, data, lifeConfig())
}

func liveWith(t *testing.T, data string, c config.Config) (*app.App, func()) {
	t.Helper()
	return liveAs(t, app.Options{Config: c, Data: data, Log: slog.New(slog.DiscardHandler)})
}

// liveHeard is live with what the unit logs.
func liveHeard(t *testing.T, data string) (*logged, func()) {
	t.Helper()
	log := &logged{to: t.Output()}
	_, stop := liveAs(t, app.Options{
		Config: lifeConfig(), Data: data,
		Log: slog.New(slog.NewTextHandler(log, &slog.HandlerOptions{Level: slog.LevelDebug})),
	})
	return log, stop
}

func liveAs(t *testing.T, o app.Options) (*app.App, func()) {
	t.Helper()
	a, err := app.New(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	if err := a.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	stopped := false
	stop := func() {
		if stopped {
			return
		}
		stopped = true
		if err := a.Stop(); err != nil {
			t.Errorf("stop: %v", err)
		}
	}
	t.Cleanup(stop)
	return a, stop
}

func ask[Req, Resp any](t *testing.T, data string, op control.Op[Req, Resp], r Req) Resp {
	t.Helper()
	resp, err := control.Call(t.Context(), app.Dial(data), op, r)
	if err != nil {
		t.Fatalf("%s: %v", op.Name, err)
	}
	return resp
}

func exitOf[Req, Resp any](t *testing.T, data string, op control.Op[Req, Resp], r Req) int {
	t.Helper()
	_, err := control.Call(t.Context(), app.Dial(data), op, r)
	if err == nil {
		return control.ExitOK
	}
	return control.AsProblem(err).Exit
}

func TestAUnitKeepsWhatItsOwnerDid(t *testing.T) {
	data := t.TempDir()
	a, stop := live(t, data)
	if got := exitOf(t, data, control.Claim, control.ClaimRequest{Code: "AAAA-BBBB"}); got != control.ExitFailed {
		t.Errorf("a wrong claim code exits %d", got)
	}
	ask(t, data, control.Claim, control.ClaimRequest{Code: a.ClaimCode(), Owner: "佐藤"})
	first := ask(t, data, control.PhoneAdd, control.PhoneAddRequest{Extension: "201", Name: "受付"})
	second := ask(t, data, control.PhoneAdd, control.PhoneAddRequest{Extension: "202"})
	if first.Secret == second.Secret || len(first.Secret) < 26 {
		t.Errorf("secrets: %q %q", first.Secret, second.Secret)
	}
	ask(t, data, control.GroupSet, control.Group{Number: "600", Members: []string{"201", "202"}})
	soon := time.Now().Add(time.Hour)
	ask(t, data, control.GateOpen, control.GateOpenRequest{Area: "US", Extension: "201", Until: soon, Reason: "r"})
	out := ask(t, data, control.PhoneSwitch, control.PhoneSwitchRequest{Phone: "202", Disabled: true})
	if !out.Disabled || out.Device != second.Device {
		t.Errorf("disabled: %+v", out)
	}
	before := ask(t, data, control.GetStatus, control.StatusRequest{})
	stop()

	b, stop := live(t, data)
	after := ask(t, data, control.GetStatus, control.StatusRequest{})
	if after.Unit != before.Unit || !after.Claimed || after.Owner != "佐藤" || b.ClaimCode() != "" {
		t.Errorf("before %+v\nafter  %+v", before, after)
	}
	phones := ask(t, data, control.PhoneList, control.None{})
	if len(phones) != 2 || phones[0].Name != "受付" || phones[0].CreatedBy == "" ||
		phones[0].Disabled || !phones[1].Disabled {
		t.Errorf("phones: %+v", phones)
	}
	if g := ask(t, data, control.GroupList, control.None{}); len(g) != 1 || len(g[0].Members) != 2 {
		t.Errorf("groups: %+v", g)
	}
	if o := ask(t, data, control.GateList, control.None{}); len(o) != 1 || o[0].Area != "US" {
		t.Errorf("openings: %+v", o)
	}
	if in := ask(t, data, control.PhoneSwitch, control.PhoneSwitchRequest{Phone: "202-1"}); in.Disabled {
		t.Errorf("enabled: %+v", in)
	}
	stop()
	r, err := app.VerifyEvidence(t.Context(), data, config.Default().Store)
	if err != nil || !r.OK || r.Leaves < 8 {
		t.Errorf("evidence: %+v %v", r, err)
	}
}

// TestAnOldDatabaseOpensNothing is invariant G4: barring survives a rollback.
func TestAnOldDatabaseOpensNothing(t *testing.T) {
	data := t.TempDir()
	a, stop := live(t, data)
	ask(t, data, control.Claim, control.ClaimRequest{Code: a.ClaimCode(), Owner: "owner"})
	ask(t, data, control.PhoneAdd, control.PhoneAddRequest{Extension: "201"})
	o := ask(t, data, control.GateOpen, control.GateOpenRequest{
		Area: "SL", Extension: "201", Until: time.Now().Add(time.Hour), Reason: "r",
	})
	stop()
	db := filepath.Join(data, evidence.StoreFile)
	old, err := os.ReadFile(db)
	if err != nil {
		t.Fatal(err)
	}
	_, stop = live(t, data)
	ask(t, data, control.GateShut, control.GateShutRequest{ID: o.ID})
	stop()
	if err := os.WriteFile(db, old, 0o600); err != nil { // somebody restores last week's copy
		t.Fatal(err)
	}
	live(t, data)
	if o := ask(t, data, control.GateList, control.None{}); len(o) != 0 {
		t.Errorf("the old database opened %+v again", o)
	}
	for number, want := range map[string][2]string{
		"01023276123456": {"refuse", "quarantine"}, "110": {"pass", "emergency"}, "201": {"internal", "plan"},
	} {
		tr := ask(t, data, control.GateCheck, control.GateCheckRequest{Number: number, From: "201"})
		if got := [2]string{tr.Verdict, tr.Rule}; got != want {
			t.Errorf("%s after the rollback: %v, want %v", number, got, want)
		}
	}
	apart := ask(t, data, control.QuarantineList, control.None{})
	if len(apart) != 1 || apart[0].Value != "anywhere" || apart[0].CreatedBy != "unit" {
		t.Fatalf("set apart after the rollback: %+v", apart)
	}
	ask(t, data, control.QuarantineRelease, control.QuarantineReleaseRequest{ID: apart[0].ID, Reason: "looked"})
	tr := ask(t, data, control.GateCheck, control.GateCheckRequest{Number: "01023276123456", From: "201"})
	if tr.Verdict != "refuse" || tr.Rule != "international" {
		t.Errorf("Sierra Leone when the owner has looked: %+v", tr)
	}
}

// TestAnOldDatabaseReleasesNothing is the same for what was set apart after the
// copy was made.
func TestAnOldDatabaseReleasesNothing(t *testing.T) {
	data := t.TempDir()
	a, stop := live(t, data)
	ask(t, data, control.Claim, control.ClaimRequest{Code: a.ClaimCode(), Owner: "owner"})
	ask(t, data, control.PhoneAdd, control.PhoneAddRequest{Extension: "201"})
	stop()
	db := filepath.Join(data, evidence.StoreFile)
	old, err := os.ReadFile(db)
	if err != nil {
		t.Fatal(err)
	}
	_, stop = live(t, data)
	ask(t, data, control.QuarantineAdd, control.QuarantineAddRequest{Kind: "extension", Value: "201", Reason: "fraud"})
	stop()
	if err := os.WriteFile(db, old, 0o600); err != nil {
		t.Fatal(err)
	}
	_, stop = live(t, data)
	for range 2 { // and a restart does not end it
		tr := ask(t, data, control.GateCheck, control.GateCheckRequest{Number: "0312345678", From: "201"})
		if tr.Verdict != "refuse" || tr.Rule != "quarantine" {
			t.Errorf("201 after the rollback: %+v", tr)
		}
		stop()
		_, stop = live(t, data)
	}
}

// TestWhatIsSetApartStaysSo: over a restart, until it is released, or its time
// is over; and all of it is evidence.
func TestWhatIsSetApartStaysSo(t *testing.T) {
	data := t.TempDir()
	a, stop := live(t, data)
	ask(t, data, control.Claim, control.ClaimRequest{Code: a.ClaimCode(), Owner: "owner"})
	for _, ext := range []string{"201", "202"} {
		ask(t, data, control.PhoneAdd, control.PhoneAddRequest{Extension: ext})
	}
	first := ask(t, data, control.QuarantineAdd, control.QuarantineAddRequest{
		Kind: "phone", Value: "201", Reason: "fraud",
	})
	if first.Value != "201-1" || first.CreatedBy == "" || first.Cut != 0 || first.Since.IsZero() {
		t.Errorf("set apart: %+v", first)
	}
	until := time.Now().Add(time.Hour)
	ask(t, data, control.QuarantineAdd, control.QuarantineAddRequest{
		Kind: "destination", Value: "シエラレオネ", Reason: "fraud", Until: until,
	})
	stop()
	_, stop = live(t, data)
	apart := ask(t, data, control.GetStatus, control.StatusRequest{}).Apart
	if len(apart) != 2 || apart[0] != first.Quarantine || apart[1].Value != "SL" || !apart[1].Until.Equal(until) {
		t.Fatalf("after the restart %+v", apart)
	}
	check := func(number, from string, at time.Time) string {
		return ask(t, data, control.GateCheck, control.GateCheckRequest{Number: number, From: from, At: at}).Rule
	}
	for _, c := range []struct {
		number, from string
		at           time.Time
		want         string
	}{
		{"01023276123456", "202", time.Time{}, "quarantine"},
		{"01023276123456", "202", until, "international"},
		{"0312345678", "202", time.Time{}, "line-class"}, // there is no line
		{"110", "201", time.Time{}, "emergency"},
	} {
		if got := check(c.number, c.from, c.at); got != c.want {
			t.Errorf("%s from %s at %v: by %s, want %s", c.number, c.from, c.at, got, c.want)
		}
	}
	for _, r := range []control.QuarantineReleaseRequest{{ID: first.ID}, {ID: first.ID, Reason: " "}} {
		if got := exitOf(t, data, control.QuarantineRelease, r); got != control.ExitUsage {
			t.Errorf("released without a reason: exit %d", got)
		}
	}
	ask(t, data, control.QuarantineRelease, control.QuarantineReleaseRequest{ID: first.ID, Reason: "new password"})
	stop()
	_, stop = live(t, data)
	if list := ask(t, data, control.QuarantineList, control.None{}); len(list) != 1 || list[0].Value != "SL" {
		t.Errorf("after the release: %+v", list)
	}
	stop()
	if r, err := app.VerifyEvidence(t.Context(), data, config.Default().Store); err != nil || !r.OK {
		t.Errorf("evidence: %+v %v", r, err)
	}
}

// TestWhoMistypesStopsNothing, and is told so.
func TestWhoMistypesStopsNothing(t *testing.T) {
	data := t.TempDir()
	live(t, data)
	for _, r := range []control.QuarantineAddRequest{
		{Kind: "phone", Value: "299", Reason: "x"},
		{Kind: "extension", Value: "299", Reason: "x"},
		{Kind: "credential", Value: "x", Reason: "x"},
		{Kind: "line", Value: "x", Reason: "x"},
		{Kind: "site", Value: "x", Reason: "x"},
	} {
		if got := exitOf(t, data, control.QuarantineAdd, r); got != control.ExitNotFound {
			t.Errorf("%+v: exit %d", r, got)
		}
	}
	for _, r := range []control.QuarantineAddRequest{
		{Kind: "destination", Value: "abroad"},
		{Kind: "destination", Value: "0312345678", Reason: "x"},
		{Kind: "desk", Value: "x", Reason: "x"},
		{Kind: "unit", Value: "x", Reason: "x"},
		{Kind: "line", Reason: "x"},
		{Kind: "unit", Reason: "x", Until: time.Now().Add(-time.Second)},
		{Kind: "unit", Reason: strings.Repeat("x", 501)},
	} {
		if got := exitOf(t, data, control.QuarantineAdd, r); got != control.ExitUsage {
			t.Errorf("%+v: exit %d", r, got)
		}
	}
	if list := ask(t, data, control.QuarantineList, control.None{}); len(list) != 0 {
		t.Errorf("set apart: %+v", list)
	}
}

func TestTwoUnitsDoNotShareADirectory(t *testing.T) {
	data := t.TempDir()
	live(t, data)
	_, err := app.New(t.Context(), app.Options{Config: lifeConfig(), Data: data})
	if p := control.AsProblem(err); err == nil || p.Exit != control.ExitConflict {
		t.Errorf("a second unit started: %v", err)
	}
}

func TestManagementStaysApartFromVoice(t *testing.T) {
	for _, addr := range []string{"127.0.7.1:0", "0.0.0.0:18460"} {
		c := lifeConfig()
		c.Management.Listen = []string{addr}
		_, err := app.New(t.Context(), app.Options{Config: c, Data: t.TempDir()})
		if p, ok := errors.AsType[*control.Problem](err); !ok || p.What.Key != "cli.listen.exposed" {
			t.Errorf("management on %s: %v", addr, err)
		}
	}
}

func TestAMissingSealKeyIsSaid(t *testing.T) {
	data := t.TempDir()
	_, stop := live(t, data)
	ask(t, data, control.PhoneAdd, control.PhoneAddRequest{Extension: "201"})
	stop()
	if err := os.Remove(filepath.Join(data, "seal.key")); err != nil {
		t.Fatal(err)
	}
	if _, err := app.New(context.Background(), app.Options{Config: lifeConfig(), Data: data}); err == nil {
		t.Error("a unit without its seal key started")
	}
}

func TestNothingIsOpenedBeforeTheClaim(t *testing.T) {
	data := t.TempDir()
	live(t, data)
	ask(t, data, control.PhoneAdd, control.PhoneAddRequest{Extension: "201"})
	open := control.GateOpenRequest{Area: "US", Extension: "201", Until: time.Now().Add(time.Hour), Reason: "r"}
	if got := exitOf(t, data, control.GateOpen, open); got != control.ExitConflict {
		t.Errorf("an unclaimed unit opened a country: exit %d", got)
	}
	for number, want := range map[string]string{"0312345678": "refuse", "110": "pass", "201": "internal"} {
		tr := ask(t, data, control.GateCheck, control.GateCheckRequest{Number: number, From: "201"})
		if tr.Verdict != want {
			t.Errorf("%s: %s by %s, want %s", number, tr.Verdict, tr.Rule, want)
		}
	}
}
