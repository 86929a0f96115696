package cli

import (
	"strconv"

	"github.com/spf13/cobra"

	"github.com/sekisho/sekisho/app/control"
	"github.com/sekisho/sekisho/text"
)

func (s *session) mailbox() *cobra.Command {
	c := s.parent("mailbox", "cli.mailbox", s.mailboxList(), s.mailboxShow(), s.mailboxExport(), s.mailboxDelete(),
		s.mailboxGreeting(), s.mailboxKeep(), s.mailboxMail(), s.mailboxPIN(), s.mailboxUnlock())
	c.Long = s.say("cli.mailbox.long")
	return c
}

func (s *session) mailboxList() *cobra.Command {
	return &cobra.Command{
		Use: "list", Short: s.say("cli.mailbox.list"), Args: s.exactly(0),
		RunE: func(cmd *cobra.Command, _ []string) error {
			rows, err := control.Call(cmd.Context(), s.client(), control.MailboxList, control.None{})
			if err != nil {
				return err
			}
			heads := []text.Key{
				"cli.col.ext", "cli.col.new", "cli.col.heard", "cli.col.seconds", "cli.col.last",
				"cli.col.greeting", "cli.col.days", "cli.col.pin", "cli.col.mail",
			}
			return show(s, rows, heads, func(m control.Mailbox) []string {
				return []string{
					m.Extension, strconv.Itoa(m.New), strconv.Itoa(m.Heard), strconv.Itoa(m.Seconds), when(m.Last),
					s.greetingOf(m), orDash(m.Days), s.name("cli.pin.state", m.PIN), dash(m.Mail),
				}
			})
		},
	}
}

func (s *session) mailboxShow() *cobra.Command {
	return &cobra.Command{
		Use: "show " + s.say("cli.arg.ext"), Short: s.say("cli.mailbox.show"), Args: s.exactly(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			r := control.MailboxRequest{Extension: args[0]}
			rows, err := control.Call(cmd.Context(), s.client(), control.MessageList, r)
			if err != nil {
				return err
			}
			heads := []text.Key{
				"cli.col.id", "cli.col.left", "cli.col.from", "cli.col.seconds", "cli.col.heardat", "cli.col.mail",
			}
			return show(s, rows, heads, func(m control.Message) []string {
				return []string{
					m.ID, when(m.Left), dash(m.From), strconv.Itoa(m.Seconds), when(m.Heard),
					s.name("cli.mailbox.mailed", m.Mail),
				}
			})
		},
	}
}

func (s *session) mailboxExport() *cobra.Command {
	return &cobra.Command{
		Use:   "export " + s.say("cli.arg.message") + " " + s.say("cli.arg.file"),
		Short: s.say("cli.mailbox.export"), Long: s.say("cli.mailbox.export.long"), Args: s.exactly(2),
		Example: "  sekisho mailbox export 1796083200000-0123456789ab message.wav",
		RunE: func(cmd *cobra.Command, args []string) error {
			return s.exportSound(args[1], func() ([]byte, error) {
				r := control.MessageRequest{ID: args[0]}
				sound, err := control.Call(cmd.Context(), s.client(), control.MessageSound, r)
				return sound.Mu, err
			})
		},
	}
}

func (s *session) mailboxDelete() *cobra.Command {
	return &cobra.Command{
		Use: "delete " + s.say("cli.arg.message"), Short: s.say("cli.mailbox.delete"), Args: s.exactly(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			r := control.MessageRequest{ID: args[0]}
			_, err := control.Call(cmd.Context(), s.client(), control.MessageDelete, r)
			if err == nil {
				s.printf("cli.mailbox.deleted", args[0])
			}
			return err
		},
	}
}

// greetingOf says what a mailbox says.
func (s *session) greetingOf(m control.Mailbox) string {
	if m.Greeting == 0 {
		return s.say("cli.mailbox.greeting.usual")
	}
	return s.say("cli.mailbox.greeting.own", m.Greeting)
}

func (s *session) mailboxGreeting() *cobra.Command {
	var usual bool
	c := &cobra.Command{
		Use: "greeting " + s.say("cli.arg.ext"), Short: s.say("cli.mailbox.greeting"),
		Long: s.say("cli.mailbox.greeting.long"), Args: s.exactly(1),
		Example: "  sekisho mailbox greeting 201 --wav welcome.wav",
	}
	from := s.recordingFlags(c)
	c.Flags().BoolVar(&usual, "usual", false, s.say("cli.mailbox.flag.usual"))
	c.RunE = func(cmd *cobra.Command, args []string) error {
		mu, err := s.sound(cmd.Context(), from)
		if err != nil {
			return err
		}
		if usual == (len(mu) > 0) {
			return control.NewProblem(control.ExitUsage, "cli.mailbox.greeting.which", "")
		}
		says := text.Key("cli.mailbox.greeting.gone")
		if !usual {
			says = "cli.mailbox.greeting.done"
		}
		return done(s, cmd, control.MailboxGreet, control.GreetingRequest{Extension: args[0], Mu: mu}, says, args[0])
	}
	return c
}

