package stack

import (
	"slices"
	"time"

	"github.com/sekisho/sekisho/wire/sip"
	"github.com/sekisho/sekisho/wire/sip/edge"
	"github.com/sekisho/sekisho/wire/sip/session"
	"github.com/sekisho/sekisho/wire/sip/subscription"
)

// Notifier owns a subscription: it says what its phone is told, and hears what
// becomes of it, on its shard's loop.
type Notifier interface {
	// Notification gives the body of a NOTIFY and further header fields, as it goes
	// out: what is so now. seq is its number, higher than those of all before it in
	// this subscription.
	Notification(sh *Shard, s *Subscription, seq uint32) (session.Body, []session.Header)
	// SubscriptionEvent tells that the phone took the last NOTIFY, that the
	// subscription was refreshed or its phone stands elsewhere, or that it is
	// over: subscription.OpTold, OpRefreshed and OpOver. why is of OpOver.
	SubscriptionEvent(sh *Shard, s *Subscription, what subscription.Op, why string)
}

// Subscription is one subscription of a phone to an event package. It belongs
// to its shard's loop.
type Subscription struct {
	owner    Notifier
	sh       *Shard
	core     *subscription.Subscription
	tag      string
	flow     flow
	tm       timer
	identity edge.Identity
	notify   *request // under way
	flushing bool
	asked    *sip.Message // the SUBSCRIBE that is being taken
	followed bool         // the phone's registration says where it is, not its SUBSCRIBE
}

// Kept is what a subscription is made again from after a restart.
type Kept struct {
	subscription.Saved
	Place    edge.Source   // where its phone stands
	Identity edge.Identity // whose it is
}

// Subscribe makes a subscription of a SUBSCRIBE from a phone, and answers it:
// with a refusal, and an error, where it can't be made. It is called in the
// Handler's Request. Its first NOTIFY is on its way when Subscribe returns.
//
// A phone that has as many as it may loses the one that it has not refreshed for
// longest: as a rule that is left from before the phone was restarted.
func (r *Request) Subscribe(cfg subscription.Config, owner Notifier) (*Subscription, error) {
	sh, tx := r.sh, r.sh.serverOf(r.tx)
	if tx == nil || r.Message == nil || r.Message.Method() != sip.SUBSCRIBE || r.line != "" {
		return nil, ErrMethod
	}
	if !sh.roomFor(len(sh.subscriptions), subscriptionsMax, false) {
		sh.stack.Counters.Overflow.Add(1)
		return nil, orRefused(tx.respond(&session.Effect{Status: 503, Headers: retryLater}, r.tag[:]), ErrFull)
	}
	s := &Subscription{owner: owner, sh: sh, tag: sh.newTag(), identity: r.identity}
	cfg.Jitter = sh.randomUint64()
	core, status, headers := subscription.New(cfg, sh.now, tx.id, r.Message, s.tag)
	if core == nil {
		return nil, orRefused(tx.respond(&session.Effect{Status: status, Headers: headers}, r.tag[:]), ErrRefused)
	}
	s.core, s.asked = core, r.Message
	s.begin(tx.flow)
	s.flush()
	s.asked = nil
	return s, nil
}

// orRefused gives the error of a refusal that could not be sent, or why there
// was one.
func orRefused(err, why error) error {
	if err != nil {
		return err
	}
	return why
}

// Resubscribe makes a subscription again that an earlier process had, on the
// loop of the shard that its tag names. Its phone is told at once what is so
// now; one that stands behind a connection when it is back on one.
func (sh *Shard) Resubscribe(k Kept, cfg subscription.Config, owner Notifier) (*Subscription, error) {
	l := sh.stack.byName[k.Place.Listener]
	tag := k.Dialog.LocalTag
	switch n, ok := shardOfID([]byte(tag), shardsMax); {
	case l == nil || l.Side != PhoneSide || !ok || n != sh.id || sh.subscriptions[tag] != nil:
		return nil, ErrNoWay
	case !sh.roomFor(len(sh.subscriptions), subscriptionsMax, false):
		return nil, ErrFull
	}
	s := &Subscription{owner: owner, sh: sh, tag: tag, identity: k.Identity}
	cfg.Jitter = sh.randomUint64()
	s.core = subscription.Restore(cfg, k.Saved)
	f := flow{listener: l, local: k.Place.Local, remote: k.Place.Remote}
	if l.Transport != "udp" {
		f.conn = sh.stack.conns.find(connKey{l.Transport, f.remote})
	}
	s.begin(f)
	s.flush()
	return s, nil
}

