package queue

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/sekisho/sekisho/fact"
)

var began = time.Unix(1_800_000_000, 0)

// fakeOffice is what the queues are told of everything else.
type fakeOffice struct {
	sets   map[string]fact.QueueSet
	groups map[string]*fact.Group
	stands map[string]Stand
	idle   map[string]time.Time
}

func (o *fakeOffice) Queue(n string) (fact.QueueSet, *fact.Group, bool) {
	set, ok := o.sets[n]
	return set, o.groups[n], ok
}

func (o *fakeOffice) Agent(e string) Stand    { return o.stands[e] }
func (o *fakeOffice) Idle(e string) time.Time { return o.idle[e] }
func (o *fakeOffice) stand(e string, s Stand) { o.stands[e] = s }

var free = Stand{There: true, Able: true}

// newOffice has the queue 400 with 201, 202 and 203, and 401 with 203 and 204.
func newOffice(strategy string) *fakeOffice {
	o := &fakeOffice{
		sets: map[string]fact.QueueSet{}, stands: map[string]Stand{}, idle: map[string]time.Time{},
		groups: map[string]*fact.Group{
			"400": {Number: "400", Members: []string{"201", "202", "203"}, Strategy: strategy},
			"401": {Number: "401", Members: []string{"203", "204"}, Strategy: fact.RingLinear},
		},
	}
	for n, g := range o.groups {
		o.sets[n] = fact.QueueSet{Queue: n, Most: 5, WaitSeconds: 300, WrapSeconds: 10, Misses: 2, LevelSeconds: 20}
		for _, e := range g.Members {
			o.stands[e] = free
		}
	}
	return o
}

// rings says who does for whom.
func rings(offers []Offer) (out []string) {
	for _, f := range offers {
		var said strings.Builder
		said.WriteString(f.ID)
		for _, w := range f.Waves {
			said.WriteString(" " + w.Extension)
		}
		out = append(out, said.String())
	}
	return out
}

func (o *fakeOffice) enters(t *testing.T, q *Queues, id, queue string, at time.Time, want Why) {
	t.Helper()
	if why := q.Enter(o, Caller{ID: id, Queue: queue}, at); why != want {
		t.Errorf("%s enters %s: %q, want %q", id, queue, why, want)
	}
}

func (o *fakeOffice) looks(t *testing.T, q *Queues, at time.Time, want ...string) {
	t.Helper()
	offers, late := q.Look(o, at)
	if got := rings(offers); !slices.Equal(got, want) || len(late) > 0 {
		t.Errorf("rings %q, want %q; late %v", got, want, late)
	}
}

// TestTurns: callers are served in the order in which they came, in all queues together;
// an agent has its time after a call.
func TestTurns(t *testing.T) {
	o, q := newOffice(fact.RingLinear), New()
	o.stand("201", Stand{There: true, Able: true, Engaged: true})
	for i, id := range []string{"a", "b", "c", "d"} {
		queue := "400"
		if id == "b" {
			queue = "401"
		}
		o.enters(t, q, id, queue, began.Add(time.Duration(i)*time.Second), "")
	}
	for id, want := range map[string]int{"a": 1, "b": 1, "c": 2, "d": 3, "e": 0} {
		if got := q.Place(id); got != want {
			t.Errorf("%s is number %d, want %d", id, got, want)
		}
	}
	now := began.Add(5 * time.Second)
	o.looks(t, q, now, "a 202", "b 203")
	o.looks(t, q, now)
	if waited := q.Took(o, "a", "202", now); waited != 5*time.Second {
		t.Errorf("a waited %s", waited)
	}
	o.stand("202", Stand{There: true, Able: true, Engaged: true})
	o.looks(t, q, now.Add(time.Second))
	o.stand("202", free)
	q.Freed(o, "202", now.Add(60*time.Second))
	o.looks(t, q, now.Add(69*time.Second))
	o.looks(t, q, now.Add(70*time.Second), "c 202")
	if got := q.Place("d"); got != 2 {
		t.Errorf("d is number %d", got)
	}
}

// TestMisses: who does not answer is left alone for a moment, the others ring before it
// does again, and after so many calls it is to be paused. Whoever did not ring is not.
func TestMisses(t *testing.T) {
	o, q := newOffice(fact.RingRoundRobin), New()
	o.enters(t, q, "a", "400", began, "")
	now := began
	for _, want := range []string{"a 201", "a 202", "a 203", "a 201"} {
		o.looks(t, q, now, want)
		got := q.Missed(o, "a", []string{want[2:]}, now)
		if again := want == "a 201" && now.After(began); (len(got) == 1) != again {
			t.Errorf("%s: to be paused: %q", want, got)
		}
		now = now.Add(MissRest)
	}
	q.Missed(o, "a", nil, now)
	for range 9 {
		now = now.Add(MissRest)
		if offers, _ := q.Look(o, now); len(offers) != 1 {
			t.Fatalf("rings %q", rings(offers))
		}
		if got := q.Missed(o, "a", nil, now); len(got) != 0 {
			t.Errorf("%q did not ring, and are to be paused", got)
		}
	}
	o, q = newOffice(fact.RingAll), New()
	o.enters(t, q, "a", "400", began, "")
	o.looks(t, q, began, "a 201 202 203")
	q.Missed(o, "a", []string{"201", "202", "203"}, began)
	o.looks(t, q, began.Add(MissRest), "a 201 202 203")
	if got := q.Missed(o, "a", []string{"201", "202", "203"}, began); len(got) != 3 {
		t.Errorf("to be paused: %q", got)
	}
}

