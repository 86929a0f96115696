package unit

import (
	"github.com/sekisho/sekisho/unit/lamp"
	"github.com/sekisho/sekisho/unit/plan"
	"github.com/sekisho/sekisho/wire/sip/stack"
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
	a.tell(sh)
}

// heardSite notes that something came from a site.
func (u *Unit) heardSite(sh *stack.Shard, name string) {
	u.cfg.Sites.Heard(name, sh.Now())
	u.lamps.sites(sh)
}
