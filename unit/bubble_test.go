package unit

import (
	"fmt"
	"testing"
)

// withShards runs a test with one shard and with four, on which datagrams
// land at random.
func withShards(t *testing.T, run func(t *testing.T, shards int)) {
	for _, n := range []int{1, 4} {
		inBubble(t, fmt.Sprintf("%d shards", n), func(t *testing.T) { run(t, n) })
	}
}

// inBubble runs a subtest in time of its own.
func inBubble(t *testing.T, name string, run func(t *testing.T)) {
	t.Run(name, func(t *testing.T) { inTime(t, run) })
}
