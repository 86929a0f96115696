package cli

import (
	"context"
	"errors"
	"os"
	"os/signal"
	"runtime/debug"
	"strconv"
	"strings"
	"syscall"

	"github.com/spf13/cobra"

	"github.com/sekisho/sekisho/app"
	"github.com/sekisho/sekisho/app/config"
	"github.com/sekisho/sekisho/app/control"
	"github.com/sekisho/sekisho/evidence"
	"github.com/sekisho/sekisho/text"
)

func (s *session) serve() *cobra.Command {
	var file string
	c := &cobra.Command{
		Use: "serve", Short: s.say("cli.serve"), Args: s.exactly(0),
		Example: "  sekisho serve --data /var/lib/sekisho --config /etc/sekisho/sekisho.toml",
		RunE: func(cmd *cobra.Command, _ []string) error {
			cfg, err := s.load(file)
			if err != nil {
				return err
			}
			ctx, stop := signal.NotifyContext(cmd.Context(), os.Interrupt, syscall.SIGTERM)
			defer stop()
			context.AfterFunc(ctx, stop) // a second signal ends the process at once
			return app.Run(ctx, app.Options{
				Config: cfg, File: file, Data: s.data, Log: app.NewLog(cfg.Log, s.err), Alone: true,
			}, s.welcome)
		},
	}
	c.Flags().StringVar(&file, "config", "", s.say("cli.serve.flag.config"))
	return c
}

// welcome says where the unit listens and how to claim it.
func (s *session) welcome(a *app.App) {
	st := a.Status()
	s.printf("cli.serve.started", st.Unit, s.data)
	if copied := a.Stranded(); copied != "" {
		s.printf("cli.serve.stranded", s.data, copied)
	}
	if a.Away() {
		s.printf("cli.serve.away")
	}
	for _, l := range st.Listeners {
		if len(l.Digest) > 0 {
			s.printf("cli.serve.listening", s.plane(l), l.Transport, l.Addr, strings.Join(l.Digest, ", "))
		} else {
			s.printf("cli.serve.listening.other", s.plane(l), l.Transport, l.Addr, l.Name)
		}
	}
	if code := a.ClaimCode(); code != "" {
		s.printf("cli.serve.claim", code)
	}
	s.printf("cli.serve.ready")
}

// load reads a configuration; what is wrong in it is said line by line.
func (s *session) load(file string) (config.Config, error) {
	cfg, err := config.Load(file)
	if err == nil {
		return cfg, nil
	}
	if f, ok := errors.AsType[config.Findings](err); ok {
		return cfg, control.NewProblem(control.ExitUsage, "cli.config.wrong", "cli.config.wrong.do", f.Say(s.lang))
	}
	return cfg, control.NewProblem(control.ExitUsage, "cli.config.unreadable", "", err)
}

// plane is the plane of a listener for people.
func (s *session) plane(l control.Listener) string { return s.name("plane", l.Plane) }

func (s *session) claim() *cobra.Command {
	var r control.ClaimRequest
	c := &cobra.Command{
		Use: "claim " + s.say("cli.arg.code"), Short: s.say("cli.claim"), Args: s.exactly(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			r.Code = args[0]
			st, err := control.Call(cmd.Context(), s.client(), control.Claim, r)
			if err == nil {
				s.printf("cli.claimed", st.Unit, st.Owner)
			}
			return err
		},
	}
	c.Flags().StringVar(&r.Owner, "owner", "", s.say("cli.claim.flag.owner"))
	return c
}

func (s *session) status() *cobra.Command {
	return &cobra.Command{
		Use: "status", Short: s.say("cli.status"), Args: s.exactly(0),
		RunE: func(cmd *cobra.Command, _ []string) error {
			return asked(s, cmd, control.GetStatus, control.StatusRequest{}, s.stands)
		},
	}
}

