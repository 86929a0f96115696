package app

import (
	"context"
	"os"
	"runtime/debug"
	"runtime/metrics"
	"time"
)

// tendHeap keeps the garbage collector from running all the time while the heap
// is small: between two collections it may grow by headroomMin, or by as much
// as is live where that is more, as Go does by itself. Who sets GOGC has
// decided; GOMEMLIMIT is kept to in any case.
func tendHeap(ctx context.Context) {
	if os.Getenv("GOGC") != "" {
		return
	}
	tick := time.NewTicker(headroomCheck)
	defer tick.Stop()
	for now := 0; ; {
		if want := gcPercent(liveBytes()); apart(want, now) {
			debug.SetGCPercent(want)
			now = want
		}
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}

// gcPercent gives the GOGC that lets a heap of which so much is live grow by
// headroomMin, or by that much again.
func gcPercent(live uint64) int {
	return int(max(gcPercentMin, gcPercentMin*headroomMin/max(live, liveMin)))
}

// apart reports whether a setting is so far from the one in force that setting
// it, which stops the process for a moment, is worth it.
func apart(want, now int) bool { return want > now+now/8 || want < now-now/8 }

// liveBytes gives how much of the heap was in use at the end of the last
// collection.
func liveBytes() uint64 {
	s := []metrics.Sample{{Name: "/gc/heap/live:bytes"}}
	metrics.Read(s)
	if s[0].Value.Kind() != metrics.KindUint64 {
		return headroomMin // a Go that does not tell is left as it is
	}
	return s[0].Value.Uint64()
}
