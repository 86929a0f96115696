package sip_test

import (
	"bytes"
	"errors"
	"net/netip"
	"strings"
	"testing"

	"github.com/sekisho/sekisho/wire/sip"
)

func TestBuildRequest(t *testing.T) {
	target, err := sip.ParseURI([]byte("sip:0312345678@carrier.example.jp;user=phone"))
	if err != nil {
		t.Fatal(err)
	}
	from, _ := sip.ParseNameAddr([]byte("田中 <sip:0398765432@example.jp>;tag=f1"))
	to, _ := sip.ParseNameAddr([]byte("<sip:0312345678@carrier.example.jp>"))
	var b sip.Builder
	b.Reset([]byte("kept"))
	b.Request(sip.INVITE, &target)
	b.Via("UDP", "[2001:db8::5]:5060", []byte("z9hG4bKabc"))
	b.Uint(sip.HeaderMaxForwards, 69)
	b.Addr(sip.HeaderFrom, &from)
	b.Addr(sip.HeaderTo, &to)
	b.Text(sip.HeaderCallID, "c1")
	b.CSeq(1, sip.INVITE)
	b.Bytes(sip.HeaderContact, []byte("<sip:gw@192.0.2.5>"))
	b.Allow(sip.Methods(sip.INVITE, sip.BYE))
	b.Reason("Q.850", 16, "say \"done\"\r\nX: y")
	b.Named("X-Unit", "a")
	b.Line("X-Line: a", "b", "c")
	out, err := b.Finish("application/sdp", []byte("v=0\r\n"))
	if err != nil {
		t.Fatal(err)
	}
	want := "keptINVITE sip:0312345678@carrier.example.jp;user=phone SIP/2.0\r\n" +
		"Via: SIP/2.0/UDP [2001:db8::5]:5060;rport;branch=z9hG4bKabc\r\n" +
		"Max-Forwards: 69\r\n" +
		"From: \"田中\" <sip:0398765432@example.jp>;tag=f1\r\n" +
		"To: <sip:0312345678@carrier.example.jp>\r\n" +
		"Call-ID: c1\r\n" +
		"CSeq: 1 INVITE\r\n" +
		"Contact: <sip:gw@192.0.2.5>\r\n" +
		"Allow: INVITE, BYE\r\n" +
		"Reason: Q.850;cause=16;text=\"say \\\"done\\\"X: y\"\r\n" +
		"X-Unit: a\r\nX-Line: abc\r\n" +
		"Content-Type: application/sdp\r\n" +
		"Content-Length: 5\r\n" +
		"\r\n" +
		"v=0\r\n"
	if string(out) != want {
		t.Errorf("got\n%s\nwant\n%s", out, want)
	}
	if status, phrase := outcome(out[len("kept"):], new(sip.Message), &ordinary); status != fine {
		t.Errorf("our own INVITE: %d %s", status, phrase)
	}
}

// TestInjection: nothing that a value holds begins a new line, whichever way it is written.
func TestInjection(t *testing.T) {
	const evil = "x\r\nVia: SIP/2.0/UDP evil;branch=z9hG4bKe\r\n"
	home := sip.URI{Scheme: sip.SchemeSIP, Host: []byte("h")}
	uri := sip.URI{Scheme: sip.SchemeSIP, User: []byte("1"), Host: []byte(evil)}
	for name, write := range map[string]func(*sip.Builder){
		"Text":        func(b *sip.Builder) { b.Text(sip.HeaderSubject, evil) },
		"Bytes":       func(b *sip.Builder) { b.Bytes(sip.HeaderSubject, []byte(evil)) },
		"Bytes of LF": func(b *sip.Builder) { b.Bytes(sip.HeaderSubject, []byte("a\nb")) },
		"Bytes of 0":  func(b *sip.Builder) { b.Bytes(sip.HeaderSubject, []byte("a\x00b")) },
		"Named":       func(b *sip.Builder) { b.Named("X-A", evil) },
		"name":        func(b *sip.Builder) { b.Named(evil, "a") },
		"known name":  func(b *sip.Builder) { b.Named("v", "a") },
		"Line":        func(b *sip.Builder) { b.Line("X-A: a", evil, "c") },
		"its name":    func(b *sip.Builder) { b.Line("X A: a", "", "") },
		"no name":     func(b *sip.Builder) { b.Line("a", "", "") },
		"unknown ID":  func(b *sip.Builder) { b.Text(sip.HeaderUnknown, "a") },
		"branch":      func(b *sip.Builder) { b.Via("UDP", "h", []byte(evil)) },
		"sent-by":     func(b *sip.Builder) { b.Via("UDP", evil, []byte("a")) },
		"transport":   func(b *sip.Builder) { b.Via(evil, "h", []byte("a")) },
		"target":      func(b *sip.Builder) { b.Request(sip.INVITE, &uri) },
		"method":      func(b *sip.Builder) { b.Request(sip.MethodUnknown, &sip.URI{}) },
		"address":     func(b *sip.Builder) { b.Addr(sip.HeaderTo, &sip.NameAddr{URI: uri}) },
		"tag": func(b *sip.Builder) {
			b.Addr(sip.HeaderTo, &sip.NameAddr{URI: home, Tag: []byte(evil)})
		},
		"parameters": func(b *sip.Builder) {
			b.Addr(sip.HeaderTo, &sip.NameAddr{URI: home, Params: sip.Params(";" + evil)})
		},
		"phrase":       func(b *sip.Builder) { b.Status(200, evil) },
		"status":       func(b *sip.Builder) { b.Status(99, "") },
		"no echo":      func(b *sip.Builder) { b.Respond(new(sip.Echo), 180, "", nil) },
		"protocol":     func(b *sip.Builder) { b.Reason(evil, 1, "") },
		"CSeq":         func(b *sip.Builder) { b.CSeq(1<<31, sip.INVITE) },
		"content type": func(b *sip.Builder) { _, _ = b.Finish("a/b\r\nX: y", nil) },
		"to tag": func(b *sip.Builder) {
			b.Response(parsed(t, with()), 180, "", []byte(evil), netip.AddrPort{})
		},
		"to tag later": func(b *sip.Builder) {
			e := sip.NewEcho(nil, parsed(t, with()), netip.AddrPort{})
			b.Respond(&e, 180, "", []byte(evil))
		},
	} {
		var b sip.Builder
		b.Reset(nil)
		write(&b)
		out, err := b.Finish("", nil)
		if err == nil || b.Err() == nil {
			t.Errorf("%s: no error", name)
		}
		if bytes.Contains(out, []byte("\nVia: SIP/2.0/UDP evil")) {
			t.Errorf("%s: a line was injected:\n%s", name, out)
		}
	}
	// What is decoded from escapes and quotes goes out escaped and without control characters.
	m := parsed(t, swap(t, vFrom, "\"a\\\x07\\\x0bb\" <sip:%0d%0aVia%3a%20x@h>;tag=1"))
	if got := m.From().String(); got != `"ab" <sip:%0D%0AVia%3A%20x@h>;tag=1` {
		t.Errorf("From is written %s", got)
	}
}

