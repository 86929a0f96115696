package cli

import (
	"errors"
	"io/fs"
	"os"
	"strconv"

	"github.com/spf13/cobra"

	"github.com/sekisho/sekisho/app/control"
	"github.com/sekisho/sekisho/text"
	"github.com/sekisho/sekisho/unit/media/music"
	"github.com/sekisho/sekisho/wire/rtp/g711"
)

func (s *session) mailbox() *cobra.Command {
	c := s.parent("mailbox", "cli.mailbox", s.mailboxList(), s.mailboxShow(), s.mailboxExport(), s.mailboxDelete(),
		s.mailboxGreeting(), s.mailboxPIN(), s.mailboxUnlock())
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
				"cli.col.greeting", "cli.col.pin",
			}
			return show(s, rows, heads, func(m control.Mailbox) []string {
				return []string{
					m.Extension, strconv.Itoa(m.New), strconv.Itoa(m.Heard), strconv.Itoa(m.Seconds), when(m.Last),
					s.greetingOf(m), s.name("cli.pin.state", m.PIN),
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
			heads := []text.Key{"cli.col.id", "cli.col.left", "cli.col.from", "cli.col.seconds", "cli.col.heardat"}
			return show(s, rows, heads, func(m control.Message) []string {
				return []string{m.ID, when(m.Left), dash(m.From), strconv.Itoa(m.Seconds), when(m.Heard)}
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
			// Made first, and never over another: what was taken from the unit is on record.
			f, err := os.OpenFile(args[1], os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
			if errors.Is(err, fs.ErrExist) {
				return control.NewProblem(control.ExitConflict, "cli.mailbox.exists", "", args[1])
			}
			if err != nil {
				return control.NewProblem(control.ExitUsage, "cli.mailbox.nofile", "", err)
			}
			r := control.MessageRequest{ID: args[0]}
			sound, err := control.Call(cmd.Context(), s.client(), control.MessageSound, r)
			if err == nil {
				err = writeSound(f, sound.Mu)
			}
			if err = errors.Join(err, f.Close()); err != nil {
				return errors.Join(err, os.Remove(args[1]))
			}
			s.printf("cli.mailbox.exported", args[1], (len(sound.Mu)+narrowRate-1)/narrowRate)
			return nil
		},
	}
}

// narrowRate is how many samples a second of a message has.
const narrowRate = 8000

// writeSound writes µ-law as a recording that every player plays.
func writeSound(f *os.File, mu []byte) error {
	pcm := make([]int16, len(mu))
	for i, b := range mu {
		pcm[i] = g711.DecodeMu(b)
	}
	return music.Write(f, pcm, narrowRate)
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
	var wav string
	var usual bool
	c := &cobra.Command{
		Use: "greeting " + s.say("cli.arg.ext"), Short: s.say("cli.mailbox.greeting"),
		Long: s.say("cli.mailbox.greeting.long"), Args: s.exactly(1),
		Example: "  sekisho mailbox greeting 201 --wav welcome.wav",
		RunE: func(cmd *cobra.Command, args []string) error {
			r := control.GreetingRequest{Extension: args[0]}
			if usual == (wav != "") {
				return control.NewProblem(control.ExitUsage, "cli.mailbox.greeting.which", "")
			}
			says := text.Key("cli.mailbox.greeting.gone")
			if wav != "" {
				var err error
				if r.Mu, err = readGreeting(wav); err != nil {
					return control.NewProblem(control.ExitUsage, "cli.menu.wav", "cli.menu.silent.do", wav, err)
				}
				says = "cli.mailbox.greeting.done"
			}
			return done(s, cmd, control.MailboxGreet, r, says, args[0])
		},
	}
	c.Flags().StringVar(&wav, "wav", "", s.say("cli.mailbox.flag.wav"))
	c.Flags().BoolVar(&usual, "usual", false, s.say("cli.mailbox.flag.usual"))
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
