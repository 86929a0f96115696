package main

import (
	"fmt"
	"time"

	"github.com/sekisho/sekisho/bench/cast"
)

// tick has what is due happen.
func (s *stage) tick(now time.Time) {
	if !s.ticked.IsZero() && now.Sub(s.ticked) > stallMost {
		s.judge.stalls(s.ticked, now)
		s.stalls++
	}
	s.ticked = now
	if now.Sub(s.looked) > lookEvery {
		s.looked = now
		s.lookAtKeys(now)
		for _, p := range s.phones {
			s.lookAtExt(p, now)
		}
	}
	s.judge.check(now)
	for !s.down && s.left > 0 && !now.Before(s.next) {
		s.next = s.next.Add(time.Duration(s.r.ExpFloat64() / s.rate * float64(time.Second)))
		if now.Sub(s.next) > time.Second { // the machine is too slow for that rate
			s.next = now
		}
		s.happens(now)
	}
}

// happens has something happen that could now.
func (s *stage) happens(now time.Time) {
	what, before := "", s.left+1
	switch draw := s.r.Float64(); {
	case draw < 0.02:
		what = s.fault(now)
	case draw < 0.10:
		what = s.inside(now)
	default:
		what = s.atKey(s.r.IntN(lines), now)
	}
	if what == "" {
		return
	}
	s.left--
	s.tally.Events[what] += before - 1 - s.left
	if s.restart--; s.restart == 0 {
		select {
		case s.restarts <- s.r.IntN(2) == 0:
			s.down = true
			s.left--
		default:
		}
		s.restart = s.every/2 + s.r.IntN(s.every)
	}
}

// idle is a phone that could make a call, nil for none.
func (s *stage) idle(now time.Time) *cast.Party {
	start := s.r.IntN(phones)
	for i := range phones {
		if p := s.phones[(start+i)%phones]; p.Idle(now) && len(s.ghosts[p]) == 0 {
			return p
		}
	}
	return nil
}

// atKey has something happen at a key.
func (s *stage) atKey(k int, now time.Time) string {
	line := s.line(k)
	switch {
	case line == nil:
		for _, m := range s.legsAt(k) {
			return s.atTone(k, m, now)
		}
		return s.begin(k, now)
	case line.State == cast.Up && line.Unit:
		return s.held(k, line, now)
	case line.State == cast.Up:
		return s.talk(k, line, now)
	case line.Called:
		return s.dialed(k, line, now)
	}
	return s.rings(k, line, now)
}

// press has an idle phone press a key; want is what must come of it where nothing else
// happens there.
func (s *stage) press(k int, p *cast.Party, want string, now time.Time) bool {
	if p == nil {
		return false
	}
	if t := s.keys[k]; t.is.open || now.Sub(t.since) < steady || now.Sub(s.at[k].touched) < steady/2 {
		want = ""
	}
	name := keyName(k)
	if s.r.IntN(3) == 0 {
		name = "**" + name
	}
	s.tracef("%s presses %s", p.Name, keyName(k))
	s.at[k].touched = now
	p.Call(name, &note{key: k, pressed: true, want: want, pressAt: now})
	return true
}

// glare has two phones press a key at once.
func (s *stage) glare(k int, now time.Time) string {
	a := s.idle(now)
	if !s.press(k, a, "", now) {
		return ""
	}
	if s.press(k, s.idle(now), "", now) {
		s.left--
		return "two phones press a key"
	}
	return "press"
}

// begin has a call come in, a key be pressed, or a number be dialed.
func (s *stage) begin(k int, now time.Time) string {
	switch draw := s.r.Float64(); {
	case draw < 0.5:
		s.comesIn(k)
		if draw > 0.03 {
			return "call comes in"
		}
		if s.press(k, s.idle(now), "", now) {
			s.left--
		}
		return "call comes in as a key is pressed"
	case draw < 0.85:
		if s.press(k, s.idle(now), wantEntry, now) {
			return "idle key is pressed"
		}
	case draw < 0.92:
		return s.glare(k, now)
	default:
		if p := s.idle(now); p != nil {
			s.serial++
			p.Call(fmt.Sprintf("066%07d", s.serial), &note{key: -1, direct: true})
			s.lookAtKeys(now)
			return "number is dialed without a key"
		}
	}
	return ""
}

// caller is the number of somebody who calls on a line, by which it is known.
func (s *stage) caller(k int) string {
	s.serial++
	return fmt.Sprintf("0901%02d%05d", k, s.serial%100_000)
}

func (s *stage) comesIn(k int) {
	s.tracef("a call comes in at %s", keyName(k))
	s.lines[k].CallFrom(numberOf(k), s.caller(k), &note{key: k})
}

