package app

import (
	"log/slog"
	"testing"
	"time"

	"github.com/sekisho/sekisho/fact"
)

// TestOutboxIsBounded: so many mails wait and no more, and one that is written or can't be
// makes room again; the pause between two tries doubles up to its most.
func TestOutboxIsBounded(t *testing.T) {
	a := &App{log: slog.New(slog.DiscardHandler)}
	o := newOutbox(a)
	o.want(fact.MailSet{Extension: "201", Address: "suzuki@example.jp"})
	if state := o.claim("201"); state != "" {
		t.Errorf("without a server a mail is %q", state)
	}
	a.options.Config.Alerts.Mail.Server = "mail.example.jp:587"
	if state := o.claim("202"); state != "" {
		t.Errorf("a mail that nobody wants is %q", state)
	}
	due := fact.Message{ID: "m", Mail: fact.MailDue}
	for range mailsMax {
		if state := o.claim("201"); state != fact.MailDue {
			t.Fatalf("a mail is %q", state)
		}
	}
	if state := o.claim("201"); state != fact.MailGivenUp {
		t.Errorf("one too many is %q", state)
	}
	o.put(due, false) // the disk did not take the message
	if state := o.claim("201"); state != fact.MailDue {
		t.Errorf("with room a mail is %q", state)
	}
	o.put(due, true)
	o.drop(due.ID)
	if state := o.claim("201"); state != fact.MailDue {
		t.Errorf("after one that is sent a mail is %q", state)
	}
	for tries, want := range map[int]time.Duration{
		1: mailPauseMin, 2: 2 * mailPauseMin, 4: 8 * mailPauseMin, 1000: mailPauseMax,
	} {
		if d := mailPause(tries); d != want {
			t.Errorf("after %d tries %v", tries, d)
		}
	}
}

// TestOutboxRests: while no server is there none is sent before the pause is over, and the
// one that was tried least recently is sent first.
func TestOutboxRests(t *testing.T) {
	o := newOutbox(new(App))
	now := time.Now()
	if d, wait := o.next(now); d != nil || wait != 0 {
		t.Errorf("of an empty one %+v, %v", d, wait)
	}
	o.due = []dueMail{{id: "a", next: now.Add(time.Minute)}, {id: "b", next: now.Add(-time.Minute)}}
	if d, _ := o.next(now); d == nil || d.id != "b" {
		t.Errorf("first %+v", d)
	}
	o.rests = now.Add(time.Second)
	if d, wait := o.next(now); d != nil || wait != time.Second {
		t.Errorf("while it rests %+v, %v", d, wait)
	}
	o.again(dueMail{id: "b", tries: 1}, now.Add(time.Hour))
	if d, wait := o.next(now); d != nil || wait != time.Minute {
		t.Errorf("then %+v, %v", d, wait)
	}
}

// TestUnreadSound: a mail whose sound can't be read waits, and one whose message is deleted
// is dropped; neither says that a server is away.
func TestUnreadSound(t *testing.T) {
	a := &App{log: slog.New(slog.DiscardHandler)}
	a.boxes = newMailboxes(a)
	o := newOutbox(a)
	m := fact.Message{ID: "a", Extension: "204", Mail: fact.MailDue, Left: time.Now()}
	a.boxes.takes(m.Extension, 0)
	a.boxes.put(m)
	o.due = []dueMail{{id: "a"}, {id: "b"}}
	for _, d := range o.due {
		o.unread(t.Context(), d, m, errMailbox)
	}
	if due, failures := o.waiting(); due != 1 || failures != 0 || !o.rests.IsZero() || o.due[0].next.IsZero() {
		t.Errorf("due %+v, %d failures, rests until %v", o.due, failures, o.rests)
	}
}
