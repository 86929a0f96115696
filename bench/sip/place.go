package main

import (
	"crypto/sha256"
	"fmt"
	"net/netip"
	"os"
	"os/exec"
	"path/filepath"

	"github.com/sekisho/sekisho/bench/sip/load"
)

// bed is where a run happens: addresses and files of its own, so that runs and
// tests on one machine don't meet.
type bed struct {
	nice string // autogroup priority of both sides
	dir  string
	tag  string
	net  byte // second byte of its loopback addresses
	load *load.Load
	// profiles are taken of the unit; nil: none.
	profiles *profiles
}

// addr gives one of the bed's addresses.
func (b *bed) addr(c, d byte) netip.Addr { return netip.AddrFrom4([4]byte{127, b.net, c, d}) }

// The addresses of the parts.
func (b *bed) unit() netip.Addr     { return b.addr(0, 1) }
func (b *bed) kamailio() netip.Addr { return b.addr(0, 2) }
func (b *bed) engine() netip.Addr   { return b.addr(0, 3) }
func (b *bed) stranger() netip.Addr { return b.addr(0, 4) }
func (b *bed) callers() netip.Addr  { return b.addr(1, 1) }
func (b *bed) callees() netip.Addr  { return b.addr(1, 2) }
func (b *bed) carrier() netip.Addr  { return b.addr(2, 1) }

// management is where a unit answers for its profiles.
func (b *bed) management() netip.Addr { return b.addr(3, 1) }

// The ports are not the usual ones, which a unit on every address may hold.
const (
	portSIP  = 15060
	portLine = 15080
	portTLS  = 15061
	portNG   = 12223

	portManagement = 18460
)

// newBed makes the files' folder and opens the generator.
func newBed(nice string) (*bed, error) {
	dir, err := os.MkdirTemp("", "sekisho-bench-")
	if err != nil {
		return nil, err
	}
	pid := os.Getpid()
	b := &bed{nice: nice, dir: dir, tag: fmt.Sprintf("b%d", pid), net: byte(100 + pid%100)}
	b.load, err = load.Open(load.Config{Callers: b.callers(), Callees: b.callees(), Carrier: b.carrier(), Tag: b.tag})
	if err != nil {
		return nil, err
	}
	return b, nil
}

func (b *bed) close() {
	b.load.Close()
	os.RemoveAll(b.dir)
}

// accounts makes n phones from an extension on, all with one secret.
func accounts(first, n int, secret string) (list []load.Account) {
	for i := range n {
		ext := fmt.Sprint(first + i)
		list = append(list, load.Account{Extension: ext, User: ext, Secret: secret})
	}
	return list
}

// buildUnit builds the program as it is shipped. It is kept for the next run from
// the same folder, which need not link it again if nothing has changed.
func buildUnit(dir string) (string, error) {
	cache, err := os.UserCacheDir()
	if err != nil {
		cache = dir
	}
	here, err := os.Getwd()
	if err != nil {
		return "", err
	}
	kept := filepath.Join(cache, "sekisho-bench", fmt.Sprintf("%x", sha256.Sum256([]byte(here)))[:16], "sekisho")
	cmd := exec.Command("go", "build", "-trimpath", "-o", kept, "github.com/sekisho/sekisho/cmd/sekisho")
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := cmd.CombinedOutput(); err != nil {
		return "", fmt.Errorf("build the program under test: %w\n%s", err, out)
	}
	// A copy is the run's own: another run may build anew.
	program, err := os.ReadFile(kept)
	if err != nil {
		return "", fmt.Errorf("read the program under test: %w", err)
	}
	path := filepath.Join(dir, "sekisho")
	return path, os.WriteFile(path, program, 0o700)
}
