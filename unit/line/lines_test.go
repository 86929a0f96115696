package line

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/sekisho/sekisho/fact"
	"github.com/sekisho/sekisho/wire/digest"
	"github.com/sekisho/sekisho/wire/sip"
	"github.com/sekisho/sekisho/wire/sip/edge"
	"pgregory.net/rapid"
)

func TestProfiles(t *testing.T) {
	list := ProfileNames()
	want := "generic-050 generic-registration generic-static hikari-hgw hikari-office-a site"
	if got := strings.Join(list, " "); got != want {
		t.Errorf("profiles: %s", got)
	}
	for _, name := range list {
		p, err := LoadProfile(name)
		if err != nil || p.Title.Ja == "" || p.Title.En == "" {
			t.Errorf("%s: %+v, %v", name, p.Title, err)
		}
	}
	good, err := files.ReadFile("profiles/hikari-hgw.toml")
	if err != nil {
		t.Fatal(err)
	}
	for _, change := range [][2]string{
		{"rport = false", "rpotr = false"},
		{"[media]", "[medium]"},
		{`srtp = "never"`, `srtp = "maybe"`},
		{`contact_user = "user"`, `contact_user = "x"`},
		{`order = ["to", `, `order = ["too", `},
		{"channels = 1", "channels = 0"},
		{"channels = 1", "channels = 301"},
		{"refresh = 40", "refresh = 100"},
		{"expires = 3600", "expires = 3"},
		{"dscp = 24", "dscp = 64"},
		{`form = "national"`, `form = "roman"`},
	} {
		text := strings.Replace(string(good), change[0], change[1], 1)
		if text == string(good) {
			t.Fatalf("%q is not in the profile", change[0])
		}
		if _, err := ParseProfile("x", []byte(text)); !errors.Is(err, ErrProfile) {
			t.Errorf("%s: %v", change[1], err)
		}
	}
	for _, name := range []string{"", "nobody", "../generic-static", "generic-static.toml"} {
		if _, err := LoadProfile(name); !errors.Is(err, ErrProfile) {
			t.Errorf("profile %q: %v", name, err)
		}
	}
}

func TestSettings(t *testing.T) {
	bad := map[string]func(r *fact.Line){
		"name":       func(r *fact.Line) { r.ID = "A b" },
		"profile":    func(r *fact.Line) { r.Profile = "x" },
		"transport":  func(r *fact.Line) { r.Transport = "sctp" },
		"channels":   func(r *fact.Line) { r.Channels = 301 },
		"negative":   func(r *fact.Line) { r.Channels = -1 },
		"registrar":  func(r *fact.Line) { r.Registrar = "" },
		"host":       func(r *fact.Line) { r.Registrar = "a>b" },
		"port":       func(r *fact.Line) { r.Registrar = "a:0" },
		"user":       func(r *fact.Line) { r.User = "" },
		"injection":  func(r *fact.Line) { r.User = "a\r\nX: y" },
		"local port": func(r *fact.Line) { r.LocalPort = 65536 },
		"no port":    func(r *fact.Line) { r.LocalAddr = "192.0.2.9" },
		"local":      func(r *fact.Line) { r.LocalPort, r.LocalAddr = 5060, "eth0" },
		"dscp":       func(r *fact.Line) { r.LocalPort, r.DSCP = 5060, 64 },
		"no socket":  func(r *fact.Line) { r.DSCP = 32 },
		"tcp port":   func(r *fact.Line) { r.Transport, r.LocalPort = "tcp", 5060 },
		"source":     func(r *fact.Line) { r.Sources = []string{"everywhere"} },
	}
	if err := Check(row("a", "generic-registration", "carrier.example:5070")); err != nil {
		t.Error(err)
	}
	for name, spoil := range bad {
		r := row("a", "generic-registration", "carrier.example")
		if spoil(&r); Check(r) == nil {
			t.Errorf("%s: %+v is accepted", name, r)
		}
	}
	hgw := row("a", "hikari-hgw", "192.168.1.1")
	if hgw.Transport = "tls"; Check(hgw) == nil {
		t.Error("a profile's transports are not kept to")
	}
	s := newSite(t, row("a", "generic-static", "192.0.2.1"))
	if err := s.Add(row("a", "generic-static", "192.0.2.1")); !errors.Is(err, ErrTaken) {
		t.Errorf("twice: %v", err)
	}
	if s.Remove("a") != nil || !errors.Is(s.Remove("a"), ErrUnknown) {
		t.Error("removing does not work once")
	}
}

