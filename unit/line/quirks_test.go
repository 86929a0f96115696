package line_test

import (
	"bytes"
	"fmt"
	"net/netip"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/sekisho/sekisho/fact"
	"github.com/sekisho/sekisho/unit/line"
	"github.com/sekisho/sekisho/wire/digest"
	"github.com/sekisho/sekisho/wire/sip"
)

// far is the Contact of a carrier's answer to a call.
const far = "Contact: <sip:far@10.9.9.9>"

// settings makes a line's settings.
func settings(profile, user, registrar string) fact.Line {
	return fact.Line{
		ID: "l", Profile: profile, Registrar: registrar, User: user, AreaCode: "03", Channels: 2,
		Numbers: []fact.Number{{Number: "0312345678", Ring: []string{"201"}}},
	}
}

// ngn is what the Hikari Denwa network demands of every request.
func ngn(m *sip.Message, from netip.AddrPort) string {
	switch via := m.TopVia(); {
	case via.RPort:
		return "rport in Via"
	case from.Port() != 5060 || via.Port != 0 && via.Port != 5060:
		return fmt.Sprintf("it comes from port %d", from.Port())
	}
	if m.Method() == sip.INVITE {
		user := strings.NewReplacer("%2a", "*", "%2A", "*", "%23", "#").Replace(string(m.RequestURI().RawUser))
		switch {
		case strings.Trim(user, "0123456789*#") != "":
			return "digits outside the alphabet"
		case !bytes.Equal(m.To().URI.RawUser, m.RequestURI().RawUser):
			return "To does not mirror the Request-URI"
		case m.Has(sip.HeaderPrivacy):
			return "Privacy, where 184 is the way"
		case !m.Lists(sip.HeaderSupported, "timer"):
			return "no session timer"
		}
	}
	return ""
}

// signed checks digest credentials; without qop as some gateways are.
func signed(m *sip.Message, user, password, realm, nonce string, a digest.Algorithm) bool {
	for value := range m.Header(sip.HeaderAuthorization) {
		c, err := digest.ParseCredentials(string(value))
		if err == nil && c.Username == user && c.Nonce == nonce && digest.Verify(&c, digest.Demand{
			Method: string(m.MethodText()), Realm: realm, Algorithms: []digest.Algorithm{a}, WithoutQop: true,
			SameURI: func(uri string) bool { return uri == string(m.RequestTarget()) },
		}, digest.HA1(a, user, realm, password)) {
			return true
		}
	}
	return false
}

// Hikari Denwa behind a home gateway: user 0003 is extension 3, digest without
// qop, To tells the number, "*" begins a sub-address, 184 goes in front.
func TestHomeGateway(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const challenge = `WWW-Authenticate: Digest realm="hgw", nonce="n1", algorithm=MD5`
		c := &carrier{demand: func(m *sip.Message, from netip.AddrPort) string {
			if why := ngn(m, from); why != "" {
				return why
			}
			switch user := string(m.From().URI.User); {
			case m.Method() == sip.BYE:
				return ""
			case user != "3" || string(m.From().URI.Host) != "10.9.9.9":
				return "From is not an extension of the gateway"
			case m.Method() == sip.INVITE && m.Addr(sip.HeaderPAssertedIdentity) == nil:
				return "no P-Asserted-Identity"
			}
			return ""
		}}
		c.answer = func(m *sip.Message) (int, []string) {
			if m.Method() != sip.BYE && !signed(m, "0003", "secret", "hgw", "n1", digest.MD5) {
				return 401, []string{challenge}
			}
			if m.Method() == sip.INVITE {
				return 200, []string{far}
			}
			return 200, []string{"Contact: <sip:3@10.0.1.1>;expires=600"}
		}
		x := newExchange(t, c, settings("hikari-hgw", "0003", "10.9.9.9"), "secret")
		defer x.close()
		x.pass(time.Second)
		if st := x.lines.List(time.Now()); !st[0].Registered {
			t.Fatalf("not registered: %+v", st[0])
		}
		if got := x.call("l", "18409011112222"); got != "answered 200, ended 200" {
			t.Errorf("call: %s", got)
		}
		invites := c.all(sip.INVITE)
		if got := string(invites[len(invites)-1].RequestTarget()); got != "sip:18409011112222@10.9.9.9" {
			t.Errorf("Request-URI %s", got)
		}
		if got := x.call("l", "110"); got != "answered 200, ended 200" {
			t.Errorf("emergency: %s", got)
		}
		if got := x.call("l", "0312345678*99"); !strings.HasPrefix(got, "gate: ") {
			t.Errorf("number with a sub-address: %s", got)
		}
		incoming(c, "sip:3@10.0.1.1", "<sip:0312345678@10.9.9.9>")
		x.pass(time.Second)
		if got := x.told(); got != "call 0312345678 from 09011112222 <nil>" {
			t.Errorf("incoming: %s", got)
		}
		before := len(c.all(sip.REGISTER))
		x.pass(250 * time.Second) // 40 % of 600 s are 240
		if after := len(c.all(sip.REGISTER)); after == before {
			t.Error("not refreshed at 40 %")
		}
	})
}

