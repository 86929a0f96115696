package main

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/sekisho/sekisho/bench/sip/load"
)

// good is a run in which every bar is reached.
func good() *report {
	ratio := func(row string, r float64) *line {
		return &line{Row: row, System: unitName, Clean: r, Ratio: r, Rounds: []round{{}}}
	}
	calls := ratio(rowCalls, 0.5)
	calls.Fixed = &step{Clean: true, AddedP99: 1.6}
	relay := ratio(rowRelay, 2)
	relay.Each = weight{PSS: 24 << 10, Live: 1, Of: 1, Settled: true}
	own := &line{Row: rowCalls, System: nothingName, Fixed: &step{Clean: true, AddedP99: 0.1}}
	past := beyond{Times: 2, Step: step{Goodput: 900}, Sent: 10, Emergency: 500}
	r := &report{
		Rows:   []*line{calls, own, relay, ratio(rowOutside, 0.2), ratio(rowRegistrations, 1)},
		Memory: &memory{Each: []weight{{PSS: 1536, Of: 1}}},
		Overload: &overload{
			Peaks: []step{{Goodput: 1100}, {Goodput: 900}}, Times: []beyond{{Times: 1.5, Emergency: 1}, past},
		},
		Junk: &junked{
			Sources: junkSources, Rate: junkRate, Grown: weight{Live: junkSources / 3, Of: junkSources}, Lines: 100,
			Packets: 10_000, Lost: 9,
			Calls: junkCalls, Moved: 2000,
		},
		Soak: &soak{Hours: 1, Settle: 5},
	}
	for i := range 60 {
		r.Soak.Samples = append(r.Soak.Samples, sample{Minute: float64(i), PSS: 100 << 20})
	}
	r.Soak.Samples[0].PSS = 1          // before it settled
	r.Soak.Samples[20].PSS = 120 << 20 // just before a collection
	return r
}

// soaks gives a window of samples this size: from one on, or the last.
func (r *report) soaks(from int, mib int64) {
	from = min(from, len(r.Soak.Samples)-soakWindow)
	for i := range soakWindow {
		r.Soak.Samples[from+i].PSS = mib << 20
	}
}

func TestBarsOfAGoodRun(t *testing.T) {
	all := good().bars()
	if len(all) != 16 {
		t.Errorf("%d bars", len(all))
	}
	for _, b := range all {
		if b.State != statePass {
			t.Errorf("%+v must pass", b)
		}
	}
	for _, b := range (&report{}).bars() {
		if b.State != stateNone || b.Reached != "" {
			t.Errorf("nothing was measured, and %+v", b)
		}
	}
}