func TestSealedPassword(t *testing.T) {
	s := newSite(t)
	r, err := s.Seal(row("a", "generic-registration", "carrier.example"), "open sesame")
	if err != nil || strings.Contains(string(r.SecretSealed), "sesame") {
		t.Fatalf("sealed: %v", err)
	}
	if err := s.Add(r); err != nil {
		t.Error(err)
	}
	r.ID = "b"
	if err := s.Add(r); !errors.Is(err, ErrSealed) {
		t.Errorf("the password opens for another line: %v", err)
	}
	r.ID, r.Registrar = "a", "thief.example"
	if err := s.Restore([]fact.Line{r}); !errors.Is(err, ErrSealed) {
		t.Errorf("the password opens for another registrar: %v", err)
	}
	for _, st := range s.List(s.now) {
		if len(st.SecretSealed) > 0 {
			t.Error("the list shows a secret")
		}
	}
}

func TestCredentials(t *testing.T) {
	s := newSite(t, row("a", "generic-registration", "carrier.example"))
	c := s.Credentials("a")
	md5 := `Digest realm="carrier", nonce="n1", qop="auth"`
	list := []string{`Digest realm="carrier", nonce="n1", algorithm=AKAv1-MD5`, "Basic realm=x", md5}
	for nc := uint32(1); nc <= 3; nc++ {
		value, err := c.Answer(list, "REGISTER", "sip:carrier.example", false)
		if err != nil {
			t.Fatal(err)
		}
		got, err := digest.ParseCredentials(value)
		if err != nil || got.NC != nc || got.Algorithm != digest.MD5 || got.Username != "user-a" ||
			len(got.CNonce) < 16 {
			t.Errorf("answer %s, %v", value, err)
		}
		if !digest.Verify(&got, digest.Demand{
			Method: "REGISTER", Realm: "carrier", Algorithms: []digest.Algorithm{digest.MD5},
		}, digest.HA1(digest.MD5, "user-a", "carrier", "password")) {
			t.Errorf("answer %s is wrong", value)
		}
	}
	if value, err := c.Answer(list[:2], "REGISTER", "sip:carrier.example", false); err == nil {
		t.Errorf("answered %s", value)
	}
	for i := range 3 * NoncesMax {
		ch := fmt.Sprintf(`Digest realm="carrier", nonce="m%d", qop="auth"`, i)
		if _, err := c.Answer([]string{ch}, "INVITE", "sip:x", true); err != nil {
			t.Fatal(err)
		}
	}
	if n := s.byID["a"].nonces; len(n.used) > NoncesMax || len(n.nonces) > NoncesMax {
		t.Errorf("%d nonces are kept", len(n.used))
	}
	_, err := s.Credentials("nobody").Answer([]string{md5}, "REGISTER", "sip:x", false)
	if !errors.Is(err, ErrUnknown) {
		t.Errorf("for no line: %v", err)
	}
}

func TestChannels(t *testing.T) {
	s := newSite(t, row("a", "generic-static", "192.0.2.1")) // three channels
	acquire := func(call string, emergency bool, preempt string, ok bool) {
		t.Helper()
		got, err := s.Acquire("a", call, emergency)
		if got != preempt || (err == nil) != ok || err != nil && !errors.Is(err, ErrNoChannel) {
			t.Errorf("%s: preempt %q, %v", call, got, err)
		}
	}
	acquire("c1", false, "", true)
	acquire("c2", false, "", true)
	acquire("c2", false, "", true)  // asked again
	acquire("c3", false, "", false) // the last is kept free
	acquire("e1", true, "", true)   // for this
	acquire("e2", true, "c2", true) // the youngest ordinary call
	acquire("e3", true, "c1", true) // and the other
	acquire("e4", true, "", false)  // emergencies are never preempted
	s.Release("a", "c1")            // it has none any more
	acquire("e5", true, "", false)
	s.Release("a", "e1")
	s.Release("a", "e1")
	acquire("c4", false, "", false)
	s.Release("a", "e2")
	acquire("c5", false, "", true)
	if got := s.state("a").InUse; got != 2 {
		t.Errorf("%d channels in use", got)
	}
	one := row("b", "generic-static", "192.0.2.2")
	one.Channels = 1
	s = newSite(t, one)
	if _, err := s.Acquire("b", "c1", false); err != nil {
		t.Errorf("the only channel: %v", err)
	}
	if got, err := s.Acquire("b", "e1", true); got != "c1" || err != nil {
		t.Errorf("emergency on the only channel: %q, %v", got, err)
	}
}

