package app

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/sekisho/sekisho/fact"
	"github.com/sekisho/sekisho/unit"
	"github.com/sekisho/sekisho/unit/attendant"
)

// mailboxes are the messages that callers have left (留守番電話), without their sound.
type mailboxes struct {
	app    *App
	wanted chan soundWanted // by scripts

	mu    sync.Mutex
	boxes map[string]*box   // by extension
	in    map[string]string // extensions, by the IDs of messages
	bytes int               // of sound, of all
}

// box is the mailbox of one extension.
type box struct {
	messages []fact.Message // the oldest first
	pending  int            // messages that are being written
	bytes    int            // of sound
}

var (
	_ attendant.Keeper = (*mailboxes)(nil)
	_ attendant.Shelf  = (*mailboxes)(nil)
	_ unit.Messages    = (*mailboxes)(nil)
)

// soundWanted is a sound that is to be read.
type soundWanted struct {
	read func(context.Context) ([]byte, error)
	done func(mu []byte, err error)
}

// errMailbox says that there is no room for a message, or none such.
var errMailbox = errors.New("no such message, or no room for it")

func newMailboxes(a *App) *mailboxes {
	return &mailboxes{
		app: a, wanted: make(chan soundWanted, soundsMax), boxes: map[string]*box{}, in: map[string]string{},
	}
}

// load reads what was left before.
func (b *mailboxes) load(ctx context.Context) error {
	messages, err := b.app.store.Messages(ctx)
	if err != nil {
		return fmt.Errorf("messages: %w", err)
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	b.boxes, b.in, b.bytes = map[string]*box{}, map[string]string{}, 0
	for _, m := range messages {
		b.takes(m.Extension, m.Seconds*soundBytes)
		b.put(m)
	}
	b.app.outbox.load(b.app.state.routing, messages)
	return nil
}

// soundBytes is how many a second of sound has.
const soundBytes = 8000

// of is the mailbox of an extension, nil for an empty one.
func (b *mailboxes) of(extension string) *box { return b.boxes[extension] }

// takes sets room aside in a mailbox, or gives it back.
func (b *mailboxes) takes(extension string, bytes int) *box {
	one := b.boxes[extension]
	if one == nil {
		one = new(box)
		b.boxes[extension] = one
	}
	one.bytes += bytes
	b.bytes += bytes
	return one
}

// put adds a message for which there is room. The oldest stands first.
func (b *mailboxes) put(m fact.Message) {
	one := b.boxes[m.Extension]
	i, _ := slices.BinarySearchFunc(one.messages, m.ID, func(x fact.Message, id string) int {
		return strings.Compare(x.ID, id)
	})
	one.messages = slices.Insert(one.messages, i, m)
	b.in[m.ID] = m.Extension
}

// take takes a message out of its mailbox; ok is false where there is none such.
func (b *mailboxes) take(id string) (m fact.Message, ok bool) {
	found := b.find(id)
	if found == nil {
		return m, false
	}
	m = *found
	one := b.boxes[m.Extension]
	one.messages = slices.DeleteFunc(one.messages, func(x fact.Message) bool { return x.ID == id })
	delete(b.in, id)
	return m, true
}

// Room tells whether a mailbox takes another message.
func (b *mailboxes) Room(extension string) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.room(extension)
}

func (b *mailboxes) room(extension string) bool {
	messages, bytes := 0, 0
	if one := b.of(extension); one != nil {
		messages, bytes = len(one.messages)+one.pending, one.bytes
	}
	return messages < messagesMax && roomFor(bytes, b.bytes, len(b.app.phones.Extensions()))
}

// roomFor tells whether a mailbox that has so many bytes takes more, where all together
// have so many. While half of the room is free everybody has a mailbox's most; the other
// half is for those who have less than their share of all.
func roomFor(own, all, boxes int) bool {
	switch {
	case all >= messageBytesMax || own >= boxBytesMax:
		return false
	case all < messageBytesMax/2:
		return true
	}
	return own < messageBytesMax/max(boxes, 1)
}

// Waiting counts the messages of a mailbox.
func (b *mailboxes) Waiting(extension string) (unheard, heard int) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if one := b.of(extension); one != nil {
		for _, m := range one.messages {
			if m.Heard.IsZero() {
				unheard++
			}
		}
		heard = len(one.messages) - unheard
	}
	return unheard, heard
}

