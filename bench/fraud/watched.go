package main

import (
	"slices"
	"time"

	"github.com/sekisho/sekisho/fact"
	"github.com/sekisho/sekisho/gate"
	"github.com/sekisho/sekisho/gate/desk"
	"github.com/sekisho/sekisho/gate/quarantine"
	"github.com/sekisho/sekisho/gate/tempo"
	"github.com/sekisho/sekisho/sim/fraud"
)

// watched is what a unit does about how the office telephones: it tells the watch
// of everything that happens, sets extensions apart of which the watch is sure, and
// cuts those of their calls that cost. A manager who finds nothing wrong lets
// them go.
type watched struct {
	watch    *tempo.Watch // nil for nobody
	calls    map[uint64]tempo.Event
	suspects []desk.Suspect    // heard of, and not yet set apart
	apart    map[string]string // extensions, with the quarantine's ID
	apartFor map[string]string // what was odd
	doomed   []uint64          // calls to be cut
	// staffed says that the office's telephones are registered: a stranger's is the
	// second place of its credential then.
	staffed bool
	since   time.Time // when they were doomed
}

// judgedOdd remembers a call that goes on, and sets suspects apart.
func (p *purse) judgedOdd(e *fraud.Event, r *gate.Request, a Answer) {
	if p.watch == nil {
		return
	}
	if a == Pass || a == Challenge {
		p.calls[e.Call] = r.Event()
	}
	for _, s := range p.suspects {
		extension := s.Extension
		if p.apart[extension] != "" {
			continue
		}
		p.apart[extension], p.apartFor[extension] = name(e.Call), signsOf(s.Signs)
		p.settings.Quarantines = append(p.settings.Quarantines, fact.Quarantine{
			ID: name(e.Call), Kind: string(quarantine.Extension), Value: extension, Reason: "odd", Created: p.now,
		})
		p.remake()
		for call, l := range p.legs {
			if l.extension == extension && !l.Pot.Ordinary() {
				l.end = "set apart after " + p.apartFor[extension]
				p.doomed = append(p.doomed, call)
			}
		}
		slices.Sort(p.doomed)
		p.since = e.At
	}
	p.suspects = nil
}

// remake puts changed settings in force.
func (p *purse) remake() {
	policy, err := gate.NewPolicy(p.settings)
	if err != nil {
		p.failed = true
	}
	p.policy = policy
	if p.desk != nil {
		p.desk.SetPolicy(policy)
	}
}

var noted = map[fraud.Kind]tempo.Kind{
	fraud.Answered: tempo.Answered, fraud.Ended: tempo.Ended, fraud.Lapsed: tempo.Lapsed,
	fraud.Registered: tempo.Registered, fraud.Forwarded: tempo.Forwarded, fraud.Fetched: tempo.Fetched,
}

// note tells the watch what happened, and hears of the manager.
func (p *purse) note(e *fraud.Event) {
	if p.watch == nil {
		return
	}
	if id := p.apart[e.Extension]; e.Kind == fraud.Reviewed && !e.Intruder && id != "" {
		delete(p.apart, e.Extension)
		p.settings.Quarantines = slices.DeleteFunc(p.settings.Quarantines, func(q fact.Quarantine) bool {
			return q.ID == id
		})
		p.remake()
		p.desk.Note(&tempo.Event{Kind: tempo.Released, Extension: e.Extension})
		return
	}
	kind, told := noted[e.Kind]
	if !told {
		return
	}
	event, known := p.calls[e.Call]
	if !known {
		event = tempo.Event{Extension: e.Extension, Credential: e.Extension, Source: e.Source, Contacts: 1}
	}
	if kind == tempo.Registered && p.staffed && !e.Source.IsPrivate() {
		event.Contacts = 2
	}
	if event.Kind = kind; e.Kind == fraud.Ended || e.Kind == fraud.Lapsed {
		delete(p.calls, e.Call)
		event.Talk = e.Talk
	}
	p.desk.Note(&event)
}