func TestFinishTooLong(t *testing.T) {
	var b sip.Builder
	b.Reset(nil)
	b.Status(200, "")
	if _, err := b.Finish("", make([]byte, sip.MaxMessage)); !errors.Is(err, sip.ErrTooLong) {
		t.Error(err)
	}
}

func TestResponse(t *testing.T) {
	raw := with("Via: SIP/2.0/TCP other.example.jp;branch=z9hG4bK2", "Record-Route: <sip:p1;lr>, <sip:p2;lr>",
		"Record-Route: <sip:p3;lr>", "Timestamp: 54")
	m := parsed(t, raw)
	respond := func(status int, tag string, from netip.AddrPort) string {
		var b sip.Builder
		b.Reset(nil)
		b.Response(m, status, "", []byte(tag), from)
		out, err := b.Finish("", nil)
		if err != nil {
			t.Fatal(err)
		}
		if later := echoed(t, m, status, tag, from); later != string(out) {
			t.Errorf("when the request is gone\n%swant\n%s", later, out)
		}
		return string(out)
	}
	common := "SIP/2.0/UDP 192.0.2.10:5060;branch=z9hG4bK776asdhds"
	want := "SIP/2.0 180 Ringing\r\n" +
		"Via: " + common + ";received=192.0.2.99;rport=5999\r\n" +
		"Via: SIP/2.0/TCP other.example.jp;branch=z9hG4bK2\r\n" +
		"From: " + vFrom + "\r\n" +
		"To: " + vTo + ";tag=ours\r\n" +
		"Call-ID: a84b4c76e66710@192.0.2.10\r\n" +
		"CSeq: 314159 INVITE\r\n" +
		"Record-Route: <sip:p1;lr>, <sip:p2;lr>\r\n" +
		"Record-Route: <sip:p3;lr>\r\n" +
		"Content-Length: 0\r\n\r\n"
	if got := respond(180, "ours", source); got != want {
		t.Errorf("got\n%swant\n%s", got, want)
	}
	if got := respond(100, "ours", source); strings.Contains(got, "tag=ours") || strings.Contains(got, "Record") ||
		!strings.Contains(got, "Timestamp: 54\r\n") {
		t.Errorf("a 100:\n%s", got)
	}
	if got := respond(486, "ours", source); strings.Contains(got, "Record") || strings.Contains(got, "Timestamp") {
		t.Errorf("a 486:\n%s", got)
	}
	if got := respond(200, "", netip.AddrPort{}); !strings.Contains(got, "Via: "+common+";rport\r\n") {
		t.Errorf("without source:\n%s", got)
	}
	six := netip.MustParseAddrPort("[2001:db8::1%eth0]:5060")
	if got := respond(200, "", six); !strings.Contains(got, common+";received=2001:db8::1;rport=5060\r\n") {
		t.Errorf("from IPv6:\n%s", got)
	}
	// Without rport, received only where sent-by is something else (RFC 3261 §18.2.1).
	m = parsed(t, swap(t, ";rport", ""))
	if got := respond(200, "", netip.MustParseAddrPort("192.0.2.10:9")); !strings.Contains(got, common+"\r\n") {
		t.Errorf("from sent-by:\n%s", got)
	}
	if got := respond(200, "", source); !strings.Contains(got, common+";received=192.0.2.99\r\n") {
		t.Errorf("from elsewhere:\n%s", got)
	}
	// A forged received does not survive, and a To that has a tag keeps it.
	m = parsed(t, swap(t, ";rport", ";received=203.0.113.1;rport=1;ttl=3"))
	if got := respond(200, "", source); !strings.Contains(got, common+";ttl=3;received=192.0.2.99;rport=5999\r\n") {
		t.Errorf("forged:\n%s", got)
	}
	m = parsed(t, swap(t, "jp>\r\nCall-ID", "jp>;tag=theirs\r\nCall-ID"))
	if got := respond(200, "ours", source); !strings.Contains(got, ";tag=theirs\r\n") {
		t.Errorf("tag:\n%s", got)
	}
	// Two values in one line.
	m = parsed(t, swap(t, vVia, vVia+" , SIP/2.0/TCP b;branch=c"))
	if got := respond(200, "", source); !strings.Contains(got,
		common+";received=192.0.2.99;rport=5999 , SIP/2.0/TCP b;branch=c\r\n") {
		t.Errorf("two Vias in a line:\n%s", got)
	}
}

