package carrier

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"sync"
	"time"

	"github.com/sekisho/sekisho/wire/sip"
)

// Placed is a call from the outside world to one of a line's numbers.
type Placed struct {
	To     string // national number of the line
	From   string // caller's number, "" for a withheld one
	Sound  Sound
	status chan int
	ended  chan struct{}
	stop   chan struct{}
	once   sync.Once
	over   sync.Once
}

// ErrUnreachable tells that no line of that number is registered.
var ErrUnreachable = errors.New("no line is registered for the number")

// Place calls a number of a line. Status waits for the final status.
func (c *Carrier) Place(ctx context.Context, to, from string, sound Sound) (*Placed, error) {
	p := &Placed{
		To: to, From: from, Sound: sound,
		status: make(chan int, 1), ended: make(chan struct{}), stop: make(chan struct{}),
	}
	select {
	case c.out <- p:
	case <-ctx.Done():
		return nil, ctx.Err()
	case <-c.done:
		return nil, errors.New("carrier is closed")
	}
	if err := c.conn.SetReadDeadline(time.Now()); err != nil { // wakes the loop
		return nil, fmt.Errorf("waking the carrier: %w", err)
	}
	return p, nil
}

// Status waits for the call's final status.
func (p *Placed) Status(ctx context.Context) (int, error) {
	select {
	case s := <-p.status:
		return s, nil
	case <-ctx.Done():
		return 0, ctx.Err()
	}
}

// Ended is closed when the call is over.
func (p *Placed) Ended() <-chan struct{} { return p.ended }

// Hangup ends the call from outside.
func (p *Placed) Hangup() { p.once.Do(func() { close(p.stop) }) }

func (p *Placed) end(status int) {
	p.over.Do(func() {
		select {
		case p.status <- status:
		default:
		}
		close(p.ended)
	})
}

// place starts the calls that wait, and hangs up those that are to end.
func (c *Carrier) place(now time.Time) {
	for _, k := range c.calls {
		if k.placed == nil || k.state == ended {
			continue
		}
		select {
		case <-k.placed.stop:
			if k.state == answered {
				k.bye(c, now)
			} else if k.state == placing {
				k.giveUp(c, now)
			}
		default:
		}
	}
	for {
		select {
		case p := <-c.out:
			c.start(p, now)
		default:
			return
		}
	}
}

// reach finds where a number's line is.
func (c *Carrier) reach(number string) (reached contact, ok bool) {
	for i := range c.cfg.Accounts {
		a := &c.cfg.Accounts[i]
		for _, n := range a.Numbers {
			if n != number {
				continue
			}
			if k, ok := c.contacts[a.User]; ok || a.Secret != "" {
				k.account = a
				return k, ok
			}
			to := netip.AddrPortFrom(a.Source, 5060)
			return contact{
				uri: sip.URI{Scheme: sip.SchemeSIP, Host: []byte(to.Addr().String())}, addr: to, account: a,
			}, true
		}
	}
	return contact{}, false
}

func (c *Carrier) start(p *Placed, now time.Time) {
	to, ok := c.reach(p.To)
	if !ok {
		p.end(480)
		return
	}
	ctx, cancel := context.WithCancel(context.Background())
	v, err := c.newVoice(ctx, nil, p.Sound)
	if err != nil {
		cancel()
		p.end(500)
		return
	}
	k := &call{
		state: placing, account: to.account, peer: to.addr, placed: p, voice: v, hangup: cancel, cseq: 1,
		target: to.uri, tag: token(),
	}
	id := string(token())
	out, err := k.invitation(c, id)
	if err != nil {
		cancel()
		p.end(500)
		return
	}
	k.invite = &sip.Message{}
	if sip.Parse(out, k.invite) != nil {
		cancel()
		p.end(500)
		return
	}
	c.calls[id] = k
	c.send(k.account.dress(out), k.peer)
	k.repeating(out, now)
}

// response takes a response to our INVITE; those to a BYE need nothing more.
func (k *call) response(c *Carrier, m *sip.Message, from netip.AddrPort, now time.Time) {
	if m.Method() != sip.INVITE || k.placed == nil {
		return
	}
	switch s := m.Status(); {
	case s < 200:
		k.acknowledge(c, m)
		k.repeat, k.until = nil, now.Add(time.Hour)
	case s < 300:
		k.confirm(c, m, from)
	default:
		var b sip.Builder
		b.Reset(nil)
		b.AckFailure(k.invite, m)
		if out, err := b.Finish("", nil); err == nil {
			c.send(k.account.dress(out), k.peer)
		}
		if k.state == placing {
			k.finish(now)
			k.placed.end(s)
		}
	}
}

// confirm acknowledges a 2xx, each time it comes.
func (k *call) confirm(c *Carrier, m *sip.Message, from netip.AddrPort) {
	if k.state == placing {
		k.state, k.repeat, k.peer = answered, nil, from
		k.remote = m.To().Clone()
		if contact := m.Addr(sip.HeaderContact); contact != nil {
			k.target = contact.URI.Clone()
		}
		if routes, err := m.RecordRoutes(); err == nil && !k.account.Manners.Routes { // those are our own
			for i := len(routes) - 1; i >= 0; i-- {
				k.routes = append(k.routes, routes[i].Clone())
			}
		}
		if _, _, ok := m.SessionExpires(); !ok && k.account.Manners.Timer > 0 {
			c.note(Violation{
				Line: k.account.User, Rule: RuleConfirmTimer, What: "no Session-Expires", Message: string(m.Bytes()),
			})
		}
		k.voice.redirect(m.Body())
		k.placed.status <- m.Status()
	}
	var b sip.Builder
	b.Reset(nil)
	b.Request(sip.ACK, &k.target)
	b.Via("UDP", c.local.String(), append([]byte(sip.MagicCookie), token()...))
	b.Uint(sip.HeaderMaxForwards, 70)
	for i := range k.routes {
		b.Addr(sip.HeaderRoute, &k.routes[i])
	}
	b.Addr(sip.HeaderFrom, &k.local)
	b.Addr(sip.HeaderTo, &k.remote)
	b.Bytes(sip.HeaderCallID, m.CallID())
	b.CSeq(k.invite.CSeq().Number, sip.ACK)
	if out, err := b.Finish("", nil); err == nil {
		c.send(k.account.dress(out), k.peer)
	}
}

// giveUp cancels our INVITE.
func (k *call) giveUp(c *Carrier, now time.Time) {
	var b sip.Builder
	b.Reset(nil)
	b.Cancel(k.invite)
	if out, err := b.Finish("", nil); err == nil {
		c.send(k.account.dress(out), k.peer)
	}
	k.until = now.Add(repeatFor)
}