// TestBarsFail plants one fault at a time: exactly the bars that look at it are
// open.
func TestBarsFail(t *testing.T) {
	plants := []struct {
		name  string
		plant func(*report)
		open  string // part of each open bar's words
		n     int
	}{
		{"slow calls", func(r *report) { r.find(rowCalls, unitName).Ratio = 0.499 }, "internal calls", 1},
		{"slow outside calls", func(r *report) { r.find(rowOutside, unitName).Ratio = 0.19 }, "outside calls", 1},
		{"slow registrations", func(r *report) { r.find(rowRegistrations, unitName).Ratio = 0.99 }, "registrations", 1},
		{"few relayed calls", func(r *report) { r.find(rowRelay, unitName).Ratio = 1.99 }, "relayed", 1},
		{"big registrations", func(r *report) { r.Memory.Each[0].PSS++ }, "memory of a registration", 1},
		{"big calls", func(r *report) { r.find(rowRelay, unitName).Each.PSS++ }, "memory of a call", 1},
		{"an early look", func(r *report) { r.find(rowRelay, unitName).Each.Settled = false }, "memory of a call", 1},
		{"late INVITEs", func(r *report) { r.find(rowCalls, unitName).Fixed.AddedP99 = 1.7 }, "added", 1},
		{"failures at the rate", func(r *report) { r.find(rowCalls, unitName).Fixed.Clean = false }, "added", 1},
		{"collapse", func(r *report) { r.Overload.Times[1].Step.Goodput = 899 }, "goodput", 1},
		{"a packet lost", func(r *report) { r.Overload.Times[1].Lost = 1 }, "audio meanwhile", 1},
		{"a call dropped", func(r *report) { r.Overload.Times[1].Dropped = 1 }, "audio meanwhile", 1},
		{"no audio at all", func(r *report) { r.Overload.Times[1].Sent = 0 }, "audio meanwhile", 1},
		{"no ambulance", func(r *report) { r.Overload.Times[1].Emergency = 0 }, "emergency", 1},
		{"a late ambulance", func(r *report) { r.Overload.Times[1].Emergency = 501 }, "emergency", 1},
		{"a byte a source", func(r *report) { r.Junk.Grown.Live = junkSources }, "left by", 1},
		{"a chatty log", func(r *report) { r.Junk.Lines = 101 }, "log lines", 1},
		{"junk in the audio", func(r *report) { r.Junk.Lost = 10 }, "audio loss", 1},
		{"a call dropped by junk", func(r *report) { r.Junk.CallsLost = 1 }, "audio loss", 1},
		{"too few calls beside it", func(r *report) { r.Junk.Calls-- }, "audio loss", 1},
		{"a phone that can't move", func(r *report) { r.Junk.Moved = 0 }, "new address", 1},
		{"a phone that moves late", func(r *report) { r.Junk.Moved = 2001 }, "new address", 1},
		{"half the junk", func(r *report) { r.Junk.Rate = junkRate / 2 }, "", 4},
		{"a leak", func(r *report) { r.soaks(59, 107) }, "memory of a soak", 1},
		{"a bulge that goes away", func(r *report) { r.soaks(25, 107) }, "memory of a soak", 1},
		{"a bulge at the beginning", func(r *report) { r.soaks(5, 107) }, "memory of a soak", 1},
		{"a sample missing", func(r *report) { r.Soak.Unread = 1 }, "memory of a soak", 1},
		{"no sample after it settled", func(r *report) { r.Soak.Settle = 60 }, "memory of a soak", 1},
		{"goroutines left", func(r *report) { r.Soak.After.Goroutines = soakSlack + 1 }, "goroutines", 1},
		{"files left", func(r *report) { r.Soak.After.Files = soakSlack + 1 }, "goroutines", 1},
		{"ports left", func(r *report) { r.Soak.After.Ports = soakSlack + 1 }, "goroutines", 1},
		{"a short soak", func(r *report) { r.Soak.Hours = 0.9 }, "", 2},
	}
	for _, p := range plants {
		r := good()
		p.plant(r)
		n := 0
		for _, b := range r.bars() {
			if b.State == statePass {
				continue
			}
			if n++; !strings.Contains(b.What, p.open) {
				t.Errorf("%s: %+v", p.name, b)
			}
		}
		if n != p.n {
			t.Errorf("%s: %d bars are open, want %d", p.name, n, p.n)
		}
	}
}

