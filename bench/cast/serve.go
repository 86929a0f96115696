package cast

import (
	"encoding/binary"
	"fmt"
	"net/netip"
	"strconv"
	"strings"
	"time"

	"github.com/sekisho/sekisho/wire/sip"
)

// request takes a request of the unit.
func (p *Party) request(m *sip.Message) {
	if m.Method() == sip.ACK {
		p.acknowledged(m)
		return
	}
	if text := p.remembered(keyOf(m)); text != "" && m.Method() != sip.CANCEL {
		p.sends(text)
		return
	}
	l := p.legOf(m)
	switch {
	case m.Method() == sip.OPTIONS:
		p.replies(m, 200, p.word("t"), "")
	case m.Method() == sip.INVITE && l == nil && !tagged(m):
		p.rung(m)
	case m.Method() == sip.NOTIFY && l == nil:
		p.notified(m)
	case l == nil:
		p.replies(m, 481, "", "")
	default:
		l.asked(m)
	}
}

func tagged(m *sip.Message) bool { return strings.Contains(string(m.Value(sip.HeaderTo)), ";tag=") }

func (p *Party) legOf(m *sip.Message) *Leg {
	id := string(m.CallID())
	for _, l := range p.Legs {
		if l.callID == id {
			return l
		}
	}
	return nil
}

// rung takes a call.
func (p *Party) rung(m *sip.Message) {
	l := p.leg()
	l.Called, l.State, l.invite, l.callID, l.tag = true, Ringing, m, string(m.CallID()), p.word("t")
	l.User, l.inviteSeq = string(m.RequestURI().User), int(m.CSeq().Number)
	l.local, l.remote = string(m.Value(sip.HeaderTo))+";tag="+l.tag, string(m.Value(sip.HeaderFrom))
	l.From = string(m.From().URI.User)
	if list, err := m.Contacts(); err == nil && len(list) > 0 {
		l.target = list[0].URI.String()
	}
	l.hearsAt(m.Body())
	l.seq = 100
	if p.o.Hooks.Rang != nil {
		p.o.Hooks.Rang(l)
	}
}

// asked takes a request within a call.
func (l *Leg) asked(m *sip.Message) {
	p := l.P
	switch m.Method() {
	case sip.BYE:
		delete(p.o.unacked, l.callID)
		p.replies(m, 200, "", "")
		l.over("BYE")
	case sip.CANCEL:
		p.replies(m, 200, l.tag, "")
		if l.State == Ringing {
			l.final(l.invite, 487, "")
			l.over("CANCEL")
		}
	case sip.NOTIFY:
		p.replies(m, 200, "", "")
		l.progress(string(m.Body()))
	case sip.INVITE:
		if len(m.Body()) > 0 {
			l.hearsAt(m.Body())
		}
		l.final(m, 200, l.description())
		l.speaksSoon()
	case sip.UPDATE:
		body := ""
		if len(m.Body()) > 0 {
			l.hearsAt(m.Body())
			body = l.description()
		}
		p.replies(m, 200, "", body)
	default:
		p.replies(m, 200, "", "")
	}
}

// progress takes what a NOTIFY says of a REFER.
func (l *Leg) progress(sipfrag string) {
	_, rest, _ := strings.Cut(sipfrag, "SIP/2.0 ")
	number, _, _ := strings.Cut(rest, " ")
	if status, err := strconv.Atoi(number); err == nil && status >= 200 && l.refer != nil {
		l.refer(status)
	}
}

// acknowledged takes an ACK.
func (p *Party) acknowledged(m *sip.Message) {
	delete(p.o.unacked, string(m.CallID()))
	if l := p.legOf(m); l != nil {
		if len(m.Body()) > 0 {
			l.hearsAt(m.Body())
		}
	}
}

// The sound of a leg: its number, in a packet of G.711 that nobody reads otherwise.
const (
	rtpHeader = 12
	rtpFrame  = 160
	rtpMark   = "SEKISHO:"
)

// speaks sends one packet.
func (l *Leg) speaks() {
	if !l.to.IsValid() || !l.P.Reachable(time.Now()) {
		return
	}
	var b [rtpHeader + rtpFrame]byte
	b[0] = 0x80
	l.rtp++
	binary.BigEndian.PutUint16(b[2:], l.rtp)
	binary.BigEndian.PutUint32(b[4:], uint32(l.rtp)*rtpFrame)
	binary.BigEndian.PutUint32(b[8:], uint32(l.ID))
	copy(b[rtpHeader:], rtpMark)
	binary.BigEndian.PutUint64(b[rtpHeader+len(rtpMark):], l.ID)
	_, _ = l.P.conn.WriteToUDPAddrPort(b[:], l.to) // what is lost is lost
}

// speaksSoon has a leg speak now, some times soon after, and then now and then.
func (l *Leg) speaksSoon() {
	l.speaks()
	l.probes, l.probeAt = 0, time.Now().Add(probeFirst)
}

// probe has those speak whose turn it is, and forgets what is long over.
func (o *Office) probe(now time.Time) {
	for _, p := range o.Parties {
		for _, l := range p.Legs {
			if l.State != Up || l.Held || now.Before(l.probeAt) {
				continue
			}
			l.speaks()
			l.probes++
			if l.probeAt = now.Add(probeFirst); l.probes >= probeLast {
				l.probeAt = now.Add(probeSteady)
			}
		}
	}
	if now.Sub(o.swept) > rememberFor/2 {
		o.swept = now
		for id, l := range o.legs {
			if l.State == Over && now.Sub(l.Since) > rememberFor {
				delete(o.legs, id)
			}
		}
	}
}

// hears takes a packet of sound.
func (p *Party) hears(from netip.AddrPort, b []byte, _ time.Time) {
	if len(b) != rtpHeader+rtpFrame || b[1]&0x7f != 0 {
		return // RTCP, keys
	}
	for _, l := range p.Legs {
		if l.to == from && l.State != Ringing {
			l.hears(b[rtpHeader:])
			return
		}
	}
}

func (l *Leg) hears(payload []byte) {
	if string(payload[:len(rtpMark)]) != rtpMark {
		if l.sounds++; l.sounds == unitSound {
			l.Heard, l.Unit = nil, true
			l.changed()
		}
		return
	}
	who := l.P.o.legs[binary.BigEndian.Uint64(payload[len(rtpMark):])]
	if who == nil || who.State == Over {
		return
	}
	l.sounds = 0
	if l.Heard == who {
		return
	}
	l.Heard, l.Unit = who, false
	if l.State == Up && !l.Held {
		l.speaksSoon()
	}
	l.changed()
}

// String names a leg for people.
func (l *Leg) String() string {
	out := fmt.Sprintf("%s#%d %s %s", l.P.Name, l.ID, [...]string{"calls", "rings", "up", "over"}[l.State], l.User)
	if l.Held {
		out += " holds"
	}
	switch {
	case l.Heard != nil:
		out += " hears " + l.Heard.P.Name
	case l.Unit:
		out += " hears the unit"
	}
	return out
}
