package main

import (
	"context"

	"github.com/sekisho/sekisho/bench/sip/load"
)

// subject is one system under test.
type subject interface {
	name() string
	// start starts it afresh, with nothing carried over.
	start(ctx context.Context) error
	// ready makes it ready for load and gives what the load goes to.
	ready() (*load.Site, error)
	pid() int
	// stop ends it; verdicts are those of a unit, whose evidence is verified.
	stop(ctx context.Context) (verdicts, error)
}

// unitName is the name of the system that all this is about.
const unitName = "sekisho"

// program is what a system needs to be installed, "" for nothing.
func program(s subject) string {
	switch s.(type) {
	case *kamailio:
		return "kamailio"
	case *engine:
		return "rtpengine"
	default:
		return ""
	}
}
