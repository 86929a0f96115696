package unit

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/sekisho/sekisho/unit/lamp"
	"github.com/sekisho/sekisho/unit/lamp/remote"
	"github.com/sekisho/sekisho/wire/sip"
	"github.com/sekisho/sekisho/wire/sip/dialog"
	"github.com/sekisho/sekisho/wire/sip/session"
	"github.com/sekisho/sekisho/wire/sip/stack"
	"github.com/sekisho/sekisho/wire/sip/subscription"
)

// farLamps has other sites tell how it stands with their extensions that phones here
// watch: a subscription of ours for each (RFC 6665, RFC 4235), as long as somebody does.
// The loop of shard 0 owns it.
type farLamps struct {
	a       *lamps
	book    *remote.Book
	ends    map[remote.ID]*farEnd
	tags    map[string]*farEnd // by ours
	watched map[string]int     // by how many phones, by lamp
	takable map[string]bool    // what rings there may be taken, by lamp
	soon    bool               // it is looked at them soon
	alarm   *stack.Alarm
}

// farEnd is our end of one subscription: the same tag for all that come one after the
// other, and a Call-ID of its own for each.
type farEnd struct {
	id   remote.ID
	lamp remote.Lamp
	tag  string
	op   remote.Op     // that was asked last
	d    dialog.Dialog // without a Call-ID where there is none
}

func newFarLamps(a *lamps) *farLamps {
	return &farLamps{
		a: a, book: remote.New(), ends: make(map[remote.ID]*farEnd), tags: make(map[string]*farEnd),
		watched: make(map[string]int), takable: make(map[string]bool),
	}
}

// beside is the state of a lamp, of what calls here show on it and what its site says of it.
// That knows better, as long as it is known: a call of ours to there may have gone on to
// somebody else. Of a call of ours that it may mean more is known here.
func (f *farLamps) beside(name string, all []use) lamp.State {
	s := together(all)
	said, ok := f.book.State(name)
	switch {
	case !ok, said == lamp.Unknown && s.Phase != lamp.Idle:
		return s
	case said == lamp.Unknown:
		return lamp.State{Phase: said}
	}
	for _, u := range all {
		if u.state.Phase == said {
			return u.state
		}
	}
	s = lamp.State{Phase: said}
	if said == lamp.Ringing && f.takable[name] {
		s.CallID, s.LocalTag, s.RemoteTag = farCall+name, lamp.Takable, lamp.Takable
	}
	return s
}

// farCall begins the names under which phones here know calls that ring at other sites.
const farCall = "rings-at-"

// namedAfar is the extension of another site where the call rings that an INVITE asks to
// replace; ok is false where it asks for nothing of the kind.
func (u *Unit) namedAfar(m *sip.Message) (extension string, ok bool) {
	r, has := m.Replaces()
	extension, ok = strings.CutPrefix(string(r.CallID), farCall)
	return extension, has && ok && string(r.ToTag) == lamp.Takable && u.plan.Load().Site(extension) != ""
}

// watch notes that a phone watches a lamp, or not any more.
func (f *farLamps) watch(sh *stack.Shard, w *watching, n int) {
	if w.row || w.who.StateOnly || f.a.u.cfg.Sites == nil {
		return
	}
	name := w.who.Entity
	if f.watched[name] += n; f.watched[name] <= 0 {
		delete(f.watched, name)
	}
	if f.a.u.plan.Load().Site(name) != "" {
		f.lookSoon(sh)
	}
}

// lookSoon has look be called, once for all that comes about the same time.
func (f *farLamps) lookSoon(sh *stack.Shard) {
	if !f.soon {
		f.soon = true
		sh.At(sh.Now().Add(farSettles), f.look)
	}
}

// look has those sites be asked whose lamps are watched.
func (f *farLamps) look(sh *stack.Shard) {
	f.soon = false
	p := f.a.u.plan.Load()
	var all []remote.Lamp
	for name := range f.watched {
		if site := p.Site(name); site != "" {
			all = append(all, remote.Lamp{Site: site, Extension: name})
		}
	}
	slices.SortFunc(all, func(x, y remote.Lamp) int { return strings.Compare(x.Extension, y.Extension) })
	f.book.Want(all, sh.Now())
	f.goOn(sh)
}

