package main

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/sekisho/sekisho/bench/cast"
)

// lamp takes what a phone's lamp shows from now on.
func (s *stage) lamp(p *cast.Party, entity string, shows cast.Shown) {
	if l := s.lamps[p][entity]; l != nil {
		s.judge.shows(l, shows, time.Now())
	}
}

// changed looks at what a leg has to do with.
func (s *stage) changed(l *cast.Leg) {
	n := noteOf(l)
	if m := l.Heard; m != nil {
		s.heard(l, m)
	}
	if n.parks && l.State == cast.Up {
		switch line := s.line(n.key); {
		case line != nil && (n.told || !n.fits(line)): // somebody may have taken and held it since
		case line != nil:
			n.told, noteOf(line).private = true, n.private
		case n.private == "" && !l.Unit: // too late: that is dial tone, or it was just not
			n.parks, n.pressed, n.late = false, true, time.Now()
		}
	}
	s.lookAt(l, n.key)
}

// heard takes that one leg hears another one: that is who talks with whom.
func (s *stage) heard(l, m *cast.Leg) {
	line, phone := l, m
	if m.P.IsLine {
		line, phone = m, l
	}
	if !line.P.IsLine || phone.P.IsLine {
		if line.P.IsLine {
			s.fail("two lines talk", fmt.Sprintf("%s and %s", keyName(line.P.Number), keyName(phone.P.Number)))
		}
		return
	}
	a, b := noteOf(line), noteOf(phone)
	if b.key >= 0 && b.key != line.P.Number && !b.parks {
		s.fail("crosstalk", fmt.Sprintf("%s is at %s and hears, or is heard at, %s",
			phone.P.Name, keyName(b.key), keyName(line.P.Number)))
	}
	if b.want == wantRefusal && !s.at[line.P.Number].touched.After(b.pressAt) {
		s.fail("let in", fmt.Sprintf("%s pressed %s where somebody talked", phone.P.Name, keyName(line.P.Number)))
	}
	b.key, b.joined, b.want = line.P.Number, true, ""
	if phone.Heard == line && line.Heard == phone {
		if a.last != phone.P.Name {
			s.tracef("%s talks with %s", keyName(line.P.Number), phone.P.Name)
		}
		if a.with != phone {
			a.with = phone
			a.turns++
		}
		if a.last = phone.P.Name; phone.State == cast.Up && !phone.Held { // not what was said before it was held
			a.private = ""
		}
		if at := s.at[line.P.Number]; at.to == phone.P {
			s.moved(line.P.Number, at.move)
		}
		s.laid(line) // whoever forgot that it had the call has it no more
	}
}

// lookAt judges anew what a leg has to do with.
func (s *stage) lookAt(l *cast.Leg, key int) {
	now := time.Now()
	if l.P.IsLine {
		key = l.P.Number
	} else {
		s.lookAtExt(l.P, now)
	}
	if key >= 0 {
		if n := noteOf(l); !n.pressed || n.want == "" {
			s.at[key].touched = now
		}
		s.lookAtKey(key, now)
	}
}

func (s *stage) lookAtKeys(now time.Time) {
	for k := range s.keys {
		s.lookAtKey(k, now)
	}
}

func (s *stage) lookAtKey(k int, now time.Time) {
	t := s.keys[k]
	is := s.key(k)
	for _, p := range s.phones {
		for _, l := range p.Legs {
			if noteOf(l).key == k {
				t.troubled = latest(t.troubled, trouble(p, now))
			}
		}
	}
	if is != t.is {
		s.tracef("%s is %s", t.name, is)
	}
	s.judge.stands(t, is, now)
}

func (s *stage) lookAtExt(p *cast.Party, now time.Time) {
	t := s.exts[p.Number]
	t.troubled = latest(t.troubled, trouble(p, now))
	s.judge.stands(t, s.ext(p), now)
}

// trouble is when a party was in trouble last.
func trouble(p *cast.Party, now time.Time) time.Time {
	if !p.Reachable(now) {
		return now
	}
	return latest(p.Troubled, p.Away)
}

func latest(a, b time.Time) time.Time {
	if a.Before(b) {
		return b
	}
	return a
}

// line is the leg at a line's end that counts: of two that meet the older is refused.
func (s *stage) line(k int) *cast.Leg {
	var found *cast.Leg
	for _, l := range s.lines[k].Legs {
		if found == nil || l.State == cast.Up || found.State == cast.Calling && !found.Alerting {
			found = l
		}
	}
	return found
}

