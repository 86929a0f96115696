package cli

import (
	"github.com/spf13/cobra"

	"github.com/sekisho/sekisho/app/control"
	"github.com/sekisho/sekisho/fact"
)

// office is how people name all extensions that have nothing of their own.
const office = "office"

// callerID says what outside calls show of who calls.
func (s *session) callerID() *cobra.Command {
	set := func(word string, on bool) *cobra.Command {
		return &cobra.Command{
			Use:   word + " " + s.say("cli.arg.ext") + "|" + office,
			Short: s.name("cli.caller-id", word), Args: s.exactly(1),
			RunE: func(cmd *cobra.Command, args []string) error {
				r := control.ServiceSetRequest{Extension: args[0], Service: fact.ServiceCallerID, On: on}
				if on {
					r.To = word
				}
				if r.Extension == office {
					r.Extension = fact.ScopeUnit
				}
				if _, err := control.Call(cmd.Context(), s.client(), control.ServiceSet, r); err != nil {
					return err
				}
				s.printf("cli.caller-id.done", args[0], s.name("cli.caller-id", word))
				return nil
			},
		}
	}
	c := s.parent("caller-id", "cli.caller-id", set(fact.CallerIDWithhold, true), set(fact.CallerIDShow, true),
		set(fact.CallerIDContract, true), set("clear", false), s.serviceList())
	c.Long = s.say("cli.caller-id.long")
	return c
}
