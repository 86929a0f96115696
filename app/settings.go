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

	"github.com/sekisho/sekisho/app/config"
	"github.com/sekisho/sekisho/fact"
	"github.com/sekisho/sekisho/gate"
	"github.com/sekisho/sekisho/number"
	"github.com/sekisho/sekisho/store"
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
	openings []fact.Opening
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
	if a.state.openings, err = a.store.Openings(ctx); err != nil {
		return fmt.Errorf("openings: %w", err)
	}
	if err := a.noteConfig(ctx); err != nil {
		return err
	}
	if err := a.shutDoubted(ctx); err != nil {
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

// shutDoubted shuts every opening of a database that was put back: what it
// opens may have been shut since (invariant G4).
func (a *App) shutDoubted(ctx context.Context) error {
	if !a.doubted || len(a.state.openings) == 0 {
		return nil
	}
	var w fact.Write
	for _, o := range a.state.openings {
		w.Facts = append(w.Facts, fact.OpeningRemoved{ID: o.ID, By: "unit: the database is in doubt", At: now()})
	}
	a.state.openings = nil
	return a.note(ctx, w)
}

// refresh makes plan and policy anew from everything they depend on, and puts
// them in force. The caller holds a.mu, or is alone.
func (a *App) refresh() error {
	p, err := plan.New(a.planSettings())
	if err != nil {
		return fmt.Errorf("numbering plan: %w", err)
	}
	s, err := a.gateSettings()
	if err != nil {
		return err
	}
	policy, err := gate.NewPolicy(s)
	if err != nil {
		return fmt.Errorf("policy: %w", err)
	}
	a.unit.SetPlan(p)
	a.desk.SetPolicy(policy)
	return nil
}

func (a *App) planSettings() plan.Settings {
	c := a.options.Config
	s := plan.Settings{
		OutsidePrefix: c.Plan.OutsidePrefix, Domain: c.Voice.Realm, Extensions: a.phones.Extensions(),
		Groups: a.state.groups,
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

func (a *App) gateSettings() (gate.Settings, error) {
	c := a.options.Config
	s := gate.Settings{
		Claimed: a.state.claimed, DomesticWhenDegraded: c.Gate.DomesticWhenDegraded, Openings: a.state.openings,
		Lines: map[string]gate.LineRule{},
	}
	for _, l := range a.lines.List(time.Now()) {
		s.Lines[l.ID] = lineRule(l.Number)
	}
	hours, err := nightHours(c.Gate)
	if err != nil {
		return s, err
	}
	s.Hours = hours
	s.Version = policyVersion(s)
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

func nightHours(g config.Gate) ([]gate.Hours, error) {
	if g.NightBarredFrom == "" {
		return nil, nil
	}
	from, err := minutes(g.NightBarredFrom)
	if err != nil {
		return nil, err
	}
	to, err := minutes(g.NightBarredTo)
	if err != nil {
		return nil, err
	}
	return []gate.Hours{{Name: "night", From: from, To: to, Zone: time.FixedZone("JST", 9*60*60)}}, nil
}

func minutes(v string) (int, error) {
	t, err := time.Parse("15:04", v)
	if err != nil {
		return 0, fmt.Errorf("time of day %q: %w", v, err)
	}
	return t.Hour()*60 + t.Minute(), nil
}

// policyVersion names a policy by what it is made of.
func policyVersion(s gate.Settings) string {
	b, err := json.Marshal(struct {
		Claimed, Domestic bool
		Openings          []fact.Opening
		Lines             map[string]gate.LineRule
		Hours             int
	}{s.Claimed, s.DomesticWhenDegraded, s.Openings, s.Lines, len(s.Hours)})
	if err != nil {
		return "unnamed"
	}
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:6])
}

// expireOpenings takes expired openings out of the policy and says so in the
// evidence. The gate itself judges by their time: this only keeps the books.
func (a *App) expireOpenings(ctx context.Context) {
	tick := time.NewTicker(openingsCheck)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case now := <-tick.C:
			if err := a.expire(ctx, now.UTC()); err != nil && ctx.Err() == nil {
				a.log.Warn("expired openings not written", "err", err)
			}
		}
	}
}

func (a *App) expire(ctx context.Context, now time.Time) error {
	a.mu.Lock()
	defer a.mu.Unlock()
	var w fact.Write
	keep := make([]fact.Opening, 0, len(a.state.openings))
	for _, o := range a.state.openings {
		if o.Expires.After(now) {
			keep = append(keep, o)
			continue
		}
		w.Facts = append(w.Facts, fact.OpeningExpired{ID: o.ID, At: now})
	}
	if len(w.Facts) == 0 {
		return nil
	}
	if err := a.commit(ctx, w); err != nil {
		return err
	}
	a.state.openings = keep
	return a.refresh()
}

// keeper tells the unit what was left when its process died.
type keeper struct{ s *store.Store }

// LineDialogs are the line legs that were up.
func (k keeper) LineDialogs(ctx context.Context) ([]fact.LineDialog, error) {
	return k.s.LineDialogs(ctx)
}

// OpenCalls are the calls whose books are not closed, from before a leaf.
func (k keeper) OpenCalls(ctx context.Context, before uint64, limit int) ([]fact.CallRecord, error) {
	return k.s.OpenCalls(ctx, before, limit)
}

// digitsOf keeps what a person typed for a number apart from spaces and
// hyphens, which they like to write.
func digitsOf(s string) string { return strings.NewReplacer(" ", "", "-", "").Replace(s) }
