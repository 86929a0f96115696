package plan

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/sekisho/sekisho/fact"
	"github.com/sekisho/sekisho/number"
	"github.com/sekisho/sekisho/text"
)

// Line is what a plan needs to know of an outside line.
type Line struct {
	ID      string
	Numbers []fact.Number // called from outside, and where they ring
	Number  number.Line   // what the line declares about numbers
	// NoEmergency says that the line can't carry 110, 118 and 119: it is
	// tried last for them.
	NoEmergency bool
}

// Settings is what a plan is made of.
type Settings struct {
	OutsidePrefix string // dialed before outside numbers, "" for none
	Domain        string // the unit's realm
	Extensions    []string
	Groups        []fact.Group
	Features      []Feature
	Lines         []Line // in the order in which they are tried
	Routing       []fact.Routed
}

// Plan is an immutable numbering plan of a unit.
type Plan struct {
	extensions map[string]bool
	groups     map[string]fact.Group
	features   features
	routing
	lines   []Line
	byID    map[string]int
	context number.Context // without a line
}

// Kind says where a call goes.
type Kind uint8

// The kinds of targets. The zero Kind is Refuse.
const (
	Refuse Kind = iota
	Internal
	Outside
	Service
)

func (k Kind) String() string { return [...]string{"refuse", "internal", "outside", "service"}[k] }

// Target is where a call goes.
type Target struct {
	Kind        Kind
	Destination number.Destination
	// Extensions ring at once, for Internal; without repeats, in the order of
	// the plan.
	Extensions []string
	// Direct are those of Extensions that are called by themselves, and not as
	// members of a group.
	Direct []string
	// Group is the one that is called by itself, nil for none.
	Group *fact.Group
	// Lines are tried in this order, for Outside. It may be empty: a unit
	// without lines asks the gate all the same.
	Lines []string
	// Asked is what a feature code asks of the unit, for Service.
	Asked Asked
	// LineToLine: the call came in on a line and would go out on one.
	LineToLine bool
	Status     int    // SIP status, for Refuse
	Why        string // stable word, for Refuse and Service
}

// Number is that of the group that is called by itself, "" for none.
func (t Target) Number() string {
	if t.Group == nil {
		return ""
	}
	return t.Group.Number
}

// Emergency tells whether the target is an emergency service.
func (t Target) Emergency() bool {
	return t.Kind == Outside && t.Destination.Class == number.Emergency
}

// The reasons of Refuse.
const (
	WhyUnknownNumber = "unknown-number" // no line has the number that was called
	WhyNowhere       = "nowhere"        // the number rings nothing that exists
	WhyFeature       = "feature"        // no refusal: the unit itself does what was dialed
)

// New makes a plan; later changes to s do not reach it. It refuses numbers
// that shadow emergency numbers, prefixes or each other, and what is beyond
// the limits; the error names every fault.
func New(s Settings) (*Plan, error) {
	p := &Plan{
		extensions: make(map[string]bool, len(s.Extensions)),
		groups:     make(map[string]fact.Group, len(s.Groups)),
		byID:       make(map[string]int, len(s.Lines)),
	}
	p.context = number.Context{
		OutsidePrefix: s.OutsidePrefix, Domain: s.Domain,
		Extension: p.internal, Feature: func(dialed string) bool { _, ok := p.asked(dialed); return ok },
	}
	if err := s.checkLimits(); err != nil {
		return nil, err
	}
	faults := p.features.add(s.Features, s.OutsidePrefix)
	faults = append(faults, p.addNumbers(s)...)
	faults = append(faults, p.addLines(s.Lines)...)
	faults = append(faults, p.addRouting(s.Routing)...)
	if len(faults) > 0 {
		return nil, errors.Join(faults...)
	}
	return p, nil
}

func (s Settings) checkLimits() error {
	switch {
	case len(s.Extensions) > MaxExtensions:
		return fmt.Errorf("%d extensions, at most %d", len(s.Extensions), MaxExtensions)
	case len(s.Groups) > MaxGroups:
		return text.Wrong(nil, "plan.groups", MaxGroups)
	case len(s.Features) > MaxFeatures:
		return fmt.Errorf("%d feature codes, at most %d", len(s.Features), MaxFeatures)
	case len(s.Lines) > MaxLines:
		return text.Wrong(nil, "plan.lines", MaxLines)
	}
	speed := 0
	for _, f := range s.Routing {
		if _, ok := f.(fact.SpeedSet); ok {
			speed++
		}
	}
	switch {
	case speed > MaxSpeed:
		return text.Wrong(nil, "plan.speed", MaxSpeed)
	case len(s.Routing)-speed > MaxRouting:
		return text.Wrong(nil, "plan.routing", MaxRouting)
	}
	return nil
}

