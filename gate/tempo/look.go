package tempo

import (
	"github.com/sekisho/sekisho/number"
	"github.com/sekisho/sekisho/number/tariff"
)

// look is one attempt with all that a sign may look at.
type look struct {
	w    *Watch
	s    *subject
	e    *Event
	c    *call // as it is remembered
	now  int64
	hour int

	calls     [callsMax]*call
	n, hourly int
}

// priceUsual is what a call abroad is taken to cost a minute whose price is
// not known, in thousandths of yen.
const priceUsual = 100_000

// costless tells attempts that nobody watches: emergencies, and what goes
// nowhere.
func costless(e *Event) bool {
	c := e.Destination.Class
	return c == number.Emergency || c == number.NotUnderstood || c == number.Extension || c == number.Feature
}

// take remembers the attempt. One that is asked about again, for another line,
// is there already.
func (l *look) take() {
	e, s := l.e, l.s
	id := hash(e.Call)
	if c := s.find(id); c != nil {
		l.c = c
		return
	}
	redial := s.redials(digits(e.Destination.Digits))
	l.c = s.next()
	*l.c = call{
		ID: id, At: l.now, Number: digits(e.Destination.Digits), Rate: int64(min(e.PerMinute, tariff.PriceMax)),
		Spelled: hash(e.Dialed), Area: ground(&e.Destination),
	}
	if l.c.Rate <= 0 {
		l.c.Rate = priceUsual
	}
	if e.Forward {
		s.forwards(l.c.Number, l.now)
	}
	l.c.New = !e.Expected && dear(&e.Destination) && l.w.unit.Areas.isNew(l.c.Area, l.now)
	if !redial && dear(&e.Destination) {
		s.observe(l.c.New, l.now)
		l.w.unit.observe(l.c.New, l.now)
	}
}

// recall gathers the calls of the last day, the newest first: this one. Those
// before the extension last proved itself are settled.
func (l *look) recall() {
	since := max(l.now-day, l.s.Proved+1)
	l.n, l.hourly = 0, 0
	for i := int64(0); ; i++ {
		c := l.s.newest(i)
		if c == nil || c.At < since && c != l.c {
			return
		}
		l.calls[l.n] = c
		l.n++
		if c.At >= l.now-patternWithin {
			l.hourly = l.n
		}
	}
}

// today are the calls of the last day, lastHour those that make a pattern.
func (l *look) today() []*call    { return l.calls[:l.n] }
func (l *look) lastHour() []*call { return l.calls[:l.hourly] }
