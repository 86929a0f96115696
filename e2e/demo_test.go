//go:build e2e

package e2e

import (
	"bytes"
	"encoding/json"
	"net/netip"
	"path/filepath"
	"testing"
	"time"

	"github.com/sekisho/sekisho/e2e/peer"
)

// demoTime is what the whole demonstration may take, from the start of the
// process to its table.
const demoTime = 50 * time.Second

// greetingTime is more than the practice carrier's greeting lasts, in both
// languages; then it echoes.
const greetingTime = 12 * time.Second

// table is the demonstration's own account of itself.
type table struct {
	Attempts       int     `json:"attempts"`
	ReachedCarrier int     `json:"reached_carrier"`
	BilledYen      int     `json:"billed_yen"`
	DomesticTried  int     `json:"domestic_tried"`
	DomesticOK     int     `json:"domestic_ok"`
	EmergencyTried int     `json:"emergency_tried"`
	EmergencyOK    int     `json:"emergency_ok"`
	RefusalP99     float64 `json:"refusal_ms_p99"`
}

// TestDemoHolds runs the demonstration as a person would, before the parallel
// tests begin: its time is its own.
func TestDemoHolds(t *testing.T) {
	w := newWorldFor(t, 2*demoTime)
	nw := w.network() // it listens on every address: elsewhere it could meet another unit
	path, err := binary()
	w.must(err)
	var out bytes.Buffer
	began := time.Now()
	demo, err := peer.Start(w.ctx, peer.Program{
		Name: "demo", Path: path, Args: []string{"demo", "--once", "-o", "json", "--lang", "en"},
		LogDir: w.dir, Namespace: nw.name, Output: &out,
	})
	w.must(err)
	t.Cleanup(demo.Stop)
	code, err := demo.Wait(w.ctx)
	w.must(err)
	took := time.Since(began)
	if code != 0 {
		t.Errorf("exit code %d:\n%s\n%s", code, out.String(), demo.Tail(30))
	}
	var got table
	if err := json.Unmarshal(out.Bytes(), &got); err != nil {
		t.Fatalf("no JSON: %v\n%s", err, out.String())
	}
	t.Logf("%v in %v", got, took)
	if got.Attempts < 5000 || got.DomesticTried == 0 || got.EmergencyTried == 0 {
		t.Errorf("too little was tried to prove anything: %+v", got)
	}
	if got.ReachedCarrier != 0 || got.BilledYen != 0 {
		t.Errorf("the attack got through: %+v", got)
	}
	if got.DomesticOK != got.DomesticTried || got.EmergencyOK != got.EmergencyTried {
		t.Errorf("an ordinary or emergency call failed: %+v", got)
	}
	if took > demoTime {
		t.Errorf("it took %v, at most %v", took, demoTime)
	}
}

// TestDemoStaysUp: after its table the demonstration can be phoned, over the
// network: linphone, on another network than the unit, registers with the
// account that was printed, calls the practice carrier, is greeted, and hears
// itself in the carrier's echo.
func TestDemoStaysUp(t *testing.T) {
	t.Parallel()
	w := newWorldFor(t, 3*demoTime)
	nw := w.network()
	path, err := binary()
	w.must(err)
	demo, err := peer.Start(w.ctx, peer.Program{
		Name: "demo", Path: path, Args: []string{"demo", "--lang", "en"}, LogDir: w.dir, Namespace: nw.name,
		Env: []string{"TMPDIR=" + w.TempDir()},
	})
	w.must(err)
	t.Cleanup(demo.Stop)
	m, err := demo.Expect(w.ctx, `extension (\d+) +user (\S+) +secret (\S+)`)
	w.must(err)
	_, err = demo.Expect(w.ctx, `The gate held`)
	w.must(err)
	l := w.linphone(peer.Phone{
		Extension: m[1], User: m[2], Secret: m[3], Server: netip.AddrPortFrom(nw.far, 5060),
		Local: netip.AddrPortFrom(nw.here, 6100), Dir: filepath.Join(w.dir, "linphone"),
	}, toneA)
	w.must(l.Registered(w.ctx))
	w.must(l.Dial("0398765432"))
	w.must(l.Talking(w.ctx))
	wait(w.ctx, greetingTime)
	w.talk()
	w.must(l.Hangup())
	_, err = l.Ended(w.ctx)
	w.must(err)
	l.Stop()
	w.speech(l.Heard())
	w.must(heard(l.Heard(), toneA))
}
