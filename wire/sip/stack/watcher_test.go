package stack

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// watcher is a phone that subscribes.
type watcher struct {
	t      *testing.T
	addr   string
	say    func(msg string)
	take   func() string
	answer int // to NOTIFYs; 0: none
	tag    string
	seq    int
	state  string // of the last NOTIFY that it answered 200
}

func (w *world) watcher(addr string) *watcher {
	r := w.raw(addr)
	return &watcher{
		t: w.t, addr: addr, answer: 200, say: func(msg string) { r.send(unitAddr, msg) },
		take: func() string { return strings.Join(r.got(), "") },
	}
}

func overStream(t *testing.T, s *stream, addr string) *watcher {
	return &watcher{
		t: t, addr: addr, answer: 200, say: func(msg string) { s.say(t, overTCP(msg)) },
		take: func() string { text, _ := s.heard(); return text },
	}
}

func (p *watcher) subscribe(expires int, more ...string) {
	p.t.Helper()
	p.seq++
	to := "To: <sip:202@10.0.0.1>"
	if p.tag != "" {
		to += ";tag=" + p.tag
	}
	p.say(lines(append([]string{
		"SUBSCRIBE sip:202@10.0.0.1 SIP/2.0",
		fmt.Sprintf("Via: SIP/2.0/UDP %s;rport;branch=z9hG4bK%s%d", p.addr, strings.ReplaceAll(p.addr, ":", ""), p.seq),
		"Max-Forwards: 70", "From: <sip:201@10.0.0.1>;tag=w" + p.addr[7:9], to, "Call-ID: w" + p.addr,
		fmt.Sprintf("CSeq: %d SUBSCRIBE", p.seq), "Contact: <sip:201@" + p.addr + ">", "Event: dialog",
		fmt.Sprintf("Expires: %d", expires), "Content-Length: 0",
	}, more...)...))
}

var (
	toTag   = regexp.MustCompile(`(?m)^To: .*;tag=(\S+)`)
	headers = regexp.MustCompile(`(?m)^(Via|From|To|Call-ID|CSeq): .*$`)
	starts  = regexp.MustCompile(`SIP/2\.0 \d{3} |NOTIFY sip:`)
)

// heard tells what came, and answers NOTIFYs.
func (p *watcher) heard() (out []string) {
	p.t.Helper()
	text := p.take()
	at := starts.FindAllStringIndex(text, -1)
	for i, start := range at {
		end := len(text)
		if i+1 < len(at) {
			end = at[i+1][0]
		}
		msg := text[start[0]:end]
		first, _, _ := strings.Cut(msg, "\r\n")
		if status, ok := strings.CutPrefix(first, "SIP/2.0 "); ok {
			if m := toTag.FindStringSubmatch(msg); m != nil && strings.HasPrefix(status, "200") && p.tag == "" {
				p.tag = m[1]
			}
			out = append(out, strings.TrimSpace(status[:3]+" "+value(msg, "Expires")+value(msg, "Min-Expires")))
			continue
		}
		body := msg[strings.Index(msg, "\r\n\r\n")+4:]
		seq, _, _ := strings.Cut(value(msg, "CSeq"), " ")
		said, _, _ := strings.Cut(value(msg, "Subscription-State"), ";expires")
		out = append(out, fmt.Sprintf("%s %s: %s", seq, said, body))
		if p.answer != 0 {
			if p.answer == 200 {
				p.state = body
			}
			p.say(fmt.Sprintf("SIP/2.0 %d X\r\n%s\r\nContent-Length: 0\r\n\r\n", p.answer,
				strings.Join(trimmed(headers.FindAllString(msg, -1)), "\r\n")))
		}
	}
	return out
}

func trimmed(in []string) []string {
	for i := range in {
		in[i] = strings.TrimSpace(in[i])
	}
	return in
}

func value(msg, name string) string {
	m := regexp.MustCompile(`(?m)^` + name + `: (.*)$`).FindStringSubmatch(msg)
	if m == nil {
		return ""
	}
	return strings.TrimSpace(m[1])
}

func (p *watcher) want(want ...string) {
	p.t.Helper()
	if got := p.heard(); !slices.Equal(got, want) {
		p.t.Fatalf("got  %s\nwant %s", strings.Join(got, " | "), strings.Join(want, " | "))
	}
}
