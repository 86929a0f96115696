package plane

import (
	"fmt"
	"os"
	"runtime"
	"testing"

	"golang.org/x/sys/unix"
)

// attributes gives what the kernel has of a thread that went first; before is done
// on it before that.
func attributes(t *testing.T, before func()) *unix.SchedAttr {
	t.Helper()
	got := make(chan *unix.SchedAttr)
	go func() {
		runtime.LockOSThread() // and never unlocked: the thread ends with it
		before()
		GoFirst(NiceSignaling)
		a, err := unix.SchedGetAttr(0, 0)
		if err != nil {
			t.Error(err)
		}
		got <- a
	}()
	return <-got
}

func TestAThreadGoesFirst(t *testing.T) {
	a := attributes(t, func() {})
	if os.Geteuid() == 0 && a.Nice != int32(NiceSignaling) {
		t.Errorf("nice value %d, want %d", a.Nice, NiceSignaling)
	}
	// Before Linux 6.12 the kernel gives back none, or its own.
	if known(t, 6, 12) && a.Runtime != uint64(turn) {
		t.Errorf("turns of %d ns, want %d", a.Runtime, turn)
	}
}

// What is not permitted does not cost the short turns, which are.
func TestAThreadHasShortTurnsWithoutTheRight(t *testing.T) {
	if !known(t, 6, 12) {
		t.Skip("the kernel is older than Linux 6.12")
	}
	nobody := func() { // of this thread alone
		const id = 65534
		if _, _, errno := unix.RawSyscall(unix.SYS_SETRESUID, id, id, id); errno != 0 && os.Geteuid() == 0 {
			t.Error(errno)
		}
	}
	if a := attributes(t, nobody); a.Runtime != uint64(turn) || a.Nice != 0 {
		t.Errorf("nice value %d and turns of %d ns, want 0 and %d", a.Nice, a.Runtime, turn)
	}
}

// known tells whether the kernel is as new as a version.
func known(t *testing.T, major, minor int) bool {
	t.Helper()
	var u unix.Utsname
	if err := unix.Uname(&u); err != nil {
		t.Fatal(err)
	}
	var a, b int
	if _, err := fmt.Sscanf(unix.ByteSliceToString(u.Release[:]), "%d.%d", &a, &b); err != nil {
		t.Fatal(err)
	}
	return a > major || a == major && b >= minor
}
