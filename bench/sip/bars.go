package main

import (
	"fmt"
	"math"
	"slices"
	"strings"
)

// bar is one thing that a unit is asked to reach.
type bar struct {
	Number  int    `json:"number"`
	What    string `json:"what"`
	Asked   string `json:"asked"`
	Reached string `json:"reached"`
	State   string `json:"state"`
	Limit   string `json:"limit,omitempty"` // what stands in the way of more
}

// States of a bar.
const (
	statePass = "pass"
	stateOpen = "OPEN"
	stateNone = "not measured"
)

// What is asked.
const (
	barCalls         = 0.5
	barOutside       = 0.2
	barRegistrations = 1.0
	barRelay         = 2.0
	barRegKiB        = 1.5
	barCallKiB       = 24.0
	barLatency       = 1.5   // ms, above the generator's own
	barGoodput       = 0.9   // of the peak, at twice the capacity
	barEmergency     = 500.0 // ms: before a phone repeats its INVITE (T1)
	barMoved         = 2000.0
	barLogLines      = 100
	barAudioLoss     = 0.001
	barSoakMemory    = 0.05
	soakSlack        = 8 // goroutines, files or ports more than before that are no leak yet
)

func state(ok bool) string {
	if ok {
		return statePass
	}
	return stateOpen
}

// bars judges the run.
func (r *report) bars() []bar {
	var list []bar
	ratio := func(n int, what, key string, asked float64) {
		one := bar{Number: n, What: what, Asked: fmt.Sprintf("≥ %.1f ×", asked), State: stateNone}
		if l := r.find(key, unitName); l != nil && l.Ratio > 0 {
			one.Reached, one.Limit = fmt.Sprintf("%.2f ×", l.Ratio), l.stoppedBy()
			one.State = state(l.Ratio >= asked)
		}
		list = append(list, one)
	}
	ratio(1, "internal calls to Kamailio's rate as mere proxy", rowCalls, barCalls)
	ratio(1, "outside calls with durable verdict to the same", rowOutside, barOutside)
	ratio(1, "SHA-256 registrations to Kamailio's", rowRegistrations, barRegistrations)
	ratio(2, fmt.Sprintf("relayed calls to rtpengine's, 0 loss, p99 ≤ %.0f ms above the generator's", relayDelayOver),
		rowRelay, barRelay)
	list = append(list, r.Memory.bar(), r.callMemory(), r.latency())
	list = append(list, r.Overload.bars()...)
	list = append(list, r.Junk.bars()...)
	return append(list, r.Soak.bars()...)
}

// stoppedBy is what the last step that was not clean failed by.
func (l *line) stoppedBy() string {
	text := l.Limit
	if l.GeneratorFull {
		text = strings.TrimPrefix(text+"; the generator's core was full", "; ")
	}
	return text
}

func (c *memory) bar() bar {
	b := bar{Number: 3, What: "memory of a registration", Asked: fmt.Sprintf("≤ %.1f KiB", barRegKiB), State: stateNone}
	if c == nil {
		return b
	}
	pss, _ := c.Each[0].kib()
	b.Reached, b.State = c.Each[0].String(), state(pss <= barRegKiB)
	return b
}

func (r *report) callMemory() bar {
	asked := fmt.Sprintf("≤ %.0f KiB", barCallKiB)
	b := bar{Number: 3, What: "memory of a call with media", Asked: asked, State: stateNone}
	if l := r.find(rowRelay, unitName); l != nil && l.Each.Of > 0 {
		pss, _ := l.Each.kib()
		if b.Reached = l.Each.String(); l.Each.Settled {
			b.State = state(pss <= barCallKiB)
		} else {
			b.Limit = "a quick run does not wait until it has settled"
		}
	}
	return b
}

