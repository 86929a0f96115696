package subscription

import (
	"strconv"
	"time"

	"github.com/sekisho/sekisho/wire/sip"
	"github.com/sekisho/sekisho/wire/sip/dialog"
	"github.com/sekisho/sekisho/wire/sip/session"
)

// state is the life of a subscription.
type state uint8

const (
	active  state = iota + 1
	leaving       // its last NOTIFY is to go, or under way
	done
)

// Subscription is one subscription. The zero Subscription is of no use: see
// New and Restore.
type Subscription struct {
	cfg     Config
	d       dialog.Dialog
	event   string // the package's name
	id      string // of the Event header field, "" for none
	state   state
	expires time.Time
	jitter  uint64

	flight  bool // a NOTIFY is under way
	last    bool // and it is the last one
	news    bool // there is something that no NOTIFY told yet
	away    bool // the peer can't be reached for now
	tries   int  // NOTIFYs refused in a row
	retryAt time.Time

	why     string // it ends
	reason  string // what the last NOTIFY says of that
	effects []Effect
	spare   []Effect // what Take gave out last
}

// New makes the subscription that a SUBSCRIBE outside a dialog asks for,
// received in server transaction tx. Where it can't be, the response owed is
// given instead. localTag is the tag of ours. With an expiry of 0 the
// subscription is over after its first NOTIFY (RFC 6665 §4.4.3).
func New(
	cfg Config, now time.Time, tx uint64, m *sip.Message, localTag string,
) (s *Subscription, status int, headers []session.Header) {
	event, id := EventOf(m)
	if event == "" {
		return nil, 489, nil
	}
	life, headers := cfg.life(m)
	if headers != nil {
		return nil, 423, headers
	}
	d, err := dialog.NewUAS(m, localTag)
	if err != nil || d.RemoteTag == "" {
		return nil, 400, nil
	}
	d.Confirmed = true
	s = &Subscription{cfg: cfg, d: d, event: event, id: id, state: active, jitter: cfg.Jitter}
	s.granted(now, tx, life)
	return s, 200, nil
}

// Restore makes a subscription again that an earlier process had. There is news
// for its peer from the beginning.
func Restore(cfg Config, saved Saved) *Subscription {
	return &Subscription{
		cfg: cfg, d: saved.Dialog, event: saved.Package, id: saved.ID, state: active, expires: saved.Expires,
		jitter: cfg.Jitter, away: true, news: true,
	}
}

// EventOf gives the package and the id of a SUBSCRIBE's Event header field; ""
// where it has none that could be.
func EventOf(m *sip.Message) (event, id string) {
	name, tag := m.Head(sip.HeaderEvent), []byte(nil)
	if v, ok := m.FieldParams(sip.HeaderEvent).Get("id"); ok {
		tag = v
	}
	if len(name) == 0 || len(name) > packageMax || len(tag) > idMax {
		return "", ""
	}
	return string(name), string(tag)
}

// life is how long a SUBSCRIBE asks to live; with headers it is too short, and
// they go into the 423.
func (c *Config) life(m *sip.Message) (time.Duration, []session.Header) {
	n, ok := m.Expires()
	asked := time.Duration(n) * time.Second
	switch {
	case !ok:
		asked = c.Usual
	case n == 0:
		return 0, nil
	case asked < c.Least:
		return 0, []session.Header{{Name: "Min-Expires", Value: seconds(c.Least)}}
	}
	return min(asked, c.Most), nil
}

// granted answers a SUBSCRIBE: what it asks for begins now.
func (s *Subscription) granted(now time.Time, tx uint64, life time.Duration) {
	if life >= spreadFrom {
		life -= (time.Duration(s.random(uint64(life/spreadPart))) / time.Second) * time.Second
	}
	s.emit(Effect{
		Op: OpRespond, Tx: tx, Status: 200, Headers: []session.Header{{Name: "Expires", Value: seconds(life)}},
	})
	s.tries, s.retryAt, s.away = 0, time.Time{}, false // it has just been heard
	if life == 0 {
		s.leave(now, WhyAsked, "timeout")
		return
	}
	s.expires, s.news = now.Add(life), true
	s.emit(Effect{Op: OpRefreshed})
	s.notify(now) // RFC 6665 §4.2.1.1: at once, whatever it was told before
}

