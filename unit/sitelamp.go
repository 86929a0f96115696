package unit

import (
	"fmt"

	"github.com/sekisho/sekisho/unit/lamp"
	"github.com/sekisho/sekisho/unit/plan"
	"github.com/sekisho/sekisho/wire/sip"
	"github.com/sekisho/sekisho/wire/sip/session"
	"github.com/sekisho/sekisho/wire/sip/stack"
	"github.com/sekisho/sekisho/wire/sip/subscription"
)

// sites brings the lamps of other sites up to date: one is on while its site is away, as
// that of the night key is while it is night, so that the ordinary state is dark.
func (a *lamps) sites(sh *stack.Shard) {
	if a.u.cfg.Sites == nil || sh.ID() != 0 {
		return
	}
	for _, s := range a.u.plan.Load().Sites() {
		var shown lamp.State
		if _, _, ok := a.u.cfg.Sites.Place(s.Name); !ok {
			shown.Phase = lamp.Talking
		}
		a.board.Set(plan.SiteKey(s.Name), shown, sh.Now())
	}
	a.far.tend(sh)
}

// siteSubscribes answers a SUBSCRIBE of another site, for the lamp of one of ours: it is
// told how that stands, and nothing of who is in the call.
func (a *lamps) siteSubscribes(sh *stack.Shard, r *stack.Request) error {
	m, id := r.Message, r.Identity()
	name := string(m.RequestURI().User)
	event, _ := subscription.EventOf(m)
	_, shared := m.FieldParams(sip.HeaderEvent).Get("sla")
	switch {
	case event != eventDialog, shared:
		return r.Respond(489, "", session.Header{Name: "Allow-Events", Value: eventDialog})
	case !takes(m, lamp.ContentType):
		return r.Respond(406, "", session.Header{Name: "Accept", Value: lamp.ContentType})
	case !a.u.ready.Load() || sh.ID() != 0:
		return r.Respond(503, "Unit Starts", session.Header{Name: "Retry-After", Value: "1"})
	}
	may, status := a.siteMayWatch(id.Site, name)
	if status != 0 {
		return r.Respond(status, "")
	}
	a.u.heardSite(sh, id.Site)
	w := &watching{lamps: a, who: lamp.Watcher{Entity: name, Device: id.Device, StateOnly: true, Takes: may}}
	if err := w.begin(sh); err != nil {
		return r.Respond(503, "Too Many Lamps", session.Header{Name: "Retry-After", Value: "60"})
	}
	if _, err := r.Subscribe(watchedFor, w); err != nil {
		w.forget()
		return fmt.Errorf("site %s watches %s: %w", id.Site, name, err)
	}
	return nil
}

// siteMayWatch gives the status with which a site is refused a lamp, 0 for none, and
// whether it may take what rings there: it sees what is ours, an extension or a group, and
// nothing of what a third site has.
func (a *lamps) siteMayWatch(site, name string) (takes bool, status int) {
	p := a.u.plan.Load()
	switch s, ok := p.SiteNamed(site); {
	case !ok || !s.Sees:
		return false, 403
	case !p.Extension(name) && !p.Group(name):
		return false, 404
	default:
		return s.Takes, 0
	}
}

// heardSite notes that something came from a site.
func (u *Unit) heardSite(sh *stack.Shard, name string) {
	u.cfg.Sites.Heard(name, sh.Now())
	u.lamps.sites(sh)
}
