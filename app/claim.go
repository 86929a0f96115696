package app

import (
	"context"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/hex"
	"errors"
	"fmt"
	"strings"
	"sync"
	"time"

	"github.com/sekisho/sekisho/app/control"
	"github.com/sekisho/sekisho/fact"
)

// claim is the one-time code with which the owner takes the unit into use.
type claim struct {
	mu    sync.Mutex
	code  string // only of this run; the store keeps its hash
	hash  string
	tries []time.Time // wrong ones in claimWindow
}

// openClaim makes a code for a unit that nobody has claimed. A new one each
// start: whoever reads the console of this start is meant.
func (a *App) openClaim(ctx context.Context) error {
	if a.state.claimed {
		return nil
	}
	a.claim.code = word(claimCodeBytes)
	a.claim.hash = claimHash(a.claim.code)
	return a.note(ctx, fact.Write{Rows: []fact.Row{fact.Setting{Name: settingClaim, Value: a.claim.hash}}})
}

func claimHash(code string) string {
	plain := strings.ToUpper(strings.NewReplacer("-", "", " ", "").Replace(code))
	sum := sha256.Sum256([]byte(plain))
	return hex.EncodeToString(sum[:])
}

// ClaimCode is the code to print, "" once the unit is claimed.
func (a *App) ClaimCode() string {
	a.claim.mu.Lock()
	defer a.claim.mu.Unlock()
	return a.claim.code
}

func (a *App) doClaim(ctx context.Context, by control.Caller, r control.ClaimRequest) (control.Status, error) {
	owner := strings.TrimSpace(r.Owner)
	if owner == "" {
		owner = by.Name
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.state.claimed {
		return control.Status{}, control.NewProblem(control.ExitConflict, "cli.claim.already", "", a.state.owner)
	}
	if err := a.claim.check(r.Code, time.Now()); err != nil {
		why := string(control.AsProblem(err).What.Key)
		tried := fact.ControlUsed{Command: "claim", By: by.Actor(), Refused: why, At: now()}
		return control.Status{}, errors.Join(err, a.commit(ctx, fact.Write{Facts: []fact.Fact{tried}}))
	}
	w := fact.Write{
		Facts: []fact.Fact{fact.UnitClaimed{By: by.Actor(), At: now()}},
		Rows: []fact.Row{
			fact.Setting{Name: settingClaim}, fact.Setting{Name: settingOwner, Value: owner},
		},
	}
	if err := a.commit(ctx, w); err != nil {
		return control.Status{}, err
	}
	a.state.claimed, a.state.owner = true, owner
	a.claim.mu.Lock()
	a.claim.code, a.claim.hash = "", ""
	a.claim.mu.Unlock()
	if err := a.refresh(); err != nil {
		return control.Status{}, fmt.Errorf("claimed, but: %w", err)
	}
	return a.status(), nil
}

// check compares a code in constant time; wrong ones are counted.
func (c *claim) check(code string, now time.Time) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	recent := c.tries[:0]
	for _, t := range c.tries {
		if now.Sub(t) < claimWindow {
			recent = append(recent, t)
		}
	}
	c.tries = recent
	if len(c.tries) >= claimTriesMax {
		return control.NewProblem(control.ExitConflict, "cli.claim.toooften", "")
	}
	if c.hash == "" || subtle.ConstantTimeCompare([]byte(claimHash(code)), []byte(c.hash)) != 1 {
		c.tries = append(c.tries, now)
		return control.NewProblem(control.ExitFailed, "cli.claim.wrong", "cli.claim.wrong.do")
	}
	return nil
}
