package fraud

import (
	"math/rand/v2"
	"net/netip"
	"slices"
	"time"

	"github.com/sekisho/sekisho/vectors/dial"
)

// attack is a plan that is carried out.
type attack struct {
	plan     Plan
	rand     *rand.Rand
	next     int // phase
	phase    *Phase
	began    time.Duration
	open     int // channels still at work
	attempts int // of this phase that count
	tried    int // in all
	answered int
	exts     []int
	targets  []target
	good     []target // those that picked up
	dialed   []int    // calls of each channel since its last rest
	from     netip.Addr
}

// target is a number that an attack dials.
type target struct {
	area, number string
	dialed       string
	spelled      []string // other ways to dial it
	rate         Rate
}

// begin puts the attack's first phase on the calendar.
func (w *World) begin(p *Plan) {
	r := newRand(w.opt.Seed, purposeAttack)
	w.attack = &attack{plan: *p, rand: r, from: netip.AddrFrom4([4]byte{203, 0, 113, byte(1 + r.IntN(250))})}
	w.attack.plan.Phases = slices.Clone(p.Phases)
	at := w.startOf(p.Start)
	if w.opt.History < 0 {
		at = between(r, time.Minute, time.Hour)
	}
	if w.opt.Begin > 0 {
		at = w.opt.Begin
	}
	w.queue.add(step{at: at + w.attack.plan.Phases[0].Wait, what: stepPhase})
}

// startOf finds the hour in the week after the peace.
func (w *World) startOf(kind string) time.Duration {
	r := w.attack.rand
	at := time.Duration(max(w.opt.History, 0)) * day
	friday := (int(time.Friday) - int(w.weekday(at)) + 7) % 7
	switch kind {
	case "office":
		for w.weekday(at) == time.Saturday || w.weekday(at) == time.Sunday {
			at += day
		}
		return at + between(r, 9*time.Hour, 17*time.Hour)
	case "night":
		return at + time.Duration(r.IntN(5))*day + between(r, 22*time.Hour, 28*time.Hour)
	case "weekend":
		return at + time.Duration(friday)*day + between(r, 19*time.Hour, 27*time.Hour)
	case "midnight":
		return at + time.Duration(r.IntN(7))*day + between(r, 23*time.Hour+30*time.Minute, 24*time.Hour)
	}
	return at + between(r, 0, 7*day)
}

// phase begins the next phase, and shows what can be seen of that.
func (w *World) phase() *Event {
	a := w.attack
	if a.next == len(a.plan.Phases) {
		w.over = true
		return nil
	}
	a.phase = &a.plan.Phases[a.next]
	a.next++
	a.began, a.attempts, a.answered = w.now, 0, 0
	if a.exts == nil || a.phase.Extensions > len(a.exts) {
		a.exts = a.rand.Perm(len(w.site.Extensions))[:min(a.phase.Extensions, len(w.site.Extensions))]
	}
	if a.phase.Follow {
		a.targets = a.good
	} else {
		a.targets = w.targets(a.phase)
	}
	a.good = nil
	if len(a.targets) == 0 {
		w.over = true // nothing of the phase before got through
		return nil
	}
	a.open = a.phase.Channels
	a.dialed = make([]int, a.phase.Channels)
	for i := range a.phase.Channels {
		at := w.now + between(a.rand, 0, jitter)
		if a.phase.Stagger > 0 {
			at += time.Duration(i) * a.phase.Stagger
		}
		w.queue.add(step{at: at, what: stepChannel, n: i})
	}
	kinds := map[string]Kind{"register": Registered, "forward": Forwarded, "fetch": Fetched}
	kind, shown := kinds[a.phase.Enter]
	if !shown {
		return nil
	}
	e := w.event(kind, a.exts[0], w.intruderAt(a.exts[0]))
	if kind == Forwarded {
		e.Dialed, e.Number, e.Area = a.targets[0].dialed, a.targets[0].number, a.targets[0].area
	}
	return e
}

// intruderAt is where the intruder's calls come from.
func (w *World) intruderAt(ext int) netip.Addr {
	if w.attack.phase.Stranger || w.attack.phase.Enter == "fetch" {
		return w.attack.from
	}
	return w.source(ext)
}

