package app_test

import (
	"context"
	"errors"
	"log/slog"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/sekisho/sekisho/app"
	"github.com/sekisho/sekisho/app/config"
	"github.com/sekisho/sekisho/app/control"
	"github.com/sekisho/sekisho/fact"
	"github.com/sekisho/sekisho/plane"
	"github.com/sekisho/sekisho/sim/office"
	"github.com/sekisho/sekisho/store"
	"github.com/sekisho/sekisho/store/storetest"
	"github.com/sekisho/sekisho/text"
)

// run runs the unit as `sekisho serve` does, and returns when it is up. next
// waits until it is up again.
func (w *world) run() (next func()) {
	w.Helper()
	ups, ended := make(chan *app.App), make(chan error, 1)
	ctx, cancel := context.WithCancel(w.Context())
	go func() {
		ended <- app.Run(ctx, w.options, func(a *app.App) {
			select {
			case ups <- a:
			case <-ctx.Done():
			}
		})
	}()
	w.Cleanup(func() {
		cancel()
		if err := <-ended; err != nil {
			w.Errorf("run: %v", err)
		}
		w.app = nil
	})
	next = func() {
		w.Helper()
		select {
		case w.app = <-ups:
		case err := <-ended:
			ended <- nil
			w.app = nil
			w.Fatalf("the unit ends: %v", err)
		case <-time.After(readyTime):
			w.Fatal("the unit does not come up")
		}
	}
	next()
	w.client = app.Dial(w.options.Data)
	return next
}

// TestAUnitStartsWithoutItsServer is invariant G6 at the start, on PostgreSQL:
// emergency and internal calls pass, domestic ones as the owner wants, none
// abroad; people are told; and when the server is there the unit goes over to it
// by itself, with what happened meanwhile.
func TestAUnitStartsWithoutItsServer(t *testing.T) {
	server := storetest.NewServer(t)
	p := newPostbox(t)
	_, alerts := p.open("")
	alerts.Thresholds.Safeguard = 1
	w, phone := onPostgreSQL(t, server, func(c *config.Config) { c.Alerts = alerts })
	w.phone("202", func(office.Ring) int { return 200 })
	w.dials(phone, allPass)
	w.stop()
	w.app = nil
	server.Stop(t)
	log := &logged{to: t.Output()}
	w.options.Log = slog.New(slog.NewTextHandler(log, nil))
	next := w.run()
	if !w.app.Away() || !w.degraded() {
		t.Fatalf("away %v, degraded %v", w.app.Away(), w.app.Status().Degraded)
	}
	w.dials(phone, abroadShut)
	w.dials(phone, map[string]bool{"202": true})
	w.doctorTellsOfTheServer()
	w.until("the owner is told", func() bool { _, ok := p.both("safeguard begun"); return ok })
	if w.adds("203") == nil {
		t.Error("a phone was added that no store has")
	}
	// A phone that moves meanwhile is found where it is afterwards.
	moved := w.typed["202"]
	moved.OnRing = func(office.Ring) int { return 200 }
	second, err := office.New(w.socket(w.host(4), 0), moved, w.phones)
	w.must(err)
	t.Cleanup(func() { second.Close() })
	w.must(second.Register(w.ctx(), time.Hour))

	// While somebody speaks with the police nothing is gone over to.
	urgent, _, err := phone.Dial(w.ctx(), "110")
	w.must(err)
	server.Start(t)
	w.until("its server is found", func() bool { return log.has("the database server is back") })
	time.Sleep(time.Second) // that nothing happens is what is tested, five times over
	if live, err := control.Call(w.ctx(), w.client, control.LiveCalls, control.None{}); err != nil || len(live) != 1 {
		t.Errorf("the call to 110 is cut: %+v %v", live, err)
	}
	w.must(urgent.Hangup(w.ctx()))
	next()
	if w.app.Away() || w.degraded() {
		t.Fatalf("with its server: away %v, degraded %v", w.app.Away(), w.app.Status().Degraded)
	}
	w.until("the line is up", func() bool { return w.lineState() == "up" })
	w.dials(phone, allPass)
	w.dials(phone, map[string]bool{"202": true})
	if seen, recorded := w.passed(); seen != recorded || seen != 2 {
		t.Errorf("%d calls abroad went out, %d are on record", seen, recorded)
	}
	list := w.phonesListed()
	if len(list) != 2 || len(list[1].Contacts) != 2 {
		t.Errorf("phones: %+v", list)
	}
	w.until("what happened meanwhile is on record", func() bool {
		verdicts := w.verdicts()
		return verdicts["110 pass"] == 4 && verdicts["119 pass"] == 1 && verdicts[abroadNumber+" refuse"] == 1 &&
			verdicts[domesticNumber+" pass"] == 3
	})
	report, err := app.VerifyEvidence(w.ctx(), w.options.Data, w.options.Config.Store)
	if err != nil || !report.OK {
		t.Errorf("evidence: %v %v", report, err)
	}
	if left, err := filepath.Glob(filepath.Join(w.options.Data, "adrift.db*")); err != nil || len(left) > 0 {
		t.Errorf("left behind: %v %v", left, err)
	}
}

