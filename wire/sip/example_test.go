package sip_test

import (
	"fmt"
	"net/netip"
	"strings"

	"github.com/sekisho/sekisho/wire/sip"
)

// A datagram is parsed, judged, read and answered.
func Example() {
	datagram := []byte("OPTIONS sip:pbx.example.jp SIP/2.0\r\n" +
		"Via: SIP/2.0/UDP 192.0.2.10;rport;branch=z9hG4bK1\r\n" +
		"From: <sip:201@pbx.example.jp>;tag=a\r\n" +
		"To: <sip:pbx.example.jp>\r\n" +
		"Call-ID: 1@192.0.2.10\r\n" +
		"CSeq: 7 OPTIONS\r\n" +
		"\r\n")
	var m sip.Message
	if err := sip.Parse(datagram, &m); err != nil {
		return // nothing that looks like SIP
	}
	status, phrase := 200, ""
	rules := sip.Rules{Methods: sip.Methods(sip.OPTIONS)}
	answer := sip.Validate(&m, &rules)
	if answer != nil {
		if answer.Dropped() {
			return
		}
		status, phrase = answer.Status, answer.Phrase
	}
	fmt.Printf("%s from %s\n", m.Method(), m.From().URI.User)

	var b sip.Builder
	b.Reset(make([]byte, 0, 1500))
	b.Response(&m, status, phrase, []byte("ours"), netip.MustParseAddrPort("192.0.2.10:5060"))
	if answer != nil {
		b.Answer(answer)
	}
	b.Allow(rules.Methods)
	out, err := b.Finish("", nil)
	if err != nil {
		return
	}
	fmt.Print(strings.ReplaceAll(string(out), "\r\n", "\n"))
	// Output:
	// OPTIONS from 201
	// SIP/2.0 200 OK
	// Via: SIP/2.0/UDP 192.0.2.10;branch=z9hG4bK1;received=192.0.2.10;rport=5060
	// From: <sip:201@pbx.example.jp>;tag=a
	// To: <sip:pbx.example.jp>;tag=ours
	// Call-ID: 1@192.0.2.10
	// CSeq: 7 OPTIONS
	// Allow: OPTIONS
	// Content-Length: 0
}

// A wrong message names the answer it is owed.
func ExampleValidate() {
	datagram := []byte("INVITE sip:010@pbx.example.jp SIP/2.0\r\n" +
		"Via: SIP/2.0/UDP 192.0.2.10;branch=z9hG4bK1\r\n" +
		"From: \"Tanaka <sip:201@pbx.example.jp>;tag=a\r\n" +
		"To: <sip:010@pbx.example.jp>\r\n" +
		"Call-ID: 1@192.0.2.10\r\n" +
		"CSeq: 7 INVITE\r\n" +
		"\r\n")
	var m sip.Message
	if err := sip.Parse(datagram, &m); err != nil {
		return
	}
	a := sip.Validate(&m, &sip.Rules{Methods: sip.Methods(sip.INVITE)})
	fmt.Println(a.Status, a.Phrase)
	// Output: 400 Malformed From
}

// The user part is kept as received, and as it reads.
func ExampleParseURI() {
	u, err := sip.ParseURI([]byte("sip:%2A010%3232@PBX.example.jp;user=phone"))
	if err != nil {
		return
	}
	fmt.Printf("%s %s %s\n", u.RawUser, u.User, u.String())
	// Output: %2A010%3232 *010232 sip:*010232@PBX.example.jp;user=phone
}

// A Framer is fed whatever a connection yields.
func ExampleFramer() {
	var f sip.Framer
	for _, piece := range []string{"\r\n\r\nBYE sip:a SIP/2.0\r\nl", ": 3\r\n\r\nabcOPT"} {
		f.Filled(copy(f.Space(), piece)) // as by conn.Read(f.Space())
		for {
			frame, b, err := f.Next()
			if err != nil || frame == sip.FrameNone {
				break
			}
			fmt.Println(frame == sip.FramePing, len(b))
		}
	}
	// Output:
	// true 0
	// false 30
}
