package subscription

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/sekisho/sekisho/wire/sip"
)

var (
	start = time.Date(2026, 11, 30, 9, 0, 0, 0, time.UTC)
	usual = Config{Least: time.Minute, Usual: time.Hour, Most: 2 * time.Hour}
)

// subscribe is a SUBSCRIBE of a phone; further lines come before the empty one.
func subscribe(t *testing.T, seq int, lines ...string) *sip.Message {
	t.Helper()
	lines = append([]string{"Event: dialog", "Contact: <sip:201@10.0.0.21:5062>"}, lines...)
	return request(t, "SUBSCRIBE", seq, lines...)
}

func request(t *testing.T, method string, seq int, lines ...string) *sip.Message {
	t.Helper()
	return requestFor(t, "202", method, seq, lines...)
}

func requestFor(t *testing.T, name, method string, seq int, lines ...string) *sip.Message {
	t.Helper()
	var m sip.Message
	text := strings.Join(append([]string{
		method + " sip:202@unit SIP/2.0", "Via: SIP/2.0/UDP 10.0.0.21:5062;branch=z9hG4bK1",
		"From: <sip:201@unit>;tag=theirs", "To: <sip:" + name + "@unit>", "Call-ID: c1",
		fmt.Sprintf("CSeq: %d %s", seq, method),
	}, lines...), "\r\n") + "\r\n\r\n"
	if err := sip.Parse([]byte(text), &m); err != nil {
		t.Fatal(err)
	}
	return &m
}

// subject is a subscription under test.
type subject struct {
	t   *testing.T
	s   *Subscription
	now time.Time
}

func begin(t *testing.T, lines ...string) *subject {
	t.Helper()
	s, status, _ := New(usual, start, 1, subscribe(t, 1, lines...), "ours")
	if s == nil {
		t.Fatalf("refused with %d", status)
	}
	return &subject{t: t, s: s, now: start}
}

// did gives the effects as words.
func (u *subject) did() (out []string) {
	for effects := u.s.Take(); len(effects) > 0; effects = u.s.Take() {
		for _, e := range effects {
			switch e.Op {
			case OpRespond:
				life := header(e, "Expires") + header(e, "Min-Expires")
				out = append(out, strings.TrimSpace(fmt.Sprint(e.Status, " ", life)))
			case OpNotify:
				out = append(out, fmt.Sprintf("notify %d %s", e.Head.CSeq, header(e, "Subscription-State")))
			case OpRefreshed:
				out = append(out, "refreshed")
			case OpTold:
				out = append(out, "told")
			case OpOver:
				out = append(out, "over "+e.Why)
			}
		}
	}
	return out
}

func header(e Effect, name string) string {
	for _, h := range e.Headers {
		if h.Name == name {
			return h.Value
		}
	}
	return ""
}

func (u *subject) want(want ...string) {
	u.t.Helper()
	if got := u.did(); !slices.Equal(got, want) {
		u.t.Fatalf("got  %s\nwant %s", strings.Join(got, " | "), strings.Join(want, " | "))
	}
}

// pass lets time go by, and the timer run where it is due.
func (u *subject) pass(d time.Duration) {
	for until := u.now.Add(d); ; {
		at := u.s.Deadline()
		if at.IsZero() || at.After(until) {
			u.now = until
			return
		}
		u.now = at
		u.s.Timer(u.now)
	}
}

func (u *subject) answered(status int) { u.s.Result(u.now, status, 0) }

func TestTellsAtOnceAndEachChange(t *testing.T) {
	u := begin(t, "Expires: 100")
	u.want("200 100", "refreshed", "notify 1 active;expires=100")
	u.answered(200)
	u.want("told")
	u.pass(10 * time.Second)
	u.s.News(u.now)
	u.want("notify 2 active;expires=90")
	u.s.News(u.now) // while one is under way: one more, however many changes
	u.s.News(u.now)
	u.want()
	u.answered(200)
	u.want("told", "notify 3 active;expires=90")
	u.answered(200)
	u.want("told")
	u.s.Request(u.now, 2, subscribe(t, 2, "Expires: 60"))
	u.want("200 60", "refreshed", "notify 4 active;expires=60")
	u.answered(200)
	u.want("told")
	u.pass(time.Minute)
	u.want("notify 5 terminated;reason=timeout")
	u.s.Request(u.now, 3, subscribe(t, 3, "Expires: 60"))
	u.want("481")
	u.answered(200)
	u.want("over expired")
	u.s.News(u.now)
	u.answered(200)
	u.want()
}

func TestPeerEndsIt(t *testing.T) {
	u := begin(t)
	u.want("200 "+expiry(t, u), "refreshed", "notify 1 active;expires="+expiry(t, u))
	u.s.Request(u.now, 2, subscribe(t, 2, "Expires: 0"))
	u.want("200 0") // the last NOTIFY waits for the one before
	u.answered(200)
	u.want("told", "notify 2 terminated;reason=timeout")
	u.answered(481)
	u.want("over asked")
}

