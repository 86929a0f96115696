package gate

import "github.com/sekisho/sekisho/number"

// askInternational refuses every call abroad but where the owner opened that
// area to that extension, and even then all ranges other than plain ones:
// toll fraud earns its money in premium and unallocated ranges.
func askInternational(p *Policy, r *Request) answer {
	if r.Destination.Class != number.International {
		return answer{}
	}
	refusal := func(said string, args ...string) answer {
		return refuses(statusDecline, "International Calls Barred", promptInternational, said, args...)
	}
	if p.countries != nil && !p.countries[r.Destination.Area] {
		return refusal("gate.said.not-listed", r.Destination.Area)
	}
	o, open := p.opening(r)
	switch {
	case !open:
		return refusal("gate.said.not-open", r.Destination.Area, r.Origin.Extension)
	case !plainRange(r.Destination.Range):
		return refusal("gate.said.not-plain", o.ID)
	}
	return answer{}
}

// plainRange lists the ranges an opening covers; what is not plain stays shut.
func plainRange(r number.Range) bool {
	switch r {
	case number.RangeFixed, number.RangeMobile, number.RangeTollFree, number.RangeVoIP:
		return true
	}
	return false
}

// askGlobalCode refuses satellite phones and codes that belong to no country:
// no opening covers them.
func askGlobalCode(_ *Policy, r *Request) answer {
	switch r.Destination.Class {
	case number.Satellite:
		return refuses(statusDecline, "Satellite Calls Barred", promptInternational, "gate.said.satellite")
	case number.GlobalCode:
		return refuses(statusDecline, "Global Codes Barred", promptInternational, "gate.said.global-code")
	}
	return answer{}
}
