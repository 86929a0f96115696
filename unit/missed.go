package unit

import (
	"slices"
	"time"

	"github.com/sekisho/sekisho/fact"
	"github.com/sekisho/sekisho/unit/call"
	"github.com/sekisho/sekisho/unit/line"
	"github.com/sekisho/sekisho/unit/plan"
)

// summoned is which extensions a call was for, and what came of it.
type summoned struct {
	who   []string
	since time.Time     // that it rings
	rang  time.Duration // for which it did until the unit talked with the caller, 0 where it did not
	taken string        // the extension that took it, "" for none of ours
}

// summon notes that a call is for extensions: for those whose phones are busy, or away,
// or want no calls, too. What the unit calls somebody for itself is missed by nobody.
func (c *liveCall) summon(t plan.Target, via call.Via) {
	s := &c.summoned
	if via == call.Alert || c.notice != nil || c.met {
		return
	}
	if s.since.IsZero() {
		s.since = c.sh.Now()
	}
	p := c.u.plan.Load()
	for _, ext := range t.Extensions {
		if len(s.who) < SummonedMax && ext != c.party.Extension && p.Extension(ext) && !slices.Contains(s.who, ext) {
			s.who = append(s.who, ext)
		}
	}
}

// rangOut notes that from now on the unit talks with a caller whom nobody answered.
func (c *liveCall) rangOut() {
	if s := &c.summoned; !s.since.IsZero() && s.rang == 0 {
		s.rang = max(c.sh.Now().Sub(s.since), 1)
	}
}

// meet notes who took a call first.
func (c *liveCall) meet(l *liveLeg) {
	s := &c.summoned
	if c.met || c.notice != nil {
		return
	}
	c.met = true
	if ext := l.extension(); ext != c.party.Extension && c.u.plan.Load().Extension(ext) {
		s.taken = ext
	}
}

// noteSummoned writes into the end of a call who made it, and who missed it, or took it.
func (c *liveCall) noteSummoned(f *fact.CallEnded) {
	s := &c.summoned
	if c.direction != fact.Incoming {
		f.Maker = c.party.Extension
	}
	if f.Taken = s.taken; c.met || len(s.who) == 0 {
		return
	}
	rang := s.rang
	if rang == 0 {
		rang = c.sh.Now().Sub(s.since)
	}
	f.Missed, f.RangMS = s.who, rang.Milliseconds()
	for _, ext := range s.who {
		c.u.Missed(ext, c.from, c.mark, c.lineIn != "")
	}
}

// Missed notes whom an extension can call back who called last and was not answered:
// by the number that called, its mark, and whether it came on a line.
func (u *Unit) Missed(extension, caller, mark string, outside bool) {
	u.mu.Lock()
	defer u.mu.Unlock()
	p, dialed := u.plan.Load(), ""
	if !p.Extension(extension) { // any more
		return
	}
	if mark != line.MarkPosing { // its number is another's
		dialed, _ = p.CallBack(caller, outside)
	}
	u.missed[extension] = dialed
}

// ForgetCalls forgets what an extension dialed and missed last that the plan has no more:
// whoever has its number next calls nobody by it.
func (u *Unit) ForgetCalls(extension string) {
	u.mu.Lock()
	defer u.mu.Unlock()
	delete(u.redial, extension)
	delete(u.missed, extension)
}

// lastMissed is what calls back whose call an extension missed last. Who withheld its
// number can't be called back, and nobody else is in its place.
func (u *Unit) lastMissed(extension string) (dialed string, ok bool) {
	u.mu.Lock()
	defer u.mu.Unlock()
	dialed = u.missed[extension]
	return dialed, dialed != ""
}
