package cli

import (
	"context"
	"errors"
	"io/fs"
	"os"

	"github.com/spf13/cobra"

	"github.com/sekisho/sekisho/app/control"
	"github.com/sekisho/sekisho/unit/media/music"
	"github.com/sekisho/sekisho/unit/media/prompt"
	"github.com/sekisho/sekisho/unit/media/synthesis"
	"github.com/sekisho/sekisho/wire/rtp/g711"
)

// recording is where a command takes sound from: a file, or a text that is spoken here.
type recording struct{ wav, say, in string }

// recordingFlags are those of a command that takes sound.
func (s *session) recordingFlags(c *cobra.Command) *recording {
	r := new(recording)
	c.Flags().StringVar(&r.wav, "wav", "", s.say("cli.sound.flag.wav"))
	c.Flags().StringVar(&r.say, "say", "", s.say("cli.sound.flag.say"))
	s.languageFlag(c, &r.in)
	return r
}

// languageFlag is the one that says in what language callers hear something.
func (s *session) languageFlag(c *cobra.Command, in *string) {
	c.Flags().StringVar(in, "in", prompt.Japanese, s.say("cli.sound.flag.in"))
}

// sound is the recording: µ-law at 8 kHz, as loud as what the unit says by itself; nil
// where there is none.
func (s *session) sound(ctx context.Context, r *recording) ([]byte, error) {
	var pcm []int16
	var err error
	switch {
	case r.say != "" && r.wav != "":
		return nil, control.NewProblem(control.ExitUsage, "cli.sound.both", "")
	case r.say != "":
		pcm, err = synthesis.Say(ctx, r.in, r.say)
	case r.wav != "":
		pcm, err = readSpeech(r.wav)
	}
	switch {
	case errors.Is(err, synthesis.ErrMissing):
		return nil, control.NewProblem(control.ExitFailed, "cli.sound.missing", "cli.sound.missing.do",
			synthesis.Packages(r.in))
	case errors.Is(err, synthesis.ErrLanguage):
		return nil, control.NewProblem(control.ExitUsage, "cli.sound.language", "", r.in)
	case errors.Is(err, synthesis.ErrText):
		return nil, control.NewProblem(control.ExitUsage, "cli.sound.text", "", synthesis.CharactersMax)
	case err != nil && r.say != "":
		return nil, control.NewProblem(control.ExitFailed, "cli.sound.unsaid", "", err)
	case err != nil:
		return nil, control.NewProblem(control.ExitUsage, "cli.sound.wav", "cli.sound.wav.do", r.wav, err)
	}
	mu := make([]byte, len(pcm))
	for i, x := range pcm {
		mu[i] = g711.EncodeMu(x)
	}
	return mu, nil
}

func readSpeech(path string) ([]int16, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return music.Speech(f)
}

// exportSound writes µ-law at 8 kHz to a file that must not be there yet.
func (s *session) exportSound(path string, get func() ([]byte, error)) error {
	// Made first, and never over another: what was taken from the unit may be on record.
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if errors.Is(err, fs.ErrExist) {
		return control.NewProblem(control.ExitConflict, "cli.sound.exists", "", path)
	}
	if err != nil {
		return control.NewProblem(control.ExitUsage, "cli.sound.nofile", "", err)
	}
	mu, err := get()
	if err == nil {
		err = music.WriteMu(f, mu)
	}
	if err = errors.Join(err, f.Close()); err != nil {
		return errors.Join(err, os.Remove(path))
	}
	s.printf("cli.sound.exported", path, (len(mu)+narrowRate-1)/narrowRate)
	return nil
}

// narrowRate is how many samples a second of what a unit records has.
const narrowRate = 8000