// targets draws the numbers of a phase.
func (w *World) targets(p *Phase) []target {
	r := w.attack.rand
	var areas []string
	kind := p.Kind
	switch p.To {
	case "home-premium":
		return w.homeTargets(p)
	case "satellite":
		areas, kind = []string{world}, rangeSatellite
	case "usual":
		if areas = pick(r, w.site.Usual, p.Areas); len(areas) == 0 {
			areas = pick(r, w.site.Prices.tier(Cheap), p.Areas)
		}
	case "any":
		areas = pick(r, w.site.Prices.tier(""), p.Areas)
	default:
		areas = pick(r, w.site.Prices.tier(Tier(p.To)), p.Areas)
	}
	block, first := r.Uint64(), r.Uint64()
	var out []target
	for i := range uint64(p.Numbers) {
		area := areas[i%uint64(len(areas))]
		k := kind
		if k == "listed" {
			k = listed(r)
		}
		b, n := block, first+i
		if p.Numbering == "scatter" {
			b, n = r.Uint64(), r.Uint64()
		}
		t := target{area: area, number: w.atlas.number(area, k, b, n)}
		t.rate = w.site.Prices.Abroad(area, t.number)
		t.dialed = "010" + t.number
		switch p.Format {
		case "plus":
			t.dialed = "+" + t.number
		case "mixed":
			t.spelled = []string{t.dialed, "+" + t.number}
		case "symbols":
			t.spelled = dial.Wave2(t.dialed)
		}
		out = append(out, t)
	}
	return out
}

// listed draws a kind as a public list of attacked numbers has them (2021:
// 46 % mobile, 13 % fixed, 28 % invalid or unallocated, 7 % premium).
func listed(r *rand.Rand) string {
	switch n := r.IntN(94); {
	case n < 46:
		return rangeMobile
	case n < 59:
		return rangeFixed
	case n < 87:
		return rangeUnallocated
	}
	return rangePremium
}

func (w *World) homeTargets(p *Phase) []target {
	var out []target
	for range p.Numbers {
		role := []string{"premium", "navi"}[w.attack.rand.IntN(2)]
		dialed, class := homeNumber(role, w.attack.rand.Uint64())
		out = append(out, target{
			area: home, number: "81" + dialed[1:], dialed: dialed, rate: w.site.Prices.list.home[class],
		})
	}
	return out
}

// channel makes a channel's next call, or has it rest or end.
func (w *World) channel(n int) *Event {
	a := w.attack
	p := a.phase
	if a.attempts >= p.Attempts || a.answered >= p.Calls || w.now-a.began >= p.For {
		if a.open--; a.open == 0 {
			wait := time.Duration(0)
			if a.next < len(a.plan.Phases) {
				wait = a.plan.Phases[a.next].Wait
			}
			w.queue.add(step{at: w.now + wait, what: stepPhase})
		}
		return nil
	}
	if wait := w.untilHours(p); wait > 0 {
		w.queue.add(step{at: w.now + wait + between(a.rand, 0, 10*time.Minute), what: stepChannel, n: n})
		return nil
	}
	i := a.tried % len(a.targets)
	a.attempts++
	a.tried++
	a.dialed[n]++
	t := &a.targets[i]
	c := &call{intruder: true, channel: n, target: i, person: p.Proves > 0, proves: p.Proves, rate: t.rate}
	ext := a.exts[n%len(a.exts)]
	if p.Channels < len(a.exts) {
		ext = a.exts[a.tried%len(a.exts)]
	}
	c.Extension, c.Path, c.Source = w.site.Extensions[ext].Number, p.Path, w.intruderAt(ext)
	c.Dialed, c.Number, c.Area = t.dialed, t.number, t.area
	if len(t.spelled) > 0 {
		c.Dialed = t.spelled[a.tried%len(t.spelled)]
	}
	c.ring = w.hurried(between(a.rand, ringLeast/2, ringMost/2))
	if percent(a.rand, p.Answered) {
		c.talk = logBetween(a.rand, p.TalkLeast, p.TalkMost)
	}
	return w.ask(c)
}

// hurried is a time of the callees' and the network's own in a hurried world.
func (w *World) hurried(d time.Duration) time.Duration { return d / time.Duration(max(w.opt.Hurry, 1)) }

// untilHours is how long a phase waits for its hours of the day.
func (w *World) untilHours(p *Phase) time.Duration {
	if p.Hours[0] == p.Hours[1] {
		return 0
	}
	clock := w.now % day
	from, to := time.Duration(p.Hours[0])*time.Hour, time.Duration(p.Hours[1])*time.Hour
	in := clock >= from && clock < to
	if from > to {
		in = clock >= from || clock < to
	}
	if in {
		return 0
	}
	return (from - clock + day) % day
}

// got notes a number that picked up.
func (a *attack) got(c *call) {
	a.answered++
	if !slices.ContainsFunc(a.good, func(t target) bool { return t.number == c.Number }) && c.target < len(a.targets) {
		a.good = append(a.good, a.targets[c.target])
	}
}

// again has a channel go on after a call.
func (w *World) again(c *call) {
	a := w.attack
	p := a.phase
	wait := between(a.rand, p.GapLeast, p.GapMost) + between(a.rand, 0, jitter)
	if c.busy { // no use in more: the line is full
		a.attempts--
		wait += w.hurried(between(a.rand, busyLeast, busyMost))
	}
	if p.Burst > 0 && a.dialed[c.channel] >= p.Burst {
		a.dialed[c.channel] = 0
		wait += p.Rest
	}
	w.queue.add(step{at: w.now + wait, what: stepChannel, n: c.channel})
}
