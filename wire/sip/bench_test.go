package sip_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/sekisho/sekisho/wire/sip"
)

// register is an ordinary REGISTER with credentials.
const register = "REGISTER sip:pbx.example.jp SIP/2.0\r\n" +
	"Via: SIP/2.0/UDP 192.0.2.10:5060;branch=z9hG4bKnashds7;rport\r\n" +
	"Max-Forwards: 70\r\n" +
	"From: <sip:201@pbx.example.jp>;tag=456248\r\n" +
	"To: <sip:201@pbx.example.jp>\r\n" +
	"Call-ID: 843817637684230@998sdasdh09\r\n" +
	"CSeq: 1826 REGISTER\r\n" +
	"Contact: <sip:201@192.0.2.10:5060>;expires=3600;+sip.instance=\"<urn:uuid:0000-01>\"\r\n" +
	"Authorization: Digest username=\"201\", realm=\"pbx.example.jp\", nonce=\"84f1c1ae6cbe5ua9c8e88dfa3ecm3459\", " +
	"uri=\"sip:pbx.example.jp\", response=\"dfe56131d1958046689d83306477ecc0\", algorithm=MD5\r\n" +
	"User-Agent: Desk Phone 1.2\r\n" +
	"Content-Length: 0\r\n" +
	"\r\n"

// top reads what every message is asked for.
func top(m *sip.Message) int {
	return len(m.RequestURI().User) + len(m.From().Tag) + len(m.To().Tag) + len(m.CallID()) +
		int(m.CSeq().Number) + len(m.TopVia().Branch)
}

func benchParse(b *testing.B, raw []byte) {
	var m sip.Message
	b.SetBytes(int64(len(raw)))
	b.ReportAllocs()
	for b.Loop() {
		if err := sip.Parse(raw, &m); err != nil {
			b.Fatal(err)
		}
		if top(&m) == 0 {
			b.Fatal("nothing there")
		}
	}
}

func BenchmarkParseINVITE(b *testing.B)   { benchParse(b, with()) }
func BenchmarkParseREGISTER(b *testing.B) { benchParse(b, []byte(register)) }

func benchValidate(b *testing.B, raw []byte) {
	var m sip.Message
	b.ReportAllocs()
	for b.Loop() {
		if err := sip.Parse(raw, &m); err != nil {
			b.Fatal(err)
		}
		if a := sip.Validate(&m, &ordinary); a != nil {
			b.Fatal(a.Phrase)
		}
	}
}

func BenchmarkValidateINVITE(b *testing.B)   { benchValidate(b, with()) }
func BenchmarkValidateREGISTER(b *testing.B) { benchValidate(b, []byte(register)) }

func BenchmarkResponse(b *testing.B) {
	m := parsed(b, with())
	buf := make([]byte, 0, 2048)
	tag := []byte("abcdef0123456789")
	var w sip.Builder
	b.ReportAllocs()
	for b.Loop() {
		w.Reset(buf)
		w.Response(m, 180, "", tag, source)
		if _, err := w.Finish("", nil); err != nil {
			b.Fatal(err)
		}
	}
}

// TestNoAllocations: an ordinary message is parsed, validated, read and answered without allocating.
func TestNoAllocations(t *testing.T) {
	var m sip.Message
	var w sip.Builder
	buf := make([]byte, 0, 2048)
	tag := []byte("abcdef0123456789")
	for name, raw := range map[string][]byte{"INVITE": with(), "REGISTER": []byte(register)} {
		n := testing.AllocsPerRun(100, func() {
			_ = sip.Parse(raw, &m)
			_ = sip.Validate(&m, &ordinary)
			_ = top(&m)
			w.Reset(buf)
			w.Response(&m, 180, "", tag, source)
			_, _ = w.Finish("", nil)
		})
		if n != 0 {
			t.Errorf("%s: %v allocations", name, n)
		}
	}
}

// BenchmarkHostile reads the longest messages that are meant to cost the most.
func BenchmarkHostile(b *testing.B) {
	var params strings.Builder
	for i := range sip.MaxParams {
		params.WriteString(fmt.Sprintf(";%%61p%08d", i))
	}
	quotes := strings.Repeat(`\"`, 400)
	fill := func(line string) []byte {
		n := min((sip.MaxMessage-1000)/(len(line)+2), sip.MaxAddrs)
		return with(slices.Repeat([]string{line}, n)...)
	}
	for _, c := range []struct {
		name string
		raw  []byte
	}{
		{"URIParams", fill("Route: <sip:a" + params.String() + ">")},
		{"Params", fill("Route: <sip:a>" + strings.ReplaceAll(params.String(), "%61", "%"))},
		{"Quotes", fill("Route: \"" + quotes + "\" <sip:a>")},
		{"OpenQuotes", fill("Require: \"" + quotes)},
		{"Commas", fill("Require: " + strings.Repeat(",", 900))},
		{"Folds", with("X: " + strings.Repeat("\r\n ", 20_000))},
		{"ShortLines", with(slices.Repeat([]string{"a:"}, 16_000)...)},
		{"Vias", with(slices.Repeat([]string{"Via: SIP/2.0/UDP h" + params.String()}, sip.MaxVias-1)...)},
	} {
		b.Run(c.name, func(b *testing.B) {
			var m sip.Message
			raw := make([]byte, len(c.raw))
			b.SetBytes(int64(len(raw)))
			b.ReportAllocs()
			for b.Loop() {
				copy(raw, c.raw)
				outcome(raw, &m, &ordinary)
			}
		})
	}
}

// TestStringAllocates: an address that is written to be kept costs one object.
func TestStringAllocates(t *testing.T) {
	m := parsed(t, with())
	for name, write := range map[string]func() string{"URI": m.From().URI.String, "address": m.From().String} {
		if n := testing.AllocsPerRun(100, func() { _ = write() }); n != 1 {
			t.Errorf("%s: %v allocations", name, n)
		}
	}
}

// TestWritingAllocatesNothing: a URI of texts is written without an object of its own.
func TestWritingAllocatesNothing(t *testing.T) {
	user, host := string(parsed(t, with()).From().URI.User), "pbx.example.jp"
	buf := make([]byte, 0, 64)
	n := testing.AllocsPerRun(100, func() {
		u := sip.URI{Scheme: sip.SchemeSIP, User: []byte(user), Host: []byte(host)}
		buf, _ = u.Append(buf[:0])
	})
	if n != 0 || len(buf) == 0 {
		t.Errorf("%v allocations for %q", n, buf)
	}
}