func seconds(d time.Duration) string {
	return strconv.FormatInt(int64((d+time.Second-1)/time.Second), 10)
}

// Leaving reports whether the next NOTIFY is the last one.
func (s *Subscription) Leaving() bool { return s.state == leaving }

// Owns reports whether a request is of the subscription's dialog.
func (s *Subscription) Owns(m *sip.Message) bool {
	return string(m.From().Tag) == s.d.RemoteTag && string(m.CallID()) == s.d.CallID
}

// Asks reports whether a SUBSCRIBE outside a dialog is the one that the subscription was
// made by, once more: its peer has heard of no answer, because whoever gave it has ended
// since, or it was lost. A second subscription beside it would tell all twice.
func (s *Subscription) Asks(m *sip.Message) bool {
	event, id := EventOf(m)
	if s.state != active || !s.Owns(m) || event != s.event || id != s.id {
		return false
	}
	d, err := dialog.NewUAS(m, s.d.LocalTag)
	return err == nil && d.Local == s.d.Local
}

// Request takes a request inside the dialog, or one for which Asks is true, received in server transaction
// tx: a refresh, or the end.
func (s *Subscription) Request(now time.Time, tx uint64, m *sip.Message) {
	status, phrase, headers := 0, "", []session.Header(nil)
	event, id := EventOf(m)
	life, short := s.cfg.life(m)
	same := len(m.To().Tag) == 0 && m.CSeq().Number == s.d.RemoteSeq
	switch {
	case !same && s.d.Receive(m.Method(), m.CSeq().Number) != 0:
		status, phrase = 500, "CSeq Out Of Order"
	case m.Method() != sip.SUBSCRIBE:
		status, headers = 405, []session.Header{{Name: "Allow", Value: "SUBSCRIBE"}}
	case s.state != active || event != s.event || id != s.id: // dialogs are not shared
		status, phrase = 481, "Subscription Does Not Exist"
	case short != nil:
		status, headers = 423, short
	}
	if status != 0 {
		s.emit(Effect{Op: OpRespond, Tx: tx, Status: status, Phrase: phrase, Headers: headers})
		return
	}
	s.d.Refresh(dialog.Contact(m)) // RFC 6665 §4.4.1: a target refresh request
	s.granted(now, tx, life)
}

// News says that there is something to tell.
func (s *Subscription) News(now time.Time) {
	s.news = true
	s.notify(now)
}

// Reach says whether the peer can be reached: a phone that spoke over a
// connection that has ended can't. What is to be told waits then, and costs
// nothing; a NOTIFY under way counts as lost.
func (s *Subscription) Reach(now time.Time, can bool) {
	if can != s.away {
		return
	}
	s.away = !can
	if s.away && s.flight {
		s.flight, s.news = false, true
	}
	if s.away && s.state == leaving {
		s.over()
		return
	}
	s.notify(now)
}

// Moved says that the peer is reached again, elsewhere than before.
func (s *Subscription) Moved(now time.Time) {
	if s.state == active {
		s.emit(Effect{Op: OpRefreshed})
	}
	s.Reach(now, true)
}

// Result takes the end of the NOTIFY that is under way: its final response, 408
// for none. retryAfter is the response's, 0 for none.
func (s *Subscription) Result(now time.Time, status int, retryAfter time.Duration) {
	if !s.flight || s.state == done {
		return
	}
	s.flight = false
	switch {
	case s.last:
		s.over()
	case status >= 200 && status < 300:
		s.tries = 0
		s.emit(Effect{Op: OpTold})
	case status == 408:
		s.end(WhySilent)
	case ends(status):
		s.end(WhyUnknown)
	case s.state == leaving: // refused for now: the last one tells all
	default:
		s.again(now, retryAfter)
	}
	s.notify(now)
}

// ends reports whether the answer to a NOTIFY ends the subscription (RFC 6665
// §4.2.2, RFC 5057 §5.1).
func ends(status int) bool {
	switch status {
	case 404, 405, 410, 416, 480, 481, 482, 483, 484, 485, 489, 501, 604:
		return true
	}
	return status < 400
}

