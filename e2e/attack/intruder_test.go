//go:build e2e

package attack

import (
	"bufio"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"net"
	"net/netip"
	"os"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/sekisho/sekisho/app/control"
	"github.com/sekisho/sekisho/wire/digest"
)

// intruder is a UDP socket, or a TCP connection to the unit, that says whatever
// it is told to.
type intruder struct {
	g    *ground
	conn *net.UDPConn
	tcp  net.Conn // nil for UDP
	read *bufio.Reader
	self netip.AddrPort
	buf  [65536]byte
}

// intrude opens an intruder's socket on a host of the ground.
func (g *ground) intrude(host byte) *intruder {
	g.Helper()
	c := g.socket(host, 0)
	g.Cleanup(func() { c.Close() })
	g.must(c.SetReadBuffer(1 << 22))
	return &intruder{g: g, conn: c, self: netip.MustParseAddrPort(c.LocalAddr().String())}
}

// intrudeTCP opens an intruder's TCP connection from a host of the ground.
func (g *ground) intrudeTCP(host byte) *intruder {
	g.Helper()
	c, err := g.dialStream(host, portPhones)
	g.must(err)
	g.Cleanup(func() { c.Close() })
	return &intruder{g: g, tcp: c, read: bufio.NewReader(c), self: netip.MustParseAddrPort(c.LocalAddr().String())}
}

// hearTCP reads one message of the connection, "" when none comes.
func (x *intruder) hearTCP(wait time.Duration) string {
	x.g.Helper()
	x.g.must(x.tcp.SetReadDeadline(time.Now().Add(wait)))
	var head strings.Builder
	for !strings.HasSuffix(head.String(), "\r\n\r\n") {
		line, err := x.read.ReadString('\n')
		if errors.Is(err, os.ErrDeadlineExceeded) && head.Len() == 0 {
			return ""
		}
		x.g.must(err)
		head.WriteString(line)
	}
	n, err := strconv.Atoi(header(head.String(), "Content-Length"))
	x.g.must(err)
	body := make([]byte, n)
	_, err = io.ReadFull(x.read, body)
	x.g.must(err)
	return head.String() + string(body)
}

func (x *intruder) send(to netip.AddrPort, message string) {
	x.g.Helper()
	if x.tcp != nil {
		_, err := io.WriteString(x.tcp, message)
		x.g.must(err)
		return
	}
	if _, err := x.conn.WriteToUDPAddrPort([]byte(message), to); err != nil {
		x.g.Fatal(err)
	}
}

// hear waits for one datagram or message, "" when none comes.
func (x *intruder) hear(wait time.Duration) string {
	x.g.Helper()
	if x.tcp != nil {
		return x.hearTCP(wait)
	}
	x.g.must(x.conn.SetReadDeadline(time.Now().Add(wait)))
	n, _, err := x.conn.ReadFromUDPAddrPort(x.buf[:])
	if errors.Is(err, os.ErrDeadlineExceeded) {
		return ""
	}
	x.g.must(err)
	return string(x.buf[:n])
}

// drain throws away what has come.
func (x *intruder) drain() {
	for x.hear(time.Millisecond) != "" {
	}
}

// statusOf reads a status line, 0 for what is none.
func statusOf(message string) int {
	if !strings.HasPrefix(message, "SIP/2.0 ") || len(message) < 11 {
		return 0
	}
	n, _ := strconv.Atoi(message[8:11])
	return n
}

// answer waits for the final response to a branch; "" for none.
func (x *intruder) answer(branch string, wait time.Duration) string {
	x.g.Helper()
	for deadline := time.Now().Add(wait); ; {
		m := x.hear(time.Until(deadline))
		if m == "" || statusOf(m) >= 200 && strings.Contains(m, branch) {
			return m
		}
	}
}

// header gives a header field's value.
func header(message, name string) string {
	m := regexp.MustCompile(`(?mi)^` + name + `: *([^\r\n]*)`).FindStringSubmatch(message)
	if m == nil {
		return ""
	}
	return m[1]
}

func body(message string) string {
	_, b, _ := strings.Cut(message, "\r\n\r\n")
	return b
}

// tagOf gives the tag of a From or To.
func tagOf(value string) string {
	_, tag, _ := strings.Cut(value, ";tag=")
	tag, _, _ = strings.Cut(tag, ";")
	return tag
}

// request is a request in text: what is empty is filled in with what an
// ordinary phone would say.
type request struct {
	method  string
	uri     string
	from    string // name-addr with tag
	to      string
	callID  string
	cseq    int
	branch  string
	contact string // "-" for none
	via     string
	more    []string // header lines
	body    string
	length  string // of Content-Length; "" is right
}

