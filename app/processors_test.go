package app

import (
	"runtime"
	"testing"
)

func TestUseProcessors(t *testing.T) {
	was := runtime.GOMAXPROCS(0)
	defer runtime.GOMAXPROCS(was)
	t.Setenv("GOMAXPROCS", "3")
	if UseProcessors(); runtime.GOMAXPROCS(0) != was {
		t.Errorf("%d: what the environment says must stand", runtime.GOMAXPROCS(0))
	}
	t.Setenv("GOMAXPROCS", "")
	if UseProcessors(); runtime.GOMAXPROCS(0) != placesEach*usable+1 {
		t.Errorf("%d with %d usable", runtime.GOMAXPROCS(0), usable)
	}
}
