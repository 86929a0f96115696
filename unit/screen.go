package unit

import (
	"github.com/sekisho/sekisho/number/book"
	"github.com/sekisho/sekisho/text"
	"github.com/sekisho/sekisho/unit/call"
	"github.com/sekisho/sekisho/unit/line"
)

// How callers are turned away who are not wanted (着信拒否), or do not show their
// number (非通知拒否, RFC 5079).
const (
	phraseUnwanted = "Caller Not Wanted"
	phraseHidden   = "Anonymity Disallowed"
)

// turnedAway says how a caller from outside is turned away, before any phone rings;
// the zero Refusal lets it in. It is not asked about who may be calling back after an
// emergency call: such a call need not show its number.
func (c *liveCall) turnedAway(called string) call.Refusal {
	if c.u.cfg.Books == nil {
		return call.Refusal{}
	}
	switch c.u.cfg.Books.Refuses(called, c.from) {
	case "":
		return call.Refusal{}
	case book.WhyAnonymous:
		return call.Refusal{Status: 433, Phrase: phraseHidden}
	}
	return call.Refusal{Status: 603, Phrase: phraseUnwanted}
}

// nameAt is who calls, by name: as the telephone books of an extension say for who
// calls from outside, or else as the call itself does. Of a number that may be
// another it is not said whose it seems to be.
func (c *liveCall) nameAt(extension string) string {
	if c.lineIn == "" || c.callback || c.mark == line.MarkPosing {
		return c.name
	}
	name := c.named(extension, c.from)
	switch {
	case name == "":
		return c.name
	case c.mark != "":
		return text.Say(c.u.lang, text.Key("unit.mark."+c.mark), name)
	}
	return name
}

// named is whose a number is, by the telephone books of an extension.
func (c *liveCall) named(extension, number string) string {
	if c.u.cfg.Books == nil {
		return ""
	}
	return c.u.cfg.Books.Name(extension, number)
}
