package unit

import (
	"bytes"
	"strconv"
	"strings"

	"github.com/sekisho/sekisho/number"
	"github.com/sekisho/sekisho/unit/call"
	"github.com/sekisho/sekisho/unit/lamp"
	"github.com/sekisho/sekisho/unit/plan"
	"github.com/sekisho/sekisho/wire/sip"
	"github.com/sekisho/sekisho/wire/sip/session"
)

// Phones that know of shared call appearances (SCA) show the outside-line keys as a row of
// their own extension: appearance 3 is key3. What they say of a key stands in Call-Info. It
// is another way to see and press the keys, and nothing more: who has one Unit.keys says.

// privately is what a phone says that holds for itself.
const privately = "held-private"

// appearanceOf is what a phone's message says of an appearance: its number, 0 for none, and
// its state, "" for none.
func appearanceOf(m *sip.Message) (index int, state string) {
	for v := range m.List(sip.HeaderCallInfo) {
		_, after, ok := bytes.Cut(v, []byte{'>'})
		if !ok {
			continue
		}
		params := sip.Params(after)
		said, ok := params.Get("appearance-index")
		if n, err := strconv.Atoi(string(said)); ok && err == nil && n > 0 && n <= plan.KeysMax {
			word, _ := params.Get("appearance-state")
			return n, strings.ToLower(string(word))
		}
	}
	return 0, ""
}

// row is the outside-line keys as such phones show them.
func (u *Unit) row() (row []lamp.Seat) {
	for _, k := range u.plan.Load().LineKeys() {
		row = append(row, lamp.Seat{Index: k.Number(), Entity: k.Name})
	}
	return row
}

// appearance tells a phone that is called on which key that is, if it shows keys.
func (c *liveCall) appearance(device string) []session.Header {
	if c.key == nil || c.sh.ID() != 0 || c.u.lamps.rows[device] == 0 {
		return nil
	}
	value := "<sip:" + c.u.cfg.Realm + ">;appearance-index=" + strconv.Itoa(c.key.Number())
	return []session.Header{{Name: "Call-Info", Value: value}}
}

// keepsAs notes whether a phone that holds does so for itself.
func (l *liveLeg) keepsAs(m *sip.Message) {
	if m == nil || l.line != "" {
		return
	}
	_, state := appearanceOf(m)
	l.keeps = state == privately
}

// onKey is where a call leads that a phone makes on a key: to who is there where it calls
// itself, else out on that key's line. ok is false where the key has no say: what stays
// within the office, and codes, need no line, and an emergency call has every one.
func (c *liveCall) onKey(index int, m *sip.Message) (r call.Route, ok bool) {
	id, p, uri := c.leg(call.A).se.Identity(), c.u.plan.Load(), m.RequestURI()
	k, there := p.LineKey(strconv.Itoa(index))
	owner := c.u.ownerOf(k.Name)
	mine := owner.phone != nil && owner.phone.who.Device == id.Device
	switch t := c.u.dialed(uri); {
	case t.Emergency():
		if mine {
			c.follows(owner.phone)
		}
		return call.Route{}, false
	case t.Kind == plan.Internal && (t.Destination.Digits == id.Extension || t.Destination.Digits == id.Home) && there:
		c.target, _ = p.Key(k.Name)
		return c.pressKey(strconv.Itoa(index), c.leg(call.A).se, false), true
	case t.Kind != plan.Outside:
		c.u.unseize(c.sh, id.Device)
		return call.Route{}, false
	case !there:
		return nothingThere, true
	case mine:
		c.follows(owner.phone)
	default:
		c.u.freeTone(c.sh, id.Device)
		if refused := c.reserveKey([]plan.LineKey{k}); refused != nil {
			return *refused, true
		}
	}
	c.target = p.OverKeyBy(k, func(ctx *number.Context) number.Destination { return readURI(uri, ctx) })
	return c.route(c.target, call.Dialed, id.Extension, id.Device), true
}