// planned goes by another plan: what is whose extension, and who may see ours.
func (f *farLamps) planned(sh *stack.Shard) {
	if f.a.u.cfg.Sites == nil {
		return
	}
	var names []string
	for _, s := range f.a.u.plan.Load().Sites() {
		names = append(names, s.Name)
	}
	f.book.Keep(names)
	for _, w := range f.a.subs {
		if !w.who.StateOnly || w.sub == nil {
			continue
		}
		switch takes, status := f.a.siteMayWatch(SiteOf(w.who.Device), w.who.Entity); {
		case status != 0:
			w.sub.End("not for that site", "rejected")
		case takes != w.who.Takes:
			w.sub.End("it is told otherwise", "deactivated") // RFC 6665 §4.1.3: at once
		}
	}
	f.look(sh)
}

// tend goes by which sites are in touch.
func (f *farLamps) tend(sh *stack.Shard) {
	for _, s := range f.a.u.plan.Load().Sites() {
		way, sure := f.a.u.cfg.Sites.Way(s.Name, sh.Now())
		f.book.Way(s.Name, sure, way, sh.Now())
	}
	f.goOn(sh)
}

// goOn asks what is due, and shows what has changed.
func (f *farLamps) goOn(sh *stack.Shard) {
	for _, q := range f.book.Due(sh.Now()) {
		f.ask(sh, q)
	}
	for _, name := range f.book.Changed() {
		f.a.board.Set(name, f.beside(name, f.a.uses[name]), sh.Now())
	}
	f.a.tell(sh)
	if f.book.Len() < len(f.ends) {
		for id, e := range f.ends {
			if !f.book.Known(id) {
				delete(f.ends, id)
				delete(f.tags, e.tag)
				delete(f.takable, e.lamp.Extension)
				sh.Unexpect(e.tag)
			}
		}
	}
	at := f.book.Deadline()
	switch {
	case at.IsZero():
		f.alarm.Stop()
	case f.alarm == nil:
		f.alarm = sh.At(later(at, sh.Now()), f.goOn)
	default:
		f.alarm.Again(later(at, sh.Now()))
	}
}

// ask sends one question; its outcome is the book's to hear.
func (f *farLamps) ask(sh *stack.Shard, q remote.Ask) {
	e := f.ends[q.ID]
	if e == nil {
		tag, err := sh.Expect()
		if err != nil {
			f.book.Answered(q.ID, remote.Failed, 0, sh.Now())
			return
		}
		e = &farEnd{id: q.ID, lamp: q.Lamp, tag: tag}
		f.ends[q.ID], f.tags[tag] = e, e
	}
	at, _, ok := f.a.u.cfg.Sites.Place(q.Site)
	if !ok {
		f.book.Answered(q.ID, remote.Failed, 0, sh.Now())
		return
	}
	if e.op = q.Op; q.Op == remote.Begin {
		uri := "sip:" + q.Extension + "@" + q.Site + ".site.invalid"
		e.d = dialog.Dialog{
			ID:    dialog.ID{CallID: newID(sh.Now()), LocalTag: e.tag},
			Local: address("", "unit", f.a.u.cfg.Realm), Remote: "<" + uri + ">", Target: uri,
		}
	}
	h := e.d.Request(sip.SUBSCRIBE)
	o := stack.Outgoing{
		Method: h.Method, URI: h.URI, From: e.d.Local, FromTag: e.tag, To: e.d.Remote, ToTag: e.d.RemoteTag,
		CallID: h.CallID, CSeq: h.CSeq, Contact: "<sip:" + e.tag + "@unit.site.invalid;transport=tls>",
		Headers: []session.Header{
			{Name: "Event", Value: eventDialog},
			{Name: "Accept", Value: lamp.ContentType},
			{Name: "Expires", Value: strconv.Itoa(int(q.For / time.Second))},
		},
	}
	err := sh.Send(at, o, func(sh *stack.Shard, r stack.Result) { f.answered(sh, e, r) })
	if err != nil {
		f.book.Answered(q.ID, remote.Failed, 0, sh.Now())
	}
}

