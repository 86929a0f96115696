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
	"github.com/sekisho/sekisho/unit/attendant"
)

// mailboxes are the messages that callers have left (留守番電話), without their sound.
type mailboxes struct {
	app    *App
	wanted chan soundWanted // by scripts

	mu       sync.Mutex
	messages []fact.Message
	pending  int // messages that are being written
	bytes    int // of sound, of all
}

var (
	_ attendant.Keeper = (*mailboxes)(nil)
	_ attendant.Shelf  = (*mailboxes)(nil)
)

type soundWanted struct {
	id   string
	done func(mu []byte, err error)
}

// errMailbox says that there is no room for a message, or none such.
var errMailbox = errors.New("no such message, or no room for it")

func newMailboxes(a *App) *mailboxes {
	return &mailboxes{app: a, wanted: make(chan soundWanted, soundsMax)}
}

// load reads what was left before.
func (b *mailboxes) load(ctx context.Context) error {
	messages, err := b.app.store.Messages(ctx)
	if err != nil {
		return fmt.Errorf("messages: %w", err)
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	b.messages, b.bytes = messages, 0
	for _, m := range messages {
		b.bytes += m.Seconds * soundBytes
	}
	return nil
}

// soundBytes is how many a second of sound has.
const soundBytes = 8000

// Room tells whether a mailbox takes another message.
func (b *mailboxes) Room(extension string) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.room(extension)
}

func (b *mailboxes) room(extension string) bool {
	n := b.pending
	for _, m := range b.messages {
		if m.Extension == extension {
			n++
		}
	}
	return n < messagesMax && b.bytes < messageBytesMax
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
	b.pending++
	b.bytes += left.Seconds * soundBytes
	b.mu.Unlock()
	b.commit(fact.MessageLeft{Message: left}, func(err error) {
		b.mu.Lock()
		if b.pending--; err != nil {
			b.bytes -= left.Seconds * soundBytes
		} else {
			left.Sound = nil
			b.messages = append(b.messages, left)
		}
		b.mu.Unlock()
		done(err)
	})
}

// messageID begins with the time, so that messages stand in the order they came in.
func messageID(at time.Time) string {
	var b [6]byte
	_, _ = rand.Read(b[:]) // never fails (crypto/rand)
	return fmt.Sprintf("%d-%s", at.UnixMilli(), hex.EncodeToString(b[:]))
}

func (b *mailboxes) commit(f fact.Fact, done func(error)) {
	b.app.recorder.Commit(fact.Write{Facts: []fact.Fact{f}}, func(err error) {
		if err != nil {
			b.app.log.Error("a mailbox is not as it should be", "kind", f.Kind(), "err", err)
		}
		done(err)
	})
}

// Messages are those of a mailbox: new ones first, and of these the oldest.
func (b *mailboxes) Messages(extension string) []attendant.Message {
	b.mu.Lock()
	defer b.mu.Unlock()
	var unheard, heard []attendant.Message
	for _, m := range b.messages {
		said := attendant.Message{ID: m.ID, Extension: m.Extension, Call: m.Call, From: m.From, Left: m.Left.In(tokyo)}
		switch {
		case m.Extension != extension:
		case m.Heard.IsZero():
			unheard = append(unheard, said)
		default:
			heard = append(heard, said)
		}
	}
	for _, some := range [][]attendant.Message{unheard, heard} {
		slices.SortFunc(some, func(x, y attendant.Message) int { return strings.Compare(x.ID, y.ID) })
	}
	return append(unheard, heard...)
}

// Sound reads what was said.
func (b *mailboxes) Sound(id string, done func(mu []byte, err error)) {
	select {
	case b.wanted <- soundWanted{id, done}:
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
			mu, err := b.app.store.MessageSound(ctx, w.id)
			if err != nil {
				b.app.log.Error("a message can't be read", "err", err)
			}
			w.done(mu, err)
		}
	}
}

// Heard writes that a message was heard, the first time.
func (b *mailboxes) Heard(id string, by attendant.Caller, at time.Time) {
	b.mu.Lock()
	i := b.find(id)
	first := i >= 0 && b.messages[i].Heard.IsZero()
	if first {
		b.messages[i].Heard = at.UTC()
	}
	b.mu.Unlock()
	if first {
		f := fact.MessageHeard{ID: id, By: "phone/" + by.Device, Call: by.Call, At: at.UTC()}
		b.commit(f, func(error) {})
	}
}

// Delete deletes a message.
func (b *mailboxes) Delete(id string, by attendant.Caller, at time.Time, done func(error)) {
	b.remove(fact.MessageDeleted{ID: id, By: "phone/" + by.Device, Call: by.Call, At: at.UTC()}, done)
}

// remove deletes the message that a fact says is gone.
func (b *mailboxes) remove(f fact.MessageDeleted, done func(error)) {
	b.mu.Lock()
	i := b.find(f.ID)
	var m fact.Message
	if i >= 0 { // at once, lest two delete it
		m = b.messages[i]
		b.messages = slices.Delete(b.messages, i, i+1)
	}
	b.mu.Unlock()
	if i < 0 {
		done(errMailbox)
		return
	}
	b.commit(f, func(err error) {
		b.mu.Lock()
		if err != nil {
			b.messages = append(b.messages, m)
		} else {
			b.bytes -= m.Seconds * soundBytes
		}
		b.mu.Unlock()
		done(err)
	})
}

// list is what is in all mailboxes.
func (b *mailboxes) list() []fact.Message {
	b.mu.Lock()
	defer b.mu.Unlock()
	return slices.Clone(b.messages)
}

// has tells whether there is such a message.
func (b *mailboxes) has(id string) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.find(id) >= 0
}

func (b *mailboxes) find(id string) int {
	return slices.IndexFunc(b.messages, func(m fact.Message) bool { return m.ID == id })
}

// forgetMessages deletes the messages of an extension that has no phone any more:
// whoever has the number next must not hear them.
func (a *App) forgetMessages(ctx context.Context, extension, by string) error {
	b := a.boxes
	left := b.Messages(extension)
	if len(left) == 0 || slices.Contains(a.phones.Extensions(), extension) {
		return nil
	}
	var w fact.Write
	gone := make(map[string]bool, len(left))
	for _, m := range left {
		w.Facts = append(w.Facts, fact.MessageDeleted{ID: m.ID, By: by, At: now()})
		gone[m.ID] = true
	}
	if err := a.commit(ctx, w); err != nil {
		return err
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	b.messages = slices.DeleteFunc(b.messages, func(m fact.Message) bool {
		if gone[m.ID] {
			b.bytes -= m.Seconds * soundBytes
		}
		return gone[m.ID]
	})
	return nil
}
