//go:build e2e

package attack

import (
	"crypto/rand"
	"strings"

	"github.com/sekisho/sekisho/wire/digest"
)

// digests are attacks on the sign-in, by one who saw others sign in or has a
// credential.
var digests = []attack{
	{
		name:          "a replayed sign-in",
		vulnerability: "an answer to a challenge is good twice",
		scenario:      "a signed INVITE is sent again as a new one, from the same host and from another",
		verified:      "challenges",
		run: func(g *ground) {
			x := g.intrude(hostThief)
			_, r := x.as(g.stolen, request{method: "INVITE", uri: "sip:299@" + g.phones().String()})
			for _, host := range []byte{hostThief, hostThief + 1} {
				again := r
				again.callID, again.branch, again.via = rand.Text(), "", ""
				if s := statusOf(g.intrude(host).ask(g.phones(), again)); s != 401 {
					g.Errorf("from host %d: %d", host, s)
				}
			}
		},
	},
	{
		name:          "a sign-in for something else",
		vulnerability: "an answer is good for another method, target, listener, or count",
		scenario:      "answers whose digest-uri, method, count, realm or nonce are not this request's",
		verified:      "challenges",
		run: func(g *ground) {
			x := g.intrude(hostThief)
			target := "sip:" + domestic + "@" + g.phones().String()
			fresh := func() string {
				return x.ask(g.phones(), request{method: "INVITE", uri: target})
			}
			elsewhere := x.ask(g.at(hostUnit, portModern), request{method: "INVITE", uri: target})
			for _, c := range []struct {
				what      string
				challenge string
				login     login
				change    func(string) string
			}{
				{"digest-uri of a friend", fresh(), login{uri: "sip:" + friend + "@" + g.phones().String()}, nil},
				{"method REGISTER", fresh(), login{method: "REGISTER"}, nil},
				{"nonce of another listener", elsewhere, login{}, nil},
				{"no qop", fresh(), login{}, without("qop=auth")},
				{"qop auth-int", fresh(), login{}, replacing("qop=auth", "qop=auth-int")},
				{"nonce not ours", fresh(), login{}, replacing(`nonce="`, `nonce="A`)},
				{"another realm", fresh(), login{}, replacing(`realm="`, `realm="x`)},
				{"another user", fresh(), login{}, replacing(g.stolen.User, g.puppet.User)},
				{"empty response", fresh(), login{}, replacing(`response="`, `response="", x="`)},
				{"two users", fresh(), login{}, replacing(`username="`, `username="`+g.puppet.User+`", username="`)},
			} {
				r := request{method: "INVITE", uri: target}
				x.fill(&r)
				c.login.account = g.stolen
				value := x.authorization(c.challenge, &r, c.login)
				if c.change != nil {
					value = c.change(value)
				}
				r.more = []string{value}
				if s := statusOf(x.ask(g.phones(), r)); s != 401 {
					g.Errorf("%s: %d, want 401", c.what, s)
				}
			}
		},
	},
	{
		name:          "counts used again",
		vulnerability: "the nonce count is not kept",
		scenario:      "one nonce with the counts 1, 2, 2, 1, 5, 3, 3",
		verified:      "each count is taken once",
		run: func(g *ground) {
			x := g.intrude(hostThief)
			challenge := x.ask(g.phones(), request{method: "OPTIONS"})
			for i, c := range []struct {
				nc     uint32
				status int
			}{{1, 200}, {2, 200}, {2, 401}, {1, 401}, {5, 200}, {3, 200}, {3, 401}} {
				r := request{method: "OPTIONS"}
				x.fill(&r)
				r.more = []string{x.authorization(challenge, &r, login{account: g.stolen, nc: c.nc})}
				if s := statusOf(x.ask(g.phones(), r)); s != c.status {
					g.Errorf("%d: count %d: %d, want %d", i, c.nc, s, c.status)
				}
			}
		},
	},
	{
		name:          "a weaker algorithm than offered",
		vulnerability: "MD5 is taken where only SHA-256 is offered",
		scenario:      "the challenge of the SHA-256 listener is answered with MD5, said openly and not at all",
		verified:      "challenges",
		run: func(g *ground) {
			x := g.intrude(hostThief)
			to := g.at(hostUnit, portModern)
			for _, what := range []string{"algorithm=MD5", "algorithm="} {
				r := request{method: "OPTIONS"}
				challenge := x.ask(to, r)
				if strings.Contains(challenge, "MD5") {
					g.Errorf("MD5 is offered: %s", challenge)
				}
				x.fill(&r)
				old := strings.ReplaceAll(challenge, "SHA-256", "MD5")
				value := x.authorization(old, &r, login{account: g.stolen, algorithm: digest.MD5})
				if what == "algorithm=" {
					value = without("algorithm=MD5, ")(value)
				}
				r.more = []string{value}
				if s := statusOf(x.ask(to, r)); s != 401 {
					g.Errorf("%s: %d", what, s)
				}
			}
		},
	},
	{
		name:          "calls on somebody else's account",
		vulnerability: "a credential is good for another extension",
		scenario: "own credential with the honest phone's From, identities and Contact; its address of " +
			"record registered",
		verified: "the call is on the intruder's record, shown as the line's number; the registration is refused",
		may:      []string{domestic},
		run: func(g *ground) {
			x := g.intrude(hostThief)
			me := "<sip:" + staff + "@" + g.phones().String() + ">"
			uri := "sip:" + domestic + "@" + g.phones().String()
			marks := g.marks()
			if s := x.dialAs(g.stolen, request{uri: uri, from: me + ";tag=x", contact: me, more: []string{
				"P-Asserted-Identity: " + me, "P-Preferred-Identity: <sip:+81312345678@x>", "Privacy: none",
			}}); s != 200 {
				g.Errorf("the call: %d", s)
			}
			for _, e := range g.carriers[0].Books().Since(marks[0]) {
				if e.Caller != mainNumber {
					g.Errorf("shown as %q", e.Caller)
				}
			}
			g.until("the call is on record", func() bool {
				rows := g.calls()
				return len(rows) > 0 && rows[0].To == domestic && rows[0].Extension == insider &&
					rows[0].From == insider
			})
			m, _ := x.as(g.stolen, request{
				method: "REGISTER", uri: "sip:" + g.phones().String(), to: me, from: me + ";tag=r",
				more: []string{"Expires: 600"},
			})
			if statusOf(m) != 403 {
				g.Errorf("registering as somebody else: %d", statusOf(m))
			}
		},
	},
	{
		name:          "guessing without locking anybody out",
		vulnerability: "guessing is free, or shuts the true phone out",
		scenario:      "500 wrong answers for the honest phone from one host, then from its own host",
		verified:      "after some, the guesses get no reply; the honest phone signs in as before",
		run: func(g *ground) {
			for _, host := range []byte{hostThief, hostPhones} {
				x := g.intrude(host)
				challenge := x.ask(g.phones(), request{method: "OPTIONS"})
				account := g.stolen
				account.Secret = "guess"
				for range 500 {
					r := request{method: "OPTIONS"}
					x.fill(&r)
					r.more = []string{x.authorization(challenge, &r, login{account: account})}
					x.send(g.phones(), x.text(&r))
				}
				replies := 0
				for x.hear(silence) != "" {
					replies++
				}
				if replies > 250 {
					g.Errorf("host %d: %d of 500 guesses got a reply", host, replies)
				}
				g.must(g.staff.Register(g.step(), 3600e9))
			}
		},
	},
}

func replacing(old, with string) func(string) string {
	return func(s string) string { return strings.Replace(s, old, with, 1) }
}

func without(old string) func(string) string { return replacing(old, "x=y") }
