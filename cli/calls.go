package cli

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/sekisho/sekisho/app/control"
	"github.com/sekisho/sekisho/fact"
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
			heads := []text.Key{
				"cli.col.started", "cli.col.direction", "cli.col.from", "cli.col.to", "cli.col.talk", "cli.col.verdict",
				"cli.col.reason", "cli.col.queue", "cli.col.source", "cli.col.sound", "cli.col.leaf",
			}
			return listed(s, cmd, control.Calls, r, heads, s.callRow)
		},
	}
	c.AddCommand(s.callsCut(), s.callsOf("missed"), s.callsOf("received"), s.callsOf("dialed"))
	c.Flags().DurationVar(&since, "since", 0, s.say("cli.calls.flag.since"))
	c.Flags().StringVar(&r.Extension, "ext", "", s.say("cli.calls.flag.ext"))
	c.Flags().IntVar(&r.Limit, "limit", 100, s.say("cli.calls.flag.limit"))
	c.Flags().BoolVar(&live, "live", false, s.say("cli.calls.flag.live"))
	return c
}

// callsOf lists the calls that an extension missed, received or dialed, or that all missed.
func (s *session) callsOf(how string) *cobra.Command {
	r := control.HistoryRequest{How: how}
	c := &cobra.Command{
		Use: how, Short: s.name("cli.calls", how), Args: s.exactly(0),
		Example: "  sekisho calls " + how + " --extension 201",
		RunE: func(cmd *cobra.Command, _ []string) error {
			heads := []text.Key{"cli.col.started", "cli.col.ext", "cli.col.number", "cli.col.name"}
			if how == "missed" {
				heads = append(heads, "cli.col.rang", "cli.col.message", "cli.col.calledback")
			}
			return listed(s, cmd, control.History, r, heads, s.pastRow)
		},
	}
	c.Flags().StringVar(&r.Extension, "extension", "", s.say("cli.calls.flag.ext"))
	c.Flags().IntVar(&r.Limit, "limit", 100, s.say("cli.calls.flag.limit"))
	return c
}

func (s *session) pastRow(r control.PastCall) []string {
	number := dash(r.Number)
	if r.Mark != "" {
		number = s.say(text.Key("unit.mark."+r.Mark), r.Number)
	}
	row := []string{when(r.Started), strings.Join(r.Extensions, ", "), number, dash(r.Name)}
	if r.How != "missed" {
		return row
	}
	message := "-"
	if r.Message {
		message = s.say("cli.calls.message")
	}
	back := "-"
	if !r.CalledBack.IsZero() {
		back = when(r.CalledBack)
	}
	return append(row, (time.Duration(r.RangMS) * time.Millisecond).Round(time.Second).String(), message, back)
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
	from := r.From
	if r.Mark != "" {
		from = s.say(text.Key("unit.mark."+r.Mark), from)
	}
	return []string{
		when(r.Started), s.name("cli.direction", r.Direction), from, r.To, talk, dash(verdict),
		s.name("call.end", r.Reason), dash(queueOfCall(r)), dash(r.Source), dash(sound(r.Sound)),
		strconv.FormatUint(r.Leaf, 10),
	}
}

// queueOfCall is in which queue a call waited, for how long, and who took it from there.
func queueOfCall(r control.CallRecord) string {
	if r.Queue == "" {
		return ""
	}
	waited := time.Duration(r.WaitedMS) * time.Millisecond
	return strings.TrimSpace(r.Queue + " " + waited.Round(time.Second).String() + " " + r.Agent)
}

// sound is the worst that a leg of a call had: the part of packets that were
// lost, and the jitter.
func sound(legs []fact.Sound) string {
	if len(legs) == 0 {
		return ""
	}
	var lost float64
	var jitter time.Duration
	for _, l := range legs {
		if l.Lost > 0 {
			lost = max(lost, float64(l.Lost)/float64(l.Received+uint64(l.Lost)))
		}
		if l.PeerLost > 0 && l.Sent > 0 {
			lost = max(lost, min(1, float64(l.PeerLost)/float64(l.Sent)))
		}
		jitter = max(jitter, time.Duration(max(l.JitterUS, l.PeerJitterUS))*time.Microsecond)
	}
	return fmt.Sprintf("%.1f%% %s", 100*lost, jitter.Round(time.Millisecond))
}

func (s *session) liveCalls(cmd *cobra.Command) error {
	heads := []text.Key{
		"cli.col.started", "cli.col.direction", "cli.col.from", "cli.col.to", "cli.col.state", "cli.col.line",
	}
	return listed(s, cmd, control.LiveCalls, control.None{}, heads, func(r control.LiveCall) []string {
		return []string{
			when(r.Started), s.name("cli.direction", r.Direction), r.From, r.To,
			s.name("call.state", r.State), dash(r.Line),
		}
	})
}
