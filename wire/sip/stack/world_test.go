package stack

import (
	"context"
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"go.uber.org/goleak"

	"github.com/sekisho/sekisho/wire/sip"
	"github.com/sekisho/sekisho/wire/sip/edge"
	"github.com/sekisho/sekisho/wire/sip/session"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

var (
	unitAddr    = netip.MustParseAddrPort("10.0.0.1:5060")
	trunkAddr   = netip.MustParseAddrPort("10.0.1.1:5070")
	phoneAddr   = netip.MustParseAddrPort("10.0.0.21:5060")
	carrierAddr = netip.MustParseAddrPort("10.9.9.9:5060")
)

// agent is a scripted user of a stack: it notes what happens, and does what
// its functions say.
type agent struct {
	mu      sync.Mutex
	notes   []string
	stack   *Stack
	invite  func(sh *Shard, se *Session)
	request func(sh *Shard, r *Request)
	event   func(sh *Shard, se *Session, ev session.Event)
}

func (a *agent) note(format string, args ...any) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.notes = append(a.notes, fmt.Sprintf(format, args...))
}

func (a *agent) take() []string {
	a.mu.Lock()
	defer a.mu.Unlock()
	n := a.notes
	a.notes = nil
	return n
}

func (a *agent) Invite(sh *Shard, se *Session) {
	se.Owner = a
	a.note("invite")
	if a.invite != nil {
		a.invite(sh, se)
	}
}

func (a *agent) Request(sh *Shard, r *Request) {
	a.note("%s", r.Message.Method())
	if a.request != nil {
		a.request(sh, r)
		return
	}
	_ = r.Respond(200, "")
}

func (a *agent) SessionEvent(sh *Shard, se *Session, ev session.Event) {
	if ev.Kind == session.Trying {
		return // before nearly everything
	}
	n := ev.Kind.String()
	if ev.Status != 0 {
		n += fmt.Sprintf(" %d", ev.Status)
	}
	if !ev.Body.Empty() {
		n += " " + string(ev.Body.Bytes)
	}
	a.note("%s", n)
	if a.event != nil {
		a.event(sh, se, ev)
	}
}

// admitAll is an Authenticator for which everybody is extension 201.
type admitAll struct{}

func (admitAll) Authenticate(*sip.Message, edge.Source, time.Time) edge.Verdict {
	return edge.Verdict{Action: edge.Admit, Identity: edge.Identity{Extension: "201", Authenticated: true}}
}

// carrierLines says that one address belongs to the line "trunk".
type carrierLines struct{ addr netip.Addr }

func (c carrierLines) IsLineAddr(a netip.Addr) bool { return a == c.addr }

func (c carrierLines) LineOf(_ *sip.Message, from edge.Source) (string, bool) {
	return "trunk", from.Remote.Addr() == c.addr
}

// world is a unit, a phone and a carrier on one network.
type world struct {
	t                    *testing.T
	net                  *Network
	unit, phone, carrier *agent
}

// newWorld builds it; the functions change the unit's configuration.
func newWorld(t *testing.T, shards int, change ...func(*Config)) *world {
	w := &world{t: t, net: NewNetwork(), unit: new(agent), phone: new(agent), carrier: new(agent)}
	w.net.Spread = true
	cfg := Config{
		Listeners: []Listener{
			{Name: "phones", Side: PhoneSide, Transport: "udp", Address: unitAddr},
			{Name: "trunks", Side: LineSide, Transport: "udp", Address: trunkAddr, RPort: true},
			{Name: "phones-tcp", Side: PhoneSide, Transport: "tcp", Address: unitAddr, Accept: w.net.Listen(unitAddr)},
			{Name: "trunks-tcp", Side: LineSide, Transport: "tcp", Address: trunkAddr},
		},
		Dial: w.net.Dial, Auth: admitAll{}, Lines: carrierLines{carrierAddr.Addr()},
		Handler: w.unit, Session: session.DefaultConfig(), Product: "Sekisho", Poison: true,
	}
	for range shards {
		cfg.Packets = append(cfg.Packets, w.net.Packets(unitAddr, trunkAddr))
	}
	for _, f := range change {
		f(&cfg)
	}
	w.unit.stack = w.start(cfg)
	w.phone.stack = w.start(w.peer(w.phone, phoneAddr))
	w.carrier.stack = w.start(w.peer(w.carrier, carrierAddr))
	return w
}

