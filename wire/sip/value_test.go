package sip_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/sekisho/sekisho/wire/sip"
)

func TestNameAddr(t *testing.T) {
	for _, c := range []struct{ in, out, display string }{
		{`"Tanaka \"T\" Taro" <sip:1@h>;tag=a;x`, `"Tanaka \"T\" Taro" <sip:1@h>;tag=a;x`, `Tanaka "T" Taro`},
		{`Tanaka Taro <sip:1@h>`, `"Tanaka Taro" <sip:1@h>`, "Tanaka Taro"},
		{`田中 <sip:1@h>`, `"田中" <sip:1@h>`, "田中"},
		{`caller<sip:1@h>;tag=3`, `"caller" <sip:1@h>;tag=3`, "caller"},
		{`sip:1@h;tag=3;a=b`, `<sip:1@h>;tag=3;a=b`, ""},
		{`<sip:1@h;a=b>;a=c`, `<sip:1@h;a=b>;a=c`, ""},
		{`<sip:1@h> ; tag = 3 ; q = "a;b\\"`, `<sip:1@h>;tag=3;q="a;b\\"`, ""},
		{"\"a\\\x07b\" <sip:1@h>", `"ab" <sip:1@h>`, "a\x07b"},
		{"\"\xe9\" <sip:1@h>", `<sip:1@h>`, "\xe9"},
		{`"" <tel:+8131234>`, `"" <tel:+8131234>`, ""},
	} {
		a, err := sip.ParseNameAddr([]byte(c.in))
		if err != nil {
			t.Errorf("%s: %v", c.in, err)
			continue
		}
		if got := a.String(); got != c.out {
			t.Errorf("%s is written %s, want %s", c.in, got, c.out)
		}
		if got := string(a.AppendDisplay(nil)); got != c.display {
			t.Errorf("%s has the display name %q", c.in, got)
		}
		own := a.Clone()
		if own.String() != c.out {
			t.Errorf("%s: its clone is %s", c.in, own.String())
		}
	}
	for _, bad := range []string{
		"", "<", "<>", "sip:1@h>", "<sip:1@h", `"a <sip:1@h>`, `"a"`, `"a" sip:1@h`, "a, b <sip:1@h>", "<sip:1@h>x",
		"<sip:1@h>;", "<sip:1@h>;;a", "<sip:1@h>;=b", "<sip:1@h>;a=", `<sip:1@h>;a="b`, "<sip:1@h>;a;A",
		"<sip:1@h>;tag", "<sip:1@h>;tag=", "<sip:1@h>, <sip:2@h>", "sip:1@h?a=b", "< sip:1@h>", "<<sip:1@h>>",
		"\"a\x00\" <sip:1@h>", `"a" b <sip:1@h>`, `"a\é" <sip:1@h>`,
	} {
		if a, err := sip.ParseNameAddr([]byte(bad)); err == nil {
			t.Errorf("%q was taken for %s", bad, a.String())
		}
	}
}

func TestContactParams(t *testing.T) {
	for _, c := range []struct {
		in      string
		expires string
		q       int
	}{
		{"<sip:h>", "0 false", 1000},
		{"<sip:h>;expires=60;q=0.5", "60 true", 500},
		{"<sip:h>;expires=0;q=0.123", "0 true", 123},
		{"<sip:h>;expires=280297596632815;q=1.000", "3600 true", 1000},
		{"<sip:h>;expires=soon;q=1.9", "3600 true", 1000},
		{"<sip:h>;q=0", "0 false", 0},
		{"<sip:h>;q=0.1234", "0 false", 1000},
		{"<sip:h>;q=2", "0 false", 1000},
		{"<sip:h>;q=.5", "0 false", 1000},
	} {
		a, err := sip.ParseNameAddr([]byte(c.in))
		if err != nil {
			t.Fatal(c.in, err)
		}
		n, ok := a.Expires()
		if got := fmt.Sprint(n, ok); got != c.expires || a.Q() != c.q {
			t.Errorf("%s: expires %s, q %d", c.in, got, a.Q())
		}
	}
}

