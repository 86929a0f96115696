package unit

import (
	"fmt"
	"time"

	"github.com/sekisho/sekisho/wire/sip"
)

// scenes are what happens in an office, by name. Each tells whether it could begin.
var scenes = map[string]func(*scene) bool{
	"two talk":                            (*scene).inside,
	"nobody answers":                      (*scene).unanswered,
	"somebody is busy":                    (*scene).busy,
	"a call outside with a hold":          (*scene).goesOut,
	"somebody outside hangs up":           (*scene).goesOutShort,
	"a barred number":                     (*scene).barred,
	emergency:                             (*scene).emergency,
	"a call for one desk":                 (*scene).comesIn,
	"the desk hands over without a word":  (*scene).handedOver,
	"the desk asks first":                 (*scene).announced,
	"a transfer that comes to nothing":    (*scene).handedBack,
	"a caller is parked and taken":        (*scene).parked,
	"a caller is parked and forgotten":    (*scene).forgotten,
	"own hold":                            (*scene).ownHold,
	"a call is picked up":                 (*scene).pickedUp,
	"sales rings together":                (*scene).together,
	"support rings in order":              (*scene).inOrder,
	"a call is sent on in the office":     (*scene).sentOn,
	"a call is sent on to a mobile":       (*scene).sentOutside,
	"a caller gives up":                   (*scene).givesUp,
	"a number that is nobody's":           (*scene).nobody,
	nightKey:                              (*scene).nightKey,
	"a phone redirects outside":           (*scene).redirected,
	"a caller outside is told that's all": (*scene).declined,
}

// talk has one phone call and the other answer.
func (s *scene) talk(a, b *puppet, dialed string) (x, y *talk) {
	x = a.call(dialed, a.description("sendrecv"))
	y = b.rung()
	s.answers(x, y)
	return x, y
}

// answers has a phone that rings ring for a while, and be answered.
func (s *scene) answers(x, y *talk) {
	y.reply(180, "")
	x.response(sip.INVITE, 180)
	s.answering()
	y.reply(200, y.p.description("sendrecv"))
	y.next(sip.ACK)
	x.response(sip.INVITE, 200)
	x.ack("")
}

// hangUp has either of two hang up, after a while.
func (s *scene) hangUp(x, y *talk) {
	s.talking()
	if s.r.IntN(2) == 0 {
		x, y = y, x
	}
	x.bye()
	y.hungUp()
}

// holds has a phone hold, and go on.
func (s *scene) holds(x *talk) {
	x.reinvite(x.p.description("sendonly"))
	x.ack("")
	s.pause(2*time.Second, time.Minute)
	x.reinvite(x.p.description("sendrecv"))
	x.ack("")
}

// refused waits for the end of a call that is not put through.
func (x *talk) refused() {
	x.p.t.Helper()
	m := x.p.expect("a refusal", func(m *sip.Message) bool {
		return m.IsResponse() && m.Method() == sip.INVITE && m.Status() >= 300 && string(m.CallID()) == x.callID
	})
	x.remote = string(m.Value(sip.HeaderTo))
	x.ackRefusal()
}

func (s *scene) inside() bool {
	a, b := s.phone(), s.phone()
	x, y := s.talk(a, b, b.name)
	if s.r.IntN(3) == 0 {
		s.talking()
		s.holds(y)
	}
	s.hangUp(x, y)
	return true
}

func (s *scene) unanswered() bool {
	a, b := s.phone(), s.phone()
	x := a.call(b.name, a.description("sendrecv"))
	y := b.rung()
	y.reply(180, "")
	x.response(sip.INVITE, 180)
	s.answering()
	x.cancel()
	y.canceled()
	x.refused()
	return true
}

func (s *scene) busy() bool {
	a, b := s.phone(), s.phone()
	x := a.call(b.name, a.description("sendrecv"))
	y := b.rung()
	s.answering()
	y.reply(486, "")
	y.next(sip.ACK)
	x.refused()
	return true
}

func (s *scene) goesOut() bool {
	a, b := s.phone(), s.somebody()
	x, y := s.talk(a, b, b.name)
	s.talking()
	s.holds(x)
	s.hangUp(x, y)
	return true
}

func (s *scene) goesOutShort() bool {
	a, b := s.phone(), s.somebody()
	x, y := s.talk(a, b, b.name)
	s.pause(time.Second, time.Minute)
	y.bye()
	x.hungUp()
	return true
}