func (p *Plan) addNumbers(s Settings) (faults []error) {
	own := number.ExtensionPlan{OutsidePrefix: s.OutsidePrefix, Features: p.features.codes()}
	if err := number.CheckOutsidePrefix(s.OutsidePrefix); err != nil {
		faults = append(faults, err)
	}
	for _, ext := range s.Extensions {
		if err := number.CheckExtension(ext, own); err != nil {
			faults = append(faults, err)
		}
		if p.extensions[ext] {
			faults = append(faults, fmt.Errorf("extension %s: twice", ext))
		}
		p.extensions[ext] = true
	}
	for _, g := range s.Groups {
		if err := number.CheckExtension(g.Number, own); err != nil {
			faults = append(faults, fmt.Errorf("group %s: %w", g.Number, err))
		}
		if _, ok := p.groups[g.Number]; ok || p.extensions[g.Number] {
			faults = append(faults, fmt.Errorf("group %s: number is taken", g.Number))
		}
		if len(g.Members) > MaxMembers {
			faults = append(faults, text.Wrong(nil, "plan.members", g.Number, MaxMembers))
		}
		for _, m := range g.Members {
			if !p.extensions[m] {
				faults = append(faults, fmt.Errorf("group %s: member %s is no extension", g.Number, m))
			}
		}
		if err := p.checkGroup(g); err != nil {
			faults = append(faults, err)
		}
		g.Members = slices.Clone(g.Members)
		p.groups[g.Number] = g
	}
	return faults
}

func (p *Plan) addLines(lines []Line) (faults []error) {
	for _, l := range lines {
		if _, ok := p.byID[l.ID]; ok || l.ID == "" {
			faults = append(faults, fmt.Errorf("line %q: ID is empty or taken", l.ID))
			continue
		}
		if len(l.Numbers) > MaxNumbers {
			faults = append(faults, text.Wrong(nil, "plan.numbers", l.ID, MaxNumbers))
			continue
		}
		if err := number.CheckLine(l.Number); err != nil {
			faults = append(faults, fmt.Errorf("line %s: %w", l.ID, err))
		}
		l.Numbers = slices.Clone(l.Numbers)
		for _, n := range l.Numbers {
			if len(n.Ring) > MaxMembers {
				faults = append(faults, text.Wrong(nil, "plan.ring", l.ID, n.Number, MaxMembers))
			}
		}
		p.byID[l.ID] = len(p.lines)
		p.lines = append(p.lines, l)
	}
	return faults
}

func (p *Plan) internal(digits string) bool {
	if p.extensions[digits] {
		return true
	}
	if _, ok := p.groups[digits]; ok {
		return true
	}
	if _, ok := p.menus[digits]; ok {
		return true
	}
	return p.Site(digits) != ""
}

// reached tells whether digits are an extension of ours or of another site.
func (p *Plan) reached(digits string) bool { return p.extensions[digits] || p.Site(digits) != "" }

// Extension tells whether digits are an extension (not a group) of the unit.
func (p *Plan) Extension(digits string) bool { return p.extensions[digits] }

// Group tells whether digits are a group of the unit.
func (p *Plan) Group(digits string) bool {
	_, ok := p.groups[digits]
	return ok
}

// Context is how number.Parse reads a dialed string for a line; for an
// unknown line, as if the unit had none.
func (p *Plan) Context(line string) number.Context {
	ctx := p.context
	if i, ok := p.byID[line]; ok {
		ctx.Line = p.lines[i].Number
	}
	return ctx
}

// Resolve says where a string that an extension dialed leads. parse reads it:
// number.Parse, or one of number's front doors for URIs.
func (p *Plan) Resolve(parse func(*number.Context) number.Destination) Target {
	d, lines := p.read(parse)
	switch d.Class {
	case number.Extension:
		return p.inside(d, []string{d.Digits})
	case number.Feature:
		asked, _ := p.asked(d.Digits) // that made it one
		return Target{Kind: Service, Destination: d, Asked: asked, Why: WhyFeature}
	}
	return Target{Kind: Outside, Destination: d, Lines: lines}
}

