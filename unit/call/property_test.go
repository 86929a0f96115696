package call

import (
	"testing"
	"time"

	"pgregory.net/rapid"
)

// world is what a driver would know of a call: it checks every effect against
// what a leg may still do.
type world struct {
	t        *rapid.T
	started  map[LegID]bool
	invited  map[LegID]bool
	passed   map[LegID]bool
	released map[LegID]bool
	byed     map[LegID]bool
	canceled map[LegID]bool
	final    map[LegID]int // final responses to the INVITEs of legs that came
	music    map[LegID]bool
	ended    int
	answered int
	done     bool
}

func newWorld(t *rapid.T) *world {
	w := &world{t: t, final: make(map[LegID]int), music: make(map[LegID]bool)}
	for _, m := range []*map[LegID]bool{&w.started, &w.invited, &w.passed, &w.released, &w.byed, &w.canceled} {
		*m = make(map[LegID]bool)
	}
	w.started[A] = true
	return w
}

func (w *world) once(m map[LegID]bool, e Effect) {
	if m[e.Leg] {
		w.t.Fatalf("twice: %s", e)
	}
	m[e.Leg] = true
}

func (w *world) see(e Effect) {
	if w.done {
		w.t.Fatalf("after done: %s", e)
	}
	switch e.Op {
	case OpStarted, OpEnded, OpDone, OpUnproven:
	default:
		if w.released[e.Leg] {
			w.t.Fatalf("for a released leg: %s", e)
		}
	}
	switch e.Op {
	case OpSeize:
		w.once(w.started, e)
	case OpInvite:
		w.started[e.Leg] = true
		if e.Line != "" && !w.passed[e.Leg] {
			w.t.Fatalf("no verdict passed it: %s", e)
		}
		w.once(w.invited, e)
	case OpAnswer, OpRefuse:
		w.final[e.Leg]++
	case OpChallenge:
		if e.Answered {
			w.final[e.Leg]++
		}
		w.music[e.Leg] = false
	case OpMusic:
		w.music[e.Leg] = true
	case OpToneOff, OpRingback:
		w.music[e.Leg] = false
	case OpCancel:
		w.once(w.canceled, e)
	case OpBye:
		w.once(w.byed, e)
	case OpRelease:
		w.once(w.released, e)
	case OpEnded:
		w.ended++
	case OpAttend, OpKey, OpSaid:
		if w.byed[e.Leg] || w.canceled[e.Leg] {
			w.t.Fatalf("nobody is there any more: %s", e)
		}
	case OpAnswered:
		w.answered++
	case OpDone:
		w.done = true
	}
	if w.final[e.Leg] > 1 || w.ended > 1 || w.answered > 1 {
		w.t.Fatalf("once more: %s", e)
	}
}

func drawRoute(t *rapid.T, label string) Route {
	if rapid.Bool().Draw(t, label+" outside") {
		return Route{
			Lines:     []string{"l1", "l2", "l3"}[:rapid.IntRange(1, 3).Draw(t, label+" lines")],
			Emergency: rapid.Bool().Draw(t, label+" emergency"),
			Confirm:   rapid.Bool().Draw(t, label+" confirm"),
			Onward:    rapid.Bool().Draw(t, label+" onward"),
		}
	}
	if rapid.IntRange(0, 5).Draw(t, label+" attend") == 0 {
		return Route{Attend: true}
	}
	r := Route{Onward: rapid.Bool().Draw(t, label+" onward")}
	for range rapid.IntRange(0, 5).Draw(t, label+" contacts") {
		key := rapid.StringMatching(`[a-h]`).Draw(t, label+" key")
		after := time.Duration(rapid.SampledFrom([]int{0, 0, 5, 10}).Draw(t, label+" after")) * time.Second
		r.Contacts = append(r.Contacts, Contact{Extension: key[:1], Key: key, After: after})
	}
	return r
}

