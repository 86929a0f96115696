package plan

import (
	"slices"
	"testing"

	"github.com/sekisho/sekisho/fact"
)

// TestQueues: a queue is under the number of its group, and none without one; what is
// wrong with it is said.
func TestQueues(t *testing.T) {
	with := func(sets ...fact.QueueSet) (*Plan, error) {
		s := Settings{
			Extensions: []string{"201", "202"}, Features: Features(),
			Groups: []fact.Group{
				{Number: "400", Members: []string{"201", "202"}, Out: []string{"202"}},
				{Number: "401", Members: []string{"201"}},
			},
		}
		for _, f := range sets {
			s.Routing = append(s.Routing, f)
		}
		return New(s)
	}
	three, five := fact.QueueSet{Queue: "401", Most: 3}, fact.QueueSet{Queue: "400", Most: 5}
	p, err := with(three, five, fact.QueueSet{Queue: "402", Most: 1})
	if err != nil {
		t.Fatal(err)
	}
	if got := p.Queues(); !slices.Equal(got, []string{"400", "401"}) {
		t.Errorf("queues %q", got)
	}
	set, g, ok := p.Queue("400")
	if !ok || set.Most != 5 || len(g.Members) != 2 {
		t.Errorf("%+v of %+v", set, g)
	}
	if _, _, ok := p.Queue("402"); ok {
		t.Error("there is a queue without a group")
	}
	if n := p.Dialed("400").Number(); n != "400" {
		t.Errorf("400 leads to the group %q", n)
	}
	if n := p.Dialed("201").Number(); n != "" {
		t.Errorf("201 leads to the group %q", n)
	}
	for _, bad := range []fact.QueueSet{
		{Queue: "400"},
		{Queue: "400", Most: 1, WaitSeconds: -1},
		{Queue: "400", Most: 1, Misses: -1},
		{Queue: "400", Most: 1, Lang: "fr"},
	} {
		if _, err := with(bad); err == nil {
			t.Errorf("%+v is a queue", bad)
		}
	}
	for name, want := range map[string]bool{
		"login400": true, "pause": true, "login402": false, "login": false, "park1": false,
	} {
		if p.OfExtension(name) != want {
			t.Errorf("%s is an extension's own: %v", name, !want)
		}
	}
	for ext, want := range map[string]bool{"201": true, "202": false, "203": false} {
		if p.LoggedIn("login400", ext) != want {
			t.Errorf("%s is logged in: %v", ext, !want)
		}
	}
}

// TestTooManyQueues: there are so many, and no more.
func TestTooManyQueues(t *testing.T) {
	s := Settings{Extensions: []string{"201"}}
	for n := range QueuesMax + 1 {
		number := string(rune('0'+4)) + string(rune('0'+n/10)) + string(rune('0'+n%10))
		s.Groups = append(s.Groups, fact.Group{Number: number, Members: []string{"201"}})
		s.Routing = append(s.Routing, fact.QueueSet{Queue: number, Most: 1})
	}
	if _, err := New(s); err == nil {
		t.Error("there are more queues than may be")
	}
	s.Routing = s.Routing[1:]
	if _, err := New(s); err != nil {
		t.Error(err)
	}
}
