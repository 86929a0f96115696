package transaction

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"
)

var start = time.Unix(1_000_000, 0)

// machine is what both kinds of transaction have.
type machine interface {
	Deadline() time.Time
	Timer(now time.Time) Action
	State() State
}

// names of actions, in order.
func names(a Action) string {
	var n []string
	for i, s := range []string{"send", "ack", "deliver", "timeout", "failed", "ended"} {
		if a&(1<<i) != 0 {
			n = append(n, s)
		}
	}
	return strings.Join(n, "+")
}

// run lets a machine's timers fire until the time, and notes each action with
// its second.
func run(m machine, now *time.Time, until time.Duration) (log []string) {
	for {
		d := m.Deadline()
		if d.IsZero() || d.After(start.Add(until)) {
			*now = start.Add(until)
			return log
		}
		*now = d
		if a := m.Timer(d); a != 0 {
			log = append(log, fmt.Sprintf("%g %s", d.Sub(start).Seconds(), names(a)))
		}
	}
}

const ever = 1000 * time.Second

func compare(t *testing.T, got []string, want ...string) {
	t.Helper()
	if !slices.Equal(got, want) {
		t.Errorf("got  %q\nwant %q", got, want)
	}
}

// TestClientUnanswered is every retransmission of a request into the void
// (RFC 3261 timers A, B, E, F).
func TestClientUnanswered(t *testing.T) {
	for _, c := range []struct {
		name             string
		invite, reliable bool
		want             []string
	}{
		{"INVITE over UDP", true, false, []string{
			"0.5 send", "1.5 send", "3.5 send", "7.5 send", "15.5 send", "31.5 send", "32 timeout+ended",
		}},
		{"INVITE over TCP", true, true, []string{"32 timeout+ended"}},
		{"non-INVITE over UDP", false, false, []string{
			"0.5 send", "1.5 send", "3.5 send", "7.5 send", "11.5 send", "15.5 send", "19.5 send", "23.5 send",
			"27.5 send", "31.5 send", "32 timeout+ended",
		}},
		{"non-INVITE over TCP", false, true, []string{"32 timeout+ended"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			now := start
			m, a := NewClient(Default(), c.invite, c.reliable, now)
			if a != Send {
				t.Errorf("begins with %s", names(a))
			}
			compare(t, run(&m, &now, ever), c.want...)
			if m.State() != Terminated {
				t.Errorf("ends in %s", m.State())
			}
		})
	}
}

// step is a message given to a machine at a time.
type step struct {
	at     time.Duration
	status int
	want   string // actions
	state  State  // afterwards
}

func clientSteps(t *testing.T, m *Client, steps []step) (now time.Time) {
	t.Helper()
	now = start
	for _, s := range steps {
		run(m, &now, s.at)
		a := m.Response(now, s.status)
		if names(a) != s.want || m.State() != s.state {
			t.Errorf("%d at %v: %q in %s, want %q in %s", s.status, s.at, names(a), m.State(), s.want, s.state)
		}
	}
	return now
}

