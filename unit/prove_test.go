package unit

import (
	"context"
	"encoding/binary"
	"encoding/json"
	"math"
	"net/netip"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/sekisho/sekisho/fact"
	"github.com/sekisho/sekisho/gate"
	"github.com/sekisho/sekisho/gate/challenge"
	"github.com/sekisho/sekisho/gate/challenge/prover"
	"github.com/sekisho/sekisho/wire/dtmf"
	"github.com/sekisho/sekisho/wire/rtp/g711"
	"github.com/sekisho/sekisho/wire/sip"
)

const myPIN = "490172"

// prover knows PINs of extensions; nil where there are none.
func (o *office) prover(pins map[string]string) Prover {
	o.t.Helper()
	if pins == nil {
		return nil
	}
	p := prover.New(prover.Config{SealKey: make([]byte, 32), Committer: o.books})
	ctx, stop := context.WithCancel(context.Background())
	var runs sync.WaitGroup
	runs.Go(func() { p.Run(ctx) })
	o.t.Cleanup(func() {
		stop()
		runs.Wait()
	})
	for extension, pin := range pins {
		o.must(p.Set(ctx, extension, []byte(pin), "test"))
	}
	return p
}

// asking is an office that asks for a PIN at every hour.
func asking(t testing.TB, pins map[string]string) *office {
	t.Helper()
	o := newOffice(t, officeConfig{shards: 1, announcements: 2, pins: pins, lang: "en"})
	o.askAlways()
	return o
}

// askAlways has the gate ask for a PIN at every hour.
func (o *office) askAlways() {
	o.t.Helper()
	s := o.settings()
	s.Hours = []gate.Hours{{Name: "closed", Ask: true}}
	policy, err := gate.NewPolicy(s)
	o.must(err)
	o.desk.SetPolicy(policy)
}

// dial has 201 call outside and be asked for its PIN.
func (o *office) dial() *talk {
	o.t.Helper()
	a := o.p201.call("09012345678", o.p201.description("sendrecv"))
	a.response(sip.INVITE, 200)
	a.ack("")
	return a
}

// press sends keys as telephone-events (RFC 4733), some time after what came before: no
// finger is as quick as the relay, which loses what comes before it knows of the call.
func (s *speaker) press(to netip.AddrPort, keys string) {
	s.t.Helper()
	const step, lasts = 160, 800
	time.Sleep(quiet)
	for _, key := range []byte(keys) {
		e, err := dtmf.NewEncoder(key, lasts, step)
		if err != nil {
			s.t.Fatal(err)
		}
		at := uint32(s.seq) * step
		for last := false; !last; {
			var event dtmf.Event
			var first bool
			event, first, last = e.Next()
			s.seq++
			packet := make([]byte, 12+dtmf.EventBytes)
			packet[0], packet[1], packet[11] = 0x80, 101, 1
			if first {
				packet[1] |= 0x80
			}
			binary.BigEndian.PutUint16(packet[2:], s.seq)
			binary.BigEndian.PutUint32(packet[4:], at)
			event.Put(packet[12:])
			if _, err := s.conn.WriteToUDPAddrPort(packet, to); err != nil {
				s.t.Fatal(err)
			}
		}
	}
}

// info sends keys as INFO, each after the answer to the one before.
func (d *talk) info(keys string) {
	d.p.t.Helper()
	for _, key := range keys {
		body := "Signal=" + string(key) + "\r\nDuration=160\r\n"
		seq := d.send(sip.INFO, body, "Content-Type: application/dtmf-relay")
		d.p.expect("the answer to INFO", func(m *sip.Message) bool {
			return m.IsResponse() && m.Method() == sip.INFO && m.CSeq().Number == uint32(seq) && m.Status() == 200
		})
	}
}

// level is how loud what is heard for so long is, in dBm0.
func (s *speaker) level(long time.Duration) float64 {
	s.t.Helper()
	var power float64
	n := 0
	buf := make([]byte, 2048)
	for end := time.Now().Add(long); time.Now().Before(end); {
		_ = s.conn.SetReadDeadline(end)
		got, err := s.conn.Read(buf)
		if err != nil {
			break
		}
		if got < 12+160 || buf[1]&0x7f != 0 {
			continue
		}
		for _, b := range buf[12:got] {
			v := float64(g711.DecodeMu(b)) / math.MaxInt16
			power += v * v
			n++
		}
	}
	if n == 0 {
		return math.Inf(-1)
	}
	return 10*math.Log10(2*power/float64(n)) + g711.DBm0
}

// all gives every fact of a type.
func all[F fact.Fact](o *office) []F {
	o.books.mu.Lock()
	defer o.books.mu.Unlock()
	var out []F
	for _, f := range o.books.facts {
		if f, ok := f.(F); ok {
			out = append(out, f)
		}
	}
	return out
}

// secret fails where a PIN stands on record.
func (o *office) secret(pin string) {
	o.t.Helper()
	o.books.mu.Lock()
	defer o.books.mu.Unlock()
	for _, f := range o.books.facts {
		if b, err := json.Marshal(f); err != nil || strings.Contains(string(b), pin) {
			o.t.Errorf("%s holds the PIN, or %v", f.Kind(), err)
		}
	}
}

