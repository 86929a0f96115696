package unit

import (
	"bytes"
	"encoding/xml"
	"errors"
	"io"
	"strings"

	"github.com/sekisho/sekisho/fact"
	"github.com/sekisho/sekisho/unit/plan"
)

// featureType is what a phone and the unit tell each other of its keys in.
const featureType = "application/x-as-feature-event+xml"

// csta is the name space of that (ECMA-323); phones are known to start anew without it.
const csta = "http://www.ecma-international.org/standards/ecma-323/csta/ed3"

// synced is how many things are kept the same.
const synced = 4

// features are those, with the codes that set them and their word among the forwards.
var features = [synced]struct {
	service, word string
	on, off       plan.Action
}{
	{fact.ServiceDoNotDisturb, "", plan.QuietOn, plan.QuietOff},
	{fact.ForwardAlways, "forwardImmediate", plan.AlwaysOn, plan.AlwaysOff},
	{fact.ForwardBusy, "forwardBusy", plan.BusyOn, plan.BusyOff},
	{fact.ForwardUnanswered, "forwardNoAns", plan.UnansweredOn, plan.UnansweredOff},
}

// wished is what a phone asks for.
type wished struct {
	XMLName xml.Name
	Quiet   string `xml:"doNotDisturbOn"`
	Forward string `xml:"forwardingType"`
	Active  string `xml:"activateForward"`
	To      string `xml:"forwardDN"`
}

// readWish reads what a phone asks for: which of features, and the code with what follows
// it. ok is false for what is neither.
func readWish(body []byte) (i int, action plan.Action, digits string, ok bool) {
	var w wished
	d := xml.NewDecoder(bytes.NewReader(body))
	d.CharsetReader = func(charset string, in io.Reader) (io.Reader, error) {
		switch strings.ToLower(charset) {
		case "iso-8859-1", "us-ascii": // what is read of it are digits and words
			return in, nil
		}
		return nil, errors.New("charset is not known")
	}
	if err := d.Decode(&w); err != nil {
		return 0, "", "", false
	}
	said := w.Active
	switch w.XMLName.Local {
	case "SetDoNotDisturb":
		said, w.Forward, w.To = w.Quiet, "", ""
	case "SetForwarding":
		if w.Forward == "" {
			return 0, "", "", false
		}
	default:
		return 0, "", "", false
	}
	for i, f := range features {
		if f.word != strings.TrimSpace(w.Forward) {
			continue
		}
		switch strings.TrimSpace(said) {
		case "true", "1":
			return i, f.on, strings.TrimSpace(w.To), true
		case "false", "0":
			return i, f.off, "", true
		}
	}
	return 0, "", "", false
}

// stateOf is what is set of one of features: for do-not-disturb "true" or "", for a forward
// where to, as people dial it.
func stateOf(p *plan.Plan, s plan.Services, i int) string {
	f := features[i]
	if f.word == "" {
		if s.DoNotDisturb {
			return "true"
		}
		return ""
	}
	to := s.Forward[f.service]
	if t := p.Written(to); to != "" && t.Kind == plan.Outside {
		return t.Destination.National()
	}
	return to
}

// featureBody tells of one of features.
func featureBody(extension string, i int, state string) []byte {
	var b bytes.Buffer
	element := func(name, value string) {
		b.WriteString("<" + name + ">")
		_ = xml.EscapeText(&b, []byte(value)) // into memory
		b.WriteString("</" + name + ">\n")
	}
	on := "false"
	if state != "" {
		on = "true"
	}
	root := "ForwardingEvent"
	if features[i].word == "" {
		root = "DoNotDisturbEvent"
	}
	b.WriteString(`<?xml version="1.0" encoding="UTF-8"?>` + "\n<" + root + ` xmlns="` + csta + "\">\n")
	element("device", extension)
	if features[i].word == "" {
		element("doNotDisturbOn", on)
	} else {
		element("forwardingType", features[i].word)
		element("forwardStatus", on)
		if state != "" {
			element("forwardTo", state)
		}
	}
	b.WriteString("</" + root + ">\n")
	return b.Bytes()
}