func (s *scene) barred() bool {
	a := s.phone()
	x := a.call("01023276123456", a.description("sendrecv"))
	x.refused()
	return true
}

func (s *scene) emergency() bool {
	x, y := s.talk(s.phone(), s.person("119"), "119")
	s.hangUp(x, y)
	return true
}

// desk is a phone with a number of its own, and that number; nil where it is in use.
func (s *scene) desk() (number string, desk *puppet) {
	number = []string{"0312345690", "0312345671", "0312345681"}[s.r.IntN(3)]
	if !s.takes(desks[number]) {
		return "", nil
	}
	return number, s.all[desks[number]]
}

// caller is somebody outside who talks with a desk.
func (s *scene) caller() (x, y *talk, ok bool) {
	number, desk := s.desk()
	if desk == nil {
		return nil, nil, false
	}
	x, y = s.talk(s.outsider(number), desk, number)
	s.talking()
	return x, y, true
}

func (s *scene) comesIn() bool {
	x, y, ok := s.caller()
	if !ok {
		return false
	}
	s.hangUp(x, y)
	return true
}

func (s *scene) handedOver() bool {
	x, y, ok := s.caller()
	if !ok {
		return false
	}
	c := s.phone()
	y.reinvite(y.p.description("sendonly"))
	y.ack("")
	s.answering()
	y.refer(c.name, 202)
	y.notified("100")
	z := c.rung()
	z.reply(180, "")
	y.notified("180")
	s.answering()
	z.reply(200, c.description("sendrecv"))
	z.next(sip.ACK)
	y.notified("200")
	y.hungUp()
	s.hangUp(x, z)
	return true
}

func (s *scene) handedBack() bool {
	x, y, ok := s.caller()
	if !ok {
		return false
	}
	c := s.phone()
	y.refer(c.name, 202)
	y.notified("100")
	z := c.rung()
	s.answering()
	y.bye()
	s.answering()
	z.reply(486, "")
	z.next(sip.ACK)
	back := y.p.rung()
	s.answering()
	back.reply(200, y.p.description("sendrecv"))
	back.next(sip.ACK)
	s.hangUp(x, back)
	return true
}

func (s *scene) announced() bool {
	x, y, ok := s.caller()
	if !ok {
		return false
	}
	y.reinvite(y.p.description("sendonly"))
	y.ack("")
	s.answering()
	c := s.phone()
	z, w := s.talk(y.p, c, c.name)
	s.talking()
	y.refer(z.named(c.name), 202)
	y.notified("100")
	y.notified("200")
	y.hungUp()
	z.hungUp()
	s.hangUp(x, w)
	return true
}

// parks has a desk park whom it talks with.
func (s *scene) parks(y *talk) (place int) {
	if place = s.park(); place == 0 {
		return 0
	}
	y.reinvite(y.p.description("sendonly"))
	y.ack("")
	s.answering()
	s.confirmed(y.p, fmt.Sprintf("*77%d", place))
	y.hungUp()
	return place
}

func (s *scene) parked() bool {
	x, y, ok := s.caller()
	if !ok {
		return false
	}
	place := s.parks(y)
	if place == 0 {
		s.hangUp(x, y)
		return false
	}
	s.pause(5*time.Second, time.Minute)
	c := s.phone()
	z := c.call(fmt.Sprintf("park%d", place), c.description("sendrecv"))
	z.response(sip.INVITE, 200)
	z.ack("")
	s.hangUp(x, z)
	return true
}

func (s *scene) forgotten() bool {
	x, y, ok := s.caller()
	if !ok {
		return false
	}
	if s.parks(y) == 0 {
		s.hangUp(x, y)
		return false
	}
	time.Sleep(ParkWait - time.Second)
	back := y.p.rung()
	s.answering()
	back.reply(200, y.p.description("sendrecv"))
	back.next(sip.ACK)
	s.hangUp(x, back)
	return true
}

func (s *scene) ownHold() bool {
	x, y, ok := s.caller()
	if !ok {
		return false
	}
	s.confirmed(y.p, "*70")
	y.hungUp()
	s.pause(5*time.Second, time.Minute)
	z := y.p.call("*70", y.p.description("sendrecv"))
	z.response(sip.INVITE, 200)
	z.ack("")
	s.hangUp(x, z)
	return true
}

