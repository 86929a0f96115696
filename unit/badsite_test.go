package unit

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/netip"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/sekisho/sekisho/fact"
	"github.com/sekisho/sekisho/unit/lamp"
	"github.com/sekisho/sekisho/unit/lamp/remote"
	"github.com/sekisho/sekisho/wire/sip"
)

// badSite is a site that was paired and says whatever it likes.
type badSite struct {
	t    *testing.T
	conn net.Conn
	got  chan *sip.Message
	sent int // requests
	road *road
}

// newBadSite stands where the branch would, and waits until the head office hears it.
func newBadSite(t *testing.T) (*office, *badSite) {
	t.Helper()
	cfg := headOffice
	cfg.road = newRoad()
	at := netip.MustParseAddrPort(branch.at)
	e := &roadEnd{
		key: branch.key, trusts: func(string) bool { return true }, at: at, queue: make(chan net.Conn, hubMail),
		closed: make(chan struct{}),
	}
	cfg.road.ends[at] = e
	head := newOffice(t, officeConfig{shards: 1, site: cfg})
	head.pairs(branch.of("branch", "3xx"))
	b := &badSite{t: t, conn: <-e.queue, got: make(chan *sip.Message, hubMail), road: cfg.road}
	go b.read()
	head.siteUp("branch", true)
	return head, b
}

func (b *badSite) read() {
	r := bufio.NewReader(b.conn)
	for {
		var text strings.Builder
		length := 0
		for {
			line, err := r.ReadString('\n')
			if err != nil {
				return
			}
			if text.Len() == 0 && strings.TrimSpace(line) == "" {
				continue // a ping
			}
			text.WriteString(line)
			if n, ok := strings.CutPrefix(line, "Content-Length: "); ok {
				length, _ = strconv.Atoi(strings.TrimSpace(n))
			}
			if strings.TrimSpace(line) == "" {
				break
			}
		}
		body := make([]byte, length)
		if _, err := io.ReadFull(r, body); err != nil {
			return
		}
		m := &sip.Message{}
		if err := sip.Parse([]byte(text.String()+string(body)), m); err != nil {
			b.t.Errorf("what does not parse: %v", err)
			return
		}
		if m.IsRequest() && m.Method() == sip.OPTIONS {
			b.answer(m, 200, "")
			continue
		}
		b.got <- m
	}
}

// next waits for what fits.
func (b *badSite) next(fits func(*sip.Message) bool) *sip.Message {
	b.t.Helper()
	for m := range b.got {
		if fits(m) {
			return m
		}
	}
	return nil
}

func (b *badSite) write(text string) {
	if _, err := io.WriteString(b.conn, text); err != nil {
		b.t.Error(err)
	}
}

// answer answers a request.
func (b *badSite) answer(m *sip.Message, status int, body string, headers ...string) {
	b.write(fmt.Sprintf("SIP/2.0 %d X\r\nVia: %s\r\nFrom: %s\r\nTo: %s;tag=bad\r\nCall-ID: %s\r\nCSeq: %s\r\n%s"+
		"Content-Length: %d\r\n\r\n%s", status, m.Value(sip.HeaderVia), m.Value(sip.HeaderFrom), m.Value(sip.HeaderTo),
		m.CallID(), m.Value(sip.HeaderCSeq), strings.Join(append(headers, ""), "\r\n"), len(body), body))
}

// TestASiteSendsNobodyOn: what a site wants to have called outside in place of its phone,
// by a redirection or a transfer, is not called and not even asked for; nor does it take
// the place of somebody in a call.
func TestASiteSendsNobodyOn(t *testing.T) { inTime(t, testASiteSendsNobodyOn) }

func testASiteSendsNobodyOn(t *testing.T) {
	head, b := newBadSite(t)
	d := head.p201.call("301", head.p201.description("sendrecv"))
	invite := b.next(isMethod(sip.INVITE))
	b.answer(invite, 302, "", "Contact: <sip:09012345678@head>")
	d.p.expect("a refusal", func(m *sip.Message) bool { return m.Status() >= 400 })
	d.ackRefusal()

	d = head.p201.call("301", head.p201.description("sendrecv"))
	invite = b.next(isMethod(sip.INVITE))
	b.answer(invite, 200, string(invite.Body()), "Contact: <sip:bad@127.0.3.2:5081;transport=tls>",
		"Content-Type: application/sdp", partyHeader+": "+partyInside)
	d.response(sip.INVITE, 200)
	d.ack("")
	b.next(isMethod(sip.ACK))
	contacts, err := invite.Contacts()
	if err != nil {
		t.Fatal(err)
	}
	b.write(fmt.Sprintf("REFER %s SIP/2.0\r\nVia: SIP/2.0/TLS 127.0.3.2:5081;branch=z9hG4bKrefer\r\n"+
		"Max-Forwards: 70\r\nFrom: %s;tag=bad\r\nTo: %s\r\nCall-ID: %s\r\n"+
		"CSeq: 1 REFER\r\nContact: <sip:bad@127.0.3.2:5081>\r\n"+
		"Refer-To: <sip:09012345678@head>\r\nContent-Length: 0\r\n\r\n",
		contacts[0].URI.String(), invite.Value(sip.HeaderTo), invite.Value(sip.HeaderFrom), invite.CallID()))
	answered := func(m *sip.Message) bool { return m.IsResponse() && m.Method() == sip.REFER }
	if m := b.next(answered); m.Status() != 403 {
		t.Errorf("REFER is answered %d", m.Status())
	}
	name := head.p202.call("203", head.p202.description("sendrecv"))
	there := head.p203.rung()
	there.reply(180, "")
	name.response(sip.INVITE, 180)
	_, tag, _ := strings.Cut(name.remote, ";tag=")
	b.write(fmt.Sprintf("INVITE sip:203@head SIP/2.0\r\nVia: SIP/2.0/TLS 127.0.3.2:5081;branch=z9hG4bKreplaces\r\n"+
		"Max-Forwards: 70\r\nFrom: <sip:301@bad>;tag=x\r\nTo: <sip:203@head>\r\nCall-ID: replaces\r\n"+
		"CSeq: 1 INVITE\r\n"+
		"Contact: <sip:bad@127.0.3.2:5081>\r\nReplaces: %s;to-tag=%s;from-tag=x\r\nContent-Length: 0\r\n\r\n",
		name.callID, tag))
	final := func(m *sip.Message) bool { return string(m.CallID()) == "replaces" && m.Status() >= 200 }
	if m := b.next(final); m.Status() != 403 {
		t.Errorf("an INVITE in somebody's place is answered %d", m.Status())
	}
	if n := len(all[fact.CallJudged](head)); n != 0 {
		t.Errorf("%d verdicts", n)
	}
	head.hikari.expectNone("an INVITE", isMethod(sip.INVITE))
}

