package sip_test

import (
	"bytes"
	"strings"
)

// variant is one way to spell, stretch or break the ordinary INVITE.
type variant struct {
	name       string
	old, fresh string // replaced once; old "" puts fresh in front of Content-Type
}

const (
	vVia     = "SIP/2.0/UDP 192.0.2.10:5060;branch=z9hG4bK776asdhds;rport"
	vFrom    = "\"Tanaka\" <sip:201@pbx.example.jp>;tag=1928301774"
	vTo      = "<sip:0312345678@pbx.example.jp>"
	vContact = "<sip:201@192.0.2.10:5060;transport=udp>"
	vTarget  = "INVITE sip:0312345678@pbx.example.jp SIP/2.0"
)

// variants make messages for the differential test and seeds for the fuzzer.
var variants = []variant{
	{"ordinary", "70", "70"},
	// start line
	{"method in lower case", "INVITE sip", "invite sip"},
	{"version in lower case", "SIP/2.0\r\nVia", "sip/2.0\r\nVia"},
	{"two spaces", "INVITE sip", "INVITE  sip"},
	{"tab in the request line", "INVITE sip", "INVITE\tsip"},
	{"version 2.1", "SIP/2.0\r\nVia", "SIP/2.1\r\nVia"},
	{"version missing", " SIP/2.0\r\nVia", "\r\nVia"},
	{"space behind the version", "SIP/2.0\r\nVia", "SIP/2.0 \r\nVia"},
	{"empty lines before", vTarget, "\r\n\r\n" + vTarget},
	// Request-URI
	{"no user", "sip:0312345678@pbx", "sip:pbx"},
	{"empty user", "sip:0312345678@pbx", "sip:@pbx"},
	{"two ats", "sip:0312345678@pbx", "sip:0312345678@a@pbx"},
	{"escaped digits", "INVITE sip:0312345678", "INVITE sip:%30312345678"},
	{"escaped at in user", "INVITE sip:0312345678", "INVITE sip:03%40010"},
	{"escaped NUL in user", "INVITE sip:0312345678", "INVITE sip:03%00010"},
	{"escaped CRLF in user", "INVITE sip:0312345678", "INVITE sip:03%0D%0ATo"},
	{"broken escape", "INVITE sip:0312345678", "INVITE sip:03%4"},
	{"escape of no hex", "INVITE sip:0312345678", "INVITE sip:03%zz"},
	{"plain hash in user", "INVITE sip:0312345678", "INVITE sip:#7119"},
	{"escaped hash in user", "INVITE sip:0312345678", "INVITE sip:%237119"},
	{"star in user", "INVITE sip:0312345678", "INVITE sip:*010"},
	{"plus in user", "INVITE sip:0312345678", "INVITE sip:+23222123456"},
	{"semicolon in user", "INVITE sip:0312345678", "INVITE sip:0312345678;phone-context=x"},
	{"quote in user", "INVITE sip:0312345678", "INVITE sip:03\"010"},
	{"space in user", "INVITE sip:0312345678", "INVITE sip:03 010"},
	{"full-width digits in user", "INVITE sip:0312345678", "INVITE sip:０１０"},
	{"password", "INVITE sip:0312345678", "INVITE sip:201:secret"},
	{"colon twice in userinfo", "INVITE sip:0312345678", "INVITE sip:201:a:b"},
	{"scheme in upper case", "INVITE sip:", "INVITE SIP:"},
	{"no scheme", "INVITE sip:0312345678", "INVITE 0312345678"},
	{"tel target", "sip:0312345678@pbx.example.jp SIP", "tel:0312345678 SIP"},
	{"empty host", "@pbx.example.jp SIP", "@ SIP"},
	{"host with underscore", "@pbx.example.jp SIP", "@pbx_1.example.jp SIP"},
	{"host of digits", "@pbx.example.jp SIP", "@123.456 SIP"},
	{"IPv4 with leading zero", "@pbx.example.jp SIP", "@010.0.0.1 SIP"},
	{"IPv4 beyond 255", "@pbx.example.jp SIP", "@10.0.0.256 SIP"},
	{"host with dot at end", "@pbx.example.jp SIP", "@pbx.example.jp. SIP"},
	{"host with two dots", "@pbx.example.jp SIP", "@pbx..jp SIP"},
	{"IPv6 target", "@pbx.example.jp SIP", "@[2001:db8::1]:5062 SIP"},
	{"IPv6 without brackets", "@pbx.example.jp SIP", "@2001:db8::1 SIP"},
	{"IPv6 with zone", "@pbx.example.jp SIP", "@[fe80::1%25eth0] SIP"},
	{"IPv6 never closed", "@pbx.example.jp SIP", "@[2001:db8::1 SIP"},
	{"port 0", "@pbx.example.jp SIP", "@pbx.example.jp:0 SIP"},
	{"port beyond 65535", "@pbx.example.jp SIP", "@pbx.example.jp:65536 SIP"},
	{"empty port", "@pbx.example.jp SIP", "@pbx.example.jp: SIP"},
	{"port of letters", "@pbx.example.jp SIP", "@pbx.example.jp:sip SIP"},
	{"URI parameter", "@pbx.example.jp SIP", "@pbx.example.jp;user=phone SIP"},
	{"URI parameter twice", "@pbx.example.jp SIP", "@pbx.example.jp;user=phone;user=ip SIP"},
	{"URI parameter without name", "@pbx.example.jp SIP", "@pbx.example.jp;;lr SIP"},
	{"headers in target", "@pbx.example.jp SIP", "@pbx.example.jp?To=x SIP"},
	// header section
	{"space before the colon", "Max-Forwards:", "Max-Forwards :"},
	{"no space behind the colon", "Max-Forwards: ", "Max-Forwards:"},
	{"folded From", "\"Tanaka\" <", "\"Tanaka\"\r\n <"},
	{"folded to nothing", "Max-Forwards: 70", "Max-Forwards:\r\n\t70"},
	{"bare LF", "70\r\n", "70\n"},
	{"bare CR", "70\r\n", "70\rX: y\r\n"},
	{"NUL in a value", "Desk Phone", "Desk\x00Phone"},
	{"line without colon", "", "Nonsense\r\n"},
	{"header without name", "", ": value\r\n"},
	{"header name with space", "", "Bad Name: x\r\n"},
	{"unknown header", "", "X-Unknown: a,b;c\r\n"},
	{"empty header", "", "Subject:\r\n"},
	{"compact names", "Call-ID:", "i:"},
	{"names in upper case", "Call-ID:", "CALL-ID:"},
	{"first line indented", "Via: ", " Via: "},
	{"value in UTF-8", "Desk Phone", "電話機"},
	{"value in Latin-1", "Desk Phone", "T\xe9l\xe9phone"},
	{"no end of the header section", "\r\nContent-Type: application/sdp\r\nContent-Length: 4\r\n\r\nv=0\n", ""},
	// Via
	{"Via with spaces", vVia, "SIP / 2.0 / UDP 192.0.2.10 : 5060 ; branch = z9hG4bKx"},
	{"Via without branch", ";branch=z9hG4bK776asdhds", ""},
	{"Via with two branches", ";rport", ";branch=z9hG4bKb"},
	{"Via with received of a name", ";rport", ";received=example.com"},
	{"Via with rport twice", ";rport", ";rport;rport"},
	{"Via with rport empty", ";rport", ";rport="},
	{"Via with rport", ";rport", ";rport=5060"},
	{"Via with rport 99999", ";rport", ";rport=99999"},
	{"Via with port 0", "192.0.2.10:5060;branch", "192.0.2.10:0;branch"},
	{"Via without transport", "SIP/2.0/UDP", "SIP/2.0"},
	{"Via of another protocol", "SIP/2.0/UDP", "HTTP/1.1/TCP"},
	{"two Vias in a line", vVia, vVia + ", SIP/2.0/TCP a.example.com;branch=z9hG4bKb"},
	{"Via with comma at end", vVia, vVia + ","},
	{"Via missing", "Via: " + vVia + "\r\n", ""},
	// From and To
	{"From without tag", ";tag=1928301774", ""},
	{"From with two tags", ";tag=1928301774", ";tag=1;tag=2"},
	{"From with empty tag", ";tag=1928301774", ";tag="},
	{"From without brackets", vFrom, "sip:201@pbx.example.jp;tag=1"},
	{"From with comma in a token name", "\"Tanaka\" <", "Tanaka, T <"},
	{"From with escaped quote", "\"Tanaka\"", `"Ta\"naka"`},
	{"From with open quote", "\"Tanaka\"", `"Tanaka`},
	{"From with angle bracket in quotes", "\"Tanaka\"", `"<sip:0@x>"`},
	{"From in UTF-8", "\"Tanaka\"", `"田中"`},
	{"From in UTF-8 without quotes", "\"Tanaka\"", `田中`},
	{"From never closed", "201@pbx.example.jp>", "201@pbx.example.jp"},
	{"From with space in brackets", "<sip:201@", "< sip:201@"},
	{"From of tel", "sip:201@pbx.example.jp>;tag", "tel:+81312345678>;tag"},
	{"From anonymous", "\"Tanaka\" <sip:201@pbx.example.jp>", "<sip:anonymous@anonymous.invalid>"},
	{"From twice", "", "From: <sip:0@x.jp>;tag=2\r\n"},
	{"From missing", "From: " + vFrom + "\r\n", ""},
	{"two Tos in a line", "To: " + vTo, "To: " + vTo + ", <sip:1@x.jp>"},
	{"To missing", "To: " + vTo + "\r\n", ""},
	{"header parameter twice", ";tag=1928301774", ";tag=1;a=b;A=c"},
	{"header parameter quoted", ";tag=1928301774", `;tag=1;x="a;tag=2"`},
	{"header parameter without name", ";tag=1928301774", ";tag=1;=b"},
	// Contact
	{"Contact star", vContact, "*"},
	{"two Contacts", vContact, vContact + ", <sip:202@192.0.2.11>"},
	{"Contact missing", "Contact: " + vContact + "\r\n", ""},
	{"Contact of http", vContact, "<http://example.com>"},
	{"Contact with headers and no brackets", vContact, "sip:201@192.0.2.10?a=b"},
	{"Contact with comma in user", vContact, "<sip:2,01@192.0.2.10>"},
	// numbers
	{"CSeq with leading zeros", "314159 INVITE", "000314159 INVITE"},
	{"CSeq 2^31", "314159 INVITE", "2147483648 INVITE"},
	{"CSeq negative", "314159 INVITE", "-1 INVITE"},
	{"CSeq without number", "314159 INVITE", "INVITE"},
	{"CSeq of another method", "314159 INVITE", "314159 BYE"},
	{"CSeq twice", "", "CSeq: 2 INVITE\r\n"},
	{"Call-ID with space", "a84b4c76e66710@", "a84b 4c76@"},
	{"Call-ID with two ats", "a84b4c76e66710@", "a@b@"},
	{"Call-ID empty", "a84b4c76e66710@192.0.2.10", ""},
	{"Call-ID twice", "", "i: other\r\n"},
	{"Max-Forwards 256", "Max-Forwards: 70", "Max-Forwards: 256"},
	{"Max-Forwards of letters", "Max-Forwards: 70", "Max-Forwards: many"},
	{"Max-Forwards missing", "Max-Forwards: 70\r\n", ""},
	{"Max-Forwards twice", "", "Max-Forwards: 0\r\n"},
	{"Content-Length missing", "Content-Length: 4\r\n", ""},
	{"Content-Length shorter", "Content-Length: 4", "Content-Length: 2"},
	{"Content-Length longer", "Content-Length: 4", "Content-Length: 5"},
	{"Content-Length hexadecimal", "Content-Length: 4", "Content-Length: 0x4"},
	{"Content-Length with sign", "Content-Length: 4", "Content-Length: +4"},
	{"Content-Length negative", "Content-Length: 4", "Content-Length: -4"},
	{"Content-Length with space inside", "Content-Length: 4", "Content-Length: 4 4"},
	{"Content-Length twice alike", "", "Content-Length: 4\r\n"},
	{"Content-Length twice", "", "l: 2\r\n"},
	{"Content-Length and Content-Length folded", "Content-Length: 4", "Content-Length:\r\n 4"},
	// others
	{"Route without brackets", "", "Route: sip:a.example.jp;lr\r\n"},
	{"Route broken", "", "Route: <sip:a.example.jp;lr\r\n"},
	{"Record-Route empty", "", "Record-Route:\r\n"},
	{"Date of another zone", "", "Date: Fri, 01 Jan 2010 16:00:00 JST\r\n"},
	{"Expires of letters", "", "Expires: soon\r\n"},
	{"Session-Expires negative", "", "Session-Expires: -1\r\n"},
	{"Refer-To without brackets", "", "Refer-To: sip:201@x.jp?Replaces=a\r\n"},
	{
		"P-Asserted-Identity twice", "",
		"P-Asserted-Identity: <sip:1@x.jp>\r\nP-Asserted-Identity: <tel:+81312345678>\r\n",
	},
}

// bytes makes the message.
func (v variant) bytes() []byte {
	raw, ok := v.apply([]byte(strings.Replace(invite, "%s", "", 1)))
	if !ok {
		panic("variant " + v.name + " changes nothing")
	}
	return raw
}

// apply makes the change in any message that has its place.
func (v variant) apply(raw []byte) ([]byte, bool) {
	if v.old == "" {
		v.old, v.fresh = "Content-Type:", v.fresh+"Content-Type:"
	}
	return bytes.Replace(raw, []byte(v.old), []byte(v.fresh), 1), bytes.Contains(raw, []byte(v.old))
}