func (s *scene) pickedUp() bool {
	number, desk := s.desk()
	if desk == nil {
		return false
	}
	a, c := s.outsider(number), s.phone()
	x := a.call(number, a.description("sendrecv"))
	y := desk.rung()
	y.reply(180, "")
	x.response(sip.INVITE, 180)
	s.answering()
	z := c.call("**"+desk.name, c.description("sendrecv"))
	z.response(sip.INVITE, 200)
	z.ack("")
	y.canceled()
	x.response(sip.INVITE, 200)
	x.ack("")
	s.hangUp(x, z)
	return true
}

func (s *scene) together() bool {
	s.mu.Lock()
	night := s.night
	s.mu.Unlock()
	ring := sales
	if night {
		ring = []string{guard}
	}
	if !s.takes(ring...) {
		return false
	}
	a := s.somebody()
	x := a.call(salesNumber, a.description("sendrecv"))
	var all []*talk
	for _, name := range ring {
		y := s.all[name].rung()
		y.reply(180, "")
		all = append(all, y)
	}
	x.response(sip.INVITE, 180)
	s.answering()
	first := s.r.IntN(len(all))
	all[first].reply(200, all[first].p.description("sendrecv"))
	all[first].next(sip.ACK)
	for i, y := range all {
		if i != first {
			y.canceled()
		}
	}
	x.response(sip.INVITE, 200)
	x.ack("")
	s.hangUp(x, all[first])
	return true
}

func (s *scene) inOrder() bool {
	if !s.takes(append([]string{"226"}, support...)...) {
		return false
	}
	a := s.somebody()
	x := a.call(supportNumber, a.description("sendrecv"))
	passes := s.r.IntN(len(support) + 1)
	for _, name := range support[:passes] {
		y := s.all[name].rung()
		y.reply(180, "")
		time.Sleep(8 * time.Second) // it rings for ten
		y.canceled()
	}
	y := s.all[append(support[:len(support):len(support)], "226")[passes]].rung()
	s.pause(time.Second, 8*time.Second)
	y.reply(200, y.p.description("sendrecv"))
	y.next(sip.ACK)
	x.response(sip.INVITE, 200)
	x.ack("")
	s.hangUp(x, y)
	return true
}

func (s *scene) sentOn() bool {
	if !s.takes(sentTo) {
		return false
	}
	x, y := s.talk(s.phone(), s.all[sentTo], sentOn)
	s.hangUp(x, y)
	return true
}

func (s *scene) sentOutside() bool {
	if !s.takes("227") {
		return false
	}
	a, b := s.outsider(mobileNumber), s.person(mobile)
	x := a.call(mobileNumber, a.description("sendrecv"))
	y := b.rung()
	y.reply(180, "")
	s.answering()
	y.reply(200, b.description("sendrecv"))
	y.next(sip.ACK)
	s.answering()
	if s.r.IntN(3) == 0 { // a mailbox answered
		y.bye()
		x.refused()
		return true
	}
	y.send(sip.INFO, key1, "Content-Type: application/dtmf-relay")
	y.response(sip.INFO, 200)
	x.response(sip.INVITE, 200)
	x.ack("")
	s.hangUp(x, y)
	return true
}

func (s *scene) givesUp() bool {
	number, desk := s.desk()
	if desk == nil {
		return false
	}
	a := s.outsider(number)
	x := a.call(number, a.description("sendrecv"))
	y := desk.rung()
	y.reply(180, "")
	s.answering()
	x.cancel()
	y.canceled()
	x.refused()
	return true
}

func (s *scene) nobody() bool {
	a := s.phone()
	x := a.call([]string{"299", "*5", "0", "1234567"}[s.r.IntN(4)], a.description("sendrecv"))
	x.refused()
	return true
}

func (s *scene) nightKey() bool {
	s.confirmed(s.phone(), "*8228")
	return true
}

func (s *scene) redirected() bool {
	a, b, c := s.phone(), s.phone(), s.somebody()
	x := a.call(b.name, a.description("sendrecv"))
	y := b.rung()
	y.reply(302, "", fmt.Sprintf("Contact: <sip:%s@office>", c.name))
	y.next(sip.ACK)
	z := c.rung()
	s.answers(x, z)
	s.hangUp(x, z)
	return true
}

func (s *scene) declined() bool {
	number, desk := s.desk()
	if desk == nil {
		return false
	}
	a := s.outsider(number)
	x := a.call(number, a.description("sendrecv"))
	y := desk.rung()
	s.answering()
	y.reply(603, "")
	y.next(sip.ACK)
	x.refused()
	return true
}