func drawInput(t *rapid.T, c *Call) Input {
	return Input{
		Event:    Event(rapid.IntRange(int(Seized), int(Timer)).Draw(t, "event")),
		Leg:      LegID(rapid.IntRange(0, len(c.legs)).Draw(t, "leg")),
		Status:   rapid.SampledFrom([]int{180, 183, 302, 404, 408, 481, 486, 487, 491, 503, 603}).Draw(t, "status"),
		Media:    rapid.Bool().Draw(t, "media"),
		Passed:   rapid.Bool().Draw(t, "passed"),
		NextLine: rapid.Bool().Draw(t, "next line"),
		Ask:      rapid.Bool().Draw(t, "ask"),
		Up:       rapid.Bool().Draw(t, "up"),
		Kind:     Kind(rapid.IntRange(0, 1).Draw(t, "kind")),
		Back:     drawRoute(t, "back").Contacts,
		Wait:     time.Duration(rapid.IntRange(60, 300).Draw(t, "wait")) * time.Second,
		Again:    rapid.Bool().Draw(t, "again"),
		Digit:    rapid.SampledFrom([]byte("01#*#")).Draw(t, "digit"),
		Refusal:  Refusal{Status: 603, Prompt: rapid.SampledFrom([]string{"", "p"}).Draw(t, "prompt")},
		Route:    drawRoute(t, "redirect"),
		Hear:     Hear(rapid.IntRange(0, 2).Draw(t, "hear")),
	}
}

// hear looks whether everybody who waits hears music, and nobody else.
func (w *world) hear(c *Call) {
	for _, l := range c.legs {
		p := None
		if c.talks(l) && !c.self() {
			p = c.peer(l).id
		}
		held := p != None && c.legs[p].holding && c.legs[p].kind == Phone
		waits := c.phase == phaseWaiting && l.id == c.caller
		switch {
		case l.music != w.music[l.id] && l.state == legUp && !c.keeping.speaking:
			w.t.Fatalf("leg %d: it should hear music: %v", l.id, l.music)
		case (held || waits) && !l.music, c.talks(l) && l.music && !held:
			w.t.Fatalf("leg %d: music is %v, held %v, waits %v", l.id, l.music, held, waits)
		}
	}
}

// TestNoCallIsStuck throws anything at a call, in any order, and then falls
// silent: whatever came, the call's own deadlines bring it to its end, every
// leg that was started is released exactly once, A got at most one final
// response, and no INVITE went to a line that no verdict had passed.
func TestNoCallIsStuck(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		w := newWorld(t)
		now := time.Unix(1_800_000_000, 0)
		setup := Setup{
			From:  Kind(rapid.IntRange(0, 2).Draw(t, "from")),
			Tell:  rapid.IntRange(1, 3).Draw(t, "tell"),
			Offer: rapid.Bool().Draw(t, "offer"),
			Route: drawRoute(t, "route"),
		}
		if setup.From == Phone {
			kind := rapid.IntRange(0, 5).Draw(t, "kind")
			setup.Route.Page, setup.Route.Serve = kind == 0, kind == 1
		}
		if setup.From == Self { // it has no leg of its own
			setup.Offer, w.released[A] = false, true
			setup.Attend = rapid.Bool().Draw(t, "attend")
		}
		c := New(Config{Announce: AnnounceMode(rapid.IntRange(0, 2).Draw(t, "announce"))}, setup)
		step := func(in Input) {
			if in.Event == Take {
				in.Leg = rapid.SampledFrom([]LegID{None, A, 1, 2, 3, 4}).Draw(t, "in place of")
			}
			if in.Event == Gone && c.MayMove(in.Leg) { // another call's
				defer func() { w.released[in.Leg] = true }()
			}
			if in.Event == Verdict && in.Passed && int(in.Leg) < len(c.legs) && c.legs[in.Leg].state == legAsking {
				w.passed[in.Leg] = true
			}
			if in.Event == PlayFailed && c.asking.speaking && c.asking.leg != None && !c.moving.attended {
				w.final[A]-- // it could not be answered to be asked
			}
			for _, e := range c.Step(now, in, nil) {
				w.see(e)
			}
			w.hear(c)
		}
		step(Input{Event: Start})
		for range rapid.IntRange(0, 60).Draw(t, "steps") {
			now = now.Add(time.Duration(rapid.IntRange(0, 3000).Draw(t, "ms")) * time.Millisecond)
			step(drawInput(t, c))
		}
		emergency := c.Emergency() && c.Talking()
		if emergency { // only people end it
			for _, l := range c.Sides() {
				step(Input{Event: Bye, Leg: l})
			}
		}
		for range 10 * MaxLegs {
			at := c.Deadline()
			if at.IsZero() {
				break
			}
			if at.After(now) {
				now = at
			}
			step(Input{Event: Timer})
		}
		if !c.Done() || !w.done || w.ended != 1 {
			t.Fatalf("stuck: phase %d, ended %d, deadline %v", c.phase, w.ended, c.Deadline())
		}
		for _, l := range c.legs {
			if !w.released[l.id] {
				t.Fatalf("leg %d was never released", l.id)
			}
		}
	})
}

