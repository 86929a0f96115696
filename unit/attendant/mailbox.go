package attendant

import (
	"time"

	"github.com/sekisho/sekisho/text"
	"github.com/sekisho/sekisho/text/speech"
	"github.com/sekisho/sekisho/unit/call"
)

// Keeper keeps messages in the mailboxes of a unit.
type Keeper interface {
	// Room tells whether a mailbox takes another message.
	Room(extension string) bool
	// Keep keeps a message, and calls done once, from any goroutine, when it is on disk.
	Keep(m Message, done func(error))
}

// Shelf has the messages in the mailboxes of a unit.
type Shelf interface {
	// Messages are those of a mailbox: new ones first, and of these the oldest.
	Messages(extension string) []Message
	// Sound calls done once, from any goroutine, with what was said.
	Sound(id string, done func(mu []byte, err error))
	// Heard notes that a message was heard, and Delete deletes it and calls done as Keep
	// does.
	Heard(id string, by Caller, at time.Time)
	Delete(id string, by Caller, at time.Time, done func(error))
}

// Message is what a caller left.
type Message struct {
	ID        string
	Extension string // whose mailbox it is
	Call      string
	From      string // the caller's number, "" for none
	Mu        []byte // µ-law at 8 kHz; not in a list of messages
	Left      time.Time
}

// Leave takes a message for an extension (留守番電話).
type Leave struct {
	boxes     Keeper
	greeter   Greeter
	extension string
	state     leaving
}

type leaving uint8

const (
	fetches leaving = iota
	greets
	beeps
	listens
	keeps
	ends
)

var _ Script = (*Leave)(nil)

// NewLeave is the script that takes a message for an extension.
func NewLeave(boxes Keeper, greeter Greeter, extension string) *Leave {
	return &Leave{boxes: boxes, greeter: greeter, extension: extension}
}

// Begin greets, unless there is no room for a message.
func (s *Leave) Begin(h Host) {
	if !s.boxes.Room(s.extension) {
		s.end(h, "mailbox-full")
		return
	}
	var mu []byte
	get := func(done func(error)) {
		s.greeter.Greeting(s.extension, func(b []byte, err error) { mu = b; done(err) })
	}
	h.Await(get, func(err error) {
		s.state = greets
		if err != nil || mu == nil {
			h.Say(Speech("mailbox-leave"))
			return
		}
		h.Say(Sound{Mu: mu})
	})
}

// Said goes on.
func (s *Leave) Said(h Host, _ bool) {
	switch s.state {
	case greets:
		s.state = beeps
		h.Say(Sound{Tone: Beep})
	case beeps:
		s.state = listens
		h.Record(MessageMax, MessageQuiet, func(mu []byte) { s.said(h, mu) })
	case fetches, listens, keeps:
	case ends:
		h.HangUp(call.Refusal{})
	}
}

// Key ends the greeting, or with # the message.
func (s *Leave) Key(h Host, key byte) {
	switch {
	case s.state == greets:
		s.Said(h, true)
	case s.state == listens && key == '#':
		h.Recorded()
	}
}

// said keeps what the caller said; the caller may be gone.
func (s *Leave) said(h Host, mu []byte) {
	if len(mu) < MessageLeast {
		s.end(h, "mailbox-end")
		return
	}
	s.state = keeps
	who := h.Caller()
	from := who.Number
	if who.Extension != "" {
		from = who.Extension
	}
	m := Message{Extension: s.extension, Call: who.Call, From: from, Mu: mu, Left: h.Now()}
	h.Await(func(done func(error)) { s.boxes.Keep(m, done) }, func(err error) {
		if err != nil {
			s.end(h, "mailbox-full")
			return
		}
		s.end(h, "mailbox-thanks")
	})
}

func (s *Leave) end(h Host, clip string) {
	s.state = ends
	h.Say(Speech(clip))
}

// Back never comes: nobody is called.
func (s *Leave) Back(Host, call.Refusal) {}

// Wake never comes.
func (s *Leave) Wake(Host) {}

// End has nothing to tidy up: what was said until then is kept.
func (s *Leave) End(Host) {}

// Listen plays the messages of a mailbox: each is
// followed by its time and number, then 1 plays it again, 2 goes on, 3 deletes it.
//
// An extension can change its greeting there, at its own phones: who knows the PIN and
// calls from elsewhere can't. A greeting that says yes to what an operator asks has been
// used to have calls charged to the called.
type Listen struct {
	boxes  Shelf
	own    Greeter   // nil: the greeting can't be changed
	box    string    // whose mailbox it is
	left   []Message // the first is what is played
	sound  []byte
	ending bool
	busy   bool   // something is done elsewhere
	greet  *Greet // in the end, if so
}

