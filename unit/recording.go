package unit

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"sync/atomic"
	"time"

	"github.com/sekisho/sekisho/fact"
	"github.com/sekisho/sekisho/unit/call"
	"github.com/sekisho/sekisho/unit/media"
	"github.com/sekisho/sekisho/unit/plan"
	"github.com/sekisho/sekisho/wire/sip/stack"
)

// Recorder keeps recordings of calls. app's does it in files.
type Recorder interface {
	// Begin begins one, without waiting; the error says why there can be none.
	Begin(r fact.Recording) (Reel, error)
}

// Reel is a recording that is being made.
type Reel interface {
	media.Sink
	// Pause puts on record that it is silent from now on, or no more.
	Pause(on bool, by string, at time.Time)
}

// How who talks is told that it is recorded.
const (
	NoticeTone   = "tone"
	NoticeSpoken = "spoken"
	NoticeOff    = "off"
)

// promptRecorded is what both hear with NoticeSpoken.
const promptRecorded = "call-recorded"

// byUnit is by whom what a rule says is done.
const byUnit = "unit"

// The errors of recording.
var (
	ErrNoCall      = errors.New("no call is talked there")
	ErrNotRecorded = errors.New("the call is not recorded")
	ErrRule        = errors.New("a phone does not end what a rule has be recorded")
	ErrNotHeard    = errors.New("the unit does not understand what is spoken in the call")
	errNoRecorder  = errors.New("nothing is recorded here")
)

// reel is the recording of a call (通話録音). It hears the two sides while they talk with
// each other, whoever they are, or who is in a room and all others there: while one holds
// or waits, or the unit talks with it, the recording is silent, and so it is while it is
// paused. It ends with the call.
type reel struct {
	c     atomic.Pointer[liveCall] // whose it is: its loop changes it
	out   Reel
	rec   *media.Recording
	rule  string // whose setting began it, "" where somebody did
	quiet bool
	until *stack.Alarm // at which it is quiet no more
	heard speakers
	told  []*liveLeg // that it is recorded
}

var _ media.Sink = (*reel)(nil)

// Take and Over are called on the media's loop.
func (r *reel) Take(mu []byte) bool { return r.out.Take(mu) }

// Over tells the call, which may be recorded anew.
func (r *reel) Over() {
	r.out.Over()
	c := r.c.Load()
	c.tell(func() {
		if c.reel == r {
			c.reelOver()
		}
	})
}

// speakers are who can be recorded: on the left who is on a line, else who called; in a
// room on the right all others there. None where nobody hears the other.
type speakers struct{ left, right []*liveLeg }

func (s speakers) same(o speakers) bool {
	return slices.Equal(s.left, o.left) && slices.Equal(s.right, o.right)
}

func (s speakers) all() []*liveLeg { return slices.Concat(s.left, s.right) }

// unrecorded tells a call that is never recorded, whoever wants it: one for help, one that
// may be the answer to it, and one that the unit makes by itself.
func (c *liveCall) unrecorded() bool { return c.notice != nil || c.callback || c.core.Emergency() }

// speakers are those of the call now.
func (c *liveCall) speakers() (s speakers) {
	switch h := c.host; {
	case c.unrecorded():
	case c.core.Talking():
		sides := c.core.Sides()
		a, b := c.leg(sides[0]), c.leg(sides[1])
		if a.held || b.held || a.voice == nil || b.voice == nil {
			return s
		}
		if b.line != "" {
			a, b = b, a
		}
		s.left, s.right = []*liveLeg{a}, []*liveLeg{b}
	case h != nil && h.gathering != nil && h.heard():
		for _, o := range h.gathering.in {
			if o != h && o.heard() {
				s.right = append(s.right, o.caller)
			}
		}
		if len(s.right) > 0 {
			s.left = []*liveLeg{h.caller}
		}
	}
	return s
}

// heard tells whether a caller is heard in its room.
func (h *host) heard() bool { return h.sits && !h.caller.held && h.caller.voice != nil }

// records has the call be recorded as it goes, after each of its inputs.
func (c *liveCall) records() {
	if c.u.cfg.Recorder == nil {
		return
	}
	switch {
	case c.wish != nil:
		c.pursue()
	case c.reel == nil:
		c.beginByRule()
	}
	r := c.reel
	if r == nil {
		return
	}
	if c.core.Ending() {
		c.reelOver()
		return
	}
	var who speakers
	if !r.quiet {
		who = c.speakers()
	}
	if !who.same(r.heard) {
		r.hear(who)
	}
	if len(who.left) > 0 {
		_, _ = c.understand(c.toRecord()) // who came into the call since it began
	}
}

