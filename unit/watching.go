package unit

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/sekisho/sekisho/fact"
	"github.com/sekisho/sekisho/unit/lamp"
	"github.com/sekisho/sekisho/unit/plan"
	"github.com/sekisho/sekisho/wire/sip"
	"github.com/sekisho/sekisho/wire/sip/dialog"
	"github.com/sekisho/sekisho/wire/sip/edge"
	"github.com/sekisho/sekisho/wire/sip/session"
	"github.com/sekisho/sekisho/wire/sip/stack"
	"github.com/sekisho/sekisho/wire/sip/subscription"
)

// eventDialog is the event package of lamps (RFC 4235), eventRow that of the outside-line
// keys on phones that show them as a row.
const (
	eventDialog = "dialog"
	eventRow    = "call-info"
)

// events are all there are.
var events = []string{eventDialog, eventRow, eventSeize, eventFeatures, eventSummary}

var allowEvents = session.Header{Name: "Allow-Events", Value: strings.Join(events, ", ")}

// watchedFor is how long a phone watches a lamp before it must say so again.
var watchedFor = subscription.Config{Least: WatchedLeast, Usual: WatchedMost, Most: WatchedMost}

// watching is one phone that watches a lamp, or the row of keys: what its subscription
// says is the board's.
type watching struct {
	lamps *lamps
	id    lamp.ID
	who   lamp.Watcher
	row   bool
	sub   *stack.Subscription
	upTo  uint32 // NOTIFYs up to this number may be sent before the store must know of more
}

var _ stack.Notifier = (*watching)(nil)

// subscribe answers a SUBSCRIBE of a phone.
func (a *lamps) subscribe(sh *stack.Shard, r *stack.Request) error {
	m, id := r.Message, r.Identity()
	if id.Site != "" {
		return a.siteSubscribes(sh, r)
	}
	name := string(m.RequestURI().User)
	event, _ := subscription.EventOf(m)
	_, shared := m.FieldParams(sip.HeaderEvent).Get("sla")
	switch {
	case !slices.Contains(events, event), shared:
		return r.Respond(489, "", allowEvents)
	case event == eventSummary && !takes(m, summaryType):
		return r.Respond(406, "", session.Header{Name: "Accept", Value: summaryType})
	case event == eventDialog && !takes(m, lamp.ContentType):
		return r.Respond(406, "", session.Header{Name: "Accept", Value: lamp.ContentType})
	case r.Line() != "" || !id.Authenticated, event != eventDialog && !a.ownName(event, name, id):
		return r.Respond(403, "")
	case event != eventSummary && !a.exists(name):
		return r.Respond(404, "")
	case !a.u.ready.Load() || sh.ID() != 0:
		return r.Respond(503, "Unit Starts", session.Header{Name: "Retry-After", Value: "1"})
	}
	w := &watching{lamps: a, row: event == eventRow, who: a.own(sh, lamp.Watcher{
		Entity: name, Device: id.Device, Extension: id.Extension, UserAgent: clip(string(m.Value(sip.HeaderUserAgent))),
	})}
	switch event {
	case eventSeize:
		return a.seizes(sh, r, w.who)
	case eventSummary:
		return a.u.summaries.subscribe(r, w.who)
	case eventFeatures:
		return a.syncKeys(r, w.who)
	}
	if err := w.begin(sh); err != nil {
		return r.Respond(503, "Too Many Lamps", session.Header{Name: "Retry-After", Value: "60"})
	}
	if _, err := r.Subscribe(watchedFor, w); err != nil {
		w.forget()
		return fmt.Errorf("watch %s: %w", name, err)
	}
	return nil
}

// begin puts a phone among those that watch.
func (w *watching) begin(sh *stack.Shard) (err error) {
	a := w.lamps
	if w.row {
		w.id, err = a.board.WatchRow(w.who, a.u.row(), sh.Now())
	} else {
		w.id, err = a.board.Watch(w.who, sh.Now())
	}
	if err != nil {
		return err
	}
	a.subs[w.id] = w
	if w.row {
		a.rows[w.who.Device]++
	}
	a.far.watch(sh, w, 1)
	return nil
}