// TestLegLimit rings more contacts than a call may have legs.
func TestLegLimit(t *testing.T) {
	var r Route
	for i := range 3 * MaxContacts {
		r.Contacts = append(r.Contacts, Contact{Extension: "201", Key: string(rune('A' + i))})
	}
	c := New(Config{}, Setup{Offer: true, Route: r})
	now := time.Unix(1_800_000_000, 0)
	invites := 0
	count := func(effects []Effect) {
		for _, e := range effects {
			if e.Op == OpInvite {
				invites++
			}
		}
	}
	count(c.Step(now, Input{Event: Start}, nil))
	if invites != MaxContacts {
		t.Fatalf("%d contacts rung, want %d", invites, MaxContacts)
	}
	r.Contacts = r.Contacts[MaxContacts:]
	count(c.Step(now, Input{Event: RedirectedTo, Leg: 1, Route: r}, nil))
	if len(c.legs) != MaxLegs {
		t.Fatalf("%d legs, want %d", len(c.legs), MaxLegs)
	}
}

// TestLineLimit gives a route more lines than are tried.
func TestLineLimit(t *testing.T) {
	c := New(Config{}, Setup{Offer: true, Route: Route{Lines: make([]string, 2*MaxLines)}})
	now := time.Unix(1_800_000_000, 0)
	c.Step(now, Input{Event: Start}, nil)
	tried := 1
	for !c.Done() {
		c.Step(now, Input{Event: SeizeFailed, Leg: LegID(tried)}, nil)
		tried++
	}
	if tried-1 != MaxLines {
		t.Errorf("%d lines tried, want %d", tried-1, MaxLines)
	}
}

// TestWhoWaitsCanBeTaken gives a parked caller back to a phone that never answers, for
// as long as anybody waits: then there is still a leg for whoever takes it.
func TestWhoWaitsCanBeTaken(t *testing.T) {
	c := New(Config{}, Setup{Offer: true, Route: Route{Contacts: []Contact{{Extension: "202", Key: "a"}}}})
	now := time.Unix(1_800_000_000, 0)
	step := func(in Input) []Effect { return c.Step(now, in, nil) }
	step(Input{Event: Start})
	step(Input{Event: Answered, Leg: 1, Media: true})
	parked := now
	back := []Contact{{Extension: "202", Key: "a"}, {Extension: "202", Key: "b"}, {Extension: "202", Key: "c"}}
	step(Input{Event: Park, Leg: 1, Wait: 10 * time.Second, Back: back})
	for now.Sub(parked) < WaitMax-time.Minute {
		now = c.Deadline()
		step(Input{Event: Timer})
		for _, l := range c.legs {
			if l.state == legInviting {
				step(Input{Event: Failed, Leg: l.id, Status: 486})
			}
		}
	}
	if !c.MayTake(None) {
		t.Fatalf("nobody can take the caller any more: %d legs", len(c.legs))
	}
	if step(Input{Event: Take, Leg: None, Media: true}); !c.Talking() {
		t.Error("it was not taken")
	}
}