func TestLists(t *testing.T) {
	m := parsed(t, with(
		"Route: <sip:a;lr>, \"b, c\" <sip:b;lr>,<sip:c,d@h;lr>;x=\"1,2\"",
		"Route: <sip:e;lr>",
		"k: path ,, GRUU",
		"Require:",
		"Reason: SIP;cause=200;text=\"Call completed, elsewhere\", Q.850 ;cause=16 ; text = \"ok\"",
		"Accept: application/sdp;level=1, text/*",
		"Event: presence;id=1",
		"x: 1800;refresher=uas",
		"RAck: 776656 1 INVITE",
		"Date: Sat, 13 Nov 2010 23:29:00 GMT",
		"Replaces: 98asjd8@h;to-tag=12;from-tag=23;early-only",
		"X-Note: one",
		"x-note: two",
	))
	routes, err := m.Routes()
	var hosts []string
	for i := range routes {
		hosts = append(hosts, string(routes[i].URI.Host))
	}
	if err != nil || strings.Join(hosts, " ") != "a b h e" {
		t.Errorf("routes %v %v", hosts, err)
	}
	var supported []string
	for v := range m.List(sip.HeaderSupported) {
		supported = append(supported, string(v))
	}
	if !slices.Equal(supported, []string{"100rel", "timer", "replaces", "path", "GRUU"}) {
		t.Errorf("supported %q", supported)
	}
	if !m.Lists(sip.HeaderSupported, "gruu") || m.Lists(sip.HeaderSupported, "gru") || m.Lists(sip.HeaderRequire, "") {
		t.Error("Lists")
	}
	if a := m.Allow(); !a.Has(sip.PRACK) || a.Has(sip.REFER) || a.Has(sip.MethodUnknown) {
		t.Errorf("allow %b", a)
	}
	cause, text, ok := m.Reason("q.850")
	if !ok || cause != 16 || string(text) != "ok" {
		t.Errorf("Q.850 %d %q %v", cause, text, ok)
	}
	if cause, text, ok = m.Reason("SIP"); !ok || cause != 200 || string(text) != "Call completed, elsewhere" {
		t.Errorf("SIP %d %q %v", cause, text, ok)
	}
	if n, who, ok := m.SessionExpires(); n != 1800 || string(who) != "uas" || !ok {
		t.Errorf("session %d %q", n, who)
	}
	if rseq, cseq, ok := m.RAck(); rseq != 776656 || cseq.Number != 1 || cseq.Method != sip.INVITE || !ok {
		t.Errorf("RAck %d %v", rseq, cseq)
	}
	if d, ok := m.Date(); !ok || d.Unix() != 1289690940 {
		t.Errorf("date %v", d)
	}
	if got := string(m.Head(sip.HeaderEvent)); got != "presence" {
		t.Errorf("event %q", got)
	}
	if tag, _ := m.FieldParams(sip.HeaderReplaces).Get("to-tag"); string(tag) != "12" ||
		string(m.Head(sip.HeaderReplaces)) != "98asjd8@h" {
		t.Errorf("replaces %q", tag)
	}
	if string(m.Named("X-NOTE")) != "one" || string(m.Named("call-id")) != "a84b4c76e66710@192.0.2.10" ||
		m.Named("none") != nil {
		t.Error("Named")
	}
	if !m.IsContentType("Application/SDP") || m.IsContentType("application/sd") || m.IsContentType("") {
		t.Error("IsContentType")
	}
}

