//go:build e2e

package e2e

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/sekisho/sekisho/e2e/internal/sound"
	"github.com/sekisho/sekisho/evidence"
	"github.com/sekisho/sekisho/fact"
	"github.com/sekisho/sekisho/store"
)

// calls has a unit that is not started yet call an extension for what is barred.
func (u *unit) calls(extension string) {
	u.Helper()
	f, err := os.OpenFile(u.config, os.O_APPEND|os.O_WRONLY, 0)
	u.must(err)
	_, err = fmt.Fprintf(f, "[[alerts.call]]\nname = \"owner\"\nnumbers = [%q]\nkinds = [\"barred\"]\n", extension)
	u.must(err)
	u.must(f.Close())
}

// sent are the alerts that reached somebody, as the evidence has them.
func (u *unit) sent() (out []fact.AlertSent) {
	u.Helper()
	r, err := store.OpenReader(u.ctx, store.Config{Path: filepath.Join(u.data, evidence.StoreFile)})
	u.must(err)
	defer r.Close()
	for record, err := range r.Leaves(u.ctx, 0) {
		u.must(err)
		f, err := record.Fact()
		u.must(err)
		if f, ok := f.(fact.AlertSent); ok {
			out = append(out, f)
		}
	}
	return out
}

// TestAnAlertByTelephone: somebody's phone tries abroad, the owner's rings and says
// so in words that are heard as they were spoken, and a 1 that is typed there
// acknowledges it in the evidence.
func TestAnAlertByTelephone(t *testing.T) {
	t.Parallel()
	w := newWorldFor(t, pinTime)
	u := w.newUnit(w.addr(), "announcements_max = 0") // a thief is refused at once
	u.calls("201")
	u.start()
	u.claim()
	p := u.phone("201", "udp", true)
	p.Answer = true
	owner, thief := w.baresip(p, toneA), w.baresip(u.phone("202", "udp", true), toneB)
	w.must(owner.Registered(w.ctx))
	w.must(thief.Registered(w.ctx))
	for range 2 {
		w.must(thief.Dial("01023276123456"))
		w.hungUp(thief)
	}
	w.answers(owner)
	began := time.Now()
	hello, barred := w.clip("alert-hello"), w.clip("alert-barred")
	whole := sound.PCM{Rate: sound.Rate, Samples: slices.Concat(hello, barred)}
	wait(w.ctx, whole.Len()+3*time.Second) // whose extension and when is being said
	w.types(owner, "1")
	w.hungUp(owner)
	t.Logf("acknowledged, thanked and hung up %v after the answer", time.Since(began))
	u.stop()
	heard := w.last(owner)
	first := float64(len(hello)) / sound.Rate
	w.must(heardClip(heard, hello, 0, 2))
	w.must(heardClip(heard, barred, first, 3))
	if heardClip(heard, w.clip("alert-money"), first, 3) == nil {
		t.Error("one alert is taken for another")
	}
	sent := u.sent()
	if len(sent) != 1 || sent[0].AlertKind != "barred" || sent[0].Acknowledged != "yes" || sent[0].Tries != 1 ||
		sent[0].Call == "" {
		t.Errorf("on record: %+v", sent)
	}
	u.cli("evidence", "verify")
}