// TestClientAnswered is what responses do, and what follows when they have
// come.
func TestClientAnswered(t *testing.T) {
	sec := time.Second
	for _, c := range []struct {
		name             string
		invite, reliable bool
		steps            []step
		after            []string
	}{
		{"INVITE 180, then silence: no timer (the user decides)", true, false, []step{
			{sec, 180, "deliver", Proceeding},
		}, nil},
		{"INVITE 100, 180, 200 and the 200 again: timer M", true, false, []step{
			{sec, 100, "deliver", Proceeding},
			{2 * sec, 180, "deliver", Proceeding},
			{3 * sec, 200, "deliver", Accepted},
			{4 * sec, 200, "deliver", Accepted},
			{5 * sec, 180, "", Accepted},
			{6 * sec, 486, "", Accepted},
		}, []string{"35 ended"}},
		{"INVITE 486 over UDP: timer D, ACK for each copy", true, false, []step{
			{sec, 486, "ack+deliver", Completed},
			{2 * sec, 486, "ack", Completed},
			{3 * sec, 200, "", Completed},
			{4 * sec, 180, "", Completed},
		}, []string{"33 ended"}},
		{"INVITE 486 over TCP", true, true, []step{{sec, 486, "ack+deliver+ended", Terminated}}, nil},
		{"INVITE 200 over TCP: Accepted all the same (RFC 6026)", true, true, []step{
			{sec, 200, "deliver", Accepted},
		}, []string{"33 ended"}},
		{"non-INVITE 100: timer E goes on at T2, timer F too", false, false, []step{
			{sec, 100, "deliver", Proceeding},
		}, []string{
			"1.5 send", "5.5 send", "9.5 send", "13.5 send", "17.5 send", "21.5 send", "25.5 send", "29.5 send",
			"32 timeout+ended",
		}},
		{"non-INVITE 200 over UDP: timer K", false, false, []step{
			{sec, 200, "deliver", Completed},
			{2 * sec, 200, "", Completed},
		}, []string{"6 ended"}},
		{"non-INVITE 500 over TCP", false, true, []step{{sec, 500, "deliver+ended", Terminated}}, nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			m, _ := NewClient(Default(), c.invite, c.reliable, start)
			now := clientSteps(t, &m, c.steps)
			compare(t, run(&m, &now, ever), c.after...)
		})
	}
}

func TestClientTransportError(t *testing.T) {
	for _, invite := range []bool{true, false} {
		m, _ := NewClient(Default(), invite, false, start)
		if a := m.TransportError(); names(a) != "failed+ended" {
			t.Errorf("invite %v: %q", invite, names(a))
		}
		if a := m.TransportError(); a != 0 {
			t.Errorf("invite %v, again: %q", invite, names(a))
		}
	}
	m, _ := NewClient(Default(), true, false, start)
	m.Response(start, 200)
	if a := m.TransportError(); a != 0 {
		t.Errorf("accepted: %q", names(a)) // RFC 6026 §8.4
	}
	if a := m.Abandon(); names(a) != "ended" || !m.Deadline().IsZero() {
		t.Errorf("abandon: %q", names(a))
	}
}

// TestServerInvite is RFC 3261 §17.2.1 with RFC 6026.
func TestServerInvite(t *testing.T) {
	now := start
	m := NewServer(Default(), true, false, now)
	expect(t, "retransmission before any response", m.Request(), "")
	respond(t, &m, now, 180, "send")
	expect(t, "retransmission", m.Request(), "send")
	if !m.Deadline().IsZero() {
		t.Error("a timer runs while the user rings")
	}
	refused := m
	respond(t, &refused, now, 486, "send")
	compare(t, run(&refused, &now, ever), "0.5 send", "1.5 send", "3.5 send", "7.5 send", "11.5 send", "15.5 send",
		"19.5 send", "23.5 send", "27.5 send", "31.5 send", "32 timeout+ended")

	now = start
	refused = m
	respond(t, &refused, now, 486, "send")
	run(&refused, &now, time.Second)
	expect(t, "ACK", refused.Ack(now), "")
	expect(t, "ACK again", refused.Ack(now), "")
	expect(t, "INVITE in Confirmed", refused.Request(), "")
	compare(t, run(&refused, &now, ever), "6 ended") // timer I

	now = start
	respond(t, &m, now, 200, "send")
	expect(t, "INVITE in Accepted", m.Request(), "")
	expect(t, "ACK in Accepted", m.Ack(now), "deliver")
	if _, err := m.Respond(now, 486); !errors.Is(err, ErrAnswered) {
		t.Errorf("second final response: %v", err)
	}
	compare(t, run(&m, &now, ever), "32 ended") // timer L

	now = start
	m = NewServer(Default(), true, true, now)
	respond(t, &m, now, 486, "send")
	expect(t, "ACK over TCP", m.Ack(now), "ended")
}

