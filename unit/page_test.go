package unit

import (
	"net"
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/sekisho/sekisho/fact"
	"github.com/sekisho/sekisho/sim/ear"
	"github.com/sekisho/sekisho/unit/plan"
	"github.com/sekisho/sekisho/wire/sip"
)

// may puts settings of extensions in force, with the usual feature codes.
func (o *office) may(settings ...fact.ServiceSet) {
	o.t.Helper()
	s := plan.Settings{
		Extensions: []string{"201", "202", "203"}, Features: plan.Features(),
		Groups: []fact.Group{{Number: "400", Members: []string{"202", "203"}}},
	}
	for _, f := range settings {
		f.On = true
		s.Routing = append(s.Routing, f)
	}
	for _, l := range o.lines.List(time.Now()) {
		s.Lines = append(s.Lines, plan.Line{ID: l.ID, Numbers: l.Numbers, Number: l.Number.Line})
	}
	p, err := plan.New(s)
	o.must(err)
	o.unit.SetPlan(p)
}

// mayPage is the right of 201.
var mayPage = fact.ServiceSet{Extension: "201", Service: fact.ServicePage}

// asksToAnswer tells what in an INVITE asks its phone to answer by itself.
func asksToAnswer(m *sip.Message) (said []string) {
	for line := range strings.SplitSeq(string(m.Bytes()), "\r\n") {
		low := strings.ToLower(line)
		for _, name := range []string{"call-info", "alert-info", "answer-mode", "priv-answer-mode", "p-auto-answer"} {
			if strings.HasPrefix(low, name+":") {
				said = append(said, line)
			}
		}
		if strings.Contains(low, "intercom=true") {
			said = append(said, line)
		}
	}
	return said
}

// TestIntercom: the phone is asked to answer by itself, as its maker wants to be asked,
// and both hear each other; who has no right to it is refused, and nobody rings.
func TestIntercom(t *testing.T) { inTime(t, testIntercom) }

func testIntercom(t *testing.T) {
	o := newOffice(t, officeConfig{shards: 1})
	o.may()
	a := o.p201.call("*80202", o.p201.description("sendrecv"))
	a.response(sip.INVITE, 403)
	a.ackRefusal()
	o.p202.silent()
	o.may(mayPage)
	x, y := newSpeaker(t, o.p201), newSpeaker(t, o.p202)
	a = o.p201.call("*80202", o.p201.description("sendrecv"))
	b := o.p202.rung()
	said := strings.Join(asksToAnswer(b.invite), "\n")
	if !strings.Contains(said, "Call-Info: <sip:office>;answer-after=0\n") {
		t.Errorf("the phone is asked\n%s", said)
	}
	b.reply(200, o.p202.description("sendrecv"))
	toX := mediaPort(t, a.response(sip.INVITE, 200))
	a.ack("")
	b.next(sip.ACK)
	x.say(toX, 0x31, y)
	y.say(mediaPort(t, b.invite), 0x41, x)
	// Whoever talks is not talked at.
	c := o.p203.call("*80202", o.p203.description("sendrecv"))
	c.response(sip.INVITE, 403) // 203 has no right
	c.ackRefusal()
	o.may(mayPage, fact.ServiceSet{Extension: "203", Service: fact.ServicePage})
	c = o.p203.call("*80202", o.p203.description("sendrecv"))
	c.response(sip.INVITE, 486)
	c.ackRefusal()
	a.bye()
	b.hungUp()
	o.over()
}

// TestWhatPhonesAreAsked: each family of phones in its own words.
func TestWhatPhonesAreAsked(t *testing.T) {
	c := &liveCall{u: &Unit{cfg: Config{Realm: "office"}}}
	for agent, want := range map[string]string{
		"PolycomVVX-VVX_400-UA/5.9.5":              "Alert-Info: info=Auto Answer",
		"Panasonic_KX-UT113/01.133 (0080f0c8c381)": "Alert-Info: Intercom",
		"OpenStage_40_V3 R5":                       "Alert-Info: <http://example.com>;info=alert-autoanswer",
		"Mitel-6869-SIP/5.1":                       "Call-Info: <sip:broadworks.net>;answer-after=0",
		"Digium D65 2_9_6":                         "Alert-Info: ring-answer",
		"Sangoma S705 V3.0":                        "Alert-Info: <http://www.sangoma.com>;info=external",
		"Yealink SIP-T46U 108.86.0.20":             "Call-Info: <sip:office>;answer-after=0",
		"":                                         "Call-Info: <sip:office>;answer-after=0",
	} {
		h := c.autoAnswer(agent)[0]
		if got := h.Name + ": " + h.Value; got != want {
			t.Errorf("%q is asked %q", agent, got)
		}
	}
}

