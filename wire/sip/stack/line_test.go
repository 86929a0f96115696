package stack

import (
	"context"
	"errors"
	"net/netip"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/sekisho/sekisho/fact"
	"github.com/sekisho/sekisho/gate"
	"github.com/sekisho/sekisho/gate/desk"
	"github.com/sekisho/sekisho/number"
	"github.com/sekisho/sekisho/wire/sip"
	"github.com/sekisho/sekisho/wire/sip/dialog"
	"github.com/sekisho/sekisho/wire/sip/edge"
	"github.com/sekisho/sekisho/wire/sip/session"
)

// atOnce is a Committer that has no disk.
type atOnce struct{}

func (atOnce) Commit(_ fact.Write, done func(error)) { done(nil) }

// passFor gets a real pass from a real desk: for an emergency number, which
// needs no policy.
func passFor(t *testing.T, call, line string) (p gate.Pass) {
	t.Helper()
	d := desk.New(desk.Config{Committer: atOnce{}})
	d.Ask(gate.Request{
		Call: call, Line: line, Origin: gate.Origin{Kind: gate.OriginDialed, Extension: "201", Authenticated: true},
		Destination: number.Destination{Class: number.Emergency, Digits: "119"}, At: time.Now(),
	}, func(_ gate.Verdict, got gate.Pass, err error) {
		if err != nil {
			t.Fatal(err)
		}
		p = got
	})
	return p
}

// trunkConfig is a line to the carrier.
func trunkConfig() LineConfig {
	return LineConfig{
		ID: "trunk", Listener: "trunks", ContactUser: "pbx", Session: session.DefaultConfig(),
		Next: "sip:10.9.9.9:5060",
		Render: func(d number.Destination) (string, string, error) {
			return "sip:" + d.Digits + "@10.9.9.9", "<sip:" + d.Digits + "@10.9.9.9>", nil
		},
	}
}

func (w *world) line(cfg LineConfig) *Line {
	w.t.Helper()
	l, err := w.unit.stack.NewLine(cfg)
	if err != nil {
		w.t.Fatal(err)
	}
	return l
}

func (w *world) callOut(l *Line, p gate.Pass, c LineCall) (se *Session, err error) {
	c.From, c.Owner, c.Body = "<sip:0312345678@10.9.9.9>", w.unit, sdp("offer")
	w.on(w.unit, func(sh *Shard) { se, err = l.Invite(sh, p, c) })
	return se, err
}

func TestLineCall(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		l := w.line(trunkConfig())
		w.carrier.invite = func(_ *Shard, se *Session) {
			m := se.Message()
			if got := string(m.RequestTarget()); got != "sip:119@10.9.9.9" {
				t.Errorf("Request-URI %q is not the pass's", got)
			}
			if a := m.Addr(sip.HeaderContact); a == nil || string(a.URI.User) != "pbx" {
				t.Errorf("contact %v", a)
			}
			_ = se.Ring(183, sdp("early"), true)
			_ = se.Answer(sdp("answer"))
		}
		se, err := w.callOut(l, passFor(t, "call-1", "trunk"), LineCall{Call: "call-1"})
		if err != nil {
			t.Fatal(err)
		}
		wait()
		w.want(w.carrier, "invite", "confirmed")
		w.want(w.unit, "progress 183 early", "answered 200 early")
		if se.Line() != "trunk" || se.Dialog().RemoteTag == "" {
			t.Errorf("line %q, dialog %+v", se.Line(), se.Dialog())
		}
		w.on(w.unit, func(*Shard) { _ = se.Bye("") })
		wait()
		w.want(w.carrier, "ended 200")
		w.want(w.unit, "ended 200")
	})
}