// incoming sends a call in.
func incoming(c *carrier, uri, to string, lines ...string) {
	id := fmt.Sprint(time.Now().UnixNano())
	var text strings.Builder
	text.WriteString("INVITE " + uri + " SIP/2.0\r\nVia: SIP/2.0/UDP 10.9.9.9;branch=z9hG4bK" + id +
		"\r\nMax-Forwards: 70\r\nf: <sip:09011112222@c>;tag=1\r\nt: " + to + "\r\ni: in" + id +
		"\r\nCSeq: 1 INVITE\r\nm: <sip:c@10.9.9.9>\r\n")
	for _, l := range lines {
		text.WriteString(l + "\r\n")
	}
	c.send(siteAddr, text.String()+"l: 0\r\n\r\n")
}

// Hikari Denwa Office A: no digest, source port 5060, a fresh From tag with
// each REGISTER, calls by the routes that the registrar gave, our number in
// P-Preferred-Identity and never in P-Asserted-Identity, compact answers, and
// a session timer that the network refreshes.
func TestOfficeA(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		tags := map[string]bool{}
		c := &carrier{compact: true, demand: func(m *sip.Message, from netip.AddrPort) string {
			if why := ngn(m, from); why != "" {
				return why
			}
			tag := string(m.From().Tag)
			switch m.Method() {
			case sip.REGISTER:
				if m.Has(sip.HeaderAuthorization) {
					return "credentials that nobody asked for"
				}
				if tags[tag] {
					return "From tag used before"
				}
				tags[tag] = true
				if a := m.Addr(sip.HeaderContact); a == nil || a.URI.Params.Has("transport") {
					return "no Contact, or one with transport"
				}
			case sip.INVITE:
				routes, _ := m.Routes()
				if len(routes) != 2 || string(routes[0].URI.User) != "path" || string(routes[1].URI.User) != "orig" {
					return "Route is not Path and Service-Route"
				}
				if m.Has(sip.HeaderPAssertedIdentity) || m.Addr(sip.HeaderPPreferredIdentity) == nil {
					return "identity in the wrong header"
				}
			}
			return ""
		}}
		c.answer = func(m *sip.Message) (int, []string) {
			switch m.Method() {
			case sip.REGISTER:
				return 200, []string{
					"m: <sip:0312345678@10.0.1.1>;expires=3600", "Path: <sip:path@10.9.9.9;lr>",
					"Service-Route: <sip:orig@10.9.9.9;lr>", "P-Associated-URI: <sip:0312345679@ntt-east.example>",
				}
			case sip.INVITE:
				return 200, []string{
					"m: <sip:far@10.9.9.9>", "x: 300;refresher=uas", "Require: timer", "k: timer",
					"c: application/sdp", "body:v=0\r\n",
				}
			}
			return 200, nil
		}
		row := settings("hikari-office-a", "0312345678", "ntt-east.example")
		row.Registrar = "10.9.9.9" // the name would need a resolver
		x := newExchange(t, c, row, "")
		defer x.close()
		x.pass(time.Second)
		for _, dialed := range []string{"09011112222", "18409011112222", "119", "98765432"} {
			if got := x.call("l", dialed); got != "answered 200, ended 200" {
				t.Errorf("%s: %s", dialed, got)
			}
		}
		incoming(c, "sip:0312345678@10.0.1.1", "<sip:other@ntt>", "P-Called-Party-ID: <sip:0312345678@ntt>")
		x.pass(time.Second)
		if got := x.told(); got != "call 0312345678 from 09011112222 <nil>" {
			t.Errorf("incoming: %s", got)
		}
		x.pass(25 * time.Minute)
		if got := len(c.all(sip.REGISTER)); got != 2 {
			t.Errorf("%d REGISTERs in half an hour, want 2: at once and at 40 %% of an hour", got)
		}
		if w := x.lines.Warnings(); len(w) != 0 {
			t.Errorf("warnings: %v", w)
		}
	})
}