// takes reports whether a SUBSCRIBE accepts a kind of body; one that does not say takes
// the usual.
func takes(m *sip.Message, wanted string) bool {
	if !m.Has(sip.HeaderAccept) {
		return true
	}
	for v := range m.List(sip.HeaderAccept) {
		kind, _, _ := strings.Cut(string(v), ";")
		switch strings.ToLower(strings.TrimSpace(kind)) {
		case wanted, "application/*", "*/*":
			return true
		}
	}
	return false
}

// ownName tells whether a phone asks for what is its extension's: its mailbox it may name by
// what it dials to hear it, too.
func (a *lamps) ownName(event, name string, id edge.Identity) bool {
	return name == id.Extension || name == id.Home ||
		event == eventSummary && name == a.u.plan.Load().CodeOf(plan.MailboxListen)
}

// exists tells whether there is such a lamp.
func (a *lamps) exists(name string) bool {
	p := a.u.plan.Load()
	_, key := p.Key(name)
	_, site := p.SiteOfKey(name)
	return key || site || p.Extension(name) || p.Group(name) || p.Site(name) != ""
}

// Notification is what the phone is told now.
func (w *watching) Notification(
	_ *stack.Shard, s *stack.Subscription, seq uint32,
) (body session.Body, headers []session.Header) {
	w.sub = s
	if seq >= w.upTo {
		w.save()
	}
	if w.row {
		if info := w.lamps.board.Info(w.id); info != "" {
			headers = []session.Header{{Name: "Call-Info", Value: info}}
		}
		return body, headers
	}
	return session.Body{Type: lamp.ContentType, Bytes: w.lamps.board.Body(w.id, seq-1)}, nil
}

// SubscriptionEvent keeps what is stored up to date, and the board when the
// subscription is over.
func (w *watching) SubscriptionEvent(sh *stack.Shard, s *stack.Subscription, what subscription.Op, why string) {
	w.sub = s
	switch what {
	case subscription.OpRefreshed:
		w.save()
	case subscription.OpOver:
		w.lamps.u.log.Debug("lamp no longer watched", "lamp", w.who.Entity, "device", w.who.Device, "why", why)
		w.forget()
		if !w.who.StateOnly {
			w.lamps.u.commit(fact.Write{Rows: []fact.Row{fact.SubscriptionGone{Tag: s.Tag()}}, Behind: true})
		}
		w.lamps.tell(sh)
	}
}

func (w *watching) forget() {
	a := w.lamps
	a.board.Unwatch(w.id)
	delete(a.subs, w.id)
	a.far.watch(a.u.stack.Shard(0), w, -1)
	if !w.row {
		return
	}
	if a.rows[w.who.Device]--; a.rows[w.who.Device] == 0 {
		delete(a.rows, w.who.Device)
	}
}

// save has the store know of the subscription, with numbers ahead of those used:
// after a restart it goes on with higher ones. A site asks anew after that.
func (w *watching) save() {
	if w.who.StateOnly {
		return
	}
	k := w.sub.Kept(WatchedAhead)
	w.upTo = k.Dialog.LocalSeq
	w.lamps.u.keepWatch(&k, w.who)
}

// keepWatch has the store know of a phone's subscription.
func (u *Unit) keepWatch(k *stack.Kept, who lamp.Watcher) {
	d := &k.Dialog
	u.commit(fact.Write{Behind: true, Rows: []fact.Row{fact.Subscription{
		Tag: d.LocalTag, CallID: d.CallID, RemoteTag: d.RemoteTag, LocalURI: d.Local, RemoteURI: d.Remote,
		Target: d.Target, Routes: d.Routes, LocalSeq: d.LocalSeq, RemoteSeq: d.RemoteSeq,
		Package: k.Package, ID: k.ID, Expires: k.Expires.UTC(),
		Entity: cmp.Or(who.Name, who.Entity), Extension: who.Extension, Device: who.Device, UserAgent: who.UserAgent,
		Source: k.Place.Remote, Local: k.Place.Local, Transport: k.Place.Transport, Listener: k.Place.Listener,
	}}})
}

