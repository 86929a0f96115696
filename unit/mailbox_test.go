package unit

import (
	"errors"
	"math"
	"net/netip"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/sekisho/sekisho/fact"
	"github.com/sekisho/sekisho/sim/ear"
	"github.com/sekisho/sekisho/unit/attendant"
	"github.com/sekisho/sekisho/unit/plan"
	"github.com/sekisho/sekisho/wire/sip"
)

// boxes are mailboxes in memory.
type boxes struct {
	mu       sync.Mutex
	messages []attendant.Message
	heard    []string
	proofs   []string // mailboxes, PINs and who typed them
	full     bool
	greeting []byte            // of all
	menu     attendant.Choices // of all menus
	kept     chan attendant.Message
}

func newBoxes() *boxes { return &boxes{kept: make(chan attendant.Message, 4)} }

func (b *boxes) Script(asked plan.Asked) attendant.Script {
	switch asked.Action {
	case plan.MailboxLeave:
		return attendant.NewLeave(b, b, asked.Digits)
	case plan.MailboxListen:
		return attendant.NewListen(b, b)
	case plan.MailboxEnter:
		return attendant.NewEnter(b, b)
	case plan.Menu:
		return attendant.NewMenu(b.menu)
	}
	return nil
}

func (b *boxes) Room(string) bool { return !b.full }

func (b *boxes) Keep(m attendant.Message, done func(error)) {
	b.mu.Lock()
	m.ID = m.Call
	b.messages = append(b.messages, m)
	b.mu.Unlock()
	b.kept <- m
	go done(nil)
}

func (b *boxes) Messages(extension string) (out []attendant.Message) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, m := range b.messages {
		if m.Extension == extension {
			out = append(out, m)
		}
	}
	return out
}

func (b *boxes) Sound(id string, done func(mu []byte, err error)) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, m := range b.messages {
		if m.ID == id {
			go done(m.Mu, nil)
			return
		}
	}
	go done(nil, errors.New("none"))
}

func (b *boxes) Heard(id string, _ attendant.Caller, _ time.Time) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.heard = append(b.heard, id)
}

func (b *boxes) Delete(id string, _ attendant.Caller, _ time.Time, done func(error)) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.messages = slices.DeleteFunc(b.messages, func(m attendant.Message) bool { return m.ID == id })
	go done(nil)
}

// Waiting counts messages.
func (b *boxes) Waiting(extension string) (unheard, heard int) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, m := range b.messages {
		switch {
		case m.Extension != extension:
		case slices.Contains(b.heard, m.ID):
			heard++
		default:
			unheard++
		}
	}
	return unheard, heard
}

// Greeting is the last one that was set.
func (b *boxes) Greeting(_ string, done func(mu []byte, err error)) {
	b.mu.Lock()
	defer b.mu.Unlock()
	go done(b.greeting, nil)
}

func (b *boxes) SetGreeting(_ string, mu []byte, _ attendant.Caller, _ time.Time, done func(error)) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.greeting = mu
	go done(nil)
}

// Prove knows one PIN.
func (b *boxes) Prove(mailbox string, pin []byte, who attendant.Caller, done func(error)) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.proofs = append(b.proofs, mailbox+" "+string(pin)+" "+who.Line+who.Device)
	if mailbox != "201" || string(pin) != "83640275" {
		go done(errors.New("no"))
		return
	}
	go done(nil)
}

// left waits for a message.
func (b *boxes) left(t *testing.T) attendant.Message {
	t.Helper()
	select {
	case m := <-b.kept:
		return m
	case <-time.After(patience):
		t.Fatal("no message was left")
		return attendant.Message{}
	}
}

// tells says a tone at the pace of speech.
func (s *speaker) tells(to netip.AddrPort, hz, seconds float64) {
	sound := ear.ToMu(ear.Tone(8000, hz, -16, seconds))
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for ; len(sound) >= 160; sound = sound[160:] {
		s.packet(to, 1, sound[:160])
		<-tick.C
	}
}

// TestMessageIsLeftAndHeard: a number whose mode says so has its callers leave a message:
// what they say after the beep is what the extension hears in its mailbox, with the
// number and the time; it can delete it there.
func TestMessageIsLeftAndHeard(t *testing.T) { inTime(t, testMessageIsLeftAndHeard) }

