package app

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/sekisho/sekisho/alert"
	"github.com/sekisho/sekisho/alert/mail"
	"github.com/sekisho/sekisho/fact"
	"github.com/sekisho/sekisho/number/book"
	"github.com/sekisho/sekisho/text"
	"github.com/sekisho/sekisho/unit/media/music"
)

// outbox sends mails about messages to those who want them. What is due stands with the
// messages in the store.
type outbox struct {
	app  *App
	wake chan struct{}

	mu       sync.Mutex
	wants    map[string]fact.MailSet // by extension
	due      []dueMail               // the oldest first
	coming   int                     // whose messages are being written
	failures int                     // attempts in a row that reached no server
	rests    time.Time               // until then none is sent, whatever comes
}

// dueMail is a mail that no server has taken yet.
type dueMail struct {
	id    string // of the message
	tries int
	next  time.Time
	bare  bool // the server takes it without the sound only
}

func newOutbox(a *App) *outbox {
	return &outbox{app: a, wake: make(chan struct{}, 1), wants: map[string]fact.MailSet{}}
}

// load takes up what the last run has left.
func (o *outbox) load(routing []fact.Routed, messages []fact.Message) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.wants, o.due = map[string]fact.MailSet{}, nil
	for _, f := range routing {
		if f, ok := f.(fact.MailSet); ok {
			o.wants[f.Extension] = f
		}
	}
	for _, m := range messages {
		if m.Mail == fact.MailDue {
			o.due = append(o.due, dueMail{id: m.ID})
		}
	}
}

// want lets a setting hold from now on.
func (o *outbox) want(f fact.MailSet) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.wants[f.Extension] = f; f.Gone() {
		delete(o.wants, f.Extension)
	}
	o.stir()
}

// wanted is what is set about a mailbox.
func (o *outbox) wanted(extension string) fact.MailSet {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.wants[extension]
}

// configured tells whether there is a mail server.
func (o *outbox) configured() bool { return o.app.options.Config.Alerts.Mail.Server != "" }

// claim gives what is to become of the mail about a message that is being written: it is
// due, there are too many, or nobody wants one.
func (o *outbox) claim(extension string) (state string) {
	o.mu.Lock()
	defer o.mu.Unlock()
	switch {
	case o.wants[extension].Gone() || !o.configured():
		return ""
	case len(o.due)+o.coming >= mailsMax:
		return fact.MailGivenUp
	}
	o.coming++
	return fact.MailDue
}

// put takes up the mail about a message that was claimed; written tells whether the
// message is on disk.
func (o *outbox) put(m fact.Message, written bool) {
	if m.Mail != fact.MailDue {
		return
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.coming--; written {
		o.due = append(o.due, dueMail{id: m.ID})
		o.stir()
	}
}

func (o *outbox) stir() {
	select {
	case o.wake <- struct{}{}:
	default:
	}
}

// drop takes a mail off.
func (o *outbox) drop(id string) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.due = slices.DeleteFunc(o.due, func(d dueMail) bool { return d.id == id })
}

// run sends until ctx ends.
func (o *outbox) run(ctx context.Context) {
	for ctx.Err() == nil {
		if d, wait := o.next(time.Now()); d != nil {
			o.attempt(ctx, *d)
		} else {
			o.pause(ctx, wait)
		}
	}
}

// next gives the mail to send now, or how long to wait for one; 0 waits for the next that
// comes.
func (o *outbox) next(now time.Time) (*dueMail, time.Duration) {
	o.mu.Lock()
	defer o.mu.Unlock()
	select {
	case <-o.wake: // what came until now is looked at here
	default:
	}
	if len(o.due) == 0 {
		return nil, 0
	}
	first := slices.MinFunc(o.due, func(x, y dueMail) int { return x.next.Compare(y.next) })
	until := first.next
	if o.rests.After(until) {
		until = o.rests
	}
	if wait := until.Sub(now); wait > 0 {
		return nil, wait
	}
	return &first, 0
}

