package watch

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"time"

	"github.com/sekisho/sekisho/fact"
	"github.com/sekisho/sekisho/text"
)

// Notice says which word about an episode an alert is.
type Notice string

// The notices.
const (
	Begun Notice = "begun"
	Again Notice = "again" // it goes on
	Over  Notice = "over"
)

// Alert is one thing to tell the owner.
type Alert struct {
	ID       string       `json:"id"`
	Kind     Kind         `json:"kind"`
	Notice   Notice       `json:"notice"`
	About    string       `json:"about"`        // subject in the evidence: "phone/201-1", "source/192.0.2.1", "unit"
	Of       text.Message `json:"of"`           // the same for people
	What     text.Message `json:"what"`         // what happened last
	Do       text.Message `json:"do"`           // what to do now
	As       text.Key     `json:"as,omitempty"` // what title and what was done stand under, "" for Kind
	Count    int          `json:"count"`        // how often since the beginning
	Since    time.Time    `json:"since"`
	Last     time.Time    `json:"last"`
	At       time.Time    `json:"at"`
	Due      time.Time    `json:"due"`                // not to be sent before
	Withheld int          `json:"withheld,omitempty"` // alerts of the kind that were too many since the last
}

// Episode is what goes on about one subject. Its fields are kept over a
// restart.
type Episode struct {
	Kind      Kind         `json:"kind"`
	About     string       `json:"about"`
	Of        text.Message `json:"of"`
	What      text.Message `json:"what"`
	Do        text.Message `json:"do"`
	As        text.Key     `json:"as,omitempty"`
	Count     int          `json:"count"`
	Told      int          `json:"told"` // Count at the last alert; 0 before the first
	Since     time.Time    `json:"since"`
	Last      time.Time    `json:"last"`
	ToldAt    time.Time    `json:"told_at,omitzero"`
	Condition bool         `json:"condition,omitempty"` // it lasts until it is reported well

	call string // the last one that counted
}

// Step is what follows from one input, in this order.
type Step struct {
	Alerts []Alert
	Keep   []Episode // to be remembered over a restart
	Forget []Episode
}

type key struct {
	kind  Kind
	about string
}

// hour counts a kind's alerts.
type hour struct {
	begun    time.Time
	sent     int
	withheld int
}

// Watch holds the episodes that go on.
type Watch struct {
	settings Settings
	episodes map[key]*Episode
	hours    map[Kind]*hour
}

// New makes a Watch that knows of nothing.
func New(s Settings) *Watch {
	return &Watch{settings: s, episodes: map[key]*Episode{}, hours: map[Kind]*hour{}}
}

// Restore takes the episodes of the last run back, EpisodesMax at most.
func (w *Watch) Restore(list []Episode) {
	for _, e := range list {
		if _, known := RuleOf(e.Kind); known && len(w.episodes) < EpisodesMax {
			w.episodes[key{e.Kind, e.About}] = &e
		}
	}
}

// Take lets a fact in.
func (w *Watch) Take(f fact.Fact, now time.Time) Step {
	var out Step
	for _, s := range w.settings.signals(f, now) {
		w.count(&out, s, now)
	}
	return out
}

// count adds a signal to its episode and tells the owner where it is time.
func (w *Watch) count(out *Step, s signal, now time.Time) {
	rule, _ := RuleOf(s.kind)
	k := key{s.kind, s.about}
	if e := w.episodes[k]; e != nil && !now.Before(e.Last.Add(rule.Window)) {
		w.end(out, e, now)
	}
	e := w.episodes[k]
	if e == nil && len(w.episodes) >= EpisodesMax {
		s.about, s.of = "unit", text.Of("alert.of.many")
		k = key{s.kind, s.about}
		e = w.episodes[k]
	}
	if e == nil {
		e = &Episode{Kind: s.kind, About: s.about, Since: now}
		w.episodes[k] = e
	}
	e.Last = now
	if s.call != "" && s.call == e.call {
		return
	}
	e.call, e.Of, e.What, e.Do, e.As = s.call, s.of, s.what, s.do, s.as
	e.Count += max(s.n, 1)
	switch {
	case e.Told == 0 && (s.sure || e.Count >= w.settings.Threshold(s.kind)):
		w.tell(out, e, Begun, now)
	case e.Told > 0 && now.Sub(e.ToldAt) >= AgainAfter:
		w.tell(out, e, Again, now)
	}
}