// filled are the extensions that have messages.
func (b *mailboxes) filled() (out []string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for extension, one := range b.boxes {
		if len(one.messages) > 0 {
			out = append(out, extension)
		}
	}
	return out
}

// Keep writes a message.
func (b *mailboxes) Keep(m attendant.Message, done func(error)) {
	left := fact.Message{
		ID: messageID(m.Left), Extension: m.Extension, Call: m.Call, From: m.From,
		Seconds: (len(m.Mu) + soundBytes - 1) / soundBytes, Sound: m.Mu, Left: m.Left.UTC(),
	}
	b.mu.Lock()
	if !b.room(m.Extension) {
		b.mu.Unlock()
		done(errMailbox)
		return
	}
	b.takes(m.Extension, left.Seconds*soundBytes).pending++
	b.mu.Unlock()
	left.Mail = b.app.outbox.claim(m.Extension)
	facts := []fact.Fact{fact.MessageLeft{Message: left}}
	if left.Mail == fact.MailGivenUp {
		facts = append(facts, fact.MailFailed{
			ID: left.ID, Extension: left.Extension, Why: "too-many", GivenUp: true, At: left.Left,
		})
	}
	b.commit(facts, func(err error) {
		b.mu.Lock()
		if b.of(m.Extension).pending--; err != nil {
			b.takes(m.Extension, -left.Seconds*soundBytes)
		} else {
			left.Sound = nil
			b.put(left)
		}
		b.mu.Unlock()
		b.app.outbox.put(left, err == nil)
		done(err)
		b.app.unit.MessagesChanged(m.Extension)
	})
}

// hearer names who hears a mailbox.
func hearer(who attendant.Caller) string {
	if who.Device == "" {
		return "line/" + who.Line
	}
	return "phone/" + who.Device
}

// messageID begins with the time, so that messages stand in the order they came in.
func messageID(at time.Time) string {
	var b [6]byte
	_, _ = rand.Read(b[:]) // never fails (crypto/rand)
	return fmt.Sprintf("%d-%s", at.UnixMilli(), hex.EncodeToString(b[:]))
}

func (b *mailboxes) commit(facts []fact.Fact, done func(error)) {
	b.app.recorder.Commit(fact.Write{Facts: facts}, func(err error) {
		if err != nil {
			b.app.log.Error("a mailbox is not as it should be", "kind", facts[0].Kind(), "err", err)
		}
		done(err)
	})
}

// Messages are those of a mailbox: new ones first, and of these the oldest.
func (b *mailboxes) Messages(extension string) []attendant.Message {
	var unheard, heard []attendant.Message
	for _, m := range b.list(extension) {
		said := attendant.Message{ID: m.ID, Extension: m.Extension, Call: m.Call, From: m.From, Left: m.Left.In(tokyo)}
		if m.Heard.IsZero() {
			unheard = append(unheard, said)
		} else {
			heard = append(heard, said)
		}
	}
	return append(unheard, heard...)
}

// Sound reads what was said.
func (b *mailboxes) Sound(id string, done func(mu []byte, err error)) {
	b.want(func(ctx context.Context) ([]byte, error) { return b.app.store.MessageSound(ctx, id) }, done)
}

// want has a sound read, one after the other.
func (b *mailboxes) want(read func(context.Context) ([]byte, error), done func(mu []byte, err error)) {
	select {
	case b.wanted <- soundWanted{read, done}:
	default:
		done(nil, errMailbox)
	}
}

// fetch reads sounds until ctx ends.
func (b *mailboxes) fetch(ctx context.Context) {
	for {
		select {
		case <-ctx.Done():
			return
		case w := <-b.wanted:
			mu, err := w.read(ctx)
			if err != nil {
				b.app.log.Error("a message or greeting can't be read", "err", err)
			}
			w.done(mu, err)
		}
	}
}

// Heard writes that a message was heard, the first time.
func (b *mailboxes) Heard(id string, by attendant.Caller, at time.Time) {
	b.mu.Lock()
	m := b.find(id)
	first := m != nil && m.Heard.IsZero()
	extension := ""
	if first {
		m.Heard, extension = at.UTC(), m.Extension
	}
	b.mu.Unlock()
	if first {
		f := fact.MessageHeard{ID: id, By: hearer(by), Call: by.Call, At: at.UTC()}
		b.commit([]fact.Fact{f}, func(error) {})
		b.app.unit.MessagesChanged(extension)
	}
}