// stands shows how a unit stands.
func (s *session) stands(st control.Status) error {
	claimed := s.say("cli.status.unclaimed")
	if st.Claimed {
		claimed = s.say("cli.status.claimed", st.Owner)
	}
	rows := [][]string{
		{s.say("cli.status.unit"), st.Unit + " " + st.Version},
		{s.say("cli.status.owner"), claimed},
		{s.say("cli.status.started"), when(st.Started)},
	}
	for _, l := range st.Listeners {
		at := s.plane(l) + " " + l.Transport + " " + l.Addr
		rows = append(rows, []string{s.say("cli.status.listener"), at})
	}
	for _, q := range st.Apart {
		rows = append(rows, []string{s.say("cli.status.apart"), q.What().Say(s.lang) + " (" + q.ID + ")"})
	}
	if st.PINs.Extensions > 0 {
		rows = append(rows, []string{s.say("cli.status.pins"), s.pinCount(st.PINs)})
	}
	if st.Degraded != nil {
		rows = append(rows, []string{s.say("cli.status.degraded"), st.Degraded.Say(s.lang)})
	}
	return writeTable(s.out, rows)
}

func (s *session) evidence() *cobra.Command {
	var file string
	verify := &cobra.Command{
		Use: "verify", Short: s.say("cli.evidence.verify"), Args: s.exactly(0),
		RunE: func(cmd *cobra.Command, _ []string) error {
			cfg, err := s.load(file)
			if err != nil {
				return err
			}
			r, err := app.VerifyEvidence(cmd.Context(), s.data, cfg.Store)
			if err != nil {
				return err
			}
			if s.output == "json" {
				if err := writeJSON(s.out, r); err != nil {
					return err
				}
			} else if r.OK {
				s.printf("cli.evidence.ok", r.Leaves, r.Root, r.Checkpoint)
			} else {
				s.bad(r)
			}
			if !r.OK {
				return exitCode(control.ExitEvidence)
			}
			return nil
		},
	}
	verify.Flags().StringVar(&file, "config", "", s.say("cli.evidence.flag.config"))
	return s.parent("evidence", "cli.evidence", verify)
}

// bad says what of the evidence does not verify, from which leaf on.
func (s *session) bad(r evidence.Report) {
	where := "cli.evidence.where.table"
	if r.Where == "log" || r.Where == "checkpoint" {
		where = "cli.evidence.where." + r.Where
	}
	at := "?"
	if r.BadIndex != nil {
		at = strconv.FormatUint(*r.BadIndex, 10)
	}
	if r.BadLast != nil && r.BadIndex != nil && *r.BadLast > *r.BadIndex {
		at += "–" + strconv.FormatUint(*r.BadLast, 10)
	}
	s.printf("cli.evidence.bad", at, s.say(text.Key(where)), r.Why.Say(s.lang))
}

func (s *session) doctor() *cobra.Command {
	var r control.DoctorRequest
	c := &cobra.Command{
		Use: "doctor", Short: s.say("cli.doctor"), Args: s.exactly(0),
		RunE: func(cmd *cobra.Command, _ []string) error {
			rows, err := control.Call(cmd.Context(), s.client(), control.Doctor, r)
			if err != nil {
				return err
			}
			return s.checks(rows)
		},
	}
	c.Flags().StringVar(&r.From, "from-namespace", "", s.say("cli.doctor.flag.from"))
	return c
}

func (s *session) config() *cobra.Command {
	validate := &cobra.Command{
		Use: "validate " + s.say("cli.arg.file"), Short: s.say("cli.config.validate"), Args: s.exactly(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			if _, err := s.load(args[0]); err != nil {
				return err
			}
			s.printf("cli.config.ok", args[0])
			return nil
		},
	}
	return s.parent("config", "cli.config", validate)
}

func (s *session) version() *cobra.Command {
	return &cobra.Command{
		Use: "version", Short: s.say("cli.version"), Args: s.exactly(0),
		RunE: func(cmd *cobra.Command, _ []string) error {
			v := map[string]string{"version": app.Version(), "go": ""}
			if b, ok := debug.ReadBuildInfo(); ok {
				v["go"] = b.GoVersion
			}
			if s.output == "json" {
				return writeJSON(s.out, v)
			}
			s.printf("cli.version.is", v["version"], v["go"])
			return nil
		},
	}
}

// man writes the man pages, made from the same words as --help.
func (s *session) man() *cobra.Command {
	var dir string
	c := &cobra.Command{
		Use: "man", Short: s.say("cli.man"), Args: s.exactly(0), Hidden: true,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return s.writeMan(cmd.Root(), dir)
		},
	}
	c.Flags().StringVar(&dir, "dir", "docs/man", s.say("cli.man.flag.dir"))
	return c
}