// beginByRule begins a recording where somebody new talks and a rule says so.
func (c *liveCall) beginByRule() {
	if !c.u.plan.Load().Recorded() {
		return
	}
	who := c.speakers()
	var before speakers
	if c.talked != nil {
		before = *c.talked
	}
	if who.same(before) {
		return
	}
	now := who
	if c.talked = &now; len(who.left) == 0 {
		return
	}
	legs := who.left // in a room the others have calls of their own
	if c.core.Talking() {
		legs = who.all()
	}
	rule := c.recordRule(legs...)
	if rule == "" {
		return
	}
	failed := func(err error) {
		if err != nil && !errors.Is(err, ErrNoCall) { // who hung up is not to be recorded any more
			c.u.log.Error("a call is not recorded that should be", "call", c.id, "rule", rule, "error", err)
		}
	}
	if err := c.wishes(byUnit, rule); err != nil {
		failed(err)
		return
	}
	c.whenRecorded(failed)
}

// recordRule is whose setting has a call between these be recorded.
func (c *liveCall) recordRule(legs ...*liveLeg) string {
	outside := c.lineIn != ""
	var numbers []string
	for _, l := range legs {
		outside = outside || l.line != ""
		extension, _ := l.phone()
		numbers = append(numbers, extension)
	}
	if c.lineIn != "" {
		numbers = append(numbers, c.to)
	}
	return c.u.plan.Load().Records(outside, numbers...)
}

// beginReel begins to record those who talk.
func (c *liveCall) beginReel(by, rule string, legs []*liveLeg) error {
	f := fact.Recording{
		Call: c.id, From: c.from, To: c.to, Line: cmp.Or(c.lineIn, c.lineOut), By: by, Rule: rule,
		Began: c.sh.Now().UTC(),
	}
	for _, l := range legs {
		if extension, _ := l.phone(); extension != "" && (l.id != call.A || f.Extension == "") {
			f.Extension = extension
		}
	}
	out, err := c.u.cfg.Recorder.Begin(f)
	if err != nil {
		return fmt.Errorf("begin recording: %w", err)
	}
	r := &reel{out: out, rule: rule}
	r.c.Store(c)
	c.reel, r.rec = r, c.voice.RecordSides(r)
	return nil
}

// hear has the recording hear others, and tells those who were not told.
func (r *reel) hear(who speakers) {
	c := r.c.Load()
	r.heard = who
	c.note(r.rec.Hear(voices(who.left), voices(who.right)), "recording")
	for _, l := range who.all() {
		if !slices.Contains(r.told, l) {
			r.told = append(r.told, l)
			c.noticeRecorded(l.voice)
		}
	}
}

func voices(legs []*liveLeg) (out []*media.Leg) {
	for _, l := range legs {
		out = append(out, l.voice)
	}
	return out
}

// noticeRecorded has who talks hear that it is recorded.
func (c *liveCall) noticeRecorded(v *media.Leg) {
	switch c.u.cfg.RecordNotice {
	case NoticeOff:
	case NoticeSpoken:
		src, err := media.NewAnnouncement(c.u.cfg.Prompts, promptRecorded, c.u.lang.String())
		if err == nil {
			err = v.Play(src)
		}
		c.note(err, "notice of recording")
	default:
		c.note(v.Play(media.NewTone(media.Beep)), "notice of recording")
	}
}

// reelOver ends the recording.
func (c *liveCall) reelOver() {
	r := c.reel
	c.reel = nil
	r.until.Stop()
	r.rec.Stop()
}

// recording does what somebody wants of the recording of a call. Whether one begins is told
// by whenRecorded.
func (c *liveCall) recording(want plan.Action, by string, phone bool) error {
	r, w := c.reel, c.wish
	switch {
	case w != nil && w.rule != "" && phone && want == plan.RecordOff:
		return ErrRule
	case w != nil && (want == plan.RecordOn || want == plan.RecordOff):
		w.off = want == plan.RecordOff
		return nil
	case want == plan.RecordOn && r == nil:
		if err := c.wishes(by, ""); err != nil {
			return err
		}
	case r == nil:
		return ErrNotRecorded
	case want == plan.RecordOff && r.rule != "" && phone:
		return ErrRule
	case want == plan.RecordOff:
		c.reelOver()
	default:
		r.pause(want == plan.RecordPause, by)
	}
	c.records()
	return nil
}

