package app

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/sekisho/sekisho/app/config"
	"github.com/sekisho/sekisho/app/control"
	"github.com/sekisho/sekisho/fact"
	"github.com/sekisho/sekisho/gate"
	"github.com/sekisho/sekisho/gate/tempo"
	"github.com/sekisho/sekisho/number"
	"github.com/sekisho/sekisho/unit/site"
)

// suspectPatience is how long a test waits for something to come true.
const suspectPatience = time.Minute

// lone starts a unit that a test looks into, and claims it.
func lone(t *testing.T) *App {
	t.Helper()
	c := config.Default()
	c.Voice.Listen = []config.Listen{{Name: "udp", Transport: "udp", Addr: "127.0.7.1:0", Digest: []string{"SHA-256"}}}
	c.Voice.LineAddr = "127.0.7.1:0"
	data := t.TempDir()
	a, err := New(t.Context(), Options{Config: c, Data: data, Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	if err := a.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = a.Stop() })
	claim := control.ClaimRequest{Code: a.ClaimCode(), Owner: "test"}
	if _, err := control.Call(t.Context(), Dial(data), control.Claim, claim); err != nil {
		t.Fatal(err)
	}
	return a
}

// TestAKeyThatIsNotOnRecordIsNotUsed: where the disk takes nothing the unit proves itself
// by the key that others know, now and after a restart.
func TestAKeyThatIsNotOnRecordIsNotUsed(t *testing.T) {
	a := lone(t)
	old := a.siteKey.Fingerprint()
	file, err := os.ReadFile(a.path(siteKeyFile))
	if err != nil {
		t.Fatal(err)
	}
	own, err := a.siteRenew(t.Context(), control.Caller{}, control.None{})
	if err != nil || a.siteKey.Fingerprint() == old || own.Code != site.Code(a.siteKey.Fingerprint()) {
		t.Fatalf("with a disk: %+v %v", own, err)
	}
	old = a.siteKey.Fingerprint()
	before := file
	if file, err = os.ReadFile(a.path(siteKeyFile)); err != nil || bytes.Equal(file, before) {
		t.Fatalf("the new key is not on the disk: %v", err)
	}
	if err := a.store.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := a.siteRenew(t.Context(), control.Caller{}, control.None{}); err == nil {
		t.Fatal("a key is renewed that is not on record")
	}
	if a.siteKey.Fingerprint() != old {
		t.Error("the unit proves itself by a key that is not on record")
	}
	if now, err := os.ReadFile(a.path(siteKeyFile)); err != nil || !bytes.Equal(now, file) {
		t.Errorf("after a restart it would: %v", err)
	}
	if left, err := filepath.Glob(a.path(".new-*")); err != nil || len(left) > 0 {
		t.Errorf("left behind: %v %v", left, err)
	}
}

// TestAKeyOnRecordIsTheOneInUse, though nobody waits any more for the disk, or the new key
// can't take the old one's place.
func TestAKeyOnRecordIsTheOneInUse(t *testing.T) {
	a := lone(t)
	recorded := func() (key string) {
		t.Helper()
		// Behind what was queued before, twice: what is not in use is taken back by a second fact.
		for range 2 {
			if err := a.commit(t.Context(), fact.Write{}); err != nil {
				t.Fatal(err)
			}
		}
		for r, err := range a.store.Leaves(t.Context(), 0) {
			if err != nil {
				t.Fatal(err)
			}
			f, err := r.Fact()
			if err != nil {
				t.Fatal(err)
			}
			if renewed, ok := f.(fact.SiteKeyRenewed); ok {
				key = renewed.Key
			}
		}
		return key
	}
	first := a.siteKey.Fingerprint()
	gone, leave := context.WithCancel(t.Context())
	leave()
	_, _ = a.siteRenew(gone, control.Caller{}, control.None{})
	late := recorded()
	if late == first || late != a.siteKey.Fingerprint() {
		t.Errorf("on record is %q, in use %q, which was %q", late, a.siteKey.Fingerprint(), first)
	}
	if err := errors.Join(os.Remove(a.path(siteKeyFile)), os.Mkdir(a.path(siteKeyFile), 0o700)); err != nil {
		t.Fatal(err)
	}
	if _, err := a.siteRenew(t.Context(), control.Caller{}, control.None{}); err == nil {
		t.Error("a key is in use that can't be written")
	}
	if got := recorded(); got != late || a.siteKey.Fingerprint() != late {
		t.Errorf("on record is %q, in use %q, not %q", got, a.siteKey.Fingerprint(), late)
	}
}

// TestASuspectSiteIsSetApart: a paired site that dials wildly through the unit is set
// apart by name, until a person lets it go; then the watch begins anew with it.
func TestASuspectSiteIsSetApart(t *testing.T) {
	a := lone(t)
	ask := func(n int) {
		dialed := "01023276123" + strconv.Itoa(100+n)
		asked := make(chan struct{})
		a.desk.Ask(gate.Request{
			Call: "c" + strconv.Itoa(n), Line: "main", Dialed: dialed, At: time.Now(),
			Origin:      gate.Origin{Kind: gate.OriginSite, Site: "osaka", Device: "site/osaka", Authenticated: true},
			Destination: number.Parse(dialed, &number.Context{}),
		}, func(gate.Verdict, gate.Pass, error) { close(asked) })
		select {
		case <-asked:
		case <-time.After(suspectPatience):
			t.Fatal("the gate does not answer")
		}
	}
	for n := range 8 {
		ask(n)
	}
	var apart []control.Quarantine
	var err error
	for end := time.Now().Add(suspectPatience); len(apart) == 0; time.Sleep(10 * time.Millisecond) {
		if apart, err = a.quarantineList(t.Context(), control.Caller{}, control.None{}); err != nil {
			t.Fatal(err)
		}
		if time.Now().After(end) {
			t.Fatal("nothing is set apart")
		}
	}
	if q := apart[0]; len(apart) != 1 || q.Kind != "site" || q.Value != "osaka" || q.CreatedBy != byTempo {
		t.Fatalf("set apart: %+v", apart)
	}
	found, err := a.gateSigns(t.Context(), control.Caller{}, control.GateSignsRequest{})
	if err != nil {
		t.Fatal(err)
	}
	is := func(s control.SignsOf) bool { return s.Site == "osaka" && s.Extension == "" }
	if !slices.ContainsFunc(found.Extensions, is) {
		t.Errorf("it knows %+v", found.Extensions)
	}
	r := control.QuarantineReleaseRequest{Kind: "site", Value: "osaka", Reason: "it was a test"}
	if _, err := a.quarantineRelease(t.Context(), control.Caller{}, r); err != nil {
		t.Fatal(err)
	}
	a.desk.Watching(func(w *tempo.Watch) {
		if k, _ := w.KnownSite(time.Now(), "osaka"); k.Proved.IsZero() {
			t.Error("what was odd about it is not explained by letting it go")
		}
	})
}

// TestWhatStandsForASite is no number that costs, and none that nothing here can call.
func TestWhatStandsForASite(t *testing.T) {
	a := lone(t)
	pair := func(public string) error {
		_, err := a.sitePair(t.Context(), control.Caller{}, control.SitePairRequest{
			Site: "osaka", Code: site.Code(strings.Repeat("0a", 20)), Numbers: []string{"3xx"}, Public: public,
		})
		return err
	}
	for _, bad := range []string{"010442071234567", "0990123456", "119", "x"} {
		if err := pair(bad); err == nil {
			t.Errorf("%q stands for a site", bad)
		}
	}
	if err := pair(""); err != nil {
		t.Error(err)
	}
}
