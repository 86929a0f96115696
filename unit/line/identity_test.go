package line

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/sekisho/sekisho/fact"
	"github.com/sekisho/sekisho/number"
	"github.com/sekisho/sekisho/wire/sip"
)

// spoken gives what an INVITE to a destination says, on a line of a profile.
func spoken(t *testing.T, profile, dialed, extension string) string {
	t.Helper()
	s := newSite(t, row("a", profile, "192.0.2.1:5080"))
	d := number.Parse(dialed, &number.Context{Line: number.Line{AreaCode: "03"}})
	uri, to, err := s.Render("a", d)
	if err != nil {
		return "error"
	}
	if to != "<"+uri+">" {
		t.Errorf("To %s differs from %s", to, uri)
	}
	from, headers := s.Outgoing("a", Shown{Extension: extension, Destination: d})
	var out strings.Builder
	out.WriteString(uri + " From: " + from)
	for _, h := range headers {
		out.WriteString(" " + h.Name + ": " + h.Value)
	}
	return out.String()
}

func TestOutgoing(t *testing.T) {
	const own, direct = "<sip:0312345678@192.0.2.1>", "<sip:0312345679@192.0.2.1>"
	cases := []struct{ profile, dialed, ext, want string }{
		{
			"generic-static", "09011112222", "201",
			"sip:09011112222@192.0.2.1:5080 From: " + own + " P-Asserted-Identity: " + own,
		},
		{
			"generic-static", "09011112222", "202",
			"sip:09011112222@192.0.2.1:5080 From: " + direct + " P-Asserted-Identity: " + direct,
		},
		{
			"generic-registration", "98765432", "201",
			"sip:0398765432@192.0.2.1 From: " + own + " P-Asserted-Identity: " + own,
		},
		{
			"generic-registration", "18409011112222", "201",
			`sip:09011112222@192.0.2.1 From: "Anonymous" <sip:anonymous@anonymous.invalid> ` +
				"Privacy: id P-Asserted-Identity: " + own,
		},
		{"generic-registration", "110", "201", "sip:110@192.0.2.1 From: " + own + " P-Asserted-Identity: " + own},
		{"generic-050", "110", "201", "error"},
		{
			"hikari-hgw", "18409011112222", "201",
			"sip:18409011112222@192.0.2.1 From: <sip:user-a@192.0.2.1> P-Asserted-Identity: " + own,
		},
		{"hikari-office-a", "#7119", "201", "sip:%237119@192.0.2.1 From: " + own + " P-Preferred-Identity: " + own},
		{"hikari-office-a", "0312345678*12", "201", "error"},
		{"generic-static", "nonsense", "201", "error"},
	}
	for _, c := range cases {
		if got := spoken(t, c.profile, c.dialed, c.ext); got != c.want {
			t.Errorf("%s, %s:\n got %s\nwant %s", c.profile, c.dialed, got, c.want)
		}
	}
}

// What is put into messages can be parsed, and is what was meant, for every
// profile: the carrier reads back the destination that was judged.
func TestRenderIsReadBack(t *testing.T) {
	for _, profile := range ProfileNames() {
		s := newSite(t, row("a", profile, "carrier.example"))
		e, err := s.Endpoint("a", 0)
		if err != nil {
			t.Fatal(err)
		}
		for _, dialed := range []string{
			"0312345678", "98765432", "09011112222", "0120123456", "110", "119", "117", "#7119", "0102321234567",
		} {
			d := number.Parse(dialed, &number.Context{Line: number.Line{AreaCode: "03"}})
			text, _, err := s.Render("a", d)
			if err != nil {
				continue
			}
			uri, err := sip.ParseURI([]byte(text))
			if err != nil {
				t.Fatalf("%s: %s: %v", profile, text, err)
			}
			read, err := number.Reread(uri.RawUser, e.Number)
			if err != nil || read != d {
				t.Errorf("%s: %s is read as %+v, not %+v (%v)", profile, text, read, d, err)
			}
		}
	}
}

func TestNextHopAsHost(t *testing.T) {
	s := newSite(t, row("a", "generic-registration", "carrier.example"))
	s.byID["a"].profile.Signaling.URIHost = "next-hop"
	s.byID["a"].profile.Signaling.UserPhone = true
	s.answer(s.task(sip.REGISTER), 200)
	uri, _, err := s.Render("a", number.Parse("09011112222", &number.Context{}))
	if err != nil || uri != "sip:09011112222@198.51.100.1:5060;user=phone" {
		t.Errorf("request URI %s, %v", uri, err)
	}
}

