package unit

import (
	"context"
	"errors"
	"log/slog"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/sekisho/sekisho/fact"
	"github.com/sekisho/sekisho/wire/sip"
)

var errDisk = errors.New("disk is gone")

// TestRestartHangsUpFirst takes a call up, forgets the unit, and starts
// another one on what was stored: the BYE reaches the carrier before a call
// that is already waiting, and the carrier can tell which call it ends.
func TestRestartHangsUpFirst(t *testing.T) {
	withShards(t, func(t *testing.T, shards int) {
		dead := newOffice(t, officeConfig{shards: shards})
		a, b := dead.outside("09012345678")
		b.reinvite(plainVoice) // so that a digit is a request, which comes after the dialog was stored
		b.ack("")
		a.send(sip.INFO, "Signal=#\r\nDuration=160\r\n", "Content-Type: application/dtmf-relay")
		m := b.next(sip.INFO)
		last := m.CSeq().Number
		left := dead.books.stored()
		if len(left) != 1 {
			t.Fatalf("stored dialogs: %+v", left)
		}
		o := newOffice(t, officeConfig{
			shards: shards, left: left, late: true,
			open: []fact.CallRecord{{Call: left[0].Call, Line: "l1"}},
		})
		c := o.p201.call("09087654321", o.p201.description("sendrecv"))
		o.p201.expectNone("an answer before the unit is ready", func(m *sip.Message) bool { return m.Status() > 100 })
		o.must(o.unit.Start(context.Background(), o.stack, o.relay))
		first := o.hikari.expect("a request", func(m *sip.Message) bool { return m.IsRequest() })
		if first.Method() != sip.BYE || string(first.CallID()) != b.callID || first.CSeq().Number <= last {
			t.Fatalf("first comes\n%s", first.Bytes())
		}
		if !strings.Contains(string(first.Value(sip.HeaderTo)), b.tag) {
			t.Errorf("BYE to %s, the carrier's tag was %s", first.Value(sip.HeaderTo), b.tag)
		}
		o.hikari.reply(first, 200, "", "")
		d := o.hikari.rung()
		d.reply(486, "")
		d.next(sip.ACK)
		c.response(sip.INVITE, 486)
		c.ackRefusal()
		o.eventually("the books of the lost call are closed", func() bool {
			o.books.mu.Lock()
			defer o.books.mu.Unlock()
			for _, f := range o.books.facts {
				if f, ok := f.(fact.CallEnded); ok && f.Call == left[0].Call && f.Reason == "restart" {
					return true
				}
			}
			return false
		})
		o.over()
	})
}

// TestRestartHangsUpBothEnds: a call that came in on a line and was sent on by the same
// one has two dialogs with the carrier, and a restarted unit hangs up both.
func TestRestartHangsUpBothEnds(t *testing.T) { inTime(t, testRestartHangsUpBothEnds) }

func testRestartHangsUpBothEnds(t *testing.T) {
	dead := newOffice(t, officeConfig{shards: 1})
	dead.set(fact.ServiceSet{Extension: "202", Service: fact.ForwardAlways, To: "+819012345678"})
	a := dead.hikari.call("0312345670", dead.hikari.description("sendrecv"))
	b := dead.hikari.rung()
	b.reply(200, dead.hikari.description("sendrecv"))
	b.next(sip.ACK)
	b.send(sip.INFO, key1, "Content-Type: application/dtmf-relay")
	b.response(sip.INFO, 200)
	a.response(sip.INVITE, 200)
	a.ack("")
	dead.eventually("both dialogs are stored", func() bool { return dead.books.dialogs() == 2 })
	left := dead.books.stored()
	o := newOffice(t, officeConfig{shards: 1, left: left, late: true})
	o.must(o.unit.Start(context.Background(), o.stack, o.relay))
	ended := map[string]bool{}
	for range 2 {
		m := o.hikari.request(sip.BYE)
		o.hikari.reply(m, 200, "", "")
		ended[string(m.CallID())] = true
	}
	if !ended[a.callID] || !ended[b.callID] {
		t.Errorf("hung up: %v", ended)
	}
	a.bye()
	b.hungUp()
	dead.over()
}

