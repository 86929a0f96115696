package lamp

import "strings"

// quirk is what is peculiar to a family of phones.
type quirk struct {
	// cantBlink: it shows a held call like one that is talked on, and blinks for
	// a ringing one only. A lamp of a held call goes on and off as if it rang now
	// and then.
	cantBlink bool
	// earlyWhileBusy: it shows a call that rings while another is talked on, so
	// that it can be picked up; others would show that nobody talks.
	earlyWhileBusy bool
}

// quirks are told by how the User-Agent begins. What is not here gets what the
// RFC says.
var quirks = []struct {
	agent string
	quirk quirk
}{
	{"Panasonic_KX-", quirk{cantBlink: true}},
	{"Panasonic-KX-", quirk{cantBlink: true}},
	{"Panasonic/KX-", quirk{cantBlink: true}},
	{"Linksys/SPA", quirk{earlyWhileBusy: true}},
	{"Cisco/SPA", quirk{earlyWhileBusy: true}},
	{"Sipura/SPA", quirk{earlyWhileBusy: true}},
}

func quirkOf(agent string) quirk {
	for _, q := range quirks {
		if len(agent) >= len(q.agent) && strings.EqualFold(agent[:len(q.agent)], q.agent) {
			return q.quirk
		}
	}
	return quirk{}
}