// Condition is something that has to be well, and whether it is.
type Condition struct {
	Name   string // stable: "store", "planes", "disk" …
	Broken bool
	What   text.Message // what is wrong; of no account where it is well
	As     text.Key     // what title and what was done stand under, "" for those of Safeguard
}

// Report says how a condition is now. One that stays broken as long as its
// threshold is told, and told again when it is well.
func (w *Watch) Report(c Condition, now time.Time) Step {
	var out Step
	k := key{Safeguard, "condition/" + c.Name}
	e := w.episodes[k]
	switch {
	case !c.Broken && e != nil:
		w.end(&out, e, now)
	case !c.Broken:
	case e == nil:
		of := text.Of("alert.of." + text.Key(c.Name))
		e = &Episode{Kind: Safeguard, About: k.about, Of: of, Condition: true, Since: now}
		e.Do = text.Of("alert.do." + text.Key(c.Name))
		w.episodes[k] = e
		fallthrough
	default:
		e.What, e.As, e.Last, e.Count = c.What, c.As, now, 1
		lasted := now.Sub(e.Since) >= time.Duration(w.settings.Threshold(Safeguard))*time.Second
		switch {
		case e.Told == 0 && lasted:
			w.tell(&out, e, Begun, now)
		case e.Told > 0 && now.Sub(e.ToldAt) >= AgainAfter:
			w.tell(&out, e, Again, now)
		}
	}
	return out
}

// Tick ends what has been silent for long enough.
func (w *Watch) Tick(now time.Time) Step {
	var due []*Episode
	for _, e := range w.episodes {
		if rule, _ := RuleOf(e.Kind); !e.Condition && !now.Before(e.Last.Add(rule.Window)) {
			due = append(due, e)
		}
	}
	slices.SortFunc(due, func(a, b *Episode) int {
		return cmp.Or(cmp.Compare(a.Kind, b.Kind), cmp.Compare(a.About, b.About))
	})
	var out Step
	for _, e := range due {
		w.end(&out, e, now)
	}
	return out
}

// end closes an episode. Its end is told where the kind wants it, or where
// more happened than was told.
func (w *Watch) end(out *Step, e *Episode, now time.Time) {
	delete(w.episodes, key{e.Kind, e.About})
	if e.Told == 0 {
		return
	}
	if rule, _ := RuleOf(e.Kind); rule.Ends || e.Count > e.Told {
		w.tell(out, e, Over, now)
	}
	out.Forget = append(out.Forget, *e)
}

// tell makes an alert of an episode, unless its kind had too many this hour.
func (w *Watch) tell(out *Step, e *Episode, n Notice, now time.Time) {
	e.Told, e.ToldAt = e.Count, now
	if n != Over {
		out.Keep = append(out.Keep, *e)
	}
	h := w.hours[e.Kind]
	if h == nil {
		h = &hour{}
		w.hours[e.Kind] = h
	}
	if since := now.Sub(h.begun); since >= time.Hour || since < 0 {
		h.begun, h.sent = now, 0
	}
	if h.sent >= HourlyMax {
		h.withheld++
		return
	}
	h.sent++
	a := Alert{
		Kind: e.Kind, Notice: n, About: e.About, Of: e.Of, What: e.What, Do: e.Do, As: e.As, Count: e.Count,
		Since: e.Since, Last: e.Last, At: now, Due: now, Withheld: h.withheld,
	}
	h.withheld = 0
	if rule, _ := RuleOf(e.Kind); !rule.Loud && w.settings.Quiet.Has(now) {
		a.Due = w.settings.Quiet.end(now)
	}
	a.ID = identity(a)
	out.Alerts = append(out.Alerts, a)
}

// identity names an alert by what it says, so that it is the same on each
// channel and no two are.
func identity(a Alert) string {
	said := fmt.Sprintf("%s\n%s\n%s\n%d\n%d", a.Kind, a.Notice, a.About, a.Since.UnixNano(), a.At.UnixNano())
	sum := sha256.Sum256([]byte(said))
	return hex.EncodeToString(sum[:8])
}
