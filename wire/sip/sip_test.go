package sip_test

import (
	"net/netip"
	"strings"
	"testing"

	"github.com/sekisho/sekisho/wire/sip"
)

var source = netip.MustParseAddrPort("192.0.2.99:5999")

// invite is an ordinary INVITE; %s stands for lines to add.
const invite = "INVITE sip:0312345678@pbx.example.jp SIP/2.0\r\n" +
	"Via: SIP/2.0/UDP 192.0.2.10:5060;branch=z9hG4bK776asdhds;rport\r\n" +
	"Max-Forwards: 70\r\n" +
	"From: \"Tanaka\" <sip:201@pbx.example.jp>;tag=1928301774\r\n" +
	"To: <sip:0312345678@pbx.example.jp>\r\n" +
	"Call-ID: a84b4c76e66710@192.0.2.10\r\n" +
	"CSeq: 314159 INVITE\r\n" +
	"Contact: <sip:201@192.0.2.10:5060;transport=udp>\r\n" +
	"Allow: INVITE, ACK, CANCEL, BYE, OPTIONS, PRACK, UPDATE\r\n" +
	"Supported: 100rel, timer, replaces\r\n" +
	"User-Agent: Desk Phone 1.2\r\n" +
	"%s" +
	"Content-Type: application/sdp\r\n" +
	"Content-Length: 4\r\n" +
	"\r\n" +
	"v=0\n"

// with gives the INVITE with lines added, in CRLF.
func with(lines ...string) []byte {
	var extra strings.Builder
	for _, l := range lines {
		extra.WriteString(l + "\r\n")
	}
	return []byte(strings.Replace(invite, "%s", extra.String(), 1))
}

// swap gives the INVITE with one piece replaced.
func swap(t testing.TB, old, fresh string) []byte {
	t.Helper()
	s := string(with())
	if !strings.Contains(s, old) {
		t.Fatalf("no %q in the message", old)
	}
	return []byte(strings.Replace(s, old, fresh, 1))
}

// parsed parses or ends the test.
func parsed(t testing.TB, raw []byte) *sip.Message {
	t.Helper()
	m := new(sip.Message)
	if err := sip.Parse(raw, m); err != nil {
		t.Fatalf("%v in:\n%s", err, raw)
	}
	return m
}