func TestNumbers(t *testing.T) {
	for in, want := range map[string]string{
		"Expires: 60":                     "60 true",
		"Expires:":                        "3600 true",
		"Expires: soon":                   "3600 true",
		"Expires: 4294967296":             "3600 true",
		"Expires: 4294967295":             "4294967295 true",
		"Subject: no Expires":             "0 false",
		"Expires: 5 ;x":                   "5 true",
		"Expires: 5 5":                    "3600 true",
		"Expires: " + "99999999999999999": "3600 true",
	} {
		n, ok := parsed(t, with(in)).Expires()
		if got := fmt.Sprint(n, ok); got != want {
			t.Errorf("%s: %s", in, got)
		}
	}
	if n, ok := parsed(t, with("Retry-After: 18000;duration=3600")).Uint(sip.HeaderRetryAfter); n != 18000 || !ok {
		t.Error("Retry-After with a parameter", n)
	}
	if n, ok := parsed(t, with("Retry-After: 120 (I'm in a meeting)")).Uint(sip.HeaderRetryAfter); n != 120 || !ok {
		t.Error("Retry-After with a comment", n)
	}
}

func TestLookup(t *testing.T) {
	for in, want := range map[string]sip.HeaderID{
		"Via": sip.HeaderVia, "v": sip.HeaderVia, "V": sip.HeaderVia, "vIA": sip.HeaderVia, "i": sip.HeaderCallID,
		"x": sip.HeaderSessionExpires, "www-authenticate": sip.HeaderWWWAuthenticate, "f": sip.HeaderFrom,
		"P-ASSERTED-IDENTITY": sip.HeaderPAssertedIdentity, "": 0, "q": 0, "6": 0, "!": 0, "Vi": 0, "Viaa": 0,
		"Contac": 0, strings.Repeat("a", 300): 0, "\x16": 0,
	} {
		if got := sip.LookupHeader([]byte(in)); got != want {
			t.Errorf("%q is %v, want %v", in, got, want)
		}
	}
	if sip.HeaderPAssertedIdentity.String() != "P-Asserted-Identity" || sip.HeaderID(255).String() != "" {
		t.Error("String")
	}
}

func TestPrivacy(t *testing.T) {
	m := parsed(t, with("Privacy: Id; user ;critical", "Privacy: header"))
	for kind, want := range map[string]bool{
		"id": true, "user": true, "critical": true, "header": true, "none": false, "i": false, "": false,
	} {
		if m.Privacy(kind) != want {
			t.Errorf("%q is not %v", kind, want)
		}
	}
}

func TestReplaces(t *testing.T) {
	const good = "98732@sip.example.com ;from-tag=r33th4x0r;to-tag=ff87ff;early-only"
	r, ok := parsed(t, with("Replaces: "+good)).Replaces()
	if !ok || string(r.CallID) != "98732@sip.example.com" || string(r.ToTag) != "ff87ff" ||
		string(r.FromTag) != "r33th4x0r" || !r.EarlyOnly {
		t.Errorf("%+v %v", r, ok)
	}
	for _, bad := range []string{
		"", "a@b", "a@b;to-tag=1", "a@b;from-tag=1", "a b;to-tag=1;from-tag=2", ";to-tag=1;from-tag=2",
		"a@b;to-tag=1;from-tag=2;", "a@b;to-tag=1;to-tag=2;from-tag=3", "a@b;to-tag=;from-tag=2",
		"a@b;to-tag=1;from-tag=2, c@d;to-tag=1;from-tag=2",
	} {
		if r, ok := sip.ParseReplaces([]byte(bad)); ok {
			t.Errorf("%q was taken for %+v", bad, r)
		}
	}
	to, err := sip.ParseNameAddr([]byte("<sip:202@h?a=1&%52eplaces=a%40b%3Bto-tag%3D1%3Bfrom-tag%3D2>"))
	if err != nil {
		t.Fatal(err)
	}
	v, ok := to.URI.Header("Replaces")
	if r, well := sip.ParseReplaces(v); !ok || !well || string(r.CallID) != "a@b" || string(r.FromTag) != "2" {
		t.Errorf("%q %+v", v, r)
	}
	if _, ok := to.URI.Header("Route"); ok {
		t.Error("a header that is not there")
	}
}