// begin puts the subscription into the shard's tables.
func (s *Subscription) begin(f flow) {
	sh := s.sh
	s.tm.owner = s
	sh.subscriptions[s.tag] = s
	s.stand(f)
	s.core.Reach(sh.now, s.reachable())
	mine := sh.subscribed[s.identity.Device]
	if len(mine) >= subscriptionsPerDevice {
		oldest := mine[0]
		oldest.core.Forget(whyCrowded)
		oldest.flush()
		mine = sh.subscribed[s.identity.Device]
	}
	sh.subscribed[s.identity.Device] = append(mine, s)
}

// whyCrowded is why a subscription is over whose phone made too many others.
const whyCrowded = "crowded"

// Shard is the shard that owns the subscription.
func (s *Subscription) Shard() *Shard { return s.sh }

// Message is the SUBSCRIBE by which the subscription was refreshed, while its owner is told
// so; nil at other times.
func (s *Subscription) Message() *sip.Message { return s.asked }

// Leaving reports whether the next NOTIFY is the last one.
func (s *Subscription) Leaving() bool { return s.core.Leaving() }

// Tag is ours, by which the subscription is known.
func (s *Subscription) Tag() string { return s.tag }

// Identity is whose subscription it is.
func (s *Subscription) Identity() edge.Identity { return s.identity }

// Kept is what the subscription can be made from again after a restart. ahead
// is how many numbers beyond those used its NOTIFYs may use until it is asked
// again.
func (s *Subscription) Kept(ahead uint32) Kept {
	saved := s.core.Saved()
	saved.Dialog.LocalSeq += ahead
	return Kept{Saved: saved, Place: s.sh.stack.sourceOf(&s.flow), Identity: s.identity}
}

// News says that there is something to tell the phone. Where a NOTIFY is under
// way the next one follows it.
func (s *Subscription) News() {
	defer s.flush()
	s.core.News(s.sh.now)
}

// End ends the subscription: the phone is told with a reason of RFC 6665
// §4.1.3, the owner with why.
func (s *Subscription) End(why, reason string) {
	defer s.flush()
	s.core.End(s.sh.now, why, reason)
}

// reachable reports whether there is a way to the phone.
func (s *Subscription) reachable() bool {
	return s.flow.listener.Transport == "udp" || s.flow.conn != nil && !s.flow.conn.over()
}

// stand has the phone be reached over a flow.
func (s *Subscription) stand(f flow) {
	s.leave()
	s.flow = f
	if f.conn != nil {
		f.conn.stood.Store(true)
	}
	key := s.standsOn()
	s.sh.watchers[key] = append(s.sh.watchers[key], s)
}

// standsOn names where the phone is.
func (s *Subscription) standsOn() connKey {
	return connKey{s.flow.listener.Transport, s.flow.remote}
}

// leave takes the subscription away from where its phone was.
func (s *Subscription) leave() {
	if s.flow.listener == nil {
		return
	}
	key := s.standsOn()
	if rest := without(s.sh.watchers[key], s); len(rest) > 0 {
		s.sh.watchers[key] = rest
	} else {
		delete(s.sh.watchers, key)
	}
}

func without(list []*Subscription, s *Subscription) []*Subscription {
	return slices.DeleteFunc(list, func(o *Subscription) bool { return o == s })
}

// moved notes that the phone now speaks from elsewhere, or from a new
// connection. A NOTIFY that no answer came to from the old one goes again.
func (s *Subscription) moved(f flow) {
	lost := s.flow.conn != f.conn || s.flow.remote != f.remote
	s.stand(f)
	if lost {
		s.lose()
	}
}

// lose forgets the NOTIFY that is under way: no answer to it can come.
func (s *Subscription) lose() {
	s.core.Reach(s.sh.now, false)
	if r := s.notify; r != nil {
		s.notify, r.over = nil, true
		if r.tx != nil {
			r.tx.act(r.tx.core.Abandon(), nil)
		}
	}
}

// subscriptionsEnded tells those on a connection that it has ended.
func (sh *Shard) subscriptionsEnded(c *conn) {
	for _, s := range slices.Clone(sh.watchers[c.key]) {
		if s.flow.conn == c {
			s.lose()
			s.flush()
		}
	}
}

// inheritSubscriptions has a phone's subscriptions follow it to where it is
// now.
func (sh *Shard) inheritSubscriptions(from connKey, device string, f flow) {
	for _, s := range slices.Clone(sh.watchers[from]) {
		if s.identity.Device == device {
			s.moved(f)
			s.followed = true
			s.core.Moved(sh.now)
			s.flush()
		}
	}
}

