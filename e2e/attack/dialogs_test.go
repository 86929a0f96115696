//go:build e2e

package attack

import (
	"net/netip"
	"strings"
	"time"
)

// pair is a call between two phones of which the test holds both ends.
type pair struct {
	g      *ground
	a, b   *intruder
	invite request // as A sent it
	ok     string  // what A got
	offer  string  // the unit's INVITE as B got it
}

// connect has A call B.
func (g *ground) connect() *pair {
	g.Helper()
	p := &pair{g: g, a: g.intrude(hostPhones), b: g.puppetPhone(hostPhones)}
	first := request{method: "INVITE", uri: "sip:" + puppet + "@" + g.phones().String()}
	p.a.fill(&first)
	first.body = sdpAt(p.a.mediaAt())
	first.length = ""
	challenge := p.a.ask(g.phones(), first)
	r := first
	r.cseq, r.branch, r.via, r.length = 2, "", "", ""
	p.a.fill(&r)
	r.more = []string{p.a.authorization(challenge, &r, login{account: g.stolen})}
	p.a.send(g.phones(), p.a.text(&r))
	if p.offer = p.b.await("INVITE", 2*time.Second); p.offer == "" {
		g.Fatal("the puppet does not ring")
	}
	p.b.reply(p.offer, "200 OK", sdpAt(p.b.mediaAt()), "Contact: <sip:p@"+p.b.self.String()+">")
	p.b.await("ACK", 2*time.Second)
	p.invite, p.ok = r, p.a.answer(r.branch, 2*time.Second)
	if statusOf(p.ok) != 200 {
		g.Fatalf("the call of the test: %q", p.ok)
	}
	ack := p.a.within(r, p.ok, "ACK")
	p.a.send(g.phones(), p.a.text(&ack))
	return p
}

// mediaAt is where an intruder says that it listens: its own socket.
func (x *intruder) mediaAt() netip.AddrPort { return x.self }

// up finds the call up and hangs it up: B must hear of it, and only then.
func (p *pair) up() {
	p.g.Helper()
	if got := p.b.await("BYE", silence); got != "" {
		p.b.reply(got, "200 OK", "")
		p.g.Error("the call was ended")
		return
	}
	bye := p.a.within(p.invite, p.ok, "BYE")
	bye.cseq += 50
	p.a.send(p.g.phones(), p.a.text(&bye))
	if got := p.b.await("BYE", 2*time.Second); got == "" {
		p.g.Error("the call was not there any more")
	} else {
		p.b.reply(got, "200 OK", "")
	}
}

// forge writes a request as if it came from A, on another socket.
func (p *pair) forge(method string, change func(*request)) (request, *intruder) {
	r := p.a.within(p.invite, p.ok, method)
	r.cseq += 5
	if change != nil {
		change(&r)
	}
	return r, p.g.intrude(hostThief)
}

