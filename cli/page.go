package cli

import (
	"github.com/spf13/cobra"

	"github.com/sekisho/sekisho/app/control"
	"github.com/sekisho/sekisho/fact"
)

// page says who may have other phones answer by themselves, and how zones listen.
func (s *session) page() *cobra.Command {
	right := func(word string, on bool) *cobra.Command {
		return &cobra.Command{
			Use: word + " " + s.say("cli.arg.ext"), Short: s.name("cli.page", word), Args: s.exactly(1),
			RunE: func(cmd *cobra.Command, args []string) error {
				return s.setService(cmd, control.ServiceSetRequest{
					Extension: args[0], Service: fact.ServicePage, On: on,
				})
			},
		}
	}
	multicast := &cobra.Command{
		Use:   "multicast " + s.say("cli.arg.zone") + " " + s.say("cli.arg.address"),
		Short: s.say("cli.page.multicast"), Args: s.exactly(2),
		Example: "  sekisho page multicast 400 239.0.0.1:5004",
		RunE: func(cmd *cobra.Command, args []string) error {
			return s.setService(cmd, control.ServiceSetRequest{
				Extension: args[0], Service: fact.ServiceMulticast, On: true, To: args[1],
			})
		},
	}
	unicast := &cobra.Command{
		Use: "unicast " + s.say("cli.arg.zone"), Short: s.say("cli.page.unicast"), Args: s.exactly(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return s.setService(cmd, control.ServiceSetRequest{Extension: args[0], Service: fact.ServiceMulticast})
		},
	}
	return s.parent("page", "cli.page", right("on", true), right("off", false), multicast, unicast, s.serviceList())
}