// Dialed is Resolve for a plain dialed string.
func (p *Plan) Dialed(dialed string) Target {
	return p.Resolve(func(ctx *number.Context) number.Destination { return number.Parse(dialed, ctx) })
}

// Written is Resolve for a number as people write it down: an extension, a group,
// or an outside number without the outside prefix.
func (p *Plan) Written(written string) Target {
	return p.bare(func(ctx *number.Context) number.Destination { return number.Parse(written, ctx) })
}

// bare is Resolve for what is read without the outside prefix.
func (p *Plan) bare(parse func(*number.Context) number.Destination) Target {
	return p.Resolve(func(ctx *number.Context) number.Destination {
		bare := *ctx
		bare.OutsidePrefix = ""
		return parse(&bare)
	})
}

// read finds what a dialed string means and the lines on which it means that:
// lines differ in their area code and in what they declare. The first line
// that understands it decides.
func (p *Plan) read(parse func(*number.Context) number.Destination) (number.Destination, []string) {
	ctx := p.context
	if len(p.lines) == 0 {
		return parse(&ctx), nil
	}
	var first number.Destination
	var lines, last []string
	for i := range p.lines {
		l := &p.lines[i]
		ctx.Line = l.Number
		d := parse(&ctx)
		if i == 0 || (first.Class == number.NotUnderstood && d.Class != number.NotUnderstood) {
			first, lines, last = d, nil, nil
		}
		switch {
		case d != first:
		case d.Class == number.Emergency && l.NoEmergency:
			last = append(last, l.ID)
		default:
			lines = append(lines, l.ID)
		}
	}
	if first.Class == number.NotUnderstood {
		lines = lines[:1] // one line is enough to be refused on
	}
	return first, append(lines, last...)
}

// inside gives the extensions behind numbers of extensions and groups.
func (p *Plan) inside(d number.Destination, numbers []string) Target {
	if m, ok := p.menu(numbers); ok {
		return Target{Kind: Service, Destination: d, Asked: Asked{Action: Menu, Digits: m}, Why: WhyFeature}
	}
	t := Target{Kind: Internal, Destination: d}
	add := func(ext string) {
		if p.reached(ext) && !slices.Contains(t.Extensions, ext) {
			t.Extensions = append(t.Extensions, ext)
		}
	}
	for _, n := range numbers {
		if g, ok := p.groups[n]; ok {
			for _, m := range g.Members {
				if !slices.Contains(g.Out, m) {
					add(m)
				}
			}
			if len(numbers) == 1 {
				t.Group = &g
			}
			continue
		}
		if p.reached(n) {
			t.Direct = append(t.Direct, n)
		}
		add(n)
	}
	if len(t.Extensions) == 0 && (t.Group == nil || t.Group.Overflow == "") {
		return Target{Kind: Refuse, Destination: d, Status: 480, Why: WhyNowhere}
	}
	return t
}

// Incoming says where a call to a line's number rings. callbacks are the
// extensions whose emergency calls the caller may be answering, none as a rule: they
// ring too, and first. did is the number as unit/line read it (national). What
// rings depends on the mode that the number is in at the time.
func (p *Plan) Incoming(line, did string, callbacks []string, at time.Time) Target {
	i, ok := p.byID[line]
	if !ok {
		return Target{Kind: Refuse, Status: 404, Why: WhyUnknownNumber}
	}
	var ring []string
	found := false
	for _, n := range p.lines[i].Numbers {
		if n.Number == did {
			ring, found = p.ringsIn(p.Mode(did, at).Mode, n), true
			break
		}
	}
	for _, extension := range slices.Backward(callbacks) {
		if p.reached(extension) {
			ring, found = append([]string{extension}, ring...), true
		}
	}
	if !found {
		return Target{Kind: Refuse, Status: 404, Why: WhyUnknownNumber}
	}
	d := number.Destination{Class: number.Extension, Digits: strings.Join(ring, ",")}
	if len(ring) == 1 {
		if t, is := p.Answered(ring[0]); is {
			return t
		}
	}
	t := p.inside(d, ring)
	if t.Kind == Refuse && len(ring) > 0 {
		if out := p.Dialed(ring[0]); out.Kind == Outside {
			out.LineToLine = true
			return out
		}
	}
	return t
}
