//go:build e2e

package e2e

import (
	"bytes"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/sekisho/sekisho/e2e/peer"
	"github.com/sekisho/sekisho/fact"
	"github.com/sekisho/sekisho/sim/ear"
)

// recorded holds that a file has the tone of each baresip on its own side, as a player finds it.
func (w *world) recorded(path string, left, right float64) {
	w.Helper()
	b, err := os.ReadFile(path)
	w.must(err)
	at := bytes.Index(b, []byte("data")) + 8
	swapped := slices.Clone(b)
	copy(swapped[at:], b[at+1:])
	for side, wav := range [][]byte{b, swapped} {
		pcm, rate, err := ear.ReadWAV(bytes.NewReader(wav))
		w.must(err)
		own, other := left, right
		if side == 1 {
			own, other = right, left
		}
		if rate != 8000 || len(pcm) < 16_000 {
			w.Fatalf("%d samples at %d Hz in %s", len(pcm), rate, filepath.Base(path))
		}
		pcm = pcm[8000:] // after the tone that tells them
		if l, o := ear.Level(pcm, rate, own), ear.Level(pcm, rate, other); l < -30 || o > l-25 {
			w.Errorf("side %d: %.0f Hz with %.1f dBm0, %.0f Hz with %.1f", side, own, l, other, o)
		}
	}
}

// TestBaresipsAreRecorded records two baresips, one of which speaks encrypted: each is on
// its own side. The unit is killed in a second call: what was said until then can be
// played as it lies there, is on record after the restart, and is given by command.
func TestBaresipsAreRecorded(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	u := w.startUnit("")
	pb := u.phone("202", "tls", true)
	pb.SRTP, pb.Answer = true, true
	a, b := w.baresip(u.phone("201", "udp", true), toneA), w.baresip(pb, toneB)
	for _, p := range []*peer.Baresip{a, b} {
		w.must(p.Registered(w.ctx))
	}
	u.cli("recording", "auto", "201")
	call := func() {
		w.must(a.Dial("202"))
		w.established(a)
		w.answers(b)
		w.talk()
	}
	call()
	w.must(a.Hangup())
	w.hungUp(a)
	w.hungUp(b)
	list := func() []fact.Recording { return query[[]fact.Recording](u, "recording", "list") }
	w.until(readyTime, "the first is over", func() bool { r := list(); return len(r) == 1 && !r[0].Ended.IsZero() })
	first := list()[0]
	if first.Why != fact.RecordingOver || first.LostMS != 0 || first.From != "201" || first.To != "202" {
		t.Errorf("recorded: %+v", first)
	}
	out := filepath.Join(w.dir, "first.wav")
	u.cli("recording", "export", first.ID, out)
	w.recorded(out, toneA, toneB)

	call()
	u.proc.Kill()
	var left string
	files, err := os.ReadDir(filepath.Join(u.data, "recordings"))
	w.must(err)
	for _, f := range files {
		if f.Name() != first.File {
			left = filepath.Join(u.data, "recordings", f.Name())
		}
	}
	w.recorded(left, toneA, toneB)
	u.start()
	all := list()
	if len(all) != 2 || all[1].Why != fact.RecordingInterrupted || all[1].Seconds < 2 || all[1].SHA256 == "" {
		t.Fatalf("after the restart: %+v", all)
	}
	out = filepath.Join(w.dir, "second.wav")
	u.cli("recording", "export", all[1].ID, out)
	w.recorded(out, toneA, toneB)
	u.cli("recording", "delete", first.ID)
	u.stop()
	if out, err := u.tryCLI("evidence", "verify"); err != nil {
		t.Errorf("the evidence does not verify: %v\n%s", err, out)
	}
}

// TestBaresipsGoOverToBeRecorded records two baresips that talk in GSM, which the unit does
// not understand: they go over to G.711, and each is on its own side. (Opus is not for this
// baresip: one that goes over from it sends packets of 1,920 samples.)
func TestBaresipsGoOverToBeRecorded(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	u := w.startUnit("")
	pa, pb := u.phone("201", "udp", true), u.phone("202", "tcp", true)
	pa.GSM, pb.GSM, pb.Answer = true, true, true
	a, b := w.baresip(pa, toneA), w.baresip(pb, toneB)
	for _, p := range []*peer.Baresip{a, b} {
		w.must(p.Registered(w.ctx))
	}
	w.must(a.Dial("202"))
	w.established(a)
	w.answers(b)
	speak := func(codec string) {
		for _, p := range []*peer.Baresip{a, b} {
			_, err := p.Expect(w.ctx, `Set audio encoder: `+codec)
			w.must(err)
		}
	}
	speak("GSM")
	u.cli("recording", "on", "201")
	speak("PCMU")
	w.talk()
	w.must(a.Hangup())
	w.hungUp(a)
	w.hungUp(b)
	list := func() []fact.Recording { return query[[]fact.Recording](u, "recording", "list") }
	w.until(readyTime, "it is over", func() bool { r := list(); return len(r) == 1 && !r[0].Ended.IsZero() })
	out := filepath.Join(w.dir, "gsm.wav")
	u.cli("recording", "export", list()[0].ID, out)
	w.recorded(out, toneA, toneB)
}