// A carrier that asks with both algorithms, wants a longer life, and calls to
// the contact it was given.
func TestGenericRegistration(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := &carrier{demand: func(m *sip.Message, _ netip.AddrPort) string {
			if !m.TopVia().RPort {
				return "no rport"
			}
			if m.Method() == sip.INVITE && m.Addr(sip.HeaderPAssertedIdentity) == nil {
				return "no P-Asserted-Identity"
			}
			return ""
		}}
		c.answer = func(m *sip.Message) (int, []string) {
			switch life, _ := m.Expires(); {
			case m.Method() == sip.BYE || m.Method() == sip.OPTIONS:
				return 200, nil
			case !signed(m, "me", "secret", "carrier", "n1", digest.SHA256):
				return 401, []string{
					`WWW-Authenticate: Digest realm="carrier",nonce="n1",qop="auth",algorithm=SHA-256`,
					`WWW-Authenticate: Digest realm="carrier",nonce="n1",qop="auth",algorithm=MD5`,
				}
			case m.Method() == sip.INVITE:
				return 200, []string{far}
			case life < 7200:
				return 423, []string{"Min-Expires: 7200"}
			}
			return 200, []string{"Contact: " + string(m.Value(sip.HeaderContact)) + ";expires=7200"}
		}
		x := newExchange(t, c, settings("generic-registration", "me", "10.9.9.9"), "secret")
		defer x.close()
		x.pass(time.Second)
		if st := x.lines.List(time.Now()); !st[0].Up || time.Until(st[0].Expires) < 7100*time.Second {
			t.Fatalf("line is %+v", st[0])
		}
		for _, dialed := range []string{"09011112222", "110"} {
			if got := x.call("l", dialed); got != "answered 200, ended 200" {
				t.Errorf("%s: %s", dialed, got)
			}
		}
		registers := c.all(sip.REGISTER)
		contact := registers[len(registers)-1].Addr(sip.HeaderContact).URI.User
		incoming(c, "sip:0312345678@10.0.1.1", "<sip:0312345678@c>")
		x.pass(time.Second)
		if got := x.told(); got != "" {
			t.Errorf("a call without our contact: %s", got)
		}
		incoming(c, "sip:"+string(contact)+"@10.0.1.1", "<sip:0312345678@c>")
		x.pass(time.Second)
		if got := x.told(); got != "call 0312345678 from 09011112222 <nil>" {
			t.Errorf("incoming: %s", got)
		}
		seen := len(c.all(sip.OPTIONS))
		x.pass(5 * time.Minute)
		if n := len(c.all(sip.OPTIONS)) - seen; n < 4 || n > 6 {
			t.Errorf("%d OPTIONS in five minutes", n)
		}
	})
}

// A carrier that knows us by our address, asks calls for credentials, and
// falls silent for a while.
func TestGenericStatic(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var silent atomic.Bool
		c := &carrier{demand: func(m *sip.Message, _ netip.AddrPort) string {
			if m.Method() == sip.REGISTER {
				return "REGISTER on a static line"
			}
			return ""
		}}
		c.answer = func(m *sip.Message) (int, []string) {
			if silent.Load() {
				return 503, nil
			}
			if m.Method() == sip.INVITE && !m.Has(sip.HeaderProxyAuthorization) {
				return 407, []string{`Proxy-Authenticate: Digest realm="carrier",nonce="n1",qop="auth"`}
			}
			return 200, []string{far}
		}
		x := newExchange(t, c, settings("generic-static", "me", "10.9.9.9"), "secret")
		defer x.close()
		x.pass(time.Second)
		if got := x.call("l", "09011112222"); got != "answered 200, ended 200" {
			t.Errorf("call: %s", got)
		}
		incoming(c, "sip:+81312345678@10.0.1.1", "<sip:x@c>")
		x.pass(time.Second)
		if got := x.told(); got != "call 0312345678 from 09011112222 <nil>" {
			t.Errorf("incoming: %s", got)
		}
		silent.Store(true)
		x.pass(2 * time.Minute)
		if st := x.lines.List(time.Now()); st[0].Up || st[0].Why != (line.Why{Word: line.WhyCarrier}) {
			t.Errorf("silent carrier: %+v", st[0])
		}
		silent.Store(false)
		x.pass(2 * time.Minute)
		if st := x.lines.List(time.Now()); !st[0].Up {
			t.Errorf("carrier is back: %+v", st[0])
		}
	})
}

// A line with 050 numbers reaches no emergency number: nothing is sent.
func TestGeneric050(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := &carrier{demand: func(*sip.Message, netip.AddrPort) string { return "" }}
		c.answer = func(m *sip.Message) (int, []string) {
			if m.Method() == sip.INVITE {
				return 200, []string{far}
			}
			if m.Method() == sip.REGISTER {
				return 200, []string{"Contact: " + string(m.Value(sip.HeaderContact))}
			}
			return 200, nil
		}
		x := newExchange(t, c, settings("generic-050", "me", "10.9.9.9"), "secret")
		defer x.close()
		x.pass(time.Second)
		if got := x.call("l", "110"); got != "no invite" {
			t.Errorf("emergency: %s", got)
		}
		if got := x.call("l", "09011112222"); got != "answered 200, ended 200" {
			t.Errorf("call: %s", got)
		}
		if n := len(c.all(sip.INVITE)); n != 1 {
			t.Errorf("%d INVITEs", n)
		}
	})
}