// G5: whatever happens, no emergency call loses its channel, there are never
// more calls than channels, and an emergency call is turned away only when
// all channels carry emergency calls.
func TestChannelsProperty(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		c := channels{limit: rapid.IntRange(1, 5).Draw(t, "limit")}
		up := map[string]bool{} // call → emergency
		for i := range rapid.IntRange(1, 60).Draw(t, "steps") {
			call := fmt.Sprint("c", i)
			switch rapid.IntRange(0, 3).Draw(t, "step") {
			case 0:
				if len(c.calls) > 0 {
					call = c.calls[rapid.IntRange(0, len(c.calls)-1).Draw(t, "ended")].call
				}
				c.release(call)
				delete(up, call)
			default:
				emergency := rapid.Bool().Draw(t, "emergency")
				preempt, err := c.acquire(call, emergency)
				if preempt != "" {
					if was, ok := up[preempt]; !ok || was || !emergency {
						t.Fatalf("%s took the channel of %s", call, preempt)
					}
					delete(up, preempt)
				}
				if err == nil {
					up[call] = emergency
				}
				urgent := 0
				for _, e := range up {
					if e {
						urgent++
					}
				}
				if emergency && err != nil && urgent < c.limit {
					t.Fatalf("an emergency call was turned away with %d of %d", urgent, c.limit)
				}
			}
			if len(c.calls) != len(up) || len(up) > c.limit {
				t.Fatalf("%d channels for %d calls, limit %d", len(c.calls), len(up), c.limit)
			}
		}
	})
}

func TestLineOf(t *testing.T) {
	static := row("s", "generic-static", "198.51.100.1")
	static.Sources = []string{"203.0.113.0/28", "2001:db8::7"}
	reg := row("r", "generic-registration", "carrier.example")
	twin := row("t", "generic-static", "198.51.100.1")
	twin.Numbers = []fact.Number{{Number: "0398765432", Ring: []string{"201"}}}
	twin.Priority = 1
	s := newSite(t, static, reg, twin)
	s.names["carrier.example"] = []string{"192.0.2.7", "192.0.2.8"}
	if _, err := s.RefreshAddresses(context.Background(), s.now); err != nil {
		t.Fatal(err)
	}
	e, err := s.Endpoint("r", 0)
	if err != nil || len(e.ContactUser) != 32 {
		t.Fatalf("contact user %q, %v", e.ContactUser, err)
	}
	cases := []struct{ from, start, want string }{
		{"198.51.100.1", "INVITE sip:0312345678@unit SIP/2.0", "s"},
		{"198.51.100.1", "INVITE sip:0398765432@unit SIP/2.0", "t"},
		{"198.51.100.1", "INVITE sip:+81398765432@unit SIP/2.0", "t"},
		{"198.51.100.1", "INVITE sip:nobody@unit SIP/2.0", "s"},
		{"203.0.113.5", "INVITE sip:0312345678@unit SIP/2.0", "s"},
		{"203.0.113.16", "INVITE sip:0312345678@unit SIP/2.0", ""},
		{"2001:db8::7", "OPTIONS sip:unit SIP/2.0", "s"},
		{"2001:db8::8", "OPTIONS sip:unit SIP/2.0", ""},
		{"192.0.2.7", "INVITE sip:" + e.ContactUser + "@unit SIP/2.0", "r"},
		{"192.0.2.8", "INVITE sip:" + e.ContactUser + "@unit SIP/2.0", "r"},
		{"192.0.2.7", "INVITE sip:0312345678@unit SIP/2.0", ""}, // lacks the token
		{"192.0.2.9", "INVITE sip:" + e.ContactUser + "@unit SIP/2.0", ""},
		{"192.0.2.7", "OPTIONS sip:unit SIP/2.0", "r"},
	}
	for _, c := range cases {
		m := message(t, c.start)
		from := edge.Source{Remote: netip.AddrPortFrom(netip.MustParseAddr(c.from), 5060)}
		if got, ok := s.LineOf(m, from); got != c.want || ok != (c.want != "") {
			t.Errorf("%s from %s: line %q, want %q", c.start, c.from, got, c.want)
		}
		if got := s.IsLineAddr(from.Remote.Addr()); got != (c.want != "" || c.from == "192.0.2.7") {
			t.Errorf("%s is an address of a line: %v", c.from, got)
		}
	}
	for network, want := range map[string]bool{
		"192.0.2.7/32": true, "192.0.2.9/32": false, "203.0.113.5/32": true, "203.0.113.16/32": false,
		"2001:db8::/64": true, "2001:db8:0:1::/64": false, // the first is where 2001:db8::7 stands
	} {
		if got := s.AnyIn(netip.MustParsePrefix(network)); got != want {
			t.Errorf("%s has an address of a line: %v", network, got)
		}
	}
	delete(s.names, "carrier.example")
	if _, err := s.RefreshAddresses(context.Background(), s.now.Add(time.Hour)); err == nil {
		t.Error("a lost name is no error")
	}
	if !s.IsLineAddr(netip.MustParseAddr("192.0.2.7")) {
		t.Error("a carrier whose name is lost lost its addresses")
	}
	if s.Remove("r") != nil || s.IsLineAddr(netip.MustParseAddr("192.0.2.7")) {
		t.Error("a removed line keeps its addresses")
	}
}

