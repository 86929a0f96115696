package line

import (
	"context"
	"fmt"
	"net/netip"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/sekisho/sekisho/fact"
	"github.com/sekisho/sekisho/wire/sip"
	"github.com/sekisho/sekisho/wire/sip/edge"
	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// ledger is a Committer that keeps the facts it is given.
type ledger struct {
	mu    sync.Mutex
	facts []fact.Fact
}

func (l *ledger) Commit(w fact.Write, done func(error)) {
	l.mu.Lock()
	l.facts = append(l.facts, w.Facts...)
	l.mu.Unlock()
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

// directory is a Resolver of a few names.
type directory map[string][]string

func (n directory) Resolve(_ context.Context, host string, port uint16, transport string) ([]edge.Target, error) {
	var out []edge.Target
	for _, a := range n[host] {
		at := netip.AddrPortFrom(netip.MustParseAddr(a), max(port, 1))
		out = append(out, edge.Target{Transport: transport, Addr: at})
	}
	if len(out) == 0 {
		return nil, fmt.Errorf("no such name %s", host)
	}
	return out, nil
}

// site is Lines with a clock.
type site struct {
	*Lines
	t      *testing.T
	ledger *ledger
	names  directory
	now    time.Time
}

func newSite(t *testing.T, rows ...fact.Line) *site {
	t.Helper()
	s := &site{t: t, ledger: &ledger{}, names: directory{}, now: time.Date(2026, 3, 1, 9, 0, 0, 0, time.UTC)}
	var err error
	s.Lines, err = New(Config{SealKey: []byte(strings.Repeat("k", KeyBytes)), Resolver: s.names, Committer: s.ledger})
	if err != nil {
		t.Fatal(err)
	}
	for _, row := range rows {
		if row, err = s.Seal(row, "password"); err == nil {
			err = s.Add(row)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	return s
}

// row makes a line's settings.
func row(id, profile, registrar string) fact.Line {
	return fact.Line{
		ID: id, Profile: profile, Registrar: registrar, User: "user-" + id, AreaCode: "03", Channels: 3,
		Numbers: []fact.Number{
			{Number: "0312345678", Ring: []string{"201", "202"}}, {Number: "0312345679", Ring: []string{"202"}},
		},
	}
}

// message builds and parses a message.
func message(t *testing.T, start string, lines ...string) *sip.Message {
	t.Helper()
	method, _, _ := strings.Cut(start, " ")
	if strings.HasPrefix(start, "SIP/2.0") {
		method = "REGISTER"
	}
	var text strings.Builder
	text.WriteString(start + "\r\nVia: SIP/2.0/UDP 192.0.2.1;branch=z9hG4bKx\r\nMax-Forwards: 70\r\n" +
		"Call-ID: x\r\nCSeq: 1 " + method + "\r\n")
	all := strings.Join(lines, "\n")
	for _, header := range []string{
		"From: <sip:09011112222@carrier.example>;tag=f", "To: <sip:0312345678@carrier.example>",
	} {
		name, _, _ := strings.Cut(header, " ")
		if !strings.HasPrefix(all, name) && !strings.Contains(all, "\n"+name) {
			text.WriteString(header + "\r\n")
		}
	}
	for _, l := range lines {
		text.WriteString(l + "\r\n")
	}
	var m sip.Message
	if err := sip.Parse([]byte(text.String()+"Content-Length: 0\r\n\r\n"), &m); err != nil {
		t.Fatalf("%v in %s", err, text.String())
	}
	return &m
}

var carrierAddr = netip.MustParseAddrPort("198.51.100.1:5060")

// task waits for the next task, moving the clock, and fails after a day.
func (s *site) task(method sip.Method) Task {
	s.t.Helper()
	end := s.now.Add(24 * time.Hour)
	for s.now.Before(end) {
		tasks, next := s.Due(s.now)
		for _, t := range tasks {
			if t.Method == method {
				return t
			}
			s.Result(t, 200, nil, carrierAddr, s.now)
		}
		if !next.After(s.now) {
			s.t.Fatalf("next call of Due is at %s, not after %s", next, s.now)
		}
		s.now = next
	}
	s.t.Fatalf("no %s within a day", method)
	return Task{}
}

// idle reports that nothing is to be sent for a time.
func (s *site) idle(d time.Duration) bool {
	s.t.Helper()
	for end := s.now.Add(d); s.now.Before(end); {
		tasks, next := s.Due(s.now)
		if len(tasks) > 0 {
			return false
		}
		s.now = next
	}
	return true
}

// answer gives a task's result.
func (s *site) answer(t Task, status int, lines ...string) {
	s.t.Helper()
	var m *sip.Message
	if status != 0 {
		m = message(s.t, fmt.Sprintf("SIP/2.0 %d Text", status), lines...)
	}
	s.Result(t, status, m, carrierAddr, s.now)
}

// header finds a header of a task.
func header(t Task, name string) string {
	for _, h := range t.Headers {
		if h.Name == name {
			return h.Value
		}
	}
	return ""
}

// state gives a line's state.
func (s *site) state(id string) Status {
	s.t.Helper()
	for _, st := range s.List(s.now) {
		if st.ID == id {
			return st
		}
	}
	s.t.Fatalf("no line %s", id)
	return Status{}
}