// again has what a NOTIFY told that was refused be told once more, later.
func (s *Subscription) again(now time.Time, after time.Duration) {
	if s.tries++; s.tries >= triesMax {
		s.end(WhyFailing)
		return
	}
	pause := retryFirst << (s.tries - 1)
	if after > 0 {
		pause = min(after, retryAfterMax)
	}
	s.news, s.retryAt = true, now.Add(pause)
}

// End ends the subscription: the peer is told with reason (RFC 6665 §4.1.3),
// the owner with why.
func (s *Subscription) End(now time.Time, why, reason string) {
	if s.state == active {
		s.leave(now, why, reason)
	}
}

// Forget ends the subscription without a word to its peer.
func (s *Subscription) Forget(why string) { s.end(why) }

// leave has the last NOTIFY go, when the one before it is answered.
func (s *Subscription) leave(now time.Time, why, reason string) {
	s.state, s.why, s.reason, s.news = leaving, why, reason, true
	s.retryAt = time.Time{}
	if s.away {
		s.over()
		return
	}
	s.notify(now)
}

func (s *Subscription) end(why string) {
	if s.state == active {
		s.why = why
	}
	s.over()
}

func (s *Subscription) over() {
	if s.state == done {
		return
	}
	s.state, s.flight, s.news, s.retryAt = done, false, false, time.Time{}
	s.emit(Effect{Op: OpOver, Why: s.why})
}

// notify sends the next NOTIFY, if there is something to tell and it may go.
func (s *Subscription) notify(now time.Time) {
	if s.state == done || !s.news || s.flight || s.away || !s.retryAt.IsZero() {
		return
	}
	if s.d.LocalSeq >= seqMax {
		s.end(WhyExhausted)
		return
	}
	s.flight, s.news = true, false
	said := "terminated;reason=" + s.reason
	if s.last = s.state == leaving; !s.last {
		said = "active;expires=" + seconds(max(s.expires.Sub(now), time.Second))
	}
	event := s.event
	if s.id != "" {
		event += ";id=" + s.id
	}
	s.emit(Effect{Op: OpNotify, Head: s.d.Request(sip.NOTIFY), Headers: []session.Header{
		{Name: "Event", Value: event}, {Name: "Subscription-State", Value: said},
	}})
}

// Timer runs what is due at now.
func (s *Subscription) Timer(now time.Time) {
	if s.state == active && !s.expires.After(now) {
		s.leave(now, WhyExpired, "timeout")
		return
	}
	if !s.retryAt.IsZero() && !s.retryAt.After(now) {
		s.retryAt = time.Time{}
		s.notify(now)
	}
}

// Deadline is when Timer wants to be called; zero means never.
func (s *Subscription) Deadline() time.Time {
	switch {
	case s.state != active:
		return time.Time{} // the NOTIFY under way ends by itself
	case !s.retryAt.IsZero() && s.retryAt.Before(s.expires):
		return s.retryAt
	default:
		return s.expires
	}
}

// Take returns what is to be done, in order, and forgets it. The slice is good
// until the next call into the subscription.
func (s *Subscription) Take() []Effect {
	clear(s.spare)
	s.effects, s.spare = s.spare[:0], s.effects
	return s.spare
}

func (s *Subscription) emit(e Effect) { s.effects = append(s.effects, e) }

// Saved is what the subscription can be restored from, but for the numbers that
// its NOTIFYs will use from now on.
func (s *Subscription) Saved() Saved {
	return Saved{Dialog: s.d, Package: s.event, ID: s.id, Expires: s.expires}
}

// NextHop is the URI that its requests are sent to now.
func (s *Subscription) NextHop() string { return s.d.NextHop() }

// Over reports whether the subscription is over.
func (s *Subscription) Over() bool { return s.state == done }

// random returns a number below n from the subscription's jitter; 0 where n is.
func (s *Subscription) random(n uint64) uint64 {
	x := s.jitter | 1
	x ^= x << 13
	x ^= x >> 7
	x ^= x << 17
	s.jitter = x
	if n == 0 {
		return 0
	}
	return x % n
}
