package unit

import (
	"cmp"
	"slices"
	"sort"
	"time"

	"github.com/sekisho/sekisho/fact"
	"github.com/sekisho/sekisho/gate"
	"github.com/sekisho/sekisho/unit/call"
	"github.com/sekisho/sekisho/unit/plan"
	"github.com/sekisho/sekisho/unit/queue"
)

// mediaRole is what we are to a call's media, in the words of RFC 7092 §3.2.
const mediaRole = "media relay"

// bookStarted records a call that came in on a line. What begins at a phone is
// recorded with the gate's first verdict or, when no line has a part in it, at
// its end, once.
func (c *liveCall) bookStarted() {
	if c.lineIn != "" {
		c.booked = true
		c.u.commit(fact.Write{Behind: true, Facts: []fact.Fact{fact.CallStarted{
			Call: c.id, Direction: c.direction, Party: c.party, From: c.from, To: c.to, Line: c.lineIn,
			MediaRole: mediaRole, Mark: c.mark, At: c.started.UTC(),
		}}})
	}
	c.show()
}

func (c *liveCall) bookAnswered(l *liveLeg) {
	c.queueTaken(l)
	c.meet(l)
	c.answered = c.sh.Now()
	c.answerer = cmp.Or(l.line, l.device())
	c.forwardsOver()
	c.freeSlot()
	c.watch(c.leg(call.A), l)
	if c.booked && !c.told {
		c.u.commit(fact.Write{Facts: []fact.Fact{c.answeredBy(l)}, Behind: true})
	}
	c.show()
	if q, ok := c.apart(); ok { // since the call was let in
		c.cut(CutOf(q))
	}
}

// bookJoined notes that another leg talks in a call that was up before.
func (c *liveCall) bookJoined(l *liveLeg) {
	c.hostOver()
	c.vacate()
	c.queueTaken(l)
	c.meet(l)
	if c.answered.IsZero() { // it was the unit alone that its phone talked with
		c.bookAnswered(l)
		return
	}
	if c.answerer == answererSelf {
		c.answerer = cmp.Or(l.line, l.device())
	}
	c.freeSlot()
	c.watch(l)
	c.show()
	if q, ok := c.apart(); ok { // since it was let in
		c.cut(CutOf(q))
	}
}

// answeredBy is the fact that a leg answered.
func (c *liveCall) answeredBy(l *liveLeg) fact.Fact {
	c.told = true
	return fact.CallAnswered{Call: c.id, Device: l.device(), Line: l.line, At: c.sh.Now().UTC()}
}

func (c *liveCall) bookEnded(e *call.Effect) {
	c.hostOver()
	c.queueLeft(queue.Abandoned)
	c.freeKey()
	c.noteTold(e)
	c.vacate()
	line := c.lineIn
	if line == "" {
		line = c.lineOut
	}
	status := e.Refusal.Status
	if !c.answered.IsZero() {
		status = 200
	}
	if c.target.Kind == plan.Service && status == 0 {
		status = 200
	}
	sound := c.sound
	for _, l := range c.legs {
		if l.voice != nil {
			sound = appendSound(sound, l)
			c.listen(l)
		}
	}
	f := fact.CallEnded{
		Call: c.id, First: !c.booked, Line: line, Verb: c.verb, Rule: c.rule, Answerer: c.answerer,
		Answered: utc(c.answered), Ended: c.sh.Now().UTC(), Status: status, Reason: c.endWord(e),
		MediaRole: mediaRole, Sound: sound,
		Queue: c.wait.queue, WaitedMS: c.wait.long.Milliseconds(), Agent: c.wait.agent,
	}
	if !c.recorded || c.foreign {
		f.Direction, f.Party, f.From, f.To, f.Started = c.direction, c.party, c.from, c.to, c.started.UTC()
	}
	c.noteSummoned(&f)
	c.ending = &f
	c.noteEnds()
	c.closeBook(false)
}

// closeBook writes down that the call is over, once no line can bill it any
// more: what a line did not hear the end of stays set aside until then. At last
// it is written whatever the lines say.
func (c *liveCall) closeBook(last bool) {
	if c.ending == nil || !last && slices.ContainsFunc(c.legs, (*liveLeg).billed) {
		return
	}
	f := c.ending
	c.ending = nil
	f.Settled = c.settleAll()
	c.u.cfg.Committer.Commit(fact.Write{Behind: true, Facts: []fact.Fact{*f}}, func(err error) {
		if err != nil { // what the call cost, and what it held, must not be forgotten
			c.u.cfg.Desk.Later(err, *f)
		}
	})
}

