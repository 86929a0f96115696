package plan

import (
	"fmt"

	"github.com/sekisho/sekisho/fact"
	"github.com/sekisho/sekisho/number"
)

// SpeedDigits are the digits of a place of speed dialing.
const SpeedDigits = 2

// speedPlace is one place, of an extension's own or with "" of everybody.
type speedPlace struct{ extension, place string }

func (p *Plan) addSpeed(f fact.SpeedSet) error {
	if !isPlace(f.Place) || f.To == "" {
		return fmt.Errorf("speed dialing: place %.20q of %.20q leads nowhere, or is none", f.Place, f.Extension)
	}
	p.speed[speedPlace{f.Extension, f.Place}] = f.To
	return nil
}

// Speed is what a place of speed dialing stands for, as it could be dialed: everybody's,
// or the own one of the extension that dials. ok is false for an empty one.
func (p *Plan) Speed(asked Asked, extension string) (to string, ok bool) {
	of := speedPlace{"", asked.Digits}
	if asked.Action == SpeedOwn {
		of.extension = extension
	}
	to, ok = p.speed[of]
	return to, ok
}

// CallBack is what a phone dials to call back who called: from outside an ordinary number
// within Japan alone, whatever was claimed there: who calls and rings off, to be called back
// at a dear number, earns nothing by it. ok is false where nobody can be called back: who
// showed no number, or another one.
func (p *Plan) CallBack(caller string, outside bool) (dialed string, ok bool) {
	t := p.Written(caller)
	d := t.Destination
	switch {
	case !outside && t.Kind == Internal:
		return caller, true
	case !t.ordinary() || d.Presentation != number.PresentationDefault:
		return "", false
	}
	dialed = p.context.OutsidePrefix + d.National()
	return dialed, p.Dialed(dialed).Destination == d
}

// Place splits what follows the code that fills a place of speed dialing: the place,
// and the number, "" to empty it.
func (a Asked) Place() (place, to string, ok bool) {
	if len(a.Digits) < SpeedDigits {
		return "", "", false
	}
	return a.Digits[:SpeedDigits], a.Digits[SpeedDigits:], true
}

// SpeedTo reads what a place of speed dialing is to stand for, as people write or dial
// it. ok is false for what calls can't be sent on to either, and for what 184, 186 or a
// carrier's code stands in front of: that would be lost.
func (p *Plan) SpeedTo(written string) (to string, ok bool) {
	for _, t := range []Target{p.Dialed(written), p.Written(written)} {
		if d := t.Destination; d.Presentation != number.PresentationDefault || d.Carrier != "" {
			return "", false
		}
	}
	return p.ForwardTo(written)
}

func isPlace(s string) bool { return len(s) == SpeedDigits && allDigits(s) }
