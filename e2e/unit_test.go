//go:build e2e

package e2e

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/netip"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/sekisho/sekisho/app/control"
	"github.com/sekisho/sekisho/e2e/peer"
)

// readyTime is how long a unit may take from its start until it is ready,
// after a kill as well.
const readyTime = 15 * time.Second

var binaryDir string

func TestMain(m *testing.M) { os.Exit(runIn(m)) }

func runIn(m *testing.M) int {
	dir, err := os.MkdirTemp("", "sekisho-e2e-")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	defer os.RemoveAll(dir)
	binaryDir = dir
	return m.Run()
}

// binary is the program under test, built once as it is shipped; or the one
// that SEKISHO_E2E_BINARY names.
var binary = sync.OnceValues(func() (string, error) {
	if path := os.Getenv("SEKISHO_E2E_BINARY"); path != "" {
		return path, nil
	}
	path := filepath.Join(binaryDir, "sekisho")
	build := exec.Command("go", "build", "-trimpath", "-o", path, "../cmd/sekisho")
	build.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := build.CombinedOutput(); err != nil {
		return "", fmt.Errorf("building the program under test: %w\n%s", err, out)
	}
	return path, nil
})

// The listeners of every unit under test, on its own address; not the usual
// ports, which a unit that runs on the machine holds everywhere. Those called MD5
// are for baresip 1.0.0 and SIPp 3.6.1, which can't do SHA-256.
const (
	portPhones    = 15060 // UDP and TCP: SHA-256, then MD5
	portPhonesTLS = 15061
	portMD5       = 15070 // UDP and TCP
	portMD5TLS    = 15071
	portLines     = 15080 // UDP: what carriers are spoken to from
)

// mediaPorts is the size of each unit's port range.
const mediaPorts = 400

var lastRange atomic.Uint32

// unit is one running sekisho serve.
type unit struct {
	*world

	name      string
	binary    string
	addr      netip.Addr
	data      string
	config    string
	namespace string // network namespace it runs in, "" for ours
	wrap      []string
	proc      *peer.Process
	starts    int
}

// startUnit starts a unit on an address of its own and claims it. voice is
// lines for the section [voice] of its configuration.
func (w *world) startUnit(voice string) *unit {
	w.Helper()
	u := w.newUnit(w.addr(), voice)
	u.start()
	u.claim()
	return u
}

func (w *world) newUnit(addr netip.Addr, voice string) *unit {
	w.Helper()
	n := lastRange.Add(1)
	path, err := binary()
	w.must(err)
	u := &unit{world: w, name: fmt.Sprintf("unit-%d", n), binary: path, addr: addr}
	u.data = filepath.Join(w.dir, u.name, "data")
	u.config = filepath.Join(w.dir, u.name, "sekisho.toml")
	w.must(os.MkdirAll(u.data, 0o700))
	var b strings.Builder
	fmt.Fprintf(&b, "[voice]\nline_addr = \"%s:%d\"\n%s\nlisten = [\n", u.addr, portLines, voice)
	for _, l := range []struct {
		name, transport string
		port            int
		digest          string
	}{
		{"udp", "udp", portPhones, `"SHA-256", "MD5"`},
		{"tcp", "tcp", portPhones, `"SHA-256", "MD5"`},
		{"tls", "tls", portPhonesTLS, `"SHA-256", "MD5"`},
		{"md5-udp", "udp", portMD5, `"MD5"`},
		{"md5-tcp", "tcp", portMD5, `"MD5"`},
		{"md5-tls", "tls", portMD5TLS, `"MD5"`},
	} {
		fmt.Fprintf(&b, "  {name = %q, transport = %q, addr = \"%s:%d\", digest = [%s]},\n",
			l.name, l.transport, u.addr, l.port, l.digest)
	}
	low := 20000 + int(n)*mediaPorts%30000
	fmt.Fprintf(&b, "]\n[media]\nports = \"%d-%d\"\n", low, low+mediaPorts-1)
	w.must(os.WriteFile(u.config, []byte(b.String()), 0o600))
	w.Cleanup(func() {
		if u.proc != nil {
			u.proc.Stop()
		}
	})
	return u
}

// start runs the unit and returns when it says that it is ready.
func (u *unit) start() {
	u.Helper()
	u.must(u.tryStart())
	if u.starts > 1 {
		u.ready()
	}
}

