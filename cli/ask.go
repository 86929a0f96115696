package cli

import (
	"time"

	"github.com/spf13/cobra"

	"github.com/sekisho/sekisho/app/control"
	"github.com/sekisho/sekisho/text"
)

// asked asks the unit for something, and shows the answer: as JSON, or as a person
// reads it.
func asked[Req, Resp any](
	s *session, cmd *cobra.Command, op control.Op[Req, Resp], r Req, read func(Resp) error,
) error {
	answer, err := control.Call(cmd.Context(), s.client(), op, r)
	if err != nil {
		return err
	}
	if s.output == "json" {
		return writeJSON(s.out, answer)
	}
	return read(answer)
}

// listed is asked of rows, which are shown as a table.
func listed[Req, T any](
	s *session, cmd *cobra.Command, op control.Op[Req, []T], r Req, heads []text.Key, cells func(T) []string,
) error {
	rows, err := control.Call(cmd.Context(), s.client(), op, r)
	if err != nil {
		return err
	}
	return show(s, rows, heads, cells)
}

// done has the unit do something, and says that it is done.
func done[Req, Resp any](
	s *session, cmd *cobra.Command, op control.Op[Req, Resp], r Req, says text.Key, args ...any,
) error {
	_, err := control.Call(cmd.Context(), s.client(), op, r)
	if err == nil {
		s.printf(says, args...)
	}
	return err
}

// moment reads the time that a flag was given, if it was.
func moment(flag string, to *time.Time) error {
	if flag == "" {
		return nil
	}
	t, err := parseTime(flag, time.Now())
	if err == nil {
		*to = t
	}
	return err
}