// TestLocal gives a line the listener that its profile or its owner wants, and
// takes what comes in there for that line's alone.
func TestLocal(t *testing.T) {
	office, plain := row("a", "hikari-office-a", "198.51.100.1"), row("p", "generic-static", "198.51.100.1")
	moved := row("m", "generic-static", "198.51.100.2")
	moved.LocalPort, moved.LocalAddr, moved.DSCP = 5070, "192.0.2.9", 10
	s := newSite(t, office, plain, moved)
	s.cfg.Shared = netip.MustParseAddrPort("192.0.2.1:5080")
	s.publish()
	for id, want := range map[string]string{
		"a": "192.0.2.1:5060 32 line/a", "p": "192.0.2.1:5080 24 ", "m": "192.0.2.9:5070 10 line/m",
	} {
		e, err := s.Endpoint(id, 0)
		got := fmt.Sprintf("%s %d %s", e.Local.Addr, e.Local.DSCP, e.Local.Listener)
		if err != nil || got != want || e.Local.Own != (e.Local.Listener != "") {
			t.Errorf("line %s: %s, %v; want %s", id, got, err, want)
		}
	}
	for _, c := range []struct{ from, listener, want string }{
		{"198.51.100.1", "line/a", "a"},
		{"198.51.100.1", "line-udp", "p"},
		{"198.51.100.1", "line/m", ""},
		{"198.51.100.2", "line/m", "m"},
		{"198.51.100.2", "line-udp", ""},
		{"198.51.100.2", "line/a", ""},
	} {
		from := edge.Source{Remote: netip.AddrPortFrom(netip.MustParseAddr(c.from), 5060), Listener: c.listener}
		m := message(t, "INVITE sip:0312345678@unit SIP/2.0")
		if got, _ := s.LineOf(m, from); got != c.want {
			t.Errorf("from %s on %s: line %q, want %q", c.from, c.listener, got, c.want)
		}
	}
	s.cfg.Shared = netip.MustParseAddrPort("192.0.2.1:5060")
	if e, _ := s.Endpoint("a", 0); e.Local.Own || e.Local.Addr != s.cfg.Shared {
		t.Errorf("on the address that lines share: %+v", e.Local)
	}
}

// TestFault takes a line whose listener is not open for down: nothing is due
// until it is.
func TestFault(t *testing.T) {
	s := newSite(t, row("a", "hikari-office-a", "198.51.100.1"))
	s.Fault("a", WhyPort, s.now)
	if tasks, _ := s.Due(s.now); len(tasks) != 0 || s.state("a").Why.Word != WhyPort {
		t.Errorf("due %+v, %v", tasks, s.state("a").Why)
	}
	s.Fault("a", "", s.now)
	s.answer(s.task(sip.REGISTER), 200)
	if !s.state("a").Up {
		t.Errorf("down: %v", s.state("a").Why)
	}
}

