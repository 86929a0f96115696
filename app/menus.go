package app

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"

	"github.com/sekisho/sekisho/app/control"
	"github.com/sekisho/sekisho/fact"
	"github.com/sekisho/sekisho/unit/attendant"
)

// settingMenu and the number of a menu name the setting that holds what it says. A
// recording is a row beside the evidence, which has its hash.
const settingMenu = "menu/"

// greetingMax is how long a menu speaks, in bytes of µ-law: two minutes.
const greetingMax = 120 * 8000

// loadGreetings reads what menus say.
func (a *App) loadGreetings(ctx context.Context) error {
	for _, f := range a.state.routing {
		m, ok := f.(fact.MenuSet)
		if !ok {
			continue
		}
		text, err := a.store.Setting(ctx, settingMenu+m.Menu)
		if err != nil {
			return fmt.Errorf("menu %s: %w", m.Menu, err)
		}
		sound, err := base64.StdEncoding.DecodeString(text)
		if err != nil || soundHash(sound) != m.Greeting {
			a.log.Error("menu not read: it says nothing", "menu", m.Menu, "error", err)
			continue
		}
		a.greetings.Store(m.Menu, sound)
	}
	return nil
}

func soundHash(sound []byte) string {
	h := sha256.Sum256(sound)
	return hex.EncodeToString(h[:])
}

// greeting is what a menu says.
func (a *App) greeting(menu string) []byte {
	sound, _ := a.greetings.Load(menu)
	b, _ := sound.([]byte)
	return b
}

// menuScript is a new script of a menu.
func (a *App) menuScript(menu string) attendant.Script {
	p := a.unit.Plan()
	m, ok := p.Menu(menu)
	if !ok {
		return nil
	}
	to := make(map[byte]string, len(m.Choices))
	for _, c := range m.Choices {
		to[c.Key[0]] = c.To
	}
	return attendant.NewMenu(attendant.Choices{
		Greeting: a.greeting(menu), To: to, Otherwise: m.Otherwise, Inside: p.Inside, Begins: p.Begins,
	})
}

// menuSet sets a menu, or takes it away.
func (a *App) menuSet(ctx context.Context, by control.Caller, r control.MenuSetRequest) (control.None, error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	f := fact.MenuSet{Menu: r.Menu, Choices: r.Choices, Otherwise: r.Otherwise, By: by.Actor(), At: now()}
	sound := r.Greeting
	if len(sound) == 0 {
		sound = a.greeting(r.Menu)
	}
	switch {
	case f.Gone() && !a.routed(f.RoutingID()):
		return control.None{}, control.NewProblem(control.ExitNotFound, "cli.menu.none", "cli.menu.none.do", r.Menu)
	case f.Gone():
		sound = nil
	case len(sound) == 0 || len(sound) > greetingMax:
		return control.None{}, control.NewProblem(control.ExitUsage, "cli.menu.silent", "cli.menu.silent.do",
			greetingMax/8000)
	default:
		if err := a.checkChoices(f); err != nil {
			return control.None{}, err
		}
		f.Greeting = soundHash(sound)
	}
	row := fact.Setting{Name: settingMenu + r.Menu, Value: base64.StdEncoding.EncodeToString(sound)}
	before := a.greeting(r.Menu)
	a.greetings.Store(r.Menu, sound) // a call that comes at once is to hear it
	err := a.setRouting(ctx, f, row)
	if err != nil {
		a.greetings.Store(r.Menu, before)
	}
	return control.None{}, err
}

// checkChoices says whether each key leads to a number of the office.
func (a *App) checkChoices(f fact.MenuSet) error {
	p := a.unit.Plan()
	all := f.Choices
	if f.Otherwise != "" {
		all = append(slices.Clone(all), fact.MenuChoice{To: f.Otherwise})
	}
	for _, c := range all {
		if !p.Inside(c.To) && c.To != f.Menu {
			return noPhone(c.To)
		}
		if err := a.checkRoom(c.To); err != nil {
			return err
		}
	}
	return nil
}

// menuList lists the menus.
func (a *App) menuList(context.Context, control.Caller, control.None) ([]control.Menu, error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	out := []control.Menu{}
	for _, f := range a.state.routing {
		if m, ok := f.(fact.MenuSet); ok {
			out = append(out, control.Menu{
				Menu: m.Menu, Choices: m.Choices, Otherwise: m.Otherwise, Seconds: len(a.greeting(m.Menu)) / 8000,
				By: m.By, At: m.At,
			})
		}
	}
	slices.SortFunc(out, func(x, y control.Menu) int { return strings.Compare(x.Menu, y.Menu) })
	return out, nil
}
