package carrier

import (
	"bytes"
	"fmt"

	"github.com/sekisho/sekisho/wire/sip"
)

// invitation writes the INVITE of a call to a line, in its carrier's manners.
func (k *call) invitation(c *Carrier, id string) ([]byte, error) {
	n := &k.account.Manners
	p := k.placed
	here := c.local.Addr().String()
	to, party := p.To, p.To
	if n.Called == CalledInParty {
		to = k.account.Numbers[0]
	}
	if n.Called == CalledInURI || n.Tokenless {
		k.target = k.target.Clone()
		k.target.User, k.target.HasUser = []byte(p.To), true
	}
	k.local = sip.NameAddr{URI: address(k.shownAs(), here), Tag: k.tag}
	if p.From == "" {
		k.local.URI = address("anonymous", "anonymous.invalid")
	}
	k.remote = sip.NameAddr{URI: address(to, here)}
	var b sip.Builder
	b.Reset(nil)
	b.Request(sip.INVITE, &k.target)
	b.Via("UDP", c.local.String(), append([]byte(sip.MagicCookie), token()...))
	b.Uint(sip.HeaderMaxForwards, 70)
	if n.Routes {
		b.Text(sip.HeaderRecordRoute, "<"+c.recorded()+">")
	}
	b.Addr(sip.HeaderFrom, &k.local)
	b.Addr(sip.HeaderTo, &k.remote)
	b.Text(sip.HeaderCallID, id)
	b.CSeq(k.cseq, sip.INVITE)
	b.Text(sip.HeaderContact, "<sip:carrier@"+c.local.String()+">")
	if n.Called == CalledEverywhere || n.Called == CalledInParty {
		b.Text(sip.HeaderPCalledPartyID, "<sip:"+party+"@"+here+">")
	}
	if n.Asserts && p.From != "" {
		b.Text(sip.HeaderPAssertedIdentity, "<sip:"+p.From+"@"+here+">")
	}
	if n.Timer > 0 {
		b.Text(sip.HeaderSupported, "100rel, timer")
		b.Text(sip.HeaderSessionExpires, fmt.Sprintf("%d;refresher=uac", n.Timer))
		b.Uint(sip.HeaderMinSE, n.Timer)
	}
	return b.Finish("application/sdp", k.voice.offer())
}

// shownAs is the user part of From: where the caller stands in
// P-Asserted-Identity, From says less.
func (k *call) shownAs() string {
	if k.account.Manners.Asserts {
		return "unproven"
	}
	return k.placed.From
}

func address(user, host string) sip.URI {
	return sip.URI{Scheme: sip.SchemeSIP, User: []byte(user), HasUser: true, Host: []byte(host)}
}

// acknowledge sends the PRACK of a reliable provisional response (RFC 3262).
func (k *call) acknowledge(c *Carrier, m *sip.Message) {
	n, ok := m.Uint(sip.HeaderRSeq)
	contact := m.Addr(sip.HeaderContact)
	if !ok || !m.Lists(sip.HeaderRequire, "100rel") || contact == nil {
		return
	}
	k.cseq++
	to := m.To().Clone()
	var b sip.Builder
	b.Reset(nil)
	b.Request(sip.PRACK, &contact.URI)
	b.Via("UDP", c.local.String(), append([]byte(sip.MagicCookie), token()...))
	b.Uint(sip.HeaderMaxForwards, 70)
	b.Addr(sip.HeaderFrom, &k.local)
	b.Addr(sip.HeaderTo, &to)
	b.Bytes(sip.HeaderCallID, m.CallID())
	b.CSeq(k.cseq, sip.PRACK)
	b.Text(sip.HeaderRAck, fmt.Sprintf("%d %d INVITE", n, k.invite.CSeq().Number))
	if out, err := b.Finish("", nil); err == nil {
		c.send(k.account.dress(out), k.peer)
	}
}

// compactNames are the header names that NGN abbreviates.
var compactNames = map[string]string{
	"Via": "v", "From": "f", "To": "t", "Call-ID": "i", "Contact": "m", "Content-Length": "l", "Content-Type": "c",
	"Supported": "k", "Session-Expires": "x",
}

// dress writes a message in an account's manners: with compact header names,
// where its carrier does so.
func (a *Account) dress(message []byte) []byte {
	head, body, ok := bytes.Cut(message, []byte("\r\n\r\n"))
	if !a.Manners.Compact || !ok {
		return message
	}
	lines := bytes.Split(head, []byte("\r\n"))
	for i, line := range lines {
		name, value, ok := bytes.Cut(line, []byte(":"))
		if short := compactNames[string(name)]; ok && short != "" {
			lines[i] = append([]byte(short+":"), value...)
		}
	}
	return append(append(bytes.Join(lines, []byte("\r\n")), "\r\n\r\n"...), body...)
}