func TestOrder(t *testing.T) {
	s := newSite(t, row("reg", "generic-registration", "carrier.example"), row("ip", "generic-static", "192.0.2.1"),
		row("tel050", "generic-050", "c2.example"))
	ids := []string{"tel050", "reg", "nobody", "ip"}
	if got := strings.Join(s.Order(ids, false, s.now), " "); got != "ip tel050 reg nobody" {
		t.Errorf("order: %s", got)
	}
	for range 2 {
		s.answer(s.task(sip.REGISTER), 200)
	}
	if got := strings.Join(s.Order(ids, false, s.now), " "); got != "tel050 reg ip nobody" {
		t.Errorf("order when all are up: %s", got)
	}
	if got := strings.Join(s.Order(ids, true, s.now), " "); got != "reg ip tel050 nobody" {
		t.Errorf("order for an emergency: %s", got)
	}
}

// TestSilence notes a call without any response: the line is the last to be
// tried for SilentLife, or until one has a response, and both are on record.
func TestSilence(t *testing.T) {
	a, b := row("a", "generic-static", "192.0.2.1"), row("b", "generic-static", "192.0.2.2")
	s := newSite(t, a, b)
	order := func() string { return strings.Join(s.Order([]string{"a", "b"}, true, s.now), " ") }
	s.Due(s.now)
	s.ledger.take()
	s.Heard("a", s.now)
	s.Silent("a", s.now)
	if got := order(); got != "b a" {
		t.Errorf("order after silence: %s", got)
	}
	s.Heard("a", s.now)
	if got := order(); got != "a b" {
		t.Errorf("order after a response: %s", got)
	}
	s.Silent("a", s.now)
	s.now = s.now.Add(SilentLife)
	s.Due(s.now)
	if got := order(); got != "a b" {
		t.Errorf("order after %s: %s", SilentLife, got)
	}
	if got := s.ledger.take(); got != "line.down line.up line.down line.up" {
		t.Errorf("record: %s", got)
	}
}

func TestWarnings(t *testing.T) {
	nameless := row("a", "generic-050", "c.example")
	nameless.Numbers = nil
	s := newSite(t, nameless)
	want := "[{a " + WarnNoEmergency + "} {a " + WarnNoNumber + "} { " + WarnNoLineEmergency + "}]"
	if got := fmt.Sprint(s.Warnings()); got != want {
		t.Errorf("warnings: %s", got)
	}
	one := row("b", "hikari-hgw", "192.168.1.1")
	one.Channels = 0
	s = newSite(t, one)
	if got := fmt.Sprint(s.Warnings()); got != "[{b "+WarnOneChannel+"}]" {
		t.Errorf("warnings: %s", got)
	}
}

func TestCallback(t *testing.T) {
	s := newSite(t, row("a", "generic-static", "192.0.2.1"))
	want := func(after time.Duration, want ...string) {
		t.Helper()
		if got, may := s.Callbacks("a", s.now.Add(after)); !slices.Equal(got, want) || may != (len(want) > 0) {
			t.Errorf("after %s: %q, want %q", after, got, want)
		}
	}
	want(0)
	s.EmergencyCalled("a", "203", false, s.now)
	s.EmergencyCalled("a", "", true, s.now.Add(time.Second)) // another site's phone, whose number nobody knows
	want(CallbackLife, "203")
	s.EmergencyCalled("a", "301", true, s.now.Add(2*time.Second))
	s.EmergencyCalled("a", "302", true, s.now.Add(3*time.Second))
	want(CallbackLife, "302", "203")
	s.EmergencyCalled("a", "202", false, s.now.Add(4*time.Second))
	want(CallbackLife, "202", "302")
	want(CallbackLife+4*time.Second, "202")
	want(CallbackLife + 5*time.Second)
	s.EmergencyCalled("a", "", true, s.now.Add(5*time.Second)) // now nobody else has
	if got, may := s.Callbacks("a", s.now.Add(CallbackLife+5*time.Second)); !may || len(got) > 0 {
		t.Errorf("who is not known may be called back: %t, as %q", may, got)
	}
	want(CallbackLife + 6*time.Second)
	if s.SiteCallsBack("192.0.2.1", "202", s.now) {
		t.Error("a carrier is a site")
	}
}
