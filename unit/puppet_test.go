package unit

import (
	"cmp"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/sekisho/sekisho/wire/sip"
)

// puppet is a phone or a carrier that does what a test says, message by
// message.
type puppet struct {
	t    testing.TB
	h    *hub
	name string
	addr netip.AddrPort
	unit netip.AddrPort // the listener it speaks with
	conn *net.UDPConn   // nil: the hub is its network

	mu    sync.Mutex
	act   func(*sip.Message) // takes messages in place of the inbox
	seen  map[string]bool    // retransmissions are not looked at twice
	log   []string
	inbox chan *sip.Message
	kept  []*sip.Message // came before it was waited for; the test's goroutine's own
	next  int
	media int // port of its description; 0 is a made-up one
	hops  int // Max-Forwards; 0 is 70

	identities chan string // whom the unit said in an UPDATE that it talks with
}

// patience is how long a puppet waits for what must come; quiet how long it
// watches that nothing does.
const (
	patience = 15 * time.Second
	quiet    = 150 * time.Millisecond
)

func newPuppet(t testing.TB, h *hub, name, addr string, unit netip.AddrPort) *puppet {
	p := &puppet{
		t: t, h: h, name: name, addr: h.wire.place(netip.MustParseAddrPort(addr)), unit: h.wire.place(unit),
		seen: make(map[string]bool), inbox: make(chan *sip.Message, hubMail),
		identities: make(chan string, hubMail),
	}
	if h.wire != nil {
		p.plugIn()
		return p
	}
	h.mu.Lock()
	h.puppets[p.addr] = p
	h.mu.Unlock()
	return p
}

func (p *puppet) receive(_ netip.AddrPort, b []byte) {
	m := &sip.Message{}
	text := string(b)
	if err := sip.Parse(b, m); err != nil {
		p.t.Errorf("%s got what does not parse: %v\n%s", p.name, err, text)
		return
	}
	first, _, _ := strings.Cut(text, "\r\n")
	p.mu.Lock()
	again := p.seen[text]
	p.seen[text] = true
	p.log = append(p.log, "< "+first)
	act := p.act
	p.mu.Unlock()
	if again || m.Status() == 100 {
		return
	}
	if m.IsRequest() && m.Method() == sip.OPTIONS {
		p.reply(m, 200, "", "")
		return
	}
	if m.IsRequest() && m.Method() == sip.UPDATE && m.Addr(sip.HeaderPAssertedIdentity) != nil {
		p.reply(m, 200, "", "")
		p.identities <- string(m.Value(sip.HeaderPAssertedIdentity))
		return
	}
	if act != nil {
		act(m)
		return
	}
	p.inbox <- m
}

// shows waits until the unit says that this is whom the phone talks with.
func (p *puppet) shows(who string) {
	p.t.Helper()
	select {
	case got := <-p.identities:
		if got != who {
			p.t.Errorf("%s shows %s, want %s", p.name, got, who)
		}
	case <-time.After(patience):
		p.t.Errorf("%s is not told that it talks with %s", p.name, who)
	}
}

// showsNothing looks that the unit has not said anything new of whom the phone talks with.
func (p *puppet) showsNothing() {
	p.t.Helper()
	select {
	case got := <-p.identities:
		p.t.Errorf("%s shows %s", p.name, got)
	default:
	}
}

// actBy has f take what comes from now on, instead of the inbox.
func (p *puppet) actBy(f func(*sip.Message)) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.act = f
}

func (p *puppet) send(text string) {
	first, _, _ := strings.Cut(text, "\r\n")
	p.mu.Lock()
	p.log = append(p.log, "> "+first)
	p.mu.Unlock()
	if p.conn == nil {
		p.h.toUnit(p.addr, p.unit, []byte(text))
		return
	}
	if _, err := p.conn.WriteToUDPAddrPort([]byte(text), p.unit); err != nil && !errors.Is(err, net.ErrClosed) {
		p.t.Errorf("%s sends nothing: %v", p.name, err)
	}
}

func (p *puppet) unique(word string) string {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.next++
	return fmt.Sprintf("%s%s%d", word, p.name, p.next)
}

// expect waits for the first message that fits, or finds it among what came
// before.
func (p *puppet) expect(what string, fits func(*sip.Message) bool) *sip.Message {
	p.t.Helper()
	if i := slices.IndexFunc(p.kept, fits); i >= 0 {
		m := p.kept[i]
		p.kept = slices.Delete(p.kept, i, i+1)
		return m
	}
	timeout := time.After(patience)
	for {
		select {
		case m := <-p.inbox:
			if fits(m) {
				return m
			}
			p.kept = append(p.kept, m)
		case <-timeout:
			p.mu.Lock()
			defer p.mu.Unlock()
			p.t.Fatalf("%s waited in vain for %s; it saw\n%s", p.name, what, strings.Join(p.log, "\n"))
		}
	}
}

