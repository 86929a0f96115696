package demo_test

import (
	"context"
	"net"
	"net/netip"
	"sync/atomic"
	"testing"
	"time"

	"github.com/sekisho/sekisho/app/control"
	"github.com/sekisho/sekisho/app/demo"
	"github.com/sekisho/sekisho/sim/attack"
	"github.com/sekisho/sekisho/sim/office"
)

// How many attempts of each wave the tests replay; those that are put through
// take longer.
const (
	shorter  = 150
	shortest = 15
)

func open(t *testing.T, shorter int) (*demo.Demo, context.Context) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	t.Cleanup(cancel)
	d, err := demo.Open(ctx, demo.Options{Log: t.Output(), Port: 19060, Shorter: shorter})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := d.Close(); err != nil {
			t.Errorf("closing: %v", err)
		}
	})
	return d, ctx
}

// TestTheReplayHolds is the demo: the control is billed, the attack is not,
// and the office works meanwhile.
func TestTheReplayHolds(t *testing.T) {
	d, ctx := open(t, shorter)
	c, err := d.Control(ctx)
	if err != nil || c.Reached != 1 || c.BilledYen == 0 {
		t.Fatalf("control: %+v %v", c, err)
	}
	var steps atomic.Int64
	r, err := d.Attack(ctx, func(done, of int) {
		if done > of {
			t.Errorf("%d of %d done", done, of)
		}
		steps.Add(1)
	})
	if err != nil {
		t.Fatal(err)
	}
	if !r.Held() {
		t.Errorf("leaked: %+v", r)
	}
	if r.Wave1 != shorter || r.Wave2 != shorter || r.Attempts != 2*shorter || steps.Load() != 2*shorter {
		t.Errorf("the replay was not replayed: %+v, %d steps", r, steps.Load())
	}
	if r.DomesticOK == 0 || r.EmergencyOK == 0 || r.RefusalMSP99 <= 0 {
		t.Errorf("nothing was measured: %+v", r)
	}
}

// TestTheReplayFailsWhereTheGateIsOpen opens Sierra Leone for the intruder:
// the same replay must not hold then, by the carrier's own books, though the gate
// stops it after some calls.
func TestTheReplayFailsWhereTheGateIsOpen(t *testing.T) {
	d, ctx := open(t, shortest)
	open := control.GateOpenRequest{
		Area: "SL", Extension: d.Intruder(), Until: time.Now().Add(time.Minute), Reason: "test",
	}
	if _, err := control.Call(ctx, d.Client(), control.GateOpen, open); err != nil {
		t.Fatal(err)
	}
	r, err := d.Attack(ctx, nil)
	if err != nil {
		t.Fatal(err)
	}
	if r.Held() || r.ReachedCarrier == 0 || r.BilledYen == 0 || r.PutThrough == 0 {
		t.Errorf("with an open gate: %+v", r)
	}
	if r.Recorded == r.Attempts {
		t.Errorf("the unit has refusals on record that it did not make: %+v", r)
	}
}

// TestHeldNeedsEverything takes away one figure at a time.
func TestHeldNeedsEverything(t *testing.T) {
	good := attack.Result{
		Attempts: 5, Recorded: 5, DomesticTried: 2, DomesticOK: 2, EmergencyTried: 1, EmergencyOK: 1,
	}
	if !good.Held() {
		t.Error("a good result does not hold")
	}
	for name, spoil := range map[string]func(*attack.Result){
		"no attempts":      func(r *attack.Result) { r.Attempts, r.Recorded = 0, 0 },
		"reached":          func(r *attack.Result) { r.ReachedCarrier = 1 },
		"billed":           func(r *attack.Result) { r.BilledYen = 1 },
		"put through":      func(r *attack.Result) { r.PutThrough = 1 },
		"ungated":          func(r *attack.Result) { r.Ungated = 1 },
		"not on record":    func(r *attack.Result) { r.Recorded = 4 },
		"no domestic":      func(r *attack.Result) { r.DomesticTried, r.DomesticOK = 0, 0 },
		"domestic failed":  func(r *attack.Result) { r.DomesticOK = 1 },
		"no emergency":     func(r *attack.Result) { r.EmergencyTried, r.EmergencyOK = 0, 0 },
		"emergency failed": func(r *attack.Result) { r.EmergencyOK = 0 },
	} {
		r := good
		if spoil(&r); r.Held() {
			t.Errorf("%s: it holds", name)
		}
	}
}

// TestAnnouncement: outside of the replay, a refused call tells why in words:
// RTP comes before the final response.
func TestAnnouncement(t *testing.T) {
	d, ctx := open(t, shortest)
	guest := d.Accounts()[0]
	media, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer media.Close()
	conn, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	p, err := office.New(conn, office.Account{
		Extension: guest.Extension, User: guest.User, Secret: guest.Secret, UserAgent: "guest",
		Server: netip.MustParseAddrPort(guest.Servers[0].Addr),
	}, netip.MustParseAddrPort(media.LocalAddr().String()))
	if err != nil {
		t.Fatal(err)
	}
	defer p.Close()
	if err := p.Register(ctx, time.Minute); err != nil {
		t.Fatal(err)
	}
	_, o, err := p.Dial(ctx, "01023276123456")
	if err != nil || !o.Gated() {
		t.Fatalf("%+v %v", o, err)
	}
	packets, buf := 0, make([]byte, 2048)
	for {
		if err := media.SetReadDeadline(time.Now().Add(100 * time.Millisecond)); err != nil {
			t.Fatal(err)
		}
		if _, _, err := media.ReadFrom(buf); err != nil {
			break
		}
		packets++
	}
	if packets < 50 { // a sentence lasts longer than a second
		t.Errorf("%d packets of an announcement, in %v", packets, o.Took)
	}
}
