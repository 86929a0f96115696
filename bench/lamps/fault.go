package main

import (
	"context"
	"time"

	"github.com/sekisho/sekisho/bench/cast"
)

// fault has a phone start anew, or not be reached for a while.
func (s *stage) fault(now time.Time) string {
	p := s.phones[s.r.IntN(phones)]
	if !p.Registered || !p.Reachable(now) || len(s.ghosts[p]) > 0 || len(p.Legs) > 1 {
		return ""
	}
	if s.r.IntN(2) == 0 {
		d := time.Duration(200+s.r.IntN(1800)) * time.Millisecond
		s.tracef("%s is not reached for %s", p.Name, d)
		p.Unreachable(d)
		return "phone is not reached"
	}
	if p.Unanswered() { // the unit would never learn of it, and neither do we
		return ""
	}
	for _, l := range p.Legs {
		line := s.lineOf(noteOf(l).key)
		if !noteOf(l).joined || l.State != cast.Up || l.Busy || line == nil || line.State != cast.Up {
			return ""
		}
		s.haunts(p, l)
	}
	s.tracef("%s starts anew", p.Name)
	s.darkens(p)
	life := p.Life()
	s.lookAtExt(p, now)
	time.AfterFunc(time.Duration(50+s.r.IntN(300))*time.Millisecond, func() {
		s.Mu.Lock()
		defer s.Mu.Unlock()
		if !s.over && p.Life() == life { // else the unit's restart had it begin already
			s.begins(p)
		}
	})
	return "phone starts anew"
}

// haunts notes that the unit does not know yet that a phone has forgotten a call. Who
// talked with it hears nothing any more, and hangs up; whom it held waits for a while.
func (s *stage) haunts(p *cast.Party, l *cast.Leg) {
	k := noteOf(l).key
	line := s.lineOf(k)
	if line == nil {
		return
	}
	s.ghosts[p] = append(s.ghosts[p], l)
	s.at[k].hung = time.Now()
	waits := time.Duration(300+s.r.IntN(1200)) * time.Millisecond
	if l.Held {
		waits += heldWaits
	}
	time.AfterFunc(waits, func() {
		s.Mu.Lock()
		defer s.Mu.Unlock()
		if line.State == cast.Up && s.isGhost(l) && (line.Unit || line.Heard == nil || line.Heard == l) {
			line.Bye()
		}
	})
}

// restarter ends the unit and starts it again whenever that is due, until the context
// is over.
func (s *stage) restarter(ctx context.Context) error {
	for {
		select {
		case <-ctx.Done():
			return nil
		case kill := <-s.restarts:
			if err := s.restartUnit(kill); err != nil {
				return err
			}
		}
	}
}

func (s *stage) restartUnit(kill bool) error {
	began := time.Now()
	s.Mu.Lock()
	for _, p := range s.Parties {
		if p.Away.After(began) {
			p.Away = began // who is hung up on shall hear it
		}
	}
	s.Mu.Unlock()
	what := "unit is ended and started"
	if kill {
		what = "unit is killed and started"
		s.unit.Kill()
	} else if err := s.unit.Stop(); err != nil {
		return err
	}
	s.Mu.Lock()
	s.Forget()
	clear(s.ghosts)
	for k := range s.at {
		s.at[k] = state{}
	}
	s.Mu.Unlock()
	err := s.unit.Launch()
	s.Mu.Lock()
	defer s.Mu.Unlock()
	now := time.Now()
	s.tally.Events[what]++
	s.tally.Started = append(s.tally.Started, now.Sub(began))
	s.tracef("the unit has started anew")
	s.down, s.judge.started, s.next = false, now, now.Add(wrongRestarted/3)
	s.lookAtKeys(now)
	for _, p := range s.phones {
		if s.unheeded(p, began) {
			s.darkens(p)
			s.begins(p)
		}
		s.lookAtExt(p, now)
	}
	return err
}

// unheeded tells whether a phone was starting as the unit ended. What a unit has promised
// in its last moments before kill -9 it may have forgotten.
func (s *stage) unheeded(p *cast.Party, ended time.Time) bool {
	for _, l := range s.lamps[p] {
		if l.asked.IsZero() && !l.on || ended.Sub(l.asked) < promised {
			return true
		}
	}
	return !p.Registered
}

// darkens has a phone forget all.
func (s *stage) darkens(p *cast.Party) {
	p.Reboot()
	for _, l := range s.lamps[p] {
		s.judge.goesDark(l)
	}
}
