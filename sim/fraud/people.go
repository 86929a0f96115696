package fraud

import (
	"math/rand/v2"
	"time"
)

// streams makes a stream's next call; nil where it has none on that day.
func (w *World) streams(s *stream) *Event {
	if len(s.today) == 0 || s.today[0] > w.now {
		// Nothing is due: plan days until one has calls.
		for len(s.today) == 0 && s.day <= w.end {
			s.plan(w.weekday(s.day))
			s.day += day
		}
		if len(s.today) > 0 {
			w.queue.add(step{at: max(w.now, s.today[0]), what: stepStream, stream: s})
		}
		return nil
	}
	s.today = s.today[1:]
	c := w.dial(s)
	if len(s.today) > 0 {
		w.queue.add(step{at: max(w.now, s.today[0]), what: stepStream, stream: s})
	} else {
		w.queue.add(step{at: w.now, what: stepStream, stream: s})
	}
	return w.ask(c)
}

// dial is somebody at the office who lifts the receiver.
func (w *World) dial(s *stream) *call {
	f := s.file
	c := &call{stream: s, person: f.Who == "person", proves: promptPercent}
	c.Extension, c.Path, c.Source = w.site.Extensions[s.ext].Number, f.Path, w.source(s.ext)
	role := f.to.draw(s.rand)
	// Few numbers of a book are called often, most of them rarely.
	u := s.rand.Float64()
	entry := uint64(u * u * float64(s.book))
	w.address(c, role, scatter(s.key^entry<<8^uint64(role[0])))
	if f.Misdial > 0 && role != "emergency" && percent(s.rand, f.Misdial) {
		misdial(c, s.rand.IntN(1000))
	}
	w.outcome(c, s.rand)
	return c
}

// address fills in whom a call is for: a number of the role that z stands for.
func (w *World) address(c *call, role string, z uint64) {
	var areas []string
	switch role {
	case "usual":
		areas = w.site.Usual
	case string(Cheap), string(Middle), string(Dear):
		areas = w.site.Prices.tier(Tier(role))
	case "any":
		areas = w.site.Prices.list.areas
	default:
		dialed, class := homeNumber(role, z)
		c.Dialed, c.rate = dialed, w.site.Prices.list.home[class]
		if class != "service" && role != "emergency" {
			c.Number, c.Area = "81"+dialed[1:], home
		}
		return
	}
	kind := rangeMobile
	if scatter(z)%3 == 0 {
		kind = rangeFixed
	}
	c.Area = areas[z%uint64(len(areas))]
	c.Number = w.atlas.number(c.Area, kind, z>>8, z>>16)
	c.Dialed = "010" + c.Number
	if scatter(z+1)%20 == 0 {
		c.Dialed = "+" + c.Number
	}
	c.rate = w.site.Prices.Abroad(c.Area, c.Number)
}

// misdial changes one of the last digits.
func misdial(c *call, n int) {
	if len(c.Number) < 8 {
		return
	}
	b := []byte(c.Dialed)
	at := len(b) - 1 - n%misdialBook
	b[at] = '0' + (b[at]-'0'+1+byte(n/misdialBook%9))%10
	tail := string(b[len(b)-misdialBook:])
	c.Dialed = string(b)
	c.Number = c.Number[:len(c.Number)-misdialBook] + tail
}

// outcome decides what becomes of a call if it is put through.
func (w *World) outcome(c *call, r *rand.Rand) {
	f := c.stream.file
	c.ring = w.hurried(between(r, ringLeast, ringMost))
	c.talk = 0
	if percent(r, int(f.Answered.draw(r))) {
		least, most := time.Duration(f.TalkS[0])*time.Second, time.Duration(f.TalkS[1])*time.Second
		c.talk = logBetween(r, least, most)
	}
}
