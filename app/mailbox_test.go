package app_test

import (
	"testing"
	"time"

	"github.com/sekisho/sekisho/app/control"
	"github.com/sekisho/sekisho/fact"
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
	w, _, p := modes(t)
	box := w.phone("204", func(office.Ring) int { return 486 })
	w.must(w.service("204", fact.ForwardBusy, "mailbox", true))
	call := w.talksTo(p, "204")
	m := w.mouthOf("203", call)
	m.press("1") // enough of the greeting
	m.hears(time.Second)
	m.tells(700, 2)
	w.must(call.Hangup(w.ctx()))
	w.until("the message is on record", func() bool { return len(of[fact.MessageLeft](w.facts())) == 1 })
	left := of[fact.MessageLeft](w.facts())[0]
	if left.Extension != "204" || left.From != "203" || left.Seconds < 1 || left.Call == "" {
		t.Errorf("on record: %+v", left)
	}
	w.stop()
	w.start()
	w.until("204 is registered", func() bool { return w.registered("204") })
	call = w.talksTo(box, "*97")
	m = w.mouthOf("204", call)
	if speech, level := m.hears(time.Second + 400*time.Millisecond); speech < 500*time.Millisecond || level < -25 {
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

// TestMessagesGoWithTheirPhone: what was left for an extension is deleted with its last
// phone: whoever has the number next does not hear it.
func TestMessagesGoWithTheirPhone(t *testing.T) {
	w, _, p := modes(t)
	w.phone("204", func(office.Ring) int { return 486 })
	w.must(w.service("204", fact.ForwardBusy, "mailbox", true))
	call := w.talksTo(p, "204")
	m := w.mouthOf("203", call)
	m.press("1")
	m.hears(time.Second)
	m.tells(700, 2)
	w.must(call.Hangup(w.ctx()))
	w.until("the message is on record", func() bool { return len(of[fact.MessageLeft](w.facts())) == 1 })
	_, err := control.Call(w.ctx(), w.client, control.PhoneRemove, control.PhoneRequest{Phone: "204"})
	w.must(err)
	deleted := of[fact.MessageDeleted](w.facts())
	if len(deleted) != 1 || deleted[0].ID != of[fact.MessageLeft](w.facts())[0].ID || deleted[0].By == "" {
		t.Errorf("on record: %+v", deleted)
	}
}
