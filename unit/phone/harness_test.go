package phone

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/sekisho/sekisho/fact"
	"github.com/sekisho/sekisho/wire/digest"
	"github.com/sekisho/sekisho/wire/sip"
	"github.com/sekisho/sekisho/wire/sip/edge"
)

// ledger is a Committer that keeps what it is given.
type ledger struct {
	mu     sync.Mutex
	facts  []fact.Fact
	rows   []fact.Row
	writes int
	broken bool
}

func (l *ledger) Commit(w fact.Write, done func(error)) {
	l.mu.Lock()
	broken := l.broken
	if l.writes++; !broken {
		l.facts = append(l.facts, w.Facts...)
		l.rows = append(l.rows, w.Rows...)
	}
	l.mu.Unlock()
	if broken {
		done(errors.New("disk is full"))
		return
	}
	done(nil)
}

// take gives the kinds of the facts since the last take.
func (l *ledger) take() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	var kinds []string
	for _, f := range l.facts {
		kinds = append(kinds, f.Kind())
	}
	l.facts = nil
	return strings.Join(kinds, " ")
}

// rowCount gives how many rows came since the last call.
func (l *ledger) rowCount() int {
	l.mu.Lock()
	defer l.mu.Unlock()
	n := len(l.rows)
	l.rows = nil
	return n
}

// office is a registry with one phone, and a clock.
type office struct {
	*Registry
	t      testing.TB
	ledger *ledger
	now    time.Time
	cfg    Config
	row    fact.Phone
	secret string
}

var testStart = time.Date(2026, 3, 1, 9, 0, 0, 0, time.UTC)

// lineAddr is an address that belongs to a line.
var lineAddr = netip.MustParseAddr("198.51.100.1")

func newOffice(t testing.TB) *office {
	t.Helper()
	o := &office{t: t, ledger: &ledger{}, now: testStart}
	o.cfg = Config{
		Realm: "unit", SealKey: []byte(strings.Repeat("s", KeyBytes)), NonceKey: []byte(strings.Repeat("n", KeyBytes)),
		Algorithms: map[string][]digest.Algorithm{"old": {digest.MD5}},
		IsLineAddr: func(a netip.Addr) bool { return a == lineAddr },
		Emergency:  func(user []byte) bool { return string(user) == "110" || string(user) == "119" },
		Committer:  o.ledger,
	}
	o.restart()
	var err error
	o.row, o.secret, err = o.Add(context.Background(), "201", "Front desk", "owner", o.now)
	if err != nil {
		t.Fatal(err)
	}
	o.ledger.take()
	o.ledger.rowCount()
	return o
}

// restart makes a registry anew, as a process does.
func (o *office) restart() {
	o.t.Helper()
	r, err := New(o.cfg)
	if err != nil {
		o.t.Fatal(err)
	}
	o.Registry = r
}

// message builds and parses a request. Lines are further header lines.
func message(t testing.TB, method, uri, to string, cseq int, lines ...string) *sip.Message {
	t.Helper()
	var text strings.Builder
	fmt.Fprintf(&text, "%s %s SIP/2.0\r\nVia: SIP/2.0/UDP 192.0.2.10;branch=z9hG4bK%d\r\nMax-Forwards: 70\r\n"+
		"From: <%s>;tag=f\r\nTo: <%s>\r\nCSeq: %d %s\r\n", method, uri, cseq, to, to, cseq, method)
	if !strings.Contains(strings.Join(lines, "\n"), "Call-ID:") {
		text.WriteString("Call-ID: c1\r\n")
	}
	for _, l := range lines {
		if l != "" {
			text.WriteString(l + "\r\n")
		}
	}
	var m sip.Message
	if err := sip.Parse([]byte(text.String()+"Content-Length: 0\r\n\r\n"), &m); err != nil {
		t.Fatalf("%v in %s", err, text.String())
	}
	return &m
}

// source is where a request comes from.
func source(addr string) edge.Source {
	return edge.Source{Remote: netip.MustParseAddrPort(addr), Transport: "udp", Listener: "phones"}
}

var (
	desk     = source("192.0.2.10:5060")
	stranger = source("203.0.113.66:5060")
)

// challengeOf gives the challenge for an algorithm out of a verdict.
func challengeOf(t testing.TB, v edge.Verdict, a digest.Algorithm) digest.Challenge {
	t.Helper()
	if v.Action != edge.Challenge || v.Status != 401 {
		t.Fatalf("verdict is %+v, not a challenge", v)
	}
	for _, h := range v.Headers {
		value, ok := strings.CutPrefix(h.Before+v.Nonce+h.After, "WWW-Authenticate: ")
		if !ok {
			t.Fatalf("challenge header is %q", h)
		}
		c, err := digest.ParseChallenge(value)
		if err != nil {
			t.Fatal(err)
		}
		if c.Algorithm == a {
			return c
		}
	}
	t.Fatalf("no challenge with %s in %q", a, v.Headers)
	return digest.Challenge{}
}

// authorization answers a challenge.
func authorization(t testing.TB, ch digest.Challenge, user, secret, method, uri string, nc uint32) string {
	t.Helper()
	c, err := digest.Answer(ch, digest.Login{User: user, Password: secret}, method, uri, "cnonce", nc)
	if err != nil {
		t.Fatal(err)
	}
	return "Authorization: " + c.String()
}

// signed sends a request twice, the second time with credentials, and gives
// the verdict on that one, with its message.
func (o *office) signed(
	from edge.Source, user, secret, method, uri, to string, cseq int, lines ...string,
) (edge.Verdict, *sip.Message) {
	o.t.Helper()
	v := o.Authenticate(message(o.t, method, uri, to, cseq, lines...), from, o.now)
	algorithm := digest.SHA256
	if from.Listener == "old" {
		algorithm = digest.MD5
	}
	auth := authorization(o.t, challengeOf(o.t, v, algorithm), user, secret, method, uri, 1)
	m := message(o.t, method, uri, to, cseq+1, append(lines, auth)...)
	return o.Authenticate(m, from, o.now), m
}

// register signs a REGISTER in and has it done.
func (o *office) register(from edge.Source, cseq int, lines ...string) Answer {
	o.t.Helper()
	v, m := o.signed(from, o.row.User, o.secret, "REGISTER", "sip:unit", "sip:201@unit", cseq, lines...)
	if v.Action != edge.Admit {
		o.t.Fatalf("REGISTER was not admitted: %+v", v)
	}
	return o.Register(m, from, v.Identity, o.now)
}

// contacts gives an extension's contacts as text.
func (o *office) contacts(ext string) string {
	var out []string
	for _, c := range o.Lookup(ext, o.now) {
		out = append(out, c.RequestURI)
	}
	return strings.Join(out, " ")
}
