package line

import (
	"net/netip"
	"time"

	"github.com/sekisho/sekisho/fact"
	"github.com/sekisho/sekisho/wire/sip"
	"github.com/sekisho/sekisho/wire/sip/session"
)

// Task is one request that a line wants to have sent, outside of any call.
type Task struct {
	Line    string
	Method  sip.Method // REGISTER or OPTIONS
	URI     string     // Request-URI
	Next    string     // where to send it: the line's next hop from now on
	From    string     // name-addr without tag
	To      string
	CallID  string // "" for a fresh one
	FromTag string // "" for a fresh one
	CSeq    uint32 // 0 for 1
	Contact bool   // it carries our Contact
	Headers []session.Header

	serial uint64
}

// watch is the supervision of one line by OPTIONS.
type watch struct {
	out    uint64
	sent   time.Time
	due    time.Time
	failed int // in a row
	good   int // in a row, since it was down
	down   bool
	was    bool // the line was up when it was last looked at
	seen   bool // it was looked at before
}

// Due gives the requests that are to be sent now, and the time of the next
// call. A driver sends each and calls Result with what came of it.
func (l *Lines) Due(now time.Time) (tasks []Task, next time.Time) {
	l.mu.Lock()
	defer l.mu.Unlock()
	next = now.Add(IdleEvery)
	for _, n := range l.sorted() {
		if n.row.Disabled || n.fault != "" {
			continue
		}
		var facts []fact.Fact
		if t, ok := l.registerDue(n, now, &facts); ok {
			tasks = append(tasks, t)
		}
		if t, ok := l.optionsDue(n, now); ok {
			tasks = append(tasks, t)
		}
		facts = append(facts, n.turn(now)...)
		l.record(facts)
		for _, at := range []time.Time{n.reg.wakes(n), n.watch.wakes(n), n.reg.expires, n.silent} {
			if at.After(now) && at.Before(next) {
				next = at
			}
		}
	}
	return tasks, next
}

// serial numbers tasks, so that a late answer is told from a present one.
func (l *Lines) serial() uint64 {
	l.serials++
	return l.serials
}

// registerDue gives the REGISTER that is due.
func (l *Lines) registerDue(n *line, now time.Time, facts *[]fact.Fact) (Task, bool) {
	r := &n.reg
	if !n.profile.Register.Needed {
		return Task{}, false
	}
	if r.out != 0 && now.Sub(r.sent) > AnswerWithin {
		*facts = append(*facts, n.registerResult(0, nil, netip.AddrPort{}, now)...)
	}
	if r.out != 0 || now.Before(r.due) {
		return Task{}, false
	}
	return n.registerTask(l.serial(), r.ask, now), true
}

// wakes gives when registerDue has something to do.
func (r *registration) wakes(n *line) time.Time {
	switch {
	case !n.profile.Register.Needed:
		return time.Time{}
	case r.out != 0:
		return r.sent.Add(AnswerWithin + time.Millisecond)
	default:
		return r.due
	}
}

// optionsDue gives the OPTIONS that is due. A line that is not registered is
// not asked: its registration says more.
func (l *Lines) optionsDue(n *line, now time.Time) (Task, bool) {
	w := &n.watch
	if n.profile.Supervision.Options == 0 || n.profile.Register.Needed && !n.reg.registered(now) {
		return Task{}, false
	}
	if w.out != 0 && now.Sub(w.sent) > AnswerWithin {
		n.optionsResult(0, now)
	}
	if w.out != 0 || now.Before(w.due) {
		return Task{}, false
	}
	w.out, w.sent = l.serial(), now
	return Task{
		Line: n.row.ID, Method: sip.OPTIONS, URI: "sip:" + n.domain(), Next: n.next(),
		From: n.address(n.account()), To: "<sip:" + n.domain() + ">", Contact: true,
		serial: w.out,
	}, true
}

// wakes gives when optionsDue has something to do.
func (w *watch) wakes(n *line) time.Time {
	switch {
	case n.profile.Supervision.Options == 0:
		return time.Time{}
	case w.out != 0:
		return w.sent.Add(AnswerWithin + time.Millisecond)
	default:
		return w.due
	}
}

