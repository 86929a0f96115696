package app_test

import (
	"database/sql"
	"encoding/base64"
	"path/filepath"
	"testing"
	"time"

	"github.com/sekisho/sekisho/app/control"
	"github.com/sekisho/sekisho/evidence"
	"github.com/sekisho/sekisho/fact"
	"github.com/sekisho/sekisho/sim/ear"
	"github.com/sekisho/sekisho/sim/office"
	"github.com/sekisho/sekisho/unit/media/prompt"
)

// hearsTone tells whether the first second that is heard on a phone that calls a code is
// a tone.
func (w *world) hearsTone(p *office.Phone, code string, hz float64) bool {
	w.Helper()
	call := w.talksTo(p, code)
	heard := w.mouthOf("203", call).takes(time.Second)
	w.must(call.Hangup(w.ctx()))
	return ear.Hears(heard, 8000, hz)
}

// takes gives what is heard, until so much of it was.
func (m *mouth) takes(long time.Duration) []int16 {
	m.Helper()
	var pcm []int16
	buf := make([]byte, 2048)
	if err := m.conn.SetReadDeadline(time.Now().Add(readyTime)); err != nil {
		m.Fatal(err)
	}
	for len(pcm) < int(long.Seconds()*8000) {
		n, _, err := m.conn.ReadFrom(buf)
		if err != nil {
			m.Fatal(err)
		}
		if n > 12 && buf[1]&0x7f == 0 {
			pcm = append(pcm, ear.FromMu(buf[12:n])...)
		}
	}
	return pcm
}

// rewrite changes the books of a stopped unit behind its back.
func (w *world) rewrite(statement string, args ...any) {
	w.Helper()
	db, err := sql.Open("sqlite", filepath.Join(w.options.Data, evidence.StoreFile))
	w.must(err)
	defer db.Close()
	done, err := db.ExecContext(w.ctx(), statement, args...)
	w.must(err)
	if n, err := done.RowsAffected(); err != nil || n != 1 {
		w.Fatalf("%d rows changed, %v", n, err)
	}
}

// TestOwnAnnouncement: the owner's recording is said in place of an announcement, after a
// restart, too, and no longer when it is taken away; both are on record.
func TestOwnAnnouncement(t *testing.T) {
	t.Parallel()
	w, _, p := modes(t)
	own := control.PromptRequest{Prompt: "mode-night1", Language: prompt.Japanese}
	mu := ear.ToMu(ear.Tone(8000, 440, -16, 2))
	set := control.PromptSetRequest{PromptRequest: own, Sound: mu}
	_, err := control.Call(w.ctx(), w.client, control.PromptSet, set)
	w.must(err)
	if !w.hearsTone(p, "*8228", 440) {
		t.Error("the phone does not hear the owner's recording")
	}
	r, err := control.Call(w.ctx(), w.client, control.PromptSound, own)
	if err != nil || string(r.Sound) != string(mu) {
		t.Errorf("%d bytes are given out of %d, %v", len(r.Sound), len(mu), err)
	}
	w.stop()
	w.start()
	w.until("203 is registered", func() bool { return w.registered("203") })
	if !w.hearsTone(p, "*829", 440) {
		t.Error("not after a restart")
	}
	w.stop()
	other := base64.StdEncoding.EncodeToString(ear.ToMu(ear.Tone(8000, 440, -16, 1)))
	w.rewrite(`UPDATE setting SET value = ? WHERE name = 'prompt/ja/mode-night1'`, other)
	w.start()
	w.until("203 is registered", func() bool { return w.registered("203") })
	if w.hearsTone(p, "*829", 440) {
		t.Error("the phone hears a recording that is not the one on record")
	}
	_, err = control.Call(w.ctx(), w.client, control.PromptSet, control.PromptSetRequest{PromptRequest: own})
	w.must(err)
	if said := w.dialsCode(p, "*829"); said != "mode-night1" {
		t.Errorf("taken away, the phone hears %q", said)
	}
	facts := of[fact.PromptSet](w.facts())
	if len(facts) != 2 || len(facts[0].Sound) != 64 || !facts[1].Gone() || facts[0].By == "" ||
		facts[1].Prompt != "mode-night1" {
		t.Errorf("on record: %+v", facts)
	}
	_, err = control.Call(w.ctx(), w.client, control.PromptSet, control.PromptSetRequest{PromptRequest: own})
	if p := control.AsProblem(err); p.Exit != control.ExitNotFound {
		t.Errorf("taken away again: %v", err)
	}
	set.Prompt = "../../sekisho"
	_, err = control.Call(w.ctx(), w.client, control.PromptSet, set)
	if p := control.AsProblem(err); p.Exit != control.ExitNotFound {
		t.Errorf("no announcement: %v", err)
	}
	long := control.PromptSetRequest{
		PromptRequest: control.PromptRequest{Prompt: "pin", Language: prompt.English},
		Sound:         make([]byte, prompt.SecondsMax*8000+1),
	}
	_, err = control.Call(w.ctx(), w.client, control.PromptSet, long)
	if p := control.AsProblem(err); p.Exit != control.ExitUsage {
		t.Errorf("who waits for a PIN would wait for long: %v", err)
	}
}