// latency judges the delay at a fixed rate; the generator's own is taken off.
func (r *report) latency() bar {
	b := bar{
		Number: 4, What: fmt.Sprintf("added signaling delay at %d calls/s, p99", latencyRate),
		Asked: fmt.Sprintf("≤ %.1f ms", barLatency), State: stateNone,
	}
	ours, own := r.find(rowCalls, unitName), r.find(rowCalls, nothingName)
	if ours == nil || own == nil || ours.Fixed == nil || own.Fixed == nil {
		return b
	}
	added := ours.Fixed.AddedP99 - own.Fixed.AddedP99
	b.Reached = fmt.Sprintf("%.2f ms above the generator's own %.2f", added, own.Fixed.AddedP99)
	b.State = state(added <= barLatency && ours.Fixed.Clean)
	if !ours.Fixed.Clean {
		b.Limit = ours.Fixed.Why
	}
	return b
}

func (c *overload) bars() []bar {
	goodput := bar{
		Number: 5, What: fmt.Sprintf("goodput at twice the capacity with %d calls up", overloadCalls),
		Asked: fmt.Sprintf("≥ %.0f %% of the peak", 100*barGoodput), State: stateNone,
	}
	audio := bar{Number: 5, What: "those calls' audio meanwhile", Asked: "nothing lost", State: stateNone}
	urgent := bar{
		Number: 5, What: "an emergency call meanwhile",
		Asked: fmt.Sprintf("200 within %.0f ms", barEmergency), State: stateNone,
	}
	if c == nil || len(c.turns()) == 0 {
		return []bar{goodput, audio, urgent}
	}
	shares := slices.Sorted(slices.Values(c.shares()))
	share := shares[len(shares)/2]
	goodput.Reached = fmt.Sprintf("%.0f %% of %.0f calls/s (%.0f to %.0f)",
		100*share, c.Peaks[0].Goodput, 100*shares[0], 100*shares[len(shares)-1])
	goodput.State = state(share >= barGoodput)
	if slices.ContainsFunc(c.turns(), func(t beyond) bool { return t.Step.generatorFull() }) {
		goodput.Limit = "the generator's core was full"
	}
	audio.State, urgent.State = statePass, statePass
	var sent, lost uint64
	dropped, slowest, delay := 0, 0.0, 0.0
	for _, t := range c.Times {
		sent, lost, dropped, slowest = sent+t.Sent, lost+t.Lost, dropped+t.Dropped, max(slowest, t.Emergency)
		delay = max(delay, t.Delay)
		if t.Emergency == 0 || t.Emergency > barEmergency {
			urgent.State = stateOpen
			urgent.Limit = fmt.Sprintf("at %.1f times: %s", t.Times, or(t.Why, fmt.Sprintf("%.0f ms", t.Emergency)))
		}
	}
	audio.Reached = fmt.Sprintf("%d of %d packets lost, %d calls dropped; delay p99 %.0f ms",
		lost, sent, dropped, delay)
	audio.State = state(lost == 0 && dropped == 0 && sent > 0)
	urgent.Reached = fmt.Sprintf("%.0f ms at the slowest", slowest)
	return []bar{goodput, audio, urgent}
}

func or(text, other string) string {
	if text == "" {
		return other
	}
	return text
}

func (c *junked) bars() []bar {
	list := []bar{
		{What: fmt.Sprintf("left by %d junk datagrams of as many sources", junkSources), Asked: "0 B each"},
		{What: "log lines about them", Asked: fmt.Sprintf("≤ %d", barLogLines)},
		{
			What:  fmt.Sprintf("audio loss of %d calls beside them", junkCalls),
			Asked: fmt.Sprintf("< %.1f %%", 100*barAudioLoss),
		},
		{What: "a phone at a new address registers", Asked: fmt.Sprintf("within %.0f s", barMoved/1000)},
	}
	for i := range list {
		list[i].Number, list[i].State = 6, stateNone
	}
	if c == nil {
		return list
	}
	share := float64(c.Lost) / float64(max(c.Packets, 1))
	list[0].Reached = fmt.Sprintf("%.0f B (live heap %+d KiB, PSS %+d KiB in all)",
		c.bytesEach(), c.Grown.Live>>10, c.Grown.PSS>>10)
	list[0].State = state(c.bytesEach() == 0)
	list[1].Reached, list[1].State = fmt.Sprint(c.Lines), state(c.Lines <= barLogLines)
	list[2].Reached = fmt.Sprintf("%.3f %% of %d packets, %d calls dropped", 100*share, c.Packets, c.CallsLost)
	list[2].State = state(share < barAudioLoss && c.CallsLost == 0 && c.Packets > 0 && c.Calls == junkCalls)
	list[3].Reached = fmt.Sprintf("%.0f ms", c.Moved)
	unread := fmt.Sprintf("%d of %d datagrams were dropped unread", c.Dropped, c.Sent)
	if list[3].Limit = c.Why; c.Dropped > 0 {
		list[3].Limit = strings.TrimPrefix(c.Why+"; "+unread, "; ")
	}
	list[3].State = state(c.Moved > 0 && c.Moved <= barMoved)
	if c.Rate < junkRate*offeredEnough {
		for i := range list {
			list[i].State = stateOpen
			list[i].Limit = fmt.Sprintf("only %.0f datagrams/s were sent", c.Rate)
		}
	}
	return list
}

