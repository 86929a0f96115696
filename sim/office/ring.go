package office

import (
	"net"
	"net/netip"

	"github.com/sekisho/sekisho/wire/sip"
)

// Ring is a call that comes in, as the phone shows it.
type Ring struct {
	Caller string // user part of From
	Name   string // display name of From
	Offer  []byte // session description, nil for none
}

// answer gives 200 to what ends or checks a call, and to a call what OnRing
// says, 486 without it.
func (p *Phone) answer(m *sip.Message, from netip.AddrPort) {
	status := 0
	switch m.Method() {
	case sip.BYE:
		delete(p.taken, string(m.CallID()))
		if p.account.OnBye != nil {
			p.account.OnBye(string(m.CallID()))
		}
		status = 200
	case sip.CANCEL, sip.OPTIONS, sip.NOTIFY, sip.INFO:
		status = 200
	case sip.INVITE:
		if again := p.taken[string(m.CallID())]; again != nil {
			p.reply(again, from)
			return
		}
		status = 486
		if p.account.OnRing != nil && len(p.taken) < ringsMax {
			caller := m.From()
			status = p.account.OnRing(Ring{
				Caller: string(caller.URI.User), Name: string(caller.AppendDisplay(nil)), Offer: m.Clone().Body(),
			})
		}
	default:
		return
	}
	var b sip.Builder
	b.Reset(nil)
	b.Response(m, status, "", token(), from)
	kind, body := "", []byte(nil)
	if m.Method() == sip.INVITE && status < 300 {
		b.Text(sip.HeaderContact, "<sip:"+p.account.User+"@"+p.local.String()+">")
		kind, body = "application/sdp", p.offer()
	}
	out, err := b.Finish(kind, body)
	if err != nil {
		p.strange.Add(1)
		return
	}
	if kind != "" {
		p.taken[string(m.CallID())] = out
	}
	p.reply(out, from)
}

func (p *Phone) reply(out []byte, to netip.AddrPort) {
	if _, err := p.conn.WriteTo(out, net.UDPAddrFromAddrPort(to)); err != nil {
		p.strange.Add(1)
	}
}
