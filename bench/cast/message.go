package cast

import (
	"cmp"
	"fmt"
	"strings"
	"time"

	"github.com/sekisho/sekisho/wire/digest"
	"github.com/sekisho/sekisho/wire/sip"
)

// pending is a message that goes out again until it is answered.
type pending struct {
	p           *Party
	text        string
	began, due  time.Time
	wait        time.Duration
	invite      bool
	provisional bool
	call        bool                 // it belongs to a call
	answer      func(m *sip.Message) // takes the final answer, and what comes before it; nil for none in time
}

// retransmit sends what is due once more.
func (o *Office) retransmit(now time.Time) {
	for branch, r := range o.pending {
		switch {
		case now.Before(r.due) || r.provisional && r.invite:
		case now.Sub(r.began) > timerB:
			delete(o.pending, branch)
			if r.answer != nil {
				r.answer(nil)
			}
		default:
			r.repeat(now)
		}
	}
	for id, r := range o.unacked {
		switch {
		case now.Before(r.due):
		case now.Sub(r.began) > timerB:
			delete(o.unacked, id)
		default:
			r.repeat(now)
		}
	}
}

func (r *pending) repeat(now time.Time) {
	r.wait *= 2
	if !r.invite {
		r.wait = min(r.wait, timerT2)
	}
	r.due = now.Add(r.wait)
	r.p.sends(r.text)
}

// final sends the last answer to an INVITE, until it is acknowledged.
func (l *Leg) final(m *sip.Message, status int, body string) {
	p, now := l.P, time.Now()
	text := p.replies(m, status, l.tag, body)
	p.o.unacked[l.callID] = &pending{p: p, text: text, began: now, due: now.Add(timerT1), wait: timerT1}
}

// credentials is a challenge and how often it was answered.
type credentials struct {
	challenge digest.Challenge
	known     bool
	count     uint32
}

// value is the header field for a request, "" where no challenge is known.
func (p *Party) authorize(method sip.Method, uri string) string {
	a := &p.auth
	if !a.known || p.IsLine {
		return ""
	}
	a.count++
	login := digest.Login{User: p.account.User, Password: p.account.Secret}
	c, err := digest.Answer(a.challenge, login, method.String(), uri, p.word("c"), a.count)
	if err != nil {
		return ""
	}
	return "Authorization: " + c.String() + "\r\n"
}

// challenged takes the challenge of a 401.
func (p *Party) challenged(m *sip.Message) bool {
	for v := range m.Header(sip.HeaderWWWAuthenticate) {
		c, err := digest.ParseChallenge(string(v))
		if err == nil && c.Algorithm != digest.None {
			p.auth = credentials{challenge: c, known: true}
			return true
		}
	}
	return false
}

// word makes a word that nobody else has.
func (p *Party) word(kind string) string {
	p.unique++
	return fmt.Sprintf("%s%s.%d.%d", kind, p.Name, p.o.number, p.unique)
}

// asks sends a request and takes its answer; build writes it under a branch.
func (p *Party) asks(method sip.Method, build func(branch, auth string) string, uri string,
	answer func(m *sip.Message),
) string {
	branch, now := p.word("z9hG4bK"), time.Now()
	r := &pending{
		p: p, began: now, due: now.Add(timerT1), wait: timerT1, invite: method == sip.INVITE,
		answer: answer,
	}
	r.text = build(branch, p.authorize(method, uri))
	p.o.pending[branch] = r
	p.sends(r.text)
	return branch
}

// response takes an answer.
func (p *Party) response(m *sip.Message) {
	via := m.TopVia()
	if via == nil {
		p.strange("a response without Via")
		return
	}
	branch := string(via.Branch)
	if m.Method() == sip.CANCEL { // which has its INVITE's
		branch += calledOff
	}
	r := p.o.pending[branch]
	if r == nil || r.p != p {
		p.late(m)
		return
	}
	if m.Status() < 200 {
		r.provisional = true
	} else {
		delete(p.o.pending, branch)
	}
	if r.answer != nil {
		r.answer(m)
	}
}

// calledOff follows a branch where CANCEL has the one of an INVITE.
const calledOff = "CANCEL"

// late takes an answer that nobody waits for: the 2xx to an INVITE is acknowledged once
// more, and so is its refusal.
func (p *Party) late(m *sip.Message) {
	if m.Method() != sip.INVITE || m.Status() < 200 {
		return
	}
	for _, l := range p.o.legs {
		if l.P == p && l.callID == string(m.CallID()) && l.ackText != "" && m.CSeq().Number == uint32(l.inviteSeq) {
			p.sends(l.ackText)
			return
		}
	}
}

// Answers that a party gave are kept for requests that come again.
func (p *Party) remember(key, text string, now time.Time) {
	if now.Sub(p.turned) > rememberFor {
		p.answered[1], p.answered[0], p.turned = p.answered[0], map[string]string{}, now
	}
	p.answered[0][key] = text
}

func (p *Party) remembered(key string) string {
	return cmp.Or(p.answered[0][key], p.answered[1][key])
}

// replies answers a request; tag goes to To, where there is none.
func (p *Party) replies(m *sip.Message, status int, tag, body string, headers ...string) string {
	var b strings.Builder
	fmt.Fprintf(&b, "SIP/2.0 %d %s\r\n", status, sip.StatusPhrase(status))
	for v := range m.Header(sip.HeaderVia) {
		b.WriteString("Via: ")
		b.Write(v)
		b.WriteString("\r\n")
	}
	to := string(m.Value(sip.HeaderTo))
	if tag != "" && !strings.Contains(to, ";tag=") {
		to += ";tag=" + tag
	}
	b.WriteString("From: ")
	b.Write(m.Value(sip.HeaderFrom))
	b.WriteString("\r\nTo: " + to + "\r\nCall-ID: ")
	b.Write(m.CallID())
	b.WriteString("\r\nCSeq: ")
	b.Write(m.Value(sip.HeaderCSeq))
	b.WriteString("\r\n")
	if status > 100 && status < 300 {
		b.WriteString(p.contact())
	}
	text := finish(&b, body, headers)
	p.remember(keyOf(m), text, time.Now())
	p.sends(text)
	return text
}

func keyOf(m *sip.Message) string {
	via := m.TopVia()
	if via == nil {
		return ""
	}
	return string(via.Branch) + m.Method().String()
}

func (p *Party) contact() string { return "Contact: <sip:" + p.Name + "@" + p.At.String() + ">\r\n" }

// finish writes the end of a message.
func finish(b *strings.Builder, body string, headers []string) string {
	for _, h := range headers {
		b.WriteString(h + "\r\n")
	}
	if body != "" && !strings.Contains(strings.Join(headers, "\n"), "Content-Type") {
		b.WriteString("Content-Type: application/sdp\r\n")
	}
	fmt.Fprintf(b, "Content-Length: %d\r\n\r\n%s", len(body), body)
	return b.String()
}

// headOf writes a request up to its headers of dialogs.
func (p *Party) headOf(method sip.Method, uri, branch string) *strings.Builder {
	b := &strings.Builder{}
	b.WriteString(method.String() + " " + uri + " SIP/2.0\r\nVia: SIP/2.0/UDP " + p.At.String() +
		";rport;branch=" + branch + "\r\nMax-Forwards: 70\r\n")
	return b
}