// TestPINLetsACallBy: the caller is answered and asked, types its PIN, hears
// ring-back and then whom it has called; nothing of what it typed gets there.
func TestPINLetsACallBy(t *testing.T) { inTime(t, testPINLetsACallBy) }

func testPINLetsACallBy(t *testing.T) {
	o := asking(t, map[string]string{"201": myPIN, "202": "835061"})
	x, y := newSpeaker(t, o.p201), newSpeaker(t, o.hikari)
	a := o.p201.call("09012345678", o.p201.description("sendrecv"))
	to := mediaPort(t, a.response(sip.INVITE, 200))
	a.ack("")
	if l := x.level(2 * time.Second); l < -30 || l > -10 {
		t.Errorf("the prompt has %.1f dBm0", l)
	}
	o.hikari.expectNone("an INVITE before the PIN", isMethod(sip.INVITE))
	x.press(to, "99*"+myPIN+"#")
	b := o.hikari.rung()
	if y.hears(0, quiet) {
		t.Error("the line hears something before it answers")
	}
	b.reply(180, "")
	for l, end := math.Inf(-1), time.Now().Add(patience); l < -40; { // 2 of 3 s are silence
		if l = x.level(500 * time.Millisecond); time.Now().After(end) {
			t.Fatalf("no ring-back is heard: %.1f dBm0", l)
		}
	}
	b.reply(200, o.hikari.description("sendrecv"))
	b.next(sip.ACK)
	y.say(mediaPort(t, b.invite), 22, x)
	x.say(to, 11, y)
	o.p201.expectNone("another answer", func(m *sip.Message) bool { return m.Method() == sip.INVITE })
	b.p.expectNone("a digit", isMethod(sip.INFO))
	a.bye()
	b.hungUp()
	o.over()
	judged := all[fact.CallJudged](o)
	if len(judged) != 2 || judged[0].Verb != "challenge" || judged[0].Rule != "hours" || judged[1].Verb != "pass" ||
		judged[1].Proven != "201" {
		t.Errorf("judged: %+v", judged)
	}
	p := last[fact.ChallengePassed](o)
	if p.Person != "201" || p.Device != "201-1" || p.Rule != "hours" || p.Call != judged[0].Call {
		t.Errorf("passed: %+v", p)
	}
	if e := last[fact.CallEnded](o); e.Reason != "hung up" || e.Verb != "pass" || e.Status != 200 {
		t.Errorf("ended: %+v", e)
	}
	if n := o.unit.slots.Load(); n != 0 {
		t.Errorf("%d announcements still taken", n)
	}
	o.secret(myPIN)
}

// TestPINByINFO: keys of a phone that sends none in its media; with another
// person's PIN nothing goes out, and three wrong ones end the call.
func TestPINByINFO(t *testing.T) { inTime(t, testPINByINFO) }

func testPINByINFO(t *testing.T) {
	o := asking(t, map[string]string{"201": myPIN, "202": "835061"})
	a := o.dial()
	a.info("835061#") // 202's
	o.eventually("a wrong PIN", func() bool { return len(all[fact.ChallengeFailed](o)) == 1 })
	a.info("4901720#")
	o.eventually("two wrong ones", func() bool { return len(all[fact.ChallengeFailed](o)) == 2 })
	a.info(myPIN + "#")
	b := o.hikari.rung()
	b.reply(486, "")
	b.next(sip.ACK)
	// Why it failed is spoken, because the phone was answered already.
	a.hungUp()
	o.over()
	if e := last[fact.CallEnded](o); e.Reason != "busy" || e.Status != 486 {
		t.Errorf("ended: %+v", e)
	}
	a = o.dial()
	for i := range 3 {
		a.info("100002#")
		o.eventually("a wrong PIN", func() bool { return len(all[fact.ChallengeFailed](o)) == 3+i })
	}
	if r := string(a.hungUp().Value(sip.HeaderReason)); !strings.HasPrefix(r, "SIP;cause=603") {
		t.Errorf("201 is told %q", r)
	}
	o.over()
	o.hikari.expectNone("an INVITE", isMethod(sip.INVITE))
	if e := last[fact.CallEnded](o); e.Reason != "refused" || e.Verb != "challenge" || e.Rule != "hours" ||
		!e.Answered.IsZero() {
		t.Errorf("ended: %+v", e)
	}
	for _, f := range all[fact.ChallengeFailed](o) {
		if f.Reason != fact.FailedWrong || f.Person != "201" {
			t.Errorf("failed: %+v", f)
		}
	}
	o.secret(myPIN)
}

