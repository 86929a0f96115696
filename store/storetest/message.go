package storetest

import (
	"bytes"
	"testing"
	"time"

	"github.com/sekisho/sekisho/fact"
)

// messagesFollow: what is left in a mailbox is there with its sound, as long as a
// message may be, until it is deleted.
func messagesFollow(t *testing.T, open Open) {
	s := open(t, nil)
	message := func(id string) fact.Message {
		return fact.Message{
			ID: id, Extension: "201", Call: "c1", From: "0312345678", Seconds: 180,
			Sound: bytes.Repeat([]byte(id), 720_000), Left: Day,
		}
	}
	marked := func(m fact.Message) fact.Message {
		m.Sound = fact.Bulk(m.Sound.Mark())
		return m
	}
	first, second := message("m1"), message("m2")
	must(t, s, facts(fact.MessageLeft{Message: second}, fact.MessageLeft{Message: first}))
	same(t, "messages", get(t, s.Messages), []fact.Message{marked(first), marked(second)})
	sound, err := s.MessageSound(t.Context(), "m2")
	if err != nil || !bytes.Equal(sound, second.Sound) {
		t.Errorf("%d bytes of sound, %v", len(sound), err)
	}

	must(t, s, facts(fact.MessageHeard{ID: "m1", By: "phone/201-1", At: Day.Add(time.Hour)}))
	first.Heard = Day.Add(time.Hour)
	same(t, "messages", get(t, s.Messages), []fact.Message{marked(first), marked(second)})

	mailed := func(want string, all ...fact.Fact) {
		must(t, s, facts(all...))
		first.Mail = want
		same(t, "messages", get(t, s.Messages), []fact.Message{marked(first), marked(second)})
	}
	mailed("", fact.MailFailed{ID: "m1", Why: "refused", Tries: 1})
	mailed(fact.MailGivenUp, fact.MailFailed{ID: "m1", Why: "refused", Tries: 9, GivenUp: true})
	mailed(fact.MailTaken, fact.MailSent{ID: "m1"})
	mailed(fact.MailTaken, fact.MailSent{ID: "gone"}, fact.MailFailed{ID: "gone", GivenUp: true})

	must(t, s, facts(fact.MessageDeleted{ID: "m2", By: "phone/201-1", At: Day}))
	same(t, "messages", get(t, s.Messages), []fact.Message{marked(first)})
	if sound, err := s.MessageSound(t.Context(), "m2"); err != nil || sound != nil {
		t.Errorf("%d bytes of sound are left, %v", len(sound), err)
	}
	for _, f := range []fact.Fact{
		fact.MessageDeleted{ID: "m2"}, fact.MessageHeard{ID: "m2"}, fact.MessageLeft{Message: first},
	} {
		if err := Write(t, s, facts(f)); err == nil {
			t.Errorf("%s of a message that can't have it", f.Kind())
		}
	}
}
