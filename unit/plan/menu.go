package plan

import (
	"fmt"
	"strings"

	"github.com/sekisho/sekisho/fact"
	"github.com/sekisho/sekisho/number"
)

// addMenu takes a spoken menu. A choice that leads nowhere any more is no fault: who
// makes it is told so.
func (p *Plan) addMenu(f fact.MenuSet) error {
	own := number.ExtensionPlan{OutsidePrefix: p.context.OutsidePrefix, Features: p.features.codes()}
	if err := number.CheckExtension(f.Menu, own); err != nil {
		return fmt.Errorf("menu %s: %w", f.Menu, err)
	}
	_, group := p.groups[f.Menu]
	switch {
	case group || p.extensions[f.Menu]:
		return fmt.Errorf("menu %s: number is taken", f.Menu)
	case len(p.menus) == MenusMax:
		return fmt.Errorf("menu %s: there are %d already", f.Menu, MenusMax)
	}
	for _, c := range f.Choices {
		if len(c.Key) != 1 || !allDigits(c.Key) || c.To == "" {
			return fmt.Errorf("menu %s: no choice %.20q=%.20q", f.Menu, c.Key, c.To)
		}
	}
	p.menus[f.Menu] = f
	return nil
}

// Menu is the menu of a number.
func (p *Plan) Menu(number string) (m fact.MenuSet, ok bool) {
	m, ok = p.menus[number]
	return m, ok
}

// menu is the menu that is alone in what rings, "" for none.
func (p *Plan) menu(numbers []string) (string, bool) {
	if len(numbers) != 1 {
		return "", false
	}
	_, ok := p.menus[numbers[0]]
	return numbers[0], ok
}

// Inside tells whether a choice is one of the office: an extension, a group, a menu, or
// what the unit itself takes.
func (p *Plan) Inside(choice string) bool {
	_, answered := p.Answered(choice)
	return answered || p.internal(choice)
}

// Begins tells whether an extension or a group begins with digits, and is longer.
func (p *Plan) Begins(digits string) bool {
	for ext := range p.extensions {
		if len(ext) > len(digits) && strings.HasPrefix(ext, digits) {
			return true
		}
	}
	for group := range p.groups {
		if len(group) > len(digits) && strings.HasPrefix(group, digits) {
			return true
		}
	}
	return false
}