// TestWhoIsNotAsked: who has no PIN, or a locked one, is refused as before; so
// is everybody while nothing is spoken. It is on record why.
func TestWhoIsNotAsked(t *testing.T) {
	for _, c := range []struct {
		name   string
		pins   map[string]string
		change func(*office)
		reason string
	}{
		{"no PIN", map[string]string{"202": myPIN}, func(*office) {}, fact.FailedNoPIN},
		{"no prover", nil, func(*office) {}, fact.FailedUnheard},
		{"announcements are off", map[string]string{"201": myPIN}, func(o *office) {
			o.unit.Announce(false)
		}, fact.FailedUnheard},
		{"locked", map[string]string{"201": myPIN}, func(o *office) {
			for range challenge.WrongMax {
				done := make(chan string)
				try := prover.Try{Call: "c", Person: "201", Rule: "hours", PIN: []byte("100002")}
				o.unit.cfg.Prover.Try(try, func(why string) { done <- why })
				if why := <-done; why != fact.FailedWrong {
					o.t.Errorf("a wrong PIN: %q", why)
				}
			}
		}, fact.FailedLocked},
	} {
		inBubble(t, c.name, func(t *testing.T) {
			o := asking(t, c.pins)
			c.change(o)
			a := o.p201.call("09012345678", o.p201.description("sendrecv"))
			m := o.p201.expect("an answer", func(m *sip.Message) bool {
				return m.IsResponse() && (m.Status() == 183 || m.Status() >= 200)
			})
			if m.Status() == 183 { // the refusal is spoken
				a.cancel()
				m = a.response(sip.INVITE, 487)
			} else if m.Status() != 603 {
				t.Errorf("answered %d", m.Status())
			}
			a.remote = string(m.Value(sip.HeaderTo))
			a.ackRefusal()
			o.over()
			o.hikari.expectNone("an INVITE", isMethod(sip.INVITE))
			if f := last[fact.ChallengeFailed](o); f.Reason != c.reason || f.Person != "201" || f.Rule != "hours" {
				t.Errorf("failed: %+v", f)
			}
		})
	}
}

// TestCallerGivesUp: whoever hangs up instead of typing is on record, and
// nothing of the call is left.
func TestCallerGivesUp(t *testing.T) { inTime(t, testCallerGivesUp) }

func testCallerGivesUp(t *testing.T) {
	o := asking(t, map[string]string{"201": myPIN})
	a := o.dial()
	a.info("49")
	a.bye()
	o.over()
	if f := last[fact.ChallengeFailed](o); f.Reason != fact.FailedHungUp {
		t.Errorf("failed: %+v", f)
	}
	if n := o.unit.slots.Load(); n != 0 {
		t.Errorf("%d announcements still taken", n)
	}
	o.hikari.expectNone("an INVITE", isMethod(sip.INVITE))
}

// TestBarredWhileAsked: what is set apart while the caller types stays inside.
func TestBarredWhileAsked(t *testing.T) { inTime(t, testBarredWhileAsked) }

func testBarredWhileAsked(t *testing.T) {
	o := asking(t, map[string]string{"201": myPIN})
	a := o.dial()
	o.desk.SetPolicy(o.policy(fact.Quarantine{ID: "q1", Kind: "extension", Value: "201"}))
	a.info(myPIN + "#")
	a.hungUp()
	o.over()
	o.hikari.expectNone("an INVITE", isMethod(sip.INVITE))
	if f := last[fact.CallJudged](o); f.Verb != "refuse" || f.Rule != "quarantine" {
		t.Errorf("judged: %+v", f)
	}
}

// TestPINCallsFromItsOwnBudget: the caller whose phone's budget is used up types
// its PIN and calls on from its own, until that has too little for another call.
func TestPINCallsFromItsOwnBudget(t *testing.T) { inTime(t, testPINCallsFromItsOwnBudget) }

func testPINCallsFromItsOwnBudget(t *testing.T) {
	o := newOffice(t, officeConfig{
		shards: 1, announcements: 2, pins: map[string]string{"201": myPIN}, lang: "en",
		limits: []fact.Limit{
			{Budget: "extension/201/abroad", Caps: fact.Caps{Day: minute}},
			{Budget: "person/201/abroad", Caps: fact.Caps{Day: 3 * minute}},
		},
	})
	a, b := o.abroad()
	a.bye()
	b.hungUp()
	o.over()
	for i := range 2 {
		a = o.p201.call(gambia, o.p201.description("sendrecv"))
		a.response(sip.INVITE, 200)
		a.ack("")
		a.info(myPIN + "#")
		if i == 1 {
			break
		}
		b = o.hikari.rung()
		b.reply(200, o.hikari.description("sendrecv"))
		b.next(sip.ACK)
		a.bye()
		b.hungUp()
		o.over()
	}
	a.hungUp()
	o.over()
	o.hikari.expectNone("an INVITE", isMethod(sip.INVITE))
	own := 0
	for _, f := range all[fact.CallJudged](o) {
		if f.Hold != nil && f.Proven == "201" && f.Hold.Charges[0].Account == "person/201/abroad" {
			own++
		}
	}
	if own != 1 {
		t.Errorf("%d calls from its own budget", own)
	}
	if f := last[fact.CallJudged](o); f.Verb != "refuse" || f.Rule != "budget" || f.Hold != nil {
		t.Errorf("judged: %+v", f)
	}
}