// key is how it stands with a key, by who hears whom at its line's end.
func (s *stage) key(k int) truth {
	line := s.line(k)
	switch {
	case s.down:
		return truth{open: true, excused: true}
	case line == nil:
		is := s.toneOf(k)
		if is.phase == "terminated" && s.dialing() { // it may be seized, the INVITE is still to come
			return truth{open: true, excused: true}
		}
		return is
	case line.State == cast.Up:
		return s.talkOf(k, line)
	case line.Called:
		for _, m := range s.legsAt(k) {
			if !noteOf(m).joined && !m.Called {
				return truth{phase: "confirmed", by: m.P.Name}
			}
		}
		return truth{open: true} // its CANCEL is to come
	case !line.Alerting:
		return truth{open: true, excused: s.nobodyRings(k)}
	}
	for _, m := range s.legsAt(k) {
		if m.State == cast.Up || m.State == cast.Calling {
			return truth{open: true} // somebody answers
		}
	}
	return truth{phase: "early"}
}

// nobodyRings tells whether a fault may keep the phones of a line from ringing.
func (s *stage) nobodyRings(k int) bool {
	now := time.Now()
	for _, i := range rings(k) {
		if p := s.phones[i]; !p.Registered || now.Sub(trouble(p, now)) < troubleLasts {
			return true
		}
	}
	return false
}

// dials tells whether some phone dials outside without a key, or did just now: nobody
// knows yet which line that takes.
func (s *stage) dials(now time.Time) bool { return s.dialing() || now.Sub(s.direct) < steady }

// dialing tells whether a call that a phone dialed without a key has still to come to a
// line's end.
func (s *stage) dialing() bool {
	for _, p := range s.phones {
		for _, l := range p.Legs {
			if n := noteOf(l); n.direct && n.key < 0 {
				return true
			}
		}
	}
	return false
}

// legsAt are the phones' legs at a key.
func (s *stage) legsAt(k int) (out []*cast.Leg) {
	for _, p := range s.phones {
		for _, l := range p.Legs {
			if n := noteOf(l); n.key == k && !n.parks {
				out = append(out, l)
			}
		}
	}
	return out
}

// toneOf is how it stands with a key on whose line nobody is.
func (s *stage) toneOf(k int) truth {
	is := truth{phase: "terminated"}
	for _, m := range s.legsAt(k) {
		n := noteOf(m)
		switch {
		case !n.pressed || n.joined: // it will be hung up on
		case m.State == cast.Up && m.Unit && time.Since(n.late) > confirmed:
			return truth{phase: "confirmed", by: m.P.Name}
		default:
			is = truth{open: true}
		}
	}
	return is
}

// talkOf is how it stands with a key whose line's end is in a call.
func (s *stage) talkOf(k int, line *cast.Leg) truth {
	n, m := noteOf(line), line.Heard
	switch {
	case s.at[k].moving:
		return truth{open: true, excused: true}
	case line.Unit:
		return truth{phase: "confirmed", held: true, by: n.last, private: n.private != ""}
	case m == nil, m.Held:
		return truth{open: true}
	case m.State == cast.Over:
		return truth{open: true, excused: s.isGhost(m)}
	case m.Heard == line:
		return truth{phase: "confirmed", by: m.P.Name, private: true}
	}
	return truth{open: true}
}

// ext is how it stands with an extension, by what its phone does.
func (s *stage) ext(p *cast.Party) truth {
	is := truth{phase: "terminated"}
	if s.down {
		return truth{open: true, excused: true}
	}
	if len(s.ghosts[p]) > 0 || !p.Registered {
		return truth{open: true, excused: true}
	}
	for k := range s.keys {
		if l := s.line(k); l != nil && noteOf(l).private == p.Name {
			is = truth{phase: "confirmed", held: true}
		}
	}
	rank := 0
	for _, l := range p.Legs {
		if l.Busy || l.State == cast.Calling && !l.Heeded {
			key := noteOf(l).key
			return truth{open: true, excused: key >= 0 && s.at[key].moving}
		}
		switch {
		case l.State == cast.Ringing && rank < 1:
			is, rank = truth{phase: "early"}, 1
		case l.State == cast.Up && l.Held:
			if rank == 0 {
				is = truth{phase: "confirmed", held: true}
			}
		case l.State == cast.Up, l.State == cast.Calling:
			is, rank = truth{phase: "confirmed"}, 2
		}
	}
	return is
}

func (s *stage) isGhost(m *cast.Leg) bool {
	return slices.Contains(s.ghosts[m.P], m)
}