// TestRestartClosesAllBooks: however many calls were left, the books of each
// are closed once, and a unit that is told to stop meanwhile does.
func TestRestartClosesAllBooks(t *testing.T) { inTime(t, testRestartClosesAllBooks) }

func testRestartClosesAllBooks(t *testing.T) {
	const left = 3*closedAtOnce + 1
	cfg := officeConfig{shards: 1, late: true}
	for i := range uint64(left) {
		cfg.open = append(cfg.open, fact.CallRecord{Call: strconv.FormatUint(i, 10), Leaf: i})
	}
	o := newOffice(t, cfg)
	o.must(o.unit.Start(context.Background(), o.stack, o.relay))
	<-o.unit.closer.ended
	o.books.wait()
	closed := make(map[string]int)
	for _, f := range o.books.facts {
		if f, ok := f.(fact.CallEnded); ok && f.Reason == "restart" {
			closed[f.Call]++
		}
	}
	for call, n := range closed {
		if n != 1 {
			t.Errorf("the books of call %s are closed %d times", call, n)
		}
	}
	if len(closed) != left {
		t.Errorf("%d of %d books are closed", len(closed), left)
	}
	stops := newOffice(t, cfg)
	stops.must(stops.unit.Start(context.Background(), stops.stack, stops.relay))
	stops.must(stops.unit.Stop(t.Context()))
}

// shelf is the open books of a store that at times takes nothing, or not all.
type shelf struct {
	open   []fact.CallRecord // oldest first
	takes  func(call string) error
	closed map[string]int
	reads  int
}

// Subscriptions are none: the shelf is for calls.
func (s *shelf) Subscriptions(context.Context) ([]fact.Subscription, error) { return nil, nil }

func (s *shelf) LineDialogs(context.Context) ([]fact.LineDialog, error) { return nil, nil }

func (s *shelf) OpenCalls(_ context.Context, before uint64, limit int) (out []fact.CallRecord, _ error) {
	s.reads++
	if err := s.takes(""); err != nil {
		return nil, err
	}
	for _, r := range slices.Backward(s.open) {
		if r.Leaf < before && s.closed[r.Call] == 0 && len(out) < limit {
			out = append(out, r)
		}
	}
	return out, nil
}

func (s *shelf) Commit(w fact.Write, done func(error)) {
	for _, f := range w.Facts {
		call := f.(fact.CallEnded).Call
		if err := s.takes(call); err != nil {
			done(err)
			return
		}
		s.closed[call]++
	}
	done(nil)
}

// TestBooksAreClosedWhenTheStoreTakesThem: what can't be closed at first is
// closed later, each book once, and none of the calls that began since; a unit
// that is told to stop meanwhile does.
func TestBooksAreClosedWhenTheStoreTakesThem(t *testing.T) {
	const left = 2*closedAtOnce + 5
	synctest.Test(t, func(t *testing.T) {
		s := &shelf{closed: map[string]int{}}
		for i := range uint64(left + 1) { // the last is a call of this process
			s.open = append(s.open, fact.CallRecord{Call: strconv.FormatUint(i, 10), Leaf: i})
		}
		began := time.Now()
		s.takes = func(call string) error {
			switch since := time.Since(began); {
			case since < time.Hour && call != "", since > time.Hour && since < 2*time.Hour && call == "",
				since < 3*time.Hour && (call == "3" || call == "200"):
				return errDisk
			}
			return nil
		}
		u := &Unit{cfg: Config{Keeper: s, Committer: s}, log: slog.New(slog.DiscardHandler)}
		u.closeAll(t.Context(), left)
		if d := time.Since(began); d < 3*time.Hour || d > 3*time.Hour+2*closePauseMax {
			t.Errorf("closed after %s", d)
		}
		if s.reads > 3*60+20+3*3 {
			t.Errorf("open calls were read %d times", s.reads)
		}
		for call, n := range s.closed {
			if n != 1 {
				t.Errorf("the books of call %s are closed %d times", call, n)
			}
		}
		if len(s.closed) != left || s.closed[strconv.Itoa(left)] != 0 {
			t.Errorf("%d of %d books are closed", len(s.closed), left)
		}
		s.closed, began = map[string]int{}, time.Now()
		ctx, stop := context.WithTimeout(t.Context(), time.Minute)
		defer stop()
		u.closeAll(ctx, left)
		if d := time.Since(began); d != time.Minute || len(s.closed) != 0 {
			t.Errorf("stopped after %s, with %d books closed", d, len(s.closed))
		}
	})
}

