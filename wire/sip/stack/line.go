package stack

import (
	"fmt"
	"strings"
	"sync"

	"github.com/sekisho/sekisho/gate"
	"github.com/sekisho/sekisho/number"
	"github.com/sekisho/sekisho/wire/sip"
	"github.com/sekisho/sekisho/wire/sip/dialog"
	"github.com/sekisho/sekisho/wire/sip/edge"
	"github.com/sekisho/sekisho/wire/sip/session"
	"github.com/sekisho/sekisho/wire/sip/transaction"
)

// LineConfig is the endpoint of one line.
type LineConfig struct {
	ID       string
	Listener string // name of the line-side listener
	// Next is the URI of the outbound proxy or registrar that requests go to;
	// "": the first Route, else the Request-URI.
	Next        string
	ContactUser string
	Credentials Credentials // nil: challenges are not answered
	Session     session.Config
	// Render writes Request-URI and To, as a URI and a name-addr, for a
	// destination that the gate passed.
	Render func(d number.Destination) (requestURI, to string, err error)
	// LargeTCP sends requests over 1,300 bytes by TCP if the line can be
	// reached that way (RFC 3261 §18.1.1).
	LargeTCP bool
	// NoRPort leaves rport (RFC 3581) out of this line's requests, whatever
	// its listener does: some carriers refuse it.
	NoRPort bool
}

// Line is the endpoint through which everything to one line goes. It sends an
// INVITE only for a gate.Pass, to the destination of that pass. Its methods
// run on a shard's loop, but for SetNext, which may be called from anywhere.
type Line struct {
	st       *Stack
	cfg      LineConfig
	listener *listener
	contact  string

	mu   sync.Mutex
	next string
	host string
}

// NewLine makes a line's endpoint. A line of the same ID is replaced; its
// calls go on.
func (st *Stack) NewLine(cfg LineConfig) (*Line, error) {
	on := st.listenerNamed(cfg.Listener)
	if on == nil || on.Side != LineSide {
		return nil, fmt.Errorf("%w: line %q: %q is no line-side listener", ErrConfig, cfg.ID, cfg.Listener)
	}
	if cfg.Render == nil {
		return nil, fmt.Errorf("%w: line %q has no renderer", ErrConfig, cfg.ID)
	}
	if cfg.Session.Timers == (transaction.Config{}) {
		cfg.Session.Timers = on.Timers
	}
	l := &Line{st: st, cfg: cfg, listener: on}
	l.contact = string(appendContact(nil, on.Address, on.Transport, cfg.ContactUser))
	l.SetNext(cfg.Next)
	st.linesMu.Lock()
	defer st.linesMu.Unlock()
	st.lines[cfg.ID] = l
	return l, nil
}

// Line returns the endpoint of a line; nil if there is none.
func (st *Stack) Line(id string) *Line {
	st.linesMu.RLock()
	defer st.linesMu.RUnlock()
	return st.lines[id]
}

// RemoveLine forgets a line's endpoint; its calls go on.
func (st *Stack) RemoveLine(id string) {
	st.linesMu.Lock()
	defer st.linesMu.Unlock()
	delete(st.lines, id)
}

// ID is the line's name.
func (l *Line) ID() string { return l.cfg.ID }

// Contact is the value of our Contact on this line, for REGISTER too. Where
// the listener's address is unspecified, Send puts in the right one.
func (l *Line) Contact() string { return l.contact }