func sdpAt(at netip.AddrPort) string {
	return fmt.Sprintf("v=0\r\no=- 1 1 IN IP4 %s\r\ns=-\r\nc=IN IP4 %[1]s\r\nt=0 0\r\nm=audio %d RTP/AVP 0\r\n",
		at.Addr(), at.Port())
}

// fill completes a request.
func (x *intruder) fill(r *request) {
	unit := x.g.phones()
	set := func(s *string, value string) {
		if *s == "" {
			*s = value
		}
	}
	set(&r.uri, "sip:"+friend+"@"+unit.String())
	set(&r.from, "<sip:"+insider+"@"+unit.String()+">;tag="+rand.Text())
	set(&r.to, "<"+strings.NewReplacer(">", "", "<", "").Replace(r.uri)+">")
	set(&r.callID, rand.Text())
	set(&r.branch, "z9hG4bK"+rand.Text())
	set(&r.contact, "<sip:"+insider+"@"+x.self.String()+">")
	transport := "UDP"
	if x.tcp != nil {
		transport = "TCP"
	}
	set(&r.via, "SIP/2.0/"+transport+" "+x.self.String()+";rport;branch="+r.branch)
	if r.cseq == 0 {
		r.cseq = 1
	}
	if r.method == "INVITE" && r.body == "" {
		r.body = sdpAt(netip.AddrPortFrom(x.self.Addr(), 40000))
	}
	set(&r.length, strconv.Itoa(len(r.body)))
}

// text writes a request.
func (x *intruder) text(r *request) string {
	x.fill(r)
	lines := []string{
		r.method + " " + r.uri + " SIP/2.0", "Via: " + r.via, "Max-Forwards: 70", "From: " + r.from, "To: " + r.to,
		"Call-ID: " + r.callID, "CSeq: " + strconv.Itoa(r.cseq) + " " + r.method,
	}
	if r.contact != "-" {
		lines = append(lines, "Contact: "+r.contact)
	}
	lines = append(lines, r.more...)
	if r.body != "" && !strings.Contains(strings.Join(r.more, "\n"), "Content-Type") {
		lines = append(lines, "Content-Type: application/sdp")
	}
	return strings.Join(append(lines, "Content-Length: "+r.length), "\r\n") + "\r\n\r\n" + r.body
}

// ask sends a request without credentials and gives the final response, ""
// for none. A refused INVITE is acknowledged.
func (x *intruder) ask(to netip.AddrPort, r request) string {
	x.g.Helper()
	x.send(to, x.text(&r))
	return x.finish(to, &r, silence)
}

func (x *intruder) finish(to netip.AddrPort, r *request, wait time.Duration) string {
	x.g.Helper()
	m := x.answer(r.branch, wait)
	if r.method == "INVITE" && statusOf(m) >= 300 {
		ack := *r
		ack.method, ack.to, ack.body, ack.more, ack.length = "ACK", header(m, "To"), "", nil, ""
		x.send(to, x.text(&ack))
	}
	return m
}

// login is a credential and how it is used.
type login struct {
	account   control.PhoneAccount
	algorithm digest.Algorithm
	nc        uint32
	uri       string // another digest-uri
	method    string // another method
}

// authorization answers a 401.
func (x *intruder) authorization(challenge string, r *request, l login) string {
	x.g.Helper()
	for line := range strings.SplitSeq(challenge, "\r\n") {
		value, ok := strings.CutPrefix(line, "WWW-Authenticate: ")
		if !ok {
			continue
		}
		ch, err := digest.ParseChallenge(value)
		x.g.must(err)
		if l.algorithm != digest.None && l.algorithm != ch.Algorithm {
			continue
		}
		uri, method := r.uri, r.method
		if l.uri != "" {
			uri = l.uri
		}
		if l.method != "" {
			method = l.method
		}
		c, err := digest.Answer(ch, digest.Login{User: l.account.User, Password: l.account.Secret},
			method, uri, rand.Text(), max(l.nc, 1))
		x.g.must(err)
		return "Authorization: " + c.String()
	}
	x.g.Fatalf("no challenge to answer in:\n%s", challenge)
	return ""
}

// as sends a request with the credential of an account, and gives the final
// response and the request as it was sent.
func (x *intruder) as(account control.PhoneAccount, r request) (string, request) {
	x.g.Helper()
	first := r
	x.fill(&first)
	r = first
	challenge := x.ask(x.g.phones(), first)
	if statusOf(challenge) != 401 {
		return challenge, first
	}
	r.cseq, r.branch, r.via = first.cseq+1, "z9hG4bK"+rand.Text(), ""
	r.more = append([]string{x.authorization(challenge, &r, login{account: account})}, first.more...)
	x.send(x.g.phones(), x.text(&r))
	return x.finish(x.g.phones(), &r, 3*time.Second), r
}

