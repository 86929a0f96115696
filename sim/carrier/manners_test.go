package carrier_test

import (
	"fmt"
	"net"
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/sekisho/sekisho/sim/carrier"
	"github.com/sekisho/sekisho/wire/sip"
)

// wire speaks to a carrier in raw text.
type wire struct {
	*testing.T

	conn    net.PacketConn
	carrier *carrier.Carrier
	serial  int
}

// newWire starts a carrier on 127.0.0.1 with one line that is known by its
// address, and a socket that speaks for the line.
func newWire(t *testing.T, n carrier.Manners) *wire {
	t.Helper()
	n.Domain = "127.0.0.1"
	c, err := carrier.New(socket(t), carrier.Config{
		Domain: "carrier.test",
		Accounts: []carrier.Account{{
			User: "line", Source: netip.MustParseAddr("127.0.0.1"), Numbers: []string{"0312340000"}, Manners: n,
		}},
		Behave:    func(carrier.Reading) carrier.Behavior { return carrier.Behavior{} },
		OpenMedia: func(netip.Addr) (net.PacketConn, error) { return net.ListenPacket("udp", "127.0.0.1:0") },
	})
	if err != nil {
		t.Fatal(err)
	}
	w := &wire{T: t, conn: socket(t), carrier: c}
	t.Cleanup(func() { w.conn.Close(); c.Close() })
	return w
}

// patience is how long a test waits for what must come; quiet how long it watches
// that nothing does.
const (
	patience = 5 * time.Second
	quiet    = 300 * time.Millisecond
)

// say sends a request and gives the final response's status.
func (w *wire) say(text string) int { return w.sayWithin(text, patience) }

// sayWithin is say with so much patience, 0 for silence.
// Placeholders: HERE our address, THERE the carrier's, N a serial number.
func (w *wire) sayWithin(text string, within time.Duration) int {
	w.Helper()
	w.serial++
	text = strings.NewReplacer(
		"HERE", w.conn.LocalAddr().String(), "THERE", w.carrier.Addr().String(), "N#", fmt.Sprint(w.serial),
		"\n", "\r\n",
	).Replace(strings.TrimLeft(text, "\n"))
	head, body, _ := strings.Cut(text, "\r\n\r\n")
	text = fmt.Sprintf("%s\r\nContent-Length: %d\r\n\r\n%s", head, len(body), body)
	if _, err := w.conn.WriteTo([]byte(text), net.UDPAddrFromAddrPort(w.carrier.Addr())); err != nil {
		w.Fatal(err)
	}
	buf := make([]byte, 65535)
	for {
		if err := w.conn.SetReadDeadline(time.Now().Add(within)); err != nil {
			w.Fatal(err)
		}
		n, _, err := w.conn.ReadFrom(buf)
		if err != nil {
			return 0
		}
		var m sip.Message
		if err := sip.Parse(buf[:n], &m); err != nil {
			w.Fatal(err)
		}
		if m.Status() >= 200 && strings.Contains(text, "Call-ID: "+string(m.CallID())) {
			return m.Status()
		}
	}
}

const goodRegister = `
REGISTER sip:127.0.0.1 SIP/2.0
Via: SIP/2.0/UDP HERE;branch=z9hG4bK-N#
Max-Forwards: 70
From: <sip:line@127.0.0.1>;tag=tag-N#
To: <sip:line@127.0.0.1>
Call-ID: reg
CSeq: N# REGISTER
Contact: <sip:line@HERE>
Expires: 300

`

const goodInvite = `
INVITE sip:0398765432@127.0.0.1 SIP/2.0
Via: SIP/2.0/UDP HERE;branch=z9hG4bK-N#
Max-Forwards: 70
Route: <sip:path@THERE;lr>
Route: <sip:orig@THERE;lr>
From: <sip:0312340000@127.0.0.1>;tag=tag-N#
To: <sip:0398765432@127.0.0.1>
Call-ID: call-N#
CSeq: 1 INVITE
Contact: <sip:line@HERE>
Supported: timer
IDENTITY: <sip:0312340000@127.0.0.1>
Content-Type: application/sdp

v=0
o=- 1 1 IN IP4 127.0.0.1
s=-
c=IN IP4 127.0.0.1
t=0 0
m=audio 50000 RTP/AVP 0 101
a=rtpmap:101 telephone-event/8000
`

// breach is a message that breaks one rule, "" for none, and its answer.
type breach struct {
	name     string
	manners  carrier.Manners
	good     string
	identity string
	old, bad string
	rule     carrier.Rule
	status   int
}

const asserted, preferred = "P-Asserted-Identity", "P-Preferred-Identity"

