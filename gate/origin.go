package gate

import (
	"slices"

	"github.com/sekisho/sekisho/number"
)

// SIP statuses of refusals (RFC 3261 §21). 603 keeps a phone or proxy from
// trying the same number elsewhere.
const (
	statusForbidden = 403
	statusNotFound  = 404
	statusDecline   = 603
)

// Announcements that a refusal asks for.
const (
	promptInternational = "international-barred"
	promptPremium       = "premium-barred"
	promptNotUnderstood = "number-not-understood"
	promptUnclaimed     = "unit-unclaimed"
	promptHours         = "hours-barred"
	promptBarred        = "barred"
)

// askEmergency passes 110, 118 and 119 whatever else is wrong (invariant G5).
// An origin without an extension is no phone of ours: a carrier's call that
// would come back out, or a line test, must not reach the police. A phone of
// another site comes to us when nothing there carries its call.
func askEmergency(_ *Policy, r *Request) answer {
	switch {
	case r.Destination.Class != number.Emergency:
		return answer{}
	case r.Origin.Extension != "", r.Origin.Kind == OriginSite && r.Origin.Site != "":
		return passes("gate.said.emergency")
	}
	return refuses(statusForbidden, "Emergency From No Phone", "", "gate.said.no-extension")
}

func askUnclaimed(p *Policy, _ *Request) answer {
	if p.s.Claimed {
		return answer{}
	}
	return refuses(statusDecline, "Unit Not Claimed", promptUnclaimed, "gate.said.unclaimed")
}

// askOrigin refuses a call that comes by no path we know, or from somebody we
// only know by address.
func askOrigin(_ *Policy, r *Request) answer {
	switch r.Origin.Kind {
	case OriginDialed, OriginRedirect, OriginTransfer, OriginForward:
		if r.Origin.Extension == "" {
			return refuses(statusForbidden, "Unknown Origin", "", "gate.said.no-extension")
		}
	case OriginSite:
		if r.Origin.Site == "" || r.Origin.Extension != "" {
			return refuses(statusForbidden, "Unknown Origin", "", "gate.said.no-site")
		}
	case OriginLineTest, OriginLineToLine, OriginAlert:
	default:
		return refuses(statusForbidden, "Unknown Origin", "", "gate.said.no-path")
	}
	if !r.Origin.Authenticated {
		return refuses(statusForbidden, "Not Authenticated", "", "gate.said.not-proved")
	}
	return answer{}
}

// alertClasses are what the unit itself calls to tell its owner something: no
// opening and no list takes such a call abroad or to a dear number.
var alertClasses = Classes(number.Geographic, number.Mobile, number.IPPhone, number.Freephone)

// askAlert holds the unit's own calls to the numbers of its configuration.
func askAlert(p *Policy, r *Request) answer {
	switch {
	case r.Origin.Kind != OriginAlert:
		return answer{}
	case !slices.Contains(p.s.AlertNumbers, r.Destination.Digits):
		return refuses(statusForbidden, "No Number For Alerts", "", "gate.said.alert-number")
	case !alertClasses.Has(r.Destination.Class):
		return refuses(statusForbidden, "Alerts Stay At Home", "", "gate.said.alert-class")
	}
	return answer{}
}

// askSite refuses a call of another site to the outside, unless the owner has
// switched on for that site that it uses our lines.
func askSite(p *Policy, r *Request) answer {
	if r.Origin.Kind != OriginSite || p.s.Sites[r.Origin.Site] {
		return answer{}
	}
	return refuses(statusDecline, "Not Open To This Site", promptBarred, "gate.said.site", r.Origin.Site)
}

// askLineToLine refuses to carry a carrier's call back out: the caller would
// telephone at the owner's cost.
func askLineToLine(_ *Policy, r *Request) answer {
	if r.Origin.Kind != OriginLineToLine {
		return answer{}
	}
	return refuses(statusForbidden, "Line To Line Barred", promptBarred, "gate.said.line-to-line")
}
