//go:build e2e

package e2e

import (
	"net/netip"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/sekisho/sekisho/app/control"
	"github.com/sekisho/sekisho/e2e/internal/sound"
	"github.com/sekisho/sekisho/e2e/peer"
	"github.com/sekisho/sekisho/sim/ear"
)

// messageTime is how long a caller speaks to a mailbox.
const messageTime = 4 * time.Second

// loudest is how loud a tone is at best in a second of a recording.
func loudest(p sound.PCM, hz float64) float64 {
	best := -100.0
	for at := 0; at+p.Rate <= len(p.Samples); at += p.Rate / 2 {
		best = max(best, ear.Level(p.Samples[at:at+p.Rate], p.Rate, hz))
	}
	return best
}

// tells waits until baresip was told of its mailbox: Messages-Waiting, and how many are new
// and heard.
func (w *world) tells(b *peer.Baresip, waits, counts string) {
	w.Helper()
	want := "Messages-Waiting: " + waits
	_, err := b.AwaitWhere(w.ctx, want+" "+counts, func(e peer.Event) bool {
		return e.Type == "MWI_NOTIFY" && strings.Contains(e.Param, want) &&
			strings.Contains(e.Param, "Voice-Message: "+counts)
	})
	w.must(err)
}

// TestBaresipMessageLamp: a phone that watches its mailbox is told of a message that a
// caller leaves, and that it was heard and deleted.
func TestBaresipMessageLamp(t *testing.T) {
	t.Parallel()
	w := newWorldFor(t, pinTime)
	u := w.startUnit("")
	outside := w.desk()
	u.cli("line", "add", "main", "--profile", "generic-static", "--registrar", outside.String(),
		"--source", outside.Addr().String(), "--number", "0312345678=201", "--area-code", "03")
	phone := u.phone("201", "udp", true)
	phone.Local, phone.Lamp = netip.AddrPortFrom(w.addr(), peer.SIPPort), true
	b := w.baresip(phone, toneB)
	w.must(b.Registered(w.ctx))
	w.tells(b, "no", "0/0")
	u.cli("mode", "rings", "night1", "mailbox-201")
	u.cli("mode", "set", "night1", "--stay")
	caller := w.baresip(peer.Phone{Extension: askedNumber, Local: outside}, toneA)
	w.must(caller.Dial("sip:0312345678@" + netip.AddrPortFrom(u.addr, portLines).String()))
	w.established(caller)
	w.types(caller, "1")
	wait(w.ctx, messageTime)
	w.must(caller.Hangup())
	w.tells(b, "yes", "1/0")
	w.must(b.Dial("*97"))
	w.established(b)
	w.tells(b, "no", "0/1")
	w.must(b.Hangup())
	w.hungUp(b)
	u.cli("mailbox", "delete", query[[]control.Message](u, "mailbox", "show", "201")[0].ID)
	w.tells(b, "no", "0/0")
}

// TestBaresipVoicemail: a caller from the carrier's side leaves a message; *97 plays it,
// as loud as it was. The unit is killed while another caller speaks: that message alone is
// lost, and the evidence verifies.
func TestBaresipVoicemail(t *testing.T) {
	t.Parallel()
	w := newWorldFor(t, pinTime)
	u := w.startUnit("")
	outside := w.desk() // where its sound comes from, too
	u.cli("line", "add", "main", "--profile", "generic-static", "--registrar", outside.String(),
		"--source", outside.Addr().String(), "--number", "0312345678=201", "--area-code", "03")
	phone := u.phone("201", "udp", true)
	phone.Local = netip.AddrPortFrom(w.addr(), peer.SIPPort) // it listens: its own sound is dropped
	b := w.baresip(phone, toneB)
	w.must(b.Registered(w.ctx))
	u.cli("mode", "rings", "night1", "mailbox-201")
	u.cli("mode", "set", "night1", "--stay")
	caller := w.baresip(peer.Phone{Extension: askedNumber, Local: outside}, toneA)
	leaves := func() {
		w.Helper()
		w.must(caller.Dial("sip:0312345678@" + netip.AddrPortFrom(u.addr, portLines).String()))
		w.established(caller)
		w.types(caller, "1") // enough of the greeting
		wait(w.ctx, messageTime)
	}
	box := func() control.Mailbox {
		all := query[[]control.Mailbox](u, "mailbox", "list")
		return all[slices.IndexFunc(all, func(m control.Mailbox) bool { return m.Extension == "201" })]
	}
	leaves()
	w.must(caller.Hangup())
	w.hungUp(caller)
	w.until(readyTime, "the message is in the mailbox", func() bool { return box().New == 1 })
	if m := box(); m.New != 1 || m.Seconds < 2 {
		t.Fatalf("in the mailbox: %+v", m)
	}
	message := query[[]control.Message](u, "mailbox", "show", "201")[0]
	if message.From != askedNumber {
		t.Errorf("the message: %+v", message)
	}
	out := filepath.Join(w.dir, "message.wav")
	u.cli("mailbox", "export", message.ID, out)
	was, err := sound.Read(out)
	w.must(err)

	w.must(b.Dial("*97"))
	w.established(b)
	wait(w.ctx, messageTime)
	w.must(b.Hangup())
	w.hungUp(b)
	files, err := b.Heard()
	w.must(err)
	heard, err := sound.Read(files[len(files)-1])
	w.must(err)
	if got, want := loudest(heard, toneA), loudest(was, toneA); got < want-1.5 || got > want+1.5 || want < -30 {
		t.Errorf("%d Hz was left with %.1f dBm0, and is heard with %.1f", toneA, want, got)
	}

	leaves()
	u.proc.Kill()
	u.start()
	if m := box(); m.New != 0 || m.Heard != 1 {
		t.Errorf("after the kill: %+v", m)
	}
	u.cli("mailbox", "export", message.ID, filepath.Join(w.dir, "again.wav"))
	u.stop()
	if out, err := u.tryCLI("evidence", "verify"); err != nil {
		t.Errorf("the evidence does not verify: %v\n%s", err, out)
	}
}
