package app_test

import (
	"net"
	"net/netip"
	"os"
	"path/filepath"
	"syscall"
	"testing"
	"time"

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
		cannotMount(t, err)
	}
	open := func() { _ = syscall.Unmount(data, syscall.MNT_DETACH) }
	t.Cleanup(open)
	if err := syscall.Mount("", data, "", syscall.MS_BIND|syscall.MS_REMOUNT|syscall.MS_RDONLY, ""); err != nil {
		cannotMount(t, err)
	}
	return open
}

// cannotMount skips where a person runs the test, and fails where the whole is
// checked: what is skipped there proves nothing.
func cannotMount(t *testing.T, err error) {
	t.Helper()
	if os.Getenv("CI") != "" {
		t.Fatalf("root, but no mount can be made here: %v", err)
	}
	t.Skipf("root, but no mount can be made here: %v", err)
}

// firstLife runs a unit with a phone, a line and an opening, and stops it.
func firstLife(t *testing.T, data string) control.PhoneAccount {
	t.Helper()
	c, err := carrier.New(loopback(t, "127.0.7.2"), carrier.Config{
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
	ask(t, data, control.GateOpen, control.GateOpenRequest{Area: "SL", Extension: "201", Until: soon, Reason: "r"})
	stop()
	return account
}

func loopback(t *testing.T, host string) net.PacketConn {
	t.Helper()
	c, err := net.ListenPacket("udp", host+":0")
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// TestAStrandedUnitReachesEmergency is invariant G6 at the start: the disk
// takes no writes, so international and domestic calls are closed, and 110 is
// not.
func TestAStrandedUnitReachesEmergency(t *testing.T) {
	data := filepath.Join(t.TempDir(), "data")
	account := firstLife(t, data)
	unseal := sealDisk(t, data)
	left := filepath.Join("/dev/shm", "sekisho-stranded-killed")
	if err := os.MkdirAll(left, 0o700); err != nil {
		t.Fatal(err)
	}
	a, stop := live(t, data)
	if _, err := os.Stat(left); err == nil {
		t.Errorf("%s, which a killed unit left behind, is still there", left)
	}
	where := a.Stranded()
	if where == "" || a.Status().Degraded == nil {
		t.Fatalf("stranded in %q, degraded %v", where, a.Status().Degraded)
	}
	p, err := office.New(loopback(t, "127.0.7.3"), office.Account{
		Extension: "201", User: account.User, Secret: account.Secret, UserAgent: "test",
		Server: netip.MustParseAddrPort(a.Status().Listeners[0].Addr),
	}, netip.MustParseAddrPort("127.0.7.3:9"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { p.Close() })
	for dialed, want := range map[string]bool{"110": true, "119": true, "0312345679": false, "01023276123456": false} {
		call, o, err := p.Dial(t.Context(), dialed)
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
	if got := exitOf(t, where, control.PhoneAdd, control.PhoneAddRequest{Extension: "202"}); got == control.ExitOK {
		t.Error("a stranded unit added a phone")
	}
	stop()
	if _, err := os.Stat(where); err == nil {
		t.Errorf("the copy in %s is left behind", where)
	}
	unseal()
	live(t, data)
	if st := ask(t, data, control.GetStatus, control.StatusRequest{}); st.Degraded != nil || !st.Claimed {
		t.Errorf("with the disk mended: %+v", st)
	}
}
