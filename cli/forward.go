package cli

import (
	"slices"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"github.com/sekisho/sekisho/app/control"
	"github.com/sekisho/sekisho/fact"
	"github.com/sekisho/sekisho/text"
)

// forwardKinds are when calls are sent on, as it is typed.
var forwardKinds = []string{
	fact.ForwardAlways, fact.ForwardBusy, fact.ForwardUnanswered, fact.ForwardUnreachable,
}

func (s *session) forward() *cobra.Command {
	var seconds int
	set := &cobra.Command{
		Use:   "set " + s.say("cli.arg.ext") + " " + strings.Join(forwardKinds, "|") + " " + s.say("cli.arg.number"),
		Short: s.say("cli.forward.set"), Args: s.exactly(3),
		Example: "  sekisho forward set 201 unanswered 09012345678 --seconds 15",
		RunE: func(cmd *cobra.Command, args []string) error {
			return s.setService(cmd, control.ServiceSetRequest{
				Extension: args[0], Service: args[1], On: true, To: args[2], Seconds: seconds,
			})
		},
	}
	set.Flags().IntVar(&seconds, "seconds", 0, s.say("cli.forward.flag.seconds"))
	off := &cobra.Command{
		Use:   "off " + s.say("cli.arg.ext") + " " + strings.Join(forwardKinds, "|"),
		Short: s.say("cli.forward.off"), Args: s.exactly(2),
		RunE: func(cmd *cobra.Command, args []string) error {
			return s.setService(cmd, control.ServiceSetRequest{Extension: args[0], Service: args[1]})
		},
	}
	return s.parent("forward", "cli.forward", set, off, s.serviceList())
}

func (s *session) quiet() *cobra.Command {
	return s.parent("quiet", "cli.quiet",
		s.quietSwitch("on", fact.ServiceDoNotDisturb, true), s.quietSwitch("off", fact.ServiceDoNotDisturb, false),
		s.quietSwitch("one-call", fact.ServiceOneCall, true), s.quietSwitch("more-calls", fact.ServiceOneCall, false))
}

func (s *session) quietSwitch(word, service string, on bool) *cobra.Command {
	return &cobra.Command{
		Use: word + " " + s.say("cli.arg.ext"), Short: s.name("cli.quiet", word), Args: s.exactly(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return s.setService(cmd, control.ServiceSetRequest{Extension: args[0], Service: service, On: on})
		},
	}
}

func (s *session) setService(cmd *cobra.Command, r control.ServiceSetRequest) error {
	others := []string{fact.ServiceDoNotDisturb, fact.ServiceOneCall, fact.ServicePage, fact.ServiceMulticast}
	if !slices.Contains(others, r.Service) && !slices.Contains(forwardKinds, r.Service) {
		return control.NewProblem(control.ExitUsage, "cli.forward.kind", "", r.Service)
	}
	_, err := control.Call(cmd.Context(), s.client(), control.ServiceSet, r)
	switch {
	case err != nil:
		return err
	case r.Service == fact.ServiceMulticast && r.On:
		s.printf("cli.page.multicast.done", r.Extension, r.To)
	case r.To != "":
		s.printf("cli.forward.done", r.Extension, s.name("service", r.Service), r.To)
	case r.On:
		s.printf("cli.service.on", r.Extension, s.name("service", r.Service))
	default:
		s.printf("cli.service.off", r.Extension, s.name("service", r.Service))
	}
	return nil
}

func (s *session) serviceList() *cobra.Command {
	return &cobra.Command{
		Use: "list", Short: s.say("cli.forward.list"), Args: s.exactly(0),
		RunE: func(cmd *cobra.Command, _ []string) error {
			rows, err := control.Call(cmd.Context(), s.client(), control.ServiceList, control.None{})
			if err != nil {
				return err
			}
			heads := []text.Key{
				"cli.col.ext", "cli.col.service", "cli.col.to", "cli.col.seconds", "cli.col.by", "cli.col.since",
			}
			return show(s, rows, heads, func(v control.Service) []string {
				seconds := "-"
				if v.Seconds > 0 {
					seconds = strconv.Itoa(v.Seconds)
				}
				if v.Service == fact.ServiceCallerID {
					v.To = s.name("cli.caller-id", v.To)
					if v.Extension == fact.ScopeUnit {
						v.Extension = office
					}
				}
				return []string{
					v.Extension, s.name("service", v.Service), dash(v.To), seconds, v.By, when(v.At),
				}
			})
		},
	}
}
