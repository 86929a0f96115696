package sip_test

import (
	"strings"
	"testing"

	"github.com/sekisho/sekisho/wire/sip"
)

// ruling is a message, rules, and the answer they give.
type ruling struct {
	name   string
	raw    []byte
	rules  *sip.Rules
	want   int
	phrase string
	header string // an answer's header field, as "Name: value"
}

// rulings has one message for each answer that RFC 4475 and the variants don't ask for.
func rulings(t *testing.T) []ruling {
	small := ordinary
	small.MaxBody, small.MaxMessage = 3, 0
	short := ordinary
	short.MaxMessage = 100
	needs := ordinary
	needs.Needs = []string{"gruu"}
	agreed := ordinary
	agreed.SecurityServer = "tls;q=0.2"
	strict := ordinary
	strict.RefuseRFC2543 = true
	secure := ordinary
	secure.SIPS, secure.Tel = true, true
	less := ordinary
	less.Methods = sip.Methods(sip.ACK, sip.BYE)
	return []ruling{
		{"fine", with(), &ordinary, fine, "", ""},
		{"405", with(), &less, 405, "Method Not Allowed", "Allow: ACK, BYE"},
		{"413", with(), &small, 413, "Request Entity Too Large", ""},
		{"513", with(), &short, 513, "Message Too Large", ""},
		{"414", swap(t, "sip:0312345678@", "sip:"+strings.Repeat("0", 3000)+"@"), &ordinary, 414, "", ""},
		{"415 by encoding", with("Content-Encoding: gzip"), &ordinary, 415, "", "Accept-Encoding: identity"},
		{"415 by type", swap(t, "application/sdp", "text/plain"), &ordinary, 415, "", "Accept: application/sdp"},
		{"optional body", swap(t, "Content-Type: application/sdp", "Content-Type: text/plain\r\n"+
			"Content-Disposition: render;handling=optional"), &ordinary, fine, "", ""},
		{"416 sips", swap(t, "INVITE sip:", "INVITE sips:"), &ordinary, 416, "", ""},
		{"sips", swap(t, "INVITE sip:", "INVITE sips:"), &secure, fine, "", ""},
		{"416 tel", swap(t, vTarget, "INVITE tel:110 SIP/2.0"), &ordinary, 416, "", ""},
		{"tel", swap(t, vTarget, "INVITE tel:110 SIP/2.0"), &secure, fine, "", ""},
		{"420", with("Require: 100rel, foo", "Require: bar"), &ordinary, 420, "", "Unsupported: foo, bar"},
		{"400 Require", with("Require: a b"), &ordinary, 400, "Malformed Require", ""},
		{"421", with(), &needs, 421, "Extension Required", "Require: gruu"},
		{"not 421", with("Supported: gruu"), &needs, fine, "", ""},
		{"483", swap(t, "Max-Forwards: 70", "Max-Forwards: 0"), &ordinary, 483, "Too Many Hops", ""},
		{"483 not inside a dialog", swap(t, "jp>\r\nCall-ID", "jp>;tag=2\r\nCall-ID"), &ordinary, fine, "", ""},
		{"493", swap(t, "application/sdp", "application/pkcs7-mime"), &ordinary, 493, "Undecipherable", ""},
		{"494", with(), &agreed, 494, "Security Agreement Required", "Security-Server: tls;q=0.2"},
		{"not 494", with("Security-Client: tls"), &agreed, fine, "", ""},
		{"505", swap(t, "SIP/2.0\r\nVia", "SIP/3.0\r\nVia"), &ordinary, 505, "Version Not Supported", ""},
		{"406", with("Accept: text/html"), &ordinary, 406, "Not Acceptable", "Accept: application/sdp"},
		{"406 for none", with("Accept:"), &ordinary, 406, "", ""},
		{"Accept all", with("Accept: */*"), &ordinary, fine, "", ""},
		{"Accept some", with("Accept: application/*;q=0.1"), &ordinary, fine, "", ""},
		{"no cookie", swap(t, "branch=z9hG4bK776asdhds", "branch=1"), &ordinary, fine, "", ""},
		{"no cookie refused", swap(t, "branch=z9hG4bK776asdhds", "branch=1"), &strict, 400, "Missing Branch", ""},
		{
			"broken ACK", []byte(strings.ReplaceAll(string(swap(t, vFrom, "x")), "INVITE", "ACK")), &ordinary, dropped,
			"Malformed From", "",
		},
		{
			"PRACK without RAck", []byte(strings.ReplaceAll(string(with()), "INVITE", "PRACK")), &ordinary, 400,
			"Malformed RAck", "",
		},
	}
}

