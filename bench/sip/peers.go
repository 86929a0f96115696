package main

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"os"
	"path/filepath"
	"slices"

	"github.com/BurntSushi/toml"

	"github.com/sekisho/sekisho/bench/sip/load"
)

// peerFile describes a system that is installed on this machine and that we do
// not know: see the examples in the folder peers.
type peerFile struct {
	Name  string   `toml:"name"`
	Rows  []string `toml:"rows"`  // keys of rows that it takes part in
	Start []string `toml:"start"` // command line, run in the file's folder
	// Register has the phones register before any load.
	Register bool `toml:"register"`

	folder string
}

// readPeer reads and checks a peer's file.
func readPeer(path string) (*peerFile, error) {
	def := &peerFile{}
	meta, err := toml.DecodeFile(path, def)
	if err != nil {
		return nil, fmt.Errorf("peer: %w", err)
	}
	if un := meta.Undecoded(); len(un) > 0 {
		return nil, fmt.Errorf("peer %s: there is no key %q", path, un[0])
	}
	if def.Name == "" || def.Name == unitName || len(def.Start) == 0 || len(def.Rows) == 0 {
		return nil, fmt.Errorf("peer %s: name, rows and start are needed", path)
	}
	for _, r := range def.Rows {
		if !slices.Contains(keys(), r) {
			return nil, fmt.Errorf("peer %s: there is no row %q", path, r)
		}
	}
	def.folder, err = filepath.Abs(filepath.Dir(path))
	return def, err
}

func (p *peerFile) takesPart(row string) bool { return slices.Contains(p.Rows, row) }

// outsider is such a system.
type outsider struct {
	bed  *bed
	def  *peerFile
	proc *process
	site *load.Site
	up   bool // its phones are registered
}

var _ subject = (*outsider)(nil)

func (p *outsider) name() string { return p.def.Name }
func (p *outsider) pid() int     { return p.proc.pid() }

var errNotRegistered = errors.New("phones could not register")

const outsiderSecret = "a-secret-of-the-benchmark"

// start runs the command with what it needs to know in its environment, and
// waits until somebody holds the address.
func (p *outsider) start(context.Context) error {
	dir, err := os.MkdirTemp(p.bed.dir, "peer-")
	if err != nil {
		return err
	}
	at := netip.AddrPortFrom(p.bed.stranger(), portSIP)
	env := []string{
		"BENCH_DIR=" + dir, "BENCH_ADDR=" + at.Addr().String(), fmt.Sprintf("BENCH_PORT=%d", portSIP),
		"BENCH_CALLERS=" + p.bed.callers().String(), "BENCH_CALLEES=" + p.bed.callees().String(),
		fmt.Sprintf("BENCH_FIRST=%d", phoneFirst), fmt.Sprintf("BENCH_PHONES=%d", 2*phonesEach),
		"BENCH_SECRET=" + outsiderSecret,
	}
	args := append([]string{"-C", p.def.folder}, env...)
	p.proc, err = startProcess(p.bed.nice, filepath.Join(dir, "log"), "env", append(args, p.def.Start...)...)
	if err != nil {
		return err
	}
	p.up = false
	p.site = &load.Site{
		Server: at, Domain: at.Addr().String(),
		Callers: accounts(phoneFirst, phonesEach, outsiderSecret),
		Callees: accounts(phoneFirst+phonesEach, phonesEach, outsiderSecret),
	}
	return p.proc.await(p.name(), func() bool { return bound(at) })
}

func (p *outsider) ready() (*load.Site, error) {
	if !p.def.Register || p.up {
		return p.site, nil
	}
	r := p.bed.load.Register(p.site, registerRate/10)
	if p.up = r.Done == 2*phonesEach; !p.up {
		return nil, fmt.Errorf("%w: %d of %d phones: %s", errNotRegistered, r.Done, 2*phonesEach, counts(r.Failed))
	}
	return p.site, nil
}

func (p *outsider) stop(context.Context) (verdicts, error) {
	p.bed.load.Leave(p.site)
	if err := p.proc.stop(p.bed.load.Idle); err != nil && !errors.Is(err, errBadly) {
		return verdicts{}, fmt.Errorf("%s: %w", p.name(), err)
	}
	return verdicts{}, nil // what it says to SIGTERM is its own affair
}
