package app_test

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/sekisho/sekisho/app"
	"github.com/sekisho/sekisho/app/config"
	"github.com/sekisho/sekisho/app/control"
	"github.com/sekisho/sekisho/plane"
	"github.com/sekisho/sekisho/sim/carrier"
	"github.com/sekisho/sekisho/sim/office"
	"github.com/sekisho/sekisho/store"
	"github.com/sekisho/sekisho/store/storetest"
	"github.com/sekisho/sekisho/text"
)

// dsnFile writes the address of a database as the owner would.
func dsnFile(t *testing.T, dsn string) config.Store {
	t.Helper()
	path := filepath.Join(t.TempDir(), "dsn")
	if err := os.WriteFile(path, []byte(dsn+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	return config.Store{Engine: store.PostgreSQL, DSNFile: path}
}

// onPostgreSQL starts a unit on a server, with a line, a phone and a country
// that is open to it; domestic calls go on when the store is down.
func onPostgreSQL(t *testing.T, server *storetest.Server, change func(*config.Config)) (*world, *office.Phone) {
	t.Helper()
	where := dsnFile(t, server.Fresh(t))
	w := newWorldWith(t, func(_ *world, c *config.Config) {
		c.Store = where
		change(c)
	}, nil, carrier.Account{
		User: "unit", Secret: carrierSecret, Numbers: []string{mainNumber},
		Manners: carrier.GenericRegistration("self"),
	})
	w.line(control.LineAddRequest{Profile: "generic-registration", User: "unit", Secret: carrierSecret})
	phone := w.phone("201", nil)
	_, err := control.Call(w.ctx(), w.client, control.GateApply, control.PolicyRequest{
		File: "gate.toml", Reason: "test", Text: "[gate]\ndomestic_when_degraded = true\n" +
			opensTo("SL", in(time.Hour)),
	})
	w.must(err)
	return w, phone
}

const (
	abroadNumber   = "01023276123456"
	domesticNumber = "0312345670"
	judgedMax      = 10 * time.Second // before it is answered, on a busy machine
)

// dials dials each number and hangs up again what was answered.
func (w *world) dials(p *office.Phone, want map[string]bool) {
	w.Helper()
	for dialed, passes := range want {
		began := time.Now()
		call, o, err := p.Dial(w.ctx(), dialed)
		if err != nil || (call != nil) != passes {
			w.Errorf("%s passes: %v, want %v (%+v, %v)", dialed, call != nil, passes, o, err)
		}
		if took := time.Since(began); took > judgedMax {
			w.Errorf("%s was judged after %v", dialed, took)
		}
		if call != nil {
			w.must(call.Hangup(w.ctx()))
		}
	}
}

var (
	allPass    = map[string]bool{abroadNumber: true, domesticNumber: true, "110": true}
	abroadShut = map[string]bool{abroadNumber: false, domesticNumber: true, "110": true, "119": true}
)

func (w *world) degraded() bool { return w.app.Status().Degraded != nil }

// passed counts the calls abroad that the carrier saw, and those on record with
// a pass verdict.
func (w *world) passed() (seen, recorded int) {
	w.Helper()
	for _, e := range w.carrier.Books().Entries() {
		if e.Reading.Class == carrier.International {
			seen++
		}
	}
	_, err := control.Call(w.ctx(), w.client, control.Calls, control.CallsRequest{Limit: 1}) // waits for the disk
	w.must(err)
	dsn, err := os.ReadFile(w.options.Config.Store.DSNFile)
	w.must(err)
	r, err := store.OpenReader(w.ctx(), store.Config{DSN: string(dsn), Dial: plane.Dial})
	w.must(err)
	defer r.Close()
	calls, err := r.Calls(w.ctx(), store.CallFilter{Verb: "pass"})
	w.must(err)
	for _, c := range calls {
		if c.Area == "SL" && !c.Judged.IsZero() {
			recorded++
		}
	}
	return seen, recorded
}

// TestTheServerGoesAndComesBack is invariant G6 on PostgreSQL: without its
// server a unit passes no call abroad, domestic ones as its owner wants, and
// 110 always; it tells of it, and goes on by itself when the server is back.
func TestTheServerGoesAndComesBack(t *testing.T) {
	server := storetest.NewServer(t)
	p := newPostbox(t)
	_, alerts := p.open("")
	alerts.Thresholds.Safeguard = 1
	w, phone := onPostgreSQL(t, server, func(c *config.Config) { c.Alerts = alerts })
	w.dials(phone, allPass)
	checks, err := control.Call(w.ctx(), w.client, control.Doctor, control.DoctorRequest{})
	w.must(err)
	if !tellsEngine(checks) {
		t.Errorf("doctor does not name the engine: %+v", checks)
	}
	for name, end := range map[string]func(testing.TB){"stopped": server.Stop, "crashed": server.Crash} {
		end(t)
		w.dials(phone, abroadShut)
		if !w.degraded() {
			t.Errorf("%s: not degraded", name)
		}
		w.until("the owner is told", func() bool { _, ok := p.both("safeguard begun"); return ok })
		server.Start(t)
		w.until("the unit goes on", func() bool { return !w.degraded() })
		w.dials(phone, allPass)
	}
	if seen, recorded := w.passed(); seen != recorded || seen != 3 {
		t.Errorf("%d calls abroad went out, %d are on record", seen, recorded)
	}
	report, err := app.VerifyEvidence(w.ctx(), w.options.Data, w.options.Config.Store)
	if err != nil || !report.OK {
		t.Errorf("evidence: %v %v", report, err)
	}
}

func tellsEngine(checks []control.Check) bool {
	for _, c := range checks {
		if c.Name == "engine" && c.Result == control.ResultOK {
			said := c.Detail.Say(text.EN)
			return strings.Contains(said, "version 1") && strings.Contains(said, "fsync = on")
		}
	}
	return false
}

// TestTheServersDiskIsFull is the same for a server that runs and can't write.
func TestTheServersDiskIsFull(t *testing.T) {
	server := storetest.NewServer(t)
	disk := server.SmallDisk(t, 4<<20)
	w, phone := onPostgreSQL(t, server, func(*config.Config) {})
	w.dials(phone, allPass)

	// From now on the tables that grow stand on a small disk, which something
	// else fills up.
	b, err := os.ReadFile(w.options.Config.Store.DSNFile)
	w.must(err)
	dsn := strings.TrimSpace(string(b))
	server.SQL(t, dsn, "CREATE TABLESPACE small LOCATION '"+disk+"'")
	for _, table := range []string{"leaf", "call"} {
		server.SQL(t, dsn, "ALTER TABLE "+table+" SET TABLESPACE small")
	}
	filler := filepath.Join(disk, "filler")
	if err := os.WriteFile(filler, make([]byte, 8<<20), 0o644); !errors.Is(err, syscall.ENOSPC) {
		t.Fatalf("the disk is not full: %v", err)
	}
	w.until("no page is left", func() bool {
		call, _, err := phone.Dial(w.ctx(), abroadNumber)
		w.must(err)
		if call != nil {
			w.must(call.Hangup(w.ctx()))
		}
		return call == nil && w.degraded()
	})
	w.dials(phone, map[string]bool{domesticNumber: true, "110": true, "119": true})
	w.must(os.Remove(filler))
	w.until("the unit goes on", func() bool { return !w.degraded() })
	w.dials(phone, allPass)
	if seen, recorded := w.passed(); seen > recorded {
		t.Errorf("%d calls abroad went out, %d are on record", seen, recorded)
	}
}

// liveOn is live on a database.
func liveOn(t *testing.T, data string, where config.Store) (*app.App, func()) {
	t.Helper()
	c := lifeConfig()
	c.Store = where
	return liveWith(t, data, c)
}

// TestASecondUnitTakesOver: the database belongs to one unit; with its keys a
// second one goes on where the first has ended, and budgets with it.
func TestASecondUnitTakesOver(t *testing.T) {
	server := storetest.NewServer(t)
	where := dsnFile(t, server.Fresh(t))
	first, second := t.TempDir(), t.TempDir()
	a, stop := liveOn(t, first, where)
	ask(t, first, control.Claim, control.ClaimRequest{Code: a.ClaimCode(), Owner: "佐藤"})
	ask(t, first, control.PhoneAdd, control.PhoneAddRequest{Extension: "201"})
	c := lifeConfig()
	c.Store = where
	old := filepath.Join(second, "spare.db")
	if err := os.WriteFile(old, []byte("what it once knew"), 0o600); err != nil {
		t.Fatal(err)
	}
	_, err := app.New(t.Context(), app.Options{Config: c, Data: second})
	if _, err := os.Stat(old); err == nil {
		t.Error("a unit whose database another one has keeps what it once knew of it")
	}
	if p := control.AsProblem(err); p.Exit != control.ExitConflict || p.What.Key != "cli.store.taken" {
		t.Fatalf("a second unit on the same database: %v", err)
	}
	stop()
	for _, name := range []string{"seal.key", "evidence.key"} {
		b, err := os.ReadFile(filepath.Join(first, name))
		if err == nil {
			err = os.WriteFile(filepath.Join(second, name), b, 0o600)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	liveOn(t, second, where)
	phones := ask(t, second, control.PhoneList, control.None{})
	if st := ask(t, second, control.GetStatus, control.StatusRequest{}); !st.Claimed || len(phones) != 1 {
		t.Errorf("the second one has %+v and %d phones", st, len(phones))
	}
	report, err := app.VerifyEvidence(t.Context(), second, where)
	if err != nil || !report.OK {
		t.Errorf("evidence: %v %v", report, err)
	}
}

// TestDatabasesThatCantBeUsed: what a person reads names what to do, and no
// password.
func TestDatabasesThatCantBeUsed(t *testing.T) {
	server := storetest.NewServer(t)
	good := server.Fresh(t)
	for _, c := range []struct {
		dsn  string
		want text.Key
	}{
		{"", "cli.store.dsn"},
		{"postgres://%zz", "cli.store.address"},
		{strings.Replace(good, storetest.Password, "wrong", 1), "cli.store.denied"},
		{server.DSN("nowhere"), "cli.store.missing"},
		{strings.Replace(good, server.Dir(), "/nowhere", 1), "cli.store.down"},
	} {
		o := app.Options{Config: lifeConfig(), Data: t.TempDir()}
		o.Config.Store = dsnFile(t, c.dsn)
		_, err := app.New(t.Context(), o)
		p := control.AsProblem(err)
		said := p.What.Say(text.JA) + p.What.Say(text.EN)
		if p.What.Key != c.want || p.Do == "" || strings.Contains(said, storetest.Password) {
			t.Errorf("%q: %v", c.dsn, err)
		}
	}
}

// TestDoctorWarnsOfTheWay: an address that leads over a network, and proves
// nothing there, is told.
func TestDoctorWarnsOfTheWay(t *testing.T) {
	server := storetest.NewServer(t)
	near := server.Fresh(t)
	far := strings.Replace(near, "host="+server.Dir(), "host="+server.Dir()+",192.0.2.9", 1)
	data := t.TempDir()
	for dsn, want := range map[string]bool{near: false, far: true} {
		_, stop := liveOn(t, data, dsnFile(t, dsn))
		warned := false
		for _, c := range ask(t, data, control.Doctor, control.DoctorRequest{}) {
			warned = warned || c.Name == "engine" && c.Result == control.ResultWarning
		}
		if warned != want {
			t.Errorf("warned %v, want %v: %q", warned, want, dsn)
		}
		stop()
	}
}
