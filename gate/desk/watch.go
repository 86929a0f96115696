package desk

import (
	"sync/atomic"

	"github.com/sekisho/sekisho/fact"
	"github.com/sekisho/sekisho/gate"
	"github.com/sekisho/sekisho/gate/tempo"
	"github.com/sekisho/sekisho/number"
)

// look asks the watch what is odd about a request. It is asked before any rule:
// who tries what is barred shows what he is after.
func (d *Desk) look(p *gate.Policy, r *gate.Request) {
	if d.watch == nil || r.Destination.Class == number.Emergency {
		return
	}
	e := p.Event(r)
	d.watching.Lock()
	o := d.watch.Attempt(r.At, &e)
	if o.Level > tempo.Quiet && r.Proves() {
		e.Kind = tempo.Proved
		d.watch.Note(r.At, &e)
		if o.Level == tempo.Cut { // what the proof does not explain stays so
			o = d.watch.Attempt(r.At, &e)
		}
	}
	d.watching.Unlock()
	d.Tally.Opinions.count(&o)
	if o.Level > tempo.Quiet {
		kept := o // only what is odd takes memory
		r.Opinion = &kept
	}
}

// count counts a verdict, and tells the watch of a refusal.
func (d *Desk) count(r *gate.Request, v gate.Verdict) {
	d.Tally.count(v)
	if v.Verb == gate.VerbPass {
		return
	}
	e := r.Event()
	e.Kind = tempo.Refused
	d.Note(&e)
	if r.Opinion != nil && v.Verb == gate.VerbRefuse && (v.Rule == gate.RuleTempo || giveAway(r)) {
		d.cut(Suspect{Extension: r.Origin.Extension, Site: r.Origin.Site, Call: r.Call, Signs: signs(r.Opinion)})
	}
}

// giveAway tells a site's request that looks like fraud, whichever rule has refused it:
// most of what fraud lives on is barred to sites by rules that are asked before.
func giveAway(r *gate.Request) bool {
	return r.Origin.Extension == "" && r.Origin.Site != "" && r.Opinion.Level == tempo.Cut
}

// Note tells the watch what became of a call, or what else happened.
func (d *Desk) Note(e *tempo.Event) {
	d.Watching(func(w *tempo.Watch) { w.Note(d.now(), e) })
}

// Watching gives the watch to f, which must be brief: calls wait meanwhile. Where
// nobody watches f is not called.
func (d *Desk) Watching(f func(*tempo.Watch)) {
	if d.watch == nil {
		return
	}
	d.watching.Lock()
	defer d.watching.Unlock()
	f(d.watch)
}

// preview is look without a memory of it.
func (d *Desk) preview(p *gate.Policy, r *gate.Request) {
	if r.Destination.Class == number.Emergency {
		return
	}
	e := p.Event(r)
	d.Watching(func(w *tempo.Watch) {
		o := w.Preview(r.At, &e)
		r.Opinion = &o
	})
}

// Suspect is an extension, or another site, whose calls are no employee's.
type Suspect struct {
	Extension string
	Site      string // "" for an extension
	Call      string // the one that was refused
	Signs     []fact.Sign
}

// signs writes an opinion's signs down.
func signs(o *tempo.Opinion) []fact.Sign {
	var out []fact.Sign
	for _, s := range o.Signs() {
		out = append(out, fact.Sign{Name: s.Name, Strong: s.Strength == tempo.Strong, Figures: s.Figures})
	}
	return out
}

// Opinions count what the watch said, for onlookers.
type Opinions struct {
	levels [tempo.Cut + 1]atomic.Uint64
	signs  map[string]*[2]atomic.Uint64 // weak and strong ones, by name
}

func (c *Opinions) begin() {
	c.signs = map[string]*[2]atomic.Uint64{}
	for _, name := range tempo.Names() {
		c.signs[name] = new([2]atomic.Uint64)
	}
}

func (c *Opinions) count(o *tempo.Opinion) {
	c.levels[o.Level].Add(1)
	for _, s := range o.Signs() {
		c.signs[s.Name][s.Strength-tempo.Weak].Add(1)
	}
}

// Level is how many opinions came to a level.
func (c *Opinions) Level(l tempo.Level) uint64 { return c.levels[l].Load() }

// Sign is how often a sign was seen, weak and strong.
func (c *Opinions) Sign(name string) (weak, strong uint64) {
	n := c.signs[name]
	if n == nil {
		return 0, 0
	}
	return n[0].Load(), n[1].Load()
}