// expiry is what was granted of an hour: a little less, so that refreshes are
// spread.
func expiry(t *testing.T, u *subject) string {
	t.Helper()
	left := u.s.expires.Sub(u.now)
	if left > time.Hour || left < time.Hour*15/16 {
		t.Errorf("granted %s of an hour", left)
	}
	return seconds(left)
}

func TestExpiriesAreSpread(t *testing.T) {
	seen := map[time.Duration]bool{}
	for i := range 32 {
		cfg := usual
		cfg.Jitter = rand.New(rand.NewPCG(1, uint64(i))).Uint64()
		s, _, _ := New(cfg, start, 1, subscribe(t, 1, "Expires: 3600"), "ours")
		seen[s.expires.Sub(start)] = true
	}
	if len(seen) < 16 {
		t.Errorf("32 expiries fell on %d times", len(seen))
	}
}

func TestFetch(t *testing.T) {
	u := begin(t, "Expires: 0")
	u.want("200 0", "notify 1 terminated;reason=timeout")
	u.answered(200)
	u.want("over asked")
}

func TestRefusals(t *testing.T) {
	for _, c := range []struct {
		m    *sip.Message
		want int
	}{
		{request(t, "SUBSCRIBE", 1, "Contact: <sip:201@10.0.0.21>"), 489},
		{request(t, "SUBSCRIBE", 1, "Event: dialog"), 400},
		{request(t, "SUBSCRIBE", 1, "Event: "+strings.Repeat("x", packageMax+1), "Contact: <sip:a@b>"), 489},
		{subscribe(t, 1, "Expires: 59"), 423},
	} {
		s, status, headers := New(usual, start, 1, c.m, "ours")
		if s != nil || status != c.want {
			t.Errorf("got %d, want %d", status, c.want)
		}
		if c.want == 423 && (len(headers) != 1 || headers[0].Value != "60") {
			t.Errorf("423 with %v", headers)
		}
	}
}

func TestInsideTheDialog(t *testing.T) {
	u := begin(t, "Expires: 100")
	u.did()
	u.answered(200)
	u.want("told")
	u.s.Request(u.now, 2, subscribe(t, 0, "Expires: 100"))
	u.want("500")
	u.s.Request(u.now, 3, subscribe(t, 2, "Expires: 10"))
	u.want("423 60")
	u.s.Request(u.now, 4, request(t, "BYE", 3, "Contact: <sip:a@b>"))
	u.want("405")
	u.s.Request(u.now, 5, request(t, "SUBSCRIBE", 4, "Event: dialog;id=2", "Contact: <sip:a@b>"))
	u.want("481")
	u.s.Request(u.now, 6, request(t, "SUBSCRIBE", 5, "Event: dialog", "Contact: <sip:b@10.0.0.9:5099>", "Expires: 80"))
	u.want("200 80", "refreshed", "notify 2 active;expires=80")
	if got := u.s.NextHop(); got != "sip:b@10.0.0.9:5099" {
		t.Errorf("the next NOTIFY goes to %s", got)
	}
}

// TestAskedForAgain is the SUBSCRIBE that made it, after a restart.
func TestAskedForAgain(t *testing.T) {
	u := begin(t, "Expires: 100")
	u.did()
	u.s = Restore(Config{Least: time.Minute, Usual: time.Hour, Most: time.Hour}, u.s.Saved())
	same := subscribe(t, 1, "Expires: 100")
	for _, other := range []*sip.Message{
		request(t, "SUBSCRIBE", 1, "Event: dialog;id=2", "Contact: <sip:a@b>"),
		request(t, "SUBSCRIBE", 1, "Event: other", "Contact: <sip:a@b>"),
		requestFor(t, "203", "SUBSCRIBE", 1, "Event: dialog", "Contact: <sip:a@b>"),
	} {
		if u.s.Asks(other) {
			t.Errorf("another is taken for the same: %s of %s", other.Value(sip.HeaderEvent), other.Value(sip.HeaderTo))
		}
	}
	if !u.s.Asks(same) {
		t.Error("it is not known any more")
	}
	u.s.Request(u.now, 2, same)
	u.want("200 100", "refreshed", "notify 2 active;expires=100")
	u.s.End(u.now, "test", "noresource")
	if u.s.Asks(same) {
		t.Error("it is over, and taken for one that goes on")
	}
}

func TestEventIDIsRepeated(t *testing.T) {
	m := request(t, "SUBSCRIBE", 1, "Event: dialog;call-id=x;id=7", "Contact: <sip:a@b>")
	s, _, _ := New(usual, start, 1, m, "ours")
	for _, e := range s.Take() {
		if e.Op == OpNotify && header(e, "Event") != "dialog;id=7" {
			t.Errorf("Event: %s", header(e, "Event"))
		}
	}
}

