package app_test

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/sekisho/sekisho/app/config"
	"github.com/sekisho/sekisho/app/control"
	"github.com/sekisho/sekisho/fact"
	"github.com/sekisho/sekisho/sim/ear"
	"github.com/sekisho/sekisho/sim/office"
)

// recorded is the recordings there are.
func (w *world) recorded() []fact.Recording {
	w.Helper()
	list, err := control.Call(w.ctx(), w.client, control.RecordingList, control.None{})
	w.must(err)
	return list
}

// exits holds that an operation fails with an exit code.
func exits[T any](t *testing.T, want int) func(T, error) {
	return func(_ T, err error) {
		t.Helper()
		if p, ok := errors.AsType[*control.Problem](err); !ok || p.Exit != want {
			t.Errorf("%v, want exit code %d", err, want)
		}
	}
}

// auto has calls of a scope be recorded from their beginning.
func (w *world) auto(scope string, on bool) (control.None, error) {
	return control.Call(w.ctx(), w.client, control.RecordingAuto, control.RecordingAutoRequest{Scope: scope, On: on})
}

// fetched is what the left side says in a recording that is given.
func (w *world) fetched(ticket string, r fact.Recording) []int16 {
	w.Helper()
	var all []byte
	for {
		piece, err := control.Call(w.ctx(), w.client, control.RecordingPiece,
			control.RecordingPieceRequest{Ticket: ticket, At: int64(len(all))})
		w.must(err)
		if len(piece.Bytes) == 0 {
			break
		}
		all = append(all, piece.Bytes...)
	}
	pcm, rate, err := ear.ReadWAV(bytes.NewReader(all))
	if err != nil || rate != 8000 || int64(len(all)) != r.Bytes || len(pcm) < 16_000 {
		w.Fatalf("%d samples of %d bytes, %v", len(pcm), len(all), err)
	}
	return pcm
}

// accessIsOnRecord holds that it is on record who paused, was given and deleted a recording.
func (w *world) accessIsOnRecord(id string) {
	w.Helper()
	facts := w.facts()
	reads, paused := of[fact.RecordingRead](facts), of[fact.RecordingPaused](facts)
	if len(reads) != 2 || reads[0].Changed || !reads[1].Changed || reads[0].By == "" || reads[0].ID != id {
		w.Errorf("given: %+v", reads)
	}
	if len(paused) != 2 || !paused[0].On || paused[1].On || paused[0].By != reads[0].By {
		w.Errorf("paused: %+v", paused)
	}
	if d := of[fact.RecordingDeleted](facts); len(d) != 1 || d[0].By != reads[0].By || len(w.recorded()) != 0 {
		w.Errorf("deleted: %+v", d)
	}
}