func testMessageIsLeftAndHeard(t *testing.T) {
	b := newBoxes()
	o := newOffice(t, officeConfig{shards: 1, announcements: 2, lang: "en", scripts: b, caller: "0398765432"})
	o.routing = []fact.Routed{
		fact.RingsSet{Scope: fact.ScopeUnit, Mode: "night1", Ring: []string{"mailbox-201"}},
		fact.ModeSwitched{Scope: fact.ScopeUnit, Mode: "night1"},
	}
	o.unit.SetPlan(o.plan())
	x := newSpeaker(t, o.hikari)
	a := o.hikari.call("0312345670", o.hikari.description("sendrecv"))
	to := mediaPort(t, a.response(sip.INVITE, 200))
	a.ack("")
	if i := spokenAt(t, x.record("mailbox-leave", 1), "mailbox-leave"); i < 0 {
		t.Error("the caller is not greeted")
	}
	x.beep(t)
	x.tells(to, 440, 2)
	x.press(to, "#")
	m := b.left(t)
	if m.Extension != "201" || m.From != "0398765432" || m.Call == "" || m.Left.IsZero() {
		t.Errorf("kept %+v", m)
	}
	most := 20_000
	if *sockets { // the machine may pause
		most *= 3
	}
	if pcm := ear.FromMu(m.Mu); len(pcm) < 12_000 || len(pcm) > most || ear.Missing(pcm, 8000, 440) > 0.3 {
		t.Errorf("%d samples, 440 Hz is not in %.2f of them", len(pcm), ear.Missing(pcm, 8000, 440))
	}
	if i := spokenAt(t, x.record("mailbox-thanks", 1), "mailbox-thanks"); i < 0 {
		t.Error("the caller is not thanked")
	}
	a.hungUp()

	y := newSpeaker(t, o.p201)
	a = o.p201.call("*97", o.p201.description("sendrecv"))
	to = mediaPort(t, a.response(sip.INVITE, 200))
	a.ack("")
	said := y.listen(time.Duration(len(m.Mu)/8+400) * time.Millisecond)[3200:] // after the beep
	was, got := ear.Level(ear.FromMu(m.Mu), 8000, 440), ear.Level(said, 8000, 440)
	if math.Abs(got-was) > 1.5 {
		t.Errorf("440 Hz was left with %.1f dBm0, and is heard with %.1f", was, got)
	}
	if i := spokenAt(t, y.record("mailbox-menu", 1), "mailbox-menu"); i < 0 {
		t.Error("nothing is said of what can be done")
	}
	y.press(to, "3")
	if i := spokenAt(t, y.record("mailbox-deleted", 1), "mailbox-deleted"); i < 0 {
		t.Error("it is not said that it is deleted")
	}
	y.press(to, "*")
	a.hungUp()
	o.over()
	if len(b.Messages("201")) != 0 || len(b.heard) != 1 {
		t.Errorf("%d messages are left, %q were heard", len(b.messages), b.heard)
	}
}

// TestForwardedToTheMailbox: an extension that says so has its mailbox take calls that it
// does not; what a caller said that hung up is kept; a full mailbox says so. 202 has none
// of that, and hears that in its mailbox nothing is.
func TestForwardedToTheMailbox(t *testing.T) { inTime(t, testForwardedToTheMailbox) }

func testForwardedToTheMailbox(t *testing.T) {
	b := newBoxes()
	o := newOffice(t, officeConfig{shards: 1, announcements: 2, lang: "en", scripts: b})
	o.routing = []fact.Routed{
		fact.ServiceSet{Extension: "201", Service: fact.ForwardBusy, On: true, To: plan.Mailbox},
	}
	o.unit.SetPlan(o.plan())
	calls := func() (x *speaker, a *talk, to netip.AddrPort) {
		x = newSpeaker(t, o.p202)
		a = o.p202.call("201", o.p202.description("sendrecv"))
		rung := o.p201.rung()
		rung.reply(486, "")
		to = mediaPort(t, a.response(sip.INVITE, 200))
		a.ack("")
		return x, a, to
	}
	x, a, to := calls()
	x.press(to, "1") // enough of the greeting
	x.beep(t)
	x.tells(to, 600, 1.5)
	a.bye()
	m := b.left(t)
	if m.Extension != "201" || m.From != "202" || !ear.Hears(ear.FromMu(m.Mu), 8000, 600) {
		t.Errorf("kept %d bytes for %s from %s", len(m.Mu), m.Extension, m.From)
	}
	o.over()
	if f := last[fact.CallEnded](o); !slices.Equal(f.Missed, []string{"201"}) || f.Taken != "" {
		t.Errorf("who left a message was not answered: %+v", f)
	}
	b.full = true
	x, a, _ = calls()
	if i := spokenAt(t, x.record("mailbox-full", 1), "mailbox-full"); i < 0 {
		t.Error("it is not said that there is no room")
	}
	a.hungUp()
	x = newSpeaker(t, o.p202)
	a = o.p202.call("*97", o.p202.description("sendrecv"))
	to = mediaPort(t, a.response(sip.INVITE, 200))
	a.ack("")
	if i := spokenAt(t, x.record("mailbox-none", 1), "mailbox-none"); i < 0 {
		t.Error("it is not said that there are none")
	}
	x.press(to, "*")
	a.hungUp()
	o.over()
	o.hikari.expectNone("an INVITE", isMethod(sip.INVITE))
}