func TestIncoming(t *testing.T) {
	const invite = "INVITE sip:user@192.0.2.5 SIP/2.0"
	cases := []struct {
		profile, start string
		lines          []string
		want           string
	}{
		{"generic-static", "INVITE sip:0312345679@u SIP/2.0", nil, "0312345679|09011112222|"},
		{"generic-static", "INVITE sip:+81312345679@u SIP/2.0", nil, "0312345679|09011112222|"},
		{"generic-static", invite, []string{"To: <sip:0312345679@u>"}, "0312345679|09011112222|"},
		{"generic-static", invite, []string{"To: <sip:unknown@u>"}, "0312345678|09011112222|"},
		{"generic-static", "INVITE sip:0398989898@u SIP/2.0", []string{"To: <sip:x@u>"}, "0398989898|09011112222|"},
		{
			"generic-static", "INVITE sip:0398989898@u SIP/2.0",
			[]string{"To: <sip:0312345679@u>"},
			"0312345679|09011112222|",
		},
		{
			"hikari-office-a", invite,
			[]string{"P-Called-Party-ID: <sip:0312345679@u>", "To: <sip:0312345678@u>"},
			"0312345679|09011112222|",
		},
		{
			"hikari-hgw", "INVITE sip:0312345678@u SIP/2.0",
			[]string{"To: <sip:0312345679@u>"},
			"0312345679|09011112222|",
		},
		{
			"generic-static", invite,
			[]string{`From: "Taro" <sip:0300000000@c>;tag=1`, "P-Asserted-Identity: <sip:+819033334444@c>"},
			"0312345678|09033334444|Taro",
		},
		{"generic-static", invite, []string{"From: <sip:+12125551234@c>;tag=1"}, "0312345678|+12125551234|"},
		{"generic-static", invite, []string{`From: "A" <sip:anonymous@anonymous.invalid>;tag=1`}, "0312345678||"},
		{
			"generic-static", invite,
			[]string{"Privacy: id", "P-Asserted-Identity: <sip:09033334444@c>"},
			"0312345678||",
		},
	}
	for i, c := range cases {
		s := newSite(t, row("a", c.profile, "192.0.2.1"))
		in, err := s.Incoming("a", message(t, c.start, c.lines...))
		if got := fmt.Sprintf("%s|%s|%s", in.Called, in.Caller, in.Name); got != c.want || err != nil {
			t.Errorf("case %d: %s, %v, want %s", i, got, err, c.want)
		}
	}
}

// TestMark: what a carrier tells of a caller's number, and what people are told.
func TestMark(t *testing.T) {
	for _, c := range []struct {
		lines []string
		want  string
	}{
		{[]string{"From: <sip:0312345670@c>;tag=1"}, ""},
		{[]string{"From: <sip:+81312345670@c>;tag=1"}, ""},
		{[]string{"From: <sip:0312345670@c>;tag=1", "P-Asserted-Identity: <sip:+81312345670@c>"}, ""},
		{[]string{`From: "A" <sip:anonymous@anonymous.invalid>;tag=1`}, ""},
		{[]string{"From: <sip:8@c>;tag=1"}, ""},
		{[]string{"From: <sip:+12125551234@c>;tag=1"}, MarkAbroad},
		{[]string{"From: <sip:01012125551234@c>;tag=1"}, MarkAbroad},
		{[]string{
			`From: "A" <sip:anonymous@anonymous.invalid>;tag=1`, "Privacy: id",
			"P-Asserted-Identity: <sip:+12125551234@c>",
		}, MarkAbroad},
		{[]string{"From: <sip:0335810110@c>;tag=1", "P-Asserted-Identity: <sip:+12125551234@c>"}, MarkPosing},
		{[]string{"From: <sip:+12125551234@c>;tag=1", "P-Asserted-Identity: <sip:0335810110@c>"}, MarkPosing},
		{[]string{"From: <sip:0335810110@c;verstat=TN-Validation-Failed>;tag=1"}, MarkPosing},
		{[]string{
			"From: <sip:0335810110@c>;tag=1",
			"P-Asserted-Identity: <sip:+81335810110;verstat=TN-Validation-Failed-C@c;user=phone>",
		}, MarkPosing},
		{[]string{"From: <sip:0335810110@c;verstat=TN-Validation-Passed>;tag=1"}, ""},
		{[]string{"From: <sip:+12125551234@c;verstat=TN-Validation-Failed>;tag=1"}, MarkAbroad},
	} {
		s := newSite(t, row("a", "generic-static", "192.0.2.1"))
		in, err := s.Incoming("a", message(t, "INVITE sip:user@192.0.2.5 SIP/2.0", c.lines...))
		if in.Mark != c.want || err != nil {
			t.Errorf("%q: marked %q, %v; want %q", c.lines, in.Mark, err, c.want)
		}
	}
}

