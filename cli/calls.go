package cli

import (
	"strconv"
	"time"

	"github.com/spf13/cobra"

	"github.com/sekisho/sekisho/app/control"
	"github.com/sekisho/sekisho/text"
)

func (s *session) calls() *cobra.Command {
	var r control.CallsRequest
	var since time.Duration
	var live bool
	c := &cobra.Command{
		Use: "calls", Short: s.say("cli.calls"), Args: s.exactly(0),
		RunE: func(cmd *cobra.Command, _ []string) error {
			if live {
				return s.liveCalls(cmd)
			}
			if since > 0 {
				r.Since = time.Now().Add(-since).UTC()
			}
			rows, err := control.Call(cmd.Context(), s.client(), control.Calls, r)
			if err != nil {
				return err
			}
			heads := []text.Key{
				"cli.col.started", "cli.col.direction", "cli.col.from", "cli.col.to", "cli.col.talk", "cli.col.verdict",
				"cli.col.reason", "cli.col.source", "cli.col.leaf",
			}
			return show(s, rows, heads, s.callRow)
		},
	}
	c.Flags().DurationVar(&since, "since", 0, s.say("cli.calls.flag.since"))
	c.Flags().StringVar(&r.Extension, "ext", "", s.say("cli.calls.flag.ext"))
	c.Flags().IntVar(&r.Limit, "limit", 100, s.say("cli.calls.flag.limit"))
	c.Flags().BoolVar(&live, "live", false, s.say("cli.calls.flag.live"))
	return c
}

func (s *session) callRow(r control.CallRecord) []string {
	talk := "-"
	if !r.Answered.IsZero() {
		talk = r.Ended.Sub(r.Answered).Round(time.Second).String()
	}
	verdict := ""
	if r.Verdict != "" {
		verdict = s.name("gate.verb", r.Verdict) + " (" + s.rule(r.Rule) + ")"
	}
	return []string{
		when(r.Started), s.name("cli.direction", r.Direction), r.From, r.To, talk, dash(verdict),
		s.name("call.end", r.Reason), dash(r.Source), strconv.FormatUint(r.Leaf, 10),
	}
}

func (s *session) liveCalls(cmd *cobra.Command) error {
	rows, err := control.Call(cmd.Context(), s.client(), control.LiveCalls, control.None{})
	if err != nil {
		return err
	}
	heads := []text.Key{
		"cli.col.started", "cli.col.direction", "cli.col.from", "cli.col.to", "cli.col.state", "cli.col.line",
	}
	return show(s, rows, heads, func(r control.LiveCall) []string {
		return []string{
			when(r.Started), s.name("cli.direction", r.Direction), r.From, r.To,
			s.name("call.state", r.State), dash(r.Line),
		}
	})
}
