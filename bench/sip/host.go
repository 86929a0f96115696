package main

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/sekisho/sekisho/bench/sip/load"
	"golang.org/x/sys/unix"
)

// The cores of the two sides.
const (
	coreSubject   = 0
	coreGenerator = 1
)

// pinned is the first argument of the process that pins itself and becomes
// another program: its arguments are core, nice, program, arguments.
const pinned = "pinned-exec"

// becomePinned is that process. It does not return when all went well.
func becomePinned(args []string) error {
	if len(args) < 3 {
		return errors.New("pinned-exec is for this program itself")
	}
	core, err := strconv.Atoi(args[0])
	if err != nil {
		return fmt.Errorf("core: %w", err)
	}
	runtime.LockOSThread() // affinity is the thread's, and stays with it over exec
	var set unix.CPUSet
	set.Set(core)
	if err := unix.SchedSetaffinity(0, &set); err != nil {
		return fmt.Errorf("pin to core %d: %w", core, err)
	}
	// nice(2) means nothing between sessions where autogroups are on; this does.
	_ = os.WriteFile("/proc/self/autogroup", []byte(args[1]), 0)
	path, err := exec.LookPath(args[2])
	if err != nil {
		return fmt.Errorf("find %s: %w", args[2], err)
	}
	return os.NewSyscallError("exec", syscall.Exec(path, args[2:], os.Environ()))
}

// pinnedCommand makes a command that runs on one core in a session of its own
// and dies with us.
func pinnedCommand(core int, nice string, program string, args ...string) *exec.Cmd {
	self, err := os.Executable()
	if err != nil {
		self = "/proc/self/exe"
	}
	cmd := exec.Command(self, append([]string{pinned, strconv.Itoa(core), nice, program}, args...)...)
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true, Pdeathsig: syscall.SIGKILL}
	return cmd
}

// again runs this program on the generator's core and passes signals on to it.
func again(nice string) (exit int, err error) {
	runtime.LockOSThread() // Pdeathsig is told by the thread that started it
	self, err := os.Executable()
	if err != nil {
		return 1, fmt.Errorf("find myself: %w", err)
	}
	cmd := pinnedCommand(coreGenerator, nice, self, os.Args[1:]...)
	cmd.Env = append(os.Environ(), envGenerator+"=1")
	cmd.Stdin, cmd.Stdout, cmd.Stderr = os.Stdin, os.Stdout, os.Stderr
	if err := cmd.Start(); err != nil {
		return 1, fmt.Errorf("start the generator: %w", err)
	}
	signals := make(chan os.Signal, 1)
	signal.Notify(signals, os.Interrupt, syscall.SIGTERM)
	ended := make(chan error, 1)
	go func() { ended <- cmd.Wait() }() // ends with the generator
	for {
		select {
		case s := <-signals:
			_ = cmd.Process.Signal(s)
		case <-ended:
			return cmd.ProcessState.ExitCode(), nil
		}
	}
}

// family lists a process and its descendants.
func family(pid int) []int {
	parents := map[int][]int{}
	dirs, _ := filepath.Glob("/proc/[0-9]*/stat")
	for _, path := range dirs {
		if f := statFields(path); len(f) > 1 {
			child, _ := strconv.Atoi(filepath.Base(filepath.Dir(path)))
			parent, _ := strconv.Atoi(f[1])
			parents[parent] = append(parents[parent], child)
		}
	}
	all := []int{pid}
	for i := 0; i < len(all); i++ {
		all = append(all, parents[all[i]]...)
	}
	return all
}

// statFields gives the fields of a stat file from the state (the third) on: a
// program's name may hold anything.
func statFields(path string) []string {
	b, err := os.ReadFile(path)
	if err != nil {
		return nil
	}
	return strings.Fields(string(b[bytes.LastIndexByte(b, ')')+1:]))
}

// cpuOf gives the CPU time that processes used so far.
func cpuOf(pids []int) (sum time.Duration) {
	for _, pid := range pids {
		f := statFields(fmt.Sprintf("/proc/%d/stat", pid))
		if len(f) < 13 {
			continue
		}
		for _, field := range f[11:13] { // utime, stime
			n, _ := strconv.ParseInt(field, 10, 64)
			sum += time.Duration(n) * clockTick
		}
	}
	return sum
}

// pssOf gives the memory of processes, shared pages counted in parts.
func pssOf(pids []int) (sum int64) {
	for _, pid := range pids {
		f, err := os.Open(fmt.Sprintf("/proc/%d/smaps_rollup", pid))
		if err != nil {
			continue
		}
		for lines := bufio.NewScanner(f); lines.Scan(); {
			if rest, ok := strings.CutPrefix(lines.Text(), "Pss:"); ok {
				kb, _ := strconv.ParseInt(strings.TrimSpace(strings.TrimSuffix(rest, "kB")), 10, 64)
				sum += kb << 10
				break
			}
		}
		f.Close()
	}
	return sum
}

// busyOf gives the time that all cores were busy so far.
func busyOf() (sum time.Duration) {
	b, err := os.ReadFile("/proc/stat")
	if err != nil {
		return 0
	}
	line, _, _ := strings.Cut(string(b), "\n")
	for i, field := range strings.Fields(line) {
		if i == 0 || i == 4 || i == 5 || i > 7 { // its name, idle, iowait, steal and guests
			continue
		}
		n, _ := strconv.ParseInt(field, 10, 64)
		sum += time.Duration(n) * clockTick
	}
	return sum
}

// meter measures a stretch of time: what the subject, the generator and the
// others used.
type meter struct {
	pids              []int
	began             time.Time
	subject, own, all time.Duration
	awake             time.Duration // of own, waited
}

func startMeter(pid int) *meter {
	m := &meter{pids: family(pid)}
	m.subject, m.own, m.all = cpuOf(m.pids), cpuOf([]int{os.Getpid()}), busyOf()
	m.awake, m.began = load.Awake(), time.Now()
	return m
}

// cores is what the stretch used, in cores.
type cores struct {
	Subject   float64 `json:"subject"`
	Generator float64 `json:"generator"`
	Others    float64 `json:"others"`
}

func (m *meter) stop() (c cores, subject time.Duration) {
	took := time.Since(m.began).Seconds()
	subject = cpuOf(m.pids) - m.subject
	own, all := cpuOf([]int{os.Getpid()})-m.own, busyOf()-m.all
	work := max(0, own-(load.Awake()-m.awake))
	if m.pids[0] == os.Getpid() {
		subject = work // nothing is between: the generator hears itself
	}
	c = cores{Subject: subject.Seconds() / took, Generator: work.Seconds() / took}
	if m.pids[0] != os.Getpid() {
		all -= subject
	}
	c.Others = max(0, (all-own).Seconds()/took)
	return c, subject
}

// cpuinfo is what the kernel says of the processor, "" where it says nothing.
func cpuinfo() string {
	b, err := os.ReadFile("/proc/cpuinfo")
	if err != nil {
		return ""
	}
	return string(b)
}

// machine describes what the run ran on.
func machine() string {
	model := "unknown processor"
	for line := range strings.Lines(cpuinfo()) {
		if rest, ok := strings.CutPrefix(line, "model name"); ok {
			model = strings.TrimSpace(strings.TrimLeft(rest, "\t :"))
			break
		}
	}
	var u unix.Utsname
	_ = unix.Uname(&u)
	return fmt.Sprintf("%s, Linux %s, %s", model, unix.ByteSliceToString(u.Release[:]), runtime.Version())
}
