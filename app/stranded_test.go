package app_test

import (
	"io"
	"log/slog"
	"net"
	"net/netip"
	"os"
	"path/filepath"
	"syscall"
	"testing"
	"time"

	"github.com/sekisho/sekisho/app"
	"github.com/sekisho/sekisho/app/control"
	"github.com/sekisho/sekisho/sim/carrier"
	"github.com/sekisho/sekisho/sim/office"
)

// sealDisk makes a data directory take no writes, as root too; the function
// makes it take them again.
func sealDisk(t *testing.T, data string) func() {
	t.Helper()
	if os.Getuid() != 0 {
		if err := os.Chmod(data, 0o500); err != nil {
			t.Fatal(err)
		}
		open := func() { _ = os.Chmod(data, 0o700) }
		t.Cleanup(open)
		return open
	}
	if err := syscall.Mount(data, data, "", syscall.MS_BIND, ""); err != nil {
		t.Skipf("root, but no mount can be made here: %v", err)
	}
	open := func() { _ = syscall.Unmount(data, syscall.MNT_DETACH) }
	t.Cleanup(open)
	if err := syscall.Mount("", data, "", syscall.MS_BIND|syscall.MS_REMOUNT|syscall.MS_RDONLY, ""); err != nil {
		t.Skipf("root, but no mount can be made read-only here: %v", err)
	}
	return open
}

// TestAStrandedUnitReachesEmergency is invariant G6 at the start: the disk
// takes no writes, so international and domestic calls are closed, and 110 and
// internal calls are not.
func TestAStrandedUnitReachesEmergency(t *testing.T) {
	data := filepath.Join(t.TempDir(), "data")
	host := netip.MustParseAddr("127.0.7.3")
	socket := func(a netip.Addr) net.PacketConn {
		c, err := net.ListenPacket("udp", netip.AddrPortFrom(a, 0).String())
		if err != nil {
			t.Fatal(err)
		}
		return c
	}
	c, err := carrier.New(socket(netip.MustParseAddr("127.0.7.2")), carrier.Config{
		Domain: "carrier.invalid", Accounts: []carrier.Account{{User: "unit", Secret: "a-long-secret"}},
		Behave:    func(carrier.Reading) carrier.Behavior { return carrier.Behavior{Sound: carrier.Silence} },
		OpenMedia: func(a netip.Addr) (net.PacketConn, error) { return net.ListenPacket("udp", a.String()+":0") },
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	a, stop := live(t, data)
	ask(t, data, control.Claim, control.ClaimRequest{Code: a.ClaimCode(), Owner: "owner"})
	account := ask(t, data, control.PhoneAdd, control.PhoneAddRequest{Extension: "201"})
	ask(t, data, control.LineAdd, control.LineAddRequest{
		ID: "l", Profile: "generic-registration", Registrar: c.Addr().String(), User: "unit", Secret: "a-long-secret",
		Numbers: []control.LineNumber{{Number: "0312345678", Ring: []string{"201"}}}, Transport: "udp",
	})
	soon := time.Now().Add(time.Hour)
	ask(t, data, control.GateOpen, control.GateOpenRequest{Area: "SL", Extension: "201", Until: soon})
	stop()

	unseal := sealDisk(t, data)
	a, err = app.New(t.Context(), app.Options{
		Config: lifeConfig(), Data: data, Log: slog.New(slog.NewTextHandler(io.Discard, nil)),
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := a.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	if a.Stranded() == "" || a.Status().Degraded == "" {
		t.Errorf("stranded in %q, degraded %q", a.Stranded(), a.Status().Degraded)
	}
	server := netip.MustParseAddrPort(a.Status().Listeners[0].Addr)
	p, err := office.New(socket(host), office.Account{
		Extension: "201", User: account.User, Secret: account.Secret, Server: server, UserAgent: "test",
	}, netip.AddrPortFrom(host, 9))
	if err != nil {
		t.Fatal(err)
	}
	for !c.Registered("unit") && t.Context().Err() == nil {
		time.Sleep(10 * time.Millisecond)
	}
	for dialed, want := range map[string]bool{"110": true, "119": true, "0312345679": false, "01023276123456": false} {
		call, o, err := p.Dial(t.Context(), dialed)
		t.Logf("%s: %d in %v", dialed, o.Status, o.Took)
		if err != nil || (call != nil) != want {
			t.Errorf("%s: %+v %v", dialed, o, err)
		}
		if call == nil {
			continue
		}
		if err := call.Hangup(t.Context()); err != nil {
			t.Error(err)
		}
	}
	if got := exitOf(t, a.Stranded(), control.PhoneAdd, control.PhoneAddRequest{Extension: "202"}); got == 0 {
		t.Error("a stranded unit added a phone")
	}
	p.Close()
	where := a.Stranded()
	if err := a.Stop(); err != nil {
		t.Errorf("stop: %v", err)
	}
	if _, err := os.Stat(where); err == nil {
		t.Errorf("the copy in %s is left behind", where)
	}
	unseal()
	live(t, data)
	if st := ask(t, data, control.GetStatus, control.None{}); st.Degraded != "" || !st.Claimed {
		t.Errorf("with the disk mended: %+v", st)
	}
}