// orDash shows a number, "-" for 0.
func orDash(n int) string {
	if n == 0 {
		return "-"
	}
	return strconv.Itoa(n)
}

func (s *session) mailboxKeep() *cobra.Command {
	var r control.RetentionRequest
	c := &cobra.Command{
		Use: "keep " + s.say("cli.mailbox.arg.days"), Short: s.say("cli.mailbox.keep"),
		Long: s.say("cli.mailbox.keep.long"), Args: s.exactly(1),
		Example: "  sekisho mailbox keep 30\n  sekisho mailbox keep 7 --extension 201",
		RunE: func(cmd *cobra.Command, args []string) error {
			n, err := strconv.Atoi(args[0])
			if args[0] == "off" {
				n, err = 0, nil
			} else if err == nil && n < 1 {
				err = strconv.ErrRange
			}
			if err != nil {
				return control.NewProblem(control.ExitUsage, "cli.mailbox.keep.bad", "", args[0])
			}
			r.Days = n
			says := text.Key("cli.mailbox.keep.done")
			if n == 0 {
				says = "cli.mailbox.keep.off"
			}
			return done(s, cmd, control.MailboxKeep, r, says)
		},
	}
	c.Flags().StringVar(&r.Extension, "extension", "", s.say("cli.mailbox.flag.extension"))
	return c
}

func (s *session) mailboxMail() *cobra.Command {
	var attach string
	var after, off bool
	c := &cobra.Command{
		Use:   "mail " + s.say("cli.arg.ext") + " [" + s.say("cli.mailbox.arg.address") + "]",
		Short: s.say("cli.mailbox.mail"), Long: s.say("cli.mailbox.mail.long"), Args: s.between(1, 2),
		Example: "  sekisho mailbox mail 201 suzuki@example.jp\n  sekisho mailbox mail 201 --off",
		RunE: func(cmd *cobra.Command, args []string) error {
			r := control.MailRequest{Extension: args[0]}
			if off == (len(args) > 1) {
				return control.NewProblem(control.ExitUsage, "cli.mailbox.mail.which", "")
			}
			if off {
				return done(s, cmd, control.MailboxMail, r, "cli.mailbox.mail.off", r.Extension)
			}
			if attach != "yes" && attach != "no" {
				return control.NewProblem(control.ExitUsage, "cli.mailbox.mail.attach", "", attach)
			}
			r.Address, r.Attach, r.Delete = args[1], attach == "yes", after
			return done(s, cmd, control.MailboxMail, r, "cli.mailbox.mail.done", r.Extension, r.Address)
		},
	}
	c.Flags().StringVar(&attach, "attach", "yes", s.say("cli.mailbox.flag.attach"))
	c.Flags().BoolVar(&after, "delete-after", false, s.say("cli.mailbox.flag.delete"))
	c.Flags().BoolVar(&off, "off", false, s.say("cli.mailbox.flag.off"))
	return c
}

func (s *session) mailboxPIN() *cobra.Command {
	var remove bool
	c := &cobra.Command{
		Use: "pin " + s.say("cli.arg.ext"), Short: s.say("cli.mailbox.pin"), Long: s.say("cli.mailbox.pin.long"),
		Args: s.exactly(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			r := control.MailboxRequest{Extension: args[0]}
			if remove {
				return done(s, cmd, control.MailboxShut, r, "cli.mailbox.pin.gone", args[0])
			}
			return asked(s, cmd, control.MailboxPIN, r, func(p control.PINGenerated) error {
				s.printf("cli.mailbox.pin.done", p.Extension, p.Digits)
				s.printf("cli.pin.once")
				return nil
			})
		},
	}
	c.Flags().BoolVar(&remove, "remove", false, s.say("cli.mailbox.flag.remove"))
	return c
}

func (s *session) mailboxUnlock() *cobra.Command {
	var r control.PINUnlockRequest
	c := &cobra.Command{
		Use: "unlock " + s.say("cli.arg.ext"), Short: s.say("cli.mailbox.unlock"), Args: s.exactly(1),
		Example: "  sekisho mailbox unlock 201 --reason " + s.say("cli.example.reason"),
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := s.needed(cmd, "reason"); err != nil {
				return err
			}
			r.Extension = args[0]
			return done(s, cmd, control.MailboxUnlock, r, "cli.mailbox.unlocked", args[0])
		},
	}
	c.Flags().StringVar(&r.Reason, "reason", "", s.say("cli.gate.flag.reason"))
	return c
}
