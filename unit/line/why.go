package line

import (
	"time"

	"github.com/sekisho/sekisho/text"
)

// Why is what keeps a line from being up; the zero Why is nothing.
type Why struct {
	Word   string // one of the words below, stable: facts have it
	Status int    // what the registrar answered, for WhyRefused
}

// The words.
const (
	WhyDisabled     = "disabled"         // it is switched off
	WhyUnregistered = "not-registered"   // the first registration is not through yet
	WhySilent       = "registrar-silent" // the registrar does not answer
	WhyRefused      = "registrar-refuses"
	WhyAdding       = "adding"         // it is not put to work yet
	WhyPort         = "port-closed"    // its own port could not be opened
	WhySite         = "site-away"      // the other site, whose lines it is
	WhyCarrier      = "carrier-silent" // the carrier answers neither OPTIONS nor calls
)

// Message says it to people; the zero Message when the line is up.
func (w Why) Message() text.Message {
	switch w.Word {
	case "":
		return text.Message{}
	case WhyRefused:
		return text.Of("line.why.registrar-refuses", w.Status)
	}
	return text.Of(text.Key("line.why." + w.Word))
}

// why says what keeps a line from being up.
func (n *line) why(now time.Time) Why {
	switch {
	case n.row.Disabled:
		return Why{Word: WhyDisabled}
	case n.fault != "":
		return Why{Word: n.fault}
	case n.profile.Register.Needed && !n.reg.registered(now):
		switch {
		case n.reg.fails == 0:
			return Why{Word: WhyUnregistered}
		case n.reg.status == 0 || n.reg.status == 408:
			return Why{Word: WhySilent}
		}
		return Why{Word: WhyRefused, Status: n.reg.status}
	case n.watch.down, n.silent.After(now):
		return Why{Word: WhyCarrier}
	default:
		return Why{}
	}
}
