package main

import (
	"errors"
	"fmt"
	"net/netip"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"time"
)

// process is a program under test on its core.
type process struct {
	cmd   *exec.Cmd
	log   string
	ended chan error // closed when it has ended
	err   error
}

// startProcess starts a program; what it says goes to a file.
func startProcess(nice, log, program string, args ...string) (*process, error) {
	if err := os.MkdirAll(filepath.Dir(log), 0o700); err != nil {
		return nil, err
	}
	out, err := os.Create(log)
	if err != nil {
		return nil, err
	}
	defer out.Close()
	p := &process{cmd: pinnedCommand(coreSubject, nice, program, args...), log: log, ended: make(chan error)}
	p.cmd.Stdout, p.cmd.Stderr = out, out
	if err := p.cmd.Start(); err != nil {
		return nil, fmt.Errorf("start %s: %w", program, err)
	}
	running.Lock()
	running.all = append(running.all, p)
	running.Unlock()
	go func() { // ends with the program
		p.err = p.cmd.Wait()
		close(p.ended)
	}()
	return p, nil
}

func (p *process) pid() int { return p.cmd.Process.Pid }

// said gives what the program wrote so far.
func (p *process) said() string {
	b, _ := os.ReadFile(p.log)
	return string(b)
}

// tail gives the last lines of it.
func (p *process) tail() string {
	lines := strings.Split(strings.TrimSpace(p.said()), "\n")
	return strings.Join(lines[max(0, len(lines)-6):], "\n")
}

// await waits until ready says yes, or the program ends.
func (p *process) await(what string, ready func() bool) error {
	deadline := time.Now().Add(readyTime)
	for time.Now().Before(deadline) {
		if ready() {
			return nil
		}
		select {
		case <-p.ended:
			return fmt.Errorf("%s: ended before it was ready (%v):\n%s", what, p.err, p.tail())
		case <-time.After(pollEvery):
		}
	}
	return fmt.Errorf("%s: not ready within %v:\n%s", what, readyTime, p.tail())
}

// stop ends the program in good order, or else at once; meanwhile the generator
// serves it with answers. The error says that it had ended before, or ended
// badly.
func (p *process) stop(serve func(time.Duration)) error {
	select {
	case <-p.ended:
		return fmt.Errorf("it ended during the run (%w):\n%s", errors.Join(p.err, errEnded), p.tail())
	default:
	}
	_ = p.cmd.Process.Signal(syscall.SIGTERM)
	for deadline := time.Now().Add(stopTime); time.Now().Before(deadline); serve(pollEvery) {
		select {
		case <-p.ended:
			if p.err != nil {
				return fmt.Errorf("%w (%w):\n%s", errBadly, p.err, p.tail())
			}
			return nil
		default:
		}
	}
	_ = syscall.Kill(-p.pid(), syscall.SIGKILL) // the session that we made for it
	<-p.ended
	return fmt.Errorf("it did not stop within %v", stopTime)
}

var (
	errEnded = errors.New("ended")
	errBadly = errors.New("it ended badly")
)

// bound reports whether somebody holds a UDP address.
func bound(at netip.AddrPort) bool {
	b, err := os.ReadFile("/proc/net/udp")
	if err != nil {
		return false
	}
	return strings.Contains(string(b), " "+hexAddr(at)+" ")
}

// hexAddr writes an address as /proc/net does.
func hexAddr(at netip.AddrPort) string {
	a := at.Addr().As4()
	return fmt.Sprintf("%02X%02X%02X%02X:%04X", a[3], a[2], a[1], a[0], at.Port())
}

// running is every program started, so that none is left behind.
var running struct {
	sync.Mutex
	all []*process
}

// killAll ends at once what still runs: in the sessions that we made.
func killAll() {
	running.Lock()
	defer running.Unlock()
	for _, p := range running.all {
		select {
		case <-p.ended:
		default:
			_ = syscall.Kill(-p.pid(), syscall.SIGKILL)
		}
	}
}
