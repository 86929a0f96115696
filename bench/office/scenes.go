package main

import (
	"cmp"
	"fmt"
	"strings"

	"github.com/sekisho/sekisho/bench/cast"
)

// scenes are what happens in the office, by name. One that finds nobody free does
// nothing.
var scenes = map[string]func(s *scene){
	"a call for sales":                  (*scene).forSales,
	"a call for support":                (*scene).forSupport,
	"a call for a desk, held meanwhile": (*scene).forDesk,
	"a caller gives up":                 (*scene).givesUp,
	"a call outside":                    (*scene).outside,
	"a callee is busy":                  (*scene).busy,
	"a call inside":                     (*scene).inside,
	"a transfer":                        (*scene).transfer,
	"an announced transfer":             (*scene).announced,
	"a call is parked and taken":        (*scene).parked,
	"a call is picked up":               (*scene).pickedUp,
	"a line key is pressed":             (*scene).byKey,
	"a conference":                      (*scene).conference,
	"the unit is asked for the time":    (*scene).clock,
	"a phone starts anew":               (*scene).anew,
	"a message is left":                 (*scene).leaves,
	"messages are heard":                (*scene).listens,
	"night falls":                       (*scene).night,
	"callers wait in turn":              (*scene).queues,
	"a call is recorded":                (*scene).recorded,
}

// comesIn has somebody outside call a number.
func (s *scene) comesIn(to string) (far *cast.Leg, from string) {
	from = s.outsider()
	s.does(func() { far = s.lines[0].CallFrom(to, from, nil) })
	return far, from
}

// answers has a phone take a call, and both talk.
func (s *scene) answers(near, far *cast.Leg) {
	s.answering()
	s.does(near.Answer)
	if s.failed == nil {
		s.hear(near, far)
	}
	s.talking()
}

func (s *scene) forSales() {
	if !s.takes(sales...) {
		return
	}
	far, from := s.comesIn(salesNumber)
	var near *cast.Leg
	for _, n := range sales {
		near = s.bell(s.phones[n], from)
	}
	if near == nil {
		return
	}
	s.answers(near, far)
	s.bye(far, near)
	s.waits("the others ring no more", func() bool {
		for _, n := range sales {
			if len(s.phones[n].Legs) > 0 {
				return false
			}
		}
		return true
	})
}

func (s *scene) forSupport() {
	if !s.takes(support...) {
		return
	}
	far, from := s.comesIn(supportNumber)
	if near := s.bell(s.phones[support[0]], from); near != nil {
		s.answers(near, far)
		s.bye(near, far)
	}
}

func (s *scene) forDesk() {
	for i, d := range desks {
		if !s.takes(d) {
			continue
		}
		far, from := s.comesIn(desk(i))
		near := s.bell(s.phones[d], from)
		if near == nil {
			return
		}
		s.answers(near, far)
		s.holds(near, true)
		s.waits("music is heard", func() bool { return far.Unit })
		s.talking()
		s.holds(near, false)
		s.hear(near, far)
		s.bye(far, near)
		return
	}
}

// holds has a phone hold, or go on.
func (s *scene) holds(l *cast.Leg, on bool) {
	done := false
	s.does(func() { l.Hold(on, func(bool) { done = true }) })
	s.waits("hold is confirmed", func() bool { return done })
}

func (s *scene) givesUp() {
	if !s.takes(desks[3]) {
		return
	}
	far, from := s.comesIn(desk(3))
	near := s.bell(s.phones[desks[3]], from)
	s.answering()
	s.does(far.Cancel)
	if near != nil {
		s.over(near)
	}
}

// callsOut has a phone call somebody outside, who answers.
func (s *scene) callsOut(p *cast.Party) (near, far *cast.Leg) {
	to := s.outsider()
	s.does(func() { near = p.Call(to, nil) })
	if far = s.dialed(to); far != nil {
		s.answers(far, near)
	}
	return near, far
}

func (s *scene) outside() {
	if p := s.phone(); p != nil {
		if near, far := s.callsOut(p); far != nil {
			s.bye(near, far)
		}
	}
}

func (s *scene) busy() {
	p := s.phone()
	if p == nil {
		return
	}
	var near *cast.Leg
	to := s.outsider()
	s.does(func() { near = p.Call(to, nil) })
	if far := s.dialed(to); far != nil {
		s.does(func() { far.Refuse(486) })
		s.over(near)
	}
}

