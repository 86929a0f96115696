package tidy

import (
	"sync"
	"testing"
)

// exception is one place that a rule does not bind, with the reason.
type exception struct {
	path string
	what string // the function, "file", "columns", "import X", …
	why  string
}

var exceptions = []exception{
	{
		"plane/mmsg.go", "import unsafe",
		"recvmmsg and sendmmsg take pointers to message headers, and x/sys has no wrapper; plane never sees a Pass",
	},
	{
		"plane/disconnect.go", "import unsafe",
		"connect takes a socket address without a family to end a connection, and x/sys can't write one",
	},
	{
		"unit/media/engine/raw.go", "import unsafe",
		"io_uring shares memory with the kernel, and x/sys has no wrapper; media never sees a Pass",
	},
	{
		"unit/media/engine/probe.go", "golang.org/x/sys/unix.Socketpair",
		"a pair of sockets within the process, which reach nobody: whether io_uring works shows in using it",
	},
}

var used sync.Map

// exempt tells whether a finding stands in the list of exceptions.
func exempt(t *testing.T, path, what string) bool {
	t.Helper()
	for i, e := range exceptions {
		if e.path == path && e.what == what {
			if e.why == "" {
				t.Errorf("exception %s %s has no reason", path, what)
			}
			used.Store(i, true)
			return true
		}
	}
	return false
}

func TestMain(m *testing.M) {
	code := m.Run()
	if code == 0 && !testing.Short() && flagless() {
		for i, e := range exceptions {
			if _, ok := used.Load(i); !ok {
				println("exception no longer needed, delete it:", e.path, e.what)
				code = 1
			}
		}
	}
	exit(code)
}
