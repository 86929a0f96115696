//go:build e2e

package attack

import (
	"fmt"
	"strings"
)

// tricks are Request-URIs with which a call abroad has been let through
// somewhere; $ is the number abroad, % the unit, # the carrier.
var tricks = []string{
	"sip:$@%", "sip:$@#", "sip:$@#;lr", "sip:$@%;maddr=#", "sip:$@%;transport=tcp;maddr=#", "sip:$@%;user=phone",
	"sip:$@%;user=dialstring", "sip:$;phone-context=+81@%;user=phone", "sip:$;phone-context=%@%", "sips:$@%",
	"tel:+23276123456", "tel:23276123456;phone-context=+", "tel:76123456;phone-context=+232",
	"tel:0312345670;phone-context=+232", "tel:$;phone-context=+81", "tel:0312345670;isub=$", "tel:0312345670;ext=$",
	"sip:0312345670;isub=$@%", "sip:0312345670;ext=$@%", "sip:0312345670;postd=$@%;user=phone",
	"sip:+81312345670;phone-context=+232@%;user=phone", "sip:0312345670;phone-context=+232@%;user=phone",
	"sip:0312345670:$@%", "sip:0312345670@$@%", "sip:0312345670%40$@%", "sip:@%;user=$", "sip:%;user=$", "sip:$%",
	"sip:%30%31%30%32%33%32%37%36%31%32%33%34%35%36@%", "sip:0312345670%0d%0a$@%", "sip:0312345670%00$@%",
	"sip:0312345670%20$@%", "sip:0312345670,$@%", "sip:0312345670/$@%", "sip:0312345670p$@%", "sip:0312345670w$@%",
	"sip:0312345670%2c$@%", "sip:0312345670%3b$@%", "sip:0312345670%26$@%",
	"sip:0312345670%3Fx@%?Route=%3Csip:#%3Blr%3E",
	"sip:0312345670@%?To=sip:$@#", "sip:0312345670@%?Contact=sip:$@#", "sip:0312345670@%?Replaces=x",
	"sip:201;x=$@%", "sip:*$@%", "sip:%23$@%", "sip:*67$@%", "sip:184$@%", "sip:186$@%", "sip:0$@%", "sip:00$@%",
	"sip:9$@%", "sip:0010$@%", "sip:003301$@%", "sip:122$@%", "sip:1840$@%", "sip:+$@%", "sip:++23276123456@%",
	"sip:+81$@%", "sip:0081$@%", "sip:110$@%", "sip:$110@%", "sip:110%2C$@%", "sip:119;ext=$@%", "sip:1100$@%",
	"sip:\uff10\uff11\uff1023276123456@%", "sip:%EF%BC%90%EF%BC%91%EF%BC%9023276123456@%", "sip:010-232-76-123456@%",
	"sip:010.232.76.123456@%", "sip:(010)23276123456@%", "sip:0A023276123456@%", "sip:010a23276123456@%",
	"sip:0990123456@%", "sip:0570000000@%", "sip:00612327612345@%", "sip:8816123456789@%", "sip:+8816123456789@%",
	"sip:14209012345678@%", "sip:1430@%", "sip:*21*$%23@%", "sip:$@[::1]", "sip:$@%:99999", "http://%/$",
	"urn:service:sos",
	"sip:" + strings.Repeat("0", 300) + "$@%", "sip:0312345670;" + strings.Repeat("x;", 200) + "ext=$@%",
}

func (g *ground) trick(t string) string {
	t = hosted(t, g.phones().String())
	return strings.NewReplacer("$", abroad, "#", g.at(hostStatic, portCarrier).String()).Replace(t)
}

// hosted puts the unit where a % stands that begins no escape.
func hosted(t, unit string) string {
	var b strings.Builder
	for i := 0; i < len(t); i++ {
		escape := i+2 < len(t) && isHex(t[i+1]) && isHex(t[i+2])
		if t[i] == '%' && !escape {
			b.WriteString(unit)
			continue
		}
		b.WriteByte(t[i])
	}
	return b.String()
}

func isHex(c byte) bool { return strings.IndexByte("0123456789abcdefABCDEF", c) >= 0 }

// numbers are attacks of one who is signed in, on the number that goes out.
var numbers = []attack{
	{
		name:          "spellings of a number abroad",
		vulnerability: "the gate reads another number than the carrier",
		scenario: fmt.Sprintf("%d Request-URIs that name a number abroad somehow, signed, through the "+
			"socket", len(tricks)),
		verified: "every one is refused, or is the ordinary number that stands in it, byte for byte",
		may:      []string{domestic, "+81312345670"},
		run: func(g *ground) {
			x := g.intrude(hostThief)
			for _, t := range tricks {
				uri := g.trick(t)
				marks := g.marks()
				s := x.dialAs(g.stolen, request{uri: uri})
				if got := g.reached(marks); s == 200 && len(got) == 0 {
					g.Errorf("%s: 200, and no carrier knows of it", uri)
				}
			}
		},
	},
	{
		name:          "other headers with another number",
		vulnerability: "the number on the wire is taken from elsewhere than the Request-URI that was judged",
		scenario: "an ordinary Request-URI with numbers abroad in To, P-Called-Party-ID, Diversion, " +
			"History-Info, tel",
		verified: "the ordinary number reaches the carrier and nothing else",
		may:      []string{domestic},
		run: func(g *ground) {
			x := g.intrude(hostThief)
			bad := "<sip:" + abroad + "@" + g.at(hostStatic, portCarrier).String() + ">"
			marks := g.marks()
			s := x.dialAs(g.stolen, request{
				uri: "sip:" + domestic + "@" + g.phones().String(), to: bad,
				more: []string{
					"P-Called-Party-ID: " + bad, "Diversion: " + bad, "History-Info: " + bad + ";index=1",
					"Target-Dialog: a;remote-tag=b;local-tag=c", "Subject: " + abroad, "Refer-To: " + bad,
				},
			})
			if got := g.reached(marks); s != 200 || len(got) != 1 || got[0] != domestic {
				g.Errorf("%d, and %q reached the carriers", s, got)
			}
		},
	},
	{
		name:          "two request lines",
		vulnerability: "one datagram carries a second request behind the first",
		scenario:      "a signed request with another INVITE in its body, behind its body, and by folded headers",
		verified:      "nothing of it reaches a carrier",
		run: func(g *ground) {
			x := g.intrude(hostThief)
			carrier := g.at(hostStatic, portCarrier).String()
			second := "INVITE sip:" + abroad + "@" + carrier + " SIP/2.0\r\nVia: SIP/2.0/UDP " + carrier + "\r\n\r\n"
			for _, r := range []request{
				{body: second, more: []string{"Content-Type: message/sip"}},
				{body: sdpAt(x.self) + second},
				{more: []string{"Subject: x\r\n " + second}},
				{more: []string{"Subject: x\r\n\t" + strings.ReplaceAll(second, "\r\n", "\r\n ")}},
				{more: []string{"Subject: x\rINVITE sip:" + abroad + "@" + carrier + " SIP/2.0"}},
			} {
				r.uri = "sip:" + friend + "@" + g.phones().String()
				x.dialAs(g.stolen, r)
			}
		},
	},
}
