package unit

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"slices"
	"testing"
	"time"

	"github.com/sekisho/sekisho/fact"
	"github.com/sekisho/sekisho/sim/ear"
	"github.com/sekisho/sekisho/unit/plan"
	"github.com/sekisho/sekisho/wire/sip"
)

// reel is the recording that was begun last, of so many.
func (o *office) reel(r *recorder, n int) *kept {
	o.t.Helper()
	o.eventually(fmt.Sprintf("%d recordings were begun", n), func() bool {
		r.mu.Lock()
		defer r.mu.Unlock()
		return len(r.all) >= n
	})
	r.mu.Lock()
	defer r.mu.Unlock()
	if len(r.all) != n {
		o.t.Fatalf("%d recordings were begun, want %d", len(r.all), n)
	}
	return r.all[n-1]
}

// records has a rule be in force.
func (o *office) records(scopes ...string) {
	for _, s := range scopes {
		o.routing = append(o.routing, fact.ServiceSet{Extension: s, Service: fact.ServiceRecord, On: true})
	}
	o.unit.SetPlan(o.plan())
}

// end is one side of a call: what it hears, and where it speaks to.
type end struct {
	ear *speaker
	to  netip.AddrPort
}

// talk has both sides of a call say a tone for a second, the left 500 and the right 1100
// Hz, and looks what of that the recording has: all, or nothing.
func (k *kept) talk(t *testing.T, left, right end, want bool) {
	t.Helper()
	from := k.mark()
	left.ear.tone(left.to, 500, 1.2, nil)
	right.ear.tone(right.to, 1100, 1.2, nil)
	<-left.ear.saying
	<-right.ear.saying
	l, r := k.sides(from)
	if len(l) < 8000 {
		t.Fatalf("%d samples were recorded in 1.2 s", len(l))
	}
	for side, pcm := range [][]int16{l, r} {
		pcm = pcm[2400:8000]
		own, other := ear.Level(pcm, 8000, 500), ear.Level(pcm, 8000, 1100)
		if side == 1 {
			own, other = other, own
		}
		if want && own < -32 || !want && own > -50 || other > -50 { // how loud: package media
			t.Errorf("side %d: %.1f dBm0 of its own, %.1f of the other, want any: %v", side, own, other, want)
		}
	}
}

// noticed looks whether somebody hears the tone that says so.
func (s *speaker) noticed() {
	s.t.Helper()
	for end := time.Now().Add(patience); time.Now().Before(end); {
		if s.level(200*time.Millisecond) > -35 {
			return
		}
	}
	s.t.Error("it is not told that it is recorded")
}

// isRefused awaits five quick beeps.
func (s *speaker) isRefused() {
	s.t.Helper()
	pcm := s.listen(time.Second)
	if len(pcm) < 8000-160 || !ear.Hears(pcm[:800], 8000, 400) || ear.Hears(pcm[880:1520], 8000, 400) ||
		!ear.Hears(pcm[6480:7120], 8000, 400) {
		s.t.Errorf("no five quick beeps in %d samples", len(pcm))
	}
}

// record says by a phone's record key what it wants.
func (d *talk) record(said string) {
	d.p.t.Helper()
	seq := d.send(sip.INFO, "", "Record: "+said)
	d.p.expect("the answer to INFO", func(m *sip.Message) bool {
		return m.IsResponse() && m.Method() == sip.INFO && m.CSeq().Number == uint32(seq) && m.Status() == 200
	})
}

// TestCallIsRecorded: a phone has its call be recorded by a code: both hear a tone, and
// each side is in its own channel; paused it is silent; it ends by a code.
func TestCallIsRecorded(t *testing.T) { inTime(t, testCallIsRecorded) }

