package app_test

import (
	"bytes"
	"slices"
	"testing"
	"time"

	"github.com/sekisho/sekisho/app/control"
	"github.com/sekisho/sekisho/fact"
	"github.com/sekisho/sekisho/gate/challenge"
	"github.com/sekisho/sekisho/sim/ear"
	"github.com/sekisho/sekisho/sim/office"
)

// tells says a tone in a call, at the pace of speech.
func (m *mouth) tells(hz, seconds float64) {
	m.Helper()
	sound := ear.ToMu(ear.Tone(8000, hz, -16, seconds))
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for ; len(sound) >= 160; sound = sound[160:] {
		m.send(0, uint32(m.seq)*160, sound[:160])
		<-tick.C
	}
}

// TestMailboxOutlivesARestart: what is left for an extension, by a caller that hangs up,
// is there after the unit has begun anew; who hears and deletes it is on record.
func TestMailboxOutlivesARestart(t *testing.T) {
	t.Parallel()
	w, _, p := modes(t)
	box := w.phone("204", func(office.Ring) int { return 486 })
	w.must(w.service("204", fact.ForwardBusy, "mailbox", true))
	left := leaves(t, w, p)
	if left.Extension != "204" || left.From != "203" || left.Seconds < 1 || left.Call == "" {
		t.Errorf("on record: %+v", left)
	}
	w.stop()
	w.start()
	w.until("204 is registered", func() bool { return w.registered("204") })
	call := w.talksTo(box, "*97")
	m := w.mouthOf("204", call)
	if speech, level := m.hears(2*time.Second + 400*time.Millisecond); speech < 500*time.Millisecond || level < -25 {
		t.Errorf("%v with %.1f dBm0 is heard of the message", speech, level)
	}
	w.until("it is on record that it was heard", func() bool {
		heard := of[fact.MessageHeard](w.facts())
		return len(heard) == 1 && heard[0].ID == left.ID && heard[0].By == "phone/204-1"
	})
	m.press("3")
	w.until("it is on record that it was deleted", func() bool {
		deleted := of[fact.MessageDeleted](w.facts())
		return len(deleted) == 1 && deleted[0].ID == left.ID && deleted[0].By == "phone/204-1"
	})
	w.must(call.Hangup(w.ctx()))
}

// leaves has 203 leave a message for 204, and gives what is on record of it.
func leaves(t *testing.T, w *world, p *office.Phone) fact.MessageLeft {
	t.Helper()
	before := len(of[fact.MessageLeft](w.facts()))
	call := w.talksTo(p, "204")
	m := w.mouthOf("203", call)
	m.press("1") // enough of the greeting
	m.hears(time.Second)
	m.tells(700, 2)
	w.must(call.Hangup(w.ctx()))
	w.until("the message is on record", func() bool { return len(of[fact.MessageLeft](w.facts())) == before+1 })
	return of[fact.MessageLeft](w.facts())[before]
}

// TestMailboxByCommand: an administrator lists the boxes and what is in them, takes a
// copy of a message, which is on record and leaves it new, and deletes it.
func TestMailboxByCommand(t *testing.T) {
	t.Parallel()
	w, _, p := modes(t)
	w.phone("204", func(office.Ring) int { return 486 })
	w.must(w.service("204", fact.ForwardBusy, "mailbox", true))
	left := leaves(t, w, p)
	box := func() control.Mailbox {
		all, err := control.Call(w.ctx(), w.client, control.MailboxList, control.None{})
		w.must(err)
		i := slices.IndexFunc(all, func(m control.Mailbox) bool { return m.Extension == "204" })
		if i < 0 {
			t.Fatalf("204 has no mailbox: %+v", all)
		}
		return all[i]
	}
	if b := box(); b.New != 1 || b.Heard != 0 || b.Seconds != left.Seconds || !b.Last.Equal(left.Left) {
		t.Errorf("the box: %+v", b)
	}
	in := control.MailboxRequest{Extension: "204"}
	all, err := control.Call(w.ctx(), w.client, control.MessageList, in)
	w.must(err)
	if len(all) != 1 || all[0].ID != left.ID || all[0].From != "203" || !all[0].Heard.IsZero() {
		t.Errorf("in the box: %+v", all)
	}
	message := control.MessageRequest{ID: left.ID}
	sound, err := control.Call(w.ctx(), w.client, control.MessageSound, message)
	w.must(err)
	if pcm := ear.FromMu(sound.Mu); !ear.Hears(pcm, 8000, 700) {
		t.Errorf("%d samples, 700 Hz with %.1f dBm0", len(pcm), ear.Level(pcm, 8000, 700))
	}
	taken := of[fact.MessageExported](w.facts())
	if len(taken) != 1 || taken[0].ID != left.ID || taken[0].By == "" || box().New != 1 {
		t.Errorf("on record: %+v", taken)
	}
	_, err = control.Call(w.ctx(), w.client, control.MessageDelete, message)
	w.must(err)
	deleted := of[fact.MessageDeleted](w.facts())
	if len(deleted) != 1 || deleted[0].ID != left.ID || deleted[0].By != taken[0].By || box().New != 0 {
		t.Errorf("on record: %+v", deleted)
	}
	if _, err = control.Call(w.ctx(), w.client, control.MessageSound, message); err == nil {
		t.Error("a message that is deleted can be had")
	}
	if n := len(of[fact.MessageExported](w.facts())); n != 1 {
		t.Errorf("%d copies are on record", n)
	}
}