// insideSubscription takes a request inside a subscription's dialog. Its sender
// proves each time who it is: a phone whose secret is no longer good watches no
// longer than until its next refresh.
func (sh *Shard) insideSubscription(s *Subscription, m *sip.Message, f flow, key txKey) {
	if f.listener.Side != PhoneSide || !s.core.Owns(m) {
		sh.unknown(m, f)
		return
	}
	if !sh.proven(PhoneSide, s.identity.Device, m, f) {
		return
	}
	if tx := sh.newServer(m, f, key, 0); tx != nil {
		s.request(tx, m)
		sh.handledAll()
	}
}

// request takes a request whose sender has proved who it is.
func (s *Subscription) request(tx *serverTx, m *sip.Message) {
	sh := s.sh
	s.moved(tx.flow)
	s.followed = false
	s.asked = m
	s.core.Request(sh.now, tx.id, m)
	s.core.Reach(sh.now, s.reachable())
	s.flush()
	s.asked = nil
	if mine := sh.subscribed[s.identity.Device]; slices.Contains(mine, s) {
		sh.subscribed[s.identity.Device] = append(without(mine, s), s)
	}
}

// asking is the subscription that a SUBSCRIBE outside a dialog made, where its sender asks
// once more; nil for none.
func (sh *Shard) asking(m *sip.Message, device string) *Subscription {
	if m.Method() != sip.SUBSCRIBE || device == "" || len(m.To().Tag) > 0 {
		return nil
	}
	for _, s := range sh.subscribed[device] {
		if s.core.Asks(m) {
			return s
		}
	}
	return nil
}

// wake runs the subscription's timers.
func (s *Subscription) wake(*timer, time.Time) {
	s.core.Timer(s.sh.now)
	s.flush()
}

// flush carries out the subscription's effects, in order.
func (s *Subscription) flush() {
	if s.flushing {
		return
	}
	s.flushing = true
	for effects := s.core.Take(); len(effects) > 0; effects = s.core.Take() {
		for i := range effects {
			s.do(&effects[i])
		}
	}
	s.flushing = false
	s.sh.wheel.arm(&s.tm, s.core.Deadline())
}

func (s *Subscription) do(e *subscription.Effect) {
	sh := s.sh
	switch e.Op {
	case subscription.OpRespond:
		if tx := sh.serverOf(e.Tx); tx != nil {
			s.respond(tx, e)
		}
	case subscription.OpNotify:
		s.send(e)
	case subscription.OpOver:
		s.remove()
		s.owner.SubscriptionEvent(sh, s, e.Op, e.Why)
	default:
		s.owner.SubscriptionEvent(sh, s, e.Op, "")
	}
}

// respond answers a SUBSCRIBE; a success names where the next one is to go.
func (s *Subscription) respond(tx *serverTx, e *subscription.Effect) {
	headers := e.Headers
	if e.Status < 300 {
		contact := appendContact(nil, s.sh.stack.localOf(&tx.flow), tx.flow.listener.Transport, s.tag)
		headers = append(headers, session.Header{Name: "Contact", Value: string(contact)})
	}
	err := tx.respond(&session.Effect{Status: e.Status, Phrase: e.Phrase, Headers: headers}, []byte(s.tag))
	if err != nil {
		s.sh.stack.log("sip: response not sent", "status", e.Status, "error", err)
	}
}

// send sends a NOTIFY.
func (s *Subscription) send(e *subscription.Effect) {
	sh := s.sh
	body, more := s.owner.Notification(sh, s, e.Head.CSeq)
	r := &request{
		sh: sh, head: e.Head, headers: append(e.Headers, more...), body: body,
		contact: contact{own: true, user: s.tag}, place: s.flow,
	}
	if !s.followed {
		r.place = sh.way(s.flow, nil, e.Head.Next)
	}
	r.done = func(sh *Shard, res Result) {
		if s.notify != r {
			return
		}
		s.notify = nil
		s.core.Result(sh.now, res.Status, retryAfter(res.Message))
		s.flush()
	}
	s.notify = r
	r.launch("")
}

// retryAfter reads Retry-After; 0 for none.
func retryAfter(m *sip.Message) time.Duration {
	if m == nil {
		return 0
	}
	n, _ := m.Uint(sip.HeaderRetryAfter)
	return time.Duration(n) * time.Second
}

// remove forgets a subscription that is over.
func (s *Subscription) remove() {
	sh, device := s.sh, s.identity.Device
	s.leave()
	sh.wheel.stop(&s.tm)
	delete(sh.subscriptions, s.tag)
	if rest := without(sh.subscribed[device], s); len(rest) > 0 {
		sh.subscribed[device] = rest
	} else {
		delete(sh.subscribed, device)
	}
}