// TestFailingPeer plays every way a NOTIFY can fail.
func TestFailingPeer(t *testing.T) {
	for status, why := range map[int]string{408: WhySilent, 481: WhyUnknown, 489: WhyUnknown, 302: WhyUnknown} {
		u := begin(t, "Expires: 100")
		u.did()
		u.answered(status)
		u.want("over " + why)
	}
	u := begin(t, "Expires: 100")
	u.did()
	u.answered(500)
	u.want()
	u.s.News(u.now) // no reason to ask it earlier
	u.want()
	u.pass(retryFirst)
	u.want("notify 2 active;expires=98")
	u.s.Result(u.now, 503, 7*time.Second)
	u.pass(7*time.Second - 1)
	u.want()
	u.pass(1)
	u.want("notify 3 active;expires=91")
	u.s.Result(u.now, 503, time.Hour)
	u.pass(retryAfterMax)
	u.want("notify 4 active;expires=31")
	u.answered(503)
	u.want("over failing")
}

// TestPeerOutOfReach has the peer's connection end at every moment.
func TestPeerOutOfReach(t *testing.T) {
	u := begin(t, "Expires: 100")
	u.did()
	u.s.Reach(u.now, false) // with the NOTIFY under way
	u.answered(408)
	u.s.News(u.now)
	u.want()
	u.s.Reach(u.now, true)
	u.want("notify 2 active;expires=100")
	u.answered(200)
	u.want("told")
	u.s.Reach(u.now, false)
	u.s.Reach(u.now, true)
	u.want() // nothing new
	u.s.Reach(u.now, false)
	u.pass(100 * time.Second)
	u.want("over expired")
}

func TestEnd(t *testing.T) {
	u := begin(t, "Expires: 100")
	u.did()
	u.answered(200)
	u.did()
	u.s.End(u.now, "removed", "noresource")
	u.want("notify 2 terminated;reason=noresource")
	u.answered(200)
	u.want("over removed")
	u = begin(t, "Expires: 100")
	u.did()
	u.s.Forget("replaced")
	u.want("over replaced")
}

func TestRestore(t *testing.T) {
	u := begin(t, "Expires: 100")
	u.did()
	saved := u.s.Saved()
	saved.Dialog.LocalSeq = 500
	v := &subject{t: t, s: Restore(usual, saved), now: start.Add(time.Second)}
	v.want()
	v.s.Reach(v.now, true)
	v.want("notify 501 active;expires=99")
	v.answered(200)
	v.want("told")
	v.s.Request(v.now, 1, subscribe(t, 2, "Expires: 70"))
	v.want("200 70", "refreshed", "notify 502 active;expires=70")
	saved.Dialog.LocalSeq = seqMax
	v.s = Restore(usual, saved)
	v.s.Reach(v.now, true)
	v.want("over exhausted")
}

// player plays random inputs of a subscription, and notes what its peer knows.
type player struct {
	*subject
	state, sent, told int
	flight, over      bool
	seq               uint32
	cseq              int
}

// take carries out what there is to do, and finds what must not be.
func (p *player) take() {
	for effects := p.s.Take(); len(effects) > 0; effects = p.s.Take() {
		for _, e := range effects {
			switch e.Op {
			case OpNotify:
				if p.flight || p.over || e.Head.CSeq <= p.seq {
					p.t.Fatalf("NOTIFY %d after %d, under way: %t, over: %t", e.Head.CSeq, p.seq, p.flight, p.over)
				}
				p.flight, p.sent, p.seq = true, p.state, e.Head.CSeq
			case OpTold:
				p.told = p.sent
			case OpOver:
				if p.over {
					p.t.Fatal("over twice")
				}
				p.over = true
			}
		}
	}
}

func (p *player) step(r *rand.Rand) {
	switch r.IntN(7) {
	case 0, 1:
		p.state++
		p.s.News(p.now)
	case 2, 3:
		if p.flight {
			p.flight = false
			p.answered([]int{200, 200, 200, 500, 408}[r.IntN(5)])
		}
	case 4:
		p.flight = false
		p.s.Reach(p.now, false)
	case 5:
		p.s.Reach(p.now, true)
	case 6:
		p.cseq++
		p.s.Request(p.now, 9, subscribe(p.t, p.cseq, "Expires: 7200"))
	}
	p.take()
	p.pass(time.Duration(r.IntN(3)) * time.Second)
	p.take()
}

// TestNewestStateIsTold plays random inputs: whatever they are, one NOTIFY at
// most is under way, numbers rise, and when the peer takes all that is sent to it
// the last NOTIFY is younger than the last change.
func TestNewestStateIsTold(t *testing.T) {
	for seed := range uint64(300) {
		r := rand.New(rand.NewPCG(seed, 2))
		p := &player{subject: begin(t, "Expires: 7200"), sent: -1, told: -1, cseq: 1}
		p.take()
		for range 100 {
			p.step(r)
		}
		p.s.Reach(p.now, true)
		p.take()
		for range 5 {
			if p.flight {
				p.flight = false
				p.answered(200)
				p.take()
			}
			p.pass(retryAfterMax)
			p.take()
		}
		if !p.over && p.told != p.state {
			t.Fatalf("seed %d: the peer knows %d, and it is %d", seed, p.told, p.state)
		}
	}
}