// TestMessagesGoWithTheirPhone: what was left for an extension is deleted with its last
// phone: whoever has the number next does not hear it.
func TestMessagesGoWithTheirPhone(t *testing.T) {
	t.Parallel()
	w, _, p := modes(t)
	w.phone("204", func(office.Ring) int { return 486 })
	w.must(w.service("204", fact.ForwardBusy, "mailbox", true))
	left := leaves(t, w, p)
	_, err := control.Call(w.ctx(), w.client, control.PhoneRemove, control.PhoneRequest{Phone: "204"})
	w.must(err)
	deleted := of[fact.MessageDeleted](w.facts())
	if len(deleted) != 1 || deleted[0].ID != left.ID || deleted[0].By == "" {
		t.Errorf("on record: %+v", deleted)
	}
}

// TestMailboxPIN: another extension hears a mailbox by *98 with the PIN that was drawn for
// it; who guesses wrong so often locks it, which is on record and an alert, and outlives a
// restart, until somebody unlocks it. Nobody's own PIN is touched by that.
func TestMailboxPIN(t *testing.T) {
	t.Parallel()
	w, _, p := modes(t)
	w.phone("204", func(office.Ring) int { return 486 })
	w.must(w.service("204", fact.ForwardBusy, "mailbox", true))
	left := leaves(t, w, p)
	in := control.MailboxRequest{Extension: "204"}
	drawn, err := control.Call(w.ctx(), w.client, control.MailboxPIN, in)
	w.must(err)
	enters := func(pin string) {
		t.Helper()
		before := len(of[fact.ChallengeFailed](w.facts())) + len(of[fact.ChallengePassed](w.facts()))
		call := w.talksTo(p, "*98")
		w.mouthOf("203", call).press("204#" + pin + "#")
		defer func() { w.must(call.Hangup(w.ctx())) }()
		w.until("the PIN is on record", func() bool {
			return len(of[fact.ChallengeFailed](w.facts()))+len(of[fact.ChallengePassed](w.facts())) > before
		})
		if pin == drawn.Digits {
			w.until("the message is heard", func() bool { return len(of[fact.MessageHeard](w.facts())) == 1 })
		}
	}
	enters(drawn.Digits)
	if heard := of[fact.MessageHeard](w.facts()); heard[0].ID != left.ID || heard[0].By != "phone/203-1" {
		t.Errorf("on record: %+v", heard)
	}
	for range challenge.WrongMax {
		enters("11111111")
	}
	w.until("the lock is on record", func() bool {
		failed := of[fact.ChallengeFailed](w.facts())
		last := failed[len(failed)-1]
		return last.Reason == fact.FailedLocked && last.Person == "mailbox-204" && last.Rule == "mailbox"
	})
	state := func() string {
		all, err := control.Call(w.ctx(), w.client, control.MailboxList, control.None{})
		w.must(err)
		return all[slices.IndexFunc(all, func(m control.Mailbox) bool { return m.Extension == "204" })].PIN
	}
	w.stop()
	w.start()
	if s := state(); s != "locked" {
		t.Errorf("after a restart the PIN is %s", s)
	}
	unlock := control.PINUnlockRequest{Extension: "204", Reason: "x"}
	_, err = control.Call(w.ctx(), w.client, control.MailboxUnlock, unlock)
	w.must(err)
	if s := state(); s != "set" {
		t.Errorf("unlocked it is %s", s)
	}
	pins, err := control.Call(w.ctx(), w.client, control.PINList, control.None{})
	w.must(err)
	for _, p := range pins {
		if p.State != "none" {
			t.Errorf("a PIN of a person: %+v", p)
		}
	}
	for _, f := range of[fact.PINSet](w.facts()) {
		if f.Extension != "mailbox-204" || !f.Generated || bytes.Contains(f.HashSealed, []byte(drawn.Digits)) {
			t.Errorf("on record: %+v", f)
		}
	}
}