func testCallIsRecorded(t *testing.T) {
	r := &recorder{}
	o := newOffice(t, officeConfig{shards: 1, recorder: r})
	c := o.talkOutside(t)
	phone, line := end{c.mouthA, mediaPort(t, c.toA)}, end{c.mouthB, mediaPort(t, c.toB)}
	o.dialsInVain(o.p203, "*51", 404)
	o.dialsInVain(o.p201, "*52", 480)
	o.confirmed(o.p201, "*51")
	k := o.reel(r, 1)
	c.mouthA.noticed()
	c.mouthB.noticed()
	if k.From != "201" || k.To != "09012345678" || k.Extension != "201" || k.Line != "l1" || k.By != "phone/201-1" ||
		k.Rule != "" || k.Call == "" || k.Began.IsZero() {
		t.Errorf("begun: %+v", k.Recording)
	}
	k.talk(t, line, phone, true)
	o.confirmed(o.p201, "*51") // it is already
	o.confirmed(o.p201, "*52")
	k.talk(t, line, phone, false)
	o.confirmed(o.p201, "*53")
	c.mouthB.noticed()
	k.talk(t, line, phone, true)
	if want := []string{"true by phone/201-1", "false by phone/201-1"}; !slices.Equal(k.pauses, want) {
		t.Errorf("paused: %q", k.pauses)
	}
	o.confirmed(o.p201, "*50")
	k.ended(t)
	c.bothWays()
	c.a.record("on")
	k = o.reel(r, 2)
	c.a.record("off")
	k.ended(t)
	c.a.record("on")
	k = o.reel(r, 3)
	c.a.bye()
	c.b.hungUp()
	k.ended(t)
	o.over()
}

// TestCallsAreRecordedByRule: calls of an extension, those that come in on a number, or all
// outside ones are recorded from their beginning; the phone can pause that and not end it;
// a person can. Calls inside are not outside ones, and an emergency call is never recorded.
func TestCallsAreRecordedByRule(t *testing.T) { inTime(t, testCallsAreRecordedByRule) }

func testCallsAreRecordedByRule(t *testing.T) {
	r := &recorder{}
	o := newOffice(t, officeConfig{shards: 1, recorder: r})
	for i, scope := range []string{"202", "0312345670", fact.ScopeUnit} {
		o.routing = nil
		o.records(scope)
		x := newSpeaker(t, o.p202)
		c := o.outsider(t)
		k := o.reel(r, i+1)
		if k.By != "unit" || k.Rule != scope || k.Extension != "202" || k.Line != "l1" {
			t.Errorf("begun: %+v", k.Recording)
		}
		x.noticed()
		if i == 0 {
			line, phone := end{c.mouth, mediaPort(t, c.toA)}, end{x, mediaPort(t, c.b.invite)}
			k.talk(t, line, phone, true)
			o.dialsInVain(o.p202, "*50", 480)
			c.b.record("off") // the record key pauses what it can't end
			k.talk(t, line, phone, false)
			c.b.record("on")
			k.talk(t, line, phone, true)
			if err := o.unit.Record(context.Background(), "202", plan.RecordOff, "user:root"); err != nil {
				t.Error(err)
			}
			k.ended(t)
		}
		c.b.bye()
		c.a.hungUp()
		k.ended(t)
	}
	a, b := o.talkInside(o.p201, o.p203)
	a.bye()
	b.hungUp()
	a = o.p201.call("110", o.p201.description("sendrecv"))
	b = o.hikari.rung()
	b.reply(200, o.hikari.description("sendrecv"))
	b.next(sip.ACK)
	a.response(sip.INVITE, 200)
	a.ack("")
	a.record("on")
	o.dialsInVain(o.p201, "*51", 404)
	err := o.unit.Record(context.Background(), "201", plan.RecordOn, "user:root")
	if !errors.Is(err, ErrNoCall) {
		t.Errorf("an emergency call: %v", err)
	}
	a.bye()
	b.hungUp()
	o.over()
	o.reel(r, 3)
}

// TestRecordingGoesOn: while one side holds or is parked the recording is silent, and has
// nobody's voice; whoever talks then is heard, and told; it ends with the call.
func TestRecordingGoesOn(t *testing.T) { inTime(t, testRecordingGoesOn) }

