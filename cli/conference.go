package cli

import (
	"github.com/spf13/cobra"

	"github.com/sekisho/sekisho/app/control"
	"github.com/sekisho/sekisho/text"
)

// conference is about the rooms in which people hear each other.
func (s *session) conference() *cobra.Command {
	c := s.parent("conference", "cli.conference", s.conferenceList(), s.conferencePIN(), s.conferenceUnlock())
	c.Long = s.say("cli.conference.long")
	return c
}

func (s *session) conferenceList() *cobra.Command {
	return &cobra.Command{
		Use: "list", Short: s.say("cli.conference.list"), Args: s.exactly(0),
		RunE: func(cmd *cobra.Command, _ []string) error {
			heads := []text.Key{"cli.col.room", "cli.col.pin"}
			return listed(s, cmd, control.RoomList, control.None{}, heads, func(r control.Room) []string {
				return []string{r.Room, s.name("cli.pin.state", r.PIN)}
			})
		},
	}
}

func (s *session) conferencePIN() *cobra.Command {
	var remove bool
	c := &cobra.Command{
		Use: "pin " + s.say("cli.arg.room"), Short: s.say("cli.conference.pin"), Args: s.exactly(1),
		Example: "  sekisho conference pin 1",
		RunE: func(cmd *cobra.Command, args []string) error {
			r := control.Room{Room: args[0]}
			if remove {
				return done(s, cmd, control.RoomShut, r, "cli.conference.pin.gone", args[0])
			}
			return asked(s, cmd, control.RoomPIN, r, func(p control.PINGenerated) error {
				s.printf("cli.conference.pin.done", args[0], p.Digits)
				s.printf("cli.conference.pin.once")
				return nil
			})
		},
	}
	c.Flags().BoolVar(&remove, "remove", false, s.say("cli.conference.flag.remove"))
	return c
}

func (s *session) conferenceUnlock() *cobra.Command {
	var r control.RoomUnlockRequest
	c := &cobra.Command{
		Use: "unlock " + s.say("cli.arg.room"), Short: s.say("cli.conference.unlock"), Args: s.exactly(1),
		Example: "  sekisho conference unlock 1 --reason " + s.say("cli.example.reason"),
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := s.needed(cmd, "reason"); err != nil {
				return err
			}
			r.Room = args[0]
			return done(s, cmd, control.RoomUnlock, r, "cli.conference.unlocked", args[0])
		},
	}
	c.Flags().StringVar(&r.Reason, "reason", "", s.say("cli.gate.flag.reason"))
	return c
}
