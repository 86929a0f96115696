package office

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"sync"
	"sync/atomic"
	"time"

	"github.com/sekisho/sekisho/wire/digest"
	"github.com/sekisho/sekisho/wire/sip"
)

// Account is what a person typed into the phone.
type Account struct {
	Extension string
	User      string
	Secret    string
	Server    netip.AddrPort
	UserAgent string
	// OnRing decides about a call that comes in, with a final status; nil
	// answers 486: nobody picks up. It runs on the phone's reader.
	OnRing func(r Ring) int
	// OnBye hears that the unit hung up a call, by its Call-ID, each time its BYE
	// comes. It runs on the phone's reader; it may be nil.
	OnBye func(callID string)
}

// Phone is one simulated phone.
type Phone struct {
	account Account
	conn    net.PacketConn
	local   netip.AddrPort
	media   netip.AddrPort // where our SDP says that we listen

	mu      sync.Mutex
	replies map[string]chan *reply // by branch
	ch      *digest.Challenge      // the last challenge, answered in advance
	nc      uint32

	taken   map[string][]byte // our 200 by Call-ID; the reader's own
	cseq    atomic.Uint32
	strange atomic.Uint64
	done    chan struct{}
	err     error
}

// reply is one response, owning its bytes.
type reply struct {
	m    *sip.Message
	from netip.AddrPort
}

// New makes a phone on a socket; Close closes it. media is the address that
// its SDP names; the phone itself sends no audio.
func New(conn net.PacketConn, account Account, media netip.AddrPort) (*Phone, error) {
	local, err := netip.ParseAddrPort(conn.LocalAddr().String())
	if err != nil {
		return nil, fmt.Errorf("phone's own address: %w", err)
	}
	p := &Phone{
		account: account, conn: conn, local: local, media: media,
		replies: map[string]chan *reply{}, taken: map[string][]byte{}, done: make(chan struct{}),
	}
	go p.read()
	return p, nil
}

// Close ends the phone and waits for its reader.
func (p *Phone) Close() error {
	err := p.conn.Close()
	<-p.done
	return err
}

// Strange counts datagrams that were no response to anything we asked.
func (p *Phone) Strange() uint64 { return p.strange.Load() }

// Addr is where the phone stands.
func (p *Phone) Addr() netip.AddrPort { return p.local }

// Extension is whose phone it is.
func (p *Phone) Extension() string { return p.account.Extension }

func (p *Phone) read() {
	defer close(p.done)
	buf := make([]byte, datagramMax)
	for {
		n, from, err := p.conn.ReadFrom(buf)
		if err != nil {
			p.err = err
			return
		}
		p.take(buf[:n], from)
	}
}

// take hands a response to whoever waits for it. Requests are answered only
// where a call needs it: BYE from the unit gets its 200.
func (p *Phone) take(b []byte, from net.Addr) {
	var m sip.Message
	if err := sip.Parse(b, &m); err != nil {
		p.strange.Add(1)
		return
	}
	addr, err := netip.ParseAddrPort(from.String())
	if err != nil {
		p.strange.Add(1)
		return
	}
	if m.IsRequest() {
		p.answer(&m, addr)
		return
	}
	p.mu.Lock()
	ch := p.replies[string(m.TopVia().Branch)]
	p.mu.Unlock()
	if ch == nil {
		p.strange.Add(1)
		return
	}
	select {
	case ch <- &reply{m: m.Clone(), from: addr}:
	default:
		p.strange.Add(1)
	}
}

// request is one request to the unit.
type request struct {
	method  sip.Method
	uri     *sip.URI
	to      *sip.NameAddr
	from    *sip.NameAddr
	callID  string
	cseq    uint32
	routes  []sip.NameAddr
	headers []sip.AnswerField
	body    []byte
	auth    bool // may carry credentials
}

// ErrNoAnswer tells that no final response came in 64*T1.
var ErrNoAnswer = errors.New("no answer from the unit")