// expectNone watches that nothing of the kind comes.
func (p *puppet) expectNone(what string, fits func(*sip.Message) bool) {
	p.t.Helper()
	timeout := time.After(quiet)
	for {
		if i := slices.IndexFunc(p.kept, fits); i >= 0 {
			p.t.Fatalf("%s got %s:\n%s", p.name, what, p.kept[i].Bytes())
		}
		select {
		case m := <-p.inbox:
			p.kept = append(p.kept, m)
		case <-timeout:
			return
		}
	}
}

func isMethod(method sip.Method) func(*sip.Message) bool {
	return func(m *sip.Message) bool { return m.IsRequest() && m.Method() == method }
}

func (p *puppet) request(method sip.Method) *sip.Message {
	p.t.Helper()
	return p.expect(method.String(), isMethod(method))
}

// puppetAllows is what puppets take.
const puppetAllows = "INVITE, ACK, CANCEL, BYE, UPDATE, PRACK, INFO"

// reply answers a request; tag goes to To, where there is none.
func (p *puppet) reply(m *sip.Message, status int, tag, body string, headers ...string) {
	var b strings.Builder
	fmt.Fprintf(&b, "SIP/2.0 %d %s\r\n", status, sip.StatusPhrase(status))
	for v := range m.Header(sip.HeaderVia) {
		fmt.Fprintf(&b, "Via: %s\r\n", v)
	}
	to := string(m.Value(sip.HeaderTo))
	if tag != "" && !strings.Contains(to, ";tag=") {
		to += ";tag=" + tag
	}
	fmt.Fprintf(&b, "From: %s\r\nTo: %s\r\nCall-ID: %s\r\nCSeq: %s\r\n",
		m.Value(sip.HeaderFrom), to, m.CallID(), m.Value(sip.HeaderCSeq))
	if status > 100 && status < 300 {
		fmt.Fprintf(&b, "Contact: <sip:%s@%s>\r\nAllow: %s\r\n", p.name, p.addr, puppetAllows)
	}
	p.finish(&b, body, headers)
}

func (p *puppet) finish(b *strings.Builder, body string, headers []string) {
	for _, h := range headers {
		b.WriteString(h + "\r\n")
	}
	if body != "" && !strings.Contains(strings.Join(headers, "\n"), "Content-Type") {
		b.WriteString("Content-Type: application/sdp\r\n")
	}
	fmt.Fprintf(b, "Content-Length: %d\r\n\r\n%s", len(body), body)
	p.send(b.String())
}

// talk is a puppet's side of one dialog.
type talk struct {
	p              *puppet
	callID         string
	local, remote  string // From and To values, with tags
	target         string
	seq, inviteSeq int
	branch         string       // of the INVITE
	invite         *sip.Message // for a callee
	tag            string
}

// call sends an INVITE.
func (p *puppet) call(user, body string, headers ...string) *talk {
	uri := fmt.Sprintf("sip:%s@%s", user, p.unit)
	d := &talk{
		p: p, callID: p.unique("call"), local: fmt.Sprintf("<sip:%s@office>;tag=%s", p.name, p.unique("from")),
		remote: fmt.Sprintf("<%s>", uri), target: uri, branch: p.unique("z9hG4bK"),
	}
	d.seq, d.inviteSeq = 1, 1
	d.write(sip.INVITE, 1, d.branch, body, headers)
	return d
}

func (d *talk) write(method sip.Method, seq int, branch, body string, headers []string) {
	var b strings.Builder
	fmt.Fprintf(&b, "%s %s SIP/2.0\r\nVia: SIP/2.0/UDP %s;rport;branch=%s\r\nMax-Forwards: %d\r\n",
		method, d.target, d.p.addr, branch, cmp.Or(d.p.hops, 70))
	fmt.Fprintf(&b, "From: %s\r\nTo: %s\r\nCall-ID: %s\r\nCSeq: %d %s\r\n", d.local, d.remote, d.callID, seq, method)
	if method == sip.INVITE || method == sip.UPDATE || method == sip.REFER {
		fmt.Fprintf(&b, "Contact: <sip:%s@%s>\r\nAllow: %s\r\n", d.p.name, d.p.addr, puppetAllows)
	}
	d.p.finish(&b, body, headers)
}

// send sends a request inside the dialog and returns its sequence number.
func (d *talk) send(method sip.Method, body string, headers ...string) int {
	d.seq++
	branch := d.p.unique("z9hG4bK")
	if method == sip.INVITE {
		d.branch, d.inviteSeq = branch, d.seq
	}
	d.write(method, d.seq, branch, body, headers)
	return d.seq
}