// TestRestartKeepsWhatItCantHangUp starts on dialogs of a line that is gone and
// of one whose port is not open yet: the second is kept for the next start.
func TestRestartKeepsWhatItCantHangUp(t *testing.T) {
	inTime(t, testRestartKeepsWhatItCantHangUp)
}

func testRestartKeepsWhatItCantHangUp(t *testing.T) {
	left := []fact.LineDialog{{Call: "a", Line: "l1"}, {Call: "b", Line: "gone"}}
	o := newOffice(t, officeConfig{shards: 1, left: left, late: true})
	for _, d := range left {
		o.books.Commit(fact.Write{Rows: []fact.Row{d}}, func(error) {})
	}
	o.unit.SetLine("l1", nil)
	o.must(o.unit.Start(context.Background(), o.stack, o.relay))
	o.books.wait()
	if got := o.books.stored(); len(got) != 1 || got[0].Line != "l1" {
		t.Errorf("stored dialogs: %+v", got)
	}
}

func TestStopHangsUp(t *testing.T) { inTime(t, testStopHangsUp) }

func testStopHangsUp(t *testing.T) {
	o := newOffice(t, officeConfig{shards: 4})
	a, b := o.outside("09012345678")
	stopped := make(chan error, 1)
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	go func() { stopped <- o.unit.Stop(ctx) }()
	a.hungUp()
	b.hungUp()
	if err := <-stopped; err != nil {
		t.Fatal(err)
	}
	late := o.p201.call("202", o.p201.description("sendrecv"))
	late.response(sip.INVITE, 503)
	late.ackRefusal()
}

// TestStopWaitsForNoPhone: one that was unplugged while it talked, and one while it rang,
// keep no unit from stopping; a line that does not answer does, for its money.
func TestStopWaitsForNoPhone(t *testing.T) { inTime(t, testStopWaitsForNoPhone) }

func testStopWaitsForNoPhone(t *testing.T) {
	o := newOffice(t, officeConfig{shards: 1})
	_, b := o.outside("09012345678")
	o.p202.call("203", o.p202.description("sendrecv"))
	o.p203.rung().reply(180, "")
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	stopped := make(chan error, 1)
	go func() { stopped <- o.unit.Stop(ctx) }()
	b.hungUp()
	if err := <-stopped; err != nil {
		t.Errorf("with silent phones: %v", err)
	}
	o = newOffice(t, officeConfig{shards: 1})
	o.outside("09012345678")
	ctx, cancel = context.WithTimeout(context.Background(), HangUpWait+500*time.Millisecond)
	defer cancel()
	if err := o.unit.Stop(ctx); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("with a silent line: %v", err)
	}
}

func TestCheck(t *testing.T) { inTime(t, testCheck) }

func testCheck(t *testing.T) {
	o := newOffice(t, officeConfig{shards: 1})
	for _, c := range []struct{ dialed, from, kind, verb, rule, uri string }{
		{"202", "201", "internal", "", "", ""},
		{"09012345678", "201", "outside", "pass", "ordinary", "sip:09012345678@" + o.hikari.addr.String()},
		{"01023276123456", "201", "outside", "refuse", "international", ""},
		{"09012345678", "203", "outside", "refuse", "extension-class", ""},
		{"119", "203", "outside", "pass", "emergency", "sip:119@" + o.hikari.addr.String()},
	} {
		got := o.unit.Check(c.dialed, c.from, time.Now())
		verb, rule, uri := "", "", ""
		if len(got.Lines) > 0 {
			verb, rule, uri = got.Lines[0].Verdict.Verb.String(), got.Lines[0].Verdict.Rule, got.Lines[0].RequestURI
		}
		if got.Kind != c.kind || verb != c.verb || rule != c.rule || uri != c.uri {
			t.Errorf("%s from %s: %+v", c.dialed, c.from, got)
		}
	}
	if n := len(o.books.kinds()); n != 0 {
		t.Errorf("checking left %d facts", n)
	}
}