// echoed is the response that is written when the request is gone.
func echoed(t *testing.T, m *sip.Message, status int, tag string, from netip.AddrPort) string {
	t.Helper()
	e := sip.NewEcho([]byte("what was there"), m, from)
	var b sip.Builder
	b.Reset(nil)
	b.Respond(&e, status, "", []byte(tag))
	out, err := b.Finish("", nil)
	if err != nil {
		t.Fatal(err)
	}
	return string(out)
}

// A Timestamp that can't be copied is left out of the 100, and is no reason to
// leave a caller without the other responses.
func TestEchoWithoutTimestamp(t *testing.T) {
	m := parsed(t, []byte("INVITE sip:110@unit SIP/2.0\r\nVia: "+vVia+"\r\nTo: "+vTo+"\r\nTimestamp: 1\r2\r\n\r\n"))
	for _, status := range []int{100, 180, 200, 486} {
		if got := echoed(t, m, status, "t", netip.AddrPort{}); strings.Contains(got, "Timestamp") {
			t.Errorf("%d:\n%s", status, got)
		}
	}
}

func TestCancelAndAck(t *testing.T) {
	m := parsed(t, with("Route: <sip:p1;lr>"))
	r := parsed(t, []byte("SIP/2.0 486 Busy Here\r\nVia: "+vVia+"\r\nTo: "+vTo+";tag=busy\r\n\r\n"))
	build := func(write func(b *sip.Builder)) string {
		var b sip.Builder
		b.Reset(nil)
		write(&b)
		out, err := b.Finish("", nil)
		if err != nil {
			t.Fatal(err)
		}
		if status, phrase := outcome(bytes.Clone(out), new(sip.Message), &ordinary); status != fine {
			t.Errorf("%d %s:\n%s", status, phrase, out)
		}
		return string(out)
	}
	rest := "Max-Forwards: 70\r\nFrom: " + vFrom + "\r\nTo: " + vTo + "%\r\n" +
		"Call-ID: a84b4c76e66710@192.0.2.10\r\nCSeq: 314159 METHOD\r\nContent-Length: 0\r\n\r\n"
	head := "METHOD sip:0312345678@pbx.example.jp SIP/2.0\r\nVia: " + vVia + "\r\nRoute: <sip:p1;lr>\r\n"
	want := strings.NewReplacer("METHOD", "CANCEL", "%", "").Replace(head + rest)
	if got := build(func(b *sip.Builder) { b.Cancel(m) }); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
	want = strings.NewReplacer("METHOD", "ACK", "%", ";tag=busy").Replace(head + rest)
	if got := build(func(b *sip.Builder) { b.AckFailure(m, r) }); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

// TestClone: a clone stays what it was when the buffer is poisoned.
func TestClone(t *testing.T) {
	raw := with("Route: <sip:a;lr>\r\n ,<sip:b;lr>", "X-Note: kept")
	m := parsed(t, raw)
	want := string(m.Bytes())
	_ = m.From() // decoded values are not carried over
	c := m.Clone()
	for i := range raw {
		raw[i] = 0xDB
	}
	if string(c.Bytes()) != want || string(c.Named("x-note")) != "kept" || string(c.From().Tag) != "1928301774" ||
		string(c.RequestURI().User) != "0312345678" || string(c.Body()) != "v=0\n" {
		t.Errorf("the clone is %q", c.Bytes())
	}
	if routes, err := c.Routes(); err != nil || len(routes) != 2 {
		t.Error(routes, err)
	}
	if a := sip.Validate(c, &ordinary); a != nil {
		t.Error(a.Phrase)
	}
}
