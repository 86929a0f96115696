package app

import (
	"errors"
	"os"
	"strconv"
	"strings"

	"github.com/sekisho/sekisho/app/control"
	"github.com/sekisho/sekisho/text"
	"github.com/sekisho/sekisho/unit/media"
	"github.com/sekisho/sekisho/unit/media/music"
)

// recording is what callers on hold hear instead of the melody: nil if that is what
// they hear. A recording that can't be played keeps no unit from starting: the
// melody is heard then, and doctor says why.
func (a *App) recording() *media.Music {
	path := a.options.Config.Media.Music
	if path == "" {
		return nil
	}
	tune, err := readTune(path)
	if err != nil {
		why := notPlayed(err)
		a.unplayed = &why
		a.log.Warn("music on hold not played", "file", path, "error", err)
		return nil
	}
	return media.NewMusic(tune)
}

func readTune(path string) (music.Tune, error) {
	f, err := os.Open(path)
	if err != nil {
		return music.Tune{}, err
	}
	defer f.Close()
	return music.Read(f)
}

// notPlayed says why a recording can't be played.
func notPlayed(err error) text.Message {
	switch {
	case errors.Is(err, music.ErrWAV):
		return text.Of("check.music.wav")
	case errors.Is(err, music.ErrFormat):
		return text.Of("check.music.format")
	case errors.Is(err, music.ErrRate):
		return text.Of("check.music.rate", rates())
	case errors.Is(err, music.ErrLength):
		return text.Of("check.music.length", music.SecondsMax)
	case errors.Is(err, music.ErrSilent):
		return text.Of("check.music.silent")
	}
	return control.Explain(err)
}

// rates are the sample rates of recordings, as people read them.
func rates() string {
	var list []string
	for _, r := range music.Rates() {
		list = append(list, strconv.Itoa(r))
	}
	return strings.Join(list, ", ")
}

// checkMusic says what callers on hold hear.
func (a *App) checkMusic() control.Check {
	path := a.options.Config.Media.Music
	c := control.Check{Name: "music", Result: control.ResultOK, Detail: text.Of("check.music.melody")}
	switch {
	case a.unplayed != nil:
		c.Of, c.Result, c.Detail = plain(path), control.ResultWarning, text.Of("check.music.unplayed", *a.unplayed)
	case path != "":
		c.Of, c.Detail = plain(path), text.Of("check.music.recording")
	}
	return c
}
