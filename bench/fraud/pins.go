package main

import (
	"github.com/sekisho/sekisho/fact"
	"github.com/sekisho/sekisho/gate/challenge"
	"github.com/sekisho/sekisho/sim/fraud"
)

// pinsPreset is what percent of an office's people have a PIN: an administrator
// has set one for each.
const pinsPreset = 100

const person = "person" // who answers a prompt, of an extension

// pins gives so many of a hundred of the office's people a PIN, evenly spread over
// the telephones. Fax machines and door phones have none.
func pins(site *fraud.Site, percent int) *challenge.Book {
	book, people := &challenge.Book{}, 0
	for _, e := range site.Extensions {
		if e.Who != person {
			continue
		}
		if people++; people*percent/100 > (people-1)*percent/100 {
			book.Set(fact.PIN{Extension: e.Number})
		}
	}
	return book
}

// proves takes the PIN that the caller typed as a unit does, and tells whether it
// counts. Whoever types one in a world types it right.
func (p *purse) proves(e *fraud.Event) bool {
	if _, why := p.pins.Begin(e.Extension, p.now); why != "" {
		return false
	}
	p.pins.Right(e.Extension)
	return true
}

// asks tells whether a caller whom the gate would challenge can be asked. Who
// has no PIN, or has tried too often, is refused.
func (p *purse) asks(e *fraud.Event) bool { return p.pins.Ready(e.Extension, p.now) == "" }
