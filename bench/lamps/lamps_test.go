package main

import (
	"strings"
	"testing"
	"time"

	"github.com/sekisho/sekisho/bench/cast"
)

// TestLampsShowWhatIsSo plays a short piece of the bench, with restarts. Machines that run
// all tests at once are busy: a lamp may take a second there.
func TestLampsShowWhatIsSo(t *testing.T) {
	o := &options{events: 600, offices: 3, rate: ratePreset, seed: 20261201, most: time.Second}
	if testing.Short() {
		o.events, o.offices = 200, 1
	}
	r, err := run(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	var b strings.Builder
	r.write(&b)
	if !r.ok() {
		t.Fatal(b.String())
	}
	seen := r.clean.N + r.troubled.N + r.restarted.N + r.ahead.N
	if r.clean.N < o.events/2 || seen < 3*o.events || r.net.Lost == 0 || len(r.tally.Started) < o.offices {
		t.Errorf("too little happened:\n%s", b.String())
	}
}

// watched is a judge with one lamp, and what it found.
func watched() (j *judge, l *lamp, found *[]string) {
	found = new([]string)
	j = &judge{
		wrong: make(map[*lamp]bool), most: wrongMost,
		fail: func(kind, what string) { *found = append(*found, kind+": "+what) },
	}
	t := j.thing("key1")
	l = &lamp{of: t, phone: &cast.Party{Name: "201"}}
	t.lamps = []*lamp{l}
	return j, l, found
}

var (
	noon    = time.Date(2026, 12, 1, 12, 0, 0, 0, time.UTC)
	idle    = truth{phase: "terminated"}
	by202   = truth{phase: "confirmed", by: "202", private: true}
	isIdle  = cast.Shown{Phase: "terminated"}
	has202  = cast.Shown{Phase: "confirmed", By: "202"}
	has203  = cast.Shown{Phase: "confirmed", By: "203"}
	telling = cast.Shown{Phase: "confirmed", By: "202", Names: true}
)

func at(ms int) time.Time { return noon.Add(time.Duration(ms) * time.Millisecond) }

// plays are what a lamp may go through, and what is found of that; an empty want is nothing.
var plays = map[string]struct {
	play func(j *judge, l *lamp)
	want string
}{
	"in time": {func(j *judge, l *lamp) { j.stands(l.of, by202, at(0)); j.shows(l, has202, at(299)) }, ""},
	"late, and right before anybody looks": {
		func(j *judge, l *lamp) {
			j.stands(l.of, by202, at(0))
			j.check(at(295))
			j.shows(l, has202, at(340))
		}, "wrong lamp",
	},
	"late after a pause of the bench": {
		func(j *judge, l *lamp) {
			j.stands(l.of, by202, at(0))
			j.stalls(at(240), at(280))
			j.shows(l, has202, at(340))
		}, "",
	},
	"late because a pause was long": {
		func(j *judge, l *lamp) {
			j.stands(l.of, by202, at(0))
			j.stalls(at(20), at(420))
			j.shows(l, has202, at(421))
		}, "",
	},
	"a pause long after": {
		func(j *judge, l *lamp) {
			j.stands(l.of, by202, at(0))
			j.stalls(at(305), at(345))
		}, "wrong lamp",
	},
	"lost for ever": {
		func(j *judge, l *lamp) {
			l.phone.Troubled = at(1)
			j.stands(l.of, by202, at(0))
			l.of.troubled = at(12800)
			j.check(at(13000))
		}, "wrong lamp",
	},
	"never told": {func(j *judge, l *lamp) { j.stands(l.of, by202, at(0)) }, "wrong lamp"},
	"whose it is not": {
		func(j *judge, l *lamp) { j.stands(l.of, by202, at(0)); j.shows(l, has203, at(5)) }, "wrong lamp",
	},
	"tells a secret": {
		func(j *judge, l *lamp) { j.stands(l.of, by202, at(0)); j.shows(l, telling, at(5)) }, "wrong lamp",
	},
	"of itself": {func(j *judge, l *lamp) { j.shows(l, has202, at(0)) }, "wrong lamp"},
	"before measured": {
		func(j *judge, l *lamp) { j.shows(l, has202, at(0)); j.stands(l.of, by202, at(80)) }, "",
	},
	"back meanwhile": {
		func(j *judge, l *lamp) { j.stands(l.of, by202, at(0)); j.stands(l.of, idle, at(80)) }, "",
	},
	"lost on purpose": {
		func(j *judge, l *lamp) { l.phone.Troubled = at(1); j.stands(l.of, by202, at(0)) }, "",
	},
	"lost, and never sent again": {
		func(j *judge, l *lamp) {
			l.phone.Troubled = at(1)
			j.stands(l.of, by202, at(0))
			j.check(at(4400))
		}, "wrong lamp",
	},
	"lost again": {
		func(j *judge, l *lamp) {
			l.phone.Troubled = at(1)
			j.stands(l.of, by202, at(0))
			l.phone.Troubled = at(3500)
			j.check(at(4400))
		}, "",
	},
	"never clear": {
		func(j *judge, l *lamp) { j.stands(l.of, truth{open: true}, at(0)); j.check(at(2100)) }, "unsettled",
	},
	"dark": {
		func(j *judge, l *lamp) { j.goesDark(l); l.asked = at(0); j.check(at(1100)) }, "dark lamp",
	},
}

// TestJudge plants a fault each: only what is wrong for too long is found.
func TestJudge(t *testing.T) {
	for name, c := range plays {
		j, l, found := watched()
		j.shows(l, isIdle, at(-5000))
		c.play(j, l)
		j.check(at(450))
		switch {
		case c.want == "" && len(*found) == 0:
		case c.want == "", len(*found) != 1, !strings.HasPrefix((*found)[0], c.want):
			t.Errorf("%s: found %q, not %q", name, *found, c.want)
		}
	}
}

func TestQuantiles(t *testing.T) {
	var d delays
	for ms := range 1000 {
		d.add(time.Duration(ms) * time.Millisecond)
	}
	j, l, _ := watched()
	j.shows(l, isIdle, at(-5000))
	j.shows(l, has202, at(0))
	j.stands(l.of, by202, at(80))
	if j.Ahead.N != 1 || j.Ahead.Max != 80*time.Millisecond || j.Clean.N != 0 {
		t.Errorf("a lamp that knew 80 ms before: %d, %s", j.Ahead.N, j.Ahead.Max)
	}
	got := d.quantile(0.5).Round(5 * time.Millisecond)
	if got != 500*time.Millisecond || d.Max != 999*time.Millisecond {
		t.Errorf("median %s, most %s", got, d.Max)
	}
}

func TestOptions(t *testing.T) {
	for _, args := range [][]string{{"-events", "0"}, {"-offices", "99"}, {"-rate", "0"}, {"-nonsense"}} {
		if _, err := parse(args); err == nil {
			t.Errorf("%v is taken", args)
		}
	}
	o, err := parse([]string{"-quick", "-seed", "4"})
	if err != nil || o.events != eventsQuick || o.seed != 4 || o.most != wrongMost {
		t.Errorf("%+v, %v", o, err)
	}
}