// asked waits for a sentence, and presses keys then.
func (s *speaker) asked(t *testing.T, to netip.AddrPort, name, keys string) {
	t.Helper()
	if i := spokenAt(t, s.record(name, 1), name); i < 0 {
		t.Fatalf("%s is not said", name)
	}
	s.press(to, keys)
}

// TestMailboxFromOutside: a number whose callers hear mailboxes asks them which, and for
// its PIN; who has that hears the messages and can delete them, who has not is hung up on
// after three tries. No call goes out, whatever is typed.
func TestMailboxFromOutside(t *testing.T) { inTime(t, testMailboxFromOutside) }

func testMailboxFromOutside(t *testing.T) {
	b := newBoxes()
	b.messages = []attendant.Message{
		{ID: "m1", Extension: "201", From: "202", Left: time.Now(), Mu: ear.ToMu(ear.Tone(8000, 440, -16, 1))},
	}
	o := newOffice(t, officeConfig{shards: 1, announcements: 2, lang: "en", scripts: b})
	o.routing = []fact.Routed{
		fact.RingsSet{Scope: fact.ScopeUnit, Mode: "night1", Ring: []string{plan.RingsMailboxes}},
		fact.ModeSwitched{Scope: fact.ScopeUnit, Mode: "night1"},
	}
	o.unit.SetPlan(o.plan())
	calls := func() (x *speaker, a *talk, to netip.AddrPort) {
		x = newSpeaker(t, o.hikari)
		a = o.hikari.call("0312345670", o.hikari.description("sendrecv"))
		to = mediaPort(t, a.response(sip.INVITE, 200))
		a.ack("")
		return x, a, to
	}
	x, a, to := calls()
	x.asked(t, to, "mailbox-number", "201#")
	x.asked(t, to, "mailbox-pin", "00904012345678#")
	x.asked(t, to, "pin-wrong", "9*83640275#") // begun anew
	x.asked(t, to, "mailbox-menu", "3")
	if i := spokenAt(t, x.record("mailbox-deleted", 1), "mailbox-deleted"); i < 0 {
		t.Error("it is not said that it is deleted")
	}
	a.hungUp()
	o.over()
	want := []string{"201 00904012345678 l1", "201 83640275 l1"}
	if len(b.Messages("201")) != 0 || len(b.heard) != 1 || !slices.Equal(b.proofs, want) {
		t.Errorf("%d messages are left, %q were heard, typed was %q", len(b.messages), b.heard, b.proofs)
	}
	x, a, to = calls()
	x.press(to, "202#83640275#") // at once, and another one's
	x.asked(t, to, "pin-wrong", "1#")
	x.asked(t, to, "pin-wrong", "2#")
	if i := spokenAt(t, x.record("mailbox-refused", 1), "mailbox-refused"); i < 0 {
		t.Error("it is not said that it stays shut")
	}
	a.hungUp()
	o.over()
	if n := len(all[fact.CallJudged](o)); n != 0 {
		t.Errorf("%d attempts outside", n)
	}
	o.backup.expectNone("an INVITE", isMethod(sip.INVITE))
}

// TestMailboxFromAMenu: a key of a menu leads to the mailboxes, and to one that takes a
// message; and an extension reaches another one's mailbox by a code.
func TestMailboxFromAMenu(t *testing.T) { inTime(t, testMailboxFromAMenu) }