func (u *unit) tryStart() error {
	u.starts++
	args := []string{"serve", "--lang", "en", "--data", u.data, "--config", u.config}
	path := u.binary
	if len(u.wrap) > 0 { // strace and the like
		args = append(append(append([]string{}, u.wrap[1:]...), path), args...)
		path = u.wrap[0]
	}
	proc, err := peer.Start(u.ctx, peer.Program{
		Name: fmt.Sprintf("%s-%d", u.name, u.starts), Path: path, Args: args,
		LogDir: filepath.Dir(u.config), Namespace: u.namespace,
	})
	if err != nil {
		return err
	}
	u.proc = proc
	return nil
}

// ready waits until the unit says so.
func (u *unit) ready() {
	u.Helper()
	ctx, cancel := context.WithTimeout(u.ctx, readyTime)
	defer cancel()
	_, err := u.proc.Expect(ctx, `^Ready\.`)
	u.must(err)
}

// claim makes the test the owner, with the code that the unit printed.
func (u *unit) claim() {
	u.Helper()
	ctx, cancel := context.WithTimeout(u.ctx, readyTime)
	defer cancel()
	m, err := u.proc.Expect(ctx, `sekisho claim (\S+)`)
	u.must(err)
	u.ready()
	u.cli("claim", m[1], "--owner", "e2e")
}

// stop ends the unit in good order.
func (u *unit) stop() {
	u.Helper()
	u.proc.Stop()
}

// cliError is what a command of the unit said when it failed.
type cliError struct {
	args   []string
	exit   int
	stderr string
}

func (e *cliError) Error() string {
	return fmt.Sprintf("sekisho %s: exit %d: %s", strings.Join(e.args, " "), e.exit, e.stderr)
}

// tryCLI runs a command against the unit and returns its output.
func (u *unit) tryCLI(args ...string) (string, error) {
	cmd := exec.CommandContext(u.ctx, u.binary, append(args, "--lang", "en", "--data", u.data)...)
	var out, stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &stderr
	err := cmd.Run()
	if exit, ok := errors.AsType[*exec.ExitError](err); ok {
		err = &cliError{args, exit.ExitCode(), stderr.String() + out.String()}
	}
	return out.String(), err
}

// cli runs a command that must succeed.
func (u *unit) cli(args ...string) string {
	u.Helper()
	out, err := u.tryCLI(args...)
	u.must(err)
	return out
}

// query runs a command with -o json and decodes what it printed.
func query[T any](u *unit, args ...string) T {
	u.Helper()
	out := u.cli(append(args, "-o", "json")...)
	var v T
	if err := json.Unmarshal([]byte(out), &v); err != nil {
		u.Fatalf("sekisho %s printed no JSON: %v\n%s", strings.Join(args, " "), err, out)
	}
	return v
}

// account adds an extension and returns the account of its first device.
func (u *unit) account(extension string) control.PhoneAccount {
	u.Helper()
	return query[control.PhoneAccount](u, "phone", "add", extension)
}

// phone adds an extension and returns it as the phone of a client: on the
// MD5 listener of a transport, or on the default one.
func (u *unit) phone(extension, transport string, md5 bool) peer.Phone {
	u.Helper()
	a := u.account(extension)
	return peer.Phone{
		Extension: extension, User: a.User, Secret: a.Secret,
		Server: u.listener(transport, md5), Transport: transport,
	}
}

func (u *unit) listener(transport string, md5 bool) netip.AddrPort {
	port := map[bool]map[string]uint16{
		true:  {"udp": portMD5, "tcp": portMD5, "tls": portMD5TLS},
		false: {"udp": portPhones, "tcp": portPhones, "tls": portPhonesTLS},
	}[md5][transport]
	return netip.AddrPortFrom(u.addr, port)
}

// until waits until ready says yes: for state that has no event.
func (w *world) until(limit time.Duration, what string, ready func() bool) {
	w.Helper()
	deadline := time.NewTimer(limit)
	defer deadline.Stop()
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for !ready() {
		select {
		case <-tick.C:
		case <-deadline.C:
			w.Fatalf("not within %v: %s", limit, what)
		case <-w.ctx.Done():
			w.Fatalf("the test ran out of time: %s", what)
		}
	}
}

// records are the calls on record, oldest first, once there are n of them.
func (u *unit) records(n int) []control.CallRecord {
	u.Helper()
	var rows []control.CallRecord
	u.until(10*time.Second, fmt.Sprintf("%d calls on record", n), func() bool {
		rows = query[[]control.CallRecord](u, "calls", "--limit", "10000")
		return len(rows) >= n
	})
	return rows
}