// pause waits for the next mail, at most for d; 0 is for as long as it takes.
func (o *outbox) pause(ctx context.Context, d time.Duration) {
	var over <-chan time.Time
	if d > 0 {
		timer := time.NewTimer(d)
		defer timer.Stop()
		over = timer.C
	}
	select {
	case <-ctx.Done():
	case <-o.wake:
	case <-over:
	}
}

// attempt sends one mail.
func (o *outbox) attempt(ctx context.Context, d dueMail) {
	m, there := o.app.boxes.message(d.id)
	set := o.wanted(m.Extension)
	switch {
	case !there, m.Mail != fact.MailDue: // deleted meanwhile, or it was on record late
		o.drop(d.id)
		return
	case set.Gone() || !o.configured():
		o.giveUp(ctx, d, m, fact.MailOff)
		return
	}
	note, err := o.note(ctx, m, set, d.bare)
	if err != nil {
		o.unread(ctx, d, m, err)
		return
	}
	if err = o.send(ctx, set.Address, note); err == nil {
		o.sent(ctx, d, m, note.File != nil, set.Delete)
		return
	}
	if ctx.Err() == nil { // else the unit stops: the message still says that it is due
		o.failed(ctx, d, m, note.File != nil, err)
	}
}

// unread puts a mail off whose sound can't be read, which says nothing about the server.
func (o *outbox) unread(ctx context.Context, d dueMail, m fact.Message, err error) {
	switch {
	case !o.app.boxes.has(d.id): // deleted meanwhile
		o.drop(d.id)
	case ctx.Err() == nil && time.Since(m.Left) >= mailAgeMax:
		o.giveUp(ctx, d, m, alert.Word(err))
	case ctx.Err() == nil:
		o.app.log.Error("mail about a message not written", "message", d.id, "err", err)
		o.again(d, time.Now().Add(mailPauseMax))
	}
}

// send makes one attempt, bounded in time.
func (o *outbox) send(ctx context.Context, to string, n mail.Note) error {
	ctx, cancel := context.WithTimeout(ctx, mailTimeMax)
	defer cancel()
	c := o.app.options.Config.Alerts
	roots, err := trusted(c.CAFile)
	if err != nil {
		o.app.log.Error("mail trusts the system's certificates only", "err", err)
	}
	if _, err = mail.New(mailServer(c.Mail, to, roots)).Deliver(ctx, n); err != nil {
		return fmt.Errorf("mail about a message: %w", err)
	}
	return nil
}

// sent puts on record that a server has taken a mail, even where the unit stops.
func (o *outbox) sent(ctx context.Context, d dueMail, m fact.Message, sound, gone bool) {
	o.drop(d.id)
	o.mu.Lock()
	o.failures = 0
	o.mu.Unlock()
	f := fact.MailSent{ID: m.ID, Extension: m.Extension, Sound: sound, Tries: d.tries + 1, At: now()}
	err := o.app.boxes.mailed(context.WithoutCancel(ctx), m.ID, fact.MailTaken, f, sound && gone)
	if err != nil {
		o.app.log.Error("a mail that was sent is not on record: a restart sends it again", "message", m.ID, "err", err)
	}
}

// failed puts a mail off, or gives it up.
func (o *outbox) failed(ctx context.Context, d dueMail, m fact.Message, sound bool, err error) {
	d.tries++
	why := alert.Word(err)
	refused, _ := errors.AsType[*alert.Failure](err)
	o.app.log.Warn("mail about a message not sent", "message", m.ID, "tries", d.tries, "why", why)
	status, answered := strings.CutPrefix(why, "status ")
	switch {
	case status == mailTooLarge && sound:
		d.bare = true
		o.again(d, time.Now())
		return
	case refused != nil && refused.Final, time.Since(m.Left) >= mailAgeMax:
		o.giveUp(ctx, d, m, why)
		return
	}
	if d.tries == 1 {
		f := fact.MailFailed{ID: m.ID, Extension: m.Extension, Why: why, Tries: d.tries, At: now()}
		if err := o.app.commit(ctx, fact.Write{Facts: []fact.Fact{f}}); err != nil {
			o.app.log.Error("that a mail was not sent is not on record", "message", m.ID, "err", err)
		}
	}
	o.mu.Lock()
	if !answered || strings.HasPrefix(status, "5") { // the others would fare no better
		o.failures++
		o.rests = time.Now().Add(mailPause(o.failures))
	}
	o.mu.Unlock()
	o.again(d, time.Now().Add(mailPause(d.tries)))
}

