package peer

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"sync"
	"syscall"
	"time"
)

// Program is a program to be run.
type Program struct {
	Name      string   // what its log is called: "baresip-201"
	Path      string   // the executable, looked up in PATH
	Args      []string // without the program's name
	Dir       string   // working directory; "" is the folder of the log
	Env       []string // added to the environment of the test
	LogDir    string   // its output is kept here, in Name.log
	Namespace string   // name of a network namespace to run in, "" for our own
	// Output, if given, gets standard output instead of the transcript; standard
	// error still goes to the transcript.
	Output io.Writer
}

// Process is a program that runs, and what it printed.
type Process struct {
	*Transcript

	name  string
	cmd   *exec.Cmd
	stdin io.WriteCloser
	log   *os.File
	done  chan struct{}
	once  sync.Once
	err   error // of Wait; valid after done
}

// Find says where a program is. The error names the program that is missing:
// a missing client fails a test, it never skips one.
func Find(program string) (string, error) {
	if path, err := exec.LookPath(program); err == nil {
		return path, nil
	}
	for _, dir := range []string{"/usr/sbin", "/sbin", "/usr/local/sbin"} {
		path := filepath.Join(dir, program)
		if info, err := os.Stat(path); err == nil && info.Mode()&0o111 != 0 {
			return path, nil
		}
	}
	return "", fmt.Errorf("%s is not installed: ./test installs it", program)
}

// Start runs a program until it ends by itself, or ctx is done, or Stop.
func Start(ctx context.Context, p Program) (*Process, error) {
	path, err := Find(p.Path)
	if err != nil {
		return nil, err
	}
	if err := os.MkdirAll(p.LogDir, 0o755); err != nil {
		return nil, err
	}
	log, err := os.OpenFile(filepath.Join(p.LogDir, p.Name+".log"), os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o644)
	if err != nil {
		return nil, err
	}
	args := p.Args
	if p.Namespace != "" {
		ip, err := Find("ip")
		if err != nil {
			return nil, err
		}
		path, args = ip, append([]string{"netns", "exec", p.Namespace, path}, args...)
	}
	cmd := exec.CommandContext(ctx, path, args...)
	cmd.Dir = p.Dir
	if cmd.Dir == "" {
		cmd.Dir = p.LogDir
	}
	cmd.Env = append(os.Environ(), p.Env...)
	// A group of its own, so that Stop ends the children too; and no program
	// outlives the test that started it.
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL}
	cmd.Cancel = func() error { return syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) }
	cmd.WaitDelay = stopTimeout
	proc := &Process{Transcript: NewTranscript(log), name: p.Name, cmd: cmd, log: log, done: make(chan struct{})}
	cmd.Stdout, cmd.Stderr = proc.Transcript, proc.Transcript
	if p.Output != nil {
		cmd.Stdout = p.Output
	}
	if proc.stdin, err = cmd.StdinPipe(); err != nil {
		return nil, err
	}
	if err := parent(cmd.Start); err != nil {
		log.Close()
		return nil, fmt.Errorf("%s: %w", p.Name, err)
	}
	go proc.wait()
	return proc, nil
}

// starts takes what the parent thread is to start.
var starts = sync.OnceValue(func() chan<- func() {
	c := make(chan func())
	go func() {
		// Pdeathsig follows the thread that started the child, and a thread may
		// end before the test does; this one is kept.
		runtime.LockOSThread()
		for f := range c {
			f()
		}
	}()
	return c
})

// parent runs start on the thread that is the parent of every child.
func parent(start func() error) error {
	result := make(chan error)
	starts() <- func() { result <- start() }
	return <-result
}

func (p *Process) wait() {
	p.err = p.cmd.Wait()
	why := errors.New(p.name + " has ended")
	if p.err != nil {
		why = fmt.Errorf("%s has ended: %w", p.name, p.err)
	}
	p.Transcript.Close(why)
	p.log.Close()
	close(p.done)
}

// PID is the process ID.
func (p *Process) PID() int { return p.cmd.Process.Pid }

// Say writes one line to the program's standard input.
func (p *Process) Say(line string) error {
	if _, err := io.WriteString(p.stdin, line+"\n"); err != nil {
		return fmt.Errorf("%s: %w", p.name, err)
	}
	return nil
}

// Running says whether the program has not ended.
func (p *Process) Running() bool {
	select {
	case <-p.done:
		return false
	default:
		return true
	}
}

// Wait waits until the program ends by itself and returns its exit code.
func (p *Process) Wait(ctx context.Context) (int, error) {
	select {
	case <-p.done:
		return p.cmd.ProcessState.ExitCode(), nil
	case <-ctx.Done():
		return -1, fmt.Errorf("%s still runs: %w; last lines:\n%s", p.name, ctx.Err(), p.Tail(15))
	}
}

// Signal sends a signal to the program alone.
func (p *Process) Signal(sig syscall.Signal) error { return p.cmd.Process.Signal(sig) }

// Kill ends the program's group at once (kill -9) and waits until it is gone.
func (p *Process) Kill() {
	_ = syscall.Kill(-p.PID(), syscall.SIGKILL)
	<-p.done
}

// Stop asks the program and its children to end, kills its group when it does not, and waits
// until it is gone. It may be called more than once.
func (p *Process) Stop() {
	p.once.Do(func() {
		p.stdin.Close()
		if p.Running() {
			_ = syscall.Kill(-p.PID(), syscall.SIGTERM)
			select {
			case <-p.done:
			case <-time.After(stopTimeout):
			}
		}
		_ = syscall.Kill(-p.PID(), syscall.SIGKILL) // children it may have left
		<-p.done
	})
}

// poll asks ready again and again until it says yes, ctx is done or the
// program has ended: for what gives no event.
func (p *Process) poll(ctx context.Context, what string, ready func() bool) error {
	ctx, cancel := context.WithTimeout(ctx, startTimeout)
	defer cancel()
	tick := time.NewTicker(pollPeriod)
	defer tick.Stop()
	for !ready() {
		select {
		case <-tick.C:
		case <-p.done:
			return fmt.Errorf("%s ended before %s: %w; last lines:\n%s", p.name, what, p.err, p.Tail(15))
		case <-ctx.Done():
			return fmt.Errorf("%s: %s: %w; last lines:\n%s", p.name, what, ctx.Err(), p.Tail(15))
		}
	}
	return nil
}
