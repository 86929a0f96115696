package main

import (
	"net/netip"
	"strconv"
	"time"

	"github.com/sekisho/sekisho/fact"
	"github.com/sekisho/sekisho/gate"
	"github.com/sekisho/sekisho/number"
	"github.com/sekisho/sekisho/sim/fraud"
)

const gateName = "sekisho"

// checkpoint is the gate as it is shipped, behind the same grammar of dialed
// numbers as in a unit.
type checkpoint struct {
	settings gate.Settings
	policy   *gate.Policy
	opened   map[[2]string]bool
	all      bool
	context  number.Context
	expires  time.Time
	failed   bool // a policy that was not made bars everything
}

const gateLine = "line"

func newCheckpoint(site *fraud.Site, p Policy) (*checkpoint, error) {
	c := &checkpoint{
		settings: gate.Settings{Claimed: true, Lines: map[string]gate.LineRule{gateLine: {}}},
		opened:   map[[2]string]bool{}, all: p == Open || p == Dialed, expires: site.Start.AddDate(100, 0, 0),
	}
	for _, e := range site.Extensions {
		var areas []string
		switch p {
		case Listed, Fitted:
			areas = e.Usual
		case Open: // so many that the gate takes none of them for meant
			areas = site.Prices.Areas()[:openFirst]
		}
		for _, area := range areas {
			c.open(e.Number, area)
		}
	}
	var err error
	c.policy, err = gate.NewPolicy(c.settings)
	return c, err
}

func (c *checkpoint) open(extension, area string) {
	c.opened[[2]string{extension, area}] = true
	c.settings.Openings = append(c.settings.Openings, fact.Opening{
		ID: strconv.Itoa(len(c.settings.Openings)), Extension: extension, Area: area, Expires: c.expires,
	})
}

// judged are the rules that judge a call; all others are standing lists.
var judged = map[string]bool{"quarantine": true, gate.RuleTempo: true, "budget": true, "degraded": true}

// destination reads what was dialed, as a unit does.
func (c *checkpoint) destination(dialed string) number.Destination {
	return number.FromSIPUser(dialed, nil, &c.context)
}

// request is what a unit would make of it.
func (c *checkpoint) request(e *fraud.Event) gate.Request {
	return gate.Request{
		Call: name(e.Call), Line: gateLine, Dialed: e.Dialed, Destination: c.destination(e.Dialed), At: e.At,
		First: true, From: e.Extension, Direction: fact.Outgoing, Started: e.At,
		Origin: gate.Origin{
			Kind: gate.OriginKind(e.Path), Extension: e.Extension, Credential: e.Extension,
			Source: netip.AddrPortFrom(e.Source, sipPort), Authenticated: true,
		},
	}
}

// Ask judges.
func (c *checkpoint) Ask(e *fraud.Event) Answer {
	r := c.request(e)
	if c.opens(&r); c.failed {
		return Refuse
	}
	v := gate.Judge(c.policy, r)
	return answerOf(&v)
}

// opens opens a country when it is first called, where everything is open, beside
// those that are from the start: a policy holds fewer openings than there are
// countries and telephones.
func (c *checkpoint) opens(r *gate.Request) bool {
	d := &r.Destination
	if !c.all || d.Class != number.International || c.opened[[2]string{r.Origin.Extension, d.Area}] {
		return false
	}
	c.open(r.Origin.Extension, d.Area)
	policy, err := gate.NewPolicy(c.settings)
	if err != nil {
		c.failed = true
	}
	c.policy = policy
	return true
}

// answerOf puts a verdict into the bench's words.
func answerOf(v *gate.Verdict) Answer {
	switch {
	case v.Verb == gate.VerbPass:
		return Pass
	case v.Verb == gate.VerbChallenge:
		return Challenge
	case judged[v.Rule]:
		return Refuse
	}
	return Barred
}

const sipPort = 5060

// Tell has nothing to tell: without budgets the gate remembers no call.
func (c *checkpoint) Tell(*fraud.Event) {}

// Due is never.
func (c *checkpoint) Due() (time.Time, bool) { return time.Time{}, false }

// Tick cuts nothing.
func (c *checkpoint) Tick(time.Time) []uint64 { return nil }