// mailPause doubles from one try to the next.
func mailPause(tries int) time.Duration {
	d := mailPauseMin
	for ; tries > 1 && d < mailPauseMax; tries-- {
		d *= 2
	}
	return min(d, mailPauseMax)
}

// again puts a mail back.
func (o *outbox) again(d dueMail, at time.Time) {
	o.mu.Lock()
	defer o.mu.Unlock()
	d.next = at
	if i := slices.IndexFunc(o.due, func(x dueMail) bool { return x.id == d.id }); i >= 0 {
		o.due[i] = d
	}
}

// giveUp puts on record that a mail is not tried any more.
func (o *outbox) giveUp(ctx context.Context, d dueMail, m fact.Message, why string) {
	f := fact.MailFailed{ID: m.ID, Extension: m.Extension, Why: why, Tries: d.tries, GivenUp: true, At: now()}
	if err := o.app.boxes.mailed(ctx, m.ID, fact.MailGivenUp, f, false); err != nil {
		o.app.log.Error("that a mail is given up is not on record", "message", m.ID, "err", err)
		o.again(d, time.Now().Add(mailPauseMax))
		return
	}
	o.drop(d.id)
}

// waiting is how many mails are due, and how many attempts in a row reached no server.
func (o *outbox) waiting() (due, failures int) {
	o.mu.Lock()
	defer o.mu.Unlock()
	return len(o.due), o.failures
}

// note writes the mail about a message.
func (o *outbox) note(ctx context.Context, m fact.Message, set fact.MailSet, bare bool) (mail.Note, error) {
	lang, _ := text.ParseLang(o.app.options.Config.Alerts.Language)
	at := m.Left.In(tokyo)
	n := mail.Note{ID: m.ID, At: now()}
	sound := text.Key("mail.message.without")
	switch {
	case bare, set.Attach && m.Seconds > mailSoundMax:
		sound = "mail.message.too-long"
	case set.Attach:
		mu, err := o.app.store.MessageSound(ctx, m.ID)
		if err == nil && len(mu) == 0 {
			err = errMailbox
		}
		if err != nil {
			return n, fmt.Errorf("sound of a message: %w", err)
		}
		var wav bytes.Buffer
		if err := music.WriteMu(&wav, mu); err != nil {
			return n, fmt.Errorf("sound of a message: %w", err)
		}
		name := "message-" + m.Extension + "-" + at.Format("20060102-150405") + ".wav"
		n.File = &mail.File{Name: name, Type: "audio/wav", Data: wav.Bytes()}
		if sound = "mail.message.attached"; set.Delete {
			sound = "mail.message.moved"
		}
	}
	long := fmt.Sprintf("%d:%02d", m.Seconds/60, m.Seconds%60)
	who := o.caller(m, lang)
	n.Title = text.Say(lang, "mail.message.title", m.Extension, who, long)
	n.Text = text.Say(lang, "mail.message", m.Extension, who, at.Format("2006-01-02 15:04"), long) + "\n\n" +
		text.Say(lang, sound) + "\n"
	return n, nil
}

// caller says who has left a message, by the telephone books.
func (o *outbox) caller(m fact.Message, lang text.Lang) string {
	if book.Anonymous(m.From) {
		return text.Say(lang, "mail.message.hidden")
	}
	if name := o.app.shelf.Load().Name(m.Extension, m.From); name != "" {
		return text.Say(lang, "mail.message.named", name, m.From)
	}
	return cmp.Or(m.From, "-")
}