// SetNext moves the line to another outbound proxy.
func (l *Line) SetNext(uri string) {
	var host string
	if u, err := sip.ParseURI([]byte(uri)); err == nil {
		host = string(u.Host)
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.next, l.host = uri, host
}

func (l *Line) transport() string { return l.listener.Transport }

// nextHop is where a request outside a dialog goes.
func (l *Line) nextHop(routes []string, uri string) string {
	l.mu.Lock()
	defer l.mu.Unlock()
	switch {
	case l.next != "":
		return l.next
	case len(routes) > 0:
		return routes[0]
	}
	return uri
}

// flowTo finds the way to an address, opening a connection if need be.
func (l *Line) flowTo(t edge.Target) (flow, bool) {
	on := l.listenerFor(t.Transport)
	if on == nil || !t.Addr.IsValid() {
		return flow{}, false
	}
	f := flow{listener: on, remote: t.Addr, noRPort: l.cfg.NoRPort}
	if on.Transport == "udp" {
		return f, true
	}
	l.mu.Lock()
	host := l.host
	l.mu.Unlock()
	f.conn = l.st.connTo(on, t.Addr, host)
	return f, f.conn != nil
}

// listenerFor finds the line-side listener of a transport: the line's own, or
// another at the same address; nil for none.
func (l *Line) listenerFor(transport string) *listener {
	if transport == "" || l.listener.Transport == transport {
		return l.listener
	}
	for _, o := range l.st.listeners {
		if o.Side == LineSide && o.Transport == transport && o.Address.Addr() == l.listener.Address.Addr() {
			return o
		}
	}
	return nil
}

// streamTo finds a TCP way to where a large UDP request would go.
func (l *Line) streamTo(f flow) (flow, bool) {
	if !l.cfg.LargeTCP {
		return flow{}, false
	}
	if l.listenerFor("tcp") == nil {
		return flow{}, false
	}
	return l.flowTo(edge.Target{Transport: "tcp", Addr: f.remote})
}

// Invite makes a call on the line. It is the only way to send an INVITE to a
// line that is not inside a call, and it takes a good pass for this call and
// this line: Request-URI and To are written from the pass's destination. The
// pass is used up even if the INVITE then can't be sent.
func (l *Line) Invite(sh *Shard, p gate.Pass, c LineCall) (*Session, error) {
	d, err := p.Use(c.Call, l.cfg.ID, sh.now)
	if err != nil {
		return nil, fmt.Errorf("line %s: %w", l.cfg.ID, err)
	}
	uri, to, err := l.cfg.Render(d)
	if err != nil {
		return nil, fmt.Errorf("line %s: %w", l.cfg.ID, err)
	}
	was := sh.urgent
	sh.urgent = p.Emergency()
	se, err := sh.newSession(LineSide, c.Owner)
	sh.urgent = was
	if err != nil {
		return nil, err
	}
	se.line, se.hops = l, c.MaxForwards
	se.flow = flow{listener: l.listener}
	cfg := l.cfg.Session
	cfg.Jitter, cfg.Effects = sh.randomUint64(), &sh.effects
	se.core = session.NewUAC(cfg, session.Invite{
		URI: uri, Routes: c.Routes, From: c.From, To: to, CallID: sh.newCallID(), LocalTag: se.tag, CSeq: 1,
		Body: c.Body, Headers: c.Headers,
	})
	se.flush()
	return se, nil
}

// Send sends a request outside a session to the line: REGISTER, OPTIONS and
// so on, never an INVITE. done is called once, in a later turn of the loop.
func (l *Line) Send(sh *Shard, o Outgoing, done Done) error {
	r, err := sh.outgoing(&o, done)
	if err != nil {
		return err
	}
	r.line = l
	if params, ok := strings.CutPrefix(r.contact.text, l.contact); ok {
		r.contact = contact{own: true, user: l.cfg.ContactUser, text: params}
	}
	r.launch(l.nextHop(o.Routes, o.URI))
	return nil
}

// Hangup sends the BYE of a dialog that no session holds any more: after a
// restart. remote is where the dialog was; the dialog's own route is used
// where it is the zero Target.
func (l *Line) Hangup(sh *Shard, d *dialog.Dialog, remote edge.Target, reason string, done Done) error {
	r := &request{sh: sh, line: l, head: d.Request(sip.BYE), done: done}
	if reason != "" {
		r.headers = []session.Header{{Name: "Reason", Value: reason}}
	}
	if remote.Addr.IsValid() {
		r.targets = []edge.Target{remote}
		r.next(503)
		return nil
	}
	r.launch(d.NextHop())
	return nil
}
