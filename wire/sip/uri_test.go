package sip_test

import (
	"bytes"
	"strings"
	"testing"

	"github.com/sekisho/sekisho/wire/sip"
)

// uriCases are URIs and how they are read and written again; "" stands for an error.
var uriCases = []struct {
	in, out, user, host string
	port                uint16
}{
	{in: "sip:201@pbx.example.jp", out: "sip:201@pbx.example.jp", user: "201", host: "pbx.example.jp"},
	{
		in: "SIPS:201@PBX.example.jp:5061;lr", out: "sips:201@PBX.example.jp:5061;lr", user: "201",
		host: "PBX.example.jp", port: 5061,
	},
	{in: "sip:pbx", out: "sip:pbx", host: "pbx"},
	{in: "sip:%75se%72@example.com", out: "sip:user@example.com", user: "user", host: "example.com"},
	{in: "sip:a%40b@h", out: "sip:a%40b@h", user: "a@b", host: "h"},
	{in: "sip:#7119@h", out: "sip:%237119@h", user: "#7119", host: "h"},
	{in: "sip:%e7%94%b0@h", out: "sip:%E7%94%B0@h", user: "田", host: "h"},
	{in: "sip:%00@h", out: "sip:%00@h", user: "\x00", host: "h"},
	{in: "sip:alice:secret@h", out: "sip:alice@h", user: "alice", host: "h"},
	{in: "sip:h?a=b&c=", out: "sip:h?a=b&c=", host: "h"},
	{in: "sip:[2001:0db8::0001]:5062", out: "sip:[2001:db8::1]:5062", host: "[2001:0db8::0001]", port: 5062},
	{in: "sip:[:::192.0.2.1]", out: "sip:[::c000:201]", host: "[:::192.0.2.1]"},
	{in: "sip:[::ffff:192.0.2.1]", out: "sip:[::ffff:192.0.2.1]", host: "[::ffff:192.0.2.1]"},
	{in: "sip:192.0.2.1", out: "sip:192.0.2.1", host: "192.0.2.1"},
	{
		in: "tel:+81-3-1234-5678;phone-context=x.jp", out: "tel:+81-3-1234-5678;phone-context=x.jp",
		user: "+81-3-1234-5678",
	},
	{in: "tel:#7119", out: "tel:#7119", user: "#7119"},
	{in: "urn:service:sos", out: "urn:service:sos"},

	{in: ""},
	{in: "sip:"},
	{in: "sip"},
	{in: ":"},
	{in: "1sip:h"},
	{in: "sip:@h"},
	{in: "sip:a@"},
	{in: "sip:a b@h"},
	{in: "sip:a@h;"},
	{in: "sip:a@h;;b"},
	{in: "sip:a@h;b="},
	{in: "sip:a@h;b=c;B=d"},
	{in: "sip:a@h;%62=c;b=d"},
	{in: "sip:a@h?"},
	{in: "sip:a@h?b"},
	{in: "sip:a@h?=b"},
	{in: "sip:a%4@h"},
	{in: "sip:a@h:"},
	{in: "sip:a@h:0"},
	{in: "sip:a@h:65536"},
	{in: "sip:a@h:99999999999999"},
	{in: "sip:a@-h"},
	{in: "sip:a@h-"},
	{in: "sip:a@h..j"},
	{in: "sip:a@.h"},
	{in: "sip:a@."},
	{in: "sip:a@1.2.3"},
	{in: "sip:a@1.2.3.4.5"},
	{in: "sip:a@1.2.3.04"},
	{in: "sip:a@1.2.3.256"},
	{in: "sip:a@[::1"},
	{in: "sip:a@[::1]x"},
	{in: "sip:a@[]"},
	{in: "sip:a@[:]"},
	{in: "sip:a@[1::2::3]"},
	{in: "sip:a@[1:2:3:4:5:6:7]"},
	{in: "sip:a@[1:2:3:4:5:6:7:8:9]"},
	{in: "sip:a@[1:2:3:4:5:6:7::8]"},
	{in: "sip:a@[2001:db8:::1]"},
	{in: "sip:a@[::::192.0.2.1]"},
	{in: "sip:a@[1::2:::192.0.2.1]"},
	{in: "sip:a@[12345::]"},
	{in: "sip:a@[::192.0.2]"},
	{in: "sip:a@[192.0.2.1]"},
	{in: "sip:a@[::1%25e]"},
	{in: "sip:a@h\r\nTo: x"},
	{in: "sip:a@h\x00"},
	{in: "sip:a\x00@h"},
	{in: "sip:é@h"},
	{in: "sip:a@é"},
	{in: "<sip:a@h>"},
	{in: "tel:"},
	{in: "tel:12+3"},
	{in: "tel:call me"},
	{in: "tel:1;;a"},
	{in: "x:a<b"},
	{in: "tel:123@h"},
	{in: "mailto:"},
}

