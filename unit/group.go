package unit

import (
	"strconv"
	"time"

	"github.com/sekisho/sekisho/fact"
	"github.com/sekisho/sekisho/unit/call"
	"github.com/sekisho/sekisho/unit/plan"
)

// groupsOf is what ring groups remember of calls, since the unit began. Unit.mu
// guards it.
type groupsOf struct {
	turns map[string]int       // calls of a group, by its number
	idle  map[string]time.Time // when an extension's last call ended
}

// ringGroup makes a route of those members of a group that may ring.
func (c *liveCall) ringGroup(g *fact.Group, able []string, busy bool, but string) call.Route {
	c.u.mu.Lock()
	turn := c.u.groups.turns[g.Number]
	c.u.groups.turns[g.Number]++
	waves := plan.Arrange(g, able, turn, func(ext string) time.Time { return c.u.groups.idle[ext] })
	c.u.mu.Unlock()
	var r call.Route
	for _, w := range waves {
		for _, b := range c.u.cfg.Phones.Lookup(w.Extension, c.sh.Now()) {
			if b.Device != but {
				r.Contacts = append(r.Contacts, call.Contact{
					Extension: w.Extension, Key: strconv.Itoa(c.known(b)), After: w.After, For: w.For,
				})
			}
		}
	}
	if len(r.Contacts) == 0 && busy {
		r.Refuse = call.Refusal{Status: 486}
	}
	if g.Overflow != "" {
		r.Onward, c.forwarding.group = true, g
	}
	return r
}

// nowIdle notes when the extensions of a call had their last one.
func (u *Unit) nowIdle(c *liveCall) {
	now := c.sh.Now()
	u.mu.Lock()
	defer u.mu.Unlock()
	for _, l := range c.legs {
		if ext := l.extension(); ext != "" && !c.answered.IsZero() && l.device() == c.answerer {
			u.groups.idle[ext] = now
		}
	}
	if c.lineIn == "" && c.origin.Extension != "" {
		u.groups.idle[c.origin.Extension] = now
	}
}