// TestNobodyElseMakesAPhoneAnswer: whatever a phone or a line says in its INVITE that
// would have another phone answer by itself goes nowhere, neither does it come through
// a transfer, a pickup of the call, or out on a line.
func TestNobodyElseMakesAPhoneAnswer(t *testing.T) { inTime(t, testNobodyElseMakesAPhoneAnswer) }

func testNobodyElseMakesAPhoneAnswer(t *testing.T) {
	o := newOffice(t, officeConfig{shards: 1})
	o.may(mayPage)
	ask := []string{
		"Call-Info: <sip:x>;answer-after=0", "Alert-Info: Ring Answer", "Alert-Info: info=Auto Answer",
		"Answer-Mode: Auto", "Priv-Answer-Mode: Auto", "P-Auto-Answer: normal",
	}
	a := o.p201.call("202;intercom=true", o.p201.description("sendrecv"), ask...)
	a.response(sip.INVITE, 404)
	a.ackRefusal()
	a = o.p201.call("202", o.p201.description("sendrecv"), ask...)
	b := o.p202.rung()
	if said := asksToAnswer(b.invite); said != nil {
		t.Errorf("from a phone: %q", said)
	}
	b.reply(180, "")
	a.cancel()
	b.canceled()
	a.response(sip.INVITE, 487)
	a.ackRefusal()
	l := o.hikari.call("0312345670", o.hikari.description("sendrecv"), ask...)
	b = o.p202.rung()
	if said := asksToAnswer(b.invite); said != nil {
		t.Errorf("from a line: %q", said)
	}
	b.reply(200, o.p202.description("sendrecv"))
	l.response(sip.INVITE, 200)
	l.ack("")
	b.next(sip.ACK)
	// The code is for who dials it: not for who is sent there.
	b.refer("*80203", 202)
	b.notified("100")
	b.notified("404")
	o.p203.silent()
	l.bye()
	b.hungUp()
	a = o.p201.call("09012345678", o.p201.description("sendrecv"), ask...)
	out := o.hikari.rung()
	if said := asksToAnswer(out.invite); said != nil {
		t.Errorf("to a line: %q", said)
	}
	a.cancel()
	out.reply(180, "")
	out.canceled()
	a.response(sip.INVITE, 487)
	a.ackRefusal()
	o.over()
}

// TestPage: who speaks to a zone is heard there, and hears nobody; a phone that declines
// makes no difference, one that is busy is left out, and one that hangs up goes alone.
func TestPage(t *testing.T) { inTime(t, testPage) }

func testPage(t *testing.T) {
	o := newOffice(t, officeConfig{shards: 1})
	o.may()
	a := o.p201.call("*81400", o.p201.description("sendrecv"))
	a.response(sip.INVITE, 403)
	a.ackRefusal()
	o.may(mayPage)
	x, y := newSpeaker(t, o.p201), newSpeaker(t, o.p202)
	a = o.p201.call("*81400", o.p201.description("sendrecv"))
	to := mediaPort(t, a.response(sip.INVITE, 200))
	a.ack("")
	b, c := o.p202.rung(), o.p203.rung()
	if asksToAnswer(b.invite) == nil || asksToAnswer(c.invite) == nil {
		t.Error("a phone is not asked to answer by itself")
	}
	c.reply(603, "")
	c.next(sip.ACK)
	b.reply(200, o.p202.description("sendrecv"))
	b.next(sip.ACK)
	if l := x.level(300 * time.Millisecond); l < -22 || l > -14 {
		t.Errorf("the beep has %.1f dBm0", l)
	}
	fromY := mediaPort(t, b.invite)
	x.tone(to, 1000, 1.5, func() { y.tone(fromY, 1700, 1.5, nil) })
	heard := y.listen(1200 * time.Millisecond)
	if !ear.Hears(heard[len(heard)/3:], 8000, 1000) {
		t.Errorf("202 hears 201 with %.1f dBm0", ear.Level(heard, 8000, 1000))
	}
	if back := x.listen(time.Second); ear.Level(back, 8000, 1700) > -55 {
		t.Errorf("201 hears 202 with %.1f dBm0", ear.Level(back, 8000, 1700))
	}
	b.bye()
	a.p.expectNone("a BYE", isMethod(sip.BYE))
	a.bye()
	o.over()
	if f := last[fact.CallEnded](o); f.Answerer != "202-1" || f.Status != 200 {
		t.Errorf("recorded %+v", f)
	}
	// Whoever talks is left out, who wants no calls as well; nobody else is there.
	o.may(mayPage, fact.ServiceSet{Extension: "203", Service: fact.ServiceDoNotDisturb})
	d := o.p202.call("09012345678", o.p202.description("sendrecv"))
	out := o.hikari.rung()
	a = o.p201.call("*81400", o.p201.description("sendrecv"))
	a.response(sip.INVITE, 480)
	a.ackRefusal()
	d.cancel()
	out.reply(180, "")
	out.canceled()
	d.response(sip.INVITE, 487)
	d.ackRefusal()
	o.over()
}

