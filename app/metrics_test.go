package app_test

import (
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/sekisho/sekisho/app"
	"github.com/sekisho/sekisho/app/control"
	"github.com/sekisho/sekisho/fact"
	"github.com/sekisho/sekisho/metrics"
	"github.com/sekisho/sekisho/sim/carrier"
	"github.com/sekisho/sekisho/sim/office"
	"github.com/sekisho/sekisho/unit/site"
)

func TestTheFiguresTellWhatHappened(t *testing.T) {
	contract := contracts()[0]
	w := newWorld(t, func(carrier.Reading) carrier.Behavior { return carrier.Behavior{} }, contract.account)
	p := w.phone("201", func(office.Ring) int { return 200 })
	second := w.phone("202", func(office.Ring) int { return 200 })
	contract.line.Profile = contract.profile
	w.line(contract.line)
	_, err := control.Call(w.ctx(), w.client, control.SitePair, control.SitePairRequest{
		Site: "osaka", Code: site.Code(strings.Repeat("0a", 20)), Numbers: []string{"3xx"},
	})
	w.must(err)
	group := control.Group{Number: "600", Members: []string{"202"}}
	_, err = control.Call(w.ctx(), w.client, control.GroupSet, group)
	w.must(err)
	queue := fact.QueueSet{Queue: group.Number, Most: 3, WaitSeconds: 60, Misses: 1}
	_, err = control.Call(w.ctx(), w.client, control.QueueSet, queue)
	w.must(err)
	for _, dialed := range []string{domestic, "202"} {
		call, o, err := p.Dial(w.ctx(), dialed)
		w.must(err)
		if !o.Answered() {
			t.Fatalf("%s: %+v", dialed, o)
		}
		w.must(call.Hangup(w.ctx()))
	}
	if _, o, err := p.Dial(w.ctx(), "01023276123456"); err != nil || !o.Gated() {
		t.Fatalf("abroad: %+v %v", o, err)
	}
	w.until("no call is left", func() bool { return strings.Contains(w.figures(), "\nsekisho_calls_up 0\n") })
	text := w.figures()
	for _, want := range []string{
		`sekisho_calls_begun_total{direction="outgoing"} 2`, `sekisho_calls_begun_total{direction="internal"} 1`,
		`sekisho_gate_verdicts_total{verb="pass"} 1`, `sekisho_gate_verdicts_total{verb="refuse"} 1`,
		`sekisho_gate_verdicts_total{verb="challenge"} 0`,
		"sekisho_gate_verdict_seconds_count 1", "sekisho_phones_registered 2", "sekisho_contacts 2",
		`sekisho_line_up{line="main"} 1`, `sekisho_line_channels_used{line="main"} 0`, "sekisho_claimed 1",
		`sekisho_site_up{site="osaka"} 0`,
		"sekisho_store_degraded 0",
	} {
		if !strings.Contains(text, "\n"+want+"\n") {
			t.Errorf("no line %q in\n%s", want, text)
		}
	}
	for _, n := range metrics.Names() {
		if !strings.Contains(text, "\n"+string(n)) {
			t.Errorf("%s is explained, and not given", n)
		}
	}
	if strings.Contains(text, domestic) {
		t.Error("the figures hold a phone number")
	}
	_, err = control.Call(w.ctx(), w.client, control.PhoneSecret, control.PhoneRequest{Phone: "202"})
	w.must(err)
	wrong := second.Register(w.ctx(), time.Hour)
	if n := w.figure(`sekisho_sip_refused_total{why="authentication"}`); wrong == nil || n == "0" {
		t.Errorf("%s wrong passwords are counted (%v)", n, wrong)
	}
}

func (w *world) figures() string {
	w.Helper()
	m, err := control.Call(w.ctx(), w.client, control.GetMetrics, control.None{})
	w.must(err)
	return m.Text
}

// TestTheManagementPlaneAnswers asks a running unit over HTTP; it must not
// answer what was not asked for.
func TestTheManagementPlaneAnswers(t *testing.T) {
	for _, profiles := range []bool{false, true} {
		c := lifeConfig()
		c.Management.Listen, c.Management.Profiles = []string{"127.0.0.1:0"}, profiles
		a, err := app.New(t.Context(), app.Options{
			Config: c, Data: t.TempDir(), Log: slog.New(slog.NewTextHandler(io.Discard, nil)),
		})
		if err != nil {
			t.Fatal(err)
		}
		if err := a.Start(t.Context()); err != nil {
			t.Fatal(err)
		}
		at := ""
		for _, l := range a.Status().Listeners {
			if l.Plane == "management" {
				at = l.Addr
			}
		}
		get := func(path string) (int, string) {
			resp, err := http.Get("http://" + at + path)
			if err != nil {
				t.Fatal(err)
			}
			defer resp.Body.Close()
			b, err := io.ReadAll(resp.Body)
			if err != nil {
				t.Fatal(err)
			}
			return resp.StatusCode, string(b)
		}
		if code, body := get("/metrics"); code != 200 || !strings.Contains(body, "\nsekisho_claimed 0\n") {
			t.Errorf("/metrics: %d %s", code, body)
		}
		var health struct{ Claimed, Degraded bool }
		code, body := get("/health")
		if err := json.Unmarshal([]byte(body), &health); err != nil || code != 200 || health.Degraded {
			t.Errorf("/health: %d %s (%v)", code, body, err)
		}
		code, _ = get("/debug/pprof/heap")
		if want := map[bool]int{false: 404, true: 200}[profiles]; code != want {
			t.Errorf("profiles %v: /debug/pprof/heap gives %d", profiles, code)
		}
		if err := a.Stop(); err != nil {
			t.Error(err)
		}
	}
}
