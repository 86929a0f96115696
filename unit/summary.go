package unit

import (
	"fmt"
	"slices"
	"sync"

	"github.com/sekisho/sekisho/fact"
	"github.com/sekisho/sekisho/unit/lamp"
	"github.com/sekisho/sekisho/unit/phone"
	"github.com/sekisho/sekisho/unit/plan"
	"github.com/sekisho/sekisho/wire/sip"
	"github.com/sekisho/sekisho/wire/sip/edge"
	"github.com/sekisho/sekisho/wire/sip/session"
	"github.com/sekisho/sekisho/wire/sip/stack"
	"github.com/sekisho/sekisho/wire/sip/subscription"
)

// eventSummary is the event package of mailboxes (RFC 3842).
const eventSummary = "message-summary"

// summaryType is the type of what phones are told of their mailboxes.
const summaryType = "application/simple-message-summary"

// Messages knows what waits in mailboxes. It is asked from any goroutine, and does not
// wait.
type Messages interface {
	// Waiting is how many messages of an extension nobody has heard, and how many
	// somebody has.
	Waiting(extension string) (unheard, heard int)
}

// summaries tell phones how many messages wait for them (RFC 3842): those that
// subscribe, and those that are registered and never ask. The loop of shard 0 owns
// them.
type summaries struct {
	u    *Unit
	subs map[string][]*summary // by extension

	seat stack.Seat // in which news wait for the loop

	mu    sync.Mutex
	fresh []string        // extensions of which there is news that the loop has not seen
	known map[string]bool // extensions whose phones were told of messages, or should have been
}

// summary is one phone that watches the mailbox of its extension.
type summary struct {
	of   *summaries
	who  lamp.Watcher
	sub  *stack.Subscription
	upTo uint32 // as of watching
}

var _ stack.Notifier = (*summary)(nil)

func newSummaries(u *Unit) *summaries {
	return &summaries{u: u, subs: make(map[string][]*summary), known: make(map[string]bool)}
}

// MessagesChanged tells the phones of an extension that its mailbox has other
// messages, or that some were heard. It is called from any goroutine, and with the
// extensions that have messages when a unit starts.
func (u *Unit) MessagesChanged(extension string) {
	s := u.summaries
	s.mu.Lock()
	defer s.mu.Unlock()
	s.known[extension] = true
	if u.ready.Load() {
		s.news(extension)
	}
}

// news has the loop look at an extension. The caller holds s.mu.
func (s *summaries) news(extension string) {
	if slices.Contains(s.fresh, extension) {
		return
	}
	if s.fresh = append(s.fresh, extension); len(s.fresh) == 1 {
		s.seat.Post(s.look)
	}
}

// all are the phones that subscribe.
func (s *summaries) all() (out []*summary) {
	for _, some := range s.subs {
		out = append(out, some...)
	}
	return out
}

// arrived has a phone be told that is registered where it was not before.
func (s *summaries) arrived(extension string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.known[extension] && s.u.ready.Load() {
		s.news(extension)
	}
}

// begin tells the phones of all extensions that have messages, some at a time: what
// was sent before a restart may not have reached them.
func (s *summaries) begin(sh *stack.Shard) {
	s.mu.Lock()
	var left []string
	for extension := range s.known {
		left = append(left, extension)
	}
	s.mu.Unlock()
	slices.Sort(left)
	s.someOf(sh, left)
}

func (s *summaries) someOf(sh *stack.Shard, left []string) {
	n := min(len(left), rewatchedAtOnce)
	for _, extension := range left[:n] {
		s.tell(sh, extension)
	}
	if left = left[n:]; len(left) > 0 {
		sh.At(sh.Now().Add(rewatchEvery), func(sh *stack.Shard) { s.someOf(sh, left) })
	}
}

// look tells of all news. It is called on the loop.
func (s *summaries) look(sh *stack.Shard) {
	s.mu.Lock()
	fresh := s.fresh
	s.fresh = nil
	s.mu.Unlock()
	for _, extension := range fresh {
		s.tell(sh, extension)
	}
}

