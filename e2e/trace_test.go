//go:build e2e

package e2e

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// A line of strace -f -y -ttt: PID, time, call; a call that was interrupted by
// another thread's comes in two lines.
var (
	traceLine    = regexp.MustCompile(`^(\d+) +\S+ (.*)$`)
	traceResumed = regexp.MustCompile(`^<\.\.\. (\w+) resumed>`)
)

// syncedBeforeSent reads a trace and proves for a called number that the
// verdict was written to the database, that this write was synced, and that
// both were done before its INVITE was handed to the kernel for the carrier.
func syncedBeforeSent(trace, number, carrier string) error {
	wrote, synced := false, false
	syncing := map[string]bool{} // threads inside an fdatasync that began after the write
	sent := regexp.MustCompile(`^(?:sendto|sendmsg|sendmmsg)\(.*INVITE sip:` + regexp.QuoteMeta(number) + `@`)
	for line := range strings.SplitSeq(trace, "\n") {
		m := traceLine.FindStringSubmatch(line)
		if m == nil {
			continue
		}
		pid, call := m[1], m[2]
		if r := traceResumed.FindStringSubmatch(call); r != nil {
			if (r[1] == "fdatasync" || r[1] == "fsync") && strings.HasSuffix(call, "= 0") && syncing[pid] {
				synced = true
			}
			delete(syncing, pid)
			continue
		}
		switch {
		case strings.HasPrefix(call, "pwrite64(") || strings.HasPrefix(call, "write("):
			// The number is in the page: in clear, as JSON.
			wrote = wrote ||
				strings.Contains(call, ".db") && strings.Contains(call, "call.judged") && strings.Contains(call, number)
		case strings.HasPrefix(call, "fdatasync(") || strings.HasPrefix(call, "fsync("):
			switch {
			case !wrote:
			case strings.Contains(call, "<unfinished"):
				syncing[pid] = true
			case strings.HasSuffix(call, "= 0"):
				synced = true
			}
		case sent.MatchString(call) && strings.Contains(call, carrier):
			switch {
			case !wrote:
				return errors.New("the INVITE was sent before the verdict was written")
			case !synced:
				return errors.New("the INVITE was sent before the verdict was synced")
			}
			return nil
		}
	}
	return fmt.Errorf("no INVITE to %s in the trace (written %v, synced %v)", number, wrote, synced)
}

// TestTraceJudgment proves that the judgment above can fail.
func TestTraceJudgment(t *testing.T) {
	t.Parallel()
	const (
		write  = `11 1.0 pwrite64(9</d/sekisho.db-wal>, "..call.judged..0398765432", 4096, 32) = 4096` + "\n"
		sync   = `11 1.1 fdatasync(9</d/sekisho.db-wal>) = 0` + "\n"
		begun  = `11 1.1 fdatasync(9</d/sekisho.db-wal> <unfinished ...>` + "\n"
		ended  = `11 1.3 <... fdatasync resumed>) = 0` + "\n"
		failed = `11 1.1 fdatasync(9</d/sekisho.db-wal>) = -1 EIO (Input/output error)` + "\n"
		send   = `12 1.2 sendmmsg(5<UDP>, [{..."INVITE sip:0398765432@127.0.0.9 SIP/2.0..."127.0.0.9")}]) = 1` + "\n"
	)
	for name, tt := range map[string]struct {
		trace string
		good  bool
	}{
		"in order":            {write + sync + send, true},
		"sync in two parts":   {write + begun + ended + send, true},
		"sent while syncing":  {write + begun + send + ended, false},
		"sync failed":         {write + failed + send, false},
		"not synced":          {write + send, false},
		"not written":         {sync + send, false},
		"synced before write": {sync + write + send, false},
		"never sent":          {write + sync, false},
	} {
		if err := syncedBeforeSent(tt.trace, "0398765432", "127.0.0.9"); (err == nil) != tt.good {
			t.Errorf("%s: judged %v, want good=%v", name, err, tt.good)
		}
	}
}

// TestVerdictIsSyncedBeforeItsINVITE runs the unit under strace: a kill keeps
// the page cache, so only the order of system calls proves that the verdict
// was on disk before the carrier was asked.
func TestVerdictIsSyncedBeforeItsINVITE(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	c := w.startCarrier()
	u := w.newUnit(w.addr(), "")
	trace := filepath.Join(w.dir, "trace")
	u.wrap = []string{
		"strace", "-f", "-qq", "-y", "-ttt", "-s", "70000", "-o", trace,
		"-e", "trace=write,pwrite64,fsync,fdatasync,sendto,sendmsg,sendmmsg",
	}
	u.start()
	u.claim()
	u.lineTo(c, "201")
	s := w.sipp(u.phone("201", "udp", true))
	numbers := []string{"0398765401", "0398765402", "0398765403"}
	for _, n := range numbers {
		s.calls(n, "uac", "TALK", "100")
	}
	u.stop()
	raw, err := os.ReadFile(trace)
	w.must(err)
	for _, n := range numbers {
		if err := syncedBeforeSent(string(raw), n, c.at.Addr().String()); err != nil {
			t.Errorf("%s: %v", n, err)
		}
	}
}