// breaches breaks each rule in a message that is good otherwise.
func breaches() []breach {
	officeA := carrier.HikariOfficeA("")
	officeA.SourcePort = 0 // of the socket's choice; the rule has a case of its own
	wrongPort := carrier.HikariOfficeA("")
	wrongPort.SourcePort = 9
	registrar := carrier.GenericRegistration("")
	gateway := carrier.HikariHGW("")
	return []breach{
		{"good register", officeA, goodRegister, "", "", "", "", 200},
		{"good invite at office A", officeA, goodInvite, preferred, "", "", "", 200},
		{"good invite at a registrar", registrar, goodInvite, asserted, "", "", "", 200},
		{"source port", wrongPort, goodRegister, "", "", "", carrier.RuleSourcePort, 0},
		{"source port of a call", wrongPort, goodInvite, preferred, "", "", carrier.RuleSourcePort, 0},
		{"rport", officeA, goodRegister, "", ";branch", ";rport;branch", carrier.RuleRPort, 403},
		{"rport of a call", gateway, goodInvite, asserted, ";branch", ";rport;branch", carrier.RuleRPort, 403},
		{"contact", officeA, goodRegister, "", "line@HERE", "line@HERE;transport=udp", carrier.RuleContact, 403},
		{"tag", officeA, goodRegister, "", "tag=tag-N#", "tag=same", carrier.RuleFromTag, 403},
		{"account", officeA, goodRegister, "", "sip:line@", "sip:else@", carrier.RuleAccount, 403},
		{"domain", officeA, goodRegister, "", "line@127.0.0.1", "line@127.0.0.9", carrier.RuleAccount, 403},
		{"registrar", officeA, goodRegister, "", "REGISTER sip:", "REGISTER sip:line@", carrier.RuleRequestURI, 404},
		{"number", officeA, goodInvite, preferred, "<sip:0312340000", "<sip:0312349999", carrier.RuleAccount, 403},
		{"no account in From", gateway, goodInvite, asserted, "", "", carrier.RuleAccount, 403},
		{"asserted", officeA, goodInvite, asserted, "", "", carrier.RuleAsserted, 403},
		{"not asserted", registrar, goodInvite, "X-Identity", "", "", carrier.RuleAsserted, 403},
		{
			"preferred", registrar, goodInvite, asserted + ": <sip:0312340000@127.0.0.1>\n" + preferred, "", "",
			carrier.RulePreferred, 403,
		},
		{"not preferred", officeA, goodInvite, "X-Identity", "", "", carrier.RulePreferred, 403},
		{"digits", officeA, goodInvite, preferred, "sip:0398765432", "sip:+81398765432", carrier.RuleDigits, 404},
		{"To", officeA, goodInvite, preferred, "To: <sip:03", "To: <sip:04", carrier.RuleRequestURI, 404},
		{"privacy", officeA, goodInvite, preferred, "Supp", "Privacy: id\nSupp", carrier.RuleWithholding, 403},
		{"184", registrar, goodInvite, asserted, "sip:0398765432", "sip:1840398765432", carrier.RuleWithholding, 403},
		{"no route", officeA, goodInvite, preferred, "Route: <sip:path@THERE;lr>\n", "", carrier.RuleRoute, 403},
		{"routes turned", officeA, goodInvite, preferred, "sip:path", "sip:htap", carrier.RuleRoute, 403},
		{"timer", registrar, goodInvite, asserted, "Supported: timer", "Supported: path", carrier.RuleTimer, 421},
		{"codec", officeA, goodInvite, preferred, "RTP/AVP 0 101", "RTP/AVP 8 101", carrier.RuleDescription, 488},
		{"codecs", officeA, goodInvite, preferred, "RTP/AVP 0 101", "RTP/AVP 0 9 101", carrier.RuleDescription, 488},
		{"encryption", registrar, goodInvite, asserted, "RTP/AVP", "RTP/SAVP", carrier.RuleDescription, 488},
		{"media port", officeA, goodInvite, preferred, "audio 50000", "audio 20000", carrier.RuleMediaPort, 403},
	}
}