func TestServerNonInvite(t *testing.T) {
	now := start
	m := NewServer(Default(), false, false, now)
	for _, status := range []int{100, 180, 183} {
		if _, err := m.Respond(now, status); !errors.Is(err, ErrProvisional) {
			t.Errorf("%d at once: %v", status, err) // RFC 4320 §4.1
		}
	}
	run(&m, &now, 5*time.Second)
	if _, err := m.Respond(now, 180); !errors.Is(err, ErrProvisional) {
		t.Errorf("180: %v", err)
	}
	respond(t, &m, now, 100, "send")
	respond(t, &m, now, 200, "send")
	expect(t, "retransmission", m.Request(), "send")
	expect(t, "ACK", m.Ack(now), "")
	compare(t, run(&m, &now, ever), "37 ended") // timer J

	now = start
	m = NewServer(Default(), false, false, now)
	compare(t, run(&m, &now, ever), "32 timeout+ended")
	if _, err := m.Respond(now, 408); !errors.Is(err, ErrTooLate) {
		t.Errorf("408 too late: %v", err) // RFC 4320 §4.2
	}

	m = NewServer(Default(), false, true, start)
	respond(t, &m, start, 200, "send+ended")
}

func expect(t *testing.T, what string, a Action, want string) {
	t.Helper()
	if names(a) != want {
		t.Errorf("%s: %q, want %q", what, names(a), want)
	}
}

func respond(t *testing.T, m *Server, now time.Time, status int, want string) {
	t.Helper()
	a, err := m.Respond(now, status)
	if err != nil || names(a) != want {
		t.Errorf("respond %d: %q, %v; want %q", status, names(a), err, want)
	}
}

// TestTimersOfProfile uses another timer base.
func TestTimersOfProfile(t *testing.T) {
	cfg := Config{T1: 100 * time.Millisecond, T2: 400 * time.Millisecond, T4: time.Second, TD: 32 * time.Second}
	now := start
	m, _ := NewClient(cfg, false, false, now)
	got := run(&m, &now, ever)
	compare(t, got[:4], "0.1 send", "0.3 send", "0.7 send", "1.1 send")
	compare(t, got[len(got)-1:], "6.4 timeout+ended")
}

// TestBothSidesUnderLoss joins a client and a server over a network that
// loses messages in every pattern of eight, and finds that the user of each
// side hears the result once.
func TestBothSidesUnderLoss(t *testing.T) {
	for _, invite := range []bool{true, false} {
		for _, status := range []int{200, 486} {
			for pattern := range 255 { // 255 would lose everything
				bothSides(t, invite, status, pattern)
			}
		}
	}
}

func bothSides(t *testing.T, invite bool, status, pattern int) {
	t.Helper()
	count := 0
	lost := func() bool { count++; return pattern>>(count%8)&1 == 1 }
	now := start
	client, a := NewClient(Default(), invite, false, now)
	var server Server
	var served bool
	results := 0
	var deliver func(a Action)
	toClient := func(a Action) {
		if a.Has(Send) && !lost() {
			deliver(client.Response(now, status))
		}
	}
	deliver = func(a Action) {
		if a.Has(Deliver) && status >= 300 || a.Has(Deliver) && !invite {
			results++
		} else if a.Has(Deliver) {
			results = 1 // a 2xx is the user's to repeat and to count
		}
		if a.Has(SendACK) && !lost() {
			server.Ack(now)
		}
	}
	toServer := func(a Action) {
		if !a.Has(Send) || lost() {
			return
		}
		if served {
			toClient(server.Request())
			return
		}
		served = true
		server = NewServer(Default(), invite, false, now)
		r, err := server.Respond(now, status)
		if err != nil {
			t.Fatal(err)
		}
		toClient(r)
	}
	toServer(a)
	for range 1000 {
		d := earliest(client.Deadline(), server.Deadline())
		if d.IsZero() {
			break
		}
		now = d
		toServer(client.Timer(now))
		toClient(server.Timer(now))
	}
	if client.State() != Terminated || served && server.State() != Terminated {
		t.Errorf("invite %v, %d, pattern %08b: client %s, server %s",
			invite, status, pattern, client.State(), server.State())
	}
	if results > 1 {
		t.Errorf("invite %v, %d, pattern %08b: %d results", invite, status, pattern, results)
	}
}