// TestPageByMulticast: a zone that has an address is spoken to there, and its phones do
// not ring.
func TestPageByMulticast(t *testing.T) {
	lo, err := net.InterfaceByName("lo")
	if err != nil {
		t.Fatal(err)
	}
	conn, err := net.ListenMulticastUDP("udp4", lo, &net.UDPAddr{IP: net.IPv4(239, 23, 7, 81)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	z := &speaker{t: t, conn: conn}
	port := uint16(conn.LocalAddr().(*net.UDPAddr).Port)
	group := netip.AddrPortFrom(netip.MustParseAddr("239.23.7.81"), port)
	o := newOffice(t, officeConfig{shards: 1, kernel: true})
	o.may(mayPage, fact.ServiceSet{Extension: "400", Service: fact.ServiceMulticast, To: group.String()})
	x := newSpeaker(t, o.p201)
	a := o.p201.call("*81400", o.p201.description("sendrecv"))
	to := mediaPort(t, a.response(sip.INVITE, 200))
	a.ack("")
	o.p202.silent()
	x.tone(to, 1000, 1.5, nil)
	heard := z.listen(1200 * time.Millisecond)
	if !ear.Hears(heard[len(heard)/2:], 8000, 1000) {
		t.Errorf("the zone hears 201 with %.1f dBm0", ear.Level(heard, 8000, 1000))
	}
	a.bye()
	o.over()
	for _, wrong := range []string{"10.0.0.1:5004", "239.1.1.1:80", "239.1.1.1", "[ff02::1]:5004", ""} {
		if _, err := plan.ParseCast(wrong); err == nil {
			t.Errorf("%q is taken", wrong)
		}
	}
}

// tone says a tone at the pace of speech, in the background, once the one before is
// over; also is begun with it.
func (s *speaker) tone(to netip.AddrPort, hz, seconds float64, also func()) {
	s.t.Helper()
	if s.saying != nil {
		<-s.saying
	}
	if also != nil {
		also()
	}
	sound := ear.ToMu(ear.Tone(8000, hz, -16, seconds))
	done := make(chan struct{})
	s.saying = done
	s.t.Cleanup(func() { <-done })
	go func() {
		defer close(done)
		tick := time.NewTicker(20 * time.Millisecond)
		defer tick.Stop()
		for ; len(sound) >= 160; sound = sound[160:] {
			s.packet(to, 0x71, sound[:160])
			<-tick.C
		}
	}()
}

// TestDoorPhone: a door rings the group that it calls; whoever answers opens it by keys,
// and the door calls nobody outside.
func TestDoorPhone(t *testing.T) { inTime(t, testDoorPhone) }

func testDoorPhone(t *testing.T) {
	o := newOffice(t, officeConfig{shards: 1})
	o.may(mayPage)
	door := o.p203
	x := newSpeaker(t, door)
	a := door.call("400", door.description("sendrecv"))
	b := o.p202.rung()
	b.reply(200, o.p202.description("sendrecv"))
	a.response(sip.INVITE, 200)
	a.ack("")
	b.next(sip.ACK)
	b.info("9")
	if !x.typed(patience) {
		t.Error("the door hears no key")
	}
	a.bye()
	b.hungUp()
	for _, outside := range []string{"09012345678", "01023276123456"} {
		a = door.call(outside, door.description("sendrecv"))
		a.response(sip.INVITE, 603)
		a.ackRefusal()
	}
	o.hikari.expectNone("an INVITE", isMethod(sip.INVITE))
	o.over()
}
