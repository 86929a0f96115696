//go:build e2e

package attack

import (
	"crypto/rand"
	"slices"
	"strings"
	"time"
)

// forged are emergency calls in somebody else's name: the unit lets a phone
// whose sign-in fails call for help, and must not let others speak for it.
var forged = []attack{
	{
		name:          "the police by a forged address",
		vulnerability: "a datagram with a phone's source address makes the office call 110",
		scenario: "INVITEs, ACKs with guessed tags and wrong credentials from a phone's address; the answers go to " +
			"the phone",
		verified: "no call reaches a carrier, though good calls went out from that address a moment before",
		run: func(g *ground) {
			x := g.intrude(hostPhones)
			own := g.intrude(hostThief) // where the forger hears what the unit says to him
			via := "SIP/2.0/UDP " + g.staff.Addr().String() + ";branch="
			guess := "<sip:110@unit>;tag=u" + strings.Repeat("0", 32)
			for range 4 {
				r := request{
					method: "INVITE", uri: "sip:110@" + g.phones().String(),
					callID: rand.Text(), from: "<sip:201@unit>;tag=f",
				}
				told := own.ask(g.phones(), r)
				for n := range 3 {
					r.branch, r.via, r.cseq, r.more = "", via+"z9hG4bK"+rand.Text(), n+1, nil
					x.send(g.phones(), x.text(&r))
					for _, to := range []string{"<sip:110@unit>", header(told, "To"), guess} {
						ack := r
						ack.method, ack.to, ack.body, ack.length = "ACK", to, "", ""
						x.send(g.phones(), x.text(&ack))
					}
					r.via, r.cseq = via+"z9hG4bK"+rand.Text(), n+2
					wrong := g.stolen
					wrong.Secret = "wrong"
					r.more = []string{x.authorization(told, &r, login{account: wrong, nc: uint32(n + 1)})}
					x.send(g.phones(), x.text(&r))
				}
			}
			time.Sleep(silence)
			if calls := g.live(); len(calls) != 0 {
				g.Errorf("calls: %+v", calls)
			}
		},
	},
	{
		name:          "a phone with a wrong secret calls the police",
		vulnerability: "a phone that can't sign in gets no help",
		scenario: "INVITE, 401, ACK, INVITE with a wrong secret; without credentials, dialed again; over UDP " +
			"and TCP",
		verified: "each of the four calls reaches a carrier, once",
		may:      []string{"110"},
		run: func(g *ground) {
			marks := g.marks()
			wrong := g.stolen
			wrong.Secret = "wrong"
			police := request{method: "INVITE", uri: "sip:110@" + g.phones().String()}
			x := g.intrude(hostPhones)
			if s := x.dialAs(wrong, police); s != 200 {
				g.Errorf("wrong credentials over UDP: %d", s)
			}
			x.dialUnsigned(police)
			x = g.intrudeTCP(hostPhones)
			if s := x.dialAs(wrong, police); s != 200 {
				g.Errorf("wrong credentials over TCP: %d", s)
			}
			x.dialUnsigned(police)
			if got := g.reached(marks); !slices.Equal(got, []string{"110", "110", "110", "110"}) {
				g.Errorf("the carriers got %q", got)
			}
		},
	},
}

// dialUnsigned calls somebody without credentials until the call gets through,
// as a phone that answers no challenge is dialed again by hand. A hand is slow:
// here the next call may be judged before the ACK of the last one is read, on
// another shard.
func (x *intruder) dialUnsigned(r request) {
	x.g.Helper()
	for range 5 {
		once := r
		x.send(x.g.phones(), x.text(&once))
		m := x.finish(x.g.phones(), &once, 3*time.Second)
		if statusOf(m) == 200 {
			x.hangUp(once, m)
			return
		}
	}
	x.g.Errorf("%s can't be reached without credentials", r.uri)
}
