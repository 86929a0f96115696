package line_test

import (
	"fmt"
	"net/netip"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/sekisho/sekisho/fact"
	"github.com/sekisho/sekisho/gate"
	"github.com/sekisho/sekisho/gate/desk"
	"github.com/sekisho/sekisho/number"
	"github.com/sekisho/sekisho/unit/line"
	"github.com/sekisho/sekisho/wire/sip"
	"github.com/sekisho/sekisho/wire/sip/edge"
	"github.com/sekisho/sekisho/wire/sip/session"
	"github.com/sekisho/sekisho/wire/sip/stack"
)

var (
	siteAddr    = netip.MustParseAddrPort("10.0.1.1:5060")
	carrierAddr = netip.MustParseAddrPort("10.9.9.9:5060")
)

// carrier is a scripted carrier. It enforces what its network demands: a
// message that does not keep to it is complained about, and refused.
type carrier struct {
	t       *testing.T
	packets *stack.MemoryPackets
	// demand gives what is wrong with a message, "" for nothing.
	demand func(m *sip.Message, from netip.AddrPort) string
	// answer gives the status and further header lines of the response.
	answer  func(m *sip.Message) (status int, lines []string)
	compact bool // header names of responses are short

	mu    sync.Mutex
	heard []*sip.Message
}

// run serves until its socket is closed.
func (c *carrier) run() {
	ds := []edge.Datagram{{Buf: make([]byte, 65_535)}}
	for {
		ds[0].Buf = ds[0].Buf[:cap(ds[0].Buf)]
		n, err := c.packets.ReadBatch(ds, time.Time{})
		if err != nil {
			return
		}
		if n == 0 {
			continue
		}
		var m sip.Message
		if err := sip.Parse(ds[0].Buf, &m); err != nil {
			c.t.Errorf("carrier can't read %q: %v", ds[0].Buf, err)
			continue
		}
		c.take(m.Clone(), ds[0].Remote)
	}
}

// take answers one message.
func (c *carrier) take(m *sip.Message, from netip.AddrPort) {
	c.mu.Lock()
	c.heard = append(c.heard, m)
	c.mu.Unlock()
	if m.IsResponse() || m.Method() == sip.ACK {
		return
	}
	if why := c.demand(m, from); why != "" {
		c.t.Errorf("carrier refuses %s: %s\n%s", m.Method(), why, m.Bytes())
		c.send(from, c.response(m, 403, nil))
		return
	}
	status, lines := c.answer(m)
	c.send(from, c.response(m, status, lines))
}

// response writes a response by hand: not a line of it is ours.
func (c *carrier) response(m *sip.Message, status int, lines []string) string {
	names := []string{"Via", "From", "To", "Call-ID", "Content-Length"}
	if c.compact {
		names = []string{"v", "f", "t", "i", "l"}
	}
	to := string(m.Value(sip.HeaderTo))
	if !strings.Contains(to, "tag=") {
		to += ";tag=carrier"
	}
	var b strings.Builder
	b.WriteString(fmt.Sprintf("SIP/2.0 %d Carrier\r\n", status))
	for i, v := range []string{
		string(m.Value(sip.HeaderVia)), string(m.Value(sip.HeaderFrom)), to, string(m.CallID()),
	} {
		b.WriteString(names[i] + ": " + v + "\r\n")
	}
	b.WriteString("CSeq: " + string(m.Value(sip.HeaderCSeq)) + "\r\n")
	body := ""
	for _, l := range lines {
		if text, ok := strings.CutPrefix(l, "body:"); ok {
			body = text
			continue
		}
		b.WriteString(l + "\r\n")
	}
	return fmt.Sprintf("%s%s: %d\r\n\r\n%s", b.String(), names[4], len(body), body)
}

// send sends text.
func (c *carrier) send(to netip.AddrPort, text string) {
	_, err := c.packets.WriteBatch([]edge.Datagram{{Buf: []byte(text), Remote: to, Local: carrierAddr}})
	if err != nil {
		c.t.Error(err)
	}
}

// all gives the requests of a method that were heard.
func (c *carrier) all(method sip.Method) []*sip.Message {
	c.mu.Lock()
	defer c.mu.Unlock()
	var out []*sip.Message
	for _, m := range c.heard {
		if m.IsRequest() && m.Method() == method {
			out = append(out, m)
		}
	}
	return out
}

// exchange is a site with one line, at a carrier.
type exchange struct {
	t       *testing.T
	carrier *carrier
	lines   *line.Lines
	st      *stack.Stack
	end     *stack.Line
	desk    *desk.Desk

	mu     sync.Mutex
	notes  []string
	closed bool
}

// ledger is a Committer without a disk.
type ledger struct{}

func (ledger) Commit(_ fact.Write, done func(error)) { done(nil) }

// strangers lets no phone in: there are none.
type strangers struct{}

func (strangers) Authenticate(*sip.Message, edge.Source, time.Time) edge.Verdict {
	return edge.Verdict{}
}

