package main

import (
	"context"
	"fmt"
	"os"
	"time"

	"github.com/sekisho/sekisho/bench/sip/load"
)

// memory is what registrations take, and how a unit with as many comes back.
type memory struct {
	Each []weight `json:"each"` // of every system
	// Of a restart: seconds from the start of the process.
	Ready  float64 `json:"ready_s"`
	Usable float64 `json:"usable_s"` // until a call reached the phone that registered last
	// Reached is how many of Called phones a call reached without their having
	// registered again.
	Called  uint64 `json:"called"`
	Reached uint64 `json:"reached"`
	Failed  string `json:"failed,omitempty"`
	// Again is how many seconds it took until all had registered again, offered
	// at restormRate.
	Again      float64 `json:"registered_again_s"`
	Registered uint64  `json:"registered_again"`
	Phones     int     `json:"phones"`
	After      weight  `json:"after"`
}

// measureMemory registers a great many phones and restarts the unit.
func measureMemory(ctx context.Context, o *options, b *bed, binary string, run *report) error {
	n := memoryPhones
	if o.quick {
		n /= 10
	}
	u := &unit{bed: b, binary: binary, office: office{callers: n / 2}}
	c := &memory{Phones: n}
	systems := []subject{u}
	if !o.alone && installed("kamailio") {
		systems = append(systems, &kamailio{bed: b, registrar: true, phones: n / 2})
	}
	for _, sys := range systems {
		if err := sys.start(ctx); err != nil {
			return err
		}
		b.load.Idle(o.settle() / memoryQuiet)
		before, err := settled(sys)
		if err != nil {
			return err
		}
		site, err := sys.ready() // registers a unit's phones
		if err != nil {
			return err
		}
		if sys != subject(u) {
			b.load.Register(site, registerRate)
		}
		b.load.Idle(o.settle())
		after, err := settled(sys)
		if err != nil {
			return err
		}
		c.Each = append(c.Each, after.since(before, n))
		fmt.Fprintf(os.Stderr, "  %s: a registration takes %s\n", sys.name(), c.Each[len(c.Each)-1])
	}
	if len(systems) > 1 {
		if _, err := systems[1].stop(ctx); err != nil {
			return err
		}
	}
	if err := c.restart(b, u); err != nil {
		return err
	}
	run.Memory = c
	return run.finish(ctx, u)
}

// restart stops the unit in good order and starts it again.
func (c *memory) restart(b *bed, u *unit) error {
	if err := u.proc.stop(b.load.Idle); err != nil {
		return fmt.Errorf("the unit: %w", err)
	}
	began := time.Now()
	if err := u.launch(); err != nil {
		return err
	}
	c.Ready = time.Since(began).Seconds()
	last := &load.Site{
		Server: u.site.Server, Domain: u.site.Domain,
		Callers: u.site.Callers[:1], Callees: u.site.Callees[len(u.site.Callees)-1:],
	}
	r := b.load.Calls(last, load.Spec{Rate: 1000, Duration: time.Millisecond, Drain: drainTime})
	b.load.Leave(last)
	if r.Done == 1 {
		c.Usable = time.Since(began).Seconds()
	}
	c.Called = uint64(len(u.site.Callees))
	took := time.Duration(float64(c.Called) / restartRate * float64(time.Second))
	r = b.load.Calls(u.site, load.Spec{Rate: restartRate, Duration: took, Drain: drainTime})
	c.Called, c.Reached, c.Failed = r.Offered, r.Done, counts(r.Failed)
	began = time.Now()
	r = b.load.Register(u.site, restormRate)
	c.Again, c.Registered = time.Since(began).Seconds(), r.Done
	var err error
	c.After, err = settled(u)
	return err
}
