//go:build e2e

package attack

import (
	"crypto/rand"
	"fmt"
	"net/netip"
	"regexp"
	"strings"
)

// methods are all that a scanner sends.
var methods = []string{
	"INVITE", "REGISTER", "OPTIONS", "SUBSCRIBE", "NOTIFY", "REFER", "MESSAGE", "INFO", "UPDATE", "PRACK", "PUBLISH",
	"BYE", "CANCEL", "NONSENSE",
}

// strangers have no credential.
var strangers = []attack{
	{
		name:          "every method without credentials",
		vulnerability: "a method forgets to ask who is there",
		scenario:      "each method, to the phones' listener, inside and outside of a dialog",
		verified:      "a challenge, a refusal of the method, or silence; never success, never a name of ours",
		run: func(g *ground) {
			x := g.intrude(hostThief)
			for _, m := range methods {
				for _, to := range []string{"", "<sip:202@unit>;tag=guessed"} {
					got := x.ask(g.phones(), request{method: m, to: to})
					switch s := statusOf(got); {
					case s == 0, s == 400 && m == "PRACK", s == 401, s == 405, s == 501:
					default:
						g.Errorf("%s to %q was answered %d", m, to, s)
					}
					if strings.Contains(strings.ToLower(header(got, "Server")+header(got, "User-Agent")), "sekisho") {
						g.Errorf("%s was told what answers", m)
					}
				}
			}
		},
	},
	{
		name:          "strangers at the carriers' door",
		vulnerability: "the line side believes whoever comes",
		scenario:      "each method to the line listener from an address that is no carrier's",
		verified:      "silence",
		run: func(g *ground) {
			x := g.intrude(hostThief)
			for _, m := range methods {
				r := request{method: m, uri: fmt.Sprintf("sip:%s@%s", mainNumber, g.at(hostUnit, portLines))}
				if got := x.ask(g.at(hostUnit, portLines), r); got != "" {
					g.Errorf("%s was answered %q", m, got)
				}
			}
		},
	},
	{
		name:          "users that exist",
		vulnerability: "the answer tells which users exist",
		scenario:      "wrong answers for a user that exists and for one that does not, and no answer at all",
		verified:      "the same challenge but for its nonce and tag",
		run: func(g *ground) {
			x := g.intrude(hostThief)
			want := ""
			// Large enough that the answer to a stranger holds every challenge.
			large := "Subject: " + strings.Repeat("x", 400)
			for _, user := range []string{"", g.stolen.User, "nobody"} {
				r := request{method: "REGISTER", from: "<sip:201@unit>;tag=a", to: "<sip:201@unit>", callID: "the-same"}
				r.more = []string{large}
				first := x.ask(g.phones(), r)
				if user != "" {
					account := g.stolen
					account.User, account.Secret = user, "wrong"
					x.fill(&r)
					r.more = []string{large, x.authorization(first, &r, login{account: account})}
					first = x.ask(g.phones(), r)
				}
				masked := regexp.MustCompile(`nonce="[^"]*"|branch=\w+|tag=\w+|rport=\d+`).ReplaceAllString(first, "*")
				if want == "" {
					want = masked
				}
				if masked != want || masked == "" {
					g.Errorf("for %q:\n%s\nwant\n%s", user, masked, want)
				}
			}
		},
	},
	{
		name:          "a stranger calls the police",
		vulnerability: "anybody on the net makes the office call 110",
		scenario:      "INVITEs to emergency numbers in several spellings without credentials, each one twice",
		verified:      "challenges, and nothing else",
		run: func(g *ground) {
			x := g.intrude(hostThief)
			for _, number := range []string{"110", "119", "118", "0110", "184110", "%31%31%30", "110;user=phone"} {
				r := request{method: "INVITE", uri: "sip:" + number + "@" + g.phones().String(), callID: rand.Text()}
				for range 3 {
					r.branch = ""
					if s := statusOf(x.ask(g.phones(), r)); s != 401 {
						g.Errorf("%s: %d", number, s)
					}
				}
			}
		},
	},
	{
		name:          "somebody else's name without credentials",
		vulnerability: "From, Contact or asserted identities are believed",
		scenario:      "INVITE abroad and at home as the honest phone, by every header that can name a caller",
		verified:      "challenges",
		run: func(g *ground) {
			x := g.intrude(hostThief)
			me := "<sip:" + staff + "@" + g.phones().String() + ">"
			for _, number := range []string{abroad, domestic, friend} {
				r := request{
					method: "INVITE", uri: "sip:" + number + "@" + g.phones().String(), from: me + ";tag=x",
					contact: me,
					more: []string{
						"P-Asserted-Identity: " + me, "P-Preferred-Identity: " + me, "Remote-Party-ID: " + me,
						"Diversion: " + me, "Referred-By: " + me, "Replaces: a;to-tag=b;from-tag=c",
					},
				}
				if s := statusOf(x.ask(g.phones(), r)); s != 401 {
					g.Errorf("%s: %d", number, s)
				}
			}
		},
	},
	{
		name:          "answers aimed at others",
		vulnerability: "Via makes the unit send its answers to a third host",
		scenario:      "OPTIONS whose Via names another host by sent-by, received, maddr and rport",
		verified:      "nothing comes to that host",
		run: func(g *ground) {
			x, victim := g.intrude(hostThief), g.intrude(hostThief+1)
			for _, via := range []string{
				"SIP/2.0/UDP %s;branch=z9hG4bKv1", "SIP/2.0/UDP %s;rport;branch=z9hG4bKv2",
				"SIP/2.0/UDP 127.0.0.1;maddr=%[2]s;branch=z9hG4bKv3",
				"SIP/2.0/UDP 127.0.0.1;received=%[2]s;rport=%[3]d;branch=z9hG4bKv4",
			} {
				r := request{method: "OPTIONS", via: sprint(via, victim.self)}
				x.ask(g.phones(), r)
			}
			if got := victim.hear(silence); got != "" {
				g.Errorf("the third host got %q", got)
			}
		},
	},
}

func sprint(format string, at netip.AddrPort) string {
	return strings.Split(fmt.Sprintf(format, at, at.Addr(), at.Port()), "%!")[0]
}