// pause has the recording be silent, or no more.
func (r *reel) pause(on bool, by string) {
	if r.quiet == on {
		return
	}
	r.quiet = on
	sh := r.c.Load().sh
	r.out.Pause(on, by, sh.Now())
	r.until.Stop()
	r.until = nil
	if !on {
		r.told = nil // they hear it again
		return
	}
	r.until = sh.At(sh.Now().Add(r.c.Load().u.cfg.RecordPause), func(*stack.Shard) {
		if c := r.c.Load(); c.reel == r {
			r.pause(false, byUnit)
			c.records()
		}
	})
}

// recordOther does what a code asks of the recording of the call that its phone talks in.
func (c *liveCall) recordOther(want plan.Action) call.Route {
	l := c.u.talking(c.sh, c.origin.Device)
	if l == nil {
		return nothingThere
	}
	if err := l.c.recording(want, "phone/"+c.origin.Device, true); err != nil {
		c.u.log.Info("a phone's wish about a recording is not done", "call", l.c.id, "action", want, "error", err)
		return call.Route{Refuse: call.Refusal{Status: 480, Phrase: "Not Recorded So"}}
	}
	return call.Route{Serve: true}
}

// confirmRecording tells whether the call is recorded that the phone talks in, as it asked
// for by a code, once that is known. What is not known in time is not done any more, lest
// who was told so be recorded.
func (c *liveCall) confirmRecording(done func(prompt string, ok bool)) {
	l := c.u.talking(c.sh, c.origin.Device)
	if l == nil {
		done(PromptFailed, false)
		return
	}
	w, told := l.c.wish, false
	tell := func(err error) {
		switch {
		case told:
		case err != nil:
			done(PromptFailed, false)
		default:
			done("", true)
		}
		told = true
	}
	l.c.whenRecorded(tell)
	if !told {
		c.sh.At(c.sh.Now().Add(RecordWait), func(*stack.Shard) {
			w.off = w.off || !told && w.rule == ""
			tell(ErrNotHeard)
		})
	}
}

// recordKey does what the record key of a phone asks, which says so in INFO. What a rule
// has be recorded it pauses. Who talks and is refused hears that.
func (l *liveLeg) recordKey(said string) {
	c := l.c
	if l.line != "" || !c.core.MayMove(l.id) {
		return
	}
	want := plan.RecordOn
	switch {
	case said == "on":
	case c.reel != nil && c.reel.rule != "":
		want = plan.RecordPause
	default:
		want = plan.RecordOff
	}
	told := func(err error) {
		if err != nil {
			c.u.log.Info("a phone's wish about a recording is not done", "call", c.id, "action", want, "error", err)
			if !errors.Is(err, ErrNotRecorded) { // which may be as it wants it
				l.refused()
			}
		}
	}
	if !c.u.plan.Load().Offers(plan.RecordOn) {
		told(errNoRecorder)
		return
	}
	err := c.recording(want, "phone/"+l.origin().Device, true)
	if err == nil && want == plan.RecordOn {
		c.whenRecorded(told)
		return
	}
	told(err)
}

// refused has who pressed a key hear that what it asks is not done: with nothing lost of
// what somebody says who helps.
func (l *liveLeg) refused() {
	if !l.gone && l.voice != nil && !l.c.unrecorded() {
		l.c.note(l.voice.Play(media.NewTone(media.Refused)), "tone of a refused key")
	}
}

// talksNow is the leg in which an extension talks, rather than one in which it holds; nil for
// none.
func (u *Unit) talksNow(sh *stack.Shard, extension string) (found *liveLeg) {
	u.first(sh, func(c *liveCall) bool {
		for _, l := range c.legs {
			ext, _ := l.phone()
			if ext == extension && c.core.MayMove(l.id) && (found == nil || found.held && !l.held) {
				found = l
			}
		}
		return false // there may be others
	})
	return found
}

// Record does what a person wants of the recording of the call that an extension talks
// in: plan.RecordOn and its like.
func (u *Unit) Record(ctx context.Context, extension string, want plan.Action, by string) error {
	if u.stack == nil {
		return ErrNoCall
	}
	done := make(chan error, 1) // one answer
	told := func(err error) { done <- err }
	err := onLoop(ctx, u.stack.Shard(0), func(sh *stack.Shard) {
		l := u.talksNow(sh, extension)
		if l == nil {
			told(ErrNoCall)
			return
		}
		c := l.c
		if err := c.recording(want, by, false); err != nil || want != plan.RecordOn {
			told(err)
			return
		}
		c.whenRecorded(told)
	})
	if err == nil {
		select {
		case err = <-done:
		case <-ctx.Done():
			err = ctx.Err()
		}
	}
	if err != nil {
		return fmt.Errorf("record: %w", err)
	}
	return nil
}