// answered takes what came of a question.
func (f *farLamps) answered(sh *stack.Shard, e *farEnd, r stack.Result) {
	outcome, d := remote.Refused, time.Duration(0)
	m := r.Message
	switch status := r.Status; {
	case e.d.CallID == "" && e.op == remote.Begin: // the site has ended it meanwhile
		outcome = remote.Failed
	case e.d.CallID == "":
		outcome = remote.Strange
	case status < 300 && m != nil && len(m.To().Tag) > 0:
		outcome, d = remote.Granted, remote.AskFor
		if n, ok := m.Expires(); ok {
			d = time.Duration(n) * time.Second
		}
		e.d.RemoteTag = string(m.To().Tag)
		e.d.Refresh(dialog.Contact(m))
	case status == 481:
		outcome = remote.Strange
	case status == 408, status >= 500 && status < 600:
		outcome = remote.Failed
		if m != nil {
			n, _ := m.Uint(sip.HeaderRetryAfter)
			d = time.Duration(n) * time.Second
		}
	}
	if outcome == remote.Strange || outcome == remote.Refused || e.op == remote.End ||
		outcome == remote.Failed && e.op == remote.Begin {
		e.d = dialog.Dialog{}
	}
	if outcome == remote.Refused {
		f.a.u.log.Debug("a site tells nothing of a lamp", "site", e.lamp.Site, "status", r.Status)
	}
	f.book.Answered(e.id, outcome, d, sh.Now())
	if outcome == remote.Refused && f.book.Crowded() { // another one may have its place
		f.lookSoon(sh)
	}
	f.goOn(sh)
}

// notified takes what a site tells of a lamp.
func (f *farLamps) notified(sh *stack.Shard, r *stack.Request) error {
	m, site := r.Message, r.Identity().Site
	e := f.tags[string(m.To().Tag)]
	event, _ := subscription.EventOf(m)
	switch {
	case e == nil || e.lamp.Site != site || e.d.CallID != string(m.CallID()) ||
		e.d.RemoteTag != "" && e.d.RemoteTag != string(m.From().Tag):
		return r.Respond(481, "Subscription Does Not Exist")
	case e.d.Receive(m.Method(), m.CSeq().Number) != 0:
		return r.Respond(500, "CSeq Out Of Order")
	case event != eventDialog:
		return r.Respond(489, "", session.Header{Name: "Allow-Events", Value: eventDialog})
	}
	e.d.RemoteTag = string(m.From().Tag)                             // it may be quicker than the answer
	if f.a.u.heardSite(sh, site); e.d.CallID != string(m.CallID()) { // it was asked anew for that
		return r.Respond(481, "Subscription Does Not Exist")
	}
	told, named := toldBy(m)
	f.takable[e.lamp.Extension] = named
	if !f.book.Told(e.id, told, sh.Now()) {
		f.goOn(sh)
		return r.Respond(503, "Too Much", session.Header{Name: "Retry-After", Value: "1"})
	}
	if told.Over {
		e.d = dialog.Dialog{}
	}
	f.goOn(sh)
	return r.Respond(200, "")
}

// toldBy reads a NOTIFY of a site.
func toldBy(m *sip.Message) (t remote.Told, named bool) {
	reason, _ := m.FieldParams(sip.HeaderSubscriptionState).Get("reason")
	switch state := strings.ToLower(string(m.Head(sip.HeaderSubscriptionState))); {
	case state == "terminated":
		why := strings.ToLower(string(reason)) // RFC 6665 §4.1.3
		t.Over, t.Again = true, why == "deactivated" || why == "timeout"
		t.Phase = lamp.Unknown
	case m.IsContentType(lamp.ContentType):
		t.Phase, named, _ = lamp.Read(m.Body())
	default:
		t.Phase = lamp.Unknown
	}
	return t, named
}