// tell tells every phone of an extension: by its subscription, or else unasked.
func (s *summaries) tell(sh *stack.Shard, extension string) {
	var asked []string
	for _, one := range slices.Clone(s.subs[extension]) {
		if one.sub != nil {
			asked = append(asked, one.who.Device)
			one.sub.News()
		}
	}
	for _, c := range s.u.cfg.Phones.Lookup(extension, sh.Now()) {
		if slices.Contains(asked, c.Device) {
			continue
		}
		if err := s.tellUnasked(sh, &c); err != nil {
			s.u.log.Debug("phone not told of its messages", "device", c.Device, "error", err)
		}
	}
}

// tellUnasked sends a NOTIFY to a phone that has no subscription, as many take it (RFC
// 3842 has none; it is what voicemail does everywhere). What it answers is its own
// affair.
func (s *summaries) tellUnasked(sh *stack.Shard, to *phone.Contact) error {
	own := address("", to.Extension, s.u.cfg.Realm)
	body := s.body(to.Extension)
	return sh.Send(edge.Source{Remote: to.Target.Addr, Transport: to.Target.Transport, Listener: to.Listener},
		stack.Outgoing{
			Method: sip.NOTIFY, URI: to.RequestURI, Routes: to.Routes, From: own, To: own, Body: body,
			Headers: []session.Header{
				{Name: "Event", Value: eventSummary}, {Name: "Subscription-State", Value: "active"},
			},
		}, func(*stack.Shard, stack.Result) {})
}

// body says what waits in a mailbox, and by what it is heard (RFC 3842 §5.2).
func (s *summaries) body(extension string) session.Body {
	unheard, heard := 0, 0
	if s.u.cfg.Messages != nil {
		unheard, heard = s.u.cfg.Messages.Waiting(extension)
	}
	waits := "no"
	if unheard > 0 {
		waits = "yes"
	}
	account := s.u.plan.Load().CodeOf(plan.MailboxListen)
	if account == "" {
		account = extension
	}
	at := address("", account, s.u.cfg.Realm)
	return session.Body{Type: summaryType, Bytes: fmt.Appendf(nil,
		"Messages-Waiting: %s\r\nMessage-Account: %s\r\nVoice-Message: %d/%d (0/0)\r\n",
		waits, at[1:len(at)-1], unheard, heard)}
}

// subscribe has a phone watch the mailbox of its extension.
func (s *summaries) subscribe(r *stack.Request, who lamp.Watcher) error {
	who.Entity = who.Extension
	w := s.add(who, 0)
	if _, err := r.Subscribe(watchedFor, w); err != nil {
		w.forget()
		return fmt.Errorf("watch the mailbox of %s: %w", who.Extension, err)
	}
	return nil
}

func (s *summaries) add(who lamp.Watcher, upTo uint32) *summary {
	w := &summary{of: s, who: who, upTo: upTo}
	s.subs[who.Extension] = append(s.subs[who.Extension], w)
	return w
}

// restore makes a subscription of an earlier process again.
func (s *summaries) restore(sh *stack.Shard, k stack.Kept, was *watching) error {
	w := s.add(was.who, was.upTo)
	_, err := sh.Resubscribe(k, watchedFor, w)
	if err != nil {
		w.forget()
	}
	return err
}

func (w *summary) forget() {
	own := w.who.Extension
	rest := slices.DeleteFunc(w.of.subs[own], func(o *summary) bool { return o == w })
	if w.of.subs[own] = rest; len(rest) == 0 {
		delete(w.of.subs, own)
	}
}

// Notification is what the phone is told now.
func (w *summary) Notification(
	_ *stack.Shard, s *stack.Subscription, seq uint32,
) (session.Body, []session.Header) {
	if w.sub = s; seq >= w.upTo {
		w.save()
	}
	return w.of.body(w.who.Extension), nil
}

// SubscriptionEvent keeps what is stored up to date.
func (w *summary) SubscriptionEvent(_ *stack.Shard, s *stack.Subscription, what subscription.Op, why string) {
	w.sub = s
	switch what {
	case subscription.OpRefreshed:
		w.save()
	case subscription.OpOver:
		w.of.u.log.Debug("mailbox no longer watched", "device", w.who.Device, "why", why)
		w.forget()
		w.of.u.commit(fact.Write{Rows: []fact.Row{fact.SubscriptionGone{Tag: s.Tag()}}, Behind: true})
	}
}

func (w *summary) save() {
	kept := w.sub.Kept(WatchedAhead)
	w.upTo = kept.Dialog.LocalSeq
	w.of.u.keepWatch(&kept, w.who)
}
