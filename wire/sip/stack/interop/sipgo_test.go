package interop

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/netip"
	"os"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/emiago/sipgo"
	peer "github.com/emiago/sipgo/sip"

	"github.com/sekisho/sekisho/wire/sip/edge"
	"github.com/sekisho/sekisho/wire/sip/session"
	"github.com/sekisho/sekisho/wire/sip/stack"
)

func TestMain(m *testing.M) {
	peer.SetDefaultLogger(slog.New(slog.DiscardHandler)) // a global, so once
	os.Exit(m.Run())
}

// phone is sipgo as a phone.
type phone struct {
	t      *testing.T
	client *sipgo.Client
	dialog sipgo.DialogUA
	addr   netip.AddrPort
	unit   *unit
	via    string // transport
	events chan string
	answer atomic.Pointer[func(d *sipgo.DialogServerSession)]
	calls  *sipgo.DialogServerCache
}

func newPhone(t *testing.T, u *unit, transport string) *phone {
	t.Helper()
	ua, err := sipgo.NewUA(sipgo.WithUserAgent("sipgo"),
		sipgo.WithUserAgenTLSConfig(&tls.Config{InsecureSkipVerify: true})) // it checks no name anyway
	if err != nil {
		t.Fatal(err)
	}
	server, err := sipgo.NewServer(ua)
	if err != nil {
		t.Fatal(err)
	}
	pc, err := net.ListenPacket("udp4", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	p := &phone{t: t, addr: netip.MustParseAddrPort(pc.LocalAddr().String()), unit: u, via: transport}
	p.events = make(chan string, eventMax)
	if p.client, err = sipgo.NewClient(ua, sipgo.WithClientHostname("127.0.0.1")); err != nil {
		t.Fatal(err)
	}
	contact := peer.ContactHeader{Address: peer.Uri{User: "201", Host: "127.0.0.1", Port: int(p.addr.Port())}}
	p.dialog = sipgo.DialogUA{Client: p.client, ContactHDR: contact}
	p.calls = sipgo.NewDialogServerCache(p.client, contact)
	server.OnInvite(p.onInvite)
	server.OnAck(func(req *peer.Request, tx peer.ServerTransaction) { _ = p.calls.ReadAck(req, tx) })
	server.OnBye(func(req *peer.Request, tx peer.ServerTransaction) {
		p.events <- "bye"
		if p.calls.ReadBye(req, tx) != nil {
			_ = tx.Respond(peer.NewResponseFromRequest(req, 200, "OK", nil))
		}
	})
	server.OnCancel(func(req *peer.Request, tx peer.ServerTransaction) { p.events <- "cancel" })
	go func() { _ = server.ServeUDP(pc) }() // ends when pc closes
	t.Cleanup(func() { _ = ua.Close(); _ = pc.Close() })
	return p
}

func (p *phone) onInvite(req *peer.Request, tx peer.ServerTransaction) {
	d, err := p.calls.ReadInvite(req, tx)
	if err != nil {
		p.t.Error(err)
		return
	}
	p.events <- "invite " + string(req.Body())
	(*p.answer.Load())(d)
}

func (p *phone) want(want ...string) {
	p.t.Helper()
	for _, w := range want {
		select {
		case got := <-p.events:
			if got != w {
				p.t.Fatalf("phone heard %q, want %q", got, w)
			}
		case <-time.After(10 * time.Second):
			p.t.Fatalf("phone heard nothing, want %q", w)
		}
	}
}

func (p *phone) target() peer.Uri {
	at := p.unit.udp
	u := peer.Uri{User: "202", Host: "127.0.0.1"}
	switch p.via {
	case "tcp":
		at = p.unit.tcp
	case "tls":
		at = p.unit.tls
	}
	if p.via != "udp" {
		u.UriParams = peer.NewParams()
		u.UriParams.Add("transport", p.via)
	}
	u.Port = int(at.Port())
	return u
}

func (p *phone) register(ctx context.Context) {
	p.t.Helper()
	u := p.target()
	u.User = ""
	req := peer.NewRequest(peer.REGISTER, u)
	req.AppendHeader(&p.dialog.ContactHDR)
	req.SetTransport(strings.ToUpper(p.via))
	res, err := p.client.Do(ctx, req)
	if err != nil {
		p.t.Fatal(err)
	}
	if res.StatusCode != 401 {
		p.t.Fatalf("REGISTER without credentials: %d", res.StatusCode)
	}
	res, err = p.client.DoDigestAuth(ctx, req, res, sipgo.DigestAuth{Username: user, Password: password})
	if err != nil {
		p.t.Fatal(err)
	}
	if res.StatusCode != 200 || res.Contact() == nil {
		p.t.Fatalf("REGISTER: %s", res)
	}
}

func (p *phone) dial(ctx context.Context) (*sipgo.DialogClientSession, error) {
	d, err := p.dialog.Invite(ctx, p.target(), []byte("offer"), peer.NewHeader("Content-Type", "application/sdp"))
	if err != nil {
		return nil, err
	}
	return d, d.WaitAnswer(ctx, sipgo.AnswerOptions{Username: user, Password: password})
}

// eachWay runs a test over UDP, TCP and TLS, with 1 and 4 shards.
func eachWay(t *testing.T, f func(t *testing.T, u *unit, p *phone)) {
	for _, transport := range []string{"udp", "tcp", "tls"} {
		for _, shards := range []int{1, 4} {
			t.Run(fmt.Sprintf("%s, %d shards", transport, shards), func(t *testing.T) {
				u := newUnit(t, shards)
				f(t, u, newPhone(t, u, transport))
			})
		}
	}
}

func sdp(text string) session.Body {
	return session.Body{Type: "application/sdp", Bytes: []byte(text)}
}

func TestPhoneRegistersAndCalls(t *testing.T) {
	eachWay(t, func(t *testing.T, u *unit, p *phone) {
		ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
		defer cancel()
		p.register(ctx)
		u.want("REGISTER by " + p.via)
		u.answers(func(se *stack.Session) {
			_ = se.Ring(180, session.Body{}, false)
			_ = se.Answer(sdp("answer"))
		})
		d, err := p.dial(ctx)
		if err != nil {
			t.Fatal(err)
		}
		if got := string(d.InviteResponse.Body()); got != "answer" {
			t.Errorf("answer %q", got)
		}
		if err := d.Ack(ctx); err != nil {
			t.Fatal(err)
		}
		u.want("invite from 201", "confirmed 0 ")
		if err := d.Bye(ctx); err != nil {
			t.Fatal(err)
		}
		u.want("ended 200 ")
	})
}

func TestPhoneIsRefused(t *testing.T) {
	eachWay(t, func(t *testing.T, u *unit, p *phone) {
		ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
		defer cancel()
		u.answers(func(se *stack.Session) {
			reason := session.Header{Name: "Reason", Value: `SIP;cause=603;text="international"`}
			_ = se.Refuse(603, "International Barred", reason)
		})
		_, err := p.dial(ctx)
		var refused *sipgo.ErrDialogResponse
		if !errors.As(err, &refused) || refused.Res.StatusCode != 603 || refused.Res.GetHeader("Reason") == nil {
			t.Errorf("got %v", err)
		}
		u.want("invite from 201")
	})
}

func TestPhoneCancels(t *testing.T) {
	eachWay(t, func(t *testing.T, u *unit, p *phone) {
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		u.answers(func(se *stack.Session) { _ = se.Ring(180, session.Body{}, false) })
		done := make(chan error, 1)
		go func() { // ends with the call
			_, err := p.dial(ctx)
			done <- err
		}()
		u.want("invite from 201")
		cancel()
		u.want("cancelled 487 ")
		if err := <-done; !errors.Is(err, context.Canceled) {
			t.Errorf("got %v", err)
		}
	})
}

// TestCallerIsHungUp ends a call of sipgo's from our side.
func TestCallerIsHungUp(t *testing.T) {
	u := newUnit(t, 4)
	p := newPhone(t, u, "udp")
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	calls := make(chan *stack.Session, 1)
	u.answers(func(se *stack.Session) {
		_ = se.Answer(sdp("answer"))
		calls <- se
	})
	d, err := p.dial(ctx)
	if err != nil {
		t.Fatal(err)
	}
	if err := d.Ack(ctx); err != nil {
		t.Fatal(err)
	}
	u.want("invite from 201", "confirmed 0 ")
	se := <-calls
	u.on(se, func(*stack.Shard) { err = se.Bye("") })
	if err != nil {
		t.Fatal(err)
	}
	p.want("bye")
	u.want("ended 200 ")
}

// TestPhoneIsCalled calls sipgo over UDP: it answers, we hang up; then it
// rings, and we cancel.
func TestPhoneIsCalled(t *testing.T) {
	u := newUnit(t, 4)
	p := newPhone(t, u, "udp")
	p.answer.Store(new(func(d *sipgo.DialogServerSession) {
		_ = d.Respond(180, "Ringing", nil)
		_ = d.RespondSDP([]byte("answer"))
	}))
	call := stack.PhoneCall{
		Place: edge.Source{Remote: p.addr, Transport: "udp", Listener: "udp"},
		URI:   "sip:201@" + p.addr.String(), From: "<sip:202@127.0.0.1>", To: "<sip:201@127.0.0.1>",
		Body: sdp("offer"), Owner: u,
	}
	var se *stack.Session
	var err error
	u.on(nil, func(sh *stack.Shard) { se, err = sh.Invite(call) })
	if err != nil {
		t.Fatal(err)
	}
	p.want("invite offer")
	u.want("progress 180 ", "answered 200 answer")
	u.on(se, func(*stack.Shard) { err = se.Bye("") })
	if err != nil {
		t.Fatal(err)
	}
	p.want("bye")
	u.want("ended 200 ")

	p.answer.Store(new(func(d *sipgo.DialogServerSession) {
		_ = d.Respond(180, "Ringing", nil)
		<-d.Context().Done()
	}))
	u.on(nil, func(sh *stack.Shard) { se, err = sh.Invite(call) })
	if err != nil {
		t.Fatal(err)
	}
	p.want("invite offer")
	u.want("progress 180 ")
	u.on(se, func(*stack.Shard) { err = se.Cancel("") })
	if err != nil {
		t.Fatal(err)
	}
	u.want("failed 487 ")
}
