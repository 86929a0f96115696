package main

import (
	"errors"
	"fmt"
	"math"
)

// figures are what the peers reached on one core of one machine in earlier
// measurements with another generator (Debian 12; Kamailio 5.6.3 with tlsf and
// one worker, 7,000 calls/s as proxy on a quiet machine and 10,000 on a busy
// one; rtpengine 10.5.3 in user space). No figure of a run is compared with them:
// only their relation is, because a peer that does far worse than the others
// here had something wrong with it.
var figures = []struct {
	row, system string
	rate        float64
}{
	{rowCalls, proxyName, 8000},
	{rowRegistrations, registrarName, 30_000},
	{rowRelay, engineName, 900},
}

// peerShare is how much of its figure a peer must reach, relative to the others.
const peerShare = 0.8

// relation is how a peer did in comparison with the others.
type relation struct {
	System string  `json:"system"`
	Rate   float64 `json:"rate"`
	Figure float64 `json:"figure"`
	Share  float64 `json:"share"` // of its figure, divided by what the others reached of theirs; 0 where there are none
}

// relations compares the peers that were measured.
func (r *report) relations() (list []relation) {
	for _, f := range figures {
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

// valid says why the run does not count.
func (r *report) valid() error {
	if r.fixed {
		return nil
	}
	for _, p := range r.relations() {
		if p.Rate == 0 {
			return fmt.Errorf("%w: %s did nothing without failure", errPeer, p.System)
		}
		if p.Share > 0 && p.Share < peerShare {
			return fmt.Errorf("%w: %s, %.0f %%", errPeer, p.System, 100*p.Share)
		}
	}
	return nil
}