// TestGreetingOutlivesARestart: what an administrator sets as the greeting of a mailbox is
// what callers hear, after a restart too, until it is taken away or the extension is gone;
// one that is too long is refused. The evidence holds the sound against its mark.
func TestGreetingOutlivesARestart(t *testing.T) {
	t.Parallel()
	w, _, p := modes(t)
	w.phone("204", func(office.Ring) int { return 486 })
	w.must(w.service("204", fact.ForwardBusy, "mailbox", true))
	set := func(mu []byte) error {
		r := control.GreetingRequest{Extension: "204", Mu: mu}
		_, err := control.Call(w.ctx(), w.client, control.MailboxGreet, r)
		return err
	}
	if set(ear.ToMu(ear.Tone(8000, 523, -16, 61))) == nil {
		t.Error("61 seconds are a greeting")
	}
	w.must(set(ear.ToMu(ear.Tone(8000, 523, -16, 3))))
	if set := of[fact.GreetingSet](w.facts()); len(set) != 1 || set[0].Seconds != 3 || set[0].By == "" {
		t.Errorf("on record: %+v", set)
	}
	w.stop()
	w.start()
	w.until("204 is registered", func() bool { return w.registered("204") })
	call := w.talksTo(p, "204")
	if speech, level := w.mouthOf("203", call).hears(2 * time.Second); speech < time.Second || level < -20 {
		t.Errorf("%v with %.1f dBm0 is heard of the greeting", speech, level)
	}
	w.must(call.Hangup(w.ctx()))
	_, err := control.Call(w.ctx(), w.client, control.PhoneRemove, control.PhoneRequest{Phone: "204"})
	w.must(err)
	if set := of[fact.GreetingSet](w.facts()); len(set) != 2 || set[1].Seconds != 0 {
		t.Errorf("on record: %+v", set)
	}
}

// TestRetention: a message is deleted at the next start after the days that were set for its
// mailbox, on record as the unit's doing; one that is younger stays. The days go with the
// last phone of the extension.
func TestRetention(t *testing.T) {
	w, _, p := modes(t)
	w.phone("204", func(office.Ring) int { return 486 })
	w.must(w.service("204", fact.ForwardBusy, "mailbox", true))
	left := leaves(t, w, p)
	keep := func(r control.RetentionRequest) {
		t.Helper()
		_, err := control.Call(w.ctx(), w.client, control.MailboxKeep, r)
		w.must(err)
	}
	keep(control.RetentionRequest{Days: 30})
	keep(control.RetentionRequest{Extension: "204", Days: 7})
	old := left.Message
	old.ID, old.Left = "1-old", left.Left.AddDate(0, 0, -8)
	old.Sound = fact.Bulk{0xff}
	w.stop()
	recorded(t, w.options.Data, fact.MessageLeft{Message: old})
	w.start()
	w.until("the old one is deleted", func() bool { return len(of[fact.MessageDeleted](w.facts())) == 1 })
	if f := of[fact.MessageDeleted](w.facts())[0]; f.ID != old.ID || f.By != "unit:retention" {
		t.Errorf("on record: %+v", f)
	}
	all, err := control.Call(w.ctx(), w.client, control.MessageList, control.MailboxRequest{Extension: "204"})
	w.must(err)
	if len(all) != 1 || all[0].ID != left.ID {
		t.Errorf("left: %+v", all)
	}
	_, err = control.Call(w.ctx(), w.client, control.PhoneRemove, control.PhoneRequest{Phone: "204"})
	w.must(err)
	set := of[fact.RetentionSet](w.facts())
	if last := set[len(set)-1]; last.Scope != "204" || last.Days != 0 {
		t.Errorf("on record: %+v", last)
	}
}