// Delete deletes a message.
func (b *mailboxes) Delete(id string, by attendant.Caller, at time.Time, done func(error)) {
	b.remove(fact.MessageDeleted{ID: id, By: hearer(by), Call: by.Call, At: at.UTC()}, done)
}

// remove deletes the message that a fact says is gone.
func (b *mailboxes) remove(f fact.MessageDeleted, done func(error)) {
	b.mu.Lock()
	m, ok := b.take(f.ID) // at once, lest two delete it
	b.mu.Unlock()
	if !ok {
		done(errMailbox)
		return
	}
	b.settle([]fact.Fact{f}, []fact.Message{m}, done)
}

// settle writes what is to be said of messages that were taken out because they are deleted.
// They are put back once it is known that the disk has not taken it, and no sooner: a write
// that is late may still get there.
func (b *mailboxes) settle(facts []fact.Fact, taken []fact.Message, done func(error)) {
	b.commit(facts, func(err error) {
		b.mu.Lock()
		for _, m := range taken {
			if err != nil {
				b.put(m)
			} else {
				b.takes(m.Extension, -m.Seconds*soundBytes)
			}
		}
		b.mu.Unlock()
		done(err)
		for _, m := range taken {
			b.app.unit.MessagesChanged(m.Extension)
		}
	})
}

// mailed writes what has become of the mail about a message, and deletes the message where
// gone says so.
func (b *mailboxes) mailed(ctx context.Context, id, state string, f fact.Fact, gone bool) error {
	facts := []fact.Fact{f}
	var taken []fact.Message
	if gone {
		b.mu.Lock()
		m, ok := b.take(id) // somebody may have deleted it
		b.mu.Unlock()
		if ok {
			taken = append(taken, m)
			facts = append(facts, fact.MessageDeleted{ID: id, By: actorMail, At: now()})
		}
	}
	done := make(chan error, 1)
	b.settle(facts, taken, func(err error) {
		b.mu.Lock()
		if found := b.find(id); found != nil && err == nil {
			found.Mail = state
		}
		b.mu.Unlock()
		done <- answered(err)
	})
	return onDisk(ctx, done)
}

// message is the message with an ID.
func (b *mailboxes) message(id string) (m fact.Message, ok bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if found := b.find(id); found != nil {
		return *found, true
	}
	return m, false
}

// list is what is in a mailbox, the oldest first.
func (b *mailboxes) list(extension string) []fact.Message {
	b.mu.Lock()
	defer b.mu.Unlock()
	if one := b.of(extension); one != nil {
		return slices.Clone(one.messages)
	}
	return nil
}

// has tells whether there is such a message.
func (b *mailboxes) has(id string) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.find(id) != nil
}

// find is a message where it stands, nil for none.
func (b *mailboxes) find(id string) *fact.Message {
	one := b.of(b.in[id])
	if one == nil {
		return nil
	}
	i := slices.IndexFunc(one.messages, func(m fact.Message) bool { return m.ID == id })
	if i < 0 {
		return nil
	}
	return &one.messages[i]
}

// forgetMessages deletes the messages of an extension that has no phone any more:
// whoever has the number next must not hear them.
func (a *App) forgetMessages(ctx context.Context, extension, by string) error {
	if slices.Contains(a.phones.Extensions(), extension) {
		return nil
	}
	b := a.boxes
	var facts []fact.Fact
	var taken []fact.Message
	b.mu.Lock()
	if one := b.of(extension); one != nil {
		for _, m := range slices.Clone(one.messages) {
			if m, ok := b.take(m.ID); ok { // at once, lest a mail deletes it meanwhile
				taken = append(taken, m)
				facts = append(facts, fact.MessageDeleted{ID: m.ID, By: by, At: now()})
			}
		}
	}
	b.mu.Unlock()
	if len(taken) == 0 {
		return nil
	}
	done := make(chan error, 1)
	b.settle(facts, taken, func(err error) { done <- answered(err) })
	return onDisk(ctx, done)
}