// doctorTellsOfTheServer wants its trouble named with the store and the engine.
func (w *world) doctorTellsOfTheServer() {
	w.Helper()
	checks, err := control.Call(w.ctx(), w.client, control.Doctor, control.DoctorRequest{})
	w.must(err)
	told := map[string]bool{}
	for _, c := range checks {
		if c.Result == control.ResultFailed && strings.Contains(c.Detail.Say(text.EN), "server") {
			told[c.Name] = true
		}
	}
	if !told["store"] || !told["engine"] {
		w.Errorf("doctor names the server with %v", told)
	}
}

// verdicts counts the calls on record by number and verdict.
func (w *world) verdicts() map[string]int {
	w.Helper()
	out := map[string]int{}
	calls, err := control.Call(w.ctx(), w.client, control.Calls, control.CallsRequest{})
	w.must(err)
	for _, c := range calls {
		out[c.To+" "+c.Verdict]++
	}
	return out
}

func (w *world) adds(extension string) error {
	_, err := control.Call(w.ctx(), w.client, control.PhoneAdd, control.PhoneAddRequest{Extension: extension})
	return err
}

func (w *world) phonesListed() []control.Phone {
	w.Helper()
	list, err := control.Call(w.ctx(), w.client, control.PhoneList, control.None{})
	w.must(err)
	return list
}

// TestAStrandedUnitHasItsSpare: nor does a full disk of its own keep a unit on
// PostgreSQL from starting.
func TestAStrandedUnitHasItsSpare(t *testing.T) {
	server := storetest.NewServer(t)
	w, phone := onPostgreSQL(t, server, func(*config.Config) {})
	w.stop()
	w.app = nil
	unseal := sealDisk(t, w.options.Data)
	w.start()
	if w.app.Stranded() == "" || !w.degraded() {
		t.Fatalf("stranded in %q, degraded %v", w.app.Stranded(), w.app.Status().Degraded)
	}
	w.dials(phone, abroadShut)
	w.stop()
	unseal()
	w.start()
	w.until("the line is up", func() bool { return w.lineState() == "up" })
	w.dials(phone, allPass)
}

// TestWhatRangComesBackWhereItIsDead: what a call that rang had set aside is
// given back by the unit whose own process died, and not by another machine that
// takes over: there the call may be answered yet.
func TestWhatRangComesBackWhereItIsDead(t *testing.T) {
	server := storetest.NewServer(t)
	for _, c := range []struct {
		name    string
		server  bool
		another bool // has had the database in between
		spent   int64
	}{
		{"on SQLite", false, false, 0},
		{"on a server", true, false, 0},
		{"of another machine", true, true, 175_000},
	} {
		t.Run(c.name, func(t *testing.T) {
			data := t.TempDir()
			where, at := config.Store{Engine: store.SQLite}, store.Config{Path: filepath.Join(data, "sekisho.db")}
			if c.server {
				at = store.Config{DSN: server.Fresh(t), Dial: plane.Dial}
				where = dsnFile(t, at.DSN)
			}
			_, stop := liveOn(t, data, where)
			stop()
			s, err := store.Open(t.Context(), at)
			if err != nil {
				t.Fatal(err)
			}
			now := time.Now().UTC()
			rang := fact.CallJudged{
				Call: "c1", First: true, Verb: "pass", Started: now, At: now, Hold: &fact.Hold{
					Leg: 1, Amount: 175_000, At: now, Charges: []fact.Charge{{Account: "unit/abroad"}},
				},
			}
			// That was another start. Without it the call is one of the unit's own.
			boot := fact.Setting{Name: "boot", Value: strconv.FormatUint(s.Boot()-1, 10)}
			if c.another {
				boot.Value = strconv.FormatUint(s.Boot(), 10)
			}
			if err := errors.Join(storetest.Write(t, s, []fact.Fact{rang}, boot), s.Close()); err != nil {
				t.Fatal(err)
			}
			liveOn(t, data, where)
			for deadline := time.Now().Add(readyTime); ; time.Sleep(10 * time.Millisecond) {
				list := ask(t, data, control.BudgetList, control.None{})
				i := slices.IndexFunc(list, func(b control.Budget) bool { return b.Budget == "unit/abroad" })
				if b := list[i]; b.Held == 0 && b.Calls == 0 && b.UsedMon == c.spent {
					break
				} else if time.Now().After(deadline) {
					t.Fatalf("used %d, held %d by %d calls; want %d used", b.UsedMon, b.Held, b.Calls, c.spent)
				}
			}
		})
	}
}