// peer is the configuration of a plain user agent on UDP and TCP.
func (w *world) peer(a *agent, addr netip.AddrPort) Config {
	return Config{
		Listeners: []Listener{
			{Name: "udp", Side: PhoneSide, Transport: "udp", Address: addr, RPort: true},
			{Name: "tcp", Side: PhoneSide, Transport: "tcp", Address: addr, Accept: w.net.Listen(addr)},
		},
		Packets: []Packets{w.net.Packets(addr)}, Dial: w.net.Dial, Auth: admitAll{}, Handler: a,
		Session: session.DefaultConfig(), Poison: true,
	}
}

func (w *world) start(cfg Config) *Stack {
	w.t.Helper()
	st, err := New(cfg)
	if err != nil {
		w.t.Fatal(err)
	}
	if err := st.Start(context.Background()); err != nil {
		w.t.Fatal(err)
	}
	return st
}

func (w *world) stop() {
	w.unit.stack.Stop()
	w.phone.stack.Stop()
	w.carrier.stack.Stop()
}

// on runs f on a shard's loop and waits for the dust to settle.
func (w *world) on(a *agent, f func(sh *Shard)) {
	w.t.Helper()
	if !a.stack.Shard(0).Post(f) {
		w.t.Fatal("post refused")
	}
	synctest.Wait()
}

// dial has the phone call the unit.
func (w *world) dial(body string) (se *Session) {
	w.t.Helper()
	w.on(w.phone, func(sh *Shard) {
		var err error
		se, err = sh.Invite(PhoneCall{
			Place: edge.Source{Remote: unitAddr, Transport: "udp", Listener: "udp"},
			URI:   "sip:202@10.0.0.1", From: "<sip:201@10.0.0.1>", To: "<sip:202@10.0.0.1>",
			Body: sdp(body), Owner: w.phone,
		})
		if err != nil {
			w.t.Error(err)
		}
	})
	return se
}

func sdp(text string) session.Body {
	if text == "" {
		return session.Body{}
	}
	return session.Body{Type: "application/sdp", Bytes: []byte(text)}
}

// want compares an agent's notes.
func (w *world) want(a *agent, want ...string) {
	w.t.Helper()
	if got := a.take(); !slices.Equal(got, want) {
		w.t.Errorf("got  %s\nwant %s", strings.Join(got, " | "), strings.Join(want, " | "))
	}
}

// settle lets every transaction run out and looks for what was left behind.
func (w *world) settle() {
	w.t.Helper()
	time.Sleep(3 * time.Minute) // virtual
	for name, a := range map[string]*agent{"unit": w.unit, "phone": w.phone, "carrier": w.carrier} {
		for i := range a.stack.Shards() {
			done := make(chan string, 1)
			a.stack.Shard(i).Post(func(sh *Shard) {
				done <- fmt.Sprint(len(sh.servers), len(sh.byTx), len(sh.calls), len(sh.clients), len(sh.cancels),
					len(sh.sessions), len(sh.streams), sh.wheel.count, sh.kept(), sh.settledInvites,
					len(sh.subscriptions), len(sh.watchers), len(sh.subscribed))
			})
			if got := <-done; got != "0 0 0 0 0 0 0 0 0 0 0 0 0" {
				w.t.Errorf("%s shard %d keeps %s (servers, by number, calls, clients, cancels, sessions, streams, "+
					"timers, settled, INVITEs, subscriptions, by place, by device)",
					name, i, got)
			}
		}
	}
}

// each runs a test in a bubble with 1 and with 4 shards, without loss and
// with a third of all datagrams lost.
func each(t *testing.T, f func(t *testing.T, w *world)) {
	for _, shards := range []int{1, 4} {
		for _, loss := range []int{0, 3} {
			t.Run(fmt.Sprintf("%d shards, loss 1 in %d", shards, loss), func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					w := newWorld(t, shards)
					defer w.stop()
					if loss > 0 {
						count := 0
						w.net.Drop = func(_, _ netip.AddrPort, _ []byte) bool {
							count++
							return count%loss == 0
						}
					}
					f(t, w)
					w.settle()
				})
			})
		}
	}
}
