package app

import (
	"context"
	"fmt"
	"os"
	"runtime/debug"
	"runtime/metrics"
	"strconv"
	"strings"
	"time"
)

// groupMemory is where a control group's limit stands, seen from within.
const groupMemory = "/sys/fs/cgroup/memory.max"

// tendHeap keeps the garbage collector from running all the time while the heap
// is small: between two collections it may grow by a headroom, or by as much as
// is live where that is more, as Go does by itself. Who sets GOGC has decided;
// GOMEMLIMIT is kept to in any case.
func tendHeap(ctx context.Context) {
	if os.Getenv("GOGC") != "" {
		return
	}
	tick := time.NewTicker(headroomCheck)
	defer tick.Stop()
	room := headroom(memoryBytes())
	for now := 0; ; {
		if want := gcPercent(liveBytes(), room); apart(want, now) {
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

// headroom is by how many bytes the heap may always grow on a machine with so
// many: each collection takes the processor from the calls for a while, and
// where there is much memory it need not come so often.
func headroom(memory uint64) uint64 { return min(max(memory/headroomShare, headroomMin), headroomMax) }

// memoryBytes is how much memory this process may use: the machine's, or what
// its control group leaves it; 0 where the kernel does not say.
func memoryBytes() uint64 {
	b, err := os.ReadFile("/proc/meminfo")
	if err != nil {
		return 0
	}
	var kib uint64
	if _, err := fmt.Sscanf(string(b), "MemTotal: %d kB", &kib); err != nil {
		return 0
	}
	total := kib << 10
	if b, err = os.ReadFile(groupMemory); err != nil {
		return total
	}
	most, err := strconv.ParseUint(strings.TrimSpace(string(b)), 10, 64)
	if err != nil { // "max"
		return total
	}
	return min(total, most)
}

// gcPercent gives the GOGC that lets a heap of which so much is live grow by
// room, or by what is live where that is more.
func gcPercent(live, room uint64) int {
	return int(max(gcPercentMin, gcPercentMin*room/max(live, liveMin)))
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