// optionsResult takes the answer to OPTIONS. Any answer but those that say
// "not now" shows that the carrier lives (RFC 3261 §11).
func (n *line) optionsResult(status int, now time.Time) {
	w := &n.watch
	w.out = 0
	every := seconds(n.profile.Supervision.Options)
	if status == 0 || status == 408 || status == 503 {
		w.failed++
		w.good = 0
		if w.failed >= DownAfter {
			w.down = true
			if len(n.registrars) > 1 && !n.profile.Register.Needed {
				n.reg.index = (n.reg.index + 1) % len(n.registrars)
			}
		}
		every = min(every, DoubtEvery)
	} else {
		w.failed = 0
		w.good++
		if w.down && w.good >= UpAfter {
			w.down = false
		}
		if w.down {
			every = min(every, DoubtEvery)
		}
	}
	w.due = now.Add(every)
}

// Result takes what came of a task: status is that of the final response, 408
// or 0 where none came; m is that response, from where it came.
func (l *Lines) Result(t Task, status int, m *sip.Message, from netip.AddrPort, now time.Time) {
	l.mu.Lock()
	defer l.mu.Unlock()
	n := l.byID[t.Line]
	if n == nil {
		return
	}
	var facts []fact.Fact
	switch {
	case t.Method == sip.REGISTER && t.serial == n.reg.out && t.serial != 0:
		facts = n.registerResult(status, m, from, now)
		if status >= 200 && status < 300 {
			l.learned(n, from.Addr())
		}
	case t.Method == sip.OPTIONS && t.serial == n.watch.out && t.serial != 0:
		n.optionsResult(status, now)
	default:
		return
	}
	l.record(append(facts, n.turn(now)...))
}

// Doubt asks for a look at a line at once, because a call on it failed in a
// way that lines fail.
func (l *Lines) Doubt(id string, now time.Time) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if n := l.byID[id]; n != nil {
		n.doubt(now)
	}
}

// doubt has the next OPTIONS sent at once.
func (n *line) doubt(now time.Time) {
	if n.watch.out == 0 {
		n.watch.due = now
	}
}

// Silent notes that a call on a line got no response at all: for SilentLife, or
// until one does, calls try the other lines first.
func (l *Lines) Silent(id string, now time.Time) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if n := l.byID[id]; n != nil {
		n.silent = now.Add(SilentLife)
		n.doubt(now)
		l.record(n.turn(now))
	}
}

// Heard notes that a call on a line got a response.
func (l *Lines) Heard(id string, now time.Time) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if n := l.byID[id]; n != nil && n.silent.After(now) {
		n.silent = time.Time{}
		l.record(n.turn(now))
	}
}

// Unregister gives the requests that take our registrations back, at the end.
func (l *Lines) Unregister(now time.Time) []Task {
	l.mu.Lock()
	defer l.mu.Unlock()
	var tasks []Task
	for _, n := range l.sorted() {
		if n.reg.registered(now) {
			tasks = append(tasks, n.registerTask(l.serial(), 0, now))
			n.reg.out = 0
		}
	}
	return tasks
}

// up reports whether calls may be tried on a line.
func (n *line) up(now time.Time) bool { return n.why(now).Word == "" }

// turn notes when a line comes up or goes down.
func (n *line) turn(now time.Time) []fact.Fact {
	w := &n.watch
	up := n.up(now)
	if w.seen && up == w.was || !w.seen && !up {
		return nil
	}
	w.seen, w.was = true, up
	if up {
		return []fact.Fact{fact.LineUp{Line: n.row.ID, At: now.UTC()}}
	}
	why := n.why(now)
	return []fact.Fact{fact.LineDown{Line: n.row.ID, Why: why.Word, Status: why.Status, At: now.UTC()}}
}

// record makes facts durable, behind.
func (l *Lines) record(facts []fact.Fact) {
	if len(facts) == 0 {
		return
	}
	l.cfg.Committer.Commit(fact.Write{Facts: facts}, func(err error) {
		if err != nil {
			l.cfg.Log.Warn("line records not written", "facts", len(facts), "error", err)
		}
	})
}
