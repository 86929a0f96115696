package stack

import (
	"context"
	"net/netip"
	"slices"

	"github.com/sekisho/sekisho/wire/sip"
	"github.com/sekisho/sekisho/wire/sip/dialog"
	"github.com/sekisho/sekisho/wire/sip/edge"
	"github.com/sekisho/sekisho/wire/sip/session"
)

// request is a request of ours until its final response, over all the
// addresses it may be tried at.
type request struct {
	sh          *Shard
	line        *Line // nil on the phone side
	head        dialog.Head
	contact     contact
	headers     []session.Header
	body        session.Body
	maxForwards int
	place       flow          // phone side: where it goes
	targets     []edge.Target // line side: what is left to try
	session     *Session
	req         uint32
	done        Done
	challenges  bool // give challenges to done
	tries       int
	tx          *clientTx
	over        bool
	urgent      bool // an emergency call's
	stream      bool // TCP was tried because of its size
}

// contact is the Contact of a request: our own towards its flow, with this
// user part and text behind it, or text alone; the zero contact is none.
type contact struct {
	own        bool
	user, text string
}

func addrPort(a netip.Addr, port uint16, transport string) netip.AddrPort {
	if port == 0 {
		port = defaultSIPPort
		if transport == "tls" {
			port = defaultSIPSPort
		}
	}
	return netip.AddrPortFrom(a, port)
}

// launch sends the request, now or when its address is known.
func (r *request) launch(nextHop string) {
	if r.line == nil {
		r.attempt(r.place)
		return
	}
	u, err := r.sh.readURI(nextHop)
	if err != nil {
		r.fail(503)
		return
	}
	transport := r.line.transport()
	if t, ok := targetOf(u, transport); ok {
		r.targets = []edge.Target{t}
		r.next(503)
		return
	}
	r.lookUp(string(u.Host), u.Port, transport)
}

// lookUp resolves a name on a goroutine of its own; the loop goes on.
func (r *request) lookUp(host string, port uint16, transport string) {
	st := r.sh.stack
	if st.cfg.Resolver == nil {
		r.fail(503)
		return
	}
	seat, ok := r.sh.Seat(r.urgent)
	if !ok {
		r.fail(503)
		return
	}
	select {
	case st.lookups <- struct{}{}:
	default:
		seat.Leave()
		r.fail(503)
		return
	}
	st.wg.Go(func() {
		ctx, cancel := context.WithTimeout(st.ctx, lookupTimeout)
		defer cancel()
		targets, err := st.cfg.Resolver.Resolve(ctx, host, port, transport)
		<-st.lookups
		if err != nil {
			targets = nil
		}
		targets = targets[:min(len(targets), targetsMax)]
		seat.Post(func(*Shard) {
			seat.Leave()
			r.targets = targets
			r.next(503)
		})
	})
}

// givenUp reports whether it is an INVITE that nobody waits for any more.
func (r *request) givenUp() bool {
	return r.session != nil && r.head.Method == sip.INVITE && r.session.core.Canceled()
}

// next tries the next address, or ends with status if there is none left.
func (r *request) next(status int) {
	for len(r.targets) > 0 && !r.givenUp() {
		t := r.targets[0]
		r.targets = r.targets[1:]
		f, ok := r.line.flowTo(t)
		if !ok {
			continue
		}
		r.attempt(f)
		return
	}
	r.fail(status)
}

// attempt builds the request for one flow and starts its transaction.
func (r *request) attempt(f flow) {
	sh := r.sh
	if r.over || r.waits() {
		return
	}
	if !sh.mayGo(&f, r.head.URI) || !sh.roomFor(len(sh.clients), clientsMax, r.urgent) {
		r.fail(503)
		return
	}
	if f.conn == nil && f.listener.Address.Addr().IsUnspecified() {
		f.local = sh.stack.localOf(&f) // it leaves from the address in its Via
	}
	branch := sh.newBranch()
	wire, err := r.build(&f, branch)
	if err != nil {
		sh.stack.log("sip: request can't be written", "method", r.head.Method.String(), "error", err)
		r.fail(503)
		return
	}
	if f.conn == nil && len(wire) > datagramSizeMax && r.line != nil && !r.stream {
		if g, ok := r.line.streamTo(f); ok {
			// RFC 3261 §18.1.1: by TCP, and by UDP if that can't be had.
			r.stream = true
			r.targets = slices.Insert(r.targets, 0, edge.Target{Transport: "udp", Addr: f.remote})
			if wire, err = r.build(&g, branch); err == nil {
				f = g
			}
		}
	}
	if r.session != nil && r.head.Method == sip.INVITE {
		r.session.stand(f)
	}
	sh.newClient(r, branch, f, wire, r.head.Method, r.head.CSeq)
}

// readURI reads a URI, which is good until the next is read. The same one is
// asked for again and again while a request is on its way out.
func (sh *Shard) readURI(text string) (*sip.URI, error) {
	u := &sh.uri
	if string(u.text) != text || len(text) == 0 {
		u.text = append(u.text[:0], text...)
		u.read, u.err = sip.ParseURI(u.text)
	}
	return &u.read, u.err
}

// lastURI is the URI that was read last.
type lastURI struct {
	text []byte
	read sip.URI // points into text
	err  error
}