// TestLineDemandsPass is invariant G1 at the wire: no INVITE for a pass that
// is zero, used, expired, or for another call or line.
func TestLineDemandsPass(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, 1)
		defer w.stop()
		l := w.line(trunkConfig())
		used := passFor(t, "call-1", "trunk")
		if _, err := w.callOut(l, used, LineCall{Call: "call-1"}); err != nil {
			t.Fatal(err)
		}
		wait()
		w.want(w.carrier, "invite")
		old := passFor(t, "call-1", "trunk")
		time.Sleep(time.Hour)
		w.carrier.take()
		for name, c := range map[string]struct {
			pass gate.Pass
			call string
			want error
		}{
			"zero":          {gate.Pass{}, "call-1", gate.ErrNoPass},
			"used":          {used, "call-1", gate.ErrPassUsed},
			"expired":       {old, "call-1", gate.ErrPassExpired},
			"another call":  {passFor(t, "call-2", "trunk"), "call-1", gate.ErrPassForeign},
			"another line":  {passFor(t, "call-1", "trunk2"), "call-1", gate.ErrPassForeign},
			"no call named": {passFor(t, "call-1", "trunk"), "", gate.ErrPassForeign},
		} {
			_, err := w.callOut(l, c.pass, LineCall{Call: c.call})
			if !errors.Is(err, c.want) && !errors.Is(err, gate.ErrPassExpired) {
				t.Errorf("%s: %v, want %v", name, err, c.want)
			}
			if err == nil {
				t.Errorf("%s: an INVITE went out", name)
			}
		}
		for _, m := range []sip.Method{sip.INVITE, sip.ACK, sip.CANCEL} {
			w.on(w.unit, func(sh *Shard) {
				o := Outgoing{Method: m, URI: "sip:119@10.9.9.9", From: "<sip:a@b>", To: "<sip:c@d>"}
				if err := l.Send(sh, o, nil); !errors.Is(err, ErrMethod) {
					t.Errorf("Send %s: %v", m, err)
				}
			})
		}
		wait()
		w.want(w.carrier)
	})
}

// TestPhoneSideNeverReachesLine tries every way in which a phone's data could
// aim the phone side at the carrier.
func TestPhoneSideNeverReachesLine(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, 1)
		defer w.stop()
		at := func(p netip.AddrPort) edge.Source {
			return edge.Source{Remote: p, Transport: "udp", Listener: "phones"}
		}
		calls := map[string]PhoneCall{
			"address":        {Place: at(carrierAddr), URI: "sip:201@10.0.0.21"},
			"mapped address": {Place: at(netip.MustParseAddrPort("[::ffff:10.9.9.9]:5060")), URI: "sip:201@10.0.0.21"},
			"contact":        {Place: at(phoneAddr), URI: "sip:117@10.9.9.9"},
			"line listener": {
				Place: edge.Source{Remote: carrierAddr, Transport: "udp", Listener: "trunks"}, URI: "sip:a@b",
			},
		}
		w.on(w.unit, func(sh *Shard) {
			for name, c := range calls {
				c.From, c.To, c.Owner = "<sip:201@10.0.0.1>", "<sip:202@10.0.0.1>", w.unit
				if _, err := sh.Invite(c); !errors.Is(err, ErrLineAddress) && !errors.Is(err, ErrNoWay) {
					t.Errorf("Invite by %s: %v", name, err)
				}
				o := Outgoing{Method: sip.OPTIONS, URI: c.URI, From: c.From, To: c.To}
				if err := sh.Send(c.Place, o, nil); !errors.Is(err, ErrLineAddress) && !errors.Is(err, ErrNoWay) {
					t.Errorf("Send by %s: %v", name, err)
				}
			}
		})
		wait()
		w.want(w.carrier)
		if w.unit.stack.Counters.LineGuard.Load() == 0 {
			t.Error("the guard counted nothing")
		}
	})
}

// TestPhoneContactMovedToLine has a phone name the carrier as its contact
// inside a call: the BYE that would go there does not.
func TestPhoneContactMovedToLine(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, 1)
		defer w.stop()
		w.unit.invite = func(_ *Shard, se *Session) { _ = se.Answer(sdp("answer")) }
		raw := w.raw("10.0.0.66:5060")
		raw.send(unitAddr, invite("z9hG4bKx", "sip:110@10.9.9.9:5060"))
		wait()
		w.on(w.unit, func(sh *Shard) {
			for _, se := range sh.sessions {
				se.End(0, "") // no ACK yet: the BYE waits for it
			}
		})
		time.Sleep(time.Minute)
		w.want(w.carrier)
		if n := w.unit.stack.Counters.LineGuard.Load(); n == 0 {
			t.Error("the guard counted nothing")
		}
	})
}

// key answers any challenge in a way the carrier recognizes.
type key struct{ value string }

func (k key) Answer(challenges []string, method, uri string, proxy bool) (string, error) {
	if len(challenges) != 2 || !strings.HasPrefix(challenges[0], "Digest one") {
		return "", errors.New("challenge")
	}
	if method == "REGISTER" && proxy || method == "INVITE" && !proxy || !strings.HasPrefix(uri, "sip:") {
		return "", errors.New("arguments")
	}
	return k.value, nil
}