// dialogs are attacks on other people's calls.
var dialogs = []attack{
	{
		name:          "hanging up on others by guessing",
		vulnerability: "half a dialog's identity is enough",
		scenario: "BYE, re-INVITE, UPDATE, INFO from another host with one of Call-ID, From tag, To tag " +
			"wrong, and CSeq old",
		verified: "no success, and the call stays up",
		run: func(g *ground) {
			p := g.connect()
			for _, m := range []string{"BYE", "INVITE", "UPDATE", "INFO"} {
				for what, change := range map[string]func(*request){
					"Call-ID":  func(r *request) { r.callID += "x" },
					"From tag": func(r *request) { r.from += "x" },
					"To tag":   func(r *request) { r.to += "x" },
					"CSeq":     func(r *request) { r.cseq = 1 },
				} {
					r, x := p.forge(m, change)
					if s := statusOf(x.ask(g.phones(), r)); s != 0 && s < 400 {
						g.Errorf("%s with a wrong %s: %d", m, what, s)
					}
				}
			}
			p.up()
		},
	},
	{
		name:          "hanging up on others by listening",
		vulnerability: "who has seen one packet of a call owns it",
		scenario: "BYE, re-INVITE, UPDATE, INFO from another host with all tags right, without and with a " +
			"credential of his own",
		verified: "challenged, and the call stays up with its sound where it was",
		run: func(g *ground) {
			p := g.connect()
			for _, m := range []string{"INFO", "UPDATE", "INVITE", "BYE"} {
				r, x := p.forge(m, nil)
				if m != "BYE" {
					r.body, r.length = sdpAt(x.self), ""
				}
				if got := x.ask(g.phones(), r); statusOf(got) != 401 && statusOf(got) != 0 {
					g.Errorf("%s: %d", m, statusOf(got))
				} else if statusOf(got) == 401 {
					r.cseq, r.branch, r.via, r.length = r.cseq+1, "", "", ""
					x.fill(&r)
					r.more = []string{x.authorization(got, &r, login{account: g.puppet})}
					if s := statusOf(x.ask(g.phones(), r)); s != 0 && s < 400 {
						g.Errorf("%s with another phone's credential: %d", m, s)
					}
				}
			}
			p.up()
		},
	},
	{
		name:          "hanging up on the phone that was called",
		vulnerability: "any colleague's credential is good inside a call to somebody else",
		scenario:      "BYE on the called phone's leg, all tags right, from another host, signed by another phone",
		verified:      "no success, and the call stays up",
		run: func(g *ground) {
			p := g.connect()
			x := g.intrude(hostThief)
			r := request{
				method: "BYE", uri: strings.Trim(header(p.offer, "Contact"), "<>"), cseq: 7,
				from: header(p.offer, "To") + ";tag=puppet", to: header(p.offer, "From"),
				callID: header(p.offer, "Call-ID"),
			}
			got := x.ask(g.phones(), r)
			if statusOf(got) != 401 {
				g.Fatalf("unsigned: %q", got)
			}
			r.cseq++
			x.fill(&r)
			r.more = []string{x.authorization(got, &r, login{account: g.stolen})}
			if s := statusOf(x.ask(g.phones(), r)); s != 0 && s < 400 {
				g.Errorf("signed by another phone: %d", s)
			}
			p.up()
		},
	},
	{
		name:          "a phone that moves",
		vulnerability: "the defence above cuts the true phone off",
		scenario:      "the true phone speaks from another host in the middle of its call, and signs what it says",
		verified:      "its BYE is taken",
		run: func(g *ground) {
			p := g.connect()
			r, x := p.forge("BYE", nil)
			got := x.ask(g.phones(), r)
			if statusOf(got) != 401 {
				g.Fatalf("BYE from a new place: %q", got)
			}
			r.cseq, r.branch, r.via = r.cseq+1, "", ""
			x.fill(&r)
			r.more = []string{x.authorization(got, &r, login{account: g.stolen})}
			if s := statusOf(x.ask(g.phones(), r)); s != 200 {
				g.Errorf("signed BYE from a new place: %d", s)
			}
			if bye := p.b.await("BYE", 2*time.Second); bye == "" {
				g.Error("the other phone was not told")
			} else {
				p.b.reply(bye, "200 OK", "")
			}
		},
	},
	{
		name:          "canceling other people's calls",
		vulnerability: "CANCEL needs no more than a branch",
		scenario:      "a call rings; CANCEL from another host with its branch, tags and Via",
		verified:      "no success; the phone goes on ringing and the call is answered",
		run: func(g *ground) {
			b, a := g.puppetPhone(hostPhones), g.intrude(hostPhones)
			r := a.signed(g.stolen, "sip:"+puppet+"@"+g.phones().String())
			ringing := b.await("INVITE", 2*time.Second)
			b.reply(ringing, "180 Ringing", "")
			x := g.intrude(hostThief)
			cancel := r
			cancel.method, cancel.body, cancel.more, cancel.length, cancel.contact = "CANCEL", "", nil, "", "-"
			if s := statusOf(x.ask(g.phones(), cancel)); s != 0 && s < 400 {
				g.Errorf("CANCEL: %d", s)
			}
			if b.await("CANCEL", silence) != "" {
				g.Error("the phone stopped ringing")
			}
			b.reply(ringing, "200 OK", sdpAt(b.self), "Contact: <sip:p@"+b.self.String()+">")
			ok := a.answer(r.branch, 2*time.Second)
			if statusOf(ok) != 200 {
				g.Fatalf("the call: %q", ok)
			}
			ack := a.within(r, ok, "ACK")
			a.send(g.phones(), a.text(&ack))
			a.send(g.phones(), a.text(new(a.within(r, ok, "BYE"))))
			if told := b.await("BYE", 2*time.Second); told != "" {
				b.reply(told, "200 OK", "")
			}
		},
	},
	{
		name:          "answering other people's calls",
		vulnerability: "responses are believed from anybody",
		scenario:      "a call rings; 200, 302 and 603 from another host, with guessed branches",
		verified:      "the call goes on ringing",
		run: func(g *ground) {
			b, a := g.puppetPhone(hostPhones), g.intrude(hostPhones)
			uri := "sip:" + puppet + "@" + g.phones().String()
			r := a.signed(g.stolen, uri)
			ringing := b.await("INVITE", 2*time.Second)
			b.reply(ringing, "180 Ringing", "")
			x := g.intrude(hostThief)
			branch := header(ringing, "Via")
			guessed := strings.Replace(ringing, branch, branch[:len(branch)-8]+"AAAAAAAA", 1)
			for _, s := range []string{"200 OK", "302 Moved", "603 Decline"} {
				contact := "Contact: <sip:" + abroad + "@" + g.at(hostStatic, portCarrier).String() + ">"
				x.reply(guessed, s, sdpAt(x.self), contact)
			}
			if m := a.answer(r.branch, silence); m != "" {
				g.Errorf("the caller got %q", m)
			}
			b.reply(ringing, "486 Busy Here", "")
			if s := statusOf(a.finish(g.phones(), &r, 2*time.Second)); s != 486 {
				g.Errorf("the true answer: %d", s)
			}
		},
	},
}