// response waits for a response with this status to a request of this method,
// and follows what it says of the dialog.
func (d *talk) response(method sip.Method, status int) *sip.Message {
	d.p.t.Helper()
	m := d.p.expect(fmt.Sprintf("%d for %s", status, method), func(m *sip.Message) bool {
		return m.IsResponse() && m.Method() == method && m.Status() == status && string(m.CallID()) == d.callID
	})
	if !strings.Contains(d.remote, ";tag=") {
		d.remote = string(m.Value(sip.HeaderTo))
	}
	if list, err := m.Contacts(); err == nil && len(list) > 0 {
		d.target = list[0].URI.String()
	}
	return m
}

// reinvite sends a re-INVITE, again while the answer is 491: datagrams of one
// dialog may overtake each other here. It returns the 200.
func (d *talk) reinvite(body string) *sip.Message {
	d.p.t.Helper()
	for {
		seq := d.send(sip.INVITE, body)
		m := d.p.expect("the answer to a re-INVITE", func(m *sip.Message) bool {
			return m.IsResponse() && m.CSeq().Number == uint32(seq) && string(m.CallID()) == d.callID
		})
		switch m.Status() {
		case 200:
			return m
		case 491:
			d.ackRefusal()
		default:
			d.p.t.Fatalf("re-INVITE: %d", m.Status())
		}
	}
}

// ack acknowledges a 2xx.
func (d *talk) ack(body string) { d.write(sip.ACK, d.inviteSeq, d.p.unique("z9hG4bK"), body, nil) }

// ackRefusal acknowledges a refusal, in its transaction.
func (d *talk) ackRefusal() { d.write(sip.ACK, d.inviteSeq, d.branch, "", nil) }

func (d *talk) cancel(headers ...string) { d.write(sip.CANCEL, d.inviteSeq, d.branch, "", headers) }

// bye hangs up and waits for the answer.
func (d *talk) bye(headers ...string) {
	d.p.t.Helper()
	d.send(sip.BYE, "", headers...)
	d.response(sip.BYE, 200)
}

// rung takes an incoming INVITE.
func (p *puppet) rung() *talk {
	p.t.Helper()
	return p.takes(p.request(sip.INVITE))
}

// takes is the dialog of an INVITE that came.
func (p *puppet) takes(m *sip.Message) *talk {
	tag := p.unique("to")
	d := &talk{
		p: p, callID: string(m.CallID()), invite: m, tag: tag, inviteSeq: int(m.CSeq().Number),
		local: string(m.Value(sip.HeaderTo)) + ";tag=" + tag, remote: string(m.Value(sip.HeaderFrom)), seq: 100,
	}
	if list, err := m.Contacts(); err == nil && len(list) > 0 {
		d.target = list[0].URI.String()
	}
	return d
}

// reply answers the INVITE that rang.
func (d *talk) reply(status int, body string, headers ...string) {
	d.p.reply(d.invite, status, d.tag, body, headers...)
}

// next waits for a request of this dialog.
func (d *talk) next(method sip.Method) *sip.Message {
	d.p.t.Helper()
	return d.p.expect(method.String(), func(m *sip.Message) bool {
		return m.IsRequest() && m.Method() == method && string(m.CallID()) == d.callID
	})
}

// hungUp waits for the BYE and answers it.
func (d *talk) hungUp() *sip.Message {
	d.p.t.Helper()
	m := d.next(sip.BYE)
	d.p.reply(m, 200, "", "")
	return m
}

// canceled waits for the CANCEL, answers it, and ends the INVITE with 487.
func (d *talk) canceled() *sip.Message {
	d.p.t.Helper()
	m := d.next(sip.CANCEL)
	d.p.reply(m, 200, d.tag, "")
	d.reply(487, "")
	d.next(sip.ACK)
	return m
}

// description is an SDP body from a puppet, with a direction.
func (p *puppet) description(direction string) string {
	return fmt.Sprintf("v=0\r\no=- 1 %d IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\n"+
		"m=audio %d RTP/AVP 0 8 101\r\na=rtpmap:0 PCMU/8000\r\na=rtpmap:8 PCMA/8000\r\n"+
		"a=rtpmap:101 telephone-event/8000\r\na=fmtp:101 0-15\r\na=%s\r\n",
		p.version(), p.port(), direction)
}

// port is where the puppet says that it hears.
func (p *puppet) port() int { return cmp.Or(p.media, 40000+2*int(p.addr.Port()%1000)) }

func (p *puppet) version() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.next++
	return p.next
}
