package main

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/sekisho/sekisho/bench/cast"
)

// scene is something that happens among a few people.
type scene struct {
	*house

	ctx    context.Context
	cast   []*cast.Party
	place  int // for parking, -1 for none
	failed error
}

// play begins a scene that is drawn, unless too many play.
func (h *house) play(ctx context.Context) {
	names := slices.Sorted(maps.Keys(scenes))
	h.Mu.Lock()
	name := names[h.r.IntN(len(names))]
	room := h.playing < scenesMost
	if room {
		h.playing++
	}
	h.Mu.Unlock()
	if !room {
		return
	}
	h.scenes.Go(func() {
		s := &scene{house: h, ctx: ctx, place: -1}
		scenes[name](s)
		s.ends(name)
	})
}

// ends lets others have what the scene used.
func (s *scene) ends(name string) {
	s.Mu.Lock()
	defer s.Mu.Unlock()
	s.free = append(s.free, s.cast...)
	if s.place >= 0 {
		s.places[s.place] = false
	}
	s.playing--
	switch {
	case s.ctx.Err() != nil:
	case s.failed != nil:
		s.house.failed[name]++
		if len(s.fails) < failsShown {
			s.fails = append(s.fails, fmt.Sprintf("%s: %v", name, s.failed))
		}
	case len(s.cast) > 0:
		s.played[name]++
	}
}

// takes has phones be used by this scene alone; false where one is in use.
func (s *scene) takes(numbers ...int) bool {
	s.Mu.Lock()
	defer s.Mu.Unlock()
	for _, n := range numbers {
		if !slices.Contains(s.free, s.phones[n]) {
			return false
		}
	}
	for _, n := range numbers {
		s.use(slices.Index(s.free, s.phones[n]))
	}
	return true
}

func (s *scene) use(i int) *cast.Party {
	p := s.free[i]
	s.free = slices.Delete(s.free, i, i+1)
	s.cast = append(s.cast, p)
	return p
}

// phone is one that nobody uses and that has no part of its own, nil for none.
func (s *scene) phone() *cast.Party {
	s.Mu.Lock()
	defer s.Mu.Unlock()
	start := s.r.IntN(max(len(s.free), 1))
	for n := range s.free {
		if i := (start + n) % len(s.free); s.free[i].Number >= ownParts {
			return s.use(i)
		}
	}
	return nil
}

// does something with the lock held, unless the scene has failed.
func (s *scene) does(do func()) {
	if s.failed != nil {
		return
	}
	s.Mu.Lock()
	defer s.Mu.Unlock()
	do()
}

// waits until something is so.
func (s *scene) waits(what string, is func() bool) bool {
	if s.failed == nil {
		s.failed = s.await(s.ctx, what, patience, is)
	}
	return s.failed == nil
}

// pause lets time pass.
func (s *scene) pause(from, to time.Duration) {
	s.Mu.Lock()
	d := from + time.Duration(s.r.Int64N(int64(to-from)))
	s.Mu.Unlock()
	select {
	case <-s.ctx.Done():
	case <-time.After(d):
	}
}

func (s *scene) answering() { s.pause(50*time.Millisecond, 800*time.Millisecond) }
func (s *scene) talking()   { s.pause(200*time.Millisecond, 2*time.Second) }

// outsider is the number of a person outside.
func (s *scene) outsider() string {
	s.Mu.Lock()
	defer s.Mu.Unlock()
	s.serial++
	return fmt.Sprintf("0907%07d", s.serial)
}

// bell waits until a phone is called by somebody, and gives that leg.
func (s *scene) bell(p *cast.Party, from string) (l *cast.Leg) {
	s.waits(p.Name+" rings for "+from, func() bool {
		l = ringing(p, from)
		return l != nil
	})
	return l
}

// ringing is a leg of a phone that is called by somebody; "" is anybody.
func ringing(p *cast.Party, from string) *cast.Leg {
	for _, l := range p.Legs {
		if l.State == cast.Ringing && (from == "" || l.From == from) {
			return l
		}
	}
	return nil
}

// dialed waits until a number is called on some line.
func (s *scene) dialed(to string) (l *cast.Leg) {
	s.waits(to+" is called outside", func() bool {
		for _, line := range s.lines {
			for _, one := range line.Legs {
				if one.Called && one.User == to {
					l = one
				}
			}
		}
		return l != nil
	})
	return l
}

// hear waits until two legs hear each other.
func (s *scene) hear(a, b *cast.Leg) {
	s.waits(a.P.Name+" and "+b.P.Name+" hear each other", func() bool {
		return a.State == cast.Up && b.State == cast.Up && a.Heard == b && b.Heard == a
	})
}

// over waits until legs are over.
func (s *scene) over(legs ...*cast.Leg) {
	s.waits("all hang up", func() bool {
		return !slices.ContainsFunc(legs, func(l *cast.Leg) bool { return l.State != cast.Over })
	})
}

// bye has one hang up, and waits for the others.
func (s *scene) bye(by *cast.Leg, others ...*cast.Leg) {
	s.does(by.Bye)
	s.over(others...)
}
