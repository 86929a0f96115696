package app

import (
	"context"
	"errors"
	"log/slog"
	"testing"

	"github.com/sekisho/sekisho/app/config"
	"github.com/sekisho/sekisho/evidence"
	"github.com/sekisho/sekisho/evidence/chain"
	"github.com/sekisho/sekisho/evidence/recorder"
	"github.com/sekisho/sekisho/fact"
)

// slowDisk keeps what waits for the disk until the test answers.
type slowDisk struct {
	recorder.Log

	waits []func(error)
}

func (d *slowDisk) Append(e chain.Entry, done func(error)) {
	if len(e.Drafts) == 0 { // a checkpoint
		d.Log.Append(e, done)
		return
	}
	d.waits = append(d.waits, done)
}

// answers has the disk answer to what waits.
func (d *slowDisk) answers(err error) {
	for _, done := range d.waits {
		done(err)
	}
	d.waits = nil
}

// slow is a unit that is not started, with a slow disk and a message for 204, which has no
// phone.
func slow(t *testing.T, m fact.Message) (*App, *slowDisk) {
	t.Helper()
	c := config.Default()
	c.Voice.Listen = []config.Listen{{Name: "udp", Transport: "udp", Addr: "127.0.7.2:0", Digest: []string{"SHA-256"}}}
	c.Voice.LineAddr = "127.0.7.2:0"
	a, err := New(t.Context(), Options{Config: c, Data: t.TempDir(), Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	signer, err := recorder.ReadKey(a.path(evidence.KeyFile))
	if err != nil {
		t.Fatal(err)
	}
	d := &slowDisk{Log: a.store}
	a.recorder, err = recorder.New(recorder.Config{Log: d, Boot: a.store.Boot(), Signer: signer})
	if err != nil {
		t.Fatal(err)
	}
	a.onClose(a.recorder.Close)
	t.Cleanup(func() {
		if err := a.close(); err != nil {
			t.Error(err)
		}
	})
	a.boxes.takes(m.Extension, m.Seconds*soundBytes)
	a.boxes.put(m)
	return a, d
}

// TestDeletedLate: a message whose deletion the disk is slow with does not come back before
// the disk has said no, whether its mail is out or its phone is gone; and it is not said
// twice that it is gone.
func TestDeletedLate(t *testing.T) {
	m := fact.Message{ID: "1-a", Extension: "204", Seconds: 2, Mail: fact.MailDue}
	sent := fact.MailSent{ID: m.ID, Extension: "204", At: now()}
	over, cancel := context.WithCancel(t.Context())
	cancel() // nobody waits any longer
	for name, gone := range map[string]func(*App) error{
		"mailed": func(a *App) error {
			return a.boxes.mailed(over, m.ID, fact.MailTaken, sent, true)
		},
		"forgotten": func(a *App) error { return a.forgetMessages(over, "204", "test") },
	} {
		a, d := slow(t, m)
		b := a.boxes
		if err := gone(a); !errors.Is(err, context.Canceled) || b.has(m.ID) || len(d.waits) != 1 {
			t.Errorf("%s, while it waits: %v, there %v, %d writes", name, err, b.has(m.ID), len(d.waits))
		}
		if err := a.forgetMessages(over, "204", "test"); err != nil || len(d.waits) != 1 {
			t.Errorf("%s, and forgotten: %v, %d writes", name, err, len(d.waits))
		}
		d.answers(errors.New("disk full"))
		if !b.has(m.ID) || b.bytes != 2*soundBytes {
			t.Errorf("%s, not written: there %v, %d bytes", name, b.has(m.ID), b.bytes)
		}
		_ = gone(a)
		d.answers(nil)
		if b.has(m.ID) || b.bytes != 0 {
			t.Errorf("%s, written: there %v, %d bytes", name, b.has(m.ID), b.bytes)
		}
	}
}

// TestForgetServicesGoesOn: one setting that can't be taken back does not keep the others.
func TestForgetServicesGoesOn(t *testing.T) {
	a, d := slow(t, fact.Message{ID: "1-a", Extension: "204"})
	a.state.routing = []fact.Routed{
		fact.ServiceSet{Extension: "204", Service: fact.ForwardAlways, On: true, To: "mailbox", At: now()},
		fact.ServiceSet{Extension: "204", Service: fact.ForwardBusy, On: true, To: "mailbox", At: now()},
	}
	over, cancel := context.WithCancel(t.Context())
	cancel()
	a.mu.Lock()
	defer a.mu.Unlock()
	if err := a.forgetServices(over, "204", "test"); err == nil || len(d.waits) != 2 {
		t.Errorf("%v, %d are tried", err, len(d.waits))
	}
}