func TestParseURI(t *testing.T) {
	for _, c := range uriCases {
		u, err := sip.ParseURI([]byte(c.in))
		if (err == nil) != (c.out != "") {
			t.Errorf("%q: error %v", c.in, err)
			continue
		}
		if err != nil {
			continue
		}
		if got := u.String(); got != c.out {
			t.Errorf("%q is written %q, want %q", c.in, got, c.out)
		}
		if string(u.User) != c.user || string(u.Host) != c.host || u.Port != c.port {
			t.Errorf("%q: user %q host %q port %d", c.in, u.User, u.Host, u.Port)
		}
		if want := strings.ContainsAny(c.user, "\x00"); u.UserHasControl != want {
			t.Errorf("%q: control characters %v", c.in, u.UserHasControl)
		}
	}
}

// TestURIEqual has the examples of RFC 3261 §19.1.4.
func TestURIEqual(t *testing.T) {
	for _, c := range []struct {
		a, b string
		want bool
	}{
		{"sip:%61lice@atlanta.com;transport=TCP", "sip:alice@AtLanTa.CoM;Transport=tcp", true},
		{"sip:carol@chicago.com", "sip:carol@chicago.com;newparam=5", true},
		{"sip:carol@chicago.com", "sip:carol@chicago.com;security=on", true},
		{"sip:carol@chicago.com;newparam=5", "sip:carol@chicago.com;security=on", true},
		{
			"sip:biloxi.com;transport=tcp;method=REGISTER?to=sip:bob%40biloxi.com",
			"sip:biloxi.com;method=REGISTER;transport=tcp?to=sip:bob%40biloxi.com", true,
		},
		{
			"sip:alice@atlanta.com?subject=project%20x&priority=urgent",
			"sip:alice@atlanta.com?priority=urgent&subject=project%20x", true,
		},
		{"SIP:ALICE@AtLanTa.CoM;Transport=udp", "sip:alice@AtLanTa.CoM;Transport=UDP", false},
		{"sip:bob@biloxi.com", "sip:bob@biloxi.com:5060", false},
		{"sip:bob@biloxi.com", "sip:bob@biloxi.com;transport=udp", false},
		{"sip:bob@biloxi.com", "sip:bob@biloxi.com:6000;transport=tcp", false},
		{"sip:carol@chicago.com", "sip:carol@chicago.com?Subject=next%20meeting", false},
		{"sip:bob@phone21.boxesbybob.com", "sip:bob@192.0.2.4", false},
		{"sip:carol@chicago.com;security=on", "sip:carol@chicago.com;security=off", false},
		{"sip:a@h", "sips:a@h", false},
		{"sip:a@[2001:db8::1]", "sip:a@[2001:0DB8:0::1]", true},
		{"sip:a:x@h", "sip:a:y@h", false},
		{"sip:h", "sip:a@h", false},
		{"sip:null-%00-null@h", "sip:null-%00-nul@h", false},
		{"tel:+1-201-555-0123", "tel:+12015550123", true},
		{"tel:+12015550123;ext=1", "tel:+12015550123", false},
		{"urn:service:sos", "URN:service:sos", true},
	} {
		a, errA := sip.ParseURI([]byte(c.a))
		b, errB := sip.ParseURI([]byte(c.b))
		if errA != nil || errB != nil {
			t.Fatal(c.a, errA, c.b, errB)
		}
		if a.Equal(&b) != c.want || b.Equal(&a) != c.want {
			t.Errorf("%s and %s: want %v", c.a, c.b, c.want)
		}
	}
}

