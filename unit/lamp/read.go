package lamp

import (
	"encoding/xml"
	"strings"
)

// told is what is read of a body: how each dialog stands, and nothing of who is in it.
type told struct {
	XMLName xml.Name `xml:"dialog-info"`
	State   string   `xml:"state,attr"`
	Dialogs []struct {
		CallID    string `xml:"call-id,attr"`
		Direction string `xml:"direction,attr"`
		State     string `xml:"state"`
		Params    []struct {
			Name  string `xml:"pname,attr"`
			Value string `xml:"pvalue,attr"`
		} `xml:"local>target>param"`
	} `xml:"dialog"`
}

// Read reads what the body of another unit shows of its entity: of several dialogs what a
// lamp shows first, and of a call that rings whether it is named, so that it may be taken.
// ok is false for what can't be read, and for what tells a part only.
func Read(body []byte) (p Phase, named, ok bool) {
	var t told
	if len(body) == 0 || len(body) > ReadMax || xml.Unmarshal(body, &t) != nil || t.State != "full" {
		return Unknown, false, false
	}
	p = Idle
	for _, d := range t.Dialogs {
		held := false
		for _, one := range d.Params {
			held = held || strings.EqualFold(one.Name, "+sip.rendering") && one.Value == "no"
		}
		one := Talking
		switch state := strings.TrimSpace(d.State); {
		case state == "terminated":
			one = Idle
		case state == "confirmed" && held:
			one = Held
		case state == "confirmed":
		case (state == "early" || state == "proceeding" || state == "trying") && d.Direction == "initiator":
			one = Seized
		case state == "early" || state == "proceeding" || state == "trying":
			one = Ringing
		default:
			return Unknown, false, false
		}
		if one.Rank() > p.Rank() {
			p, named = one, one == Ringing && d.CallID != ""
		}
	}
	return p, named, true
}

// Rank orders what is shown of several things that go on at one lamp: who talks first,
// then who dials, what rings, and what is held; nothing goes before what is not known.
func (p Phase) Rank() int {
	ranks := [...]int{Idle: 0, Unknown: 1, Held: 2, Ringing: 3, Seized: 4, Talking: 5}
	if int(p) < len(ranks) {
		return ranks[p]
	}
	return ranks[Unknown]
}
