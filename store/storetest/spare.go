package storetest

import (
	"context"
	"net/netip"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/sekisho/sekisho/fact"
	"github.com/sekisho/sekisho/store"
)

// spareSaysTheSame: what is kept beside a store says of phones, lines, policy and
// budgets what the store says, and is written only where something has changed.
func spareSaysTheSame(t *testing.T, open Open) {
	s := open(t, nil)
	dir := t.TempDir()
	path := filepath.Join(dir, "spare.db")
	spare := store.NewSpare(path)
	renew := func() os.FileInfo {
		t.Helper()
		if err := spare.Renew(t.Context(), s.Reader); err != nil {
			t.Fatal(err)
		}
		info, err := os.Stat(path)
		if err != nil {
			t.Fatal(err)
		}
		return info
	}
	empty := renew()
	pin := fact.PIN{Extension: "201", HashSealed: fact.Sealed("hash"), Set: Day, SetBy: "owner"}
	must(t, s, facts(
		fact.UnitClaimed{By: "owner", At: Day}, fact.PhoneAdded{Phone: phone}, fact.LineAdded{Line: line},
		fact.OpeningAdded{Opening: opening}, fact.QuarantineSet{Quarantine: apart}, fact.PINSet{PIN: pin},
		fact.GroupSet{Group: fact.Group{Number: "300", Members: []string{"201"}}, By: "owner", At: Day},
		fact.PolicyApplied{ID: "p1", Command: "apply", Text: "# 一", At: Day},
		fact.PolicyApplied{ID: "p2", Command: "apply", Text: "# 二", At: Day},
		fact.PolicyApplied{ID: "p3", Command: "open", At: Day},
		fact.TariffImported{Tariff: fact.Tariff{Line: "hikari", Rates: fact.Bulk("rates")}},
		hold("c1", "201", minute),
	), binding, subscription, fact.Setting{Name: "unit", Value: "u1"}, fact.LineDialog{
		Call: "c1", Line: "hikari", CallID: "x", Remote: netip.MustParseAddrPort("192.0.2.1:5060"), Transport: "udp",
		Answered: Day,
	})
	full := renew()
	if os.SameFile(empty, full) || full.Mode().Perm() != 0o600 {
		t.Errorf("the file is the old one: %v, mode %v", os.SameFile(empty, full), full.Mode())
	}
	if again := renew(); !os.SameFile(full, again) {
		t.Error("written though nothing has changed")
	}
	if list, err := os.ReadDir(dir); err != nil || len(list) != 1 {
		t.Errorf("beside the file: %v %v", list, err)
	}
	saysTheSame(t, path, s, pin)
	refreshed := binding
	refreshed.Expires = Day.Add(2 * time.Hour)
	must(t, s, nil, refreshed)
	if later := renew(); os.SameFile(full, later) {
		t.Error("not written though a phone has moved")
	}
}

// saysTheSame holds a spare against its store.
func saysTheSame(t *testing.T, path string, s *store.Store, pin fact.PIN) {
	t.Helper()
	r, err := store.OpenReader(t.Context(), store.Config{Path: path})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = r.Close() })
	same(t, "phones", get(t, r.Phones), []fact.Phone{phone})
	same(t, "lines", get(t, r.Lines), []fact.Line{line})
	same(t, "bindings", get(t, r.Bindings), []fact.Binding{binding})
	same(t, "groups", get(t, r.Groups), get(t, s.Groups))
	same(t, "openings", get(t, r.Openings), []fact.Opening{opening})
	same(t, "quarantines", get(t, r.Quarantines), []fact.Quarantine{apart})
	same(t, "PINs", get(t, r.PINs), []fact.PIN{pin})
	same(t, "dialogs", get(t, r.LineDialogs), get(t, s.LineDialogs))
	same(t, "subscriptions", get(t, r.Subscriptions), []fact.Subscription{subscription})
	same(t, "tariffs", get(t, r.Tariffs), get(t, s.Tariffs))
	same(t, "accounts", get(t, r.Accounts), get(t, s.Accounts))
	texts := get(t, func(ctx context.Context) ([]string, error) { return r.PolicyTexts(ctx, 9) })
	same(t, "the policy in force", texts, []string{"# 二"})
	if by, at, ok, err := r.Claim(t.Context()); by != "owner" || !at.Equal(Day) || !ok || err != nil {
		t.Errorf("claim: %q %v %v %v", by, at, ok, err)
	}
	if v, err := r.Setting(t.Context(), "unit"); v != "u1" || err != nil {
		t.Errorf("setting: %q %v", v, err)
	}
}
