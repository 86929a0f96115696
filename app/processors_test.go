package app

import (
	"runtime"
	"testing"
)

func TestKeepPlaces(t *testing.T) {
	was := runtime.GOMAXPROCS(0)
	defer runtime.GOMAXPROCS(was)
	shared, alone := &App{}, &App{options: Options{Alone: true}}
	if shared.keepPlaces(3) || runtime.GOMAXPROCS(0) != was {
		t.Errorf("%d: a process that others share is not changed", runtime.GOMAXPROCS(0))
	}
	t.Setenv("GOMAXPROCS", "4")
	runtime.GOMAXPROCS(4)
	if !alone.keepPlaces(2) || alone.keepPlaces(3) || runtime.GOMAXPROCS(0) != 4 {
		t.Errorf("%d: what the environment says must stand, and leave places", runtime.GOMAXPROCS(0))
	}
	t.Setenv("GOMAXPROCS", "")
	if !alone.keepPlaces(9) || runtime.GOMAXPROCS(0) != 9+usable+1 {
		t.Errorf("%d with %d usable", runtime.GOMAXPROCS(0), usable)
	}
}