func testRecordingGoesOn(t *testing.T) {
	r := &recorder{}
	o := newOffice(t, officeConfig{shards: 1, recorder: r})
	o.records("201")
	c := o.talkOutside(t)
	k := o.reel(r, 1)
	phone, line := end{c.mouthA, mediaPort(t, c.toA)}, end{c.mouthB, mediaPort(t, c.toB)}
	k.talk(t, line, phone, true)
	c.a.reinvite(o.p201.description("sendonly"))
	c.a.ack("")
	c.mouthB.hearsMusic()
	k.talk(t, line, phone, false)
	c.a.reinvite(o.p201.description("sendrecv"))
	c.a.ack("")
	k.talk(t, line, phone, true)

	o.confirmed(o.p201, "*771")
	c.a.hungUp()
	c.mouthB.hearsMusic()
	x := newSpeaker(t, o.p202)
	d := o.p202.call("*771", o.p202.description("sendrecv"))
	phone = end{x, mediaPort(t, d.response(sip.INVITE, 200))}
	d.ack("")
	x.noticed()
	k.talk(t, line, phone, true)

	// 202 asks 203, and hands over.
	y := newSpeaker(t, o.p203)
	d.reinvite(o.p202.description("sendonly"))
	d.ack("")
	e, f := o.talkInside(o.p202, o.p203)
	d.refer(e.named("203"), 202)
	d.notified("100")
	d.notified("200")
	d.hungUp()
	e.hungUp()
	y.noticed()
	k.talk(t, line, end{y, mediaPort(t, f.invite)}, true)
	f.bye()
	c.b.hungUp()
	k.ended(t)
	o.over()
	o.reel(r, 1)
}

// TestRecordingOutlivesItsCall: where the recorded call ends because its legs talk in another
// one, that goes on being recorded.
func TestRecordingOutlivesItsCall(t *testing.T) { inTime(t, testRecordingOutlivesItsCall) }

func testRecordingOutlivesItsCall(t *testing.T) {
	r := &recorder{}
	o := newOffice(t, officeConfig{shards: 1, recorder: r})
	c := o.talkOutside(t)
	c.a.reinvite(o.p201.description("sendonly"))
	c.a.ack("")
	y := newSpeaker(t, o.p203)
	e, f := o.talkInside(o.p201, o.p203)
	e.record("on") // the call within the office
	k := o.reel(r, 1)
	c.a.refer(e.named("203"), 202)
	c.a.notified("100")
	c.a.notified("200")
	c.a.hungUp()
	e.hungUp()
	y.noticed()
	k.talk(t, end{c.mouthB, mediaPort(t, c.toB)}, end{y, mediaPort(t, f.invite)}, true)
	f.bye()
	c.b.hungUp()
	k.ended(t)
	o.over()
	o.reel(r, 1)
}

// TestRecordedIsWhatIsTalked: of a phone that holds somebody and talks with another, that
// call is recorded.
func TestRecordedIsWhatIsTalked(t *testing.T) { inTime(t, testRecordedIsWhatIsTalked) }

func testRecordedIsWhatIsTalked(t *testing.T) {
	r := &recorder{}
	o := newOffice(t, officeConfig{shards: 1, recorder: r})
	held, line := o.outside("09012345678")
	o.holds(held)
	a, b := o.within()
	o.must(o.unit.Record(t.Context(), "201", plan.RecordOn, "user:root"))
	if k := o.reel(r, 1); k.To != "202" || k.Line != "" {
		t.Errorf("recorded: %+v", k.Recording)
	}
	a.bye()
	b.hungUp()
	held.bye()
	line.hungUp()
	o.over()
}

// TestRecordingNeverHindersACall: where there is no room for a recording, or it ends before
// the call does, both talk on; who wanted one is told, by code or key; without a notice
// nobody hears one.
func TestRecordingNeverHindersACall(t *testing.T) { inTime(t, testRecordingNeverHindersACall) }

func testRecordingNeverHindersACall(t *testing.T) {
	r := &recorder{fails: true}
	o := newOffice(t, officeConfig{shards: 1, recorder: r, recordNotice: NoticeOff})
	o.records(fact.ScopeUnit)
	c := o.talkOutside(t)
	o.dialsInVain(o.p201, "*51", 480)
	c.a.record("on")
	c.mouthA.isRefused()
	if c.mouthB.hears(0, quiet) {
		t.Error("the other side hears that nothing is recorded")
	}
	c.bothWays()
	r.mu.Lock()
	r.fails = false
	r.mu.Unlock()
	o.confirmed(o.p201, "*51")
	k := o.reel(r, 1)
	if l := c.mouthB.level(600 * time.Millisecond); l > -50 {
		t.Errorf("%.1f dBm0 is heard of a notice that is off", l)
	}
	k.mu.Lock()
	k.most = 1 // a full disk
	k.mu.Unlock()
	k.ended(t)
	o.eventually("the call knows that it is recorded no more", func() bool {
		return errors.Is(o.unit.Record(t.Context(), "201", plan.RecordPause, "user:root"), ErrNotRecorded)
	})
	c.bothWays()
	o.confirmed(o.p201, "*51") // there is room again
	k = o.reel(r, 2)
	k.talk(t, end{c.mouthB, mediaPort(t, c.toB)}, end{c.mouthA, mediaPort(t, c.toA)}, true)
	c.a.bye()
	c.b.hungUp()
	k.ended(t)
	o.over()
}