// atTone has who has dial tone dial, or give up, or another press the key.
func (s *stage) atTone(k int, m *cast.Leg, now time.Time) string {
	n := noteOf(m)
	if m.State != cast.Up || m.Busy || n.joined || !m.P.Reachable(now) {
		return ""
	}
	switch draw := s.r.Float64(); {
	case draw < 0.55 && n.last == "":
		n.last = "dials"
		s.serial++
		s.tracef("%s dials at %s", m.P.Name, keyName(k))
		m.Dial(fmt.Sprintf("066%07d", s.serial), func() {})
		return "number is dialed"
	case draw < 0.8:
		m.Bye()
		return "dial tone is given up"
	case s.press(k, s.idle(now), wantRefusal, now):
		return "key in use is pressed"
	}
	return ""
}

// dialed has somebody outside answer, or not, or who called give up.
func (s *stage) dialed(k int, line *cast.Leg, now time.Time) string {
	switch draw := s.r.Float64(); {
	case draw < 0.5:
		line.Answer()
		return "callee answers"
	case draw < 0.65:
		line.Refuse(486)
		return "callee is busy"
	case draw < 0.85:
		for _, m := range s.legsAt(k) {
			if m.P.Reachable(now) && !m.Busy && !m.Called {
				return s.givesUp(m)
			}
		}
	case s.press(k, s.idle(now), wantRefusal, now):
		return "key in use is pressed"
	}
	return ""
}

func (s *stage) givesUp(m *cast.Leg) string {
	if m.State == cast.Calling {
		m.Cancel()
	} else {
		m.Bye()
	}
	return "caller gives up"
}

// rings has a call that rings be taken, or given up.
func (s *stage) rings(k int, line *cast.Leg, now time.Time) string {
	var bells []*cast.Leg
	for _, m := range s.legsAt(k) {
		if m.State == cast.Ringing && m.P.Reachable(now) {
			bells = append(bells, m)
		}
	}
	switch draw := s.r.Float64(); {
	case !line.Alerting:
		return ""
	case draw < 0.4 && len(bells) > 0:
		bells[s.r.IntN(len(bells))].Answer()
		if draw < 0.08 && s.press(k, s.idle(now), "", now) {
			s.left--
			return "answered as the key is pressed"
		}
		return "ringing phone answers"
	case draw < 0.7:
		if s.press(k, s.idle(now), wantEntry, now) {
			return "blinking key is pressed"
		}
	case draw < 0.8:
		return s.glare(k, now)
	case draw < 0.84 && len(bells) > 0:
		bells[0].Answer()
		line.Cancel()
		s.left--
		return "answered as the caller gives up"
	case draw < 0.94:
		line.Cancel()
		return "caller outside gives up"
	}
	return ""
}

// talk has who talks hold, press the key, or hang up.
func (s *stage) talk(k int, line *cast.Leg, now time.Time) string {
	m := line.Heard
	if m == nil || m.State != cast.Up || m.Busy || m.Held || m.Heard != line || !m.P.Reachable(now) {
		return ""
	}
	switch draw := s.r.Float64(); {
	case draw < 0.22:
		m.Hold(true, func(bool) {})
		return "hold"
	case draw < 0.42:
		return s.parks(m, keyName(k), "")
	case draw < 0.48 && !s.ownHolds(m.P):
		return s.parks(m, "*70", m.P.Name)
	case draw < 0.60:
		m.Bye()
		return "phone hangs up"
	case draw < 0.72:
		line.Bye()
		return "other side hangs up"
	case draw < 0.75:
		m.Bye()
		line.Bye()
		s.left--
		return "both hang up"
	case draw < 0.82:
		return s.transfer(k, m, now)
	case s.press(k, s.idle(now), wantRefusal, now):
		return "key in use is pressed"
	}
	return ""
}

// ownHolds tells whether an extension holds somebody for itself, or is about to: there is
// room for one.
func (s *stage) ownHolds(p *cast.Party) bool {
	for _, l := range p.Legs {
		if noteOf(l).private != "" {
			return true
		}
	}
	for k := range s.keys {
		if l := s.line(k); l != nil && noteOf(l).private == p.Name {
			return true
		}
	}
	return false
}

// parks has a phone hold its call and call a place, where it waits then.
func (s *stage) parks(m *cast.Leg, place, private string) string {
	k := noteOf(m).key
	m.Hold(true, func(ok bool) {
		if !ok || m.State != cast.Up {
			return
		}
		line := s.line(k)
		if line == nil || !m.P.Reachable(time.Now()) {
			return
		}
		s.tracef("%s calls %s to park %s", m.P.Name, place, keyName(k))
		m.P.Call(place, &note{key: k, parks: true, private: private, of: line, turn: noteOf(line).turns})
	})
	if private != "" {
		return "own hold"
	}
	return "hold by the key"
}