// TestRecordingsByCommand: a call that a rule has be recorded is in a file whose hash is on
// record; it is there after a restart, with what is set; who is given it and who deletes it
// is on record, and a file that was changed is not given.
func TestRecordingsByCommand(t *testing.T) {
	t.Parallel()
	w, _, p := modes(t)
	w.phone("204", func(office.Ring) int { return 200 })
	exits[control.None](t, control.ExitNotFound)(w.auto("299", true))
	_, err := w.auto("203", true)
	w.must(err)
	w.stop()
	w.start()
	w.until("both are registered", func() bool { return w.registered("203") && w.registered("204") })
	rules, err := control.Call(w.ctx(), w.client, control.RecordingRules, control.None{})
	if err != nil || len(rules) != 1 || rules[0].Scope != "203" {
		t.Fatalf("rules: %+v, %v", rules, err)
	}
	call := w.talksTo(p, "204")
	m := w.mouthOf("203", call)
	w.until("it is recorded", func() bool { return len(w.recorded()) == 1 })
	m.tells(700, 2)
	r := w.recorded()[0]
	request := control.RecordingRequest{ID: r.ID}
	give := func() (control.RecordingGiven, error) {
		return control.Call(w.ctx(), w.client, control.RecordingGive, request)
	}
	exits[control.RecordingGiven](t, control.ExitConflict)(give())
	switched := func(want string) (control.None, error) {
		return control.Call(w.ctx(), w.client, control.RecordingSwitch,
			control.RecordingSwitchRequest{Extension: "204", Want: want})
	}
	_, err = switched("pause")
	w.must(err)
	m.tells(1900, 1)
	_, err = switched("resume")
	w.must(err)
	w.must(call.Hangup(w.ctx()))
	exits[control.None](t, control.ExitNotFound)(switched("on"))
	w.until("it is over", func() bool { r = w.recorded()[0]; return !r.Ended.IsZero() })
	if r.From != "203" || r.To != "204" || r.Rule != "203" || r.By != "unit" || r.Seconds < 3 {
		t.Errorf("recorded: %+v", r)
	}
	given, err := give()
	w.must(err)
	pcm := w.fetched(given.Ticket, r)
	if ear.Level(pcm[2000:14_000], 8000, 700) < -32 || ear.Level(pcm, 8000, 1900) > -50 {
		t.Errorf("203: 700 Hz with %.1f dBm0, 1900 Hz with %.1f",
			ear.Level(pcm, 8000, 700), ear.Level(pcm, 8000, 1900))
	}
	path := filepath.Join(w.options.Data, "recordings", r.File)
	w.must(os.WriteFile(path, []byte("another one"), 0o600))
	exits[control.RecordingGiven](t, control.ExitEvidence)(give())
	_, err = control.Call(w.ctx(), w.client, control.RecordingDelete, request)
	w.must(err)
	if _, err := os.Stat(path); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("the file is there: %v", err)
	}
	exits[control.RecordingGiven](t, control.ExitNotFound)(give())
	w.accessIsOnRecord(r.ID)
	_, err = w.auto("203", false)
	w.must(err)
	call = w.talksTo(p, "204")
	w.mouthOf("203", call).tells(700, 0.2) // it would be in a recording
	w.must(call.Hangup(w.ctx()))
	if n := len(w.recorded()); n != 0 {
		t.Errorf("%d recordings of whom no rule names", n)
	}
}

// TestNoRoomForRecordings: that recordings have no more room is an alert of its own words,
// and that they have some again.
func TestNoRoomForRecordings(t *testing.T) {
	p := newPostbox(t)
	_, alerts := p.open("")
	alerts.Thresholds.Safeguard = 1
	w := newWorldWith(t, func(_ *world, c *config.Config) { c.Alerts, c.Recording.Gigabytes = alerts, 1 }, nil)
	large := fact.Recording{ID: "1-large", File: "large.wav", Call: "c", By: "unit", Began: time.Now().UTC()}
	w.stop()
	recorded(t, w.options.Data, fact.RecordingBegun{Recording: large}, fact.RecordingEnded{
		ID: large.ID, Why: fact.RecordingOver, Seconds: 60, Bytes: 1 << 30, At: large.Began.Add(time.Minute),
	})
	w.start()
	w.until("the alert is there", func() bool { _, ok := p.both("safeguard begun"); return ok })
	p.mu.Lock()
	for _, m := range p.posts {
		if m.kind == "safeguard begun" && !strings.Contains(m.text, "通話はそのまま続けられます") {
			t.Errorf("the alert: %s", m.text)
		}
	}
	p.mu.Unlock()
	_, err := control.Call(w.ctx(), w.client, control.RecordingDelete, control.RecordingRequest{ID: large.ID})
	w.must(err)
	w.until("that it is over is there", func() bool { _, ok := p.both("safeguard over"); return ok })
}

// TestServicesGoWithTheirPhone: what an extension has set is off with its last phone: whoever
// has the number next is neither recorded nor forwarded by it.
func TestServicesGoWithTheirPhone(t *testing.T) {
	w := newWorld(t, nil)
	w.phone("204", nil)
	w.phone("205", nil)
	for _, extension := range []string{"204", "205"} {
		_, err := w.auto(extension, true)
		w.must(err)
	}
	w.must(w.service("204", fact.ForwardBusy, "mailbox", true))
	_, err := control.Call(w.ctx(), w.client, control.PhoneRemove, control.PhoneRequest{Phone: "204"})
	w.must(err)
	left, err := control.Call(w.ctx(), w.client, control.ServiceList, control.None{})
	w.must(err)
	if len(left) != 1 || left[0].Extension != "205" || left[0].Service != fact.ServiceRecord {
		t.Errorf("left: %+v", left)
	}
}