func TestValidate(t *testing.T) {
	for _, c := range rulings(t) {
		m := parsed(t, c.raw)
		status, phrase := outcome(c.raw, m, c.rules)
		if status != c.want || c.phrase != "" && phrase != c.phrase {
			t.Errorf("%s: %d %q", c.name, status, phrase)
			continue
		}
		if c.header == "" {
			continue
		}
		found := false
		for _, h := range sip.Validate(m, c.rules).Headers {
			found = found || h.ID.String()+": "+h.Value == c.header
		}
		if !found {
			t.Errorf("%s: no %q in %v", c.name, c.header, sip.Validate(m, c.rules).Headers)
		}
	}
}

// TestPhrases: every phrase is plain ASCII and fits a line.
func TestPhrases(t *testing.T) {
	for status := 100; status < 700; status++ {
		p := sip.StatusPhrase(status)
		if p == "" || len(p) > sip.MaxPhrase {
			t.Errorf("%d: %q", status, p)
		}
		for _, c := range []byte(p) {
			if c < ' ' || c > '~' {
				t.Errorf("%d: %q", status, p)
			}
		}
	}
}

// TestLimits reaches every limit of a message, from both sides.
func TestLimits(t *testing.T) {
	many := func(line string, n int) []string {
		var lines []string
		for range n {
			lines = append(lines, line)
		}
		return lines
	}
	const ordinaryFields = 12
	long := func(n int) string { return "X-Long: " + strings.Repeat("a", n-len("X-Long: ")) }
	params := func(n int) string {
		var b strings.Builder
		for i := range n {
			b.WriteString(";p")
			b.WriteString(strings.Repeat("x", i))
		}
		return b.String()
	}
	for _, c := range []struct {
		name string
		raw  []byte
		want int
	}{
		{"MaxFields", with(many("Z: y", sip.MaxFields-ordinaryFields)...), fine},
		{"more fields", with(many("Z: y", sip.MaxFields-ordinaryFields+1)...), 400},
		{"MaxFieldLine", with(long(sip.MaxFieldLine)), fine},
		{"a longer line", with(long(sip.MaxFieldLine + 1)), 400},
		{"a longer folded line", with(long(sip.MaxFieldLine) + "\r\n a"), 400},
		{"MaxVias", with(many("Via: "+vVia, sip.MaxVias-1)...), fine},
		{"more Vias", with(many("Via: "+vVia, sip.MaxVias)...), 400},
		{"MaxAddrs", with(many("Route: <sip:a;lr>", sip.MaxAddrs)...), fine},
		{"more routes", with(many("Route: <sip:a;lr>", sip.MaxAddrs+1)...), 400},
		{"MaxParams", with("Route: <sip:a>" + params(sip.MaxParams)), fine},
		{"more parameters", with("Route: <sip:a>" + params(sip.MaxParams+1)), 400},
		{"MaxParams of a URI", with("Route: <sip:a" + params(sip.MaxParams) + ">"), fine},
		{"more parameters of a URI", with("Route: <sip:a" + params(sip.MaxParams+1) + ">"), 400},
	} {
		if status, phrase := outcome(c.raw, new(sip.Message), &ordinary); status != c.want {
			t.Errorf("%s: %d %q", c.name, status, phrase)
		}
	}
	if err := sip.Parse(make([]byte, sip.MaxMessage+1), new(sip.Message)); err != sip.ErrTooLong {
		t.Error(err)
	}
	whole := append(swap(t, "Content-Length: 4\r\n", ""), make([]byte, sip.MaxMessage)...)[:sip.MaxMessage]
	if m := parsed(t, whole); len(m.Bytes()) != sip.MaxMessage || m.Surplus() != 0 {
		t.Error("the longest message", len(m.Bytes()))
	}
}

func TestNotSIP(t *testing.T) {
	for in, want := range map[string]error{
		"": sip.ErrKeepAlive, "\r\n\r\n": sip.ErrKeepAlive, "\r\n": sip.ErrKeepAlive, "\n": sip.ErrKeepAlive,
		"\x00\x01\x00\x00!\x12\xa4B": sip.ErrNotSIP, "GET / HTTP/1.1\r\n\r\n": sip.ErrNotSIP, "x": sip.ErrNotSIP,
		"SIP/2.0": sip.ErrNotSIP, "INVITE sip:a": sip.ErrNotSIP, "INVITE  SIP/2.0": nil, " SIP/2.0": sip.ErrNotSIP,
		"SIP/2.x 200 OK\r\n\r\n": sip.ErrNotSIP, "INVITE sip:a SIP/2.\r\n\r\n": sip.ErrNotSIP,
		"jaK\r\n\r\n": sip.ErrNotSIP,
	} {
		var m sip.Message
		if err := sip.Parse([]byte(in), &m); err != want {
			t.Errorf("%q: %v", in, err)
		}
		// And a second time into the same message, which must not remember the first.
		if err := sip.Parse(with(), &m); err != nil || sip.Validate(&m, &ordinary) != nil {
			t.Errorf("after %q: %v", in, err)
		}
	}
}