// ended takes that a leg is over, and judges whether it may be.
func (s *stage) ended(l *cast.Leg, by string) {
	n, now := noteOf(l), time.Now()
	key := n.key
	if l.P.IsLine {
		key = l.P.Number
	}
	s.tracef("%s %s: %s is over by %q", l.P.Name, nameOr(key), l, by)
	if n.direct {
		s.direct = now
		s.lookAtKeys(now)
	}
	if n.parks && !n.told && by == "BYE" && key >= 0 {
		if line := s.line(key); line != nil && line.Unit && n.fits(line) {
			noteOf(line).private = n.private // it is parked, and the answer that said so was lost
		}
	}
	if !s.down {
		switch {
		case l.P.IsLine:
			s.lineEnded(l, by, now)
		case key >= 0 && by == "":
			s.at[key].hung = now
		case n.pressed && key >= 0 && by != "BYE":
			s.refused(l, by)
		case by == "BYE" && n.joined && key >= 0:
			s.thrownOut(l, now)
		}
	}
	s.lookAt(l, key)
	if l.P.IsLine && n.private != "" {
		for _, p := range s.phones {
			if p.Name == n.private {
				s.lookAtExt(p, now)
			}
		}
	}
}

func nameOr(key int) string {
	if key < 0 {
		return "none"
	}
	return keyName(key)
}

// lineEnded judges that somebody outside is hung up on, or refused.
func (s *stage) lineEnded(l *cast.Leg, by string, now time.Time) {
	k := l.P.Number
	a := &s.at[k]
	n := noteOf(l)
	s.laid(l)
	for _, m := range s.legsAt(k) {
		if b := noteOf(m); l.Called && (m.Unit || b.last == "dials" && !b.joined) {
			b.key = -1 // it hears busy tone, or that it is over, or will soon
		}
	}
	switch {
	case by == "":
		a.gone = now
	case now.Sub(a.hung) < explains, now.Sub(s.keys[k].troubled) < cast.RetransmitMax+explains:
	case l.Called: // it was called off
		s.fail("lost call", fmt.Sprintf("%s: %s, and nobody hung up", keyName(k), l))
	case strings.HasPrefix(by, "4") || strings.HasPrefix(by, "5"):
		for _, m := range s.legsAt(k) {
			if noteOf(m).pressed {
				return // glare: somebody has dial tone there
			}
		}
		if n.busy < ringsEach && !s.nobodyRings(k) && !s.dials(now) && len(s.lines[k].Legs) == 0 {
			s.fail("lost call", fmt.Sprintf("%s: a call that came in is answered %s", keyName(k), by))
		}
	default:
		s.fail("lost call", fmt.Sprintf("%s: %s by %s, and nobody hung up", keyName(k), l, by))
	}
}

// laid lets those rest whose phone lost its memory during a call that is over, or another's.
func (s *stage) laid(line *cast.Leg) {
	for p, list := range s.ghosts {
		for i, g := range list {
			if noteOf(g).key == line.P.Number {
				s.ghosts[p] = append(list[:i:i], list[i+1:]...)
				if len(s.ghosts[p]) == 0 {
					delete(s.ghosts, p)
				}
				s.lookAtExt(p, time.Now())
				break
			}
		}
	}
}

// What a press must come to.
const (
	wantEntry   = "entry"
	wantRefusal = "refusal"
)

// refused judges that a press came to nothing.
func (s *stage) refused(l *cast.Leg, by string) {
	n := noteOf(l)
	now := time.Now()
	excused := now.Sub(latest(s.keys[n.key].troubled, trouble(l.P, now))) < troubleLasts || s.dials(now) ||
		s.at[n.key].touched.After(n.pressAt)
	if n.want == wantEntry && !excused && len(l.P.Legs) == 0 {
		s.fail("stuck line", fmt.Sprintf("%s pressed %s, which is %s since %s, and was answered %s", l.P.Name,
			keyName(n.key), s.keys[n.key].is, time.Since(s.keys[n.key].since).Round(time.Millisecond), by))
	}
}

// thrownOut judges that a phone is hung up on that talked, or held.
func (s *stage) thrownOut(l *cast.Leg, now time.Time) {
	a, most := &s.at[noteOf(l).key], explains
	if now.Sub(trouble(l.P, now)) < explains+cast.RetransmitMax { // the BYE may have been lost
		most += cast.RetransmitMax
	}
	if now.Sub(a.gone) < explains+cast.RetransmitMax || now.Sub(a.touched) < most || a.moving {
		return
	}
	s.fail("lost call", fmt.Sprintf("%s was hung up on at %s, and nobody did anything",
		l.P.Name, keyName(noteOf(l).key)))
}