func TestMannersAreEnforced(t *testing.T) {
	for _, c := range breaches() {
		t.Run(c.name, func(t *testing.T) {
			w := newWire(t, c.manners)
			text := strings.ReplaceAll(c.good, "IDENTITY", c.identity)
			if c.old != "" {
				if !strings.Contains(text, c.old) {
					t.Fatalf("nothing to break: %q", c.old)
				}
				text = strings.ReplaceAll(text, c.old, c.bad)
			}
			within := patience
			if c.status == 0 {
				within = quiet
			}
			got := w.sayWithin(text, within)
			if c.rule == carrier.RuleFromTag { // only the second one breaks it
				if len(w.carrier.Violations()) > 0 {
					t.Errorf("the first one broke a rule: %+v", w.carrier.Violations())
				}
				got = w.say(text)
			}
			if got != c.status {
				t.Errorf("answered %d, want %d", got, c.status)
			}
			for end := time.Now().Add(patience); c.rule != "" && time.Now().Before(end); time.Sleep(time.Millisecond) {
				if len(w.carrier.Violations()) > 0 {
					break
				}
			}
			v := w.carrier.Violations()
			if c.rule == "" && len(v) > 0 || c.rule != "" && (len(v) != 1 || v[0].Rule != c.rule) {
				t.Errorf("violations %+v, want %q", v, c.rule)
			}
		})
	}
}

// TestMannersInsideCalls: requests within a call go by the recorded route.
func TestMannersInsideCalls(t *testing.T) {
	n := carrier.HikariOfficeA("")
	n.SourcePort = 0
	w := newWire(t, n)
	if got := w.say(strings.ReplaceAll(goodInvite, "IDENTITY", "P-Preferred-Identity")); got != 200 {
		t.Fatalf("INVITE: %d", got)
	}
	const inside = `
METHOD sip:carrier@THERE SIP/2.0
Via: SIP/2.0/UDP HERE;branch=z9hG4bK-in-N#
Max-Forwards: 70
ROUTEFrom: <sip:0312340000@127.0.0.1>;tag=tag-1
To: <sip:0398765432@127.0.0.1>;tag=x
Call-ID: call-1
CSeq: SEQ

`
	say := func(method, seq, route string) int {
		within := patience
		if method == "ACK" { // has no answer
			within = quiet
		}
		text := strings.NewReplacer("METHOD", method, "SEQ", seq+" "+method, "ROUTE", route).Replace(inside)
		return w.sayWithin(text, within)
	}
	say("ACK", "1", "Route: <sip:THERE;lr>\n")
	if v := w.carrier.Violations(); len(v) > 0 {
		t.Errorf("a good ACK: %+v", v)
	}
	say("ACK", "1", "")
	if got := say("BYE", "2", ""); got != 403 {
		t.Errorf("BYE without the recorded route: %d", got)
	}
	v := w.carrier.Violations()
	if len(v) != 2 || v[0].Rule != carrier.RuleRecordRoute || v[1].Rule != carrier.RuleRecordRoute {
		t.Errorf("violations %+v", v)
	}
}

// TestMannersOfIncomingCalls reads the carrier's own INVITE: compact, with a
// session timer, the number in P-Called-Party-ID; and answers it without the
// timer, which is a violation.
func TestMannersOfIncomingCalls(t *testing.T) {
	n := carrier.HikariOfficeA("")
	n.SourcePort = 0
	w := newWire(t, n)
	if got := w.say(goodRegister); got != 200 {
		t.Fatalf("REGISTER: %d", got)
	}
	if _, err := w.carrier.Place(t.Context(), "0312340000", "0455551234", carrier.Silence); err != nil {
		t.Fatal(err)
	}
	buf := make([]byte, 65535)
	if err := w.conn.SetReadDeadline(time.Now().Add(patience)); err != nil {
		t.Fatal(err)
	}
	size, from, err := w.conn.ReadFrom(buf)
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		"\r\nf: <sip:0455551234@", "\r\nx: 300;refresher=uac", "\r\nP-Called-Party-ID: <sip:0312340000@",
		"\r\nk: 100rel, timer",
	} {
		if !strings.Contains(string(buf[:size]), want) {
			t.Errorf("no %q in\n%s", want, buf[:size])
		}
	}
	var m sip.Message
	if err := sip.Parse(buf[:size], &m); err != nil {
		t.Fatal(err)
	}
	var b sip.Builder
	b.Reset(nil)
	b.Response(&m, 200, "", []byte("tag"), netip.MustParseAddrPort(from.String()))
	b.Text(sip.HeaderContact, "<sip:line@"+w.conn.LocalAddr().String()+">")
	out, err := b.Finish("", nil)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.conn.WriteTo(out, from); err != nil {
		t.Fatal(err)
	}
	if err := w.conn.SetReadDeadline(time.Now().Add(patience)); err != nil {
		t.Fatal(err)
	}
	if _, _, err := w.conn.ReadFrom(buf); err != nil { // the ACK
		t.Fatal(err)
	}
	if v := w.carrier.Violations(); len(v) != 1 || v[0].Rule != carrier.RuleConfirmTimer {
		t.Errorf("violations %+v", v)
	}
}
