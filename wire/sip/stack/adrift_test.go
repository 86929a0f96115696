package stack

import (
	"fmt"
	"io"
	"net/netip"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/sekisho/sekisho/wire/sip"
	"github.com/sekisho/sekisho/wire/sip/edge"
)

// harbor is a world whose phones speak TCP: a REGISTER takes the place of the
// one before it.
type harbor struct {
	*world
	left edge.Source // where the last REGISTER came from
	se   *Session    // the last call that came in
}

func eachAdrift(t *testing.T, f func(t *testing.T, a *harbor)) {
	for _, shards := range []int{1, 4} {
		t.Run(fmt.Sprintf("%d shards", shards), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				a := &harbor{world: newWorld(t, shards, func(c *Config) { c.Auth = byAddress{} })}
				defer a.stop()
				a.unit.request = func(_ *Shard, r *Request) {
					_ = r.Respond(200, "")
					if r.Message.Method() == sip.REGISTER {
						r.Inherit(a.left)
						a.left = r.From()
					}
				}
				a.unit.invite = func(_ *Shard, se *Session) { a.se = se }
				f(t, a)
				a.settle()
			})
		})
	}
}

// register opens a connection of a phone, and registers on it.
func (a *harbor) register(from, branch string) *stream {
	a.t.Helper()
	s := a.stream(from)
	s.say(a.t, overTCP(head("REGISTER", branch, "sip:201@10.0.0.66"))+"Content-Length: 0\r\n\r\n")
	text, _ := s.heard()
	ok, rest, _ := strings.Cut(text, "\r\n\r\n")
	if !strings.HasPrefix(ok, "SIP/2.0 200 ") {
		a.t.Fatalf("REGISTER: %q", text)
	}
	s.mu.Lock()
	s.text = rest + s.text
	s.mu.Unlock()
	a.want(a.unit, "REGISTER")
	return s
}

// do has the loop of the session do something.
func (a *harbor) do(f func(se *Session) error) {
	a.t.Helper()
	a.se.Shard().Post(func(*Shard) {
		if err := f(a.se); err != nil {
			a.t.Error(err)
		}
	})
	synctest.Wait()
}

// hangs closes a phone's connection.
func (a *harbor) hangs(s *stream) {
	_ = s.Close()
	synctest.Wait()
}

// call has a phone call in; the unit answers if it is to.
func (a *harbor) call(s *stream, answer bool) (tag string) {
	a.t.Helper()
	s.say(a.t, overTCP(invite("z9hG4bKcall", "sip:201@10.0.0.66")))
	if !answer {
		a.want(a.unit, "invite")
		return ""
	}
	a.do(func(se *Session) error { return se.Answer(sdp("answer")) })
	text, _ := s.heard()
	tag = a.acknowledge(s, text)
	a.want(a.unit, "invite", "confirmed")
	return tag
}

// acknowledge sends the ACK for the 200 of a call.
func (a *harbor) acknowledge(s *stream, text string) (tag string) {
	a.t.Helper()
	if !strings.Contains(text, "SIP/2.0 200 ") || !strings.Contains(text, "branch=z9hG4bKcall") {
		a.t.Fatalf("no 200 in %q", text)
	}
	_, tag, _ = strings.Cut(text, "To: <sip:202@10.0.0.1>")
	tag, _, _ = strings.Cut(tag, "\r\n")
	s.say(a.t, a.inside("ACK", "z9hG4bKack", tag, 1))
	return tag
}

// inside is a request of the phone inside its call.
func (a *harbor) inside(method, branch, tag string, seq int) string {
	return strings.NewReplacer("To: <sip:202@10.0.0.1>", "To: <sip:202@10.0.0.1>"+tag,
		"raw-"+branch, "raw-z9hG4bKcall", "CSeq: 1", fmt.Sprint("CSeq: ", seq)).
		Replace(overTCP(head(method, branch, "sip:201@10.0.0.66"))) + "Content-Length: 0\r\n\r\n"
}

// dials has the unit call the phone that registered last.
func (a *harbor) dials(offer string) {
	a.t.Helper()
	a.on(a.unit, func(sh *Shard) {
		var err error
		a.se, err = sh.Invite(PhoneCall{
			Place: a.left, Device: "a", URI: "sip:201@10.0.0.66", From: "<sip:202@10.0.0.1>",
			To: "<sip:201@10.0.0.1>", Body: sdp(offer), Owner: a.unit,
		})
		if err != nil {
			a.t.Error(err)
		}
	})
}

// reply answers a request of the unit.
func (a *harbor) reply(s *stream, request string, status int) {
	a.t.Helper()
	s.say(a.t, a.answerTo(request, status))
}

func (a *harbor) answerTo(request string, status int) string {
	var text strings.Builder
	fmt.Fprintf(&text, "SIP/2.0 %d x\r\n", status)
	for line := range strings.SplitSeq(request, "\r\n") {
		for _, name := range []string{"Via:", "From:", "To:", "Call-ID:", "CSeq:"} {
			if strings.HasPrefix(line, name) {
				text.WriteString(line)
				if name == "To:" && !strings.Contains(line, "tag=") {
					text.WriteString(";tag=phone")
				}
				text.WriteString("\r\n")
			}
		}
	}
	return text.String() + "Content-Length: 0\r\n\r\n"
}