func testMailboxFromAMenu(t *testing.T) {
	b := newBoxes()
	o := newOffice(t, officeConfig{shards: 1, announcements: 2, lang: "en", scripts: b})
	for key, name := range map[string]string{"8": "mailbox-number", "7": "mailbox-leave"} {
		b.menu = attendant.Choices{
			Greeting: ear.ToMu(ear.Tone(8000, 440, -16, 1)),
			To:       map[byte]string{'8': plan.RingsMailboxes, '7': "mailbox-201"},
			Inside:   o.unit.Plan().Inside, Begins: o.unit.Plan().Begins,
		}
		o.routing = []fact.Routed{
			fact.MenuSet{Menu: "700", Choices: []fact.MenuChoice{{Key: "8", To: plan.RingsMailboxes}}},
			fact.RingsSet{Scope: fact.ScopeUnit, Mode: "night1", Ring: []string{"700"}},
			fact.ModeSwitched{Scope: fact.ScopeUnit, Mode: "night1"},
		}
		o.unit.SetPlan(o.plan())
		x := newSpeaker(t, o.hikari)
		a := o.hikari.call("0312345670", o.hikari.description("sendrecv"))
		to := mediaPort(t, a.response(sip.INVITE, 200))
		a.ack("")
		x.listen(100 * time.Millisecond)
		x.press(to, key)
		if i := spokenAt(t, x.record(name, 1), name); i < 0 {
			t.Errorf("%s: %s is not said", key, name)
		}
		a.bye()
		o.over()
	}
	y := newSpeaker(t, o.p202)
	a := o.p202.call("*98", o.p202.description("sendrecv"))
	to := mediaPort(t, a.response(sip.INVITE, 200))
	a.ack("")
	y.press(to, "201#83640275#")
	if i := spokenAt(t, y.record("mailbox-none", 1), "mailbox-none"); i < 0 {
		t.Error("it is not said that there are none")
	}
	a.hungUp()
	o.over()
}

// TestOwnGreeting: an extension records what its mailbox says, hears it as callers do, and
// has the usual greeting back; a caller hears that, and the beep.
func TestOwnGreeting(t *testing.T) { inTime(t, testOwnGreeting) }

func testOwnGreeting(t *testing.T) {
	b := newBoxes()
	o := newOffice(t, officeConfig{shards: 1, announcements: 2, lang: "en", scripts: b})
	x := newSpeaker(t, o.p201)
	a := o.p201.call("*97", o.p201.description("sendrecv"))
	to := mediaPort(t, a.response(sip.INVITE, 200))
	a.ack("")
	x.asked(t, to, "mailbox-options", "0")
	x.asked(t, to, "greeting-menu", "2")
	x.asked(t, to, "greeting-record", "")
	x.beep(t)
	x.tells(to, 523, 1.5)
	x.press(to, "#")
	x.asked(t, to, "greeting-kept", "1")
	if n := b.greets(); n < 8000 {
		t.Errorf("%d samples are the greeting", n)
	}
	if l := x.loudest(2*time.Second, 523); l < -20 {
		t.Errorf("the greeting is heard with %.1f dBm0", l)
	}
	a.bye()
	o.over()

	o.routing = []fact.Routed{
		fact.ServiceSet{Extension: "201", Service: fact.ForwardBusy, On: true, To: plan.Mailbox},
	}
	o.unit.SetPlan(o.plan())
	y := newSpeaker(t, o.p202)
	c := o.p202.call("201", o.p202.description("sendrecv"))
	o.p201.rung().reply(486, "")
	c.response(sip.INVITE, 200)
	c.ack("")
	if l := y.loudest(time.Second, 523); l < -20 {
		t.Errorf("a caller hears the greeting with %.1f dBm0", l)
	}
	y.beep(t)
	c.bye()
	o.over()

	a = o.p201.call("*97", o.p201.description("sendrecv"))
	to = mediaPort(t, a.response(sip.INVITE, 200))
	a.ack("")
	x.press(to, "03")
	x.asked(t, to, "greeting-usual", "*")
	a.hungUp()
	o.over()
	if n := b.greets(); n != 0 {
		t.Errorf("%d samples are the greeting still", n)
	}
}

// greets is how long the greeting is.
func (b *boxes) greets() int {
	b.mu.Lock()
	defer b.mu.Unlock()
	return len(b.greeting)
}

// beep waits for the beep after which it is the caller's turn, and for its end.
func (s *speaker) beep(t *testing.T) {
	t.Helper()
	const beepHz, frames = 400, 10 // in a row: no sentence has that
	row := 0
	buf := make([]byte, 2048)
	for end := time.Now().Add(recordMax); time.Now().Before(end); {
		_ = s.conn.SetReadDeadline(time.Now().Add(quiet))
		n, err := s.conn.Read(buf)
		switch beeps := err == nil && n > 12+80 && ear.Level(ear.FromMu(buf[12:n]), 8000, beepHz) > -25; {
		case beeps:
			row++
		case row >= frames:
			return
		default:
			row = 0
		}
	}
	t.Fatal("there is no beep")
}

// loudest is how loud a tone is at best within some time, in a tenth of a second.
func (s *speaker) loudest(within time.Duration, hz float64) float64 {
	best := math.Inf(-1)
	for end := time.Now().Add(within); time.Now().Before(end); {
		if got := s.listen(100 * time.Millisecond); len(got) > 0 {
			best = max(best, ear.Level(got, 8000, hz))
		}
	}
	return best
}