func TestTestLine(t *testing.T) { inTime(t, testTestLine) }

func testTestLine(t *testing.T) {
	o := newOffice(t, officeConfig{shards: 1})
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	if got, err := o.unit.TestLine(ctx, "l1"); err != nil || got.Status != 200 {
		t.Errorf("l1 answers %+v, %v", got, err)
	}
	if _, err := o.unit.TestLine(ctx, "nowhere"); !errors.Is(err, ErrNoSuchLine) {
		t.Errorf("error %v", err)
	}
}

// TestWaitingIsBounded: calls that come before the unit is ready wait, up to
// a limit; those that gave up meanwhile are forgotten.
func TestWaitingIsBounded(t *testing.T) { inTime(t, testWaitingIsBounded) }

func testWaitingIsBounded(t *testing.T) {
	o := newOffice(t, officeConfig{shards: 1, late: true})
	first := o.p201.call("202", o.p201.description("sendrecv"))
	for range WaitingMax {
		o.p203.call("999", o.p203.description("sendrecv"))
	}
	m := o.p203.expect("a 503", func(m *sip.Message) bool { return m.Status() == 503 })
	if r := string(m.Value(sip.HeaderRetryAfter)); r != "1" {
		t.Errorf("Retry-After %q", r)
	}
	urgent := o.p202.call("119", o.p202.description("sendrecv")) // there is room for it still
	o.eventually("the emergency call waits", func() bool {
		o.unit.mu.Lock()
		defer o.unit.mu.Unlock()
		return len(o.unit.waiting) > WaitingMax
	})
	first.cancel()
	first.response(sip.INVITE, 487)
	first.ackRefusal()
	o.must(o.unit.Start(t.Context(), o.stack, o.relay))
	o.p203.expect("an answer to one that waited", func(m *sip.Message) bool {
		return m.Status() == 603 || m.Status() == 404
	})
	b := o.hikari.rung()
	b.reply(200, o.hikari.description("sendrecv"))
	urgent.response(sip.INVITE, 200)
	o.p202.expectNone("the call that was given up", isMethod(sip.INVITE))
}

func TestTextIsBounded(t *testing.T) {
	if s := clip(strings.Repeat("1", 2*DialedMax)); len(s) != DialedMax {
		t.Errorf("%d bytes of what was dialed are kept", len(s))
	}
	if s := clean(strings.Repeat("名", NameMax)); len(s) > NameMax || s == "" {
		t.Errorf("%d bytes of a name are kept", len(s))
	}
}

// TestRestartSettlesByWhatIsKnown: what a call that rang had set aside comes
// back, for each of its legs; what an answered one had is left to be spent.
func TestRestartSettlesByWhatIsKnown(t *testing.T) { inTime(t, testRestartSettlesByWhatIsKnown) }

func testRestartSettlesByWhatIsKnown(t *testing.T) {
	o := newOffice(t, officeConfig{shards: 1, late: true, open: []fact.CallRecord{
		{Call: "rang", Leaf: 1, Held: []int{1, 3}},
		{Call: "talked", Leaf: 2, Held: []int{1}, Answered: time.Unix(1, 0)},
		{Call: "free", Leaf: 3},
	}})
	o.must(o.unit.Start(context.Background(), o.stack, o.relay))
	<-o.unit.closer.ended
	o.books.wait()
	got := map[string][]fact.Settlement{}
	for _, f := range o.books.facts {
		if f, ok := f.(fact.CallEnded); ok && f.Reason == "restart" {
			got[f.Call] = f.Settled
		}
	}
	want := map[string][]fact.Settlement{"rang": {{Leg: 1}, {Leg: 3}}, "talked": nil, "free": nil}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("settled: %+v\nwant     %+v", got, want)
	}
}