// TestLimits: a queue has its longest line and its longest wait, and nobody waits where no
// agent is; who rings while that time is over is waited for.
func TestLimits(t *testing.T) {
	o, q := newOffice(fact.RingLinear), New()
	for _, e := range []string{"201", "202", "203", "204"} {
		o.stand(e, Stand{There: true})
	}
	for i := range 5 {
		o.enters(t, q, fmt.Sprint(i), "400", began, "")
	}
	o.enters(t, q, "5", "400", began, Full)
	o.enters(t, q, "5", "402", began, Nobody)
	o.enters(t, q, "1", "401", began, Nobody) // it waits already
	o.groups["401"].Out = []string{"203", "204"}
	o.enters(t, q, "6", "401", began, Nobody)
	o.stand("201", free)
	now := began.Add(5*time.Minute - time.Second)
	o.looks(t, q, now, "0 201")
	_, late := q.Look(o, now.Add(time.Second))
	if len(late) != 4 || late[0].ID != "1" || late[0].Why != TooLong || late[0].Waited != 5*time.Minute {
		t.Errorf("late %v", late)
	}
	o.groups["400"].Out = []string{"201", "202", "203"}
	q.Missed(o, "0", nil, now)
	if _, late = q.Look(o, now); len(late) != 1 || late[0].Why != Nobody {
		t.Errorf("late %v where nobody is there", late)
	}
	r := q.Report(o, "400", func(string) bool { return false }, now)
	if want := (Counts{Came: 6, TooLong: 4, Nobody: 1, Full: 1}); r.Counts != want || q.Anybody() {
		t.Errorf("counted %+v, want %+v", r.Counts, want)
	}
}

// TestReport: what is told of a queue.
func TestReport(t *testing.T) {
	o, q := newOffice(fact.RingLinear), New()
	o.groups["400"].Members = []string{"201", "202", "203", "204", "205", "206", "207"}
	o.groups["400"].Out = []string{"201"}
	o.stand("202", Stand{There: true})
	o.stand("203", Stand{})
	o.stand("204", free)
	o.stand("205", Stand{There: true, Able: true, Engaged: true})
	o.stand("206", Stand{There: true})
	o.stand("207", free)
	for _, id := range []string{"a", "b", "c"} {
		o.enters(t, q, id, "400", began, "")
	}
	o.looks(t, q, began, "a 204", "b 207")
	q.Took(o, "b", "207", began.Add(21*time.Second))
	q.Freed(o, "207", began.Add(30*time.Second))
	q.Left("c", Abandoned, began.Add(30*time.Second))
	r := q.Report(o, "400", func(e string) bool { return e == "202" }, began.Add(31*time.Second))
	want := []Agent{
		{"201", Out},
		{"202", Paused},
		{"203", Absent},
		{"204", Rings},
		{"205", Talks},
		{"206", Unable},
		{"207", WrapsUp},
	}
	if !slices.Equal(r.Agents, want) {
		t.Errorf("agents %v, want %v", r.Agents, want)
	}
	if len(r.Waiting) != 1 || r.Waiting[0].Call != "a" || !slices.Equal(r.Waiting[0].Rings, []string{"204"}) {
		t.Errorf("waiting %+v", r.Waiting)
	}
	counts := Counts{Came: 2, Answered: 1, Abandoned: 1, Waited: 21 * time.Second}
	if r.Counts != counts {
		t.Errorf("counted %+v, want %+v", r.Counts, counts)
	}
}

// TestNobodyIsLostOrOvertaken: whatever callers and agents do, in virtual time: each caller
// leaves a queue once; no agent rings for two, or in a call, or in its time after one;
// while somebody who came earlier could be offered an agent nobody who came later is; and
// the counts hold everybody.
func TestNobodyIsLostOrOvertaken(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		all := []string{fact.RingAll, fact.RingLinear, fact.RingRoundRobin, fact.RingLongestIdle}
		w := &world{
			o: newOffice(rapid.SampledFrom(all).Draw(t, "strategy")), q: New(), now: began,
			rung: map[string]string{}, talk: map[string]string{}, since: map[string]int{},
		}
		for range rapid.IntRange(1, 120).Draw(t, "steps") {
			w.now = w.now.Add(time.Duration(rapid.IntRange(0, 20).Draw(t, "seconds")) * time.Second)
			w.step(t)
			w.look(t)
		}
		w.holds(t)
	})
}

