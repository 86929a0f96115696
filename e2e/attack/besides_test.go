//go:build e2e

package attack

import (
	"fmt"
	"strings"
)

// besides are attacks from the carriers' side.
var besides = []attack{
	{
		name:          "line to line",
		vulnerability: "who calls in may call out: the office pays",
		scenario:      "INVITEs from the believed carrier's address to numbers abroad and at home, by every header",
		verified:      "no carrier is called; at most the line's own number rings inside",
		run: func(g *ground) {
			x := g.intrude(hostStatic)
			unit := g.at(hostUnit, portLines)
			for _, number := range []string{
				abroad, domestic, "+23276123456", "110", "0" + domestic, "*" + friend,
				"201;" + abroad,
			} {
				for _, to := range []string{"", "<sip:" + sideNumber + "@" + unit.String() + ">"} {
					bad := "<sip:" + abroad + "@" + unit.String() + ">"
					r := request{
						method: "INVITE", uri: "sip:" + number + "@" + unit.String(), to: to,
						more: []string{"Diversion: " + bad, "P-Called-Party-ID: " + bad, "Route: " + bad},
					}
					x.visit(unit, r) // it may ring inside, as a call to the line's number
				}
			}
		},
	},
	{
		name:          "the carrier's address without the secret contact",
		vulnerability: "who can forge the carrier's address rings every phone, or learns what is inside",
		scenario: "INVITEs from the registering carrier's address to the main number, extensions and " +
			"numbers abroad",
		verified: "silence: only the random contact of the registration is heard",
		run: func(g *ground) {
			x := g.intrude(hostCarrier)
			unit := g.at(hostUnit, portLines)
			for _, user := range []string{mainNumber, friend, staff, abroad, "unit", "", "0"} {
				if m := x.ask(unit, request{method: "INVITE", uri: "sip:" + user + "@" + unit.String()}); m != "" {
					g.Errorf("%q was answered %q", user, m)
				}
			}
		},
	},
	{
		name:          "a carrier's host that plays a phone",
		vulnerability: "the phones' listener lets a carrier in, or sends to it",
		scenario:      "REGISTER and INVITE with a true credential from both carriers' addresses",
		verified:      "whatever is answered, no call is sent to there",
		run: func(g *ground) {
			for _, host := range []byte{hostCarrier, hostStatic} {
				x := g.intrude(host)
				x.register(g.puppet, "<sip:"+abroad+"@"+x.self.String()+">")
				_, _, err := g.staff.Dial(g.step(), puppet)
				g.must(err)
				if m := x.await("INVITE", silence); m != "" {
					g.Errorf("host %d was called: %q", host, m)
				}
				x.retire()
			}
		},
	},
	{
		name:          "hanging up on the carrier's calls",
		vulnerability: "who has seen one packet of a line's call owns it",
		scenario:      "a call out is up; BYE from a host that is no carrier's to the line listener with guessed tags",
		verified:      "silence; the call stays up until the phone hangs up",
		may:           []string{domestic},
		run: func(g *ground) {
			marks := g.marks()
			call, out, err := g.staff.Dial(g.step(), domestic)
			g.must(err)
			if call == nil {
				g.Fatalf("the call: %+v", out)
			}
			x := g.intrude(hostThief)
			for _, m := range []string{"BYE", "INVITE", "UPDATE"} {
				r := request{
					method: m, uri: "sip:" + g.at(hostUnit, portLines).String(),
					to: "<sip:a@b>;tag=s00000000000000",
				}
				if got := x.ask(g.at(hostUnit, portLines), r); got != "" {
					g.Errorf("%s: %q", m, got)
				}
			}
			for _, e := range g.carriers[0].Books().Since(marks[0]) {
				if !e.End.IsZero() {
					g.Error("the carrier's call ended")
				}
			}
			g.must(call.Hangup(g.step()))
		},
	},
	{
		name:          "names that write on walls",
		vulnerability: "a caller's name breaks the line that carries it, or the screen that shows it",
		scenario: "a call from the carrier with CR, LF, quotes and escapes in its display name, number " +
			"and User-Agent",
		verified: "the phone's INVITE has no line more; what is on record has no control character",
		run: func(g *ground) {
			x := g.intrude(hostStatic)
			unit := g.at(hostUnit, portLines)
			for _, name := range []string{
				"\"a\\\r\nX-Evil: 1\"", `"a\"b;tag=9"`, "\"\x1b[2Jgone\"", "\"\x00\"", `"%0d%0aX-Evil: 1"`,
				"\"\xff\xfe\"", `"<script>"`,
			} {
				for _, user := range []string{"0312349999", "%0d%0aX-Evil:%201%1b%5b2J%22%3e%3b"} {
					r := request{
						method: "INVITE", uri: fmt.Sprintf("sip:%s@%s", sideNumber, unit),
						from: name + " <sip:" + user + "@evil.invalid>;tag=e",
						more: []string{"User-Agent: \x1b]0;evil\x07"},
					}
					x.visit(unit, r)
				}
			}
			g.until("the calls are over", func() bool { return len(g.live()) == 0 })
			for _, r := range g.calls() {
				all := r.From + r.To + r.Credential + r.Source + r.Reason
				if strings.ContainsFunc(all, func(c rune) bool { return c < ' ' || c >= 0x7f && c < 0xa0 }) {
					g.Errorf("on record: %q", all)
				}
			}
		},
	},
	{
		name:          "an emergency call for somebody else",
		vulnerability: "a carrier's caller reaches the police over the office, or blocks its lines",
		scenario:      "the believed carrier calls 110, 119 and 118",
		verified:      "no carrier is called; at most the line's own number rings inside",
		run: func(g *ground) {
			x := g.intrude(hostStatic)
			for _, n := range []string{"110", "119", "118", "110;user=phone"} {
				unit := g.at(hostUnit, portLines)
				x.visit(unit, request{method: "INVITE", uri: "sip:" + n + "@" + unit.String()})
			}
		},
	},
}