var (
	proxyChallenges = []edge.HeaderLine{
		{Before: "Proxy-Authenticate: Digest one"}, {Before: "Proxy-Authenticate: Digest two"},
	}
	challenges = []edge.HeaderLine{
		{Before: "WWW-Authenticate: Digest one"}, {Before: "WWW-Authenticate: Digest two"},
	}
)

// bouncer challenges what carries no key.
type bouncer struct{}

func (bouncer) Authenticate(m *sip.Message, _ edge.Source, _ time.Time) edge.Verdict {
	v := edge.Verdict{Action: edge.Challenge, Status: 407, Headers: proxyChallenges}
	header := sip.HeaderProxyAuthorization
	if m.Method() == sip.REGISTER {
		header = sip.HeaderAuthorization
		v.Status, v.Headers = 401, challenges
	}
	if string(m.Value(header)) == "Digest open" {
		v.Action = edge.Admit
	}
	return v
}

func TestLineAnswersChallenges(t *testing.T) {
	for _, c := range []struct{ key, want string }{
		{"Digest open", "answered 200 answer"}, {"Digest wrong", "failed 407"},
	} {
		synctest.Test(t, func(t *testing.T) {
			w := newWorld(t, 4)
			defer w.stop()
			w.carrier.stack.cfg.Auth = bouncer{}
			w.carrier.invite = func(_ *Shard, se *Session) { _ = se.Answer(sdp("answer")) }
			cfg := trunkConfig()
			cfg.Credentials = key{c.key}
			l := w.line(cfg)
			if _, err := w.callOut(l, passFor(t, "c", "trunk"), LineCall{Call: "c"}); err != nil {
				t.Fatal(err)
			}
			wait()
			w.want(w.unit, c.want)
			var status int
			w.on(w.unit, func(sh *Shard) {
				o := Outgoing{
					Method: sip.REGISTER, URI: "sip:10.9.9.9", From: "<sip:a@b>", To: "<sip:a@b>", Contact: l.Contact(),
				}
				_ = l.Send(sh, o, func(_ *Shard, r Result) { status = r.Status })
			})
			wait()
			if want := map[string]int{"Digest open": 200, "Digest wrong": 401}[c.key]; status != want {
				t.Errorf("REGISTER got %d, want %d", status, want)
			}
		})
	}
}

// TestLineWithoutRPort leaves rport out where a line does not want it.
func TestLineWithoutRPort(t *testing.T) {
	for _, without := range []bool{true, false} {
		synctest.Test(t, func(t *testing.T) {
			w := newWorld(t, 1)
			defer w.stop()
			var via string
			w.carrier.request = func(_ *Shard, r *Request) {
				via = string(r.Message.Value(sip.HeaderVia))
				_ = r.Respond(200, "")
			}
			cfg := trunkConfig()
			cfg.NoRPort = without
			l := w.line(cfg)
			w.on(w.unit, func(sh *Shard) {
				o := Outgoing{Method: sip.OPTIONS, URI: "sip:10.9.9.9", From: "<sip:a@b>", To: "<sip:a@b>"}
				_ = l.Send(sh, o, nil)
			})
			if strings.Contains(via, "rport") == without || via == "" {
				t.Errorf("NoRPort %v: %q", without, via)
			}
		})
	}
}

// names is a Resolver in memory.
type names map[string][]edge.Target

func (n names) Resolve(_ context.Context, host string, _ uint16, _ string) ([]edge.Target, error) {
	if t, ok := n[host]; ok {
		return t, nil
	}
	return nil, errors.New("no such name")
}

// TestLineFailover resolves the carrier's name to addresses of which the
// first is dead and the second out of service.
func TestLineFailover(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		busy := netip.MustParseAddrPort("10.9.9.8:5060")
		w := newWorld(t, 4, func(c *Config) {
			c.Resolver = names{"carrier.example": {
				{Transport: "udp", Addr: netip.MustParseAddrPort("10.9.9.7:5060")},
				{Transport: "udp", Addr: busy},
				{Transport: "udp", Addr: carrierAddr},
			}}
		})
		defer w.stop()
		other := new(agent)
		other.stack = w.start(w.peer(other, busy))
		defer other.stack.Stop()
		other.invite = func(_ *Shard, se *Session) { _ = se.Refuse(503, "") }
		w.carrier.invite = func(_ *Shard, se *Session) { _ = se.Answer(sdp("answer")) }
		cfg := trunkConfig()
		cfg.Next = "sip:carrier.example"
		if _, err := w.callOut(w.line(cfg), passFor(t, "c", "trunk"), LineCall{Call: "c"}); err != nil {
			t.Fatal(err)
		}
		time.Sleep(time.Minute)
		w.want(other, "invite")
		w.want(w.carrier, "invite", "confirmed")
		w.want(w.unit, "answered 200 answer")
		cfg.Next = "sip:unknown.example"
		if _, err := w.callOut(w.line(cfg), passFor(t, "d", "trunk"), LineCall{Call: "d"}); err != nil {
			t.Fatal(err)
		}
		wait()
		w.want(w.unit, "failed 503")
	})
}