func TestPeersAreComparedWithEachOther(t *testing.T) {
	on := func(class *hostClass, proxy, registrar, engine float64) *report {
		return &report{class: class, Rows: []*line{
			{Row: rowCalls, System: proxyName, Clean: proxy},
			{Row: rowRegistrations, System: registrarName, Clean: registrar},
			{Row: rowRelay, System: engineName, Clean: engine},
		}}
	}
	intel := classOf("vendor_id\t: GenuineIntel\nmodel name\t: Intel(R) Xeon(R) Processor\n")
	amd := classOf("processor\t: 0\nvendor_id\t: AuthenticAMD\ncpu family\t: 25\nmodel name\t: AMD EPYC\n")
	if intel == nil || amd == nil || intel.name == amd.name {
		t.Fatalf("the classes are %+v and %+v", intel, amd)
	}
	for _, text := range []string{
		"", "vendor_id\t: AuthenticAMD\nmodel name\t: AMD Ryzen 9\n", "CPU implementer\t: 0x41\n",
	} {
		if c := classOf(text); c != nil {
			t.Errorf("%q is %s", text, c.name)
		}
	}
	peers := func(proxy, registrar, engine float64) *report { return on(intel, proxy, registrar, engine) }
	quick := func(r *report) *report { r.Quick = true; return r }
	of := func(c *hostClass, times float64) *report { // in the order of hostClasses
		return on(c, times*c.figures[0].rate, times*c.figures[1].rate, times*c.figures[2].rate)
	}
	cases := []struct {
		r    *report
		want string
	}{
		{peers(8000, 30_000, 900), ""},
		{peers(4000, 15_000, 450), ""}, // a slower machine
		{peers(5000, 30_000, 900), proxyName},
		{peers(8000, 20_000, 900), registrarName},
		{peers(8000, 30_000, 600), engineName},
		{peers(0, 30_000, 900), proxyName},
		// nobody to compare with
		{&report{class: intel, Rows: []*line{{Row: rowCalls, System: proxyName, Clean: 1}}}, ""},
		{&report{class: intel}, ""},
		{of(amd, 1), ""},
		{of(amd, 0.5), ""},
		{on(amd, 8000, 30_000, 300), engineName},
		{on(intel, amd.figures[0].rate, amd.figures[1].rate, amd.figures[2].rate), engineName},
		{quick(peers(8000, 20_000, 900)), ""},
		{quick(peers(8000, 15_000, 900)), registrarName},
		{on(nil, 8000, 30_000, 1), ""}, // nothing is known of the machine
	}
	if text := on(nil, 1, 1, 1).judged(); !strings.Contains(text, "NOT JUDGED") {
		t.Errorf("an unknown machine: %q", text)
	}
	for i, c := range cases {
		err := c.r.valid()
		ok := err == nil
		if c.want != "" {
			ok = errors.Is(err, errPeer) && strings.Contains(err.Error(), c.want)
		}
		if !ok {
			t.Errorf("%d: %v, want %q", i, err, c.want)
		}
	}
}

func TestSoundIsJudged(t *testing.T) {
	own := []step{{Rate: 500, AddedP99: 1}, {Rate: 1000, AddedP99: 3}}
	for n, want := range map[float64]float64{0: 0, 250: 0.5, 500: 1, 750: 2, 1000: 3, 2000: 3} {
		if got := ownDelay(own, n); got != want {
			t.Errorf("own delay at %.0f: %v, want %v", n, got, want)
		}
	}
	cases := []struct {
		s    step
		up   int
		h    load.Heard
		want string
	}{
		{step{AddedP99: 6}, 10, load.Heard{Sent: 1}, ""},
		{step{AddedP99: 6.1}, 10, load.Heard{Sent: 1}, "p99 6.1 ms"},
		{step{}, 9, load.Heard{Sent: 1}, "9 of 10 calls"},
		{step{}, 10, load.Heard{Sent: 1, Silent: 1}, "without sound"},
		{step{}, 10, load.Heard{Sent: 1, Dropped: 1}, "1 calls ended"},
		{step{Lost: 1}, 10, load.Heard{Sent: 1}, "1 of 1 packets lost"},
		{step{}, 10, load.Heard{}, "0 of 0 packets lost"},
		{step{Cores: cores{Generator: 1}}, 10, load.Heard{Sent: 1}, "generator's core was full"},
	}
	for _, c := range cases {
		c.s.judgeSound(c.up, 10, &c.h, 1)
		clean := c.s.Why == "" || strings.HasPrefix(c.s.Why, "the generator")
		if !strings.Contains(c.s.Why, c.want) || c.s.Clean != clean {
			t.Errorf("%+v: want %q", c.s, c.want)
		}
	}
}

// TestEventsOfASoak: peers are gone and back, as often as they are counted, and
// the last is back before the end.
func TestEventsOfASoak(t *testing.T) {
	c, looks := &soak{}, 0
	var last time.Duration
	events := c.events(time.Hour, &bed{}, func() { looks++ })
	for _, e := range events {
		if e.After < last {
			t.Errorf("%v after %v", e.After, last)
		}
		last = e.After
	}
	if c.Restarts != 12 || len(events) != 59+2*c.Restarts || last >= time.Hour {
		t.Errorf("%d restarts, %d events, the last at %v", c.Restarts, len(events), last)
	}
}
