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

func (s *session) queue() *cobra.Command {
	c := s.parent("queue", "cli.queue", s.queueList(), s.queueWaiting(), s.queueAgents(), s.queueSet(),
		s.queueRemove(), s.queuePause("pause", true), s.queuePause("resume", false))
	c.Long = s.say("cli.queue.long")
	return c
}

func (s *session) queueList() *cobra.Command {
	return &cobra.Command{
		Use: "list", Short: s.say("cli.queue.list"), Args: s.exactly(0),
		RunE: func(cmd *cobra.Command, _ []string) error {
			heads := []text.Key{
				"cli.col.queue", "cli.col.name", "cli.col.waiting", "cli.col.longest", "cli.col.free",
				"cli.col.answered", "cli.col.abandoned", "cli.col.others", "cli.col.average", "cli.col.level",
			}
			return listed(s, cmd, control.QueueList, control.None{}, heads, queueRow)
		},
	}
}

func queueRow(q control.Queue) []string {
	longest, average, level := "-", "-", "-"
	if len(q.Waiting) > 0 {
		longest = time.Since(q.Waiting[0].Since).Round(time.Second).String()
	}
	k := q.Counts
	if k.Answered > 0 {
		mean := time.Duration(k.WaitedMS/int64(k.Answered)) * time.Millisecond
		average = mean.Round(time.Second).String()
		level = fmt.Sprintf("%d%% (%ds)", 100*k.InTime/k.Answered, q.LevelSeconds)
	}
	free := 0
	for _, a := range q.Agents {
		if a.Does == "free" {
			free++
		}
	}
	return []string{
		q.Queue, dash(q.Name), fmt.Sprintf("%d/%d", len(q.Waiting), q.Most), longest,
		fmt.Sprintf("%d/%d", free, len(q.Agents)), strconv.Itoa(k.Answered), strconv.Itoa(k.Abandoned),
		strconv.Itoa(k.TooLong + k.Nobody + k.Full + k.Messages), average, level,
	}
}

// queueLine is one row about a queue: a caller or an agent.
type queueLine[T any] struct {
	Queue string `json:"queue"`
	Place int    `json:"place"`
	Of    T      `json:"of"`
}

// queueLines lists what there is of all queues.
func queueLines[T any](s *session, cmd *cobra.Command, of func(control.Queue) []T, heads []text.Key,
	row func(queueLine[T]) []string,
) error {
	all, err := control.Call(cmd.Context(), s.client(), control.QueueList, control.None{})
	if err != nil {
		return err
	}
	var rows []queueLine[T]
	for _, q := range all {
		for i, one := range of(q) {
			rows = append(rows, queueLine[T]{q.Queue, i + 1, one})
		}
	}
	return show(s, rows, heads, row)
}

func (s *session) queueWaiting() *cobra.Command {
	return &cobra.Command{
		Use: "waiting", Short: s.say("cli.queue.waiting"), Args: s.exactly(0),
		RunE: func(cmd *cobra.Command, _ []string) error {
			heads := []text.Key{
				"cli.col.queue", "cli.col.turn", "cli.col.from", "cli.col.waited", "cli.col.ringing",
			}
			of := func(q control.Queue) []control.QueueWait { return q.Waiting }
			return queueLines(s, cmd, of, heads, func(l queueLine[control.QueueWait]) []string {
				waited := time.Since(l.Of.Since).Round(time.Second).String()
				return []string{
					l.Queue, strconv.Itoa(l.Place), dash(l.Of.From), waited, dash(strings.Join(l.Of.Rings, ", ")),
				}
			})
		},
	}
}

func (s *session) queueAgents() *cobra.Command {
	return &cobra.Command{
		Use: "agents", Short: s.say("cli.queue.agents"), Args: s.exactly(0),
		RunE: func(cmd *cobra.Command, _ []string) error {
			heads := []text.Key{"cli.col.queue", "cli.col.ext", "cli.col.does"}
			of := func(q control.Queue) []control.QueueAgent { return q.Agents }
			return queueLines(s, cmd, of, heads, func(l queueLine[control.QueueAgent]) []string {
				return []string{l.Queue, l.Of.Extension, s.name("queue.agent", l.Of.Does)}
			})
		},
	}
}

func (s *session) queueSet() *cobra.Command {
	var f fact.QueueSet
	var wait, every, wrap, level time.Duration
	c := &cobra.Command{
		Use: "set " + s.say("cli.queue.arg"), Short: s.say("cli.queue.set"), Args: s.exactly(1),
		Example: "  sekisho group set 400 201,202,203 --strategy longest-idle --overflow mailbox-201\n" +
			"  sekisho queue set 400 --most 10 --wait 5m --every 30s --wrap-up 15s --message 201",
		RunE: func(cmd *cobra.Command, args []string) error {
			f.Queue = args[0]
			for _, d := range []struct {
				is time.Duration
				to *int
			}{{wait, &f.WaitSeconds}, {every, &f.EverySeconds}, {wrap, &f.WrapSeconds}, {level, &f.LevelSeconds}} {
				*d.to = int(d.is / time.Second)
			}
			if f.Lang != "" && f.Lang != "ja" && f.Lang != "en" {
				return control.NewProblem(control.ExitUsage, "cli.queue.lang", "", f.Lang)
			}
			return done(s, cmd, control.QueueSet, f, "cli.queue.done", f.Queue, f.Most)
		},
	}
	flags := c.Flags()
	flags.IntVar(&f.Most, "most", 20, s.say("cli.queue.flag.most"))
	flags.DurationVar(&wait, "wait", 10*time.Minute, s.say("cli.queue.flag.wait"))
	flags.DurationVar(&every, "every", 30*time.Second, s.say("cli.queue.flag.every"))
	flags.BoolVar(&f.Quiet, "no-place", false, s.say("cli.queue.flag.quiet"))
	flags.DurationVar(&wrap, "wrap-up", 0, s.say("cli.queue.flag.wrap"))
	flags.IntVar(&f.Misses, "misses", 3, s.say("cli.queue.flag.misses"))
	flags.DurationVar(&level, "level", 20*time.Second, s.say("cli.queue.flag.level"))
	flags.StringVar(&f.Mailbox, "message", "", s.say("cli.queue.flag.message"))
	flags.StringVar(&f.Lang, "speak", "", s.say("cli.queue.flag.speak"))
	return c
}

func (s *session) queueRemove() *cobra.Command {
	return &cobra.Command{
		Use: "remove " + s.say("cli.queue.arg"), Short: s.say("cli.queue.remove"), Args: s.exactly(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return done(s, cmd, control.QueueSet, fact.QueueSet{Queue: args[0]}, "cli.queue.gone", args[0])
		},
	}
}

// queuePause pauses an agent, or has it go on.
func (s *session) queuePause(word string, on bool) *cobra.Command {
	return &cobra.Command{
		Use: word + " " + s.say("cli.arg.ext"), Short: s.name("cli.queue", word), Args: s.exactly(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			r := control.ServiceSetRequest{Extension: args[0], Service: fact.ServicePause, On: on}
			return done(s, cmd, control.ServiceSet, r, text.Key("cli.queue."+word+".done"), args[0])
		},
	}
}
