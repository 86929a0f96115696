package main

import (
	"errors"
	"fmt"
	"math"
	"strings"
)

// hostClass is a kind of machine whose peers are known.
type hostClass struct {
	name string
	// marks are what /proc/cpuinfo says of it: vendor, and a part of the model's
	// name.
	vendor, model string
	figures       []figure
}

// figure is what a peer reached on one core of such a machine.
type figure struct {
	row, system string
	rate        float64
}

// hostClasses are what is known (Debian 12; Kamailio 5.6.3 with tlsf and one
// worker; rtpengine 10.5.3 in user space). No figure of a run is compared with
// them: only their relation is, because a peer that does far worse than the
// others here had something wrong with it. The relation is the machine's:
// rtpengine makes most system calls for what it does, and those cost most where
// the kernel must guard each return against Spectre.
func hostClasses() []hostClass {
	return []hostClass{
		{
			// Measured with another generator; Kamailio did 7,000 calls/s as proxy on a
			// quiet machine and 10,000 on a busy one.
			name: "Intel Xeon", vendor: "GenuineIntel", figures: []figure{
				{rowCalls, proxyName, 8000}, {rowRegistrations, registrarName, 30_000}, {rowRelay, engineName, 900},
			},
		},
		{
			name: "AMD EPYC", vendor: "AuthenticAMD", model: "EPYC", figures: []figure{
				{rowCalls, proxyName, 5500}, {rowRegistrations, registrarName, 22_000}, {rowRelay, engineName, 320},
			},
		},
	}
}

// classOf finds the class of a machine in what /proc/cpuinfo says; nil for one
// that nothing is known of.
func classOf(cpuinfo string) *hostClass {
	value := func(name string) string {
		for line := range strings.Lines(cpuinfo) {
			if key, rest, ok := strings.Cut(line, ":"); ok && strings.TrimSpace(key) == name {
				return strings.TrimSpace(rest)
			}
		}
		return ""
	}
	for _, c := range hostClasses() {
		if value("vendor_id") == c.vendor && strings.Contains(value("model name"), c.model) {
			return &c
		}
	}
	return nil
}

// peerShare is how much of its figure a peer must reach, relative to the others.
const peerShare = 0.8

// share is how much of its figure a peer must reach in this run: a quick run's
// search may end a whole step below what the peer can do.
func (r *report) share() float64 {
	if r.Quick {
		return peerShare / growthMin
	}
	return peerShare
}

// relation is how a peer did in comparison with the others.
type relation struct {
	System string  `json:"system"`
	Rate   float64 `json:"rate"`
	Figure float64 `json:"figure"`
	Share  float64 `json:"share"` // of its figure, divided by what the others reached of theirs; 0 where there are none
}

// relations compares the peers that were measured; on a machine of which nothing
// is known, there are none.
func (r *report) relations() (list []relation) {
	if r.class == nil {
		return nil
	}
	for _, f := range r.class.figures {
		if l := r.find(f.row, f.system); l != nil {
			list = append(list, relation{System: f.system, Rate: l.Clean, Figure: f.rate})
		}
	}
	if len(list) < 2 {
		return list
	}
	for i := range list {
		product, others := 1.0, 0
		for k, o := range list {
			if k != i {
				product *= o.Rate / o.Figure
				others++
			}
		}
		if product > 0 {
			list[i].Share = list[i].Rate / list[i].Figure / math.Pow(product, 1/float64(others))
		}
	}
	return list
}

var errPeer = errors.New("a peer did far worse than the others, relative to what is known of them")

// className names the machine's class, "" for one that nothing is known of.
func (r *report) className() string {
	if r.class == nil {
		return ""
	}
	return r.class.name
}

// judged says by what the peers are judged.
func (r *report) judged() string {
	if r.class == nil {
		return "peers: NOT JUDGED, for nothing is known of them on such a processor\n"
	}
	var b strings.Builder
	fmt.Fprintf(&b, "peers: judged by what is known of them on %s\n", r.class.name)
	for _, p := range r.relations() {
		fmt.Fprintf(&b, "peer: %s at %.0f, known for %.0f: relative to the other peers %s %%\n",
			p.System, p.Rate, p.Figure, number(100*p.Share, 0))
	}
	return b.String()
}

// valid says why the run does not count; on a machine of which nothing is known
// it can't.
func (r *report) valid() error {
	if r.fixed {
		return nil
	}
	for _, p := range r.relations() {
		if p.Rate == 0 {
			return fmt.Errorf("%w: %s did nothing without failure", errPeer, p.System)
		}
		if p.Share > 0 && p.Share < r.share() {
			return fmt.Errorf("%w: %s, %.0f %%", errPeer, p.System, 100*p.Share)
		}
	}
	return nil
}
