package cast

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

	"github.com/sekisho/sekisho/app"
	"github.com/sekisho/sekisho/app/control"
	"github.com/sekisho/sekisho/number/tariff"
)

// Unit is one sekisho serve.
type Unit struct {
	Addr netip.Addr
	Data string // its folder

	binary, config, log string

	cmd   *exec.Cmd
	ended chan struct{}
	err   error
}

// Build builds the program as it is shipped.
func Build(dir string) (string, error) {
	path := filepath.Join(dir, "sekisho")
	c := exec.Command("go", "build", "-trimpath", "-o", path, "github.com/sekisho/sekisho/cmd/sekisho")
	c.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := c.CombinedOutput(); err != nil {
		return "", fmt.Errorf("build the program under test: %w\n%s", err, out)
	}
	return path, nil
}

// Setup is what NewUnit wants to know.
type Setup struct {
	Binary string
	Dir    string // where its folder and files are to be
	Addr   netip.Addr
	Number int // another one for each unit of a run
	// Voice are lines of the table voice, and Besides other tables.
	Voice, Besides string
}

// NewUnit writes the configuration of a unit: its addresses, and what is said besides.
func NewUnit(s Setup) (*Unit, error) {
	u := &Unit{
		Addr: s.Addr, Data: filepath.Join(s.Dir, "data"),
		binary: s.Binary, config: filepath.Join(s.Dir, "sekisho.toml"), log: filepath.Join(s.Dir, "log"),
	}
	first := mediaFirst + s.Number%mediaRanges*mediaPorts
	text := fmt.Sprintf("[voice]\nline_addr = \"%[1]s:%[2]d\"\n%[3]s[media]\nports = \"%[4]d-%[5]d\"\n"+
		"[[voice.listen]]\nname = \"udp\"\ntransport = \"udp\"\naddr = \"%[1]s:%[6]d\"\n%[7]s",
		s.Addr, portLines, s.Voice, first, first+mediaPorts-1, PortPhones, s.Besides)
	return u, errors.Join(os.MkdirAll(u.Data, 0o700), os.WriteFile(u.config, []byte(text), 0o600))
}

// Launch starts the process on what is in its folder, and waits until it is ready.
func (u *Unit) Launch() error {
	out, err := os.OpenFile(u.log, os.O_CREATE|os.O_WRONLY|os.O_TRUNC, 0o600)
	if err != nil {
		return err
	}
	defer out.Close()
	u.cmd = exec.Command(u.binary, "serve", "--lang", "en", "--data", u.Data, "--config", u.config)
	u.cmd.Stdout, u.cmd.Stderr = out, out
	// It does not outlive the bench, and is not told of a key that is meant for that.
	u.cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL, Setpgid: true}
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
		if strings.Contains(u.Said(), "\nReady.") {
			return nil
		}
		select {
		case <-ended:
			return fmt.Errorf("the unit ended before it was ready (%w):\n%s", u.err, u.Said())
		case <-time.After(pollEvery):
		}
	}
	return fmt.Errorf("the unit was not ready within %s:\n%s", readyTime, u.Said())
}

// Said is what the process wrote since it was started last.
func (u *Unit) Said() string {
	b, _ := os.ReadFile(u.log)
	return string(b)
}

// Pid is that of its process.
func (u *Unit) Pid() int { return u.cmd.Process.Pid }

// Ended tells whether the process is over.
func (u *Unit) Ended() bool {
	select {
	case <-u.ended:
		return true
	default:
		return false
	}
}

// Kill ends the process as a power cut would.
func (u *Unit) Kill() {
	_ = u.cmd.Process.Signal(syscall.SIGKILL)
	<-u.ended
}

// Stop ends it in good order.
func (u *Unit) Stop() error {
	if u.cmd == nil || u.cmd.Process == nil {
		return nil
	}
	if u.Ended() {
		return fmt.Errorf("the unit had ended before (%w):\n%s", errors.Join(u.err, errEnded), u.Said())
	}
	_ = u.cmd.Process.Signal(syscall.SIGTERM)
	select {
	case <-u.ended:
		if u.err != nil {
			return fmt.Errorf("the unit ended badly (%w):\n%s", u.err, u.Said())
		}
		return nil
	case <-time.After(stopTime):
		u.Kill()
		return fmt.Errorf("the unit did not stop within %s", stopTime)
	}
}

var errEnded = errors.New("ended")

// Verify has the program look at the evidence it left.
func (u *Unit) Verify(ctx context.Context) error {
	c := exec.CommandContext(ctx, u.binary, "evidence", "verify", "--lang", "en", "--data", u.Data)
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

var claimCode = regexp.MustCompile(`sekisho claim (\S+)`)

// Control speaks with the unit as its owner does.
func (u *Unit) Control() *control.Client { return app.Dial(u.Data) }

// ClaimCode is what the unit printed at its first start.
func (u *Unit) ClaimCode() (string, error) {
	m := claimCode.FindStringSubmatch(u.Said())
	if m == nil {
		return "", fmt.Errorf("the unit printed no claim code:\n%s", u.Said())
	}
	return m[1], nil
}

// Claim makes the bench the unit's owner, and gives calls within Japan budgets that no
// run uses up.
func (u *Unit) Claim(ctx context.Context) error {
	code, err := u.ClaimCode()
	if err != nil {
		return err
	}
	c := u.Control()
	if _, err := control.Call(ctx, c, control.Claim, control.ClaimRequest{Code: code, Owner: "bench"}); err != nil {
		return fmt.Errorf("claim the unit: %w", err)
	}
	plenty := int64(1_000_000_000 * tariff.Yen)
	for _, budget := range []string{"unit/home", "extension/home"} {
		_, err := control.Call(ctx, c, control.BudgetSet, control.BudgetSetRequest{
			Budget: budget, Day: &plenty, Month: &plenty,
			Reason: "a bench telephones more than an office", Until: time.Now().Add(30 * 24 * time.Hour),
		})
		if err != nil {
			return fmt.Errorf("set the budget %s: %w", budget, err)
		}
	}
	return nil
}

// Account is a phone's extension and what it signs in with.
type Account struct {
	Extension, User, Secret string
}

// AddPhones adds phones, some at the same time: the unit makes each durable.
func (u *Unit) AddPhones(ctx context.Context, extensions []string) ([]Account, error) {
	list, errs := make([]Account, len(extensions)), make([]error, settingsTries)
	var all sync.WaitGroup
	c := u.Control()
	for k := range settingsTries {
		all.Go(func() {
			for i := k; i < len(list) && errs[k] == nil; i += settingsTries {
				a, err := control.Call(ctx, c, control.PhoneAdd, control.PhoneAddRequest{Extension: extensions[i]})
				if err != nil {
					errs[k] = fmt.Errorf("add phone %s: %w", extensions[i], err)
				}
				list[i] = Account{Extension: extensions[i], User: a.User, Secret: a.Secret}
			}
		})
	}
	all.Wait()
	return list, errors.Join(errs...)
}