func TestURIParams(t *testing.T) {
	u, err := sip.ParseURI([]byte("sip:h;%6C%72;n%61me=v%61lue%25%34%31"))
	if err != nil {
		t.Fatal(err)
	}
	if !u.Params.Has("lr") || u.Params.Has("ob") {
		t.Error("%6C%72 is lr")
	}
	if v, ok := u.Params.Get("NAME"); !ok || string(sip.AppendUnescaped(nil, v)) != "value%41" {
		t.Errorf("name=%q", v)
	}
	p := sip.AppendURIParam(sip.AppendURIParam(nil, "user", "phone"), "x", "a;b\r\n")
	if string(p) != ";user=phone;x=a%3Bb%0D%0A" {
		t.Errorf("%q", p)
	}
}

// TestURIBuilt: what is built by hand is written safely or not at all.
func TestURIBuilt(t *testing.T) {
	u := sip.URI{Scheme: sip.SchemeSIP, User: []byte("a\r\nb@c"), Host: []byte("h"), Port: 5060}
	if got := u.String(); got != "sip:a%0D%0Ab%40c@h:5060" {
		t.Errorf("%q", got)
	}
	for _, bad := range []sip.URI{
		{},
		{Scheme: sip.SchemeSIP},
		{Scheme: sip.SchemeSIP, Host: []byte("h\r\nX: y")},
		{Scheme: sip.SchemeSIP, Host: []byte("h;lr")},
		{Scheme: sip.SchemeSIP, Host: []byte("h"), Params: sip.URIParams(";a\r\n")},
		{Scheme: sip.SchemeSIP, Host: []byte("h"), Params: sip.URIParams("?a=b")},
		{Scheme: sip.SchemeSIP, Host: []byte("h"), Headers: []byte("a b")},
		{Scheme: sip.SchemeTel, User: []byte("12;a=b")},
		{Scheme: sip.SchemeTel, User: []byte("1\n2")},
		{SchemeText: []byte("sip"), Opaque: []byte("h")},
		{SchemeText: []byte("x"), Opaque: []byte("a b")},
	} {
		before := []byte("before")
		after, err := bad.Append(before)
		if err == nil || !bytes.Equal(after, before) {
			t.Errorf("%+v was written as %q", bad, after)
		}
	}
}

func TestHostAddr(t *testing.T) {
	for in, want := range map[string]string{
		"192.0.2.1": "192.0.2.1", "[2001:DB8::1]": "2001:db8::1", "[::ffff:10.0.0.1]": "10.0.0.1",
		"[::]": "::", "[::1]": "::1", "[1::]": "1::", "[1:2:3:4:5:6:7::]": "1:2:3:4:5:6:7:0",
		"[1:2:3:4:5:6:1.2.3.4]": "1:2:3:4:5:6:102:304",
	} {
		if a, ok := sip.HostAddr([]byte(in)); !ok || a.String() != want {
			t.Errorf("%s is %v", in, a)
		}
	}
	for _, in := range []string{"", "h", "1.2.3", "::1", "[fe80::1%1]", "1.2.3.4.", "0x7f.1"} {
		if a, ok := sip.HostAddr([]byte(in)); ok {
			t.Errorf("%q is %v", in, a)
		}
	}
}
