package ground

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"
	"sync"
	"syscall"
	"time"
)

// unit is one sekisho serve.
type unit struct {
	binary string
	addr   netip.Addr
	data   string
	config string
	log    string
	cmd    *exec.Cmd
	ended  chan struct{}
	err    error
}

// newUnit writes the configuration of a unit: nothing but its addresses is
// changed, and announcements are off, which would only hold the intruder up.
func newUnit(binary, dir string, addr netip.Addr, number int) (*unit, error) {
	u := &unit{
		binary: binary, addr: addr, data: filepath.Join(dir, "data"), config: filepath.Join(dir, "sekisho.toml"),
		log: filepath.Join(dir, "log"),
	}
	first := mediaFirst + number%mediaRanges*mediaPorts
	text := fmt.Sprintf("[voice]\nline_addr = \"%[1]s:%[2]d\"\nannouncements_max = 0\n"+
		"[media]\nports = \"%[3]d-%[4]d\"\n"+
		"[[voice.listen]]\nname = \"udp\"\ntransport = \"udp\"\naddr = \"%[1]s:%[5]d\"\n",
		addr, portLine, first, first+mediaPorts-1, portPhones)
	return u, errors.Join(os.MkdirAll(u.data, 0o700), os.WriteFile(u.config, []byte(text), 0o600))
}

// launch starts the process on what is in its folder, and waits until it is
// ready.
func (u *unit) launch() error {
	out, err := os.OpenFile(u.log, os.O_CREATE|os.O_WRONLY|os.O_TRUNC, 0o600)
	if err != nil {
		return err
	}
	defer out.Close()
	u.cmd = exec.Command(u.binary, "serve", "--lang", "en", "--data", u.data, "--config", u.config)
	u.cmd.Stdout, u.cmd.Stderr = out, out
	u.cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL} // it does not outlive the bench
	if err := started(u.cmd); err != nil {
		return fmt.Errorf("start the unit: %w", err)
	}
	ended := make(chan struct{})
	u.ended = ended
	go func(cmd *exec.Cmd) { // ends with the process
		u.err = cmd.Wait()
		close(ended)
	}(u.cmd)
	for deadline := time.Now().Add(readyTime); time.Now().Before(deadline); {
		if strings.Contains(u.said(), "\nReady.") {
			return nil
		}
		select {
		case <-ended:
			return fmt.Errorf("the unit ended before it was ready (%w):\n%s", u.err, u.said())
		case <-time.After(pollEvery):
		}
	}
	return fmt.Errorf("the unit was not ready within %s:\n%s", readyTime, u.said())
}

func (u *unit) said() string {
	b, _ := os.ReadFile(u.log)
	return string(b)
}

// claimCode is what the unit printed at its first start.
func (u *unit) claimCode() (string, error) {
	m := regexp.MustCompile(`sekisho claim (\S+)`).FindStringSubmatch(u.said())
	if m == nil {
		return "", fmt.Errorf("the unit printed no claim code:\n%s", u.said())
	}
	return m[1], nil
}

// kill ends the process as a power cut would.
func (u *unit) kill() {
	_ = u.cmd.Process.Signal(syscall.SIGKILL)
	<-u.ended
}

// stop ends it in good order.
func (u *unit) stop() error {
	if u.cmd == nil || u.cmd.Process == nil {
		return nil
	}
	select {
	case <-u.ended:
		return nil
	default:
	}
	_ = u.cmd.Process.Signal(syscall.SIGTERM)
	select {
	case <-u.ended:
		return nil
	case <-time.After(stopTime):
		u.kill()
		return fmt.Errorf("the unit did not stop within %s", stopTime)
	}
}

// verify has the program look at the evidence it left.
func (u *unit) verify(ctx context.Context) error {
	c := exec.CommandContext(ctx, u.binary, "evidence", "verify", "--lang", "en", "--data", u.data)
	if out, err := c.CombinedOutput(); err != nil {
		return fmt.Errorf("the evidence does not verify: %w\n%s", err, out)
	}
	return nil
}

// starts is where processes are started: the death of the thread that started one
// ends it, so that thread lives as long as we do.
var starts = sync.OnceValue(func() chan<- func() {
	todo := make(chan func())
	go func() { // ends with the program
		runtime.LockOSThread()
		for start := range todo {
			start()
		}
	}()
	return todo
})

func started(c *exec.Cmd) (err error) {
	done := make(chan struct{})
	starts() <- func() {
		err = c.Start()
		close(done)
	}
	<-done
	return err
}