// newExchange builds a site with one line and starts it, in a bubble.
func newExchange(t *testing.T, c *carrier, row fact.Line, password string) *exchange {
	t.Helper()
	x := &exchange{t: t, carrier: c}
	net := stack.NewNetwork()
	c.t, c.packets = t, net.Packets(carrierAddr)
	go c.run()
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	var err error
	x.lines, err = line.New(line.Config{
		SealKey: make([]byte, line.KeyBytes), Committer: ledger{}, Shared: siteAddr,
	})
	must(err)
	row, err = x.lines.Seal(row, password)
	must(err)
	must(x.lines.Add(row))
	e, err := x.lines.Endpoint(row.ID, 1)
	must(err)
	x.st, err = stack.New(stack.Config{
		Listeners: []stack.Listener{{
			Name: "lines", Side: stack.LineSide, Transport: "udp", Address: siteAddr, RPort: e.Profile.Signaling.RPort,
		}},
		Packets: []stack.Packets{net.Packets(siteAddr)}, Auth: strangers{}, Lines: x.lines, Handler: x,
		Session: e.Session, Poison: true,
	})
	must(err)
	must(x.st.Start(t.Context()))
	x.end, err = x.st.NewLine(stack.LineConfig{
		ID: row.ID, Listener: "lines", Next: e.Next, ContactUser: e.ContactUser,
		Credentials: x.lines.Credentials(row.ID), Session: e.Session,
		Render: func(d number.Destination) (string, string, error) { return x.lines.Render(row.ID, d) },
	})
	must(err)
	policy, err := gate.NewPolicy(gate.Settings{Claimed: true, Lines: map[string]gate.LineRule{row.ID: {}}})
	must(err)
	x.desk = desk.New(desk.Config{Committer: ledger{}, Policy: policy})
	x.st.Shard(0).Post(x.tend)
	return x
}

// close ends it.
func (x *exchange) close() {
	x.mu.Lock()
	x.closed = true
	x.mu.Unlock()
	x.st.Stop()
	x.carrier.packets.Close()
	synctest.Wait()
}

// pass lets time go by.
func (x *exchange) pass(d time.Duration) {
	time.Sleep(d)
	synctest.Wait()
}

// tend is what the unit does for its lines.
func (x *exchange) tend(sh *stack.Shard) {
	x.mu.Lock()
	closed := x.closed
	x.mu.Unlock()
	if closed {
		return
	}
	tasks, next := x.lines.Due(sh.Now())
	for _, t := range tasks {
		x.end.SetNext(t.Next)
		o := stack.Outgoing{
			Method: t.Method, URI: t.URI, From: t.From, To: t.To, CallID: t.CallID, FromTag: t.FromTag,
			CSeq: t.CSeq, Headers: t.Headers,
		}
		if t.Contact {
			o.Contact = x.end.Contact()
		}
		err := x.end.Send(sh, o, func(sh *stack.Shard, r stack.Result) {
			x.lines.Result(t, r.Status, r.Message, r.From.Remote, sh.Now())
			x.tend(sh)
		})
		if err != nil {
			x.t.Error(err)
		}
	}
	sh.At(next.Add(time.Millisecond), x.tend)
}

// Invite takes an incoming call.
func (x *exchange) Invite(_ *stack.Shard, se *stack.Session) {
	se.Owner = x
	in, err := x.lines.Incoming(se.Line(), se.Message())
	x.note(fmt.Sprintf("call %s from %s %v", in.Called, in.Caller, err))
	if err := se.Refuse(486, ""); err != nil {
		x.t.Error(err)
	}
}

// Request answers what else comes in.
func (x *exchange) Request(_ *stack.Shard, r *stack.Request) { _ = r.Respond(200, "") }

// SessionEvent notes how a call goes.
func (x *exchange) SessionEvent(_ *stack.Shard, se *stack.Session, ev session.Event) {
	x.note(fmt.Sprintf("%s %d", ev.Kind, ev.Status))
	if ev.Kind == session.Answered {
		if err := se.Bye(""); err != nil {
			x.t.Error(err)
		}
	}
}

func (x *exchange) note(s string) {
	x.mu.Lock()
	defer x.mu.Unlock()
	x.notes = append(x.notes, s)
}

// told gives the notes since the last call.
func (x *exchange) told() string {
	x.mu.Lock()
	defer x.mu.Unlock()
	s := strings.Join(x.notes, ", ")
	x.notes = nil
	return s
}

// call calls out through the gate, as extension 201, and waits for the end.
func (x *exchange) call(id, dialed string) string {
	x.t.Helper()
	d := number.Parse(dialed, &number.Context{Line: number.Line{AreaCode: "03"}})
	request := gate.Request{
		Call: dialed, Line: id, Destination: d, At: time.Now(),
		Origin: gate.Origin{Kind: gate.OriginDialed, Extension: "201", Authenticated: true},
	}
	x.desk.Ask(request, func(v gate.Verdict, p gate.Pass, err error) {
		if err != nil || v.Verb != gate.VerbPass {
			x.note(fmt.Sprintf("gate: %s %v", v.Rule, err))
			return
		}
		from, headers := x.lines.Outgoing(id, line.Shown{Extension: "201", Destination: d})
		x.st.Shard(0).Post(func(sh *stack.Shard) {
			_, err := x.end.Invite(sh, p, stack.LineCall{
				Call: dialed, From: from, Headers: headers, Routes: x.lines.Routes(id), Owner: x,
				Body: session.Body{Type: "application/sdp", Bytes: []byte("v=0\r\n")},
			})
			if err != nil {
				x.note("no invite")
			}
		})
	})
	x.pass(time.Minute)
	return x.told()
}
