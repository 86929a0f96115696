package media

import (
	"errors"
	"fmt"
	"testing"

	"golang.org/x/sys/unix"

	"github.com/sekisho/sekisho/unit/media/engine"
)

// TestEpollTakesOverWhereRingsRunOut has the kernel allow a ring to the probe
// and to the first loop, and none to the second.
func TestEpollTakesOverWhereRingsRunOut(t *testing.T) {
	if _, why := engine.Choose(engine.Uring); why != nil {
		t.Skipf("this kernel allows no io_uring: %v", why)
	}
	for _, want := range []string{"", string(engine.Uring)} {
		var rings, others int
		p := &ports{}
		r, err := start(Config{Sockets: p, Loops: 2, Engine: want},
			func(k engine.Kind, w *engine.Waker) (engine.Engine, error) {
				if k != engine.Uring {
					others++
					return engine.Open(k, w, false)
				}
				if rings++; rings == 2 {
					return nil, fmt.Errorf("io_uring_setup: %w", unix.ENOMEM)
				}
				return engine.Open(k, w, false)
			})
		if err != nil {
			t.Fatalf("engine %q: %v", want, err)
		}
		if name, why := r.Engine(); name != string(engine.Epoll) || !errors.Is(why, unix.ENOMEM) {
			t.Errorf("engine %q: voice is moved by %s, because of %v", want, name, why)
		}
		if rings != 2 || others != 2 || len(r.loops) != 2 {
			t.Errorf("engine %q: %d rings, %d others, %d loops", want, rings, others, len(r.loops))
		}
		w := &world{t: t, ports: p, signal: make(chan struct{}, 1), Relay: r}
		_, _, x, y := callWith(w, "")
		x.say(make([]int16, 160))
		y.hear(1)
		r.Close()
		if n := p.count(); n != 0 {
			t.Errorf("engine %q: %d sockets are still open", want, n)
		}
	}
}

// TestWithoutAnyEngineNothingIsLeft has neither engine be had.
func TestWithoutAnyEngineNothingIsLeft(t *testing.T) {
	p := &ports{}
	_, err := start(Config{Sockets: p, Loops: 2}, func(engine.Kind, *engine.Waker) (engine.Engine, error) {
		return nil, unix.EMFILE
	})
	if !errors.Is(err, unix.EMFILE) || p.count() != 0 {
		t.Errorf("%v; %d sockets are open", err, p.count())
	}
}
