package app_test

import (
	"os"
	"path/filepath"
	"reflect"
	"testing"

	"github.com/sekisho/sekisho/app/config"
	"github.com/sekisho/sekisho/app/control"
	"github.com/sekisho/sekisho/sim/ear"
	"github.com/sekisho/sekisho/text"
)

// A unit plays the recording that its owner has named. One that can't be played
// keeps no unit from starting; the doctor says why.
func TestDoctorKnowsTheMusic(t *testing.T) {
	dir := t.TempDir()
	good, bad := filepath.Join(dir, "good.wav"), filepath.Join(dir, "bad.mp3")
	f, err := os.Create(good)
	if err != nil {
		t.Fatal(err)
	}
	if err := ear.WriteWAV(f, ear.Tone(44100, 1000, -20, 2), 44100); err != nil {
		t.Fatal(err)
	}
	f.Close()
	if err := os.WriteFile(bad, []byte("ID3 and the rest of a song"), 0o600); err != nil {
		t.Fatal(err)
	}
	for file, want := range map[string]control.Check{
		"":   {Result: control.ResultOK, Detail: text.Of("check.music.melody")},
		good: {Result: control.ResultOK, Detail: text.Of("check.music.recording")},
		bad: {
			Result: control.ResultWarning, Detail: text.Of("check.music.unplayed", text.Of("check.music.wav")),
		},
		dir + "/none.wav": {
			Result: control.ResultWarning,
			Detail: text.Of("check.music.unplayed", control.Explain(missing(dir+"/none.wav"))),
		},
	} {
		w := newWorldWith(t, func(_ *world, c *config.Config) { c.Media.Music = file }, nil)
		checks, err := control.Call(w.ctx(), w.client, control.Doctor, control.DoctorRequest{})
		w.must(err)
		var got control.Check
		for _, c := range checks {
			if c.Name == "music" {
				got = c
			}
		}
		if got.Result != want.Result || !reflect.DeepEqual(got.Detail, want.Detail) {
			t.Errorf("%q: %s %s, want %s %s",
				file, got.Result, got.Detail.Say(text.EN), want.Result, want.Detail.Say(text.EN))
		}
	}
}

func missing(path string) error {
	_, err := os.Open(path)
	return err
}
