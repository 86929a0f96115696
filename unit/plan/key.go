package plan

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/sekisho/sekisho/fact"
	"github.com/sekisho/sekisho/number"
)

// lineKey is how the names of outside-line keys begin that phones' keys watch and
// call.
const lineKey = "key"

// FreeKey is the number that stands for any key that is free.
const FreeKey = "0"

// LineKey is an outside-line key (外線キー): a channel of a line, on a lamp.
type LineKey struct {
	Name    string // "key1"
	Line    string
	Numbers []string // whose calls it takes; none: all that the line has
	Label   string
	number  int
}

// KeyNumber reads the name of a key: 1 to KeysMax.
func KeyNumber(name string) (n int, ok bool) {
	digits, ok := strings.CutPrefix(name, lineKey)
	if !ok || digits == "" || digits[0] == '0' || !allDigits(digits) {
		return 0, false
	}
	n, err := strconv.Atoi(digits)
	return n, err == nil && n >= 1 && n <= KeysMax
}

// addKey takes a key. One whose line is gone is no fault: it has no lamp any more.
func (p *Plan) addKey(f fact.KeySet) error {
	n, ok := KeyNumber(f.Key)
	switch {
	case !ok:
		return fmt.Errorf("key %.20q: keys are %s1 to %s%d", f.Key, lineKey, lineKey, KeysMax)
	case len(f.Numbers) > MaxMembers:
		return fmt.Errorf("%s: %d numbers, at most %d", f.Key, len(f.Numbers), MaxMembers)
	}
	if _, there := p.byID[f.Line]; !there {
		return nil
	}
	p.keys = append(p.keys, LineKey{Name: f.Key, Line: f.Line, Numbers: f.Numbers, Label: f.Label, number: n})
	slices.SortFunc(p.keys, func(a, b LineKey) int { return a.number - b.number })
	return nil
}

// Number is that of the key, 1 to KeysMax.
func (k LineKey) Number() int { return k.number }

// LineKeys are the outside-line keys, the lowest first.
func (p *Plan) LineKeys() []LineKey { return p.keys }

// LineKey is the key of a name, or of a number that follows a feature code.
func (p *Plan) LineKey(name string) (LineKey, bool) {
	if !strings.HasPrefix(name, lineKey) {
		name = lineKey + name
	}
	i := slices.IndexFunc(p.keys, func(k LineKey) bool { return k.Name == name })
	if i < 0 {
		return LineKey{}, false
	}
	return p.keys[i], true
}

// Takes tells whether a call to a number of a line may come in on the key.
func (k LineKey) Takes(line, number string) bool {
	return k.Line == line && (len(k.Numbers) == 0 || slices.Contains(k.Numbers, number))
}

// pressed is what a phone wants that calls an outside-line key, with or without the
// code for taking calls in front.
func (p *Plan) pressed(user string) (Target, bool) {
	if _, ok := KeyNumber(user); !ok {
		for _, f := range p.features {
			if rest, cut := strings.CutPrefix(user, f.Code); cut && (f.Action == PickUpFrom || f.Action == PickUp) {
				user = rest
				break
			}
		}
	}
	if _, ok := KeyNumber(user); !ok {
		return Target{}, false
	}
	if _, ok := p.LineKey(user); !ok {
		return Target{}, false
	}
	asked := Asked{Action: SeizeKey, Digits: strings.TrimPrefix(user, lineKey)}
	return Target{Kind: Service, Asked: asked, Why: WhyFeature}, true
}

// OverKey is Written for what is dialed on an outside-line key: outside, on the key's
// line alone. An emergency call goes out on whatever line there is.
func (p *Plan) OverKey(k LineKey, dialed string) Target {
	return p.OverKeyBy(k, func(ctx *number.Context) number.Destination { return number.Parse(dialed, ctx) })
}

// OverKeyBy is OverKey for what parse reads.
func (p *Plan) OverKeyBy(k LineKey, parse func(*number.Context) number.Destination) Target {
	t := p.bare(parse)
	switch {
	case t.Kind != Outside:
		return Target{Kind: Refuse, Destination: t.Destination, Status: 404, Why: WhyNowhere}
	case t.Emergency():
	case slices.Contains(t.Lines, k.Line):
		t.Lines = []string{k.Line}
	default: // the gate refuses it, and has it on record
		t.Lines = nil
	}
	return t
}
