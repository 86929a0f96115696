package plan

import (
	"cmp"
	"fmt"
	"slices"
	"time"

	"github.com/sekisho/sekisho/fact"
)

// Wave is a member of a group that rings, from when and for how long; 0 is for as
// long as usual.
type Wave struct {
	Extension  string
	After, For time.Duration
}

// MemberSeconds is how long one member rings where they ring one after the other and
// the group does not say.
const MemberSeconds = 15

// Arrange says in which order those members of a group ring that are able to. turn
// counts the group's calls; idle tells since when an extension has no call.
func Arrange(g *fact.Group, able []string, turn int, idle func(extension string) time.Time) []Wave {
	able = slices.Clone(able)
	long := time.Duration(g.Seconds) * time.Second
	switch g.Strategy {
	case fact.RingRoundRobin:
		// Whoever is next of all members begins, there or not: the turn does not
		// depend on who is busy.
		first := turn % max(len(g.Members), 1)
		place := func(e string) int {
			return (slices.Index(g.Members, e) - first + len(g.Members)) % len(g.Members)
		}
		slices.SortStableFunc(able, func(x, y string) int { return cmp.Compare(place(x), place(y)) })
	case fact.RingLongestIdle:
		slices.SortStableFunc(able, func(x, y string) int { return idle(x).Compare(idle(y)) })
	case fact.RingLinear:
	default:
		var out []Wave
		for _, e := range able {
			out = append(out, Wave{e, time.Duration(g.Delays[e]) * time.Second, long})
		}
		return out
	}
	if long == 0 {
		long = MemberSeconds * time.Second
	}
	var out []Wave
	for i, e := range able {
		out = append(out, Wave{e, time.Duration(i) * long, long})
	}
	return out
}

// checkGroup says what is wrong with how a group rings.
func (p *Plan) checkGroup(g fact.Group) error {
	strategies := []string{"", fact.RingAll, fact.RingLinear, fact.RingRoundRobin, fact.RingLongestIdle}
	switch {
	case !slices.Contains(strategies, g.Strategy):
		return fmt.Errorf("group %s: no strategy %.20q", g.Number, g.Strategy)
	case g.Seconds < 0 || g.Seconds > RingSecondsMax:
		return fmt.Errorf("group %s: %d seconds, at most %d", g.Number, g.Seconds, RingSecondsMax)
	case g.Overflow == g.Number && g.Number != "":
		return fmt.Errorf("group %s: it overflows to itself", g.Number)
	}
	for e, s := range g.Delays {
		if !slices.Contains(g.Members, e) || s < 0 || s > RingSecondsMax {
			return fmt.Errorf("group %s: no delay of %d seconds for %.8q", g.Number, s, e)
		}
	}
	return nil
}