// mayGo keeps the phone side away from lines: neither the address that a
// request goes to nor the one it names may be a line's.
func (sh *Shard) mayGo(f *flow, uri string) bool {
	st := sh.stack
	if f.listener.Side != PhoneSide || st.cfg.Lines == nil {
		return true
	}
	bad := st.cfg.Lines.IsLineAddr(f.remote.Addr().Unmap())
	if u, err := sh.readURI(uri); err == nil && !bad {
		if a, ok := sip.HostAddr(u.Host); ok {
			bad = st.cfg.Lines.IsLineAddr(a)
		}
	}
	if bad {
		st.Counters.LineGuard.Add(1)
	}
	return !bad
}

// build writes the request for one flow.
func (r *request) build(f *flow, branch branch) ([]byte, error) {
	return r.sh.buildRequest(f, branch, &r.head, r.maxForwards, r.contact, r.headers, r.body)
}

// buildRequest writes a request where the next message will be written.
func (sh *Shard) buildRequest(
	f *flow, branch branch, h *dialog.Head, hops int, c contact, headers []session.Header, body session.Body,
) ([]byte, error) {
	b := &sh.builder
	b.Reset(sh.scratch[:0])
	if !sh.requestLine(b, h.Method, h.URI) {
		return nil, sip.ErrBadValue
	}
	sh.via(b, f, branch)
	if hops <= 0 || hops > maxForwards {
		hops = maxForwards
	}
	b.Uint(sip.HeaderMaxForwards, uint32(hops))
	writeRoutes(b, h.Routes)
	b.Text(sip.HeaderFrom, h.From)
	b.Text(sip.HeaderTo, h.To)
	b.Text(sip.HeaderCallID, h.CallID)
	b.CSeq(h.CSeq, h.Method)
	if c.own {
		sh.contact(b, f, c.user, c.text)
	} else if c.text != "" {
		b.Text(sip.HeaderContact, c.text)
	}
	for _, e := range headers {
		writeHeader(b, e.Name, e.Value)
	}
	if h.Method != sip.ACK {
		sh.product(b, sip.HeaderUserAgent)
	}
	msg, err := b.Finish(body.Type, body.Bytes)
	sh.keepScratch(msg)
	return msg, err
}

// deliver takes a response to the current attempt.
func (r *request) deliver(tx *clientTx, m *sip.Message) {
	status := m.Status()
	if r.over && r.session == nil || tx != r.tx {
		return
	}
	if (status == 401 || status == 407) && r.authorize(m) {
		return
	}
	if status == 503 && len(r.targets) > 0 && !r.givenUp() {
		r.next(503) // RFC 3263 §4.3
		return
	}
	if status >= 200 {
		r.over = true
	}
	if se := r.session; se != nil {
		se.core.Response(r.sh.now, r.req, m)
		se.flush()
		if status >= 200 && r.head.Method != sip.INVITE {
			se.forgetRequest(r)
		}
		return
	}
	if status >= 200 && r.done != nil {
		r.done(r.sh, Result{Status: status, Message: m, From: r.sh.stack.sourceOf(&tx.flow)})
	}
}

// failed hears that the current attempt got no response.
func (r *request) failed(tx *clientTx, status int) {
	if tx != r.tx {
		return
	}
	if !tx.heard && len(r.targets) > 0 {
		r.next(status)
		return
	}
	if r.waits() {
		return
	}
	r.fail(status)
}

// waits has a request inside a phone's session wait while the phone's
// connection is gone, and reports whether it does.
func (r *request) waits() bool {
	se := r.session
	if se == nil || r.line != nil || !se.adrift() || r.givenUp() {
		return false
	}
	return se.await(func() { r.attempt(se.way(r.head.Next)) })
}

// fail ends the request without a response. It is told in a later turn of
// the loop, so that nobody hears of it before the sender's call returns.
func (r *request) fail(status int) {
	if r.over {
		return
	}
	r.over = true
	r.sh.later(func(sh *Shard) {
		if se := r.session; se != nil {
			se.core.NoResponse(sh.now, r.req, status)
			se.flush()
			se.forgetRequest(r)
			return
		}
		if r.done != nil {
			r.done(sh, Result{Status: status})
		}
	})
}

// later runs f in the next turn of the loop; never refused.
func (sh *Shard) later(f func(*Shard)) {
	sh.At(sh.now, f)
}

// authorize answers a challenge with the line's credentials, and reports
// whether it did.
func (r *request) authorize(m *sip.Message) bool {
	if r.line == nil || r.line.cfg.Credentials == nil || r.challenges || r.tries >= authTriesMax || r.givenUp() {
		return false
	}
	id, name := sip.HeaderWWWAuthenticate, "Authorization"
	if m.Status() == 407 {
		id, name = sip.HeaderProxyAuthenticate, "Proxy-Authorization"
	}
	var challenges []string
	for v := range m.Header(id) {
		challenges = append(challenges, string(v))
	}
	if len(challenges) == 0 {
		return false
	}
	value, err := r.line.cfg.Credentials.Answer(challenges, r.head.Method.String(), r.head.URI, name[0] == 'P')
	if err != nil {
		return false
	}
	h := session.Header{Name: name, Value: value}
	if se := r.session; se != nil {
		r.over = true
		if !se.core.Authorize(r.sh.now, r.req, h) {
			r.over = false
			return false
		}
		se.flush()
		se.forgetRequest(r)
		return true
	}
	r.tries++
	r.head.CSeq++
	r.headers = slices.DeleteFunc(slices.Clone(r.headers), func(e session.Header) bool { return e.Name == name })
	r.headers = append(r.headers, h)
	r.attempt(r.tx.flow)
	return true
}
