//go:build e2e

package attack

import (
	"encoding/binary"
	"net/netip"
	"regexp"
	"strings"
	"time"
)

// rtpPacket is one packet of PCMU whose every byte is fill.
func rtpPacket(seq uint16, ssrc uint32, fill byte) string {
	p := make([]byte, 12+160)
	p[0] = 0x80
	binary.BigEndian.PutUint16(p[2:], seq)
	binary.BigEndian.PutUint32(p[4:], uint32(seq)*160)
	binary.BigEndian.PutUint32(p[8:], ssrc)
	for i := range p[12:] {
		p[12+i] = fill
	}
	return string(p)
}

var audioPort = regexp.MustCompile(`c=IN IP4 (\S+)[\s\S]*m=audio (\d+) `)

// mediaOf reads where a description wants its sound.
func (g *ground) mediaOf(message string) netip.AddrPort {
	g.Helper()
	m := audioPort.FindStringSubmatch(body(message))
	if m == nil {
		g.Fatalf("no sound in %q", message)
	}
	a, err := netip.ParseAddrPort(m[1] + ":" + m[2])
	g.must(err)
	return a
}

// sounds are attacks on the voice path.
var sounds = []attack{
	{
		name:          "speaking into other people's calls",
		vulnerability: "whoever sends to a media port is heard, or moves the sound to himself",
		scenario:      "a call is up; RTP from a third host and from other ports of the talkers' host to both ports",
		verified:      "neither talker hears the intruder's bytes, nor the intruder a talker",
		run: func(g *ground) {
			p := g.connect()
			toA, toB := g.mediaOf(p.ok), g.mediaOf(p.offer)
			x, y := g.intrude(hostThief), g.intrude(hostPhones)
			for i := range uint16(60) {
				p.a.send(toA, rtpPacket(i, 1, 'a'))
				p.b.send(toB, rtpPacket(i, 2, 'b'))
				if i >= 5 {
					for _, thief := range []*intruder{x, y} {
						for _, to := range []netip.AddrPort{toA, toB} {
							thief.send(to, rtpPacket(i, 1+uint32(i%2), 'x'))
						}
					}
				}
				time.Sleep(2 * time.Millisecond)
			}
			heard := map[byte]int{}
			for _, talker := range []*intruder{p.a, p.b} {
				for m := talker.hear(silence); m != ""; m = talker.hear(silence) {
					if m[0] == 0x80 {
						heard[m[len(m)-1]]++
					}
				}
			}
			if heard['x'] != 0 || heard['a'] < 30 || heard['b'] < 30 {
				g.Errorf("packets heard: %d of a, %d of b, %d of the intruder", heard['a'], heard['b'], heard['x'])
			}
			for _, thief := range []*intruder{x, y} {
				if m := thief.hear(silence); m != "" {
					g.Errorf("the intruder heard %d bytes", len(m))
				}
			}
			p.up()
		},
	},
	{
		name:          "SIP in the voice",
		vulnerability: "the relay carries what is no sound: an INVITE to the carrier, from the address it believes",
		scenario: "the puppet's description names the carrier's SIP port; the caller sends INVITEs as " +
			"sound and as RTCP",
		verified: "no carrier books a call",
		run: func(g *ground) {
			a, b := g.intrude(hostPhones), g.puppetPhone(hostPhones)
			uri := "sip:" + puppet + "@" + g.phones().String()
			challenge := a.ask(g.phones(), request{method: "INVITE", uri: uri})
			r := request{method: "INVITE", uri: uri, body: sdpAt(a.self)}
			a.fill(&r)
			r.more = []string{a.authorization(challenge, &r, login{account: g.stolen})}
			a.send(g.phones(), a.text(&r))
			ringing := b.await("INVITE", 2*time.Second)
			b.reply(ringing, "200 OK", sdpAt(g.at(hostStatic, portCarrier)), "Contact: <sip:p@"+b.self.String()+">")
			ok := a.answer(r.branch, 2*time.Second)
			if statusOf(ok) != 200 {
				return // refused: as good
			}
			ack := a.within(r, ok, "ACK")
			a.send(g.phones(), a.text(&ack))
			unit := g.at(hostUnit, portLines).String()
			sip := strings.Join([]string{
				"INVITE sip:" + abroad + "@" + g.at(hostStatic, portCarrier).String() + " SIP/2.0",
				"Via: SIP/2.0/UDP " +
					unit + ";branch=z9hG4bKx",
				"From: <sip:static@x>;tag=1", "To: <sip:x@x>", "Call-ID: smuggled", "CSeq: 1 INVITE",
				"Max-Forwards: 70",
				"Contact: <sip:static@" + unit + ">", "Content-Length: 0",
			}, "\r\n") + "\r\n\r\n"
			at := g.mediaOf(ok)
			for i := range uint16(20) {
				a.send(at, rtpPacket(i, 9, 'a'))
				for _, prefix := range []string{"", "\r\n", "\x80\x00\r\n", "\x80\xc8\x00\x06", string(rtpPacket(i, 9,
					'\n'))} {
					a.send(at, prefix+sip)
					a.send(netip.AddrPortFrom(at.Addr(), at.Port()+1), prefix+sip)
				}
			}
			time.Sleep(silence)
			bye := a.within(r, ok, "BYE")
			a.send(g.phones(), a.text(&bye))
			if m := b.await("BYE", 2*time.Second); m != "" {
				b.reply(m, "200 OK", "")
			}
		},
	},
	{
		name:          "sound to where it has no business",
		vulnerability: "a description makes the unit send packets to services, groups, everybody or itself",
		scenario: "offers whose sound goes to a port below 1024, multicast, broadcast, nowhere, the " +
			"unit's own SIP port",
		verified: "the unit goes on; calls are refused or silent",
		run: func(g *ground) {
			x := g.intrude(hostThief)
			for _, at := range []string{
				g.at(hostUnit, portLines).String(), g.phones().String(), "224.0.0.1:5000", "255.255.255.255:5000",
				"0.0.0.0:0",
				g.host(hostThief).String() + ":53", "127.0.0.1:1", "0.1.2.3:9",
			} {
				x.dialAs(g.stolen, request{
					uri: "sip:" + friend + "@" + g.phones().String(), body: sdpAt(netip.MustParseAddrPort(at)),
				})
			}
			for _, sdp := range []string{
				"v=0", "v=0\r\n", strings.Repeat("a=x\r\n", 10_000),
				"v=0\r\no=- 1 1 IN IP4 x\r\ns=-\r\nt=0 0\r\nm=audio 99999 RTP/AVP 0\r\n",
				"v=0\r\no=- 1 1 IN IP4 1.1.1.1\r\ns=-\r\nc=IN IP4 host.invalid\r\nt=0 0\r\nm=audio 5000 RTP/AVP 0\r\n",
				sdpAt(x.self) + strings.Repeat("m=audio 5000 RTP/AVP 0\r\n", 500),
				sdpAt(x.self) + strings.Repeat("a=rtpmap:96 x/8000\r\n", 2000), "\x00\xff", sdpAt(x.self) +
					"a=crypto:1 x\r\n",
			} {
				x.dialAs(g.stolen, request{uri: "sip:" + friend + "@" + g.phones().String(), body: sdp})
			}
		},
	},
}