// A call whose connection has ended goes on where its phone registers anew:
// what was to be sent meanwhile is sent there, in order, and nowhere else.
func TestCallFollowsItsPhone(t *testing.T) {
	eachAdrift(t, func(t *testing.T, a *harbor) {
		s := a.register("10.0.0.66", "z9hG4bKr1")
		tag := a.call(s, true)
		a.hangs(s)
		a.do(func(se *Session) error { return se.Offer(sdp("offer2")) })
		time.Sleep(adriftMax - time.Second)
		a.want(a.unit)
		left := a.left
		other := a.register("10.0.0.77", "z9hG4bKr2") // another phone that says the same
		if text, _ := other.heard(); text != "" {
			t.Fatalf("another phone hears %q", text)
		}
		a.left = left
		s = a.register("10.0.0.66", "z9hG4bKr3")
		text, _ := s.heard()
		if !strings.HasPrefix(text, "INVITE ") || !strings.Contains(text, "offer2") {
			t.Fatalf("the phone hears %q", text)
		}
		a.reply(s, text, 488)
		a.want(a.unit, "offer-refused 488")
		s.say(t, a.inside("BYE", "z9hG4bKbye", tag, 2))
		a.want(a.unit, "ended 200")
	})
}

// A response that has no connection goes out on the next one, once.
func TestResponseFollowsItsPhone(t *testing.T) {
	eachAdrift(t, func(t *testing.T, a *harbor) {
		s := a.register("10.0.0.66", "z9hG4bKr1")
		a.call(s, false)
		a.hangs(s)
		a.do(func(se *Session) error { return se.Answer(sdp("answer")) })
		time.Sleep(10 * time.Second) // the 200 is repeated meanwhile
		s = a.register("10.0.0.66", "z9hG4bKr2")
		text, _ := s.heard()
		if n := strings.Count(text, "SIP/2.0 200 "); n != 1 {
			t.Errorf("%d answers", n)
		}
		time.Sleep(5 * time.Second) // there too it is repeated
		synctest.Wait()
		if again, _ := s.heard(); !strings.HasPrefix(again, "SIP/2.0 200 ") {
			t.Errorf("the phone hears %q", again)
		}
		tag := a.acknowledge(s, text)
		a.want(a.unit, "confirmed")
		s.say(t, a.inside("BYE", "z9hG4bKbye", tag, 2))
		a.want(a.unit, "ended 200")
	})
}

// A request that got no answer on the connection that ended goes out again as
// the same, and a CANCEL behind its INVITE.
func TestRequestsFollowTheirPhone(t *testing.T) {
	eachAdrift(t, func(t *testing.T, a *harbor) {
		s := a.register("10.0.0.66", "z9hG4bKr1")
		a.dials("offer")
		first, _ := s.heard()
		a.hangs(s)
		s = a.register("10.0.0.66", "z9hG4bKr2")
		if again, _ := s.heard(); again != first || !strings.HasPrefix(again, "INVITE ") {
			t.Fatalf("the phone hears %q, then %q", first, again)
		}
		a.reply(s, first, 180)
		a.want(a.unit, "progress 180")
		a.hangs(s)
		a.do(func(se *Session) error { return se.Cancel("") })
		s = a.register("10.0.0.66", "z9hG4bKr3")
		cancel, _ := s.heard()
		if !strings.HasPrefix(cancel, "CANCEL ") {
			t.Fatalf("the phone hears %q", cancel)
		}
		a.reply(s, cancel, 200)
		a.reply(s, first, 487)
		a.want(a.unit, "failed 487")
		if ack, _ := s.heard(); !strings.HasPrefix(ack, "ACK ") {
			t.Errorf("the phone hears %q", ack)
		}
	})
}

// The ACK that answers a late offer waits too.
func TestACKFollowsItsPhone(t *testing.T) {
	eachAdrift(t, func(t *testing.T, a *harbor) {
		s := a.register("10.0.0.66", "z9hG4bKr1")
		a.dials("")
		invite, _ := s.heard()
		ok := "Contact: <sip:201@10.0.0.66>\r\nContent-Type: application/sdp\r\nContent-Length: 5\r\n\r\noffer"
		s.say(t, strings.Replace(a.answerTo(invite, 200), "Content-Length: 0\r\n\r\n", ok, 1))
		a.want(a.unit, "answered 200 offer")
		a.hangs(s)
		a.do(func(se *Session) error { return se.AnswerOffer(sdp("answer")) })
		s = a.register("10.0.0.66", "z9hG4bKr2")
		if ack, _ := s.heard(); !strings.HasPrefix(ack, "ACK ") || !strings.HasSuffix(ack, "answer") {
			t.Errorf("the phone hears %q", ack)
		}
		a.hangs(s)
		time.Sleep(adriftMax + time.Second)
		synctest.Wait()
		a.want(a.unit, "ended 430")
	})
}

