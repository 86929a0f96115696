package unit

import (
	"fmt"
	"slices"
	"time"

	"github.com/sekisho/sekisho/fact"
	"github.com/sekisho/sekisho/gate"
	"github.com/sekisho/sekisho/unit/lamp"
	"github.com/sekisho/sekisho/unit/plan"
	"github.com/sekisho/sekisho/wire/sip"
	"github.com/sekisho/sekisho/wire/sip/session"
	"github.com/sekisho/sekisho/wire/sip/stack"
	"github.com/sekisho/sekisho/wire/sip/subscription"
)

// eventFeatures is the event package by which the keys of a phone for do-not-disturb and
// forwards say what is set here, and set it (feature-key synchronization).
const eventFeatures = "as-feature-event"

// keySync is one phone that wants that. It is told one thing a NOTIFY: not all phones read
// several.
type keySync struct {
	u       *Unit
	who     lamp.Watcher
	sub     *stack.Subscription
	upTo    uint32 // as of watching
	told    [synced]string
	known   [synced]bool // told is what the phone knows
	waits   [synced]bool // for what the phone asked itself: until that is done it is told nothing of it
	flight  int          // what the NOTIFY tells that is under way
	flights string
}

var _ stack.Notifier = (*keySync)(nil)

// syncKeys answers a SUBSCRIBE of a phone that keeps its keys the same as what is set.
func (a *lamps) syncKeys(r *stack.Request, who lamp.Watcher) error {
	if n := len(r.Message.Body()); n > 0 && (n > WishMax || !r.Message.IsContentType(featureType)) {
		return r.Respond(415, "", session.Header{Name: "Accept", Value: featureType})
	}
	k := &keySync{u: a.u, who: who}
	a.syncs = append(a.syncs, k)
	if _, err := r.Subscribe(watchedFor, k); err != nil {
		k.forget()
		return fmt.Errorf("keys of %s: %w", who.Extension, err)
	}
	return nil
}

func (k *keySync) forget() {
	a := k.u.lamps
	a.syncs = slices.DeleteFunc(a.syncs, func(o *keySync) bool { return o == k })
}

// extension is whose settings the keys show: of who is logged in at the phone.
func (k *keySync) extension() string { return k.u.cfg.Phones.Seated(k.who.Device) }

// says is what is set of one thing now.
func (k *keySync) says(i int) string {
	p := k.u.plan.Load()
	return stateOf(p, p.Services(k.extension()), i)
}

// next is what the phone is to be told of next; ok is false where it knows all.
func (k *keySync) next() (i int, ok bool) {
	for i := range synced {
		if !k.waits[i] && (!k.known[i] || k.told[i] != k.says(i)) {
			return i, true
		}
	}
	return 0, false
}

// look has the phone be told if something is otherwise than it knows.
func (k *keySync) look() {
	if _, ok := k.next(); ok && k.sub != nil {
		k.sub.News()
	}
}

// Notification tells of one thing: of that which the phone does not know, if there is one.
func (k *keySync) Notification(
	_ *stack.Shard, s *stack.Subscription, seq uint32,
) (session.Body, []session.Header) {
	k.sub = s
	if seq >= k.upTo {
		k.save()
	}
	i, ok := k.next()
	if !ok { // an answer is owed all the same
		i = max(slices.Index(k.waits[:], false), 0)
	}
	k.flight, k.flights = i, k.says(i)
	return session.Body{Type: featureType, Bytes: featureBody(k.who.Entity, i, k.flights)}, nil
}

// SubscriptionEvent does what the phone asks with its SUBSCRIBE, and tells it of the next
// thing when it took one.
func (k *keySync) SubscriptionEvent(sh *stack.Shard, s *stack.Subscription, what subscription.Op, why string) {
	k.sub = s
	switch what {
	case subscription.OpRefreshed:
		k.save()
		if m := s.Message(); m != nil {
			k.known, k.waits = [synced]bool{}, [synced]bool{}
			k.asked(sh, m)
		}
	case subscription.OpTold:
		k.told[k.flight], k.known[k.flight] = k.flights, true
		k.look()
	case subscription.OpOver:
		k.u.log.Debug("keys no longer kept the same", "device", k.who.Device, "why", why)
		k.forget()
		k.u.commit(fact.Write{Rows: []fact.Row{fact.SubscriptionGone{Tag: s.Tag()}}, Behind: true})
	}
}

func (k *keySync) save() {
	kept := k.sub.Kept(WatchedAhead)
	k.upTo = kept.Dialog.LocalSeq
	k.u.keepWatch(&kept, k.who)
}

// asked does what a phone's user set at the phone: what its code would do, were it dialed
// there. Where there is no such code, or that leads nowhere, nothing is done, and the phone
// is told how it stands.
func (k *keySync) asked(sh *stack.Shard, m *sip.Message) {
	if len(m.Body()) == 0 || len(m.Body()) > WishMax || !m.IsContentType(featureType) {
		return
	}
	i, action, digits, ok := readWish(m.Body())
	p := k.u.plan.Load()
	code := p.CodeOf(action)
	if !ok || code == "" {
		k.u.log.Info("what a phone's key asked is not understood", "device", k.who.Device)
		return
	}
	dialed := code + digits
	t := p.Dialed(dialed)
	if t.Asked.Action != action || k.u.cfg.Services == nil {
		return
	}
	by := k.origin(sh.Now())
	if t = k.u.barForward(t, by.Extension, by.Device, sh.Now()); t.Kind != plan.Service {
		k.u.refuseWish(by, t, dialed, sh.Now())
		return
	}
	k.waits[i] = true
	k.u.cfg.Services.Serve(t.Asked, partyOf(by), "", func(string, bool) {
		sh.Post(func(*stack.Shard) {
			k.waits[i], k.known[i] = false, false
			k.look()
		})
	})
}

// origin is the phone as the gate is told of it.
func (k *keySync) origin(at time.Time) gate.Origin {
	place := k.sub.Kept(0).Place
	pointer, agent := k.u.cfg.Phones.Registration(k.who.Device, place, at)
	return gate.Origin{
		Kind: gate.OriginDialed, Extension: k.extension(), Device: k.who.Device,
		Credential: k.sub.Identity().Credential, Source: place.Remote, Transport: place.Transport, UserAgent: agent,
		Registration: pointer, Authenticated: true,
	}
}

// refuseWish has the gate refuse, and keep on record, what would send calls on to where
// none may go: as if the code had been dialed.
func (u *Unit) refuseWish(by gate.Origin, t plan.Target, dialed string, at time.Time) {
	r := gate.Request{
		Call: newID(at), Origin: by, Destination: t.Destination, At: at, Dialed: clip(dialed), First: true,
		From: by.Extension, Direction: fact.Outgoing, Started: at.UTC(),
	}
	u.cfg.Desk.Ask(r, func(v gate.Verdict, _ gate.Pass, err error) {
		f := fact.CallEnded{
			Call: r.Call, Verb: v.Verb.String(), Rule: v.Rule, Ended: at.UTC(), Status: v.Status, Reason: "refused",
			MediaRole: mediaRole,
		}
		if !v.Recorded || err != nil {
			f.Direction, f.Party, f.From, f.To, f.Started = r.Direction, partyOf(by), r.From, r.Dialed, r.Started
		}
		u.commit(fact.Write{Facts: []fact.Fact{f}, Behind: true})
	})
}
