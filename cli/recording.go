package cli

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"strconv"

	"github.com/spf13/cobra"

	"github.com/sekisho/sekisho/app/control"
	"github.com/sekisho/sekisho/fact"
	"github.com/sekisho/sekisho/text"
)

// outside is how people name all outside calls.
const outside = "outside"

func (s *session) recording() *cobra.Command {
	c := s.parent("recording", "cli.recording", s.recordingList(), s.recordingExport(), s.recordingDelete(),
		s.recordingSwitch("on"), s.recordingSwitch("off"), s.recordingSwitch("pause"), s.recordingSwitch("resume"),
		s.recordingAuto())
	c.Long = s.say("cli.recording.long")
	return c
}

func (s *session) recordingList() *cobra.Command {
	return &cobra.Command{
		Use: "list", Short: s.say("cli.recording.list"), Args: s.exactly(0),
		RunE: func(cmd *cobra.Command, _ []string) error {
			rows, err := control.Call(cmd.Context(), s.client(), control.RecordingList, control.None{})
			if err != nil {
				return err
			}
			heads := []text.Key{
				"cli.col.id", "cli.col.began", "cli.col.seconds", "cli.col.from", "cli.col.to", "cli.col.ext",
				"cli.col.by", "cli.col.recording", "cli.col.read",
			}
			return show(s, rows, heads, func(r fact.Recording) []string {
				state, read, by := s.say("cli.recording.now"), "-", r.By
				if !r.Ended.IsZero() {
					state = s.name("recording", r.Why)
				}
				if r.Reads > 0 {
					read = strconv.Itoa(r.Reads) + ": " + r.ReadBy + " " + when(r.ReadAt)
				}
				if r.Rule != "" {
					by = recorded(r.Rule)
				}
				return []string{
					r.ID, when(r.Began), strconv.Itoa(r.Seconds), dash(r.From), dash(r.To), dash(r.Extension), by,
					state, read,
				}
			})
		},
	}
}

// recorded is what people call whose calls are recorded.
func recorded(scope string) string {
	if scope == fact.ScopeUnit {
		return outside
	}
	return scope
}

func (s *session) recordingExport() *cobra.Command {
	return &cobra.Command{
		Use:   "export " + s.say("cli.recording.arg.id") + " " + s.say("cli.arg.file"),
		Short: s.say("cli.recording.export"), Args: s.exactly(2),
		Example: "  sekisho recording export 1764570000000-1f2e3d4c5b6a call.wav",
		RunE: func(cmd *cobra.Command, args []string) error {
			given, err := control.Call(cmd.Context(), s.client(), control.RecordingGive,
				control.RecordingRequest{ID: args[0]})
			if err != nil {
				return err
			}
			if err := s.fetchRecording(cmd.Context(), given, args[1]); err != nil {
				return control.NewProblem(control.ExitFailed, "cli.recording.notwritten", "", args[1], err)
			}
			s.printf("cli.recording.exported", args[1], given.Recording.Seconds)
			return nil
		},
	}
}

var errOther = errors.New("SHA-256 is another one")

// fetchRecording writes what is given to a new file that nobody else reads.
func (s *session) fetchRecording(ctx context.Context, given control.RecordingGiven, path string) (err error) {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	defer func() {
		if err = errors.Join(err, f.Close()); err != nil {
			err = errors.Join(err, os.Remove(path))
		}
	}()
	h := sha256.New()
	for at := int64(0); ; {
		piece, err := control.Call(ctx, s.client(), control.RecordingPiece,
			control.RecordingPieceRequest{Ticket: given.Ticket, At: at})
		if err != nil {
			return err
		}
		if len(piece.Bytes) == 0 {
			break
		}
		at += int64(len(piece.Bytes))
		if _, err := io.MultiWriter(f, h).Write(piece.Bytes); err != nil {
			return fmt.Errorf("write: %w", err)
		}
	}
	if hex.EncodeToString(h.Sum(nil)) != given.Recording.SHA256 {
		return errOther
	}
	return nil
}

func (s *session) recordingDelete() *cobra.Command {
	return &cobra.Command{
		Use: "delete " + s.say("cli.recording.arg.id"), Short: s.say("cli.recording.delete"), Args: s.exactly(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			r := control.RecordingRequest{ID: args[0]}
			_, err := control.Call(cmd.Context(), s.client(), control.RecordingDelete, r)
			if err == nil {
				s.printf("cli.recording.deleted", args[0])
			}
			return err
		},
	}
}

// recordingSwitch is a command about the call that an extension talks in.
func (s *session) recordingSwitch(word string) *cobra.Command {
	return &cobra.Command{
		Use: word + " " + s.say("cli.arg.ext"), Short: s.name("cli.recording", word), Args: s.exactly(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			r := control.RecordingSwitchRequest{Extension: args[0], Want: word}
			_, err := control.Call(cmd.Context(), s.client(), control.RecordingSwitch, r)
			if err == nil {
				s.printf("cli.recording.done", args[0], s.name("cli.recording", word))
			}
			return err
		},
	}
}

func (s *session) recordingAuto() *cobra.Command {
	var off bool
	c := &cobra.Command{
		Use:   "auto [" + s.say("cli.recording.arg.scope") + "]",
		Short: s.say("cli.recording.auto"), Args: s.between(0, 1),
		Example: "  sekisho recording auto 201\n  sekisho recording auto 0312345678\n" +
			"  sekisho recording auto outside --off",
	}
	c.Flags().BoolVar(&off, "off", false, s.say("cli.recording.flag.off"))
	c.RunE = func(cmd *cobra.Command, args []string) error {
		if len(args) == 0 {
			return s.recordingRules(cmd)
		}
		r := control.RecordingAutoRequest{Scope: args[0], On: !off}
		if r.Scope == outside {
			r.Scope = fact.ScopeUnit
		}
		if _, err := control.Call(cmd.Context(), s.client(), control.RecordingAuto, r); err != nil {
			return err
		}
		if off {
			s.printf("cli.recording.auto.off", args[0])
			return nil
		}
		s.printf("cli.recording.auto.on", args[0])
		return nil
	}
	return c
}

// recordingRules lists whose calls are recorded from their beginning.
func (s *session) recordingRules(cmd *cobra.Command) error {
	rows, err := control.Call(cmd.Context(), s.client(), control.RecordingRules, control.None{})
	if err != nil {
		return err
	}
	heads := []text.Key{"cli.col.recorded", "cli.col.by", "cli.col.since"}
	return show(s, rows, heads, func(r control.RecordingRule) []string {
		return []string{recorded(r.Scope), r.By, when(r.At)}
	})
}