// A call whose phone does not come back ends, in whatever state it is.
func TestCallOfALostPhoneEnds(t *testing.T) {
	for name, c := range map[string]struct {
		answer bool
		then   func(se *Session) error
		want   string
	}{
		"ringing": {false, nil, "cancelled 430"},
		"talking": {true, nil, "ended 430"},
		"asking":  {true, func(se *Session) error { return se.Offer(sdp("offer2")) }, "ended 430"},
		"ending":  {true, func(se *Session) error { return se.Bye("") }, "ended 430"},
	} {
		t.Run(name, func(t *testing.T) {
			eachAdrift(t, func(t *testing.T, a *harbor) {
				s := a.register("10.0.0.66", "z9hG4bKr1")
				a.call(s, c.answer)
				a.hangs(s)
				if c.then != nil {
					a.do(c.then)
				}
				time.Sleep(adriftMax - time.Second)
				a.want(a.unit)
				time.Sleep(2 * time.Second)
				synctest.Wait()
				a.want(a.unit, c.want)
			})
		})
	}
	eachAdrift(t, func(t *testing.T, a *harbor) {
		s := a.register("10.0.0.66", "z9hG4bKr1")
		a.dials("offer")
		a.hangs(s)
		time.Sleep(adriftMax + time.Second)
		synctest.Wait()
		a.want(a.unit, "failed 430")
	})
}

// An emergency call is not cut because its phone can't be signaled to: it goes
// on, follows the phone when it is back, and ends when the other side hangs up.
func TestEmergencyCallOutlivesItsConnection(t *testing.T) {
	for _, answered := range []bool{false, true} {
		eachAdrift(t, func(t *testing.T, a *harbor) {
			a.unit.stack.cfg.Emergency = func(user []byte) bool { return string(user) == "202" }
			s := a.register("10.0.0.66", "z9hG4bKr1")
			a.call(s, answered)
			a.hangs(s)
			time.Sleep(3*adriftMax + time.Second)
			synctest.Wait()
			a.want(a.unit)
			if answered {
				a.do(func(se *Session) error { return se.Bye("") })
			} else {
				a.do(func(se *Session) error { return se.Answer(sdp("answer")) })
				s = a.register("10.0.0.66", "z9hG4bKr2")
				text, _ := s.heard()
				_, text, _ = strings.Cut(text, "Content-Length: 0\r\n\r\n") // behind the 100
				a.acknowledge(s, text)
				a.want(a.unit, "confirmed")
				a.hangs(s)
				a.do(func(se *Session) error { return se.Bye("") })
			}
			time.Sleep(adriftMax + time.Second)
			synctest.Wait()
			a.want(a.unit, "ended 430")
		})
	}
}

// What waits for one phone is bounded.
func TestAdriftQueueIsBounded(t *testing.T) {
	eachAdrift(t, func(t *testing.T, a *harbor) {
		s := a.register("10.0.0.66", "z9hG4bKr1")
		a.call(s, true)
		a.hangs(s)
		a.do(func(se *Session) error {
			for range 3 * adriftQueue {
				se.await(func() {})
			}
			if len(se.waiting) != adriftQueue {
				t.Errorf("%d wait", len(se.waiting))
			}
			return nil
		})
		time.Sleep(adriftMax + time.Second)
		synctest.Wait()
		a.want(a.unit, "ended 430")
	})
}

// The response to a carrier whose connection has ended goes to where its Via
// says, on a connection that we open (RFC 3261 §18.2.2).
func TestLineResponseIsDialed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, 4, func(c *Config) {
			c.Listeners[3].Accept = c.Listeners[2].Accept.(*memoryListener).n.Listen(trunkAddr)
		})
		defer w.stop()
		cfg := trunkConfig()
		cfg.Listener = "trunks-tcp"
		w.line(cfg)
		h := &harbor{world: w}
		w.unit.invite = func(_ *Shard, se *Session) { h.se = se }
		nc, err := w.net.Dial(t.Context(), "", "", netip.AddrPortFrom(carrierAddr.Addr(), 0), trunkAddr, "")
		if err != nil {
			t.Fatal(err)
		}
		s := &stream{Conn: nc}
		go func() { _, _ = io.Copy(io.Discard, nc) }() // ends when the connection does
		s.say(t, overTCP(invite("z9hG4bKcall", "sip:carrier@10.9.9.9;transport=tcp")))
		w.want(w.unit, "invite")
		h.hangs(s)
		h.do(func(se *Session) error { return se.Answer(sdp("answer")) })
		time.Sleep(time.Second)
		synctest.Wait()
		if n := w.carrier.stack.Counters.Strays.Load(); n == 0 {
			t.Error("the carrier got no response")
		}
		time.Sleep(time.Minute) // it has no such call: the 200 has no ACK
		synctest.Wait()
		w.want(w.unit, "ended 408")
		w.settle()
	})
}