// callsInside has a phone call another, which answers.
func (s *scene) callsInside(a, b *cast.Party) (near, far *cast.Leg) {
	s.does(func() { near = a.Call(b.Name, nil) })
	if far = s.bell(b, a.Name); far != nil {
		s.answers(far, near)
	}
	return near, far
}

func (s *scene) inside() {
	if a, b := s.phone(), s.phone(); b != nil {
		if near, far := s.callsInside(a, b); far != nil {
			s.bye(far, near)
		}
	}
}

// refers has whom a phone talks with go on with another one.
func (s *scene) refers(l *cast.Leg, to string) {
	status := 0
	s.does(func() { l.Refer(to, func(got int) { status = got }) })
	s.waits("the transfer is done", func() bool { return status != 0 })
	if status != 200 && s.failed == nil {
		s.failed = fmt.Errorf("the transfer comes to %d", status)
	}
}

func (s *scene) transfer() {
	a, b := s.phone(), s.phone()
	if b == nil {
		return
	}
	near, far := s.callsOut(a)
	if far == nil {
		return
	}
	status := 0
	s.does(func() { near.Refer("sip:"+b.Name+"@office", func(got int) { status = got }) })
	if to := s.bell(b, ""); to != nil {
		s.answers(to, far)
		s.waits("the transfer is done", func() bool { return status == 200 && near.State == cast.Over })
		s.bye(to, far)
	}
}

func (s *scene) announced() {
	a, b := s.phone(), s.phone()
	if b == nil {
		return
	}
	near, far := s.callsOut(a)
	if far == nil {
		return
	}
	s.holds(near, true)
	second, to := s.callsInside(a, b)
	if to == nil {
		return
	}
	s.refers(near, second.Named(b.Name))
	s.hear(to, far)
	s.over(near, second)
	s.bye(far, to)
}

// aPlace is a place for parking that nobody uses, "" for none.
func (s *scene) aPlace() string {
	s.Mu.Lock()
	defer s.Mu.Unlock()
	for i := range s.places {
		if !s.places[i] {
			s.places[i], s.place = true, i
			return fmt.Sprintf("park%d", i+1)
		}
	}
	return ""
}

func (s *scene) parked() {
	a, b := s.phone(), s.phone()
	place := s.aPlace()
	if b == nil || place == "" {
		return
	}
	near, far := s.callsOut(a)
	if far == nil {
		return
	}
	s.holds(near, true)
	var code, taken *cast.Leg
	s.does(func() { code = a.Call(place, nil) })
	if s.failed != nil {
		return
	}
	s.over(near, code)
	s.talking()
	s.does(func() { taken = b.Call(place, nil) })
	if s.failed == nil {
		s.hear(taken, far)
		s.bye(taken, far)
	}
}

func (s *scene) pickedUp() {
	a, b, c := s.phone(), s.phone(), s.phone()
	if c == nil {
		return
	}
	var near, taken *cast.Leg
	s.does(func() { near = a.Call(b.Name, nil) })
	bell := s.bell(b, a.Name)
	if bell == nil {
		return
	}
	s.answering()
	s.does(func() { taken = c.Call("**"+b.Name, nil) })
	if s.failed == nil {
		s.over(bell)
		s.hear(near, taken)
		s.bye(near, taken)
	}
}

// byKey has a phone press any line key that is free, dial there, hold by its own key, and
// another one take the call by the lamp's.
func (s *scene) byKey() {
	a := s.phone()
	if a == nil {
		return
	}
	var near *cast.Leg
	to := s.outsider()
	s.does(func() { near = a.Call("*570", nil) })
	if s.failed != nil {
		return
	}
	s.waits("dial tone", func() bool { return near.State == cast.Over || near.Unit })
	if near.State == cast.Over {
		return // all are in use
	}
	dialed := false
	s.does(func() { near.Dial(to, func() { dialed = true }) })
	s.waits("it is dialed", func() bool { return dialed })
	if far := s.dialed(to); far != nil {
		s.answers(far, near)
		s.holds(near, true)
		s.holds(near, false)
		s.hear(near, far)
		s.bye(near, far)
	}
}