// TestLineIncoming takes calls from the line's address and nothing from
// others.
func TestLineIncoming(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, 4)
		defer w.stop()
		w.line(trunkConfig())
		w.unit.invite = func(_ *Shard, se *Session) {
			if se.Line() != "trunk" {
				t.Errorf("line %q", se.Line())
			}
			_ = se.Answer(sdp("answer"))
		}
		call := PhoneCall{
			Place: edge.Source{Remote: trunkAddr, Transport: "udp", Listener: "udp"},
			URI:   "sip:0312345678@10.0.1.1", From: "<sip:09011112222@10.9.9.9>", To: "<sip:0312345678@10.0.1.1>",
			Body: sdp("offer"),
		}
		call.Owner = w.carrier
		w.on(w.carrier, func(sh *Shard) { _, _ = sh.Invite(call) })
		wait()
		w.want(w.unit, "invite", "confirmed")
		w.want(w.carrier, "answered 200 answer")
		call.Owner = w.phone
		w.on(w.phone, func(sh *Shard) { _, _ = sh.Invite(call) })
		time.Sleep(time.Minute)
		w.want(w.unit)
		w.want(w.phone, "failed 408")
	})
}

// TestHangup ends a dialog that is known from a record only, as after a
// restart.
func TestHangup(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, 1)
		l := w.line(trunkConfig())
		w.carrier.invite = func(_ *Shard, se *Session) { _ = se.Answer(sdp("answer")) }
		se, err := w.callOut(l, passFor(t, "c", "trunk"), LineCall{Call: "c"})
		if err != nil {
			t.Fatal(err)
		}
		wait()
		d, remote := se.Dialog(), se.Remote()
		w.carrier.take()
		w.unit.stack.Stop() // the crash
		again := newUnitAgain(w)
		defer w.stop()
		status := 0
		w.on(again, func(sh *Shard) {
			line := again.stack.Line("trunk")
			restored := dialog.Dialog{
				ID: d.ID, Local: d.Local, Remote: d.Remote, Target: d.Target, Routes: d.Routes, LocalSeq: d.LocalSeq,
			}
			done := func(_ *Shard, r Result) { status = r.Status }
			_ = line.Hangup(sh, &restored, remote, `SIP;cause=503;text="restart"`, done)
		})
		wait()
		if status != 200 {
			t.Errorf("BYE got %d", status)
		}
		w.want(w.carrier, "ended 200")
	})
}

// newUnitAgain starts the unit a second time.
func newUnitAgain(w *world) *agent {
	w.t.Helper()
	cfg := w.unit.stack.cfg
	cfg.Packets = []Packets{w.net.Packets(unitAddr, trunkAddr)}
	cfg.Listeners[2].Accept = w.net.Listen(unitAddr)
	w.unit.stack = w.start(cfg)
	w.line(trunkConfig())
	return w.unit
}

// TestLargeRequestGoesByTCP sends a request over 1,300 bytes by TCP where the
// line takes it, and by UDP where nobody listens there.
func TestLargeRequestGoesByTCP(t *testing.T) {
	for _, listening := range []bool{true, false} {
		synctest.Test(t, func(t *testing.T) {
			w := newWorld(t, 1)
			defer w.stop()
			if !listening {
				_ = w.carrier.stack.listeners[1].Accept.Close()
			}
			var transport string
			w.carrier.invite = func(_ *Shard, se *Session) {
				transport = se.From().Transport
				_ = se.Answer(sdp("answer"))
			}
			cfg := trunkConfig()
			cfg.LargeTCP = true
			p := passFor(t, "c", "trunk")
			c := LineCall{Call: "c", Headers: []session.Header{{Name: "Subject", Value: strings.Repeat("x", 1300)}}}
			if _, err := w.callOut(w.line(cfg), p, c); err != nil {
				t.Fatal(err)
			}
			wait()
			w.want(w.unit, "answered 200 answer")
			if want := map[bool]string{true: "tcp", false: "udp"}[listening]; transport != want {
				t.Errorf("came by %q, want %q", transport, want)
			}
		})
	}
}
