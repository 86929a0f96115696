package cli

import (
	"fmt"
	"io"
	"os"
	"os/signal"
	"strings"
	"sync"
	"syscall"
	"time"

	"github.com/spf13/cobra"
	"golang.org/x/term"

	"github.com/sekisho/sekisho/app/control"
	"github.com/sekisho/sekisho/app/demo"
	"github.com/sekisho/sekisho/sim/attack"
	"github.com/sekisho/sekisho/text"
)

func (s *session) demo() *cobra.Command {
	var once bool
	c := &cobra.Command{
		Use: "demo", Short: s.say("cli.demo"), Args: s.exactly(0),
		RunE: func(cmd *cobra.Command, _ []string) error {
			ctx, stop := signal.NotifyContext(cmd.Context(), os.Interrupt, syscall.SIGTERM)
			defer stop()
			d, err := demo.Open(ctx, demo.Options{Log: s.err})
			if err != nil {
				return err
			}
			defer func() {
				if err := d.Close(); err != nil {
					fmt.Fprintln(s.err, "sekisho:", err)
				}
			}()
			if err := s.introduce(d); err != nil {
				return err
			}
			r, err := s.replay(cmd, d)
			if err != nil {
				return err
			}
			if err := s.verdict(r); err != nil {
				return err
			}
			if !r.Held() {
				return exitCode(control.ExitFailed)
			}
			if once {
				return nil
			}
			s.tell("cli.demo.stays")
			<-ctx.Done()
			stop()
			return nil
		},
	}
	c.Flags().BoolVar(&once, "once", false, s.say("cli.demo.flag.once"))
	return c
}

// introduce prints the accounts for phones of one's own. With -o json the
// standard output is the table's alone.
func (s *session) introduce(d *demo.Demo) error {
	s.tell("cli.demo.intro")
	for _, a := range d.Accounts() {
		var servers []string
		for _, l := range a.Servers {
			servers = append(servers, l.Addr+";transport="+l.Transport)
		}
		s.tell("cli.demo.account", a.Extension, a.User, a.Secret, strings.Join(servers, "  "))
	}
	s.tell("cli.demo.carrier", d.CarrierAddr(), d.Numbers())
	s.tell("cli.demo.data", d.Data())
	return nil
}

// tell is for people: beside a JSON table it goes to standard error.
func (s *session) tell(k text.Key, args ...any) {
	w := s.out
	if s.output == "json" {
		w = s.err
	}
	fmt.Fprintln(w, s.say(k, args...))
}

// replay runs the control and the attack, with a bar.
func (s *session) replay(cmd *cobra.Command, d *demo.Demo) (attack.Result, error) {
	c, err := d.Control(cmd.Context())
	if err != nil {
		return attack.Result{}, err
	}
	s.tell("cli.demo.control", c.Reached, c.BilledYen)
	s.tell("cli.demo.attack")
	bar := &progress{s: s, start: time.Now(), terminal: isTerminal(s.err)}
	r, err := d.Attack(cmd.Context(), bar.show)
	bar.end()
	return r, err
}

// progress draws one line that is drawn over.
type progress struct {
	s        *session
	terminal bool
	mu       sync.Mutex
	drawn    time.Time
	start    time.Time
}

const (
	barWidth = 40
	barEvery = 100 * time.Millisecond
	logEvery = 5 * time.Second
)

func (p *progress) show(done, of int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	now := time.Now()
	every, from, end := barEvery, "\r", ""
	if !p.terminal { // a log gets a line now and then
		every, from, end = logEvery, "", "\n"
	}
	if now.Sub(p.drawn) < every && done < of {
		return
	}
	p.drawn = now
	full := barWidth * done / of
	bar := strings.Repeat("#", full) + strings.Repeat(".", barWidth-full)
	fmt.Fprintf(p.s.err, "%s  [%s] %d/%d%s", from, bar, done, of, end)
}

// isTerminal tells whether somebody looks at w.
func isTerminal(w io.Writer) bool {
	f, ok := w.(*os.File)
	return ok && term.IsTerminal(int(f.Fd()))
}

func (p *progress) end() {
	fmt.Fprintf(p.s.err, "  %.1f s\n", time.Since(p.start).Seconds())
}

// verdict shows the table, counted by the carrier's books and the phones.
func (s *session) verdict(r attack.Result) error {
	if s.output == "json" {
		return writeJSON(s.out, r)
	}
	rows := [][]string{
		{s.say("cli.demo.attempts"), fmt.Sprintf("%d (%d + %d)", r.Attempts, r.Wave1, r.Wave2)},
		{s.say("cli.demo.reached"), fmt.Sprint(r.ReachedCarrier)},
		{s.say("cli.demo.billed"), fmt.Sprintf("¥%d", r.BilledYen)},
		{s.say("cli.demo.domestic"), fmt.Sprintf("%d / %d", r.DomesticOK, r.DomesticTried)},
		{s.say("cli.demo.emergency"), fmt.Sprintf("%d / %d", r.EmergencyOK, r.EmergencyTried)},
		{s.say("cli.demo.refusal"), fmt.Sprintf("%.1f ms", r.RefusalMSP99)},
		{s.say("cli.demo.ungated"), fmt.Sprint(r.Ungated)},
		{s.say("cli.demo.recorded"), fmt.Sprint(r.Recorded)},
	}
	if err := writeTable(s.out, rows); err != nil {
		return err
	}
	if r.Held() {
		s.printf("cli.demo.held")
	} else {
		s.printf("cli.demo.leaked")
	}
	return nil
}