func (s *scene) conference() {
	var in []*cast.Leg
	for range 3 {
		p := s.phone()
		if p == nil {
			break
		}
		s.does(func() { in = append(in, p.Call("*301", nil)) })
		s.answering()
	}
	s.waits("all are in the room", func() bool {
		for _, l := range in {
			if l.State != cast.Up {
				return false
			}
		}
		return true
	})
	s.talking()
	for _, l := range in {
		s.does(l.Bye)
	}
	s.over(in...)
}

func (s *scene) clock() {
	p := s.phone()
	if p == nil {
		return
	}
	var l *cast.Leg
	s.does(func() { l = p.Call([]string{"*99", "*96"}[s.r.IntN(2)], nil) })
	if s.failed == nil {
		s.waits("the unit speaks", func() bool { return l.State == cast.Up && (l.Unit || l.Heard == l) })
		s.talking()
		s.bye(l, l)
	}
}

func (s *scene) anew() {
	p := s.phone()
	if p == nil {
		return
	}
	done := false
	s.does(func() {
		p.Reboot()
		s.starts(p, func() { done = true })
	})
	s.waits(strings.Join([]string{p.Name, "is back"}, " "), func() bool { return done })
}

// leaves has a caller leave a message for somebody who is away.
func (s *scene) leaves() {
	if !s.takes(away) {
		return
	}
	far, _ := s.comesIn(boxNumber)
	s.waits("the greeting is heard", func() bool { return far.State == cast.Up && far.Unit })
	s.pause(greeting, 2*greeting) // and the beep
	s.bye(far)
}

// listens has whose mailbox it is hear the first message, and delete it.
func (s *scene) listens() {
	if !s.takes(away) {
		return
	}
	l, p := (*cast.Leg)(nil), s.phones[away]
	s.does(func() { l = p.Call("*97", nil) })
	if s.failed != nil {
		return
	}
	s.waits("the mailbox speaks", func() bool { return l.State == cast.Up && l.Unit })
	s.talking()
	deleted := false
	s.does(func() { l.Dial("3", func() { deleted = true }) })
	s.waits("a key is pressed", func() bool { return deleted })
	s.talking()
	s.bye(l, l) // it has hung up where there was nothing to hear
}

// night has the day porter switch to night, the night porter take a call, and makes it day
// again.
func (s *scene) night() {
	if !s.takes(porters...) {
		return
	}
	day, other := s.phones[porters[0]], s.phones[porters[1]]
	s.asks(day, "*822")
	far, from := s.comesIn(nightNumber)
	if near := s.bell(other, from); near != nil {
		s.answers(near, far)
		s.bye(far, near)
	}
	failed := s.failed
	s.failed = nil
	s.asks(day, "*821") // whatever has failed
	s.failed = cmp.Or(failed, s.failed)
}

// asks has a phone dial a code, and hear the unit say that it is done.
func (s *scene) asks(p *cast.Party, code string) {
	var l *cast.Leg
	s.does(func() { l = p.Call(code, nil) })
	if s.failed == nil {
		s.waits("the unit confirms "+code, func() bool { return l.Unit })
		s.bye(l, l)
	}
}

// queues has more call than there are agents: the last one hears music until an agent is
// free.
func (s *scene) queues() {
	if !s.takes(agents...) {
		return
	}
	var near, far []*cast.Leg
	for range agents {
		l, from := s.comesIn(queueNumber)
		if n := s.agent(from); n != nil {
			s.answers(n, l)
			near, far = append(near, n), append(far, l)
		}
	}
	if s.failed != nil {
		return
	}
	last, from := s.comesIn(queueNumber)
	s.waits("who waits hears that", func() bool { return last.State == cast.Up && last.Unit })
	s.talking()
	s.bye(near[0], far[0])
	if n := s.agent(from); n != nil {
		s.answers(n, last)
		s.bye(last, n)
	}
	s.bye(far[1], near[1])
}

// agent waits until a caller rings at an agent.
func (s *scene) agent(from string) (l *cast.Leg) {
	s.waits("an agent rings for "+from, func() bool {
		for _, n := range agents {
			if l = ringing(s.phones[n], from); l != nil {
				return true
			}
		}
		return false
	})
	return l
}

// recorded has a phone record the call in which it talks outside.
func (s *scene) recorded() {
	p := s.phone()
	if p == nil {
		return
	}
	near, far := s.callsOut(p)
	if far == nil {
		return
	}
	s.holds(near, true)
	s.asks(p, "*51")
	s.holds(near, false)
	s.hear(near, far)
	s.talking()
	s.bye(far, near)
}
