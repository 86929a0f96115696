package gate

import (
	"slices"

	"github.com/sekisho/sekisho/number"
)

// askNotUnderstood refuses what the number grammar did not understand, and
// what is no outside number at all: nothing else may ever reach a line.
func askNotUnderstood(_ *Policy, r *Request) answer {
	d := &r.Destination
	refusal := func(said string) answer {
		return refuses(statusNotFound, "Number Not Understood", promptNotUnderstood, said)
	}
	switch {
	case d.Class == number.NotUnderstood && d.Why == "": // the zero Destination
		return refusal("gate.said.nothing")
	case d.Class == number.NotUnderstood:
		return refusal("number.why." + d.Why)
	case d.Class == number.Extension || d.Class == number.Feature:
		return refusal("gate.said.inside")
	case d.Class > number.Satellite:
		return refusal("gate.said.unknown-class")
	case d.Digits == "":
		return refusal("gate.said.no-digits")
	}
	return answer{}
}

// askPremium refuses numbers that cost more than a call: 0990, 0570, 0180 and
// 020, unless the unit's list has their class, and ordinary-looking numbers in
// a premium range always.
func askPremium(p *Policy, r *Request) answer {
	refusal := func(said string) answer {
		return refuses(statusDecline, "Premium Calls Barred", promptPremium, said)
	}
	switch r.Destination.Class {
	case number.Premium, number.Navi, number.Telegong, number.Pager:
		if !p.s.Classes.Has(r.Destination.Class) {
			return refusal("gate.said.premium-class")
		}
		return answer{}
	case number.International:
		return answer{}
	}
	if r.Destination.Range == number.RangePremium || r.Destination.Range == number.RangeShared {
		return refusal("gate.said.premium-range")
	}
	return answer{}
}

// askCarrierFeature refuses 142 and its like: they would change the carrier's
// line, forwarding calls where this gate can't see them.
func askCarrierFeature(_ *Policy, r *Request) answer {
	if r.Destination.Class != number.CarrierFeature {
		return answer{}
	}
	return refuses(statusDecline, "Carrier Features Barred", promptBarred, "gate.said.carrier-feature")
}

// askCarrierSelection refuses 00XY and 122 where the line does not declare
// that very code: the call would be billed by somebody else.
func askCarrierSelection(p *Policy, r *Request) answer {
	if r.Destination.Class != number.CarrierSelect && r.Destination.Carrier == "" {
		return answer{}
	}
	l, _ := p.line(r.Line)
	if r.Destination.Carrier != "" && slices.Contains(l.Carriers, r.Destination.Carrier) {
		return answer{}
	}
	return refusesOnLine("Carrier Selection Barred",
		"gate.said.carrier-selection", r.Line, r.Destination.Carrier)
}

// askExtensionClass holds an extension to the classes its owner gave it.
func askExtensionClass(p *Policy, r *Request) answer {
	e, ok := p.s.Extensions[r.Origin.Extension]
	switch {
	case !ok:
		return answer{}
	case e.InternalOnly:
		return refuses(statusDecline, "Extension Is Internal Only", promptBarred,
			"gate.said.inside-only", r.Origin.Extension)
	case e.Classes != 0 && !e.Classes.Has(r.Destination.Class):
		return refuses(statusDecline, "Barred For This Extension", promptBarred,
			"gate.said.extension-class", r.Origin.Extension)
	}
	return answer{}
}

// askLineClass refuses what the line does not carry.
func askLineClass(p *Policy, r *Request) answer {
	l, ok := p.line(r.Line)
	switch {
	case !ok:
		return refusesOnLine("Line Not Known", "gate.said.no-line", r.Line)
	case r.Destination.Class == number.CarrierSelect: // its own rule asked the line
		return answer{}
	case !l.Classes.Has(r.Destination.Class):
		return refusesOnLine("Barred For This Line", "gate.said.line-class", r.Line)
	}
	return answer{}
}

// askHours refuses in the hours that the owner closed, and has a PIN asked for
// in those where that is to be enough. Without a time every span is taken as
// running. They do not bind the unit's own calls to its owner: fraud comes when
// the office is closed.
func askHours(p *Policy, r *Request) answer {
	if r.Origin.Kind == OriginAlert {
		return answer{}
	}
	var asks answer
	for i := range p.s.Hours {
		h := &p.s.Hours[i]
		if h.Classes != 0 && !h.Classes.Has(r.Destination.Class) ||
			len(h.Extensions) > 0 && !slices.Contains(h.Extensions, r.Origin.Extension) {
			continue
		}
		switch {
		case !r.At.IsZero() && !h.Covers(r.At):
		case h.Ask && !asks.given:
			asks = challenges(statusDecline, "Barred At This Hour", promptHours, "gate.said.hours", h.Name)
		case !h.Ask:
			return refuses(statusDecline, "Barred At This Hour", promptHours, "gate.said.hours", h.Name)
		}
	}
	return asks
}

// askOrdinary passes the classes on the unit's list, and calls abroad that an
// opening covers; it looks at the opening again, so that no change of order
// can pass one without.
func askOrdinary(p *Policy, r *Request) answer {
	if r.Destination.Class == number.International {
		o, open := p.opening(r)
		if !open || !plainRange(r.Destination.Range) {
			return answer{}
		}
		a := passes("gate.said.opening", o.ID, o.Area)
		a.opening = o.ID
		return a
	}
	if !p.s.Classes.Has(r.Destination.Class) {
		return answer{}
	}
	return passes("gate.said.ordinary")
}

// askEverythingElse closes the gate behind the list.
func askEverythingElse(_ *Policy, _ *Request) answer {
	return refuses(statusDecline, "Barred", promptBarred, "gate.said.nothing-passed")
}