// TestABadSiteWatchesLamps: it has so many at once, and no more state of ours than that.
func TestABadSiteWatchesLamps(t *testing.T) { inTime(t, testABadSiteWatchesLamps) }

func testABadSiteWatchesLamps(t *testing.T) {
	head, b := newBadSite(t)
	const asked = 300
	for i := range asked {
		b.write(fmt.Sprintf("SUBSCRIBE sip:201@head SIP/2.0\r\nVia: SIP/2.0/TLS 127.0.3.2:5081;branch=z9hG4bKs%d\r\n"+
			"Max-Forwards: 70\r\nFrom: <sip:301@bad>;tag=t%d\r\nTo: <sip:201@head>\r\nCall-ID: s%d\r\n"+
			"CSeq: 1 SUBSCRIBE\r\nContact: <sip:bad@127.0.3.2:5081>\r\nEvent: dialog\r\nExpires: 3600\r\n"+
			"User-Agent: Panasonic_KX-\r\nContent-Length: 0\r\n\r\n", i, i, i))
		call := fmt.Sprintf("s%d", i)
		answer := b.next(func(m *sip.Message) bool {
			return m.IsResponse() && m.Method() == sip.SUBSCRIBE && string(m.CallID()) == call
		})
		if answer.Status() != 200 {
			t.Fatalf("SUBSCRIBE %d is answered %d", i, answer.Status())
		}
		b.ok(b.next(isMethod(sip.NOTIFY)))
	}
	if _, w := head.lampOf("201"); len(w) >= asked || len(w) == 0 {
		t.Errorf("it watches %d times", len(w))
	}
	c := head.hikari.call("0312345670", head.hikari.description("sendrecv"))
	rung := head.p202.rung()
	rung.reply(180, "")
	head.p201.call("203", head.p201.description("sendrecv"))
	said := b.next(func(m *sip.Message) bool {
		return m.IsRequest() && strings.Contains(string(m.Body()), "confirmed")
	})
	for _, secret := range []string{"203", "hikari", "Desk", "remote", "call-id"} {
		if strings.Contains(string(said.Body()), secret) {
			t.Errorf("it is told %s: %s", secret, said.Body())
		}
	}
	c.cancel()
}

// ok answers a NOTIFY.
func (b *badSite) ok(m *sip.Message) {
	b.write(fmt.Sprintf("SIP/2.0 200 OK\r\nVia: %s\r\nFrom: %s\r\nTo: %s\r\nCall-ID: %s\r\nCSeq: %s\r\n"+
		"Content-Length: 0\r\n\r\n", m.Value(sip.HeaderVia), m.Value(sip.HeaderFrom), m.Value(sip.HeaderTo), m.CallID(),
		m.Value(sip.HeaderCSeq)))
}

// TestABadSiteEndsWhatItGrants: one that ends a subscription before it grants it is asked
// anew, in another one.
func TestABadSiteEndsWhatItGrants(t *testing.T) { inTime(t, testABadSiteEndsWhatItGrants) }

func testABadSiteEndsWhatItGrants(t *testing.T) {
	head, b := newBadSite(t)
	head.p203.watch("301").shows("terminated")
	m := b.next(isMethod(sip.SUBSCRIBE))
	b.tells(m, 1, "terminated;reason=timeout", "")
	if got := b.status(1); got != 200 {
		t.Errorf("the end is answered %d", got)
	}
	b.answer(m, 200, "", "Expires: 600", "Contact: <sip:bad@127.0.3.2:5081;transport=tls>")
	var again *sip.Message
	for due := time.After(remote.RetryFirst + patience); again == nil; {
		select {
		case m := <-b.got:
			if isMethod(sip.SUBSCRIBE)(m) {
				again = m
			}
		case <-due:
			t.Fatal("the lamp stays dark")
		}
	}
	b.answer(again, 200, "", "Expires: 600", "Contact: <sip:bad@127.0.3.2:5081;transport=tls>")
	if string(again.CallID()) == string(m.CallID()) || len(again.To().Tag) > 0 {
		t.Errorf("it is asked for as %s", again.Bytes())
	}
	b.tells(again, 1, "active;expires=600", info("early"))
	head.lampIs("301", lamp.Ringing)
}
