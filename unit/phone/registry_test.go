package phone

import (
	"bytes"
	"context"
	"encoding/hex"
	"errors"
	"regexp"
	"strings"
	"testing"

	"github.com/sekisho/sekisho/fact"
	"github.com/sekisho/sekisho/wire/sip/edge"
	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func TestSecret(t *testing.T) {
	o := newOffice(t)
	form := regexp.MustCompile(`^([0-9a-hjkmnp-tv-z]{4}-){6}[0-9a-hjkmnp-tv-z]{4}$`)
	seen := map[string]bool{}
	for range 100 {
		_, secret, err := o.Renew(context.Background(), "201-1", "owner", o.now)
		if err != nil || !form.MatchString(secret) || seen[secret] {
			t.Fatalf("secret has the form of %q, %v", form.ReplaceAllString(secret, "a good one"), err)
		}
		seen[secret] = true
	}
}

func TestRenewAndRemove(t *testing.T) {
	o := newOffice(t)
	ctx := context.Background()
	o.register(desk, 1, "Contact: <sip:201@192.0.2.10>")
	o.ledger.take()
	_, secret, err := o.Renew(ctx, "201-1", "owner", o.now)
	if err != nil {
		t.Fatal(err)
	}
	if got := o.ledger.take(); got != "phone.secret-renewed" {
		t.Errorf("facts: %s", got)
	}
	if o.contacts("201") != "" {
		t.Error("what was registered with the old secret is still there")
	}
	if v, _ := o.signed(desk, "201-1", o.secret, "REGISTER", "sip:unit", "sip:201@unit", 3); v.Action == edge.Admit {
		t.Error("the old secret still works")
	}
	if v, _ := o.signed(desk, "201-1", secret, "REGISTER", "sip:unit", "sip:201@unit", 5); v.Action != edge.Admit {
		t.Error("the new secret does not work")
	}
	if err := o.Remove(ctx, "201-1", "owner", o.now); err != nil {
		t.Fatal(err)
	}
	if v, _ := o.signed(desk, "201-1", secret, "REGISTER", "sip:unit", "sip:201@unit", 7); v.Action == edge.Admit {
		t.Error("a removed phone still works")
	}
	if err := o.Remove(ctx, "201-1", "owner", o.now); !errors.Is(err, ErrUnknown) {
		t.Errorf("removing again: %v", err)
	}
	if _, _, err := o.Renew(ctx, "201-1", "owner", o.now); !errors.Is(err, ErrUnknown) {
		t.Errorf("renewing a removed one: %v", err)
	}
	if len(o.Phones(o.now)) != 0 || len(o.Extensions()) != 0 {
		t.Error("it is still listed")
	}
}

// TestDisable: a phone out of use registers and calls no more, but for
// emergencies from where it was or from the office.
func TestDisable(t *testing.T) {
	o := newOffice(t)
	ctx := context.Background()
	o.register(desk, 1, "Contact: <sip:201@192.0.2.10>")
	o.ledger.take()
	o.ledger.broken = true
	if err := o.Disable(ctx, "201-1", "owner", o.now); err == nil {
		t.Error("nothing was written, and nobody is told")
	}
	o.ledger.broken = false
	call := func(from edge.Source, number string, cseq int) edge.Verdict {
		uri := "sip:" + number + "@unit"
		v, _ := o.signed(from, "201-1", o.secret, "INVITE", uri, uri, cseq, "Call-ID: "+from.Remote.String()+number)
		return v
	}
	if v := call(desk, "202", 3); v.Status != 403 || v.Action != edge.Refuse {
		t.Errorf("disabled although not on disk, it calls: %+v", v)
	}
	if err := o.Disable(ctx, "201-1", "owner", o.now); err != nil {
		t.Fatal(err)
	}
	if got := o.ledger.take(); got != "phone.disabled" {
		t.Errorf("facts: %s", got)
	}
	v, _ := o.signed(desk, "201-1", o.secret, "REGISTER", "sip:unit", "sip:201@unit", 5)
	if v.Status != 403 || o.contacts("201") != "" || !o.Phones(o.now)[0].Disabled {
		t.Errorf("it registers: %+v, reached at %q", v, o.contacts("201"))
	}
	for _, from := range []edge.Source{desk, source("10.1.2.3:5060")} {
		v := call(from, "110", 7)
		if v.Action != edge.Admit || v.Identity.Authenticated || v.Identity.Extension != "201" {
			t.Errorf("emergency from %s: %+v", from.Remote, v)
		}
	}
	o.ledger.take()
	if v := call(stranger, "110", 7); v.Status != 403 {
		t.Errorf("emergency from anywhere: %+v", v)
	}
	o.Tick(o.now)
	if got := o.ledger.take(); !strings.Contains(got, "emergency.refused") {
		t.Errorf("no alarm: %s", got)
	}
	if err := o.Enable(ctx, "201-1", "owner", o.now); err != nil {
		t.Fatal(err)
	}
	if a := o.register(desk, 9, "Contact: <sip:201@192.0.2.10>"); a.Status != 200 || o.contacts("201") == "" {
		t.Errorf("enabled, it registers: %+v", a)
	}
	for _, err := range []error{o.Disable(ctx, "x", "", o.now), o.Enable(ctx, "x", "", o.now)} {
		if !errors.Is(err, ErrUnknown) {
			t.Errorf("a phone that is not there: %v", err)
		}
	}
}

// TestDisabledWhileRegistering: who signed in before and registers after gets
// nothing.
func TestDisabledWhileRegistering(t *testing.T) {
	o := newOffice(t)
	const contact = "Contact: <sip:201@192.0.2.10>"
	v, m := o.signed(desk, "201-1", o.secret, "REGISTER", "sip:unit", "sip:201@unit", 1, contact)
	if err := o.Disable(context.Background(), "201-1", "owner", o.now); err != nil {
		t.Fatal(err)
	}
	if a := o.Register(m, desk, v.Identity, o.now); a.Status != 403 || len(o.Phones(o.now)[0].Bindings) != 0 {
		t.Errorf("%+v", a)
	}
}

func TestAdd(t *testing.T) {
	o := newOffice(t)
	ctx := context.Background()
	if o.Name("201") != "Front desk" || o.Name("202") != "" {
		t.Errorf("names are %q and %q", o.Name("201"), o.Name("202"))
	}
	row, _, err := o.Add(ctx, "201", "", "owner", o.now)
	if err != nil || row.Device != "201-2" || row.CreatedBy != "owner" {
		t.Errorf("second phone: %+v, %v", row, err)
	}
	for _, bad := range []string{"", "2 01", "201@x", "２０１", strings.Repeat("1", 33)} {
		if _, _, err := o.Add(ctx, bad, "", "owner", o.now); !errors.Is(err, ErrName) {
			t.Errorf("extension %q: %v", bad, err)
		}
	}
	for range DevicesMax - 2 {
		if _, _, err := o.Add(ctx, "201", "", "owner", o.now); err != nil {
			t.Fatal(err)
		}
	}
	if _, _, err := o.Add(ctx, "201", "", "owner", o.now); !errors.Is(err, ErrFull) {
		t.Errorf("one too many: %v", err)
	}
	o.ledger.broken = true
	if _, _, err := o.Add(ctx, "300", "", "owner", o.now); err == nil || len(o.Lookup("300", o.now)) != 0 {
		t.Error("a phone was added that is not on disk")
	}
	if got := o.Phones(o.now); len(got) != DevicesMax || got[0].Device != "201-1" || got[9].Device != "201-10" {
		t.Errorf("%d phones are listed", len(got))
	}
}

// The database alone gives no secret away, and its rows can't be exchanged.
func TestSealed(t *testing.T) {
	o := newOffice(t)
	h := hashSecret(o.row.User, o.row.Realm, o.secret)
	for _, known := range []string{o.secret, hex.EncodeToString(h.md5[:]), hex.EncodeToString(h.sha256[:])} {
		if bytes.Contains(o.row.SecretSealed, []byte(known)) {
			t.Error("the row gives the secret away")
		}
	}
	other, _, err := o.Add(context.Background(), "202", "", "owner", o.now)
	if err != nil {
		t.Fatal(err)
	}
	swapped := o.row
	swapped.SecretSealed = other.SecretSealed
	o.restart()
	if err := o.Restore([]fact.Phone{swapped, other}, nil, o.now); !errors.Is(err, ErrSealed) {
		t.Errorf("an exchanged row opens: %v", err)
	}
	if len(o.Phones(o.now)) != 1 {
		t.Error("the phones beside a bad one do not work")
	}
	o.cfg.SealKey = bytes.Repeat([]byte("x"), KeyBytes)
	o.restart()
	if err := o.Restore([]fact.Phone{o.row}, nil, o.now); !errors.Is(err, ErrSealed) {
		t.Errorf("with another key: %v", err)
	}
	o.cfg.SealKey = nil
	if _, err := New(o.cfg); err == nil {
		t.Error("a registry without a key")
	}
}