func utc(t time.Time) time.Time {
	if t.IsZero() {
		return t
	}
	return t.UTC()
}

// endWord says in a stable word or two why a call ended.
func (c *liveCall) endWord(e *call.Effect) string {
	r := e.Refusal
	switch {
	case r.Status == 0 && c.target.Asked.Action == plan.Announce:
		return "announced"
	case r.Status == 0 && c.target.Kind == plan.Service:
		return "feature"
	case r.Status == 0:
		return "hung up"
	case r.Phrase == "Preempted By Emergency Call":
		return "preempted"
	case r.Phrase == phraseStops:
		return "stopped"
	case r.Phrase == phraseDisabled:
		return "phone disabled"
	case r.Phrase == phraseNoMoney:
		return "budget exhausted"
	case r.Phrase == phraseCut:
		return "cut"
	case r.Phrase == phraseUnwanted:
		return "caller turned away"
	case r.Phrase == phraseHidden:
		return "anonymous turned away"
	case r.Phrase == gate.PhraseApart:
		return "refused"
	case r.Phrase == call.PhraseTooLong:
		return "too long"
	case r.Phrase == "Session Lost":
		return "lost"
	case r.Phrase == "No Media":
		return "no media"
	case r.Phrase == "No Answer":
		return "no answer"
	case r.Status == 487:
		return "canceled"
	case r.Status == 486 || r.Status == 600:
		return "busy"
	case r.Status == 480:
		return "not reachable"
	case c.verb == "refuse" || c.verb == "challenge":
		return "refused"
	case r.Status == 603 || r.Status == 403:
		return "declined"
	case r.Status == 404 || r.Status == 484 || r.Status == 410:
		return "no such number"
	}
	return "failed"
}

// keepDialog stores, once, what a restarted unit needs to hang a line leg up
// and, when it is the line that answered, that it did. then is called when this
// is on disk, or can't be written; it may be nil.
func (c *liveCall) keepDialog(l *liveLeg, then func()) {
	if l.se == nil || l.line == "" || l.kept {
		return
	}
	d, at := l.se.Dialog(), l.se.Remote()
	l.kept = true
	w := fact.Write{Rows: []fact.Row{fact.LineDialog{
		Call: c.id, Line: l.line, Leg: int(l.id), CallID: d.CallID, LocalTag: d.LocalTag, RemoteTag: d.RemoteTag,
		LocalURI: d.Local, RemoteURI: d.Remote, Target: d.Target, Routes: d.Routes, LocalSeq: d.LocalSeq,
		Answered: c.sh.Now().UTC(), Remote: at.Addr, Transport: at.Transport,
	}}}
	if l.id != call.A {
		w.Facts = []fact.Fact{c.answeredBy(l)}
	}
	c.u.cfg.Committer.Commit(w, func(err error) {
		if err != nil {
			c.u.log.Error("dialog not stored: a crash would leave it open", "call", c.id, "line", l.line, "error", err)
		}
		if then != nil {
			then()
		}
	})
}

// View is one call as onlookers see it: a copy.
type View struct {
	Call      string         `json:"call"`
	Direction fact.Direction `json:"direction"`
	Extension string         `json:"extension,omitempty"`
	From      string         `json:"from"`
	To        string         `json:"to"`
	Line      string         `json:"line,omitempty"`
	State     string         `json:"state"` // "trying", "talking", "ending"
	Emergency bool           `json:"emergency,omitempty"`
	Started   time.Time      `json:"started"`
	Answered  time.Time      `json:"answered,omitzero"`
}

// show renews the copy that onlookers see, where something has changed.
func (c *liveCall) show() {
	v := View{
		Call: c.id, Direction: c.direction, Extension: c.party.Extension, From: c.from, To: c.to,
		Line: c.lineIn + c.lineOut, State: "trying", Emergency: c.target.Emergency(),
		Started: c.started, Answered: c.answered,
	}
	if !c.answered.IsZero() {
		v.State = "talking"
	}
	if old := c.view.Load(); old == nil || *old != v {
		fresh := v
		c.view.Store(&fresh)
	}
}

// Calls lists the calls there are, oldest first.
func (u *Unit) Calls() []View {
	u.mu.Lock()
	out := make([]View, 0, len(u.calls))
	for _, c := range u.calls {
		if v := c.view.Load(); v != nil {
			out = append(out, *v)
		}
	}
	u.mu.Unlock()
	sort.Slice(out, func(i, j int) bool {
		if !out[i].Started.Equal(out[j].Started) {
			return out[i].Started.Before(out[j].Started)
		}
		return out[i].Call < out[j].Call
	})
	return out
}