// transfer has who is outside go on with another phone.
func (s *stage) transfer(k int, m *cast.Leg, now time.Time) string {
	to := s.idle(now)
	if to == nil || to == m.P {
		return ""
	}
	s.tracef("%s sends %s over to %s", m.P.Name, keyName(k), to.Name)
	s.serial++
	move := s.serial
	s.at[k].moving, s.at[k].move, s.at[k].to = true, move, to
	m.Refer("sip:"+to.Name+"@office", func(status int) {
		s.tracef("%s sent %s over: %d", m.P.Name, keyName(k), status)
		if line := s.line(k); status != 200 || line == nil || !line.Unit {
			s.moved(k, move)
			return
		}
		time.AfterFunc(openMost, func() { // until it hears who has answered: an ACK may be lost
			s.Mu.Lock()
			defer s.Mu.Unlock()
			s.moved(k, move)
		})
	})
	return "transfer"
}

// moved ends a transfer, if it is the one under way.
func (s *stage) moved(k, move int) {
	if now := time.Now(); s.at[k].moving && s.at[k].move == move {
		s.at[k].moving, s.at[k].hung, s.at[k].touched = false, now, now
		s.lookAtKey(k, now)
	}
}

// held has who waits at a key be taken, or hang up.
func (s *stage) held(k int, line *cast.Leg, now time.Time) string {
	n := noteOf(line)
	var holder *cast.Leg
	for _, m := range s.legsAt(k) {
		if m.State == cast.Up && m.Held && m.P.Reachable(now) && !m.Busy {
			holder = m
		}
	}
	draw := s.r.Float64()
	switch {
	case s.at[k].moving:
		return ""
	case draw < 0.12:
		line.Bye()
		return "other side hangs up"
	case holder != nil && draw < 0.3:
		holder.Hold(false, func(bool) {})
		return "hold is over"
	case holder != nil && draw < 0.38:
		holder.Bye()
		return "phone hangs up"
	case n.private != "":
		return s.ownHeld(k, n.private, now)
	case draw < 0.55:
		return s.glare(k, now)
	case s.press(k, s.idle(now), wantEntry, now):
		return "held key is pressed"
	}
	return ""
}

// ownHeld has the key be pressed of somebody whom an extension holds for itself.
func (s *stage) ownHeld(k int, by string, now time.Time) string {
	for _, p := range s.phones {
		if p.Name == by && p.Idle(now) && s.r.IntN(2) == 0 {
			s.press(k, p, wantEntry, now)
			return "held key is pressed"
		}
	}
	if p := s.idle(now); p != nil && p.Name != by && s.press(k, p, wantRefusal, now) {
		return "another one's hold is pressed"
	}
	return ""
}

// inside has something happen between two phones.
func (s *stage) inside(now time.Time) string {
	start := s.r.IntN(phones)
	for i := range phones {
		p := s.phones[(start+i)%phones]
		for _, l := range p.Legs {
			if noteOf(l).key >= 0 || l.Busy || !p.Reachable(now) || noteOf(l).parks {
				continue
			}
			switch {
			case l.State == cast.Ringing && s.r.IntN(3) > 0:
				s.tracef("%s answers %s", p.Name, l.From)
				l.Answer()
				return "extension answers"
			case l.State == cast.Ringing:
				l.Refuse(486)
				return "extension is busy"
			case l.State == cast.Up:
				l.Bye()
				return "phone hangs up"
			}
		}
	}
	a := s.idle(now)
	if a == nil {
		return ""
	}
	to := s.phones[s.r.IntN(phones)]
	s.tracef("%s calls %s", a.Name, to.Name)
	a.Call(to.Name, &note{key: -1})
	return "extension is called"
}

// rang has a party take a call that comes.
func (s *stage) rang(l *cast.Leg) {
	n := &note{key: -1}
	l.Data = n
	now := time.Now()
	if l.P.IsLine {
		n.key = l.P.Number
		for _, p := range s.phones {
			for _, m := range p.Legs {
				if m.User == l.User && !m.Called {
					noteOf(m).key = n.key
				}
			}
		}
		l.Ring()
		s.lookAt(l, n.key)
		return
	}
	var k, serial int
	if c, _ := fmt.Sscanf(l.From, "0901%02d%05d", &k, &serial); c == 2 && k < lines {
		n.key = k
	}
	for i, p := range s.lines {
		for _, m := range p.Legs {
			if m.Called && m.User == l.From { // who was called is sent over
				n.key = i
			}
		}
	}
	if len(l.P.Legs) > 1 {
		if line := s.lineOf(n.key); line != nil {
			noteOf(line).busy++
		}
		s.tracef("%s is busy for %s", l.P.Name, nameOr(n.key))
		n.key = -1
		l.Refuse(486)
		return
	}
	if n.key >= 0 && s.at[n.key].moving {
		l.Answer()
	} else {
		l.Ring()
	}
	s.lookAt(l, n.key)
	s.lookAtExt(l.P, now)
}

func (s *stage) lineOf(k int) *cast.Leg {
	if k < 0 {
		return nil
	}
	return s.line(k)
}