func (c *soak) bars() []bar {
	memory := bar{
		Number: 7, What: "memory of a soak at 70 % of capacity", State: stateNone,
		Asked: fmt.Sprintf("within %.0f %% after the first minutes", 100*barSoakMemory),
	}
	leaks := bar{Number: 7, What: "goroutines, files, ports after it", Asked: "as before", State: stateNone}
	if c == nil || len(c.Samples) == 0 {
		return []bar{memory, leaks}
	}
	means, single := c.means()
	worst := 0.0
	for _, m := range means {
		worst = farther(worst, m/means[0]-1)
	}
	memory.Reached = fmt.Sprintf("%+.1f %% at most between means of %d samples after minute %.1f, over %.2f h "+
		"(one sample %+.1f %%)", 100*worst, soakWindow, c.Settle, c.Hours, 100*single)
	memory.State = state(len(means) > 1 && math.Abs(worst) <= barSoakMemory && c.Unread == 0)
	if c.Unread > 0 {
		memory.Limit = fmt.Sprintf("%d samples are missing", c.Unread)
	}
	leaks.Reached = fmt.Sprintf("%+d goroutines, %+d files, %+d UDP ports", c.After.Goroutines-c.Before.Goroutines,
		c.After.Files-c.Before.Files, c.After.Ports-c.Before.Ports)
	leaks.State = state(c.After.Goroutines <= c.Before.Goroutines+soakSlack &&
		c.After.Files <= c.Before.Files+soakSlack && c.After.Ports <= c.Before.Ports+soakSlack)
	if c.Hours < 1 {
		memory.Limit = strings.TrimPrefix(memory.Limit+"; shorter than an hour", "; ")
		memory.State, leaks.State = shorter(memory.State), shorter(leaks.State)
	}
	return []bar{memory, leaks}
}

// means are those of the PSS of each soakWindow samples after the memory has
// settled, and of the last ones; single is how far one sample was from the
// first mean. One sample says where the collector stood just then.
func (c *soak) means() (list []float64, single float64) {
	var after []float64
	for _, s := range c.Samples {
		if s.Minute >= c.Settle {
			after = append(after, float64(s.PSS))
		}
	}
	if len(after) < 2*soakWindow {
		return nil, 0
	}
	for w := range slices.Chunk(after[:len(after)-soakWindow], soakWindow) {
		if len(w) == soakWindow {
			list = append(list, mean(w))
		}
	}
	list = append(list, mean(after[len(after)-soakWindow:]))
	for _, one := range after {
		single = farther(single, one/list[0]-1)
	}
	return list, single
}

// farther is the one that is farther from zero.
func farther(a, b float64) float64 {
	if math.Abs(b) > math.Abs(a) {
		return b
	}
	return a
}

func mean(list []float64) float64 {
	sum := 0.0
	for _, one := range list {
		sum += one
	}
	return sum / float64(len(list))
}

// shorter takes a pass away from what was not tried for as long as is asked.
func shorter(s string) string {
	if s == statePass {
		return "short pass"
	}
	return s
}