// rewatch makes the subscriptions of an earlier process again, some at a time, so
// that every phone soon sees its lamps as they are. Lamps are no reason not to
// start.
func (a *lamps) rewatch(ctx context.Context) {
	if a.u.cfg.Keeper == nil {
		return
	}
	left, err := a.u.cfg.Keeper.Subscriptions(ctx)
	if err != nil {
		a.u.log.Error("lamps stay dark until phones ask again", "error", err)
		return
	}
	err = onLoop(ctx, a.u.stack.Shard(0), func(sh *stack.Shard) { a.rewatchSome(sh, left) })
	if err != nil {
		a.u.log.Error("lamps stay dark until phones ask again", "error", err)
	}
}

func (a *lamps) rewatchSome(sh *stack.Shard, left []fact.Subscription) {
	n := min(len(left), rewatchedAtOnce)
	for i := range left[:n] {
		a.restore(sh, &left[i])
	}
	if left = left[n:]; len(left) > 0 {
		sh.At(sh.Now().Add(rewatchEvery), func(sh *stack.Shard) { a.rewatchSome(sh, left) })
	}
}

// restore makes one subscription again. One that can't be is forgotten: its phone
// gets a 481 to the next refresh, and subscribes anew.
func (a *lamps) restore(sh *stack.Shard, f *fact.Subscription) {
	w := &watching{lamps: a, row: f.Package == eventRow, upTo: f.LocalSeq, who: a.own(sh, lamp.Watcher{
		Entity: f.Entity, Device: f.Device, Extension: f.Extension, UserAgent: f.UserAgent,
	})}
	k := stack.Kept{
		Place: edge.Source{Remote: f.Source, Local: f.Local, Transport: f.Transport, Listener: f.Listener},
		Identity: edge.Identity{
			Extension: f.Extension, Device: f.Device, Credential: f.Device, Authenticated: true,
		},
	}
	k.Package, k.ID, k.Expires = f.Package, f.ID, f.Expires
	k.Dialog = dialog.Dialog{
		ID:    dialog.ID{CallID: f.CallID, LocalTag: f.Tag, RemoteTag: f.RemoteTag},
		Local: f.LocalURI, Remote: f.RemoteURI, Target: f.Target, Routes: f.Routes,
		LocalSeq: f.LocalSeq, RemoteSeq: f.RemoteSeq, Confirmed: true,
	}
	var err error
	switch f.Package {
	case eventSummary:
		err = a.u.summaries.restore(sh, k, w)
	case eventFeatures:
		s := &keySync{u: a.u, who: w.who, upTo: f.LocalSeq}
		a.syncs = append(a.syncs, s)
		if _, err = sh.Resubscribe(k, watchedFor, s); err != nil {
			s.forget()
		}
	default:
		if err = w.begin(sh); err != nil {
			break
		}
		if _, err = sh.Resubscribe(k, watchedFor, w); err != nil {
			w.forget()
		}
	}
	if err != nil {
		a.u.log.Info("lamp is not watched any more", "lamp", f.Entity, "device", f.Device, "error", err)
		a.u.commit(fact.Write{Rows: []fact.Row{fact.SubscriptionGone{Tag: f.Tag}}, Behind: true})
	}
}

// unwatch takes the lamps away from a phone that is taken out of use, and the key that it
// has seized.
func (a *lamps) unwatch(sh *stack.Shard, device string) {
	a.u.unseize(sh, device)
	for _, w := range a.subs {
		if w.who.Device == device && w.sub != nil {
			w.sub.End("disabled", "rejected")
		}
	}
	for _, s := range a.u.summaries.subs {
		for _, w := range slices.Clone(s) {
			if w.who.Device == device && w.sub != nil {
				w.sub.End("disabled", "rejected")
			}
		}
	}
	for _, k := range slices.Clone(a.syncs) {
		if k.who.Device == device && k.sub != nil {
			k.sub.End("disabled", "rejected")
		}
	}
}