// world is an office and who waits there, as the test keeps it.
type world struct {
	o       *fakeOffice
	q       *Queues
	now     time.Time
	came    int
	waiting []Caller          // in the order in which they came
	since   map[string]int    // by caller
	rung    map[string]string // by agent: the caller for whom it does
	talk    map[string]string // by agent
	gone    int               // callers that left, or never entered
}

func (w *world) step(t *rapid.T) {
	agent := rapid.SampledFrom([]string{"201", "202", "203", "204"}).Draw(t, "agent")
	switch rapid.IntRange(0, 7).Draw(t, "what") {
	case 0, 1:
		w.enter(t)
	case 2:
		if c, ok := w.rung[agent]; ok { // it answers
			w.q.Took(w.o, c, agent, w.now)
			w.leave(c)
			w.talk[agent] = c
			w.o.stand(agent, Stand{There: true, Able: true, Engaged: true})
		}
	case 3:
		if c, ok := w.rung[agent]; ok { // nobody does
			w.q.Missed(w.o, c, w.ringers(c), w.now)
			w.quiet(c)
		}
	case 4:
		if _, ok := w.talk[agent]; ok {
			delete(w.talk, agent)
			w.o.stand(agent, free)
			w.q.Freed(w.o, agent, w.now)
		}
	case 5:
		if len(w.waiting) > 0 {
			c := rapid.SampledFrom(w.waiting).Draw(t, "caller")
			w.q.Left(c.ID, rapid.SampledFrom([]Why{Abandoned, Message}).Draw(t, "why"), w.now)
			w.leave(c.ID)
		}
	case 6:
		g := w.o.groups["400"]
		if i := slices.Index(g.Out, agent); i >= 0 {
			g.Out = slices.Delete(g.Out, i, i+1)
		} else if agent != "204" {
			g.Out = append(g.Out, agent)
		}
	case 7:
		if w.talk[agent] == "" && w.rung[agent] == "" {
			w.o.stand(agent, rapid.SampledFrom([]Stand{free, {}, {There: true}, {true, true, true}}).Draw(t, "stand"))
		}
	}
}

func (w *world) enter(t *rapid.T) {
	w.came++
	c := Caller{ID: fmt.Sprint(w.came), Queue: rapid.SampledFrom([]string{"400", "401"}).Draw(t, "queue")}
	if why := w.q.Enter(w.o, c, w.now); why != "" {
		w.gone++
		return
	}
	w.since[c.ID] = w.came
	w.waiting = append(w.waiting, c)
}

func (w *world) ringers(id string) (out []string) {
	for agent, c := range w.rung {
		if c == id {
			out = append(out, agent)
		}
	}
	return out
}

func (w *world) quiet(id string) {
	for _, agent := range w.ringers(id) {
		delete(w.rung, agent)
	}
}

func (w *world) leave(id string) {
	w.quiet(id)
	w.gone++
	w.waiting = slices.DeleteFunc(w.waiting, func(c Caller) bool { return c.ID == id })
}

func (w *world) look(t *rapid.T) {
	offers, late := w.q.Look(w.o, w.now)
	for _, l := range late {
		w.leave(l.ID)
	}
	for _, f := range offers {
		for _, wave := range f.Waves {
			e := wave.Extension
			switch s := w.o.stands[e]; {
			case w.rung[e] != "":
				t.Fatalf("%s rings for %s and for %s", e, w.rung[e], f.ID)
			case w.talk[e] != "" || s.Engaged || !s.Able:
				t.Fatalf("%s rings, and is %+v", e, s)
			case slices.Contains(w.o.groups[f.Queue].Out, e) || !slices.Contains(w.o.groups[f.Queue].Members, e):
				t.Fatalf("%s rings for %s", e, f.Queue)
			}
			w.rung[e] = f.ID
		}
	}
	for _, f := range offers {
		for _, earlier := range w.waiting {
			if earlier.Queue == f.Queue && w.since[earlier.ID] < w.since[f.ID] && len(w.ringers(earlier.ID)) == 0 {
				t.Fatalf("%s overtakes %s", f.ID, earlier.ID)
			}
		}
	}
}

func (w *world) holds(t *rapid.T) {
	places := map[string]int{}
	for _, c := range w.waiting {
		places[c.Queue]++
		if got := w.q.Place(c.ID); got != places[c.Queue] {
			t.Fatalf("%s is number %d, want %d", c.ID, got, places[c.Queue])
		}
	}
	counted := 0
	for _, n := range []string{"400", "401"} {
		k := w.q.Report(w.o, n, func(string) bool { return false }, w.now).Counts
		counted += k.Came
		if k.Came != k.Answered+k.Abandoned+k.TooLong+k.Nobody+k.Full+k.Messages {
			t.Fatalf("counted %+v", k)
		}
	}
	if counted != w.gone || w.came != w.gone+len(w.waiting) {
		t.Fatalf("%d came, %d are gone, %d counted, %d wait", w.came, w.gone, counted, len(w.waiting))
	}
}