// send runs one client transaction and gives its final response. The branch
// is given to the caller for the ACK of an INVITE.
func (p *Phone) send(ctx context.Context, r *request) (*sip.Message, *sip.Message, error) {
	branch := append([]byte(sip.MagicCookie), token()...)
	out, err := p.build(r, branch)
	if err != nil {
		return nil, nil, err
	}
	sent := &sip.Message{}
	if err := sip.Parse(out, sent); err != nil {
		return nil, nil, fmt.Errorf("our own request: %w", err)
	}
	ch := make(chan *reply, repliesMax)
	p.mu.Lock()
	p.replies[string(branch)] = ch
	p.mu.Unlock()
	defer func() {
		p.mu.Lock()
		delete(p.replies, string(branch))
		p.mu.Unlock()
	}()
	final, err := p.transact(ctx, r.method, out, ch)
	return sent, final, err
}

// transact sends, and sends again until something comes (RFC 3261 §17.1).
func (p *Phone) transact(
	ctx context.Context, method sip.Method, out []byte, ch <-chan *reply,
) (*sip.Message, error) {
	to := net.UDPAddrFromAddrPort(p.account.Server)
	if _, err := p.conn.WriteTo(out, to); err != nil {
		return nil, fmt.Errorf("sending %v: %w", method, err)
	}
	deadline := time.NewTimer(timeToAnswer)
	defer deadline.Stop()
	wait := timerT1
	again := time.NewTimer(wait)
	defer again.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil, ctx.Err()
		case <-p.done:
			return nil, fmt.Errorf("phone is closed: %w", p.err)
		case <-deadline.C:
			return nil, ErrNoAnswer
		case <-again.C:
			if _, err := p.conn.WriteTo(out, to); err != nil {
				return nil, fmt.Errorf("sending %v again: %w", method, err)
			}
			if wait *= 2; method != sip.INVITE {
				wait = min(wait, timerT2)
			}
			again.Reset(wait)
		case r := <-ch:
			if r.m.Status() >= 200 {
				return r.m, nil
			}
			again.Stop() // an INVITE is not sent again after a provisional response
		}
	}
}

func (p *Phone) build(r *request, branch []byte) ([]byte, error) {
	var b sip.Builder
	b.Reset(nil)
	b.Request(r.method, r.uri)
	b.Via("UDP", p.local.String(), branch)
	b.Uint(sip.HeaderMaxForwards, 70)
	b.Addr(sip.HeaderFrom, r.from)
	b.Addr(sip.HeaderTo, r.to)
	b.Text(sip.HeaderCallID, r.callID)
	b.CSeq(r.cseq, r.method)
	for i := range r.routes {
		b.Addr(sip.HeaderRoute, &r.routes[i])
	}
	b.Text(sip.HeaderContact, "<sip:"+p.account.User+"@"+p.local.String()+">")
	b.Text(sip.HeaderUserAgent, p.account.UserAgent)
	if r.auth {
		if v := p.credentials(r.method, r.uri); v != "" {
			b.Text(sip.HeaderAuthorization, v)
		}
	}
	for _, h := range r.headers {
		b.Text(h.ID, h.Value)
	}
	kind := ""
	if len(r.body) > 0 {
		kind = "application/sdp"
	}
	out, err := b.Finish(kind, r.body)
	if err != nil {
		return nil, fmt.Errorf("building %v: %w", r.method, err)
	}
	return out, nil
}

// credentials answers the last challenge in advance, counting nonce uses.
func (p *Phone) credentials(method sip.Method, uri *sip.URI) string {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.ch == nil {
		return ""
	}
	p.nc++
	login := digest.Login{User: p.account.User, Password: p.account.Secret}
	c, err := digest.Answer(*p.ch, login, method.String(), uri.String(), string(token()), p.nc)
	if err != nil {
		return ""
	}
	return c.String()
}

// challenged remembers the challenges of a 401. It tells whether the request
// is worth sending again.
func (p *Phone) challenged(m *sip.Message) bool {
	var list []digest.Challenge
	for v := range m.Header(sip.HeaderWWWAuthenticate) {
		if c, err := digest.ParseChallenge(string(v)); err == nil {
			list = append(list, c)
		}
	}
	c, ok := digest.Choose(list)
	if !ok {
		return false
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.ch, p.nc = &c, 0
	return true
}

func token() []byte {
	var b [12]byte
	if _, err := rand.Read(b[:]); err != nil {
		panic("crypto/rand: " + err.Error()) // never fails since Go 1.24
	}
	return hex.AppendEncode(nil, b[:])
}