var _ Script = (*Listen)(nil)

// NewListen is the script that plays an extension that calls its messages, and lets it
// change its greeting.
func NewListen(boxes Shelf, own Greeter) *Listen { return &Listen{boxes: boxes, own: own} }

// listenTo plays the messages of an extension to somebody else.
func listenTo(boxes Shelf, extension string) *Listen { return &Listen{boxes: boxes, box: extension} }

// Begin plays the first message.
func (s *Listen) Begin(h Host) {
	if s.box == "" {
		s.box = h.Caller().Extension
	}
	if s.box != "" {
		s.left = s.boxes.Messages(s.box)
	}
	if len(s.left) == 0 {
		s.end(h, "mailbox-none")
		return
	}
	s.fetch(h)
}

// fetch gets the sound of a message, and plays it.
func (s *Listen) fetch(h Host) {
	s.busy = true
	h.At(time.Time{})
	var mu []byte
	get := func(done func(error)) {
		s.boxes.Sound(s.left[0].ID, func(b []byte, err error) { mu = b; done(err) })
	}
	h.Await(get, func(err error) {
		s.busy, s.sound = false, mu
		if err != nil || mu == nil {
			s.next(h)
			return
		}
		s.play(h)
		s.boxes.Heard(s.left[0].ID, h.Caller(), h.Now())
	})
}

// play plays the message, then from where and when it is, and what can be done.
func (s *Listen) play(h Host) {
	h.At(time.Time{})
	m := s.left[0]
	lang, _ := text.ParseLang(h.Caller().Lang)
	clips := append(speech.Digits(m.From), "")
	if now := h.Now().In(m.Left.Location()); now.YearDay() != m.Left.YearDay() || now.Year() != m.Left.Year() {
		clips = append(append(clips, speech.Date(lang, m.Left)...), "")
	}
	clips = append(clips, speech.Clock(lang, m.Left)...)
	h.Say(Sound{Tone: Beep}, Sound{Mu: s.sound}, Sound{Tone: Beep}, Speech(append(clips, "", "mailbox-menu")...))
}

// Key does what it stands for.
func (s *Listen) Key(h Host, key byte) {
	switch {
	case s.greet != nil:
		s.greet.Key(h, key)
	case s.busy:
	case key == '*':
		h.HangUp(call.Refusal{})
	case key == '0' && s.own != nil && s.box != "":
		s.greet = NewGreet(s.own, s.box)
		s.greet.Begin(h)
	case s.ending:
	case key == '1':
		s.play(h)
	case key == '2' || key == '#':
		s.next(h)
	case key == '3':
		s.busy = true
		h.Hush()
		h.At(time.Time{})
		id := s.left[0].ID
		remove := func(done func(error)) { s.boxes.Delete(id, h.Caller(), h.Now(), done) }
		h.Await(remove, func(err error) {
			if s.busy = false; err != nil {
				s.end(h, "feature-failed")
				return
			}
			s.next(h, "mailbox-deleted")
		})
	}
}

// next goes on to the next message; before that something may be said.
func (s *Listen) next(h Host, clips ...string) {
	if s.left = s.left[1:]; len(s.left) == 0 {
		s.end(h, append(clips, "mailbox-end")...)
		return
	}
	s.fetch(h)
}

func (s *Listen) end(h Host, clips ...string) {
	s.ending = true
	h.At(time.Time{})
	if s.own != nil && s.box != "" {
		clips = append(clips, "", "mailbox-options")
	}
	h.Say(Speech(clips...))
}

// Said waits for a key, or hangs up at the end.
func (s *Listen) Said(h Host, whole bool) {
	switch {
	case s.greet != nil:
		s.greet.Said(h, whole)
	case !s.ending:
		h.At(h.Now().Add(ListenWait))
	case s.own != nil && whole:
		h.At(h.Now().Add(OptionWait))
	default:
		h.HangUp(call.Refusal{})
	}
}

// Wake hangs up: no key came.
func (s *Listen) Wake(h Host) { h.HangUp(call.Refusal{}) }

// Back never comes: nobody is called.
func (s *Listen) Back(Host, call.Refusal) {}

// End has nothing to tidy up.
func (s *Listen) End(Host) {}