// signed sends an INVITE with an account's credential and does not wait.
func (x *intruder) signed(account control.PhoneAccount, uri string) request {
	x.g.Helper()
	challenge := x.ask(x.g.phones(), request{method: "INVITE", uri: uri})
	r := request{method: "INVITE", uri: uri}
	x.fill(&r)
	r.more = []string{x.authorization(challenge, &r, login{account: account})}
	x.send(x.g.phones(), x.text(&r))
	return r
}

// dialAs calls somebody with an account's credential; a call that gets
// through is hung up.
func (x *intruder) dialAs(account control.PhoneAccount, r request) int {
	x.g.Helper()
	r.method = "INVITE"
	m, sent := x.as(account, r)
	if statusOf(m) == 200 {
		x.hangUp(sent, m)
	}
	return statusOf(m)
}

// within makes a request inside the dialog of a call that was answered.
func (x *intruder) within(invite request, ok, method string) request {
	target := strings.Trim(header(ok, "Contact"), "<>")
	r := request{
		method: method, uri: target, from: invite.from, to: header(ok, "To"), callID: invite.callID,
		cseq: invite.cseq + 1,
	}
	if method == "ACK" {
		r.cseq = invite.cseq
	}
	return r
}

func (x *intruder) hangUp(invite request, ok string) {
	x.g.Helper()
	ack := x.within(invite, ok, "ACK")
	x.send(x.g.phones(), x.text(&ack))
	if m := x.ask(x.g.phones(), x.within(invite, ok, "BYE")); statusOf(m) != 200 {
		x.g.Errorf("hanging up one's own call: %q", m)
	}
}

// register registers a contact of an account.
func (x *intruder) register(account control.PhoneAccount, contact string, more ...string) int {
	x.g.Helper()
	self := "<sip:" + account.Extension + "@" + x.g.phones().String() + ">"
	m, _ := x.as(account, request{
		method: "REGISTER", uri: "sip:" + x.g.phones().String(), to: self, from: self + ";tag=" + rand.Text(),
		contact: contact, more: more,
	})
	return statusOf(m)
}

// await waits for a request of the unit.
func (x *intruder) await(method string, wait time.Duration) string {
	x.g.Helper()
	for deadline := time.Now().Add(wait); ; {
		m := x.hear(time.Until(deadline))
		if m == "" || strings.HasPrefix(m, method+" ") {
			return m
		}
	}
}

// reply answers a request of the unit.
func (x *intruder) reply(r, status, body string, more ...string) {
	x.g.Helper()
	lines := []string{"SIP/2.0 " + status}
	for line := range strings.SplitSeq(r, "\r\n") {
		for _, name := range []string{"Via", "From", "Call-ID", "CSeq", "Record-Route"} {
			if strings.HasPrefix(line, name+":") {
				lines = append(lines, line)
			}
		}
	}
	to := header(r, "To")
	if tagOf(to) == "" {
		to += ";tag=puppet"
	}
	lines = append(append(lines, "To: "+to), more...)
	if body != "" {
		lines = append(lines, "Content-Type: application/sdp")
	}
	lines = append(lines, "Content-Length: "+strconv.Itoa(len(body)))
	x.send(x.g.phones(), strings.Join(lines, "\r\n")+"\r\n\r\n"+body)
}

// retire takes all of the puppet's contacts back.
func (x *intruder) retire() {
	x.g.Helper()
	x.drain()
	if s := x.register(x.g.puppet, "*", "Expires: 0"); s != 200 {
		x.g.Errorf("the puppet retires: %d", s)
	}
}

// puppetPhone registers a phone that does what the intruder wants.
func (g *ground) puppetPhone(host byte) *intruder {
	g.Helper()
	x := g.intrude(host)
	if s := x.register(g.puppet, "<sip:p@"+x.self.String()+">"); s != 200 {
		g.Fatalf("the puppet registers: %d", s)
	}
	g.Cleanup(x.retire)
	return x
}

// visit calls in from a carrier's address, and hangs up when somebody answers.
func (x *intruder) visit(unit netip.AddrPort, r request) {
	x.g.Helper()
	x.fill(&r)
	m := x.ask(unit, r)
	if statusOf(m) != 200 {
		return
	}
	for _, method := range []string{"ACK", "BYE"} {
		next := x.within(r, m, method)
		x.send(unit, x.text(&next))
		if method == "BYE" {
			x.answer(next.branch, silence)
		}
	}
}