// TestPauseIsNotForgotten: a recording that nobody resumes goes on after a while, and both
// are told; with NoticeSpoken in words. Without a code for it the record key is refused.
func TestPauseIsNotForgotten(t *testing.T) { inTime(t, testPauseIsNotForgotten) }

func testPauseIsNotForgotten(t *testing.T) {
	r := &recorder{}
	o := newOffice(t, officeConfig{
		shards: 1, recorder: r, recordNotice: NoticeSpoken, recordPause: 300 * time.Millisecond, lang: "en",
	})
	c := o.talkOutside(t)
	c.a.record("on")
	k := o.reel(r, 1)
	if i := spokenAt(t, c.mouthB.record(promptRecorded, 1), promptRecorded); i < 0 {
		t.Error("the other side is not told")
	}
	o.confirmed(o.p201, "*52")
	o.eventually("it goes on", func() bool {
		k.mu.Lock()
		defer k.mu.Unlock()
		return slices.Equal(k.pauses, []string{"true by phone/201-1", "false by unit"})
	})
	if i := spokenAt(t, c.mouthB.record(promptRecorded, 1), promptRecorded); i < 0 {
		t.Error("the other side is not told that it goes on")
	}
	k.talk(t, end{c.mouthB, mediaPort(t, c.toB)}, end{c.mouthA, mediaPort(t, c.toA)}, true)
	c.a.record("off")
	k.ended(t)
	s := o.planSettings()
	s.Features = slices.DeleteFunc(s.Features, func(f plan.Feature) bool { return f.Action == plan.RecordOn })
	p, err := plan.New(s)
	o.must(err)
	o.unit.SetPlan(p)
	c.mouthA.drain()
	c.a.record("on")
	c.mouthA.isRefused()
	c.a.bye()
	c.b.hungUp()
	o.over()
	o.reel(r, 1)
}

// TestRoomIsRecorded: a recorded call with a line whose caller comes into a room with two
// phones goes on being recorded: the line on the left, both phones on the right; all are
// told. Nobody gets out of a recording by three-way calling.
func TestRoomIsRecorded(t *testing.T) { inTime(t, testRoomIsRecorded) }

func testRoomIsRecorded(t *testing.T) {
	r := &recorder{}
	o := newOffice(t, officeConfig{shards: 1, recorder: r})
	o.records(fact.ScopeUnit)
	a, line, out := o.talksOutside(t, "09012345678")
	k := o.reel(r, 1)
	a.reinvite(o.p201.description("sendonly"))
	a.ack("")
	b := o.p201.call("202", o.p201.description("sendrecv"))
	y := newSpeaker(t, o.p202)
	at := o.p202.rung()
	at.reply(200, o.p202.description("sendrecv"))
	at.next(sip.ACK)
	b.response(sip.INVITE, 200)
	b.ack("")
	_, x := o.meets(t, o.p201, "*39")
	a.hungUp()
	b.hungUp()
	y.noticed()
	o.eventually("201 hears no tone any more", func() bool { return x.ear.level(300*time.Millisecond) < -45 })
	from, second := k.mark(), party{"202", y, mediaPort(t, at.invite)}
	for i, p := range []party{out, x, second} {
		p.ear.tone(p.to, []float64{500, 1100, 1700}[i], 1.5, nil)
	}
	for _, p := range []party{out, x, second} {
		<-p.ear.saying
	}
	left, right := k.sides(from)
	if len(left) < 11_000 {
		t.Fatalf("%d samples in 1.5 s", len(left))
	}
	left, right = left[3200:11_000], right[3200:11_000]
	for i, hz := range []float64{500, 1100, 1700} {
		l, r := ear.Level(left, 8000, hz), ear.Level(right, 8000, hz)
		if inLeft := i == 0; inLeft && (l < -32 || r > -50) || !inLeft && (l > -50 || r < -32) {
			t.Errorf("%.0f Hz: %.1f dBm0 on the left, %.1f on the right", hz, l, r)
		}
	}
	line.bye()
	k.ended(t)
	at.bye()
	o.eventually("one call is left", func() bool { return len(o.unit.Calls()) == 1 })
	o.reel(r, 1)
}