// A carrier that leaves out the first digits of our number.
func TestIncomingPrefix(t *testing.T) {
	r := row("a", "generic-050", "192.0.2.1")
	r.Numbers = []fact.Number{{Number: "05012345678", Ring: []string{"201"}}}
	s := newSite(t, r)
	s.byID["a"].profile.Called.Prefix = "050"
	in, err := s.Incoming("a", message(t, "INVITE sip:12345678@u SIP/2.0", "To: <sip:12345678@u>"))
	if err != nil || in.Called != "05012345678" {
		t.Errorf("called %q, %v", in.Called, err)
	}
}

func TestNumberAsE164(t *testing.T) {
	s := newSite(t, row("a", "generic-static", "192.0.2.1"))
	s.byID["a"].profile.Identity.E164 = true
	from, _ := s.Outgoing("a", Shown{Extension: "201"})
	if from != "<sip:+81312345678@192.0.2.1>" {
		t.Errorf("From %s", from)
	}
}

func TestCleanText(t *testing.T) {
	got := clean("a\x00b\r\n" + strings.Repeat("あ", TextMax))
	if strings.ContainsAny(got, "\x00\r\n") || len(got) > TextMax {
		t.Errorf("clean gives %q", got)
	}
}

// TestSentOn: what a call that was sent on shows of who called, by the line's setting; the
// carrier is told our own number in any case, and nobody writes into our headers.
func TestSentOn(t *testing.T) {
	to := number.Parse("09012345678", &number.Context{Line: number.Line{AreaCode: "03"}})
	const own = "<sip:0312345678@192.0.2.1>"
	const hidden = `"Anonymous" <sip:anonymous@anonymous.invalid>`
	for _, c := range []struct{ forwarded, caller, why, from, header string }{
		{"", "0455551234", "busy", own, ""},
		{"caller", "0455551234", "busy", "<sip:0455551234@192.0.2.1>", ""},
		{"diversion", "0455551234", "busy", "<sip:0455551234@192.0.2.1>", own + ";reason=user-busy;counter=1"},
		{"diversion", "", "", hidden, own + ";privacy=full;reason=unconditional;counter=1"},
		{"diversion", "1>;tag=x\r\nVia: y", "unanswered", hidden, own + ";privacy=full;reason=no-answer;counter=1"},
		{
			"history-info", "+12125550123", "unreachable", "<sip:+12125550123@192.0.2.1>",
			own + ";index=1, <sip:09012345678@192.0.2.1;cause=503>;index=1.1;mp=1",
		},
	} {
		r := row("a", "generic-static", "192.0.2.1")
		r.Forwarded = c.forwarded
		s := newSite(t, r)
		sent := &Sent{Caller: c.caller, Why: c.why}
		from, headers := s.Outgoing("a", Shown{Extension: "201", Destination: to, Sent: sent})
		said, asserted := "", ""
		for _, h := range headers {
			switch h.Name {
			case "Diversion", "History-Info":
				said = h.Value
			case "P-Asserted-Identity":
				asserted = h.Value
			}
		}
		if from != c.from || said != c.header || asserted != own {
			t.Errorf("%+v: From %s, %q, asserted %s", c, from, said, asserted)
		}
		if from, _ := s.Outgoing("a", Shown{Extension: "201", Destination: to}); from != own {
			t.Errorf("a call of our own shows %s", from)
		}
	}
	bad := row("a", "generic-static", "192.0.2.1")
	bad.Forwarded = "anything"
	if err := Check(bad); !errors.Is(err, ErrSetting) {
		t.Errorf("no such word: %v", err)
	}
}
