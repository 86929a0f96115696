package app

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"os"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/sekisho/sekisho/fact"
	"github.com/sekisho/sekisho/gate"
	"github.com/sekisho/sekisho/gate/budget"
	"github.com/sekisho/sekisho/gate/policy"
	"github.com/sekisho/sekisho/number"
	"github.com/sekisho/sekisho/unit/plan"
)

// Names of settings in the store.
const (
	settingUnit  = "unit.id"
	settingClaim = "unit.claim-hash" // SHA-256 of the one-time claim code, hex
	settingOwner = "unit.owner"
	// settingConfig is the SHA-256 of the configuration in force, hex.
	settingConfig = "unit.config-hash"
)

// settings is what the plan and the policy are made of, besides phones and
// lines. App.mu guards it.
type settings struct {
	claimed  bool
	owner    string
	groups   []fact.Group
	routing  []fact.Routed   // what is set about incoming calls
	rules    policy.Document // the policy but for its openings
	openings []fact.Opening
	tariffs  []fact.Tariff
	apart    []fact.Quarantine // what is set apart
	// unwritten are those of apart, by ID, that are in force though no disk took them.
	unwritten map[string]bool
	shut      map[string]string         // exhausted budgets, with the window
	vouched   map[string][]budget.Vouch // numbers that people called with their PIN, by budget
}

// loadSettings reads the state of the last run.
func (a *App) loadSettings(ctx context.Context) error {
	by, _, claimed, err := a.store.Claim(ctx)
	if err != nil {
		return fmt.Errorf("claim: %w", err)
	}
	a.state.claimed = claimed
	if a.state.owner, err = a.store.Setting(ctx, settingOwner); err != nil {
		return fmt.Errorf("owner: %w", err)
	}
	if a.state.owner == "" {
		a.state.owner = by
	}
	if a.state.groups, err = a.store.Groups(ctx); err != nil {
		return fmt.Errorf("groups: %w", err)
	}
	if a.state.routing, err = a.store.Routing(ctx); err != nil {
		return fmt.Errorf("routing: %w", err)
	}
	if err := a.greets.load(ctx); err != nil {
		return err
	}
	if err := a.boxes.load(ctx); err != nil {
		return err
	}
	if err := a.loadPolicy(ctx); err != nil {
		return err
	}
	if err := a.loadTariffs(ctx); err != nil {
		return err
	}
	if err := a.loadGreetings(ctx); err != nil {
		return err
	}
	if err := a.loadPrompts(ctx); err != nil {
		return err
	}
	if err := a.loadBooks(ctx); err != nil {
		return err
	}
	if a.state.apart, err = a.store.Quarantines(ctx); err != nil {
		return fmt.Errorf("quarantines: %w", err)
	}
	a.state.unwritten = map[string]bool{}
	if err := a.loadShut(ctx); err != nil {
		return err
	}
	if err := a.noteConfig(ctx); err != nil {
		return err
	}
	if err := a.shutDoubted(ctx); err != nil {
		return err
	}
	if err := a.setApartDoubted(ctx); err != nil {
		return err
	}
	return a.openClaim(ctx)
}

// noteConfig writes down that the configuration is another one than at the
// last start.
func (a *App) noteConfig(ctx context.Context) error {
	b, err := json.Marshal(a.options.Config)
	if err != nil {
		return fmt.Errorf("configuration: %w", err)
	}
	sum := sha256.Sum256(b)
	hash := hex.EncodeToString(sum[:])
	before, err := a.store.Setting(ctx, settingConfig)
	if err != nil {
		return fmt.Errorf("configuration: %w", err)
	}
	if hash == before {
		return nil
	}
	return a.note(ctx, fact.Write{
		Facts: []fact.Fact{fact.ConfigChanged{
			File: a.options.File, SHA256: hash, By: "uid:" + strconv.Itoa(os.Geteuid()), At: now(),
		}},
		Rows: []fact.Row{fact.Setting{Name: settingConfig, Value: hash}},
	})
}

// refresh makes plan and policy anew from everything they depend on, and puts
// them in force. The caller holds a.mu, or is alone.
func (a *App) refresh() error {
	p, err := plan.New(a.planSettings())
	if err != nil {
		return fmt.Errorf("numbering plan: %w", err)
	}
	if err := a.refreshPolicy(); err != nil {
		return err
	}
	a.phones.Seat(a.seats())
	a.unit.SetPlan(p)
	a.refreshSites()
	return nil
}

// refreshPolicy is refresh where the plan stays.
func (a *App) refreshPolicy() error {
	s, err := a.gateSettings(a.state, a.state.shut)
	if err != nil {
		return err
	}
	policy, err := gate.NewPolicy(s)
	if err != nil {
		return fmt.Errorf("policy: %w", err)
	}
	a.desk.SetPolicy(policy)
	select {
	case a.spareDue <- struct{}{}:
	default:
	}
	return nil
}

func (a *App) planSettings() plan.Settings {
	c := a.options.Config
	s := plan.Settings{
		OutsidePrefix: c.Plan.OutsidePrefix, Domain: c.Voice.Realm, Extensions: a.phones.Extensions(),
		Groups: a.state.groups, Routing: a.state.routing, Features: c.Plan.Codes(),
	}
	for _, l := range a.lines.List(time.Now()) {
		declared := l.Number.Line
		if declared.AreaCode == "" {
			declared.AreaCode = c.Plan.AreaCode
		}
		s.Lines = append(s.Lines, plan.Line{
			ID: l.ID, Numbers: l.Numbers, Number: declared, NoEmergency: !l.Emergency,
		})
	}
	return s
}

// gateSettings is what the gate judges by in a state, with the budgets that are
// shut.
func (a *App) gateSettings(state settings, shut map[string]string) (gate.Settings, error) {
	lines := map[string]gate.LineRule{}
	for _, l := range a.lines.List(time.Now()) {
		lines[l.ID] = lineRule(l.Number)
	}
	s := state.rules.Settings(lines)
	s.Claimed, s.Openings, s.Quarantines = state.claimed, state.openings, state.apart
	s.Sites = state.mayCallOutside()
	s.AlertNumbers = a.options.Config.Alerts.CallNumbers()
	insideOnly(&s, state.routing)
	var err error
	if s.Budget, err = a.budgets(state, shut); err != nil {
		return s, err
	}
	b, err := json.Marshal(struct {
		gate.Settings
		Limits []fact.Limit
	}{s, state.rules.Limits()})
	if err != nil {
		return s, fmt.Errorf("policy: %w", err)
	}
	sum := sha256.Sum256(b)
	s.Version = hex.EncodeToString(sum[:6])
	return s, nil
}

// lineRule is what the gate lets onto a line: what the line declares.
func lineRule(p number.Profile) gate.LineRule {
	var classes []number.Class
	for _, c := range number.Classes() {
		switch {
		case c == number.HashShort && !p.HashShort && len(p.Line.HashShort) == 0:
		case c == number.Service && !p.Services && len(p.Line.Services) == 0:
		case c == number.CarrierSelect && len(p.Line.Carriers) == 0:
		default:
			classes = append(classes, c)
		}
	}
	r := gate.LineRule{Classes: gate.Classes(classes...), Carriers: slices.Clone(p.Line.Carriers)}
	if p.Line.Lift {
		r.Carriers = append(r.Carriers, "122")
	}
	return r
}

// digitsOf keeps what a person typed for a number apart from spaces and
// hyphens, which they like to write.
func digitsOf(s string) string { return strings.NewReplacer(" ", "", "-", "").Replace(s) }
