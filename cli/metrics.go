package cli

import (
	"fmt"

	"github.com/spf13/cobra"

	"github.com/sekisho/sekisho/app/control"
	"github.com/sekisho/sekisho/metrics"
)

func (s *session) metrics() *cobra.Command {
	var explain bool
	c := &cobra.Command{
		Use: "metrics", Short: s.say("cli.metrics"), Args: s.exactly(0),
		RunE: func(cmd *cobra.Command, _ []string) error {
			if explain {
				return metrics.Page(s.out, s.lang)
			}
			return asked(s, cmd, control.GetMetrics, control.None{}, func(m control.Metrics) error {
				_, err := fmt.Fprint(s.out, m.Text)
				return err
			})
		},
	}
	c.Flags().BoolVar(&explain, "explain", false, s.say("cli.metrics.flag.explain"))
	return c
}
