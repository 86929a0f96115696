//go:build e2e

package attack

import (
	"strings"
	"time"
)

// leads are attacks of one who is signed in, who names places that the unit
// should send to.
var leads = []attack{
	{
		name:          "Route and Record-Route to the carrier",
		vulnerability: "a header leads an INVITE past the gate",
		scenario:      "signed INVITEs with Route, Record-Route, Path and Contact of the carrier, loose and strict",
		verified:      "a number abroad stays refused, an ordinary one is judged as ever",
		may:           []string{domestic},
		run: func(g *ground) {
			x := g.intrude(hostThief)
			carrier := "<sip:" + g.at(hostStatic, portCarrier).String()
			for _, h := range []string{
				"Route: " + carrier + ";lr>", "Route: " + carrier + ">", "Record-Route: " + carrier + ";lr>",
				"Route: <sip:" + g.phones().String() + ";lr>," + carrier + ";lr>", "Path: " + carrier + ";lr>",
				"Service-Route: " + carrier + ";lr>",
			} {
				for _, number := range []string{abroad, friend, domestic} {
					uri := "sip:" + number + "@" + g.at(hostStatic, portCarrier).String()
					s := x.dialAs(g.stolen, request{uri: uri, contact: carrier + ">", more: []string{h}})
					if number == abroad && s < 400 {
						g.Errorf("%s: %s: %d", h, uri, s)
					}
				}
			}
		},
	},
	{
		name:          "a registration at the carrier",
		vulnerability: "a phone whose contact is the carrier is a way out",
		scenario:      "Contacts and Paths at the carrier, by address, mapped address, name, with routes in the URI",
		verified:      "refused; or a call to that extension goes to where the REGISTER came from",
		run: func(g *ground) {
			x := g.intrude(hostThief)
			at := g.at(hostStatic, portCarrier)
			for _, contact := range []string{
				"<sip:" + abroad + "@" + at.String() + ">", "<sip:" + abroad + "@[::ffff:" + at.Addr().String() +
					"]:15480>",
				"<sip:a@" + x.self.String() + ">, <sip:" + abroad + "@" + at.String() + ">",
			} {
				if s := x.register(g.puppet, contact); s < 400 {
					g.Errorf("%s: %d", contact, s)
				}
			}
			if s := x.register(g.puppet, "", "Path: <sip:"+at.String()+";lr>"); s < 400 {
				g.Errorf("Path: %d", s)
			}
			for _, contact := range []string{
				"<sip:" + abroad + "@localhost>", "<sip:" + abroad + "@" + x.self.Addr().String() + ";maddr=" +
					at.Addr().String() + ">",
				"<sip:" + abroad + "@" + x.self.String() + "?Route=%3Csip:" + at.String() + "%3E>",
				"<sip:x@carrier.invalid>",
			} {
				if s := x.register(g.puppet, contact); s != 200 {
					continue // as good
				}
				caller := g.intrude(hostThief)
				caller.signed(g.stolen, "sip:"+puppet+"@"+g.phones().String())
				invite := x.await("INVITE", 2*time.Second)
				if invite == "" {
					g.Errorf("%s: the call went elsewhere", contact)
				}
				x.reply(invite, "486 Busy Here", "")
				x.retire()
			}
		},
	},
	{
		name:          "a redirection to outside",
		vulnerability: "a 3xx from a phone makes a call that nobody judged",
		scenario: "the puppet answers 302 to numbers abroad at the unit and at the carrier, to tel, to " +
			"itself, to many",
		verified: "the caller is refused; the ordinary number is judged with the puppet behind it",
		may:      []string{domestic},
		run: func(g *ground) {
			x := g.puppetPhone(hostThief)
			carrier := g.at(hostStatic, portCarrier).String()
			for _, c := range []struct {
				contact string
				refused bool
			}{
				{"<sip:" + abroad + "@" + g.phones().String() + ">", true},
				{"<sip:" + abroad + "@" + carrier + ">", true},
				{"<tel:+23276123456>", true},
				{"<sip:" + domestic + "@" + carrier + "?Route=%3Csip:x%3E>", false},
				{"<sip:" + puppet + "@" + g.phones().String() + ">", true},
				{"*", true},
				{"<mailto:a@b>", true},
				{strings.TrimSuffix(strings.Repeat("<sip:"+abroad+"@"+carrier+">,", 40), ","), true},
				{"<sip:" + domestic + "@" + carrier + ">", false},
			} {
				caller := g.intrude(hostThief)
				r := caller.signed(g.stolen, "sip:"+puppet+"@"+g.phones().String())
				invite := x.await("INVITE", 2*time.Second)
				x.reply(invite, "302 Moved", "", "Contact: "+c.contact)
				m := caller.finish(g.phones(), &r, 3*time.Second)
				if s := statusOf(m); c.refused && s < 400 || s == 0 {
					g.Errorf("302 to %.60s: %d", c.contact, s)
				}
				if statusOf(m) == 200 {
					caller.hangUp(r, m)
				}
				x.drain()
			}
		},
	},
	{
		name:          "transfers and takeovers",
		vulnerability: "REFER or Replaces makes a call that nobody judged, or takes somebody's",
		scenario:      "signed REFER to numbers abroad outside and inside a call; INVITE with Replaces and Join",
		verified:      "outside a call refused by method, inside it judged like a call; Replaces takes nothing over",
		may:           []string{domestic},
		run: func(g *ground) {
			x := g.intrude(hostThief)
			refer := []string{
				"Refer-To: <sip:" + abroad + "@" + g.at(hostStatic, portCarrier).String() + ">",
				"Referred-By: <sip:a@b>",
			}
			for _, m := range []string{"REFER", "MESSAGE", "SUBSCRIBE", "NOTIFY", "PUBLISH", "INFO", "UPDATE"} {
				uri := "sip:" + abroad + "@" + g.phones().String()
				if got, _ := x.as(g.stolen, request{method: m, uri: uri, more: refer}); statusOf(got) < 400 {
					g.Errorf("%s outside a call: %q", m, got)
				}
			}
			ok, r := x.as(g.stolen, request{method: "INVITE", uri: "sip:" + domestic + "@" + g.phones().String()})
			ack := x.within(r, ok, "ACK")
			x.send(g.phones(), x.text(&ack))
			inside := x.within(r, ok, "REFER")
			inside.more = refer
			if got := x.ask(g.phones(), inside); statusOf(got) != 202 {
				g.Errorf("REFER inside a call: %q", got)
			}
			for said := ""; !strings.Contains(said, "SIP/2.0 4"); { // what comes of it (RFC 3515 §2.4.5)
				said = x.await("NOTIFY", 5*time.Second)
				x.reply(said, "200 OK", "")
				if _, frag, _ := strings.Cut(said, "\r\n\r\n"); said == "" || strings.Contains(frag, " 2") {
					g.Errorf("handed over abroad: %q", said)
					break
				}
			}
			taken := "a;to-tag=" + tagOf(header(ok, "To")) + ";from-tag=" + tagOf(r.from)
			for _, h := range []string{"Replaces: " + taken, "Join: " + taken} {
				x.dialAs(g.puppet, request{uri: "sip:299@" + g.phones().String(), more: []string{h}})
			}
			bye := x.within(r, ok, "BYE")
			bye.cseq += 2
			if got := x.ask(g.phones(), bye); statusOf(got) != 200 {
				g.Errorf("the call was not there any more: %q", got)
			}
		},
	},
}
